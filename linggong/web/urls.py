"""The doors: each desk, and the guard it stands behind."""

from django.urls import include, path

from linggong.web import desk, parts
from linggong.web.bureau import urls as bureau
from linggong.web.employer import urls as employer
from linggong.web.public import urls as public
from linggong.web.station import urls as station
from linggong.web.worker import sos
from linggong.web.worker import urls as worker

handler400 = "linggong.web.errors.bad_request"
handler403 = "linggong.web.errors.forbidden"
handler404 = "linggong.web.errors.not_found"
handler500 = "linggong.web.errors.server_error"

urlpatterns = [
    path("", include((desk.guarded(public.urlpatterns, desk.public), "public"))),
    path("", include((desk.guarded(worker.urlpatterns, desk.worker), "worker"))),
    path("e/", include((desk.guarded(employer.urlpatterns, desk.employer), "employer"))),
    path("", include((desk.guarded(station.urlpatterns, desk.station), "station"))),
    path("bureau/", include((desk.guarded(bureau.urlpatterns, desk.bureau), "bureau"))),
    path("sos/", desk.guarded([path("", sos.page)], desk.public)[0].callback, name="sos"),
    path("parts/", desk.guarded([path("", parts.catalogue)], desk.public)[0].callback, name="parts"),
]
