"""Nouns: the tie between a worker and an employer. Matching has no other table of its own."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from linggong.employers.models import Employer
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
