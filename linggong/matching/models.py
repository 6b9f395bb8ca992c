"""Nouns: ties, decisions as they were taken, rounds and their parts, draws, what the live index has to read again."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from linggong.core.models import Coded
from linggong.core.states import Stateful
from linggong.employers.models import Employer
from linggong.postings.models import Posting
from linggong.reference.models import Division
from linggong.venues.models import Venue
from linggong.workers.models import Worker


class Tie(models.Model):
    """One side likes or blocks the other, or they worked together (`times` counts). Written by calls down."""

    worker = models.ForeignKey(Worker, models.CASCADE, related_name="+")
    employer = models.ForeignKey(Employer, models.CASCADE, related_name="+")
    kind = models.CharField(
        max_length=16,
        choices=[
            ("liked", _("老板说好")), ("blocked_worker", _("老板不要")), ("blocked_employer", _("工友不去")),
            ("together", _("一起干过")),
        ],
    )  # fmt: skip
    times = models.PositiveIntegerField(default=1)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["worker", "employer", "kind"], name="tie_once")]

    def __str__(self) -> str:
        return f"{self.worker_id} {self.kind} {self.employer_id}"


class Round(Stateful, Coded):
    """统一撮合: all open places and all available people of a moment, cut into parts that are solved apart.

    `digest` covers what the round was begun with: moment, seed, version of the rule and the cut. `solved` counts the
    parts that are done; the last one ends the round. One that is never solved whole is given up, and the next begins.
    """

    class State(models.TextChoices):
        RUNNING = "running", _("正在排")
        DONE = "done", _("排好了")
        DROPPED = "dropped", _("没排完")

    MOVES = {State.RUNNING: {State.DONE, State.DROPPED}, State.DONE: set(), State.DROPPED: set()}

    state = models.CharField(max_length=8, choices=State, default=State.RUNNING)
    at = models.DateTimeField()
    seed = models.BigIntegerField()
    weights_version = models.CharField(max_length=20)
    digest = models.CharField(max_length=64)
    parts = models.PositiveSmallIntegerField()
    solved = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["state"], name="round_one_at_a_time", condition=models.Q(state="running")),
            models.CheckConstraint(name="round_state", condition=models.Q(state__in=["running", "done", "dropped"])),
        ]

    def __str__(self) -> str:
        return f"round {self.code}"


class RoundPart(Stateful, Coded):
    """One labour market of a round: the counties in it, who solves it until when, and what came out.

    Whoever counts `claims` up has it until `lease_until`; then another may. What came out is written in the transaction
    that moves it to done, and only by the holder of the last claim, so it is out wholly and once, or not at all.
    `inputs` are all a replay needs: keys, points and hours, no name, no place, no age.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("等着排")
        DONE = "done", _("排好了")

    MOVES = {State.WAITING: {State.DONE}, State.DONE: set()}

    round = models.ForeignKey(Round, models.CASCADE, related_name="+")
    number = models.PositiveSmallIntegerField()
    counties = models.JSONField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    claims = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    process = models.CharField(max_length=80, blank=True)
    inputs = models.BinaryField(null=True)
    inputs_digest = models.CharField(max_length=64, blank=True)
    outcome_digest = models.CharField(max_length=64, blank=True)
    pairs = models.PositiveIntegerField(default=0)
    given = models.PositiveIntegerField(default=0)
    value = models.PositiveBigIntegerField(default=0)
    bound = models.FloatField(default=0)
    took_ms = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "number"], name="round_part_once"),
            models.CheckConstraint(name="round_part_state", condition=models.Q(state__in=["waiting", "done"])),
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.number}"


class Proposal(models.Model):
    """A place that a round would give somebody, on one day. Binds nobody: it says whom the next wave asks first."""

    part = models.ForeignKey(RoundPart, models.CASCADE, related_name="+")
    posting = models.ForeignKey(Posting, models.CASCADE, related_name="+")
    worker = models.ForeignKey(Worker, models.CASCADE, related_name="+")
    day = models.DateField()
    points = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["part", "worker", "day"], name="proposal_one_a_day")]
        indexes = [models.Index(fields=["part", "posting"], name="proposal_posting")]

    def __str__(self) -> str:
        return f"{self.worker_id} {self.posting_id}"


