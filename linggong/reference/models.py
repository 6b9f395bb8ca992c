"""Nouns the state publishes: places, trades, certificates, dated rules, holidays."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from linggong.core.codes import new_code


class Level(models.IntegerChoices):
    """How deep a division lies."""

    PROVINCE = 1, _("省")
    CITY = 2, _("市")
    COUNTY = 3, _("县区")
    TOWN = 4, _("乡镇街道")
    VILLAGE = 5, _("村居")


class Division(models.Model):
    """An administrative division. `code` has 6 digits to county, 9 for a township, 12 for a village.

    `path` is the 2, 4, 6, 9 or 12 digits that every division inside begins with: never cut zeros by hand, a county
    may end in one. A village's code is its township's code and the last three digits of its `stats_code`.
    Coordinates are WGS-84; `about` says they are a representative point, not the seat.
    """

    code = models.CharField(max_length=12, primary_key=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    level = models.PositiveSmallIntegerField(choices=Level)
    name = models.CharField(max_length=60)
    short_name = models.CharField(max_length=60)
    pinyin = models.CharField(max_length=160, blank=True)
    initials = models.CharField(max_length=40, blank=True)
    path = models.CharField(max_length=12, db_index=True)
    lng = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    about = models.BooleanField(default=False)
    stats_code = models.CharField(max_length=12, blank=True, help_text="the statistics bureau's own number")

    class Meta:
        indexes = [
            models.Index(fields=["parent", "code"], name="division_children"),
            models.Index(fields=["level", "lat"], name="division_near"),
        ]

    def __str__(self) -> str:
        return self.name


class PayUnit(models.TextChoices):
    """What the pay is for. The first four are time, the rest are counted by quantity."""

    HOUR = "HOUR", _("小时")
    DAY = "DAY", _("天")
    SHIFT = "SHIFT", _("班")
    FIXED = "FIXED", _("整活")
    MONTH = "MONTH", _("月")
    PIECE = "PIECE", _("件")
    JIN = "JIN", _("斤")
    KG = "KG", _("公斤")
    TONNE = "TONNE", _("吨")
    SQM = "SQM", _("平方米")
    METRE = "METRE", _("米")
    MU = "MU", _("亩")
    RACK = "RACK", _("竿")
    TRIP = "TRIP", _("趟")
    ORDER = "ORDER", _("单")


COUNTED_UNITS = frozenset(
    {PayUnit.PIECE, PayUnit.JIN, PayUnit.KG, PayUnit.TONNE, PayUnit.SQM, PayUnit.METRE,
     PayUnit.MU, PayUnit.RACK, PayUnit.TRIP, PayUnit.ORDER}
)  # fmt: skip


class Certificate(models.Model):
    """A licence or certificate that work can ask for."""

    code = models.CharField(max_length=24, primary_key=True)
    name = models.CharField(max_length=60)
    family = models.CharField(max_length=60)
    category = models.CharField(max_length=60, blank=True)
    mandatory = models.BooleanField(help_text="the work is forbidden without it")
    issuer = models.CharField(max_length=80, blank=True)
    legal_basis = models.CharField(max_length=160, blank=True)
    note = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.name


class Trade(models.Model):
    """A kind of work (工种). `risk_class` 1–6, or None: cannot be insured.

    Wages are what a worker is offered, in fen per `pay_unit`, with the source; None where no source was found.
    `hazards` are codes of domain §3.10 (HEIGHT, ELECTRIC, HOT_WORK, CONFINED, CHEMICAL, TRAFFIC, LIFTING, HEAT,
    ANIMAL, BLADE, MINORS). `division_code` is set for a local trade added by a region.
    """

    code = models.CharField(max_length=24, primary_key=True)
    name = models.CharField(max_length=40)
    sector = models.CharField(max_length=40)
    group = models.CharField(max_length=20, db_index=True)
    pictogram = models.CharField(max_length=20)
    csco_code = models.CharField(max_length=20, blank=True)
    csco_name = models.CharField(max_length=80, blank=True)
    isco08 = models.CharField(max_length=8, blank=True)
    pay_unit = models.CharField(max_length=8, choices=PayUnit)
    wage_low_fen = models.PositiveBigIntegerField(null=True)
    wage_high_fen = models.PositiveBigIntegerField(null=True)
    wage_source = models.CharField(max_length=120, blank=True)
    risk_class = models.PositiveSmallIntegerField(null=True)
    hazards = models.JSONField(default=list)
    outdoor = models.BooleanField(default=False)
    seated = models.BooleanField(default=False)
    new_form = models.BooleanField(default=False)
    local = models.BooleanField(default=False)
    division_code = models.CharField(max_length=12, blank=True)
    popularity = models.PositiveIntegerField(default=0, help_text="order in the trade menu, higher first")

    class Meta:
        constraints = [
            models.CheckConstraint(name="trade_risk_class", condition=Q(risk_class=None) | Q(risk_class__range=(1, 6))),
            models.CheckConstraint(
                name="trade_wage_range",
                condition=Q(wage_low_fen=None) | Q(wage_high_fen__gte=F("wage_low_fen")),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Synonym(models.Model):
    """Another word for a trade: 小工, 搬货, 打扫卫生."""

    trade = models.ForeignKey(Trade, models.CASCADE, related_name="synonyms")
    word = models.CharField(max_length=40, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["trade", "word"], name="synonym_once")]

    def __str__(self) -> str:
        return self.word


class TradeCertificate(models.Model):
    """A trade asks for a certificate. `hard`: without a checked one nobody may take such work."""

    trade = models.ForeignKey(Trade, models.CASCADE, related_name="certificates")
    certificate = models.ForeignKey(Certificate, models.PROTECT, related_name="+")
    hard = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["trade", "certificate"], name="trade_certificate_once")]

    def __str__(self) -> str:
        return f"{self.trade_id} → {self.certificate_id}"


class Holiday(models.Model):
    """A day that differs from its week: `off` or a make-up workday; `statutory` days earn triple pay."""

    day = models.DateField(primary_key=True)
    name = models.CharField(max_length=40)
    off = models.BooleanField()
    statutory = models.BooleanField(default=False)
    notice = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"{self.day} {self.name}"


class RegionRule(models.Model):
    """A limit or setting that a region publishes: dated, sourced, approved by a second person before it acts.

    `division_code` "" means the whole country. The rule of the deepest division wins, then the latest start.
    `sample` marks a value shipped with the product that nobody has checked against the notice.
    """

    key = models.CharField(max_length=40)
    value = models.JSONField()
    unit = models.CharField(max_length=20, blank=True)
    division_code = models.CharField(max_length=12, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    document = models.CharField(max_length=120, blank=True)
    document_url = models.CharField(max_length=200, blank=True)
    sample = models.BooleanField(default=False)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["key", "division_code", "valid_from"], name="region_rule_lookup")]
        constraints = [
            models.CheckConstraint(
                name="region_rule_dates", condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from"))
            ),
            models.CheckConstraint(
                name="region_rule_second_person",
                condition=Q(approved_by=None) | Q(entered_by=None) | ~Q(approved_by=F("entered_by")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.division_code or '全国'} {self.valid_from}"


class ReferenceVersion(models.Model):
    """What was last loaded of one table of the product, and a token that changes with every write to it."""

    name = models.CharField(max_length=20, unique=True)
    digest = models.CharField(max_length=64, blank=True)
    token = models.CharField(max_length=10, default=new_code)
    rows = models.PositiveIntegerField(default=0)
    loaded_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name
