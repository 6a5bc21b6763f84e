from django.urls import URLPattern, URLResolver, include, path
from django.views import View

from bench.twin import views

# Pages that the shared templates only link to.
_LINKED = {
    "access": ("sign_out", "leave", "find_help", "find_way_back", "send_code", "stay", "status", "read_account"),
    "clients": ("hand_over_caseload", "invite", "make_unit", "move_caseload", "read", "review_keeping"),
    "notes": ("today", "overview", "begin"),
    "practice": ("again", "choose_list", "choose_notes"),
}


def _app(app: str, *pages: URLPattern) -> URLResolver:
    places = [(name, f"{app}/{name}/{tail}") for name in _LINKED[app] for tail in ("", "<uuid:id>/")]
    return path("", include(([*pages, *(path(to, View.as_view(), name=name) for name, to in places)], app)))


urlpatterns = [
    _app("access", path("sign-in/", views.enter, name="sign_in")),
    _app("clients", path("clients/", views.browse, name="browse")),
    _app(
        "notes",
        path("notes/<uuid:note_id>/", views.read, name="read"),
        path("drafts/<uuid:draft_id>/save/", views.save, name="save"),
        path("drafts/<uuid:draft_id>/sign/", views.sign, name="sign"),
    ),
    _app("practice"),
]
