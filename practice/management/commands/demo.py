"""Make the demo practice, or print its sign-in sheet."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from practice.demo import NotADemo, demo_exists, make_demo, sheet
from practice.doctor import tables_are_old


class Command(BaseCommand):
    help = "Make a demo practice with invented people (demo mode only). With --sheet: print how to sign in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--sheet", action="store_true", help="only print the sheet, with fresh codes")
        parser.add_argument("--json", action="store_true", help="print it for programs")

    def handle(self, *args: Any, sheet: bool, json: bool, **options: Any) -> None:
        """Migrate, make the demo where there is none, and print the sheet."""
        if not sheet:
            call_command("migrate", interactive=False, verbosity=0)
        try:
            exists = not (sheet and tables_are_old()) and demo_exists()
        except NotADemo as error:
            raise CommandError(str(error)) from error
        if not exists and sheet:
            raise CommandError("There is no demo here yet. Run `make run` first.")
        if not exists:
            make_demo()
        self._print(as_json=json)

    def _print(self, *, as_json: bool) -> None:
        lines = sheet()
        if as_json:
            self.stdout.write(json.dumps(lines, indent=1))
            return
        self.stdout.write("Sign-in sheet of the demo practice (invented people, codes valid for about a minute)\n")
        for line in lines:
            self.stdout.write(f"  {line['name']}, {line['role']}")
            self.stdout.write(f"    address     {line['address']}")
            self.stdout.write(f"    passphrase  {line['passphrase']}")
            self.stdout.write(f"    code        {line['code']}")
            # The sheet of an older demo has none.
            if line.get("recovery_code"):
                self.stdout.write(f"    recovery    {line['recovery_code']}")
            if line.get("recovery_sheet"):
                self.stdout.write(f"    sheet 1     {line['recovery_sheet']}  (the practice's; a real one has several)")
        self.stdout.write("\nA fresh code:  .venv/bin/python manage.py demo --sheet")
