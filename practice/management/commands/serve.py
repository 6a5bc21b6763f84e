"""Serve the practice with the production server."""

import os
import socket
import subprocess
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from practice.doctor import tables_are_old
from practice.serve_lock import Taken, share_for_life

_HOST = "127.0.0.1"


class Command(BaseCommand):
    help = "Serve with gunicorn on the loopback address; a proxy with TLS stands in front of a real practice."
    # They run once, the database's among them, in `handle`.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, port: int, **options: Any) -> None:
        """Check, gather the static files, and become the server."""
        _take_lock()
        self.check(databases=["default"])
        _require_tables()
        _require_port(port)
        call_command("collectstatic", interactive=False, verbosity=0)
        self.stdout.write(f"Serving on http://{_HOST}:{port}/  (stop with Ctrl+C)")
        self.stdout.flush()
        connection.close()
        os.environ.setdefault("BASE_URL", f"http://{_HOST}:{port}")
        if settings.BACKUP_DIR:
            # Beside the server, not within: what runs for months is no child of a process that holds open keys.
            clock = ["backup", settings.BACKUP_DIR, "--nightly-for", str(os.getpid())]
            subprocess.Popen([sys.executable, str(settings.BASE_DIR / "manage.py"), *clock])  # noqa: S603 (our own command)
        arguments = gunicorn_arguments(port=port, vendor=connection.vendor)
        os.execv(sys.executable, [sys.executable, "-m", "gunicorn", *arguments])  # noqa: S606 (our own command)


def _take_lock() -> None:
    try:
        share_for_life()
    except Taken as error:
        raise CommandError("A restore is at work here. Start again when it has ended.") from error


def _require_tables() -> None:
    if tables_are_old():
        raise CommandError(
            "The tables are not made yet, or are older than the program. For a new practice run "
            "`python manage.py setup`, for the demo `make run`, and after an update `python manage.py migrate`."
        )


def _require_port(port: int) -> None:
    """Find out before anything is announced; the server itself would try for five seconds and then only log."""
    with socket.socket() as probe:
        # As the server binds: a port that its last run has just left is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except (OSError, OverflowError) as error:
            raise CommandError(
                f"Port {port} cannot be used: {getattr(error, 'strerror', None) or error}. If this practice runs "
                f"already, open http://{_HOST}:{port}/; else take another port: `PORT=8001 make run`, or "
                "`python manage.py serve --port 8001`."
            ) from error


def gunicorn_arguments(*, port: int, vendor: str) -> list[str]:
    """Choose the workers: SQLite has one writer, so one process with eight threads; PostgreSQL has room for more."""
    workers, threads = (1, 8) if vendor == "sqlite" else (2, 4)
    return [
        f"--bind={_HOST}:{port}",
        "--worker-class=gthread",
        f"--workers={workers}",
        f"--threads={threads}",
        "--access-logfile=/dev/null",
        "--log-level=warning",
        "--no-control-socket",
        f"--worker-tmp-dir={settings.RUN_DIR}",
        "practice.wsgi:application",
    ]
