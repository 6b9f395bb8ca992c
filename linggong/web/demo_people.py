"""The demo people, one for each role. The demo city writes who they are into demo.json; nobody has a password."""

import json
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

import linggong.accounts.queries as accounts
from linggong.accounts.models import User


@dataclass(frozen=True)
class Role:
    """A row of the table. `lands` may hold {code}, the public code of the person the row is about.

    `enters` names the role whose account is used when the person of the row cannot sign in themselves.
    """

    key: str
    label: str | Promise
    who: str | Promise
    lands: str
    enters: str = ""


@dataclass(frozen=True)
class Row:
    """A role with the person who plays it here; `user` is None where the demo city has nobody."""

    role: Role
    user: User | None
    lands: str

    @property
    def name(self) -> str:
        """The invented name."""
        return self.user.name if self.user else ""


PEOPLE: tuple[Role, ...] = (
    Role("worker", _("工友"), _("找活、打卡、收工钱"), "/"),
    Role("worker_no_phone", _("没手机的工友"), _("窗口替他办，从窗口看"), "/desk/people/{code}/", enters="clerk"),
    Role("employer", _("小店老板"), _("发活、选人、确认"), "/e/"),
    Role("household", _("家里请人"), _("找保洁、护工"), "/e/"),
    Role("factory", _("工厂"), _("一次招很多人、很多天"), "/e/"),
    Role("clerk", _("窗口人员"), _("登记、代发活、派工"), "/desk/"),
    Role("reviewer", _("值班审活员"), _("审活"), "/review/"),
    Role("head", _("站长"), _("管一个站"), "/desk/"),
    Role("officer", _("零工专员"), _("跑村"), "/desk/"),
    Role("supervisor", _("人社局监管"), _("看全程、批规定"), "/bureau/"),
    Role("auditor", _("审计"), _("谁看过什么"), "/bureau/audit/"),
    Role("admin", _("系统管理"), _("设置、人员"), "/bureau/settings/"),
)
BY_KEY = {role.key: role for role in PEOPLE}


def demo_file() -> Path:
    """Where the demo city writes {"people": {role: public code of the person}}."""
    return settings.DATA_DIR / "demo.json"


def people() -> list[Row]:
    """Every role with its person, in one query; a missing or broken file gives rows without people."""
    codes = _codes()
    known = {user.code: user for user in User.objects.filter(code__in=list(codes.values()))}
    rows = []
    for role in PEOPLE:
        code = codes.get(role.key, "")
        rows.append(Row(role, known.get(code), role.lands.format(code=code) if code in known else ""))
    return rows


def who_enters(key: str) -> tuple[User, str] | None:
    """Whose account a role's button opens and where it leads; None when there is no such role or person."""
    role = BY_KEY.get(key)
    codes = _codes()
    if role is None or not (about := codes.get(role.key)):
        return None
    user = accounts.by_code(codes.get(role.enters, "") if role.enters else about)
    return (user, role.lands.format(code=about)) if user is not None and user.is_active else None


def table(site: str) -> list[str]:
    """The lines `make run` prints: role, name, what they do; all enter by one page."""
    rows = people()
    wide = max(_width(str(row.role.label)) for row in rows) + 2
    lines = [_padded(str(row.role.label), wide) + _padded(row.name or "—", 10) + str(row.role.who) for row in rows]
    return [*lines, f"{site}/demo/"]


def _codes() -> dict[str, str]:
    try:
        said = json.loads(demo_file().read_text(encoding="utf-8"))["people"]
        return {str(key): str(code) for key, code in said.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _padded(text: str, wide: int) -> str:
    return text + " " * max(1, wide - _width(text))


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
