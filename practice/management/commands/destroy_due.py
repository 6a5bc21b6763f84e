"""Destroy what managers decided to destroy, once its thirty days are over."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from practice.destroying import destroy_due


class Command(BaseCommand):
    help = (
        "Destroy the records that somebody decided to destroy thirty days ago. Needs no key; `serve` does it nightly."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Destroy, and say what came of it."""
        destroyed = destroy_due(at=timezone.now())
        for tombstone in destroyed:
            self.stdout.write(
                f"The record of client {'not named here' if tombstone.hidden else tombstone.code} is destroyed here. "
                f"With backups it is complete on {timezone.localtime(tombstone.complete_at):%Y-%m-%d}."
            )
        if not destroyed:
            self.stdout.write("Nothing waits to be destroyed.")
