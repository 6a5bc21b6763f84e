"""An installation without a practice."""

from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection

from tests.audit.sql import run


@pytest.fixture(autouse=True)
def empty(db: None, settings, tmp_path: Path) -> None:
    """Take the practice away where the suite's cast has one."""
    settings.KEY_DIR = str(tmp_path / "keys")
    for name in ("access.Practice", "keys.Root", "keys.RecoveryShare", "keys.SheetProof"):
        apps.get_model(name).objects.all().delete()
    forget_published_texts()


def forget_published_texts() -> None:
    """Take away what nobody can delete in a practice, and put the guards back."""
    forget = "DELETE FROM consent_version"
    if connection.vendor != "sqlite":
        run("ALTER TABLE consent_version DISABLE TRIGGER USER", forget, "SET CONSTRAINTS ALL IMMEDIATE")
        run("ALTER TABLE consent_version ENABLE TRIGGER USER", "SET CONSTRAINTS ALL DEFERRED")
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'consent_version'")
        guards = cursor.fetchall()
    run(*(f"DROP TRIGGER {name}" for name, _ in guards), forget, *(statement for _, statement in guards))
