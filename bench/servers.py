"""Both sides as they are served: the same server with the same arguments, and how much memory its workers hold."""

import os
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from practice.management.commands.serve import gunicorn_arguments
from tests.postgres import find_free_port

_SECONDS_TO_START = 30
_SAMPLE_SECONDS = 0.005


@dataclass(frozen=True)
class Server:
    """A running server: its port and its first process, whose children are the workers."""

    port: int
    process: subprocess.Popen[bytes]

    def memory(self) -> float:
        """Add up what the workers hold, in MiB; what they share counts once (proportional set size)."""
        return sum(_kib(worker) for worker in self._workers()) / 1024

    @contextmanager
    def peak(self) -> Iterator[list[float]]:
        """Watch the workers' memory; the list that is given holds the highest value in the end, in MiB."""
        highest, done = [self.memory()], threading.Event()

        def watch() -> None:
            while not done.wait(_SAMPLE_SECONDS):
                highest[0] = max(highest[0], self.memory())

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            yield highest
        finally:
            done.set()
            watcher.join()

    def _workers(self) -> list[str]:
        first = self.process.pid
        return Path(f"/proc/{first}/task/{first}/children").read_text().split()


@contextmanager
def serve(environment: dict[str, str], *, vendor: str, log: Path) -> Iterator[Server]:
    """Serve one side until the end of the block.

    :param vendor: the database's, which decides how many workers there are
    :param log: a file for what the server says
    :raises RuntimeError: it does not start; its words are in the message
    """
    port = find_free_port()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", *gunicorn_arguments(port=port, vendor=vendor)],
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        _wait(port, process, log)
        yield Server(port, process)
    finally:
        process.terminate()
        process.wait()


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _SECONDS_TO_START
    while not _answers(port):
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"The server does not start:\n{log.read_text()}")
        time.sleep(0.05)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in/", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _kib(worker: str) -> int:
    # A process with open keys shows its map to root alone. What everybody sees counts shared pages in full.
    try:
        name, text = "Pss:", Path(f"/proc/{worker}/smaps_rollup").read_text()
    except PermissionError:
        name, text = "VmRSS:", Path(f"/proc/{worker}/status").read_text()
    return next(int(row.split()[1]) for row in text.splitlines() if row.startswith(name))
