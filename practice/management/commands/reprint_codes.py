"""Print new recovery codes of the practice, by enough of the old ones."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from keys.services import recovery_plan
from practice.guides import Program, Terminal
from practice.recovery.codes import ask_codes, codes_of
from practice.recovery.errors import CannotRecover
from practice.recovery.reprinting import Print, reprint
from practice.retyping import NothingKept


class Command(BaseCommand):
    help = "New recovery sheets by enough of the old ones, which then open nothing any more: docs/runbook.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options. There is none for a code: arguments can be read by every user of the machine."""
        parser.add_argument("--from-stdin", action="store_true", help="read the answers as JSON, and write JSON, once")

    def handle(self, *args: Any, from_stdin: bool, **options: Any) -> None:
        """Lead whoever is there through it."""
        guide = Program() if from_stdin else Terminal(self.stdout.write)
        try:
            given = json.load(sys.stdin) if from_stdin else _ask()
            reprint(wanted=_print(given), guide=guide, at=timezone.now())
        except (NothingKept, json.JSONDecodeError) as error:
            raise CommandError(f"{error} The old codes are still the ones.") from error
        except (EOFError, KeyboardInterrupt) as stopped:
            raise CommandError("Stopped before the end. The old codes are still the ones.") from stopped
        said = "Done. The old codes open nothing any more: destroy their sheets."
        self.stdout.write(json.dumps(guide.told, indent=1) if isinstance(guide, Program) else said)


def _ask() -> dict[str, Any]:
    count, needed = recovery_plan() or (0, 0)
    answers = ask_codes()
    answers["count"] = input(f"How many new sheets [{count}]: ") or count
    answers["needed"] = input(f"How many of them it takes [{needed}]: ") or needed
    return answers


def _print(given: dict[str, Any]) -> Print:
    codes = codes_of(given)
    try:
        return Print(codes, int(given["count"]), int(given["needed"]))
    except (KeyError, TypeError, ValueError) as error:
        raise CannotRecover("How many sheets, and how many of them it takes, are numbers.") from error
