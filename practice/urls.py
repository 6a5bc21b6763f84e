from django.urls import include, path

from practice import views
from practice.again import again

handler400 = "practice.errors.bad_request"
handler403 = "practice.errors.not_allowed"
handler404 = "practice.errors.not_found"
handler500 = "practice.errors.broken"

roof = (
    [
        path("", views.home, name="home"),
        path("healthz", views.healthz, name="healthz"),
        path("favicon.ico", views.favicon, name="favicon"),
        path("again/", again, name="again"),
    ],
    "practice",
)

urlpatterns = [
    path("", include(roof)),
    path("", include("access.urls")),
    path("", include("consent.urls")),
    path("", include("clients.urls")),
]
