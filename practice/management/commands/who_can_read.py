"""Say who can read a client's record."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit.actors import System
from audit.services import AuditUnavailable
from clients.services.naming import find_named
from clients.services.readers import Door, list_readers, recovery_codes


class Command(BaseCommand):
    help = "List who holds the keys of a client's vaults. Opens nothing, names no client, and leaves a line in the log."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the client."""
        parser.add_argument("client", metavar="CLIENT_ID", help="a client's id, or the code of the lists and the log")

    def handle(self, *args: Any, client: str, **options: Any) -> None:
        """Look up the rows and print them, vault by vault."""
        found = find_named(client)
        if found is None:
            raise CommandError("There is no client with this id or code, or they are kept from managers.")
        try:
            doors = list_readers(by=System(), client=found, at=timezone.now())
        except AuditUnavailable as error:
            raise CommandError("The access log takes no entries, so nothing is shown: run doctor.") from error
        lines = [f"Client {found.code}", *(line for door in doors for line in _lines(door))]
        self.stdout.write("\n".join([*lines, "", f"The practice recovery key opens with {recovery_codes()}."]))


def _lines(door: Door) -> list[str]:
    of = f", {door.author}" if door.author else ""
    readers = [
        f"  {reader.name}{f' ({reader.place})' if reader.place else ''}, since {reader.since:%Y-%m-%d}"
        + (f", given by {reader.given_by}" if reader.given_by else "")
        + (f", until {reader.until:%Y-%m-%d %H:%M} UTC" if reader.until else "")
        for reader in door.readers
    ]
    unsigned = [f"  not counted, nobody signed that they may read: {name}" for name in door.unsigned]
    waiting = [f"  waiting for the key: {name}" for name in door.waiting]
    return ["", f"{door.kind.value}{of}", *(readers or ["  not made yet"]), *unsigned, *waiting]
