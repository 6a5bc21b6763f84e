"""Give a colleague new keys by the practice's printed codes."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from keys.services import Reach
from practice.guides import Program, Terminal
from practice.recovery.codes import ask_codes, codes_of
from practice.recovery.naming import name_vaults
from practice.recovery.renewing import Wanted, choose, recover
from practice.retyping import NothingKept


class Command(BaseCommand):
    help = "New keys for somebody who lost passphrase and recovery code. Needs the printed codes: docs/runbook.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options. There is none for a secret: arguments can be read by every user of the machine."""
        parser.add_argument("--from-stdin", action="store_true", help="read the answers as JSON, and write JSON, once")

    def handle(self, *args: Any, from_stdin: bool, **options: Any) -> None:
        """Lead whoever is there through the recovery."""
        try:
            self._by_program() if from_stdin else self._by_person()
        except (NothingKept, json.JSONDecodeError) as error:
            raise CommandError(str(error)) from error
        except (EOFError, KeyboardInterrupt) as stopped:
            raise CommandError("Stopped before the end. Nothing was kept.") from stopped

    def _by_person(self) -> None:
        guide = Terminal(self.stdout.write)
        person = input("Whose keys? Name or e-mail address: ")
        choose(person)
        codes = codes_of(ask_codes())
        wanted = Wanted(person, codes, guide.ask_passphrase())
        self.stdout.write(_words(recover(wanted=wanted, guide=guide, at=timezone.now())))

    def _by_program(self) -> None:
        given, guide = json.load(sys.stdin), Program()
        wanted = Wanted(given["person"], codes_of(given), given["passphrase"])
        reach = recover(wanted=wanted, guide=guide, at=timezone.now())
        self.stdout.write(json.dumps(guide.told | {"back": len(reach.back), "gone": name_vaults(reach.gone)}, indent=1))


_CLOSED = (
    "These stay closed for good, because the recovery key was never given them, or nobody signed that they may be read"
)


def _words(reach: Reach) -> str:
    gone = "".join(f"\n  {name}" for name in name_vaults(reach.gone))
    return (
        f"\nDone. {len(reach.back)} vaults open again with the new passphrase; the old keys open nothing any more."
        + (f"\n{_CLOSED}:{gone}" if gone else "")
    )
