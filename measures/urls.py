from django.urls import include, path

from measures.views import filling, staff, supervised

app_name = "measures"
# The client's addresses say nothing: they stay behind in the history of a browser that others may use.
_pages_of_one = [
    path("", filling.begin, name="begin"),
    path("<int:number>/", filling.answer, name="answer"),
    path("check/", filling.check, name="check"),
    path("sent/", filling.sent, name="sent"),
]
urlpatterns = [
    path("my/<uuid:client_id>/sheets/", filling.browse, name="my_measures"),
    path("my/<uuid:client_id>/sheets/<uuid:measure_id>/", include(_pages_of_one)),
    path("clients/<uuid:client_id>/measures/", staff.browse, name="browse"),
    path("clients/<uuid:client_id>/measures/ask/", staff.ask, name="ask"),
    path("clients/<uuid:client_id>/measures/together/<slug:instrument>/", staff.fill_in, name="fill_in"),
    path("clients/<uuid:client_id>/measures/<uuid:measure_id>/", staff.review, name="review"),
    path("supervision/<uuid:client_id>/measures/<uuid:measure_id>/", supervised.read, name="read_supervised"),
    path("clients/<uuid:client_id>/measures/<uuid:measure_id>/take-back/", staff.take_back, name="take_back"),
]
