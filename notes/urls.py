from django.urls import path

from notes.views import beginning, beside, drafts, ended, formats, handed, notes, searching, sitting, withdrawing

app_name = "notes"
urlpatterns = [
    path("today/", notes.today, name="today"),
    path("search/", searching.search, name="search"),
    path("clients/<uuid:client_id>/notes/", notes.overview, name="overview"),
    path("clients/<uuid:client_id>/notes/begin/", beginning.begin, name="begin"),
    path("clients/<uuid:client_id>/therapy/end/", ended.end_therapy, name="end_therapy"),
    path("clients/<uuid:client_id>/ended/", ended.browse, name="browse_ended"),
    path("notes/<uuid:note_id>/", notes.read, name="read"),
    path("notes/<uuid:note_id>/addendum/", notes.amend, name="amend"),
    path("notes/<uuid:note_id>/proof/", notes.prove, name="prove"),
    path("notes/<uuid:note_id>/withdraw/", withdrawing.withdraw, name="withdraw"),
    path("notes/<uuid:note_id>/carry/", withdrawing.carry, name="carry"),
    path("custody/clients/<uuid:client_id>/", handed.browse, name="browse_handed"),
    path("custody/notes/<uuid:note_id>/", handed.read, name="read_handed"),
    path("drafts/review/", sitting.review, name="review_all"),
    path("drafts/sign/", sitting.sign, name="sign_all"),
    path("formats/", formats.browse, name="browse_formats"),
    path("formats/write/", formats.write, name="write_format"),
    path("formats/withdraw/", formats.withdraw, name="withdraw_format"),
    path("drafts/<uuid:draft_id>/", drafts.write, name="write"),
    path("drafts/<uuid:draft_id>/date/", beginning.redate, name="redate"),
    path("drafts/<uuid:draft_id>/carry/", withdrawing.carry_from_draft, name="carry_from_draft"),
    path("drafts/<uuid:draft_id>/save/", drafts.save, name="save"),
    path("drafts/<uuid:draft_id>/beside/<uuid:note_id>/", beside.read, name="read_beside"),
    path("drafts/<uuid:draft_id>/review/", drafts.review, name="review"),
    path("drafts/<uuid:draft_id>/sign/", drafts.sign, name="sign"),
    path("drafts/<uuid:draft_id>/discard/", drafts.discard, name="discard"),
]