class Decision(Coded):
    """A list as it stood when somebody acted on it: what went in, what came out, by which version of the rule.

    People stand in it as keys and as the numbers the points were made of, nothing else. `inputs` and `outcome` are all
    a replay needs; `digest` covers both. What a round decided stands on the inputs of its `part`.
    """

    class Purpose(models.TextChoices):
        OFFER = "offer", _("老板请人")
        DISPATCH = "dispatch", _("站里派工")
        WAVE = "wave", _("分批叫人")
        ROUND = "round", _("统一撮合")

    posting = models.ForeignKey(Posting, models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=8, choices=Purpose)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    weights_version = models.CharField(max_length=20)
    inputs = models.JSONField()
    outcome = models.JSONField()
    digest = models.CharField(max_length=64)
    part = models.ForeignKey(RoundPart, models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["posting", "-id"], name="decision_posting"),
            models.Index(fields=["at"], name="decision_at"),
        ]

    def __str__(self) -> str:
        return f"decision {self.code}"


class Changed(models.Model):
    """Something the live index has to read again. Written by triggers, in the transaction that changed it.

    `turn` is the number of that transaction on PostgreSQL and 0 on SQLite: see `live.watching`.
    """

    kind = models.CharField(max_length=1)
    key = models.BigIntegerField()
    turn = models.BigIntegerField(default=0, db_index=True)

    def __str__(self) -> str:
        return f"{self.kind}{self.key}"


class IndexReport(models.Model):
    """How the live index of one process does, said once a minute. `drift` must be 0."""

    process = models.CharField(max_length=80, unique=True)
    at = models.DateTimeField()
    built_at = models.DateTimeField(null=True)
    workers = models.PositiveIntegerField(default=0)
    postings = models.PositiveIntegerField(default=0)
    behind_ms = models.PositiveIntegerField(default=0)
    checked = models.PositiveIntegerField(default=0)
    drift = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.process


class Wish(Coded):
    """有了叫我: a search that found nothing, kept until such work comes, `until` passes, or the person taps it away.

    `filters` are the conditions of the search, `words` what it was called. `division` is the place that was chosen;
    None means around home.
    """

    worker = models.ForeignKey(Worker, models.CASCADE, related_name="+")
    filters = models.JSONField(default=dict)
    words = models.CharField(max_length=80)
    division = models.ForeignKey(Division, models.PROTECT, null=True, related_name="+")
    reach_m = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    until = models.DateTimeField()
    looked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    why_ended = models.CharField(
        max_length=8, blank=True, choices=[("tapped", _("不用叫了")), ("over", _("到时间了"))]
    )  # fmt: skip

    class Meta:
        indexes = [
            models.Index(fields=["looked_at"], name="wish_due", condition=models.Q(ended_at=None)),
            models.Index(fields=["worker", "-id"], name="wish_worker"),
        ]

    def __str__(self) -> str:
        return self.words


class WishHit(models.Model):
    """A posting that was told for a wish, or that stood there when it was made: never told again."""

    wish = models.ForeignKey(Wish, models.CASCADE, related_name="+")
    posting = models.ForeignKey(Posting, models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["wish", "posting"], name="wish_hit_once")]

    def __str__(self) -> str:
        return f"{self.wish_id} {self.posting_id}"


class Draw(Coded):
    """摇号 of one morning at one venue. `commitment` is published the evening before; `seed` once the draw was held.

    Until then the seed is sealed. `tickets` is how many were given out; `order` their numbers as drawn.
    """

    venue = models.ForeignKey(Venue, models.PROTECT, related_name="+")
    day = models.DateField()
    commitment = models.CharField(max_length=64)
    seed_sealed = models.TextField()
    seed = models.CharField(max_length=64, blank=True)
    committed_at = models.DateTimeField()
    tickets = models.PositiveSmallIntegerField(default=0)
    drawn_at = models.DateTimeField(null=True)
    order = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["venue", "day"], name="draw_once"),
            models.CheckConstraint(name="draw_seed_after", condition=models.Q(drawn_at=None) ^ ~models.Q(seed="")),
        ]

    def __str__(self) -> str:
        return f"draw {self.code}"


class Ticket(models.Model):
    """A number somebody took for a draw. Only the number is public."""

    draw = models.ForeignKey(Draw, models.CASCADE, related_name="taken")
    worker = models.ForeignKey(Worker, models.CASCADE, related_name="+")
    number = models.PositiveSmallIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["draw", "number"], name="ticket_number"),
            models.UniqueConstraint(fields=["draw", "worker"], name="ticket_once"),
        ]

    def __str__(self) -> str:
        return f"{self.draw_id} {self.number}"
