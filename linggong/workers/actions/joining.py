"""Joining: from a first entry of five facts to a person who is known, and back when something is wrong."""

from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from linggong.accounts import actions as accounts
from linggong.accounts import ids
from linggong.accounts.models import IdentityCheck
from linggong.core.clock import now, today
from linggong.core.journal import record
from linggong.core.reasons import plain
from linggong.core.refusals import Refused
from linggong.core.states import Moved
from linggong.reference import geo
from linggong.reference.models import Division, Trade
from linggong.workers.models import Card, Verification, Worker, WorkerTrade

AGE_MIN = 16
TRADES_MAX = 12
REACH_MAX_M = 200_000
INVITES = ("day", "any", "off")
FREE_PARTS = ("dawn", "day", "evening", "night")
PROFILE_FIELDS = frozenset(
    {"reach_m", "free_parts", "pay_floor_fen", "contact_via", "contact_user", "literacy_help", "dialect",
     "tools", "taking_work", "call_from", "invites"}
)  # fmt: skip


class AlreadyRegistered(Refused):
    """The person is a worker already."""

    message = _("这位已经登记过了，直接找活就行")


class NoTrade(Refused):
    """A worker without a trade cannot be found."""

    message = _("请选一到十二种会干的活")
    status = 422


class BadProfile(Refused):
    """A fact of the profile is out of its bounds."""

    message = _("有一项没填对，请看一下再交")
    status = 422


class AgeUnknown(Refused):
    """Nobody has seen how old the person is (禁止使用童工规定 arts. 4, 6)."""

    message = _("还不知道年满 16 岁没有。请补身份证号，或带证件到窗口看一下")


class NotIdentified(Refused):
    """No check of the identity stands."""

    message = _("身份还没核实。请先刷证核验，或到窗口看证")


@transaction.atomic
def register(
    user: Any, *, division: Division, trades: Iterable[Trade], lat: float | None = None,
    lng: float | None = None, contact_via: str = "self", source: str = "self", by: Any,
    acting_for: Any = None, **extras: Any,
) -> Worker:  # fmt: skip
    """Make a person a worker with what is needed at the first step: area and trades (GX-08), state LIGHT.

    Name, phone and ID went to `accounts.make_person`. The home point is kept rounded to about 500 m, whatever
    precision came in. `extras` are fields of `change_profile`.
    Raises AlreadyRegistered, NoTrade, BadProfile, accounts.TooYoung.
    """
    chosen = _chosen(trades)
    _refuse_child(user)
    fields = _profile(contact_via=contact_via, **extras)
    if lat is not None and lng is not None:
        fields["lat"], fields["lng"] = geo.rounded(lat, lng)
    try:
        with transaction.atomic():
            worker = Worker.begin(
                by=by, acting_for=acting_for, user=user, division=division, registered_at=now(),
                registered_by=by, source=source, **fields,
            )  # fmt: skip
    except IntegrityError as error:
        raise AlreadyRegistered from error
    WorkerTrade.objects.bulk_create(WorkerTrade(worker=worker, trade=trade) for trade in chosen)
    return worker


@transaction.atomic
def change_profile(worker: Worker, *, by: Any, acting_for: Any = None, **fields: Any) -> Worker:
    """Correct or complete the archive (SX-19): any field of PROFILE_FIELDS, `division`, `trades`, `lat` + `lng`.

    Trades that are kept keep their experience; a trade with confirmed work behind it is never lost.
    The event names the fields, not their values. Raises BadProfile, NoTrade.
    """
    changed = sorted(fields)
    trades = fields.pop("trades", None)
    place: dict[str, Any] = {}
    if "division" in fields:
        place["division"] = fields.pop("division")
    lat, lng = fields.pop("lat", None), fields.pop("lng", None)
    if lat is not None and lng is not None:
        place["lat"], place["lng"] = geo.rounded(lat, lng)
    fresh = {**place, **_profile(**fields)}
    for name, value in fresh.items():
        setattr(worker, name, value)
    if fresh:
        worker.save(update_fields=list(fresh))
    if trades is not None:
        _set_trades(worker, _chosen(trades))
    record("worker.changed", worker, by=by, acting_for=acting_for, fields=changed)
    return worker


@transaction.atomic
def prelim_check(worker: Worker, *, by: Any, acting_for: Any = None) -> None:
    """First check (初审, SX-37): the age is known to be 16 or more, by the ID number or because staff saw the card.

    Raises AgeUnknown, accounts.TooYoung, Moved.
    """
    _refuse_child(worker.user)
    if worker.user.birth_on is None and not _is_identified(worker.user):
        raise AgeUnknown
    worker.move(Verification.PRELIM_CHECKED, by=by, acting_for=acting_for)


