"""发消息 on the employer's side."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET, require_POST

from linggong.web import talking
from linggong.web.employer.standing import my_deal


@require_GET
def page(request: HttpRequest, code: str) -> HttpResponse:
    """`/e/deals/<code>/talk/`."""
    return talking.page(request, my_deal(request, code), **_here(code), back=f"/e/deals/{code}/")


@require_POST
def say(request: HttpRequest, code: str) -> HttpResponse:
    """发出去."""
    return talking.say(request, my_deal(request, code), **_here(code), back=f"/e/deals/{code}/")


@require_POST
def report(request: HttpRequest, code: str, message: str) -> HttpResponse:
    """这句不对劲."""
    return talking.report(request, my_deal(request, code), message, **_here(code))


def _here(code: str) -> dict[str, str]:
    return {"side": "employer", "here": f"/e/deals/{code}/talk/"}
