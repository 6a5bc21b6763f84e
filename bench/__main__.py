"""``make bench``: speed and memory of the pages beside a plain Django twin, in one run.

    python -m bench [--postgres] [--runs N] [--small]

Both sides are served by the same server on the same kind of database and are asked in turns. Nothing here fails on a
slow machine: it prints ratios, and whether each aim is met.
"""

import argparse
import os
import secrets
import sys
import tempfile
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
import psycopg

from bench.size import SMALL, Size
from tests.postgres import OPTIONS, run_postgres

PROJECT = Path(__file__).resolve().parent.parent
# As in a practice: a commit is on the disk before the page says so.
DURABLE = {**OPTIONS, "fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}


def main(arguments: list[str]) -> None:
    """Make both sides, measure them, and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Speed and memory beside a plain Django app.")
    parser.add_argument("--postgres", action="store_true", help="on PostgreSQL instead of SQLite")
    parser.add_argument("--runs", type=int, default=30, help="how often each page is asked, after the warm-up")
    parser.add_argument("--small", action="store_true", help="a small scene, asked once: does everything answer?")
    chosen = parser.parse_args(arguments)
    var = PROJECT / "var"
    var.mkdir(exist_ok=True)
    # Not where temporary files are: that may be in memory, and commits cost nothing there.
    with tempfile.TemporaryDirectory(prefix="bench-", dir=var) as folder, _databases(folder, chosen.postgres) as urls:
        house_url, twin_url = urls
        os.environ.update(_environment(folder), DATABASE_URL=house_url)
        django.setup()
        from bench.run import run  # noqa: PLC0415 (models exist only now)

        run(Path(folder), twin_url=twin_url, size=SMALL if chosen.small else Size(runs=chosen.runs))


@contextmanager
def _databases(folder: str, postgres: bool) -> Iterator[tuple[str, str]]:
    """Give each side an empty database of its own, of the same kind."""
    if not postgres:
        yield f"sqlite:///{folder}/house.sqlite3", f"sqlite:///{folder}/twin.sqlite3"
        return
    with run_postgres(DURABLE) as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE twin")
        yield url, f"{url.rpartition('/')[0]}/twin"


def _environment(folder: str) -> dict[str, str]:
    """Name every setting that a `.env` could change."""
    keys = {name: b64encode(secrets.token_bytes(32)).decode() for name in ("PEPPER", "SERVICE_KEY")}
    places = {"VAR_DIR": folder, "KEY_DIR": f"{folder}/keys"}
    switches = {"DEMO": "1", "DEBUG": "0", "TLS": "0", "BEHIND_PROXY": "0"}
    chosen = {"DJANGO_SETTINGS_MODULE": "practice.settings", "SECRET_KEY": secrets.token_urlsafe(50)}
    return {**keys, **places, **switches, **chosen}


if __name__ == "__main__":
    main(sys.argv[1:])
