from django.urls import include, path

from practice import views
from practice.again import again
from practice.log.views import browse_log, read_entry
from practice.recovery.views import invite_back, recover, recover_care
from practice.rotation.views import follow_rotation

handler400 = "practice.errors.bad_request"
handler403 = "practice.errors.not_allowed"
handler404 = "practice.errors.not_found"
handler500 = "practice.errors.broken"

roof = (
    [
        path("", views.home, name="home"),
        path("my/", views.my_page, name="my_page"),
        path("healthz", views.healthz, name="healthz"),
        path("favicon.ico", views.favicon, name="favicon"),
        path("again/", again, name="again"),
        path("rotation/", follow_rotation, name="follow_rotation"),
        path("people/records-left-behind/", recover_care, name="recover_care"),
        path("people/<uuid:user_id>/new-keys/", recover, name="recover"),
        path("people/<uuid:user_id>/new-keys/invite/", invite_back, name="invite_back"),
        path("log/", browse_log, name="browse_log"),
        path("log/<uuid:entry_id>/", read_entry, name="read_entry"),
    ],
    "practice",
)

urlpatterns = [
    path("", include(roof)),
    path("", include("access.urls")),
    path("", include("notes.urls")),
    path("", include("consent.urls")),
    path("", include("clients.urls")),
]
