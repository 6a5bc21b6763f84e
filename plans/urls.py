from django.urls import path

from plans import views

app_name = "plans"
urlpatterns = [
    path("clients/<uuid:client_id>/plan/", views.read, name="read"),
    path("clients/<uuid:client_id>/plan/write/", views.write, name="write"),
    path("clients/<uuid:client_id>/plan/tick/", views.tick, name="tick"),
    path("clients/<uuid:client_id>/plan/versions/", views.look_back, name="look_back"),
]
