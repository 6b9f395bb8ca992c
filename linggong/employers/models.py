"""Nouns: who hires, who acts for them, what they showed and promised, their record."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from linggong.core.models import Coded
from linggong.core.states import Stateful
from linggong.reference.models import Division


class Kind(models.TextChoices):
    """What kind of employer (用工方); each shows other papers."""

    ENTERPRISE = "ENTERPRISE", _("企业")
    MERCHANT = "MERCHANT", _("个体商户")
    HOUSEHOLD = "HOUSEHOLD", _("家庭")
    FARM = "FARM", _("农户")
    COOP = "COOP", _("合作社")


class Verification(models.TextChoices):
    """Domain §2.3.2, with PRELIM_CHECKED of decision 9 (刚登记: at most 5 people and 3 days)."""

    NEW = "new", _("没登记完")
    PRELIM_CHECKED = "prelim_checked", _("刚登记")
    SUBMITTED = "submitted", _("材料在审")
    VERIFIED = "verified", _("核实过")
    DUE_RECHECK = "due_recheck", _("该复核了")
    LAPSED = "lapsed", _("复核过期")
    SUSPENDED = "suspended", _("停用")
    BANNED = "banned", _("禁用")


V = Verification


class Employer(Stateful, Coded):
    """A firm, shop, household or farm. A household or farm is a person: `person`; a firm has a `uscc`.

    `verified_at` starts the six months after which it must be looked at again (2026 five-ministry notice).
    """

    MOVES = {
        V.NEW: {V.PRELIM_CHECKED, V.SUBMITTED, V.VERIFIED, V.SUSPENDED},
        V.PRELIM_CHECKED: {V.SUBMITTED, V.VERIFIED, V.SUSPENDED},
        V.SUBMITTED: {V.VERIFIED, V.NEW, V.PRELIM_CHECKED, V.SUSPENDED},
        V.VERIFIED: {V.DUE_RECHECK, V.SUSPENDED},
        V.DUE_RECHECK: {V.VERIFIED, V.LAPSED, V.SUSPENDED},
        V.LAPSED: {V.SUBMITTED, V.VERIFIED, V.SUSPENDED},
        V.SUSPENDED: {V.NEW, V.PRELIM_CHECKED, V.VERIFIED, V.BANNED},
        V.BANNED: set(),
    }

    kind = models.CharField(max_length=10, choices=Kind)
    state = models.CharField(max_length=16, choices=Verification, default=Verification.NEW)
    name = models.CharField(max_length=80)
    uscc = models.CharField(max_length=18, unique=True, null=True)
    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    contact_name = models.CharField(max_length=40)
    division = models.ForeignKey(Division, models.PROTECT, related_name="+")
    address = models.CharField(max_length=120, blank=True)
    lng = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    registered_at = models.DateTimeField()
    registered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    prelim_at = models.DateTimeField(null=True, help_text="when a window first looked at them")
    verified_at = models.DateTimeField(null=True)
    recheck_by = models.DateTimeField(null=True, help_text="DUE_RECHECK: after this moment LAPSED")
    source = models.CharField(max_length=10, default="self")

    class Meta:
        constraints = [
            models.CheckConstraint(name="employer_state", condition=Q(state__in=Verification.values)),
            models.CheckConstraint(
                name="employer_who",
                condition=Q(uscc__isnull=False) | Q(person__isnull=False) | Q(state="new")
                | Q(state="prelim_checked") | Q(state="suspended"),
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["division", "state"], name="employer_division"),
            models.Index(fields=["state", "verified_at"], name="employer_recheck"),
        ]

    def __str__(self) -> str:
        return self.name


class Member(models.Model):
    """A person who may act for the employer (经办人)."""

    employer = models.ForeignKey(Employer, models.PROTECT, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    owner = models.BooleanField(default=False)
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["employer", "user"], condition=Q(ended_at=None), name="member_once")
        ]

    def __str__(self) -> str:
        return f"{self.employer_id} {self.user_id}"


class Paper(models.Model):
    """A document shown: licence, agent's ID seen, authorisation, plate photo, address confirmation."""

    employer = models.ForeignKey(Employer, models.PROTECT, related_name="papers")
    kind = models.CharField(
        max_length=16,
        choices=[
            ("licence", _("营业执照")), ("agent_id", _("经办人身份证")), ("authorisation", _("授权书")),
            ("plate", _("车牌照片")), ("address", _("住址证明")), ("land", _("承包证明")),
        ],
    )  # fmt: skip
    number = models.CharField(max_length=40, blank=True)
    photo = models.CharField(max_length=120, blank=True)
    seen_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.employer_id} {self.kind}"


class Commitment(models.Model):
    """The dated promise (承诺书) an employer accepts before the first posting (GX-26)."""

    employer = models.ForeignKey(Employer, models.PROTECT, related_name="commitments")
    version = models.PositiveSmallIntegerField()
    text_hash = models.CharField(max_length=64)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["employer", "version"], name="commitment_once")]

    def __str__(self) -> str:
        return f"{self.employer_id} v{self.version}"


class Point(models.Model):
    """One counted event of an employer's record (domain §3.18)."""

    employer = models.ForeignKey(Employer, models.PROTECT, related_name="points")
    kind = models.CharField(max_length=24)
    points = models.SmallIntegerField()
    cause = models.CharField(max_length=40)
    at = models.DateTimeField()
    counts_until = models.DateTimeField()
    corrected_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["employer", "kind", "cause"], name="employer_point_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.points}"


class Recognition(models.Model):
    """诚信企业: when it was given, suspended or lost, and why. The latest row is the state."""

    employer = models.ForeignKey(Employer, models.PROTECT, related_name="recognitions")
    state = models.CharField(
        max_length=12,
        choices=[
            ("normal", _("普通")), ("candidate", _("候选")),
            ("recognised", _("诚信企业")), ("suspended", _("暂停")),
        ],
    )  # fmt: skip
    cause = models.CharField(max_length=120)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return self.state
