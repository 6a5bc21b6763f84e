"""`make test`: the whole suite on SQLite and on PostgreSQL, side by side.

    python -m tests [--coverage] [pytest arguments]

SQLite's run is shown as it goes, PostgreSQL's when both have finished; the last two lines are the closing lines of
both. The exit code is 0 only if both ran tests and all of them passed.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

from tests.postgres import run_postgres

PROJECT = Path(__file__).resolve().parent.parent
# Kept until the next run, for whoever looks for the reason of a failure.
FOLDERS = PROJECT / "var/tests"
MEASUREMENTS = PROJECT / "var/coverage"
CLOSING_LINE = re.compile(r"^(?:=+ )?(.*\b(?:\d+ \w+|no tests ran) in \d+\.\d+s\b.*?)(?: =+)?$", re.MULTILINE)


@dataclass(frozen=True)
class Run:
    """One pytest process on one database, with a folder of its own for all it writes."""

    name: str
    folder: Path
    process: subprocess.Popen[bytes]

    @classmethod
    def start(cls, name: str, database_url: str, arguments: list[str], *, measured: bool) -> "Run":
        folder = FOLDERS / name.lower()
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "tmp").mkdir(parents=True)
        runner = ["coverage", "run", "-m", "pytest"] if measured else ["pytest"]
        process = subprocess.Popen(
            [sys.executable, "-m", *runner, f"--override-ini=cache_dir={folder}/cache", *arguments],
            cwd=PROJECT,
            env={**os.environ, "DATABASE_URL": database_url, "TMPDIR": str(folder / "tmp"), "PYTHONUNBUFFERED": "1"},
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


def run_both(arguments: list[str], *, measured: bool) -> list[Run]:
    """Run the suite on both databases at once and show what they say."""
    runs: list[Run] = []
    with run_postgres() as postgres_url:
        try:
            for name, url in {
                "SQLite": f"sqlite:///{FOLDERS}/sqlite/subrosa.sqlite3",
                "PostgreSQL": postgres_url,
            }.items():
                runs.append(Run.start(name, url, arguments, measured=measured))
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
    """Run both, print both closing lines, and return the exit code."""
    signal.signal(signal.SIGTERM, _leave)
    measured = "--coverage" in arguments
    if measured:
        shutil.rmtree(MEASUREMENTS, ignore_errors=True)
    runs = run_both([argument for argument in arguments if argument != "--coverage"], measured=measured)
    print()
    for run in runs:
        print(f"{run.name}: {run.closing_line}")
    return 0 if all(run.passed for run in runs) else 1


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    # As an exception, so that servers and folders are cleaned away on the way out.
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
