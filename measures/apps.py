from django.apps import AppConfig


class MeasuresConfig(AppConfig):
    name = "measures"

    def ready(self) -> None:
        from measures.sealed import register
        from measures.services import exporting, lasting

        register()
        lasting.register()
        exporting.register()
