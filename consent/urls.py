from django.urls import include, path

from consent.views import ceremony, publishing, questions, records, staff, units

app_name = "consent"
# The client's addresses say nothing: they stay behind in the history of a browser that others may use.
_pages_of_one_record = [
    path("", ceremony.begin, name="begin"),
    path("<int:number>/", ceremony.section, name="section"),
    path("<int:number>/ask/", ceremony.ask, name="ask"),
    path("check/", ceremony.check, name="check"),
    path("sign/", ceremony.sign, name="sign"),
    path("not-now/", ceremony.not_now, name="decline"),
    path("paper/", ceremony.paper, name="paper"),
    path("questions/", questions.browse_questions, name="browse_questions"),
    path("receipt/", records.receipt, name="receipt"),
    path("receipt/file/", records.download, name="download"),
    path("receipt/text.md", records.download_text, name="signed_text"),
    path("take-back/", records.take_back, name="withdraw"),
]
urlpatterns = [
    path("forms/<uuid:client_id>/", include(_pages_of_one_record)),
    path("clients/<uuid:client_id>/consent/", staff.read_record, name="read_record"),
    path("clients/<uuid:client_id>/consent/discussed/", staff.discuss, name="mark_discussed"),
    path("clients/<uuid:unit_id>/members/", units.browse_members, name="browse_members"),
    path("clients/<uuid:client_id>/questions/", questions.answer_questions, name="answer_questions"),
    path("clients/<uuid:client_id>/emergency/", staff.override, name="override"),
    path("limits/", publishing.read_text, name="read_text"),
    path("limits/choose/", publishing.choose, name="choose"),
    path("limits/publish/", publishing.publish, name="publish"),
    path("limits/<str:version>/text.md", publishing.download_text, name="download_text"),
    path("emergency-reasons/", staff.browse_overrides, name="browse_overrides"),
]
