"""A practice at work, the folder of its backups, and an empty machine to restore on."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from practice.backups.folder import Backup, browse_backups
from tests.browser.server import PROJECT
from tests.postgres import find_binaries
from tests.practice.installation import Installation

CANARY = "canary-of-a-call-7731"


@dataclass
class Sheet:
    """What people of the demo type, shared by all copies of it: to print it takes longer than to use it."""

    lines: list[dict[str, str]] = field(default_factory=list)

    def line_of(self, who: str) -> dict[str, str]:
        [line] = [line for line in self.lines if line["key"] == who]
        return line

    def is_stale(self) -> bool:
        soon = datetime.now(UTC) + timedelta(seconds=12)
        return any(datetime.fromisoformat(line["valid_until"]) < soon for line in self.lines) or not self.lines


@dataclass
class Site(Installation):
    """A demo, for its passphrases and codes, with the programs of the server's own version at hand."""

    sheet: Sheet = field(default_factory=Sheet)

    @property
    def environment(self) -> dict[str, str]:
        programs = [] if self.database_url.startswith("sqlite") else [str(find_binaries())]
        return {**super().environment, "DEMO": "1", "PATH": os.pathsep.join([*programs, os.environ["PATH"]])}

    @property
    def backups(self) -> Path:
        return self.folder.parent / "backups"

    def clone(self, folder: Path) -> "Site":
        return Site(**vars(super().clone(folder)), sheet=self.sheet)

    def back_up(self) -> Backup:
        """Make a backup and give it."""
        self.manage("backup", str(self.backups))
        return browse_backups(self.backups)[-1]

    def beside(self, name: str) -> "Site":
        """Give an empty machine with this practice's secrets and key files, as from the stick."""
        other = Site.create(self.folder.parent / name)  # a name may be a whole path
        other.sheet = self.sheet
        shutil.copytree(self.folder / "keys", other.folder / "keys")
        shutil.copytree(self.folder / "demo", other.folder / "demo")
        return other

    def is_empty(self) -> bool:
        return self.tables() == []

    def come_in(self, who: str, **more: str) -> dict[str, Any]:
        """Let somebody of the demo sign in with passphrase and code, and perhaps write."""
        done = self.run_module("tests.practice.backups.desk", given=json.dumps(self.proof_of(who) | more))
        assert done.returncode == 0, done.stderr
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    def confirm(self, who: str, *which: str) -> subprocess.CompletedProcess[str]:
        """Let somebody confirm what a restore put out of reach."""
        return self.run("confirm_restore", *which, "--from-stdin", given=json.dumps(self.proof_of(who)))

    def proof_of(self, who: str) -> dict[str, str]:
        """Give what somebody types to come in now."""
        # People come in once in half a minute; a test comes in thrice, and does not wait for the next code.
        self.execute("UPDATE access_totpdevice SET last_step = 0")
        if self.sheet.is_stale():
            self.sheet.lines = self.read_sheet()
        line = self.sheet.line_of(who)
        return {name: line[name] for name in ("address", "passphrase", "code")}

    def run_module(self, name: str, *, given: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", name],
            cwd=PROJECT,
            env=self.environment,
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )
