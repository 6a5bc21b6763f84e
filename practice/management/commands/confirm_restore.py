"""Let open again what a restore put out of reach."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from access.services.signing_in import Proof
from audit.actors import Acting
from keys.services import held
from practice.backups.confirming import (
    CannotConfirm,
    confirm,
    confirmable,
    describe,
    holders_of_codes,
    manager_at_the_terminal,
    numbered,
)
from practice.recovery.codes import ask_codes, codes_of
from practice.recovery.errors import CannotRecover


class Command(BaseCommand):
    help = "List what a restore put out of reach, and let it open again by a manager's word. Steps: docs/runbook.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what to confirm and by whose word. No secret is an argument: those can be read by everybody here."""
        parser.add_argument("numbers", nargs="*", type=int, help="which of the list")
        parser.add_argument("--all", action="store_true", help="everything in the list but what was destroyed")
        parser.add_argument("--with-codes", action="store_true", help="by practice recovery codes, without a manager")
        parser.add_argument("--from-stdin", action="store_true", help="read what would be asked as JSON")

    def handle(self, *args: Any, numbers: list[int], **options: Any) -> None:
        """List, or confirm."""
        try:
            chosen = confirmable() if options["all"] else numbered(numbers)
            if chosen:
                given = json.load(sys.stdin) if options["from_stdin"] else _ask(with_codes=options["with_codes"])
                with _whoever_may(given) as by:
                    confirm(chosen, by=by, at=timezone.now())
                self.stdout.write(f"{len(chosen)} confirmed.")
        except (CannotConfirm, CannotRecover) as error:
            raise CommandError(str(error)) from error
        except (EOFError, KeyboardInterrupt) as stopped:
            raise CommandError("Stopped before the end. Nothing was confirmed.") from stopped
        left = [f"  {number}  {words}" for number, words in enumerate(describe(held()), start=1)]
        self.stdout.write(
            "\n".join(["Out of reach since the restore:", *left] if left else ["Nothing is out of reach."])
        )


@contextmanager
def _whoever_may(given: dict[str, Any]) -> Iterator[Acting]:
    if "codes" in given:
        yield holders_of_codes(codes_of(given))
        return
    with manager_at_the_terminal(Proof(**given), at=timezone.now()) as by:
        yield by


def _ask(*, with_codes: bool) -> dict[str, Any]:
    if with_codes:
        return ask_codes()
    return {
        "address": input("A manager's e-mail address: "),
        "passphrase": getpass("Passphrase (nothing shows while you type): "),
        "code": input("The six digits that the app shows now: "),
    }
