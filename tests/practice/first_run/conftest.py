"""An installation without a practice."""

from pathlib import Path

import pytest
from django.apps import apps


@pytest.fixture(autouse=True)
def empty(db: None, settings, tmp_path: Path) -> None:
    """Take the practice away where the suite's cast has one."""
    settings.KEY_DIR = str(tmp_path / "keys")
    for name in ("access.Practice", "keys.Root", "keys.RecoveryShare", "keys.SheetProof"):
        apps.get_model(name).objects.all().delete()
