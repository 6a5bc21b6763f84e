from django.apps import AppConfig


class PracticeConfig(AppConfig):
    name = "practice"

    def ready(self) -> None:
        from practice import checks  # noqa: F401  (importing it registers the system checks)
        from practice.hardening import harden_process

        harden_process()
