"""A practice at work, the folder of its backups, and an empty machine to restore on."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from practice.backups.folder import Backup, browse_backups
from tests.postgres import find_binaries
from tests.practice.installation import Installation

CANARY = "canary-of-a-call-7731"


@dataclass
class Site(Installation):
    """A demo, for its passphrases and codes, with the programs of the server's own version at hand."""

    @property
    def environment(self) -> dict[str, str]:
        programs = [] if self.database_url.startswith("sqlite") else [str(find_binaries())]
        return {**super().environment, "DEMO": "1", "PATH": os.pathsep.join([*programs, os.environ["PATH"]])}

    @property
    def backups(self) -> Path:
        return self.folder.parent / "backups"

    def clone(self, folder: Path) -> "Site":
        return Site(**vars(super().clone(folder)))

    def back_up(self) -> Backup:
        """Make a backup and give it."""
        self.manage("backup", str(self.backups))
        return browse_backups(self.backups)[-1]

    def beside(self, name: str) -> "Site":
        """Give an empty machine with this practice's secrets and key files, as from the stick."""
        other = Site.create(self.folder.parent / name)  # a name may be a whole path
        other.people = self.people
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
