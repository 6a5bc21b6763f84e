"""Print, write or check the access matrix."""

import difflib
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from practice.matrix import write_matrix


class Command(BaseCommand):
    help = "Print who may open which page. With --write: into docs/access-matrix.md. With --check: compare with it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        either = parser.add_mutually_exclusive_group()
        either.add_argument("--write", action="store_true", help="write docs/access-matrix.md")
        either.add_argument("--check", action="store_true", help="fail if docs/access-matrix.md says something else")

    def handle(self, *args: Any, write: bool, check: bool, **options: Any) -> None:
        """Do one of the three."""
        file, matrix = settings.BASE_DIR / "docs" / "access-matrix.md", write_matrix()
        if write:
            file.write_text(matrix)
        elif not check:
            self.stdout.write(matrix, ending="")
        elif difference := _difference(file.read_text() if file.exists() else "", matrix):
            raise CommandError(
                "practice/policy.py and docs/access-matrix.md disagree. If the change is meant, run "
                f"`python manage.py access_matrix --write` and have the difference reviewed.\n\n{difference}"
            )


def _difference(pinned: str, actual: str) -> str:
    lines = difflib.unified_diff(pinned.splitlines(), actual.splitlines(), "pinned", "now", lineterm="", n=0)
    return "\n".join(lines)
