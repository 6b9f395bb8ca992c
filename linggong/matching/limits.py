"""Hard limits: what stands between a worker and a posting, in words, with what would change it.

Each check looks at facts already fetched, so that a page of postings costs the same number of queries as one.
Only law and given word decide here; whatever is a wish or a hint goes into the order or the warnings.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

import linggong.employers.queries as employers
import linggong.workers.queries as workers
from linggong.core.clock import local
from linggong.postings import circle
from linggong.postings.limits import ENTERTAINMENT_VENUES, venue_kind
from linggong.postings.models import Posting, Shift, State
from linggong.postings.screened import aged_danger
from linggong.reference import groups
from linggong.workers.models import Verification as WorkerState

ADULT = 18
YOUNGEST = 16
YOUTH_CLASS_MOST = 3  # domain G-02
INSURED_AGE_MOST = 65  # most day products; the quote itself decides
SITE_GROUP = "build"
OPEN = frozenset({State.PUBLISHED, State.FULL})


@dataclass(frozen=True)
class Blocker:
    """One thing in the way. `change` says what would remove it, "" when nothing does.

    `word` is the subject in a character or two; `private` ones are for the worker alone, never for the employer.
    """

    code: str
    word: str
    words: str
    change: str = ""
    private: bool = False

    def __str__(self) -> str:
        return self.words


@dataclass
class Known:
    """What was fetched about one worker before any posting is looked at."""

    worker: Any
    birth_on: date | None
    holdings: Sequence[tuple[str, date | None, date | None]] = ()
    taken: Sequence[tuple[datetime, str]] = ()
    blocks: dict[int, set[str]] = field(default_factory=dict)
    together: dict[int, int] = field(default_factory=dict)
    own_employers: frozenset[int] = frozenset()
    sex: Callable[[], str] = lambda: ""
    rule: Callable[[str, str, date], Any] = lambda key, division, on: None
    certificate_name: Callable[[str], str] = str
    waived: frozenset[str] = frozenset()
    buffer_minutes: int = 0


def blockers(
    known: Known, posting: Posting, shifts: Sequence[Shift], moment: datetime, *, bound: bool = False,
    first: bool = False,
) -> list[Blocker]:  # fmt: skip
    """Everything in the way, the plainest first. `bound`: the deal stands already, only law is asked again.

    `first` stops at the first one: lists need no more.
    """
    checks = [_worker_state, _ties, _age, _site_age, _papers]
    if not bound:
        checks = [_posting_open, _circle, _employer_state, _worker_state, _own, _ties, _age, _site_age, _papers, _hours]
    found: list[Blocker] = []
    for check in checks:
        found += check(known, posting, shifts, moment)
        if first and found:
            break
    return found


def warnings(known: Known, posting: Posting, shifts: Sequence[Shift], moment: datetime) -> list[Blocker]:
    """What the worker should know before saying yes, though it stops nothing."""
    age = _age_on(known, _day(shifts, moment))
    found = []
    if age is not None and age > INSURED_AGE_MOST and posting.insured:
        words = _("过了 {age} 岁，有的保险不肯保，报名前会告诉你保不保得上").format(age=INSURED_AGE_MOST)
        found.append(Blocker("over_insured_age", _("保险"), words, private=True))
    if age is not None and age < ADULT:
        words = _("未满 18 岁，用工前老板要安排体检并登记")
        found.append(Blocker("young_worker", _("年龄"), words, private=True))
    return found


def _posting_open(known: Known, posting: Posting, shifts: Sequence[Shift], moment: datetime) -> list[Blocker]:
    if posting.state in OPEN and posting.last_starts_at > moment:
        return []
    if posting.state in OPEN or posting.state in (State.STARTED, State.CLOSED, State.EXPIRED):
        return [Blocker("posting_over", _("时间"), _("这个活已经开工或过期了"), _("看看附近别的活"))]
    return [Blocker("posting_not_open", _("招人"), _("这个活现在不招人"), _("看看附近别的活"))]


def _circle(known: Known, posting: Posting, shifts: Sequence[Shift], moment: datetime) -> list[Blocker]:
    if not circle.holds_back(posting, moment, (known.worker.lat, known.worker.lng)):
        return []
    clock = f"{local(posting.circle_until):%H:%M}"
    words = _("这个活先给 {m} 米内的街坊，{clock} 以后大家都能报").format(m=posting.circle_m, clock=clock)
    return [Blocker("neighbours_first", _("街坊"), words, _("{clock} 再来看").format(clock=clock))]


def _employer_state(known: Known, posting: Posting, shifts: Sequence[Shift], moment: datetime) -> list[Blocker]:
    if employers.is_checked(posting.employer):
        return []
    words, change = _("这家的材料还没核实，现在不能定"), _("等核实好了再报，或看看别的活")
    return [Blocker("employer_not_checked", _("老板"), words, change)]


def _worker_state(known: Known, posting: Posting, shifts: Sequence[Shift], moment: datetime) -> list[Blocker]:
    if workers.is_checked(known.worker):
        return []
    if known.worker.state == WorkerState.SUSPENDED:
        words, change = _("账号停用了，不能接活"), _("到站里或打电话问怎么恢复")
        return [Blocker("worker_suspended", _("账号"), words, change, private=True)]
    words, change = _("还差一步：要先核对身份证"), _("在这里拍身份证，或带身份证到站里，一分钟办好")
    return [Blocker("worker_not_checked", _("身份"), words, change, private=True)]


def _own(known: Known, posting: Posting, shifts: Sequence[Shift], moment: datetime) -> list[Blocker]:
    if posting.employer_id in known.own_employers:
        return [Blocker("own_posting", _("自己"), _("这是你自己家发的活，不能自己接"))]
    return []


def _ties(known: Known, posting: Posting, shifts: Sequence[Shift], moment: datetime) -> list[Blocker]:
    ties = known.blocks.get(posting.employer_id, set())
    if "blocked_employer" in ties:
        change = _("改主意了，到“我的”里去掉这家")
        return [Blocker("blocked_employer", _("不去"), _("你说过不去这家"), change, private=True)]
    if "blocked_worker" in ties:
        return [Blocker("blocked_worker", _("老板"), _("这家这次不招你"), _("看看附近别的活"))]
    return []


def _age(known: Known, posting: Posting, shifts: Sequence[Shift], moment: datetime) -> list[Blocker]:
    """Under 16 nothing (禁止使用童工规定 art. 2); under 18 no dangerous work, no class 4 and above (劳动法 art. 64).

    Nor a house of entertainment, whatever the work there is (未成年人保护法 art. 61).
    """
    age = _age_on(known, _day(shifts, moment))
    if age is None:
        if not (_barred_to_youth(posting) or venue_kind(posting.employer.name) in ENTERTAINMENT_VENUES):
            return []
        change = _("在这里填身份证号，或带身份证到站里")
        return [Blocker("age_unknown", _("身份"), _("这个活有年龄限制，要先登记身份证"), change, private=True)]
    if age < YOUNGEST:
        return [Blocker("under_16", _("年龄"), _("不满 16 周岁，谁也不能招用"), private=True)]
    if age < ADULT and venue_kind(posting.employer.name) in ENTERTAINMENT_VENUES:
        words = _("歌厅、酒吧、网吧这类地方，法律不许招未满 18 周岁的人")
        return [Blocker("under_18_venue", _("年龄"), words, _("看看别的活"), private=True)]
    if age < ADULT and _barred_to_youth(posting):
        words = _("这个活有危险，法律规定满 18 周岁才能干")
        return [Blocker("under_18_hazard", _("年龄"), words, _("看看没有危险的活"), private=True)]
    return []


def _site_age(known: Known, posting: Posting, shifts: Sequence[Shift], moment: datetime) -> list[Blocker]:
    """Ceilings that a region published for sites and for high, underground or hot work; off unless approved (G-06)."""
    keys = ["site_age_max"] if posting.trade.group == SITE_GROUP else []
    keys += ["hazard_age_max"] if aged_danger(posting) else []
    day = _day(shifts, moment)
    age = _age_on(known, day)
    if age is None or not keys:
        return []
    limits = [limit for key in keys if (limit := _ceiling(known, key, posting.division_id, day)) is not None]
    if not limits or age <= min(limits):
        return []
    words = _("本地规定这类活最多干到 {age} 周岁").format(age=min(limits))
    return [Blocker("over_site_age", _("年龄"), words, _("看看别的活，口碑和次数都还算数"), private=True)]


def _papers(known: Known, posting: Posting, shifts: Sequence[Shift], moment: datetime) -> list[Blocker]:
    day = local(max((s.ends_at for s in shifts), default=moment)).date()
    held = {
        code for code, begins, ends in known.holdings
        if (begins is None or begins <= day) and (ends is None or ends >= day)
    }  # fmt: skip
    lacking = [code for code in posting.certificates if code not in held and code not in known.waived]
    return [
        Blocker(
            f"certificate:{code}", _("证"),
            _("要有“{name}”的证，你还没有核对过的").format(name=known.certificate_name(code)),
            _("有证就拍照上传，站里核对后就能报"),
        )
        for code in lacking
    ]  # fmt: skip


def _hours(known: Known, posting: Posting, shifts: Sequence[Shift], moment: datetime) -> list[Blocker]:
    gap = timedelta(minutes=known.buffer_minutes)
    for shift in shifts:
        if any(shift.starts_at - gap <= quarter < shift.ends_at + gap for quarter, _ref in known.taken):
            start = local(shift.starts_at)
            words = _("{m}月{d}日 {t} 你已经有别的活").format(m=start.month, d=start.day, t=f"{start:%H:%M}")
            return [Blocker("busy", _("时间"), words, _("换一天，或先取消那一个"))]
    return []


def _barred_to_youth(posting: Posting) -> bool:
    """Only what is dangerous of itself: a kitchen knife or a summer's day bars nobody of seventeen."""
    classed = posting.trade.risk_class is None or posting.trade.risk_class > YOUTH_CLASS_MOST
    return classed or groups.dangerous(posting.hazards)


def _ceiling(known: Known, key: str, division_code: str, day: date) -> int | None:
    """The region's ceiling for this worker's sex; the sex is looked up only where such a rule is in force."""
    by_sex = {"M": known.rule(f"{key}_male", division_code, day), "F": known.rule(f"{key}_female", division_code, day)}
    return by_sex.get(known.sex()) if any(by_sex.values()) else None


def _age_on(known: Known, day: date) -> int | None:
    born = known.birth_on
    return None if born is None else day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _day(shifts: Sequence[Shift], moment: datetime) -> date:
    return local(min((s.starts_at for s in shifts), default=moment)).date()
