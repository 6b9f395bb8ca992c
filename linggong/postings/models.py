"""Nouns: a posting, its versions and shifts, what screening found, what reviewers said."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from linggong.core.models import Coded
from linggong.core.states import Stateful
from linggong.employers.models import Employer
from linggong.reference.models import Division, PayUnit, Trade
from linggong.venues.models import Venue


class State(models.TextChoices):
    """Domain §2.3.3."""

    DRAFT = "draft", _("没发")
    SUBMITTED = "submitted", _("刚交")
    REJECTED_AUTO = "rejected_auto", _("不能发")
    REVIEWING = "reviewing", _("在审")
    RETURNED = "returned", _("要改一下")
    REJECTED = "rejected", _("没通过")
    PUBLISHED = "published", _("在招")
    PAUSED = "paused", _("暂停")
    FULL = "full", _("招满了")
    STARTED = "started", _("开工了")
    CLOSED = "closed", _("干完了")
    EXPIRED = "expired", _("过期了")
    TAKEN_DOWN = "taken_down", _("下架了")


S = State
LIVE = frozenset({S.PUBLISHED, S.PAUSED, S.FULL})
PUBLIC = frozenset({S.PUBLISHED, S.FULL, S.STARTED})


class WayIn(models.TextChoices):
    """How a worker comes to a place (Q2 of domain §7)."""

    GRAB = "grab", _("先到先得")
    APPLY = "apply", _("老板挑人")
    DISPATCH = "dispatch", _("站里派工")


class Custody(models.TextChoices):
    """Who holds the wage until it is paid (decision 1). The platform never does."""

    OFFLINE = "offline", _("线下付")
    MERCHANT = "merchant", _("老板的商户号付")
    SUPERVISED = "supervised", _("银行工资专户")
    LICENSED = "licensed", _("持牌机构托管")


class Form(models.TextChoices):
    """The form of work; each is checked by other rules (FJ-10)."""

    PART_TIME = "PART_TIME", _("非全日制")
    SEASONAL = "SEASONAL", _("季节性")
    TEMPORARY = "TEMPORARY", _("临时性")
    TASK = "TASK", _("按件活")
    PIECEWORK_HOME = "PIECEWORK_HOME", _("在家做")


class Daypart(models.TextChoices):
    """The part of the day in which a shift begins; the words workers use for their free time."""

    DAWN = "dawn", _("清早")
    DAY = "day", _("白天")
    EVENING = "evening", _("晚上")
    NIGHT = "night", _("夜里")


class Posting(Stateful, Coded):
    """One demand for workers: `places` per shift, one or many shifts.

    `pay_fen` is per `pay_unit`. For counted units `quantity` is the expected whole amount for all workers together.
    `pay_within_hours` counts from the confirmed end of a shift. `call_off_minutes` before the start the employer may
    call a shift off for rain; later than that each worker gets `wasted_trip_fen`. `terms` of the published
    version stand in Version; these columns are the working copy.

    The five columns after `last_ends_at` are drawn from the shifts and the pay whenever either changes, so that lists
    filter and order on an index: the next and the last start that was not called off, the pay and length of one shift
    for one person, and the part of the day in which it begins.
    """

    MOVES = {
        S.DRAFT: {S.SUBMITTED, S.CLOSED},
        S.SUBMITTED: {S.REJECTED_AUTO, S.REVIEWING, S.PUBLISHED},
        S.REJECTED_AUTO: {S.SUBMITTED, S.REVIEWING},
        # A posting changed while people were bound may start, or be taken down, from review too.
        S.REVIEWING: {S.PUBLISHED, S.RETURNED, S.REJECTED, S.EXPIRED, S.CLOSED, S.STARTED, S.TAKEN_DOWN},
        S.RETURNED: {S.SUBMITTED, S.CLOSED, S.EXPIRED, S.STARTED},
        S.REJECTED: {S.REVIEWING},
        S.PUBLISHED: {S.PAUSED, S.FULL, S.STARTED, S.EXPIRED, S.TAKEN_DOWN, S.REVIEWING, S.CLOSED},
        S.PAUSED: {S.PUBLISHED, S.FULL, S.EXPIRED, S.TAKEN_DOWN, S.STARTED, S.REVIEWING, S.CLOSED},
        S.FULL: {S.PUBLISHED, S.PAUSED, S.STARTED, S.EXPIRED, S.TAKEN_DOWN, S.REVIEWING, S.CLOSED},
        S.STARTED: {S.CLOSED, S.TAKEN_DOWN},
        S.CLOSED: set(),
        S.EXPIRED: set(),
        S.TAKEN_DOWN: {S.REVIEWING},
    }

    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+")
    venue = models.ForeignKey(Venue, models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=14, choices=State, default=State.DRAFT)
    version = models.PositiveIntegerField(default=1)
    trade = models.ForeignKey(Trade, models.PROTECT, related_name="+")
    title = models.CharField(max_length=40)
    content = models.CharField(max_length=600)
    requirements = models.JSONField(default=list, help_text='[{"text", "hard", "certificate"}]')
    certificates = models.JSONField(default=list, help_text="codes that are a hard condition")
    places = models.PositiveSmallIntegerField(help_text="people per shift")
    division = models.ForeignKey(Division, models.PROTECT, related_name="+")
    address = models.CharField(max_length=120)
    meeting_point = models.CharField(max_length=80, blank=True)
    lng = models.FloatField()
    lat = models.FloatField()
    cell_x = models.IntegerField(help_text="0.04° grid, for near-me queries on any database")
    cell_y = models.IntegerField()
    outdoor = models.BooleanField(default=False)
    hazards = models.JSONField(default=list)
    pay_fen = models.PositiveBigIntegerField()
    pay_unit = models.CharField(max_length=8, choices=PayUnit)
    quantity = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    pay_cycle = models.CharField(max_length=14, default="DAILY")
    pay_within_hours = models.PositiveIntegerField(default=24)
    pay_note = models.CharField(max_length=80, blank=True)
    custody = models.CharField(max_length=12, choices=Custody, default=Custody.OFFLINE)
    funded_at = models.DateTimeField(null=True)
    meals = models.CharField(max_length=4, default="NONE")
    lodging = models.BooleanField(default=False)
    transport = models.CharField(max_length=60, blank=True)
    tools = models.CharField(max_length=60, blank=True)
    form = models.CharField(max_length=16, choices=Form, default=Form.TEMPORARY)
    way_in = models.CharField(max_length=10, choices=WayIn, default=WayIn.GRAB)
    contact_mode = models.CharField(max_length=10, default="call")
    contact_name = models.CharField(max_length=20, blank=True)
    suitable_for = models.JSONField(default=list)
    age_low = models.PositiveSmallIntegerField(null=True)
    age_high = models.PositiveSmallIntegerField(null=True)
    age_reason = models.CharField(max_length=80, blank=True)
    insured = models.BooleanField(default=True)
    uninsured_reason = models.CharField(max_length=80, blank=True)
    insurance_product = models.CharField(max_length=40, blank=True)
    call_off_minutes = models.PositiveIntegerField(default=120)
    wasted_trip_fen = models.PositiveBigIntegerField(default=0)
    valid_until = models.DateTimeField()
    first_starts_at = models.DateTimeField()
    last_ends_at = models.DateTimeField()
    next_starts_at = models.DateTimeField()
    last_starts_at = models.DateTimeField()
    shift_fen = models.PositiveBigIntegerField(default=0)
    shift_minutes = models.PositiveIntegerField(default=0)
    daypart = models.CharField(max_length=8, choices=Daypart, default=Daypart.DAY)
    source = models.CharField(max_length=12, default="SELF")
    source_text = models.TextField(blank=True)
    source_url = models.CharField(max_length=200, blank=True)
    words_key = models.CharField(max_length=16, blank=True, help_text="see neighbours.words_key")
    phone_key = models.CharField(max_length=32, blank=True, help_text="blind index of a number in source_text")
    circle_m = models.PositiveIntegerField(
        default=0, help_text="邻里直聘: those within so many metres are meant; 0: all"
    )
    circle_until = models.DateTimeField(null=True, help_text="until then it is out for the circle alone")
    listed = models.BooleanField(default=True, help_text="False: made for a service order, not in lists")
    posted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["state", "next_starts_at", "id"], name="posting_list"),
            models.Index(fields=["state", "-shift_fen", "next_starts_at", "id"], name="posting_pay_order"),
            models.Index(fields=["state", "cell_y", "cell_x"], name="posting_near"),
            models.Index(fields=["state", "trade", "next_starts_at"], name="posting_trade"),
            models.Index(fields=["state", "last_starts_at"], name="posting_started"),
            models.Index(fields=["employer", "-id"], name="posting_employer"),
            models.Index(fields=["division", "state"], name="posting_division"),
            models.Index(fields=["words_key"], name="posting_words", condition=~Q(words_key="")),
            models.Index(fields=["phone_key"], name="posting_phone", condition=~Q(phone_key="")),
        ]
        constraints = [
            models.CheckConstraint(name="posting_state", condition=Q(state__in=State.values)),
            models.CheckConstraint(name="posting_pay", condition=Q(pay_fen__gt=0)),
            models.CheckConstraint(name="posting_places", condition=Q(places__range=(1, 500))),
            models.CheckConstraint(name="posting_hours", condition=Q(last_ends_at__gt=F("first_starts_at"))),
            models.CheckConstraint(name="posting_cover_or_reason", condition=Q(insured=True) | ~Q(uninsured_reason="")),
        ]

    def __str__(self) -> str:
        return self.title


class Version(models.Model):
    """The terms of a posting as once submitted: what the employer offered, frozen, with their hash."""

    posting = models.ForeignKey(Posting, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    terms = models.JSONField()
    terms_hash = models.CharField(max_length=64)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["posting", "number"], name="version_once")]

    def __str__(self) -> str:
        return f"{self.posting_id} v{self.number}"


class Shift(Coded):
    """One day's work of a posting. `taken` never passes `places`, under any race (E2)."""

    posting = models.ForeignKey(Posting, models.PROTECT, related_name="shifts")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    break_minutes = models.PositiveSmallIntegerField(default=0)
    places = models.PositiveSmallIntegerField()
    taken = models.PositiveSmallIntegerField(default=0)
    called_off_at = models.DateTimeField(null=True)
    called_off_reason = models.CharField(max_length=60, blank=True)

    class Meta:
        indexes = [models.Index(fields=["posting", "starts_at"], name="shift_posting")]
        constraints = [
            models.CheckConstraint(name="shift_never_overfull", condition=Q(taken__lte=F("places"))),
            models.CheckConstraint(name="shift_hours", condition=Q(ends_at__gt=F("starts_at"))),
            models.UniqueConstraint(fields=["posting", "starts_at"], name="shift_once"),
        ]

    def __str__(self) -> str:
        return f"{self.posting_id} {self.starts_at}"


