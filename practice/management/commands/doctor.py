"""Say what is missing."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from practice.doctor import examine
from practice.findings import Finding, Verdict

_ORDER = (Verdict.MISSING, Verdict.NOTE, Verdict.OK)


class Command(BaseCommand):
    help = "Say in plain words what this installation is missing, and what to do. Exit code 1 if something is."
    # What the checks would stop, this command explains.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--json", action="store_true", help="print it for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look at everything and print it, what is missing first."""
        findings = sorted(examine(at=timezone.now()), key=lambda finding: _ORDER.index(finding.verdict))
        missing = [finding for finding in findings if finding.verdict is Verdict.MISSING]
        if options["json"]:
            self.stdout.write(json.dumps([asdict(finding) for finding in findings], indent=1))
        else:
            summary = f"{len(missing)} missing." if missing else "Nothing is missing."
            self.stdout.write("\n".join([*map(_words, findings), "", summary]))
        if missing:
            sys.exit(1)


def _words(finding: Finding) -> str:
    do = f"\n          What to do: {finding.do}" if finding.do else ""
    return f"{finding.verdict.upper():8}  {finding.name}: {finding.says}{do}"
