from django.apps import AppConfig


class ClientsConfig(AppConfig):
    name = "clients"

    def ready(self) -> None:
        from clients.sealed import register
        from clients.services import exporting

        register()
        exporting.register()
