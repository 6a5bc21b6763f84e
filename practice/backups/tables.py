"""Which table belongs to which stream, and which to none."""

from django.apps import apps

_HALVES = ("access.KeySession", "access.SetUp", "sessions.Session")


def key_tables() -> list[str]:
    """Name the tables that the stream of keys holds: all of the app `keys`, and nothing else."""
    return sorted(model._meta.db_table for model in apps.get_app_config("keys").get_models())


def left_out() -> list[str]:
    """Name the tables whose rows no backup holds: halves of open sessions, and of a set-up that has not ended."""
    return [apps.get_model(name)._meta.db_table for name in _HALVES]
