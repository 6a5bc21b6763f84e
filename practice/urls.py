from django.urls import include, path

from practice import views
from practice.reopening import again

handler400 = "practice.views.bad_request"

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
]
