"""Nouns: a case with an owner and a clock, and each step taken in it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from linggong.core.models import Coded
from linggong.core.states import Stateful


class Kind(models.TextChoices):
    """What it is about."""

    DISPUTE = "dispute", _("钱数有争议")
    ARREARS = "arrears", _("工钱拖了")
    BAD_RATING = "bad_rating", _("差评跟进")
    NO_SHOW = "no_show", _("没到有争议")
    MISMATCH = "mismatch", _("和说的不一样")
    REPORT = "report", _("举报")
    CALL = "call", _("要打电话问")
    ACCIDENT = "accident", _("受伤")
    MONEY = "money", _("钱对不上")
    NO_WORK = "no_work", _("五天没活")


class State(models.TextChoices):
    """The first stretch of domain §2.3.9; mediation grows from here."""

    FILED = "filed", _("刚收到")
    ACCEPTED = "accepted", _("有人在办")
    ANSWERED = "answered", _("回话了")
    CLOSED = "closed", _("办完了")


class Case(Stateful, Coded):
    """Something to put right. Always has an owner role and a due time (E17); never closed without an answer."""

    MOVES = {
        State.FILED: {State.ACCEPTED, State.ANSWERED},
        State.ACCEPTED: {State.ANSWERED},
        State.ANSWERED: {State.CLOSED, State.ACCEPTED},
        State.CLOSED: {State.ACCEPTED},
    }

    kind = models.CharField(max_length=12, choices=Kind)
    state = models.CharField(max_length=10, choices=State, default=State.FILED)
    about_type = models.CharField(max_length=40)
    about_code = models.CharField(max_length=12)
    deal = models.CharField(max_length=40, blank=True, db_index=True)
    division_code = models.CharField(max_length=12)
    filed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    facts = models.TextField(max_length=2000)
    claim_fen = models.PositiveBigIntegerField(default=0)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    owner_role = models.CharField(max_length=40, help_text="who must act while no person has taken it")
    due_at = models.DateTimeField()
    filed_at = models.DateTimeField()
    answer = models.TextField(max_length=2000, blank=True)
    outcome = models.JSONField(default=dict)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state", "due_at"], name="case_due")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "about_type", "about_code"],
                condition=~Q(state="closed"),
                name="case_open_once",
            ),
            models.CheckConstraint(name="case_closed_answered", condition=~Q(state="closed") | ~Q(answer="")),
        ]

    def __str__(self) -> str:
        return f"case {self.code}"


class Step(models.Model):
    """One thing done in a case."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="steps")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    text = models.CharField(max_length=500)

    def __str__(self) -> str:
        return self.text
