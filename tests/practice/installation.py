"""An installation of its own, driven by its commands: its folder, its database, nothing of the suite's."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pytest

from tests.browser.server import PROJECT, DemoPractice, create_database

PASSPHRASE = "correct horse battery staple"
ANSWERS = {
    "practice_name": "Linden House",
    "name": "Ann Roe",
    "address": "ann@linden.example",
    "therapist": True,
    "passphrase": PASSPHRASE,
}


@dataclass
class Installation(DemoPractice):
    """Like a demo's, without the demo."""

    @property
    def environment(self) -> dict[str, str]:
        return {**super().environment, "DEMO": "0"}

    @classmethod
    def create(cls, folder: Path) -> Self:
        """Make an empty database on the server that this run of the suite is about."""
        (folder / "tmp").mkdir(parents=True)
        return cls(folder, create_database(folder))

    def clone(self, folder: Path) -> "Installation":
        return Installation(**vars(super().clone(folder)))

    def run(self, *arguments: str, given: str = "", **changes: str) -> subprocess.CompletedProcess[str]:
        """Run a command, whatever comes of it."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=PROJECT,
            env={**self.environment, **changes},
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )

    def set_up(self, **changes: object) -> dict[str, Any]:
        """Set a practice up by program and return what it was told."""
        done = self.run("setup", "--from-stdin", given=json.dumps(ANSWERS | changes))
        assert done.returncode == 0, done.stderr
        told: dict[str, Any] = json.loads(done.stdout)
        return told

    def is_empty(self) -> bool:
        """Say whether nothing of a practice was left behind."""
        tables = ("access_practice", "access_user", "keys_root", "keys_recoveryshare", "audit_entry")
        rows = [row for table in tables for row in self.query(f"SELECT 1 FROM {table}")]  # noqa: S608 (names of ours)
        return not rows and not self.key_files()

    def key_files(self) -> list[str]:
        return sorted(file.name for file in (self.folder / "keys").glob("*"))


class Keyboard:
    """A person at a real terminal: reads what the screen says up to a question, and types."""

    def __init__(self, installation: Installation, *arguments: str) -> None:
        self.screen = ""
        self._read_to = 0
        _need_terminals()
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            # Whoever runs the suite in the background has Ctrl+C ignored, and with it all that the suite starts.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.chdir(PROJECT)
            os.execve(sys.executable, [sys.executable, "manage.py", *arguments], installation.environment)  # noqa: S606 (our own command)

    def read_until(self, question: str) -> str:
        """Return what came since the last question, this one included."""
        while (found := self.screen.find(question, self._read_to)) < 0:
            assert self._read(), f"It ended before asking {question!r}:\n{self.screen}"
        begin, self._read_to = self._read_to, found + len(question)
        return self.screen[begin : self._read_to]

    def answer(self, question: str, text: str) -> str:
        said = self.read_until(question)
        os.write(self._terminal, text.encode() + b"\n")
        return said

    def press(self, key: bytes) -> None:
        os.write(self._terminal, key)

    def interrupt(self) -> int:
        """Press Ctrl+C, as people do until it is heard: Python misses one that comes just before it reads a line."""
        self.press(b"\x03")
        for _ in range(60):
            spoke, _, _ = select.select([self._terminal], [], [], 1)
            if not spoke:
                self.press(b"\x03")
            elif not self._read():
                return self.finish()
        pytest.fail(f"It goes on after a minute of Ctrl+C:\n{self.screen}")

    def finish(self) -> int:
        """Read to the end and return the exit code."""
        while self._read():
            pass
        os.close(self._terminal)
        _, status = os.waitpid(self.pid, 0)
        return os.waitstatus_to_exitcode(status)

    def _read(self) -> bool:
        spoke, _, _ = select.select([self._terminal], [], [], 60)
        assert spoke, f"It has said nothing for a minute:\n{self.screen}"
        data = b""
        with suppress(OSError):  # how Linux says that the other side of a terminal is gone
            data = os.read(self._terminal, 65536)
        self.screen += data.decode(errors="replace").replace("\r\n", "\n")
        return bool(data)


def codes_in(text: str) -> list[str]:
    """Find the codes of nine groups of four on a screen."""
    return re.findall(r"\b(?:[A-Z2-7]{4}-){8}[A-Z2-7]{4}\b", text)


def _need_terminals() -> None:
    """Skip where the system has no terminal to sit down at, such as a bare root folder without /dev/pts."""
    try:
        ends = os.openpty()
    except OSError as error:
        pytest.skip(f"no pseudo-terminal to be had: {error}")
    for end in ends:
        os.close(end)
