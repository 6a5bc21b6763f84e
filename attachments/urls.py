from django.urls import path

from attachments import views

app_name = "attachments"
urlpatterns = [
    path("clients/<uuid:client_id>/files/", views.browse, name="browse"),
    path("clients/<uuid:client_id>/files/attach/", views.add, name="add"),
    path("clients/<uuid:client_id>/files/<uuid:attachment_id>/", views.read, name="read"),
    path("clients/<uuid:client_id>/files/<uuid:attachment_id>/content/", views.fetch, name="fetch"),
    path("clients/<uuid:client_id>/files/<uuid:attachment_id>/show/", views.show, name="show"),
    path("clients/<uuid:client_id>/files/<uuid:attachment_id>/remove/", views.remove, name="remove"),
]
