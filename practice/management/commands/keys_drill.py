"""Rehearse the recovery of the practice with its printed codes."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from keys.services import Rehearsal
from practice.recovery.codes import ask_codes, codes_of
from practice.recovery.drilling import drill_recovery
from practice.recovery.errors import CannotRecover
from practice.recovery.naming import name_vaults


class Command(BaseCommand):
    help = "Try the printed recovery codes on every vault, once a year. Nothing is shown or changed: docs/runbook.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options. There is none for a code: arguments can be read by every user of the machine."""
        parser.add_argument("--from-stdin", action="store_true", help='read {"codes": {"1": "…", "3": "…"}} as JSON')

    def handle(self, *args: Any, from_stdin: bool, **options: Any) -> None:
        """Rehearse, and say what it proved."""
        try:
            given = json.load(sys.stdin) if from_stdin else ask_codes()
            rehearsal = drill_recovery(codes=codes_of(given), at=timezone.now())
        except (CannotRecover, json.JSONDecodeError) as error:
            raise CommandError(f"{error} Nothing was opened.") from error
        except (EOFError, KeyboardInterrupt) as stopped:
            raise CommandError("Stopped before the end. Nothing was opened.") from stopped
        self.stdout.write(_words(rehearsal))
        if rehearsal.closed:
            raise CommandError("\n  ".join(["These should have opened and did not:", *name_vaults(rehearsal.closed)]))


def _words(rehearsal: Rehearsal) -> str:
    counts = ", ".join(f"{number} {kind}" for kind, number in sorted(rehearsal.opened.items())) or "none yet"
    apart = (
        f"\n{rehearsal.apart} process vaults stay closed: their authors keep them out of recovery."
        if rehearsal.apart
        else ""
    )
    return (
        "The codes open the practice's recovery key, and the root vouches for it. It opens the newest key of these "
        f"vaults: {counts}. No text was opened, and nothing was changed but one entry in the log.{apart}"
    )
