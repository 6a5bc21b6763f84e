"""A demo practice of its own, served by the real server process."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from binascii import unhexlify
from contextlib import closing
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from django_otp.oath import totp
from psycopg import sql

from tests.postgres import find_free_port

PROJECT = Path(__file__).resolve().parents[2]
SECONDS_TO_START = 30
SECONDS_TO_STOP = 10


@dataclass
class DemoPractice:
    """A practice made by ``manage.py demo``: one folder, one database, nothing shared with the suite's own.

    The test process never opens the database through Django; it asks commands, or SQL where it plays the thief.
    """

    folder: Path
    database_url: str
    # The sheet's lines by their keys, each with the seed of the person's app.
    people: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "practice.settings",
            "DATABASE_URL": self.database_url,
            "DEMO": "1",
            "VAR_DIR": str(self.folder),
            "KEY_DIR": str(self.folder / "keys"),
            "TMPDIR": str(self.folder / "tmp"),
        }

    @classmethod
    def create(cls, folder: Path) -> "DemoPractice":
        """Make the demo on the database that this run of the suite is about."""
        (folder / "tmp").mkdir(parents=True)
        practice = cls(folder, create_database(folder))
        lines = json.loads(practice.run_module("tests.browser.make_demo", check=True).stdout)
        practice.people = {line["key"]: line for line in lines}
        return practice

    def clone(self, folder: Path) -> "DemoPractice":
        """Copy folder and database, which costs a fraction of a second where a new demo costs several."""
        shutil.copytree(self.folder, folder)
        return DemoPractice(folder, create_database(folder, template_url=self.database_url), deepcopy(self.people))

    def manage(self, *arguments: str) -> str:
        """Run a management command and return what it printed.

        :raises AssertionError: the command failed; its words are in the message
        """
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=PROJECT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"manage.py {' '.join(arguments)}:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def run_module(self, name: str, *, given: str = "", check: bool = False) -> subprocess.CompletedProcess[str]:
        """Run a module of the suite as a process of its own, in this practice."""
        return subprocess.run(
            [sys.executable, "-m", name],
            cwd=PROJECT,
            env=self.environment,
            input=given,
            capture_output=True,
            text=True,
            check=check,
        )

    def proof_of(self, key: str) -> dict[str, str]:
        """Give what somebody of the sheet types to come in now: address, passphrase and code."""
        # A code counts once. Tests come in more often than people do, and do not wait for the next one.
        self.execute("UPDATE access_totpdevice SET last_step = -1")
        line = self.people[key]
        code = f"{totp(unhexlify(line['seed'])):06d}"
        return {"address": line["address"], "passphrase": line["passphrase"], "code": code}

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        """Read the database as somebody would who holds nothing but the database."""
        if self.database_url.startswith("sqlite"):
            address = f"file:{_sqlite_file(self.database_url)}?mode=ro"
            with closing(sqlite3.connect(address, uri=True)) as connection:
                return list(connection.execute(statement))
        with psycopg.connect(self.database_url) as connection:
            return list(connection.execute(statement.encode()))

    def tables(self) -> list[str]:
        """Name every table."""
        if self.database_url.startswith("sqlite"):
            statement = "SELECT name FROM sqlite_master WHERE type = 'table'"
        else:
            statement = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        return [name for (name,) in self.query(statement)]

    def execute(self, statement: str) -> None:
        """Do to the database what somebody who writes to it could do."""
        if self.database_url.startswith("sqlite"):
            with closing(sqlite3.connect(_sqlite_file(self.database_url), timeout=5)) as file, file:
                file.execute(statement)
            return
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            connection.execute(statement.encode())

    def drop(self) -> None:
        """Remove the database; the folder belongs to pytest."""
        if not self.database_url.startswith("sqlite"):
            _run_on_postgres("DROP DATABASE {} WITH (FORCE)", self.database_url.rsplit("/", 1)[1])


@dataclass
class Server:
    """The real server process on a free loopback port, which a test may kill and start again."""

    practice: DemoPractice
    port: int = field(default_factory=find_free_port)
    process: subprocess.Popen[bytes] | None = None
    command: tuple[str, ...] = ("serve",)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.practice.folder / "server.log"

    def start(self) -> None:
        """Start the server, also again after a kill, and wait until it says that it is healthy."""
        self._launch(sys.executable, "manage.py", *self.command, "--port", str(self.port))
        self.wait()

    def wait(self) -> None:
        """Wait until the server says that it is healthy."""
        deadline = time.monotonic() + SECONDS_TO_START
        while not self.is_healthy():
            is_waiting = self.process is not None and self.process.poll() is None and time.monotonic() < deadline
            assert is_waiting, f"The server does not start:\n{self.log.read_text()}"
            time.sleep(0.05)

    def restart(self) -> None:
        """Kill the server, and start what `serve` had become: it looked at everything when it was started first.

        Does not :meth:`wait`.
        """
        assert self.process is not None
        became = Path(f"/proc/{self.process.pid}/cmdline").read_text().rstrip("\0").split("\0")
        self.kill()
        self._launch(*became)

    def _launch(self, *command: str) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=PROJECT,
                env={"BASE_URL": self.address, **self.practice.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Its own process group, so that workers fall together with their parent.
                start_new_session=True,
            )

    def is_healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def kill(self) -> None:
        """End the server as a power cut would: no handler runs, no buffer is written."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask the server to finish what it is doing and leave."""
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        if self.process is None:
            return
        os.killpg(self.process.pid, number)
        self.process.wait(timeout=SECONDS_TO_STOP)
        self.process = None


def create_database(folder: Path, *, template_url: str | None = None) -> str:
    """Create an empty database, or a copy of another, on the kind of server that this run of the suite uses."""
    if os.environ.get("DATABASE_URL", "sqlite").startswith("sqlite"):
        # A clone's file came along with its folder.
        return f"sqlite:///{folder}/subrosa.sqlite3"
    name = f"demo_{uuid.uuid4().hex}"
    template = template_url.rsplit("/", 1)[1] if template_url else "template0"
    _run_on_postgres("CREATE DATABASE {} TEMPLATE {}", name, template)
    return f"{os.environ['DATABASE_URL'].rsplit('/', 1)[0]}/{name}"


def _run_on_postgres(statement: str, *names: str) -> None:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _sqlite_file(url: str) -> str:
    return url.removeprefix("sqlite:///")
