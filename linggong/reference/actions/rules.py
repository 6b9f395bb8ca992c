"""Regional rules: one person enters what the notice says, a second one approves, and only then it acts."""

from datetime import date
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linggong.core.clock import now
from linggong.core.journal import record
from linggong.core.refusals import Refused
from linggong.core.states import Moved
from linggong.reference.models import Division, RegionRule
from linggong.reference.queries import rules_changed
from linggong.reference.rule_keys import RULE_KEYS, BadValue


class BadRule(Refused):
    """The rule cannot be entered as it stands; `fields` says which part."""

    message = _("这条规定还填得不对，请看标红的地方")
    status = 422


class SamePerson(Refused):
    """Who entered a rule does not approve it."""

    message = _("自己录入的规定不能自己审，请另一位同事来审")


class NotChecked(Refused):
    """A shipped sample that nobody has held against the notice."""

    message = _("这是随产品带的样例，还没人对照过文件。请先点“我对过原文”，再由另一位同事审")


@transaction.atomic
def enter_rule(
    *,
    key: str,
    value: Any,
    division_code: str = "",
    valid_from: date,
    valid_to: date | None = None,
    document: str,
    document_url: str = "",
    by: Any,
) -> RegionRule:
    """Enter a rule from its notice. It acts once approve_rule is called by somebody else.

    Money is whole fen; other units as in rule_keys. `document` is title and number of the notice. Dates are
    inclusive. Raises BadRule. Who may enter rules for which division is settled at the door, not here.
    """
    known = RULE_KEYS.get(key)
    if known is None:
        raise BadRule(fields={"key": str(_("没有这一项规定"))})
    wrong = {}
    try:
        value = known.check(value)
    except BadValue as error:
        wrong["value"] = str(error)
    if division_code and not Division.objects.filter(code=division_code).exists():
        wrong["division_code"] = str(_("没有这个地区"))
    if not document.strip():
        wrong["document"] = str(_("要写文件名称和文号"))
    if valid_to is not None and valid_to < valid_from:
        wrong["valid_to"] = str(_("结束日期早于开始日期"))
    if by is None:
        wrong["by"] = str(_("要有录入人"))
    if wrong:
        raise BadRule(fields=wrong)
    rule = RegionRule.objects.create(
        key=key, value=value, unit=known.unit, division_code=division_code, valid_from=valid_from,
        valid_to=valid_to, document=document.strip()[:120], document_url=document_url.strip()[:200], entered_by=by,
    )  # fmt: skip
    record("regionrule.entered", rule, by=by, key=key, division_code=division_code)
    return rule


@transaction.atomic
def adopt_sample(rule: RegionRule, *, by: Any) -> None:
    """`by` has held a shipped sample against its notice and enters it as it is. Raises Moved when it is none."""
    mine = RegionRule.objects.filter(pk=rule.pk, sample=True, entered_by=None, approved_at=None)
    if mine.update(sample=False, entered_by=by) != 1:
        raise Moved
    rule.sample, rule.entered_by = False, by
    record("regionrule.entered", rule, by=by, key=rule.key, division_code=rule.division_code)


@transaction.atomic
def approve_rule(rule: RegionRule, *, by: Any) -> None:
    """The second person approves; from now on the rule acts in its dates.

    Raises SamePerson, NotChecked for an untouched sample, Moved when it is approved already.
    """
    if rule.entered_by_id is None:
        raise NotChecked
    if by is None or rule.entered_by_id == by.pk:
        raise SamePerson
    moment = now()
    open_rows = RegionRule.objects.filter(pk=rule.pk, approved_at=None, entered_by_id=rule.entered_by_id)
    if open_rows.update(approved_by=by, approved_at=moment) != 1:
        raise Moved
    rule.approved_by, rule.approved_at = by, moment
    rules_changed()
    record("regionrule.approved", rule, by=by, key=rule.key, division_code=rule.division_code)


@transaction.atomic
def withdraw_rule(rule: RegionRule, *, because: str, by: Any) -> None:
    """Take the approval back: the rule stops acting at once and stays on record. Raises Moved when it was none."""
    if RegionRule.objects.filter(pk=rule.pk, approved_at__isnull=False).update(approved_by=None, approved_at=None) != 1:
        raise Moved
    rule.approved_by, rule.approved_at = None, None
    rules_changed()
    record(
        "regionrule.withdrawn", rule, by=by, key=rule.key, division_code=rule.division_code, because=because
    )  # fmt: skip


@transaction.atomic
def approve_samples(*keys: str, by: Any) -> int:
    """For the demo city and tests only: let shipped samples act, all of them or those of `keys`.

    They keep `sample`, so screens can say 样例. Raises NotChecked on a live system. Returns how many began to act.
    """
    if settings.MODE == "live":
        raise NotChecked
    samples = RegionRule.objects.filter(sample=True, approved_at=None, entered_by=None)
    if keys:
        samples = samples.filter(key__in=keys)
    rules_changed()
    return samples.update(approved_by=by, approved_at=now())
