"""Make a backup."""

from argparse import ArgumentParser
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit.services import AuditUnavailable
from practice.backups.making import CannotBackUp, Made, make_backup
from practice.backups.nightly import keep_watch


class Command(BaseCommand):
    help = "Write a backup of the running practice into a folder: ciphertext only, in two streams."
    # A practice in trouble is the one that needs a backup.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the folder and the clock."""
        parser.add_argument("folder", nargs="?", default=settings.BACKUP_DIR, help="default: BACKUP_DIR")
        parser.add_argument("--nightly-for", type=int, metavar="PID", help="as `serve` does: each night while PID runs")

    def handle(self, *args: Any, folder: str, nightly_for: int | None, **options: Any) -> None:
        """Make one now, or one each night."""
        if not folder:
            raise CommandError("Name a folder, or set BACKUP_DIR in .env.")
        if nightly_for is not None:
            # Ctrl+C in the terminal of `serve` reaches this process too.
            with suppress(KeyboardInterrupt):
                keep_watch(Path(folder), server=nightly_for)
            return
        try:
            self.stdout.write(_words(make_backup(folder=Path(folder), at=timezone.now())))
        except CannotBackUp as error:
            raise CommandError(str(error)) from error
        except AuditUnavailable as error:
            raise CommandError("The backup is whole, but the access log takes no entries: run doctor.") from error


def _words(made: Made) -> str:
    expired = f"Keys older than 35 days were removed: {', '.join(made.expired)}.\n" if made.expired else ""
    return (
        f"Backup {made.backup.stamp} is whole.\n  {made.backup.records}\n  {made.backup.keys}"
        f"  (keys: removed after {made.keys_until:%Y-%m-%d}, also from every copy that you make)\n{expired}"
        f"Not in it, and needed to restore: the file .env and the folder {settings.KEY_DIR}. Keep copies of both apart "
        "from the backups, and the printed recovery codes apart from all of it."
    )
