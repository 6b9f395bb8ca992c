"""The whole public desk on one page. The doors (signing in, joining, setting up) are listed in doors_urls."""

from django.urls import path

from linggong.web.public import (
    about,
    apply,
    digest,
    draws,
    home,
    jobs,
    neighbours,
    report,
    stations,
    streets,
    trades,
    why,
)
from linggong.web.public.doors_urls import urlpatterns as doors

urlpatterns = [
    path("", home.home, name="home"),
    path("place/", streets.places_page, name="place"),
    path("place/choose/", streets.choose, name="choose_place"),
    path("place/here/", streets.here, name="stand_here"),
    path("trades/", trades.trades, name="trades"),
    path("jobs/<slug:code>/", jobs.job, name="job"),
    path("jobs/<slug:code>/apply/", apply.page, name="apply"),
    path("jobs/<slug:code>/apply/go/", apply.go, name="go"),
    path("jobs/<slug:code>/wait/", apply.wait, name="wait"),
    path("jobs/<slug:code>/applied/", apply.applied, name="applied"),
    path("jobs/<slug:code>/why/", why.why, name="why"),
    path("jobs/<slug:code>/report/", report.report, name="report"),
    path("jobs/<slug:code>/reported/", report.reported, name="reported"),
    path("neighbours/", neighbours.page, name="neighbours"),
    path("digest/", digest.here, name="digest_here"),
    path("digest/<slug:code>/", digest.of_place, name="digest"),
    path("stations/", stations.stations, name="stations"),
    path("stations/<slug:code>/", stations.station, name="station"),
    path("stations/<slug:code>/draw/", draws.draw, name="draw"),
    path("stations/<slug:code>/draw/check/", draws.check, name="draw_check"),
    path("how-sorted/", about.how_sorted, name="how_sorted"),
    path("rules/", about.rules, name="rules"),
    path("privacy/", about.privacy, name="privacy"),
    path("agreements/<slug:code>/check/", about.check_agreement, name="check_agreement"),
    path("healthz", about.healthz, name="healthz"),
    *doors,
]
