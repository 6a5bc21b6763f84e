"""Serve the practice with the production server."""

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection


class Command(BaseCommand):
    help = "Serve with gunicorn on the loopback address; a proxy with TLS stands in front of a real practice."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, port: int, **options: Any) -> None:
        """Check, gather the static files, and become the server."""
        call_command("check", databases=["default"])
        call_command("collectstatic", interactive=False, verbosity=0)
        self.stdout.write(f"Serving on http://127.0.0.1:{port}/  (stop with Ctrl+C)")
        self.stdout.flush()
        connection.close()
        os.environ.setdefault("BASE_URL", f"http://127.0.0.1:{port}")
        arguments = gunicorn_arguments(port=port, vendor=connection.vendor)
        os.execv(sys.executable, [sys.executable, "-m", "gunicorn", *arguments])  # noqa: S606 (our own command)


def gunicorn_arguments(*, port: int, vendor: str) -> list[str]:
    """Choose the workers: SQLite has one writer, so one process with eight threads; PostgreSQL has room for more."""
    workers, threads = (1, 8) if vendor == "sqlite" else (2, 4)
    return [
        f"--bind=127.0.0.1:{port}",
        "--worker-class=gthread",
        f"--workers={workers}",
        f"--threads={threads}",
        "--access-logfile=/dev/null",
        "--log-level=warning",
        "--no-control-socket",
        f"--worker-tmp-dir={settings.RUN_DIR}",
        "practice.wsgi:application",
    ]
