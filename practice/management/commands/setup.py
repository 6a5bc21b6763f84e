"""Set a real practice up."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from practice.guides import Program, Terminal
from practice.retyping import NothingKept
from practice.setting_up import Sheet, WantedForm, require_room, set_up


class Command(BaseCommand):
    help = "Make a real practice, its first person and its recovery codes. Asks at the terminal, once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options. There is none for a secret: arguments can be read by every user of the machine."""
        parser.add_argument(
            "--from-stdin", action="store_true", help="read the answers as JSON, and write the codes as JSON, once"
        )

    def handle(self, *args: Any, from_stdin: bool, **options: Any) -> None:
        """Migrate, then lead whoever is there through the set-up."""
        call_command("migrate", interactive=False, verbosity=0)
        try:
            require_room()
            self._by_program() if from_stdin else self._by_person()
        except NothingKept as error:
            raise CommandError(str(error)) from error
        except (EOFError, KeyboardInterrupt) as stopped:
            raise CommandError("Stopped before the end. Nothing was kept.") from stopped

    def _by_person(self) -> None:
        guide = Terminal(self.stdout.write)
        form = guide.ask_what_is_wanted()
        sheet = set_up(wanted=form.cleaned_data, guide=guide, at=timezone.now())
        self.stdout.write(_words(sheet))

    def _by_program(self) -> None:
        try:
            form = WantedForm({"codes": 3, "needed": 2} | json.load(sys.stdin))
        except (ValueError, TypeError) as error:
            raise CommandError("The answers are not a JSON object.") from error
        if not form.is_valid():
            raise CommandError(form.errors.as_text())
        guide = Program()
        sheet = set_up(wanted=form.cleaned_data, guide=guide, at=timezone.now())
        self.stdout.write(json.dumps(asdict(sheet) | guide.told, indent=1))


def _words(sheet: Sheet) -> str:
    keys = "\n".join(f"  {name} key  {key['id']}\n             {key['public']}" for name, key in sheet.keys.items())
    return (
        f"\n{sheet.practice_name} is set up. Keep this with your papers; it is no secret:\n\n"
        f"  root        {sheet.root_id}\n{keys}\n\n"
        "Next: `python manage.py doctor` says what is still missing, `python manage.py serve` starts the practice,\n"
        "and docs/first-day.md leads to your first client."
    )
