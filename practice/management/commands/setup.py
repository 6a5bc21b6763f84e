"""Set a real practice up, at the terminal or in a browser."""

import json
import os
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from access.services.first_run import allow_set_up
from practice.guides import Program, Terminal
from practice.retyping import NothingKept
from practice.setting_up import Sheet, WantedForm, require_room, set_up

_INVITATION = """
Open this address in a browser on this computer:

    {address}

and type this one-time code there. It works once, and for an hour:

    {code}

Leave this window open.
"""


class Command(BaseCommand):
    help = "Make a real practice, its first person and its recovery codes. Asks at the terminal or in a browser, once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options. There is none for a secret: arguments can be read by every user of the machine."""
        parser.add_argument(
            "--from-stdin", action="store_true", help="read the answers as JSON, and write the codes as JSON, once"
        )
        parser.add_argument(
            "--browser", action="store_true", help="show a one-time code, and serve the pages that ask for it"
        )
        parser.add_argument("--port", type=int, default=8000, help="where to serve those pages")

    def handle(self, *args: Any, from_stdin: bool, browser: bool, port: int, **options: Any) -> None:
        """Migrate, then lead whoever is there through the set-up, here or in a browser."""
        call_command("migrate", interactive=False, verbosity=0)
        try:
            require_room()
            if browser:
                self._in_browser(port)
            else:
                self._by_program() if from_stdin else self._by_person()
        except NothingKept as error:
            raise CommandError(str(error)) from error
        except (EOFError, KeyboardInterrupt) as stopped:
            raise CommandError("Stopped before the end. Nothing was kept.") from stopped

    def _in_browser(self, port: int) -> None:
        address = os.environ.get("BASE_URL", f"http://127.0.0.1:{port}")
        self.stdout.write(_INVITATION.format(address=f"{address}/set-up/", code=allow_set_up(at=timezone.now())))
        # The same server goes on as the practice's own: there is nothing to stop and start in between.
        call_command("serve", port=port)

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
