"""Which form of use suits a job: a suggestion with its reasons, for a person to decide on. Pure."""

from dataclasses import dataclass

PEOPLE, FIRM = "PERSON", "FIRM"
HIRER, WORKER, BOTH = "HIRER", "WORKER", "BOTH"
DAYS, WEEKS, LONG = "DAYS", "WEEKS", "LONG"

LABOUR, PART_TIME, FIXED_TERM, SERVICE, CONTRACT, AGREEMENT = (
    "LABOUR",
    "PART_TIME",
    "FIXED_TERM",
    "SERVICE",
    "CONTRACT",
    "AGREEMENT",
)
NAMES = {
    LABOUR: "劳动合同",
    PART_TIME: "非全日制用工",
    FIXED_TERM: "以完成一定任务为期限的劳动合同",
    SERVICE: "劳务",
    CONTRACT: "承揽",
    AGREEMENT: "书面用工约定",
}
"""The words a person reads for each kind."""

QUESTIONS = {
    "hirer": ("谁用人?", (PEOPLE, FIRM)),
    "sets_time": ("几点干、干多久,谁说了算?", (HIRER, WORKER, BOTH)),
    "sets_price": ("价钱谁定?", (HIRER, WORKER, BOTH)),
    "sets_method": ("怎么干,谁说了算?", (HIRER, WORKER, BOTH)),
    "owns_tools": ("工具谁出?", (HIRER, WORKER, BOTH)),
    "disciplined": ("要守单位的规章、考勤、奖罚吗?", (True, False)),
    "for_result": ("是交一个做好的东西算钱,还是干一天算一天钱?", (True, False)),
    "duration": ("干多久?", (DAYS, WEEKS, LONG)),
    "daily_hours": ("平均一天几小时?", (2, 4, 5, 8, 12)),
}


@dataclass(frozen=True)
class Answers:
    """What the employer answered. None: not answered."""

    hirer: str | None = None
    sets_time: str | None = None
    sets_price: str | None = None
    sets_method: str | None = None
    owns_tools: str | None = None
    disciplined: bool | None = None
    for_result: bool | None = None
    duration: str | None = None
    daily_hours: float | None = None
    weekly_hours: float | None = None


@dataclass(frozen=True)
class Suggestion:
    """A form to consider, why, and what to mind. It decides nothing."""

    kind: str
    title: str
    reasons: tuple[str, ...]
    warning: str


def suggest(answers: Answers) -> Suggestion:
    """The form the answers point to. Advice only: what the relation is in law follows from how the work is done.

    Source: 人社部发〔2021〕56号 (three cases), 劳动合同法 art. 68, 民法典 arts. 1192, 1193.
    """
    kind, reasons = _household(answers) if answers.hirer == PEOPLE else _organisation(answers)
    return Suggestion(kind, f"建议考虑:{NAMES[kind]}", tuple(reasons), _warning(kind, answers))


def _household(answers: Answers) -> tuple[str, list[str]]:
    if _works_for_result(answers):
        return CONTRACT, ["提示:是个人请人,按做好的活算钱,怎么干由干活的人安排。", *_tool_reason(answers)]
    return SERVICE, ["提示:是个人请个人干活,没有单位的规章管着。"]


def _organisation(answers: Answers) -> tuple[str, list[str]]:
    managed = _signs_of_management(answers)
    if _works_for_result(answers) and len(managed) <= 1:
        return CONTRACT, ["提示:按做好的活算钱,怎么干由干活的人安排。", *_tool_reason(answers)]
    if len(managed) >= 3 or answers.disciplined:
        return _labour_form(answers), managed
    if managed:
        return AGREEMENT, [*managed, "提示:也有由干活的人自己定的地方,两边都沾一点。"]
    if answers.sets_time == WORKER and answers.sets_method == WORKER:
        return SERVICE, ["提示:时间和干法都由干活的人自己定。"]
    return AGREEMENT, ["提示:答的还不够多,先把说好的写下来最稳妥。"]


def _labour_form(answers: Answers) -> str:
    daily, weekly = answers.daily_hours, answers.weekly_hours
    if daily is not None and daily <= 4 and (weekly is None or weekly <= 24):
        return PART_TIME
    return LABOUR if answers.duration == LONG else FIXED_TERM


def _signs_of_management(answers: Answers) -> list[str]:
    signs = (
        (answers.sets_time == HIRER, "提示:时间由用人一方安排。"),
        (answers.sets_method == HIRER, "提示:怎么干由用人一方说了算。"),
        (answers.owns_tools == HIRER, "提示:工具由用人一方出。"),
        (bool(answers.disciplined), "提示:要守规章、考勤、奖罚。"),
        (answers.sets_price == HIRER, "提示:价钱由用人一方定。"),
    )
    return [words for holds, words in signs if holds]


def _works_for_result(answers: Answers) -> bool:
    return bool(answers.for_result) and answers.sets_method != HIRER and not answers.disciplined


def _tool_reason(answers: Answers) -> list[str]:
    return ["提示:工具由干活的人自己带。"] if answers.owns_tools == WORKER else []


def _warning(kind: str, answers: Answers) -> str:
    base = "提示:这里只是建议,实际怎么用人、怎么管,比写的名字更要紧。拿不准请到零工市场窗口问一问。"
    more = {
        LABOUR: "建议签书面劳动合同,按规定参加社会保险。",
        FIXED_TERM: "建议签书面合同,写明干到什么任务完成为止。",
        PART_TIME: "建议平均每天不超过 4 小时、每周不超过 24 小时,最长 15 天结一次工钱,不约定试用期。",
        SERVICE: "建议写明工钱和受伤了怎么办,并给干活的人买一份意外保险。",
        CONTRACT: "建议写明做成什么样、什么时候交、坏了怎么办;危险的活请找有资格的人。",
        AGREEMENT: "建议签书面约定,写明工钱、时间、休息和保险。",
    }[kind]
    if kind == PART_TIME or answers.daily_hours is None or answers.daily_hours <= 8:
        return f"{base}{more}"
    return f"{base}{more}" + "提示:一天超过 8 小时,建议多招人轮班。"
