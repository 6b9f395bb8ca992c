"""Which form of use suits a job: questions, and a suggestion. It decides nothing (建议, never 结论)."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __
from django.views.decorators.http import require_GET

from linggong.employers.queries import PERSONS
from linggong.postings.relation import BOTH, DAYS, FIRM, HIRER, LONG, PEOPLE, QUESTIONS, WEEKS, WORKER, Answers, suggest

WORDS = {
    PEOPLE: __("我个人、我家里"), FIRM: __("公司、店、合作社"), HIRER: __("我说了算"), WORKER: __("干活的人自己定"), BOTH: __("两边商量"),
    DAYS: __("几天"), WEEKS: __("几个星期"), LONG: __("一直干"), True: __("是"), False: __("不是"),
}  # fmt: skip


class Asked(forms.Form):
    """Nine short questions, none of them required."""

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        for name, (words, choices) in QUESTIONS.items():
            told = [(str(value), WORDS.get(value, _("{n} 小时").format(n=value)) if name != "daily_hours" else _("{n} 小时").format(n=value))
                    for value in choices]  # fmt: skip
            label = str(words).replace("?", "？").replace(",", "，").replace(":", "：")
            self.fields[name] = forms.ChoiceField(label=label, choices=told, required=False, widget=forms.RadioSelect)

    def answers(self) -> Answers:
        """Only what was answered."""
        said = {name: value for name, value in self.cleaned_data.items() if value != ""}
        for name in ("disciplined", "for_result"):
            if name in said:
                said[name] = said[name] == "True"
        if "daily_hours" in said:
            said["daily_hours"] = float(said["daily_hours"])
        return Answers(**said)


@require_GET
def relation(request: HttpRequest) -> HttpResponse:
    """`/e/relation/`: asks nothing of the server's memory; the answers stand in the address."""
    asked = any(name in request.GET for name in QUESTIONS)
    form = Asked(
        request.GET if asked else None, initial={"hirer": PEOPLE if request.employer.kind in PERSONS else FIRM}
    )
    told = suggest(form.answers()) if asked and form.is_valid() else None
    return render(
        request, "employer/relation.html", {"form": form, "told": told}, status=422 if asked and told is None else 200
    )
