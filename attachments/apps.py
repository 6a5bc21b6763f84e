from django.apps import AppConfig


class AttachmentsConfig(AppConfig):
    name = "attachments"

    def ready(self) -> None:
        from attachments.sealed import register
        from attachments.services import exporting, lasting

        register()
        lasting.register()
        exporting.register()
