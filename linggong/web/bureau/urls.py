"""The whole bureau desk on one page."""

from django.urls import path

from linggong.web.bureau import audit, chain, circles, decisions, employers, figures, people, rules, settings

urlpatterns: list = [
    path("", figures.day_page, name="today"),
    path("wall/", figures.wall, name="wall"),
    path("list/<slug:figure>/", figures.behind, name="behind"),
    path("circles/", circles.page, name="circles"),
    path("circles/register/", circles.register, name="register_grids"),
    path("chain/", chain.recent, name="chains"),
    path("chain/<slug:code>/", chain.one, name="chain"),
    path("decisions/<slug:code>/", decisions.one, name="decision"),
    path("rules/", rules.listed, name="rules"),
    path("rules/enter/", rules.enter, name="enter_rule"),
    path("rules/<int:pk>/adopt/", rules.adopt, name="adopt_rule"),
    path("rules/<int:pk>/approve/", rules.approve, name="approve_rule"),
    path("rules/<int:pk>/withdraw/", rules.withdraw, name="withdraw_rule"),
    path("people/", people.listed, name="people"),
    path("people/grant/", people.grant, name="grant"),
    path("people/<int:pk>/end/", people.end, name="end_grant"),
    path("audit/", audit.looks, name="audit"),
    path("audit/verify/", audit.verify, name="verify"),
    path("audit/events/", audit.events, name="events"),
    path("settings/", settings.page, name="settings"),
    path("settings/save/", settings.save, name="save_settings"),
    path("settings/deliveries/<int:pk>/retry/", settings.try_again, name="retry"),
    path("employers/", employers.listed, name="employers"),
    path("employers/<slug:code>/", employers.one, name="employer"),
    path("employers/<slug:code>/suspend/", employers.suspend, name="suspend"),
    path("employers/<slug:code>/lift/", employers.lift, name="lift"),
]
