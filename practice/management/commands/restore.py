"""Bring a practice back from a backup, or rehearse it."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from practice.backups.confirming import describe
from practice.backups.drilling import drill
from practice.backups.restoring import CannotRestore, Restored, restore


class Command(BaseCommand):
    help = "Bring a practice back from a backup, into an empty installation. Steps: docs/runbook.md."
    # There is nothing to check before there is something.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the folder, which backup, and how much is known of the time since."""
        parser.add_argument("folder", nargs="?", default=settings.BACKUP_DIR, help="default: BACKUP_DIR")
        parser.add_argument("--of", default="", metavar="NAME", help="which backup (default: the newest)")
        parser.add_argument("--nothing-since", action="store_true", help="nobody worked after the newest backup")
        parser.add_argument("--drill", action="store_true", help="restore beside the running practice, then throw away")

    def handle(self, *args: Any, folder: str, of: str, **options: Any) -> None:
        """Restore or rehearse, and say what comes next."""
        if not folder:
            raise CommandError("Name a folder, or set BACKUP_DIR in .env.")
        place, now = Path(folder), timezone.now()
        try:
            if options["drill"]:
                backup = drill(folder=place, stamp=of, at=now)
                self.stdout.write(f"{backup.stamp} was restored beside the practice, checked, and thrown away again.")
                return
            self.stdout.write(_words(restore(folder=place, stamp=of, settled=options["nothing_since"], at=now)))
        except CannotRestore as error:
            raise CommandError(str(error)) from error


def _words(restored: Restored) -> str:
    chosen = restored.chosen
    later = f" with the keys of {chosen.keys.stamp}" if chosen.keys != chosen.records else ""
    lines = [f"Restored {chosen.records.stamp}{later}. Compared with what stood at {chosen.latest.stamp}."]
    if restored.held:
        lines += [
            "Grants that had been taken away, passphrases that had been replaced, and accounts that nobody can vouch",
            "for since then are out of reach until a manager confirms them:",
            *(f"  {number}  {words}" for number, words in enumerate(describe(restored.held), start=1)),
            "Next: `python manage.py confirm_restore`.",
        ]
    return "\n".join(lines)