class Flag(models.Model):
    """What screening found in one version: the words, the law, and a lawful rewrite."""

    posting = models.ForeignKey(Posting, models.CASCADE, related_name="flags")
    version = models.PositiveIntegerField()
    code = models.CharField(max_length=24)
    severity = models.CharField(
        max_length=6, choices=[("BLOCK", _("不能发")), ("FLAG", _("要看")), ("HINT", _("提示"))]
    )
    field = models.CharField(max_length=24)
    spans = models.JSONField(default=list)
    message = models.CharField(max_length=200)
    basis = models.CharField(max_length=120, blank=True)
    rewrite = models.CharField(max_length=600, blank=True)

    def __str__(self) -> str:
        return self.code


class Review(models.Model):
    """A look by a person at one version: before publishing, after it (before noon), or as a sample of the fast pass."""

    class Kind(models.TextChoices):
        BEFORE = "before", _("先审")
        AFTER = "after", _("后审")
        SAMPLE = "sample", _("抽查")
        APPEAL = "appeal", _("申诉")

    class Decision(models.TextChoices):
        APPROVED = "approved", _("放行")
        RETURNED = "returned", _("退回")
        REJECTED = "rejected", _("不通过")
        TAKEN_DOWN = "taken_down", _("下架")
        LAPSED = "lapsed", _("过时")

    posting = models.ForeignKey(Posting, models.PROTECT, related_name="reviews")
    version = models.PositiveIntegerField()
    kind = models.CharField(max_length=8, choices=Kind)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    fast_lane = models.BooleanField(default=False)
    decision = models.CharField(max_length=10, choices=Decision, blank=True)
    reasons = models.JSONField(default=list, help_text='[{"field", "text"}]')
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField(null=True)
    alerted_at = models.DateTimeField(null=True, help_text="when it was said that the posting would miss its start")

    class Meta:
        indexes = [models.Index(fields=["decided_at", "due_at"], name="review_queue")]
        constraints = [
            models.UniqueConstraint(
                fields=["posting", "version", "kind"], condition=Q(decided_at=None), name="review_open_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.posting_id} {self.kind}"


class Ring(models.Model):
    """A reviewer on duty was rung for a posting that starts soon."""

    review = models.ForeignKey(Review, models.CASCADE, related_name="rings")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    rank = models.PositiveSmallIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["review", "user"], name="ring_once")]

    def __str__(self) -> str:
        return f"{self.review_id} → {self.user_id}"


class Searchable(models.Model):
    """What can be found of a posting by words: the text of its last version, and its words (see `search`).

    On SQLite triggers keep a full-text table beside it, on PostgreSQL an index stands on the words themselves.
    """

    posting = models.OneToOneField(Posting, models.CASCADE, primary_key=True, related_name="+")
    text = models.TextField()
    words = models.TextField()

    def __str__(self) -> str:
        return f"{self.posting_id}"


class Digest(Coded):
    """每日用工信息 of one community: what was open within reach at one moment, frozen, for groups, walls and loudspeakers.

    `daily` is made by the clock, once a day; others when somebody asked. `told_at`: staff said it was passed on.
    """

    division = models.ForeignKey(Division, models.PROTECT, related_name="+")
    day = models.DateField()
    at = models.DateTimeField()
    daily = models.BooleanField(default=True)
    items = models.JSONField(default=list, help_text="see actions.digests")
    told_at = models.DateTimeField(null=True)
    told_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["division", "-at"], name="digest_latest")]
        constraints = [
            models.UniqueConstraint(fields=["division", "day"], condition=Q(daily=True), name="digest_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.division_id} {self.day}"
