from django.apps import AppConfig


class ConsentConfig(AppConfig):
    name = "consent"

    def ready(self) -> None:
        from consent.sealed import register
        from consent.services import exporting

        register()
        exporting.register()
