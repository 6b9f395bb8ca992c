"""An expected no that a view did not catch becomes a page with the sentence, never a 500; a full disk likewise."""

from django.http import Http404
from django.shortcuts import render

from linggong.core.refusals import Refused
from linggong.web.bad_days import bad_day


class RefusedMiddleware:
    """Answers `Refused` with its status: the fragment for htmx, the page otherwise."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if "\x00" in request.path_info:
            raise Http404  # no row can hold it, and PostgreSQL refuses to be asked for it
        return self.get_response(request)

    def process_exception(self, request, exception):
        if not isinstance(exception, Refused):
            return bad_day(request, exception)
        template = "409.html#refusal" if request.htmx else "409.html"
        return render(request, template, {"refusal": exception}, status=exception.status)
