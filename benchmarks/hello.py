"""The least a Django view can do: the peer of the public list."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse  # noqa: TID251 — a view, if the smallest there is
from django.urls import path


@login_not_required
def hello(request: HttpRequest) -> HttpResponse:
    """One line of text, no database."""
    return HttpResponse("hello")


urlpatterns = [path("", hello)]
