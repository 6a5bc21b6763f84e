#!/usr/bin/env python3
"""The command line of a practice."""

import os
import sys

from practice.environment import NEED_NONE, prepare
from practice.mishaps import read_settings, said_plainly


def main() -> None:
    """Run one command, after making sure that its secrets exist and its settings can be read."""
    with said_plainly():
        prepare(sys.argv[1:2])
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "practice.settings")
        if not NEED_NONE.issuperset(sys.argv[1:2]):
            read_settings()
        # Only now: Django reads its settings as soon as it is imported here.
        from django.core.management import execute_from_command_line  # noqa: PLC0415

        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
