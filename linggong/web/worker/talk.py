"""发消息 on the worker's side."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET, require_POST

from linggong.web import talking
from linggong.web.worker import rows


@require_GET
def page(request: HttpRequest, code: str) -> HttpResponse:
    """`/shifts/<code>/talk/`."""
    return talking.page(request, rows.own_deal(request, code), **_here(code), back=f"/shifts/{code}/")


@require_POST
def say(request: HttpRequest, code: str) -> HttpResponse:
    """发出去."""
    return talking.say(request, rows.own_deal(request, code), **_here(code), back=f"/shifts/{code}/")


@require_POST
def report(request: HttpRequest, code: str, message: str) -> HttpResponse:
    """这句不对劲."""
    return talking.report(request, rows.own_deal(request, code), message, **_here(code))


def _here(code: str) -> dict[str, str]:
    return {"side": "worker", "here": f"/shifts/{code}/talk/"}
