"""Nouns: versioned templates, one agreement per deal, who accepted it and how. A deal is an opaque `ref`."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from linggong.core.models import Coded
from linggong.core.states import Stateful
from linggong.employers.models import Employer
from linggong.workers.models import Worker


class Template(models.Model):
    """One version of a model text, never changed after it was put on file: another wording is another version.

    `plain` is the front page in plain words, [{"label", "text"}]; `clauses` the full terms, [{"title", "text",
    "source"}]. Texts name facts of the terms as `{pay}`. `text_hash` covers all of it.
    """

    kind = models.CharField(max_length=16, help_text="SERVICE, PART_TIME, RESULT, OVER_AGE, YOUNG, HOUSEHOLD")
    version = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=60)
    plain = models.JSONField(default=list)
    clauses = models.JSONField(default=list)
    source = models.CharField(max_length=160, blank=True)
    in_use_from = models.DateField()
    text_hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "version"], name="template_once")]

    def __str__(self) -> str:
        return f"{self.kind} v{self.version}"


class Agreement(Stateful, Coded):
    """What two sides agreed. What binds is `terms` with its hash; the PDF is made from it later (decision 8).

    `text_hash` is the hash of the template's text at that time. `pdf` and `scan` are names below MEDIA_ROOT.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("没发")
        SENT = "sent", _("等两边同意")
        SIGNED_WORKER = "signed_worker", _("工友同意了")
        SIGNED_EMPLOYER = "signed_employer", _("老板同意了")
        PRINTED = "printed", _("打出来等签字")
        SCANNED = "scanned", _("签好已扫描")
        EFFECTIVE = "effective", _("生效了")
        ENDED = "ended", _("结束了")
        VOID = "void", _("作废")

    MOVES = {
        State.DRAFT: {State.SENT, State.VOID},
        State.SENT: {State.SIGNED_WORKER, State.SIGNED_EMPLOYER, State.PRINTED, State.VOID},
        State.SIGNED_WORKER: {State.EFFECTIVE, State.VOID},
        State.SIGNED_EMPLOYER: {State.EFFECTIVE, State.PRINTED, State.VOID},
        State.PRINTED: {State.SCANNED, State.VOID},
        State.SCANNED: {State.EFFECTIVE, State.VOID},
        State.EFFECTIVE: {State.ENDED, State.VOID},
        State.ENDED: set(),
        State.VOID: set(),
    }

    ref = models.CharField(max_length=40, db_index=True)
    state = models.CharField(max_length=16, choices=State, default=State.DRAFT)
    template = models.ForeignKey(Template, models.PROTECT, related_name="+")
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="+")
    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+")
    terms = models.JSONField()
    terms_hash = models.CharField(max_length=64)
    text_hash = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    effective_at = models.DateTimeField(null=True)
    pdf = models.CharField(max_length=120, blank=True)
    pdf_hash = models.CharField(max_length=64, blank=True)
    pdf_at = models.DateTimeField(null=True)
    scan = models.CharField(max_length=120, blank=True)
    scan_hash = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [models.Index(fields=["state", "pdf_at"], name="agreement_pdf_due")]
        constraints = [
            models.CheckConstraint(
                name="agreement_state",
                condition=Q(
                    state__in=[
                        "draft",
                        "sent",
                        "signed_worker",
                        "signed_employer",
                        "printed",
                        "scanned",
                        "effective",
                        "ended",
                        "void",
                    ]
                ),
            ),
            models.CheckConstraint(name="agreement_pdf_has_hash", condition=Q(pdf="") | ~Q(pdf_hash="")),
            models.UniqueConstraint(
                fields=["ref"], condition=~Q(state__in=["void", "ended"]), name="agreement_live_once"
            ),
        ]

    def __str__(self) -> str:
        return f"agreement {self.code}"


class Acceptance(models.Model):
    """One side said yes to exactly these terms (电子签名法 art. 13: who, when, to what, detectable if changed)."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="acceptances")
    side = models.CharField(max_length=8, choices=[("worker", _("工友")), ("employer", _("雇主"))])
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    how = models.CharField(
        max_length=10,
        choices=[
            ("publish", _("发布即要约")), ("tap", _("点了我要去")), ("spoken", _("当面念过")), ("paper", _("签字")),
        ],
    )  # fmt: skip
    witness = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    terms_hash = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agreement", "side"], name="acceptance_once")]

    def __str__(self) -> str:
        return f"{self.side} {self.at}"
