"""Having pages printed by a press: a short-lived process, so that the server holds no layout library in memory."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from practice.paper.press import give, take

_PROGRAM = Path(__file__).with_name("press.py")
_SECONDS = 120
_AT_ONCE = threading.BoundedSemaphore(2)
# What a stranger's program may know of this machine: where its libraries are.
_ENVIRONMENT = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}


class NoPaper(Exception):
    """No PDF can be made on this machine, or not of this page."""

    def __str__(self) -> str:
        return (
            "This computer cannot make PDF files now. Whoever looks after it can run `python manage.py doctor`, which "
            "says what is missing."
        )


class Press:
    """A press that runs as long as it is needed. Two at a time in one server; others wait."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        _AT_ONCE.acquire()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        try:
            self._end()
        finally:
            _AT_ONCE.release()

    def print(self, html: str) -> bytes:
        """Make a PDF of one page of HTML.

        :returns: PDF 1.7 with tags, as PDF/UA-1 wants it
        :raises NoPaper: the press is missing something, ran out of memory or time, or cannot set this page
        """
        process = self._process = self._process or _start()
        with _watched(process):
            try:
                give(_pipe(process.stdin), html.encode())
                pdf = take(_pipe(process.stdout))
            except OSError:
                pdf = None
        if not pdf:
            self._end()
            raise NoPaper
        return pdf

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def print_page(html: str) -> bytes:
    """Make a PDF of one page by a press of its own, see :meth:`Press.print`."""
    with Press() as press:
        return press.print(html)


def _start() -> "subprocess.Popen[bytes]":
    # Isolated: neither the environment nor the folder it stands in brings code along. What it has to say when it
    # fails may quote the page, so nobody hears it.
    command = [sys.executable, "-I", str(_PROGRAM)]
    pipe, nobody = subprocess.PIPE, subprocess.DEVNULL
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=nobody, env=_ENVIRONMENT)  # noqa: S603 (our own)


def _pipe(end: IO[bytes] | None) -> "IO[bytes]":
    assert end is not None  # noqa: S101 (both were asked for)
    return end


@contextmanager
def _watched(process: "subprocess.Popen[bytes]") -> Iterator[None]:
    # Killed, its pipes end, and whoever waits at them goes on.
    timer = threading.Timer(_SECONDS, process.kill)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
