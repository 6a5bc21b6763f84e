from django.apps import AppConfig


class NotesConfig(AppConfig):
    name = "notes"

    def ready(self) -> None:
        from clients.unfinished import register_unfinished
        from notes.sealed import register
        from notes.services import exporting, lasting
        from notes.services.finding import has_begun

        register()
        register_unfinished(has_begun)
        lasting.register()
        exporting.register()
