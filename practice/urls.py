from django.urls import include, path

from practice import views
from practice.again import again
from practice.custody.views import release, stop_release
from practice.exporting.views import export, export_all, export_own, follow
from practice.first_run import views as first_run
from practice.importing.past_views import bring_notes, choose_notes
from practice.importing.views import bring_list, choose_list
from practice.log.views import browse_log, browse_record_log, read_entry
from practice.printing import views as printing
from practice.recovery.views import invite_back, recover, recover_care, recover_restricted
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
        path("set-up/", first_run.begin_set_up, name="begin_set_up"),
        path("set-up/practice/", first_run.set_up_names, name="set_up_names"),
        path("set-up/passphrase/", first_run.set_up_passphrase, name="set_up_passphrase"),
        path("set-up/second-factor/", first_run.set_up_app, name="set_up_app"),
        path("set-up/recovery-code/", first_run.set_up_code, name="set_up_code"),
        path("set-up/recovery-code/typed/", first_run.retype_set_up_code, name="retype_set_up_code"),
        path("set-up/sheets/", first_run.set_up_sheets, name="set_up_sheets"),
        path("set-up/sheets/print/", first_run.print_set_up_sheets, name="print_set_up_sheets"),
        path("set-up/sheets/typed/", first_run.finish_set_up, name="finish_set_up"),
        path("set-up/stop/", first_run.stop_set_up, name="stop_set_up"),
        path("rotation/", follow_rotation, name="follow_rotation"),
        path("people/records-left-behind/", recover_care, name="recover_care"),
        path("people/<uuid:user_id>/new-keys/", recover, name="recover"),
        path("people/<uuid:user_id>/new-keys/invite/", invite_back, name="invite_back"),
        path("people/<uuid:user_id>/restricted/", recover_restricted, name="recover_restricted"),
        path("people/<uuid:user_id>/custody/", release, name="release"),
        path("people/<uuid:user_id>/custody/stop/", stop_release, name="stop_release"),
        path("clients/bring/", choose_list, name="choose_list"),
        path("clients/bring/confirmed/", bring_list, name="bring_list"),
        path("notes/bring/", choose_notes, name="choose_notes"),
        path("notes/bring/confirmed/", bring_notes, name="bring_notes"),
        path("clients/export/", export_all, name="export_caseload"),
        path("clients/export/progress/", follow, name="follow_exports"),
        path("clients/<uuid:client_id>/export/", export, name="export_record"),
        path("clients/<uuid:client_id>/export/own-notes/", export_own, name="export_own_notes"),
        path("notes/<uuid:note_id>/print/", printing.note, name="print_note"),
        path("clients/<uuid:client_id>/print/", printing.record, name="print_record"),
        path("clients/<uuid:client_id>/consent/print/", printing.consent, name="print_consent"),
        path("clients/<uuid:client_id>/consent/print-form/", printing.blank_form, name="print_form"),
        path("log/", browse_log, name="browse_log"),
        path("clients/<uuid:client_id>/log/", browse_record_log, name="browse_record_log"),
        path("log/<uuid:entry_id>/", read_entry, name="read_entry"),
    ],
    "practice",
)

urlpatterns = [
    path("", include(roof)),
    path("", include("access.urls")),
    path("", include("notes.urls")),
    path("", include("plans.urls")),
    path("", include("measures.urls")),
    path("", include("attachments.urls")),
    path("", include("consent.urls")),
    path("", include("clients.urls")),
]
