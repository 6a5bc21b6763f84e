from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "plans"

    def ready(self) -> None:
        from plans.sealed import register
        from plans.services import exporting, lasting

        register()
        lasting.register()
        exporting.register()
