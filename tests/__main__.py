"""`make test`: the whole suite on SQLite and on PostgreSQL, side by side.

    python -m tests [--coverage] [pytest arguments]

The whole suite runs in two parts on each database, four processes at once: much of what drives real programs is
waiting. With arguments of your own it is one process for each database. What the first run says is shown as it goes,
the others' when they have finished; the last lines are the closing lines of all. The exit code is 0 only if all of
them ran tests and every test passed.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

from tests.postgres import run_postgres

PROJECT = Path(__file__).resolve().parent.parent
# Kept until the next run, for whoever looks for the reason of a failure.
FOLDERS = PROJECT / "var/tests"
MEASUREMENTS = PROJECT / "var/coverage"
# What starts servers, browsers and commands of its own, and asks the database through them alone.
PROGRAMS = ["tests/browser", "tests/bench", "tests/practice/backups"]
PARTS = {"": ["tests", *(f"--ignore={folder}" for folder in PROGRAMS)], ", real programs": PROGRAMS}
CLOSING_LINE = re.compile(r"^(?:=+ )?(.*\b(?:\d+ \w+|no tests ran) in \d+\.\d+s\b.*?)(?: =+)?$", re.MULTILINE)


@dataclass(frozen=True)
class Run:
    """One pytest process on one database, with a folder of its own for all it writes."""

    name: str
    folder: Path
    process: subprocess.Popen[bytes]

    @classmethod
    def start(cls, name: str, database_url: str, arguments: list[str], *, measured: bool) -> "Run":
        """Start one.

        :param database_url: empty for a file of its own; whoever asks a server waits for it, and goes first
        """
        folder = FOLDERS / re.sub(r"\W+", "-", name.lower())
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "tmp").mkdir(parents=True)
        runner = ["coverage", "run", "-m", "pytest"] if measured else ["pytest"]
        polite = ["nice", "-n", "1"] if name == "SQLite" else []
        process = subprocess.Popen(
            [*polite, sys.executable, "-m", *runner, f"--override-ini=cache_dir={folder}/cache", *arguments],
            cwd=PROJECT,
            env={
                **os.environ,
                "DATABASE_URL": database_url or f"sqlite:///{folder}/subrosa.sqlite3",
                "TMPDIR": str(folder / "tmp"),
                "PYTHONUNBUFFERED": "1",
            },
            stdin=subprocess.DEVNULL,
            stdout=(folder / "output").open("wb"),
            stderr=subprocess.STDOUT,
        )
        return cls(name, folder, process)

    def show(self) -> None:
        """Copy the output to the terminal, up to the end of the run."""
        running = True
        with (self.folder / "output").open("rb") as output:
            while running:
                running = self.process.poll() is None
                sys.stdout.buffer.write(output.read())
                sys.stdout.buffer.flush()
                time.sleep(0.2 if running else 0)

    @property
    def closing_line(self) -> str:
        # Warnings of the interpreter may come after it.
        found = CLOSING_LINE.findall((self.folder / "output").read_text(errors="replace"))
        return str(found[-1]) if found else "it did not come to an end"

    @property
    def passed(self) -> bool:
        # A run whose every test was skipped ends with 0 too, and proves nothing.
        return self.process.returncode == 0 and " passed" in self.closing_line


def run_all(arguments: list[str], *, measured: bool) -> list[Run]:
    """Run the suite on both databases at once and show what they say."""
    parts = {"": arguments} if arguments else PARTS
    runs: list[Run] = []
    with ExitStack() as servers:
        wanted = [("SQLite", part, "") for part in parts]
        # A server for each part, because both would call their database by the same name.
        wanted += [("PostgreSQL", part, servers.enter_context(run_postgres())) for part in parts]
        try:
            for database, part, url in wanted:
                runs.append(Run.start(database + part, url, parts[part], measured=measured))
            for run in runs:
                print(f"\n== {run.name}", flush=True)
                run.show()
        finally:
            for run in runs:
                # As Ctrl+C, which lets pytest stop its own servers and browsers; nothing happens to a run that is over.
                run.process.send_signal(signal.SIGINT)
                run.process.wait()
    return runs


def main(arguments: list[str]) -> int:
    """Run all, print their closing lines, and return the exit code."""
    signal.signal(signal.SIGTERM, _leave)
    # A job in the background begins with Ctrl+C ignored, and so would the runs, which are stopped by it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    measured = "--coverage" in arguments
    if measured:
        shutil.rmtree(MEASUREMENTS, ignore_errors=True)
    runs = run_all([argument for argument in arguments if argument != "--coverage"], measured=measured)
    print()
    for run in runs:
        print(f"{run.name}: {run.closing_line}")
    return 0 if all(run.passed for run in runs) else 1


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    # As an exception, so that servers and folders are cleaned away on the way out.
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