@transaction.atomic
def verify(worker: Worker, *, by: Any, acting_for: Any = None) -> None:
    """The identity stands: a provider or a counter with the card said so.

    Raises NotIdentified, accounts.TooYoung, Moved.
    """
    _refuse_child(worker.user)
    if not _is_identified(worker.user):
        raise NotIdentified
    worker.move(Verification.VERIFIED, by=by, acting_for=acting_for)


@transaction.atomic
def suspend(worker: Worker, *, because: str, by: Any) -> None:
    """A person stops a worker; no machine does (PIPL art. 24). The worker is told, with the way to appeal.

    Raises Moved, NoReason.
    """
    reason = plain(because)
    worker.move(Verification.SUSPENDED, by=by, because=reason)
    accounts.tell(
        worker.user, _("你的账号停用了：{reason}。觉得不对，可以打窗口电话或到窗口申诉").format(reason=reason),
        kind="worker_suspended", about=worker,
    )  # fmt: skip


@transaction.atomic
def restore(worker: Worker, *, because: str, by: Any) -> None:
    """The suspension ends; back to as much as is known of the person today. Raises Moved, NoReason."""
    if worker.state != Verification.SUSPENDED:
        raise Moved
    to = Verification.LIGHT if worker.user.birth_on is None else Verification.PRELIM_CHECKED
    if _is_identified(worker.user):
        to = Verification.VERIFIED
    worker.move(to, by=by, because=plain(because))
    accounts.tell(worker.user, _("你的账号恢复了，可以接着找活"), kind="worker_restored", about=worker)


@transaction.atomic
def erase(worker: Worker, *, by: Any) -> list[str]:
    """Erase what the archive says about a person who closed the account (PIPL art. 47): card, wishes, place, papers.

    What a law keeps for three years (deals, wages, hours worked) stays under the code, without a person behind it.
    Returns the paths of photos to erase after commit; a second call finds nothing more.
    """
    photos = [path for path in worker.holdings.values_list("photo", flat=True) if path]
    Card.objects.filter(worker=worker).delete()
    worker.holdings.update(number_sealed="", number_tail4="", photo="", issuer="")
    blank = {
        "lat": None, "lng": None, "free_parts": [], "pay_floor_fen": None, "contact_user": None,
        "literacy_help": False, "dialect": "", "tools": "", "taking_work": False, "call_from": None, "invites": "off",
    }  # fmt: skip
    Worker.objects.filter(pk=worker.pk).update(**blank)
    worker.refresh_from_db()
    record("worker.erased", worker, by=by)
    return photos


def _chosen(trades: Iterable[Trade]) -> list[Trade]:
    chosen = list(dict.fromkeys(trades))
    if not 1 <= len(chosen) <= TRADES_MAX:
        raise NoTrade(fields={"trades": str(NoTrade.message)})
    return chosen


def _refuse_child(user: Any) -> None:
    if user.birth_on is not None and ids.age_on(user.birth_on, today()) < AGE_MIN:
        raise accounts.TooYoung


def _is_identified(user: Any) -> bool:
    return user.identity_checks.filter(state=IdentityCheck.State.VERIFIED).exists()


def _profile(**fields: Any) -> dict[str, Any]:
    """The optional facts, each within its bounds."""
    if unknown := set(fields) - PROFILE_FIELDS:
        raise TypeError(f"not part of a profile: {', '.join(sorted(unknown))}")
    wrong: dict[str, str] = {}
    if not 500 <= fields.get("reach_m", 10_000) <= REACH_MAX_M:
        wrong["reach_m"] = str(_("能去多远：0.5 到 200 公里之间"))
    if set(fields.get("free_parts", ())) - set(FREE_PARTS):
        wrong["free_parts"] = str(_("空闲时段没认出来，请重新选"))
    floor_fen = fields.get("pay_floor_fen")
    if floor_fen is not None and not 0 < floor_fen <= 1_000_000:
        wrong["pay_floor_fen"] = str(_("最低日工钱：1 元到 1 万元之间"))
    if fields.get("invites", "day") not in INVITES:
        wrong["invites"] = str(_("请选什么时候能叫你"))
    if fields.get("contact_via", "self") not in ("self", "relative", "officer"):
        wrong["contact_via"] = str(_("请选谁来接电话"))
    if len(fields.get("dialect", "")) > 20 or len(fields.get("tools", "")) > 80:
        wrong["tools"] = str(_("写得太长了，短一点就行"))
    if wrong:
        raise BadProfile(fields=wrong)
    return fields


def _set_trades(worker: Worker, chosen: list[Trade]) -> None:
    gone = worker.trades.exclude(trade__in=chosen)
    gone.filter(times=0).delete()
    have = set(worker.trades.values_list("trade_id", flat=True))
    fresh = [WorkerTrade(worker=worker, trade=trade) for trade in chosen if trade.pk not in have]
    WorkerTrade.objects.bulk_create(fresh)
