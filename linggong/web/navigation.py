"""Where each desk leads (DESIGN §11): tabs on phones, a rail on desks. Always in the same place, always in words."""

from django.utils.translation import gettext_lazy as _

TABS = {
    "worker": [
        (_("找活"), "search", "/", ("/", "/jobs/", "/trades/")),
        (_("我的活"), "calendar-event", "/shifts/", ("/shifts/", "/today/")),
        (_("工钱"), "cash", "/wages/", ("/wages/",)),
        (_("我"), "user", "/me/", ("/me/", "/messages/", "/learn/")),
    ],
    "employer": [
        (_("招人"), "users-plus", "/e/", ("/e/", "/e/post/", "/e/jobs/")),
        (_("今天"), "calendar-event", "/e/today/", ("/e/today/",)),
        (_("钱"), "cash", "/e/money/", ("/e/money/",)),
        (_("我"), "user", "/e/me/", ("/e/me/", "/e/verify/")),
    ],
}

RAILS = {
    "station": [
        (_("登记"), "id", "/desk/", ("/desk/", "/desk/people/")),
        (_("代发活"), "pencil", "/desk/post/", ("/desk/post/",)),
        (_("派工"), "clipboard-check", "/desk/dispatch/", ("/desk/dispatch/", "/desk/draw/")),
        (_("打电话"), "phone", "/desk/calls/", ("/desk/calls/",)),
        (_("用工信息"), "speakerphone", "/desk/digest/", ("/desk/digest/",)),
        (_("审活"), "file-search", "/review/", ("/review/",)),
        (_("审雇主"), "building-store", "/desk/employers/", ("/desk/employers/",)),
        (_("查工钱"), "cash", "/desk/wages/", ("/desk/wages/",)),
        (_("要办的"), "headset", "/desk/cases/", ("/desk/cases/",)),
    ],
    "bureau": [
        (_("今天"), "chart-bar", "/bureau/", ("/bureau/",)),
        (_("链条"), "link", "/bureau/chain/", ("/bureau/chain/",)),
        (_("规则"), "scale", "/bureau/rules/", ("/bureau/rules/",)),
        (_("人员"), "users", "/bureau/people/", ("/bureau/people/",)),
        (_("谁看过"), "eye", "/bureau/audit/", ("/bureau/audit/",)),
        (_("设置"), "settings", "/bureau/settings/", ("/bureau/settings/",)),
    ],
}


def desk_of(path: str) -> str:
    """Whose page an address is, where no guard was asked yet."""
    desks = {"/e/": "employer", "/desk/": "station", "/review/": "station", "/bureau/": "bureau"}
    return next((desk for prefix, desk in desks.items() if path.startswith(prefix)), "public")


def tabs(desk: str, path: str) -> list[dict]:
    """The tab bar of a phone desk. The public desk shows the worker's: looking for work is the worker's first tab."""
    return _marked(TABS.get("worker" if desk == "public" else desk, []), path)


def rail(desk: str, path: str) -> list[dict]:
    """The rail of a staff desk."""
    return _marked(RAILS.get(desk, []), path)


def _marked(entries: list, path: str) -> list[dict]:
    def fit(prefixes: tuple[str, ...]) -> int:
        return max((len(p) for p in prefixes if path == p or (p != "/" and path.startswith(p))), default=-1)

    best = max((fit(prefixes) for *_rest, prefixes in entries), default=-1)
    return [
        {"label": label, "icon": icon, "url": url, "current": best >= 0 and fit(prefixes) == best}
        for label, icon, url, prefixes in entries
    ]
