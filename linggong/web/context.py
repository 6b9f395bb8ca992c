"""What every page knows: how large the words are, where the desk leads, whose market this is."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from linggong.web import navigation
from linggong.web.place import operator_of, place_of

MODE_COOKIE = "mode"


def page(request: HttpRequest) -> dict:
    """`page` in every template."""
    desk = getattr(request, "desk", "public")
    return {"page": _Page(request, desk)}


class _Page:
    """Looked up when a template asks, so that a fragment pays only for what it shows."""

    def __init__(self, request: HttpRequest, desk: str) -> None:
        self._request = request
        self.desk = desk
        self.demo = settings.DEMO
        self.path = request.path

    @property
    def mode(self) -> str:
        """normal or elder (大字版): the device's choice, then the person's, then WeChat's font scale."""
        chosen = self._request.COOKIES.get(MODE_COOKIE) or self._request.GET.get("mode")
        if chosen in ("normal", "elder"):
            return chosen
        user = getattr(self._request, "user", None)
        if user is not None and user.is_authenticated and user.large_print is not None:
            return "elder" if user.large_print else "normal"
        try:
            return "elder" if float(self._request.GET.get("fs", "1")) >= 1.25 else "normal"
        except ValueError:
            return "normal"

    @property
    def desk_tabs(self) -> list[dict]:
        return navigation.tabs(self.desk, self.path)

    @property
    def rail(self) -> list[dict]:
        return navigation.rail(self.desk, self.path)

    @property
    def place_name(self) -> str:
        return place_of(self._request).name

    @property
    def user_label(self) -> str:
        user = getattr(self._request, "user", None)
        return user.name if user is not None and user.is_authenticated else ""

    @property
    def person_code(self) -> str:
        """Whose acts wait on this phone: on a shared one, nobody sends another's."""
        user = getattr(self._request, "user", None)
        return user.code if user is not None and user.is_authenticated else ""

    @property
    def operator(self) -> dict:
        """What the operator entered about itself (decision 38); nothing is invented where nothing was entered."""
        return operator_of(self._request)

    @property
    def hotline(self) -> str:
        return self.operator.get("hotline", "")

    @property
    def market_name(self) -> str:
        return self.operator.get("market_name", "") or _("零工市场")

    @property
    def footer(self) -> dict:
        words = self.operator
        return {
            "licence_line": words.get("licence_line", ""),
            "filings": words.get("filings", ""),
            "label": _("招聘服务类"),
            "hotline": words.get("hotline", ""),
            "supervision_phone": words.get("supervision_phone", ""),
        }
