"""An expected no that a view did not catch becomes a page with the sentence, never a 500."""

from django.shortcuts import render

from linggong.core.refusals import Refused


class RefusedMiddleware:
    """Answers `Refused` with its status: the fragment for htmx, the page otherwise."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if not isinstance(exception, Refused):
            return None
        template = "409.html#refusal" if request.htmx else "409.html"
        return render(request, template, {"refusal": exception}, status=exception.status)
