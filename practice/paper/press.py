"""A program of its own: takes pages of HTML on its input and gives PDF back, until the input ends.

It imports nothing of Subrosa, has no secrets, no network and no file to write to, and forgets all when it ends. Pages
come and go as a length of eight bytes, big-endian, and as many bytes; no PDF is a length of nothing.
"""

import ctypes
import os
import resource
import sys
from pathlib import Path
from typing import IO

_PR_SET_DUMPABLE = 4
_MOST_MEMORY = 1 << 30  # bytes of addresses; a record of three hundred pages takes a fifth
_MOST_BYTES = 1 << 28  # of one piece
_LENGTH = 8


def main() -> None:
    """Give up what a press has no use for, then print what comes."""
    pages, out = sys.stdin.buffer, _own_output()
    _shut_in()
    # Only now: whatever the library does, it does shut in.
    import weasyprint  # noqa: PLC0415

    sheet = weasyprint.CSS(filename=Path(__file__).with_name("paper.css"))
    # A page that names anything outside itself is not printed at all.
    nothing = weasyprint.urls.URLFetcher(allowed_protocols=(), fail_on_errors=True)
    while (html := take(pages)) is not None:
        page = weasyprint.HTML(string=html.decode(), url_fetcher=nothing)
        give(out, page.write_pdf(stylesheets=[sheet], pdf_variant="pdf/ua-1") or b"")


def take(source: IO[bytes]) -> bytes | None:
    """Read one piece; None where the other side has ended, in its middle too, or says what no press says."""
    length = source.read(_LENGTH)
    size = int.from_bytes(length, "big")
    if len(length) < _LENGTH or size > _MOST_BYTES:
        return None
    piece = source.read(size)
    return piece if len(piece) == size else None


def give(target: IO[bytes], piece: bytes) -> None:
    """Write one piece."""
    target.write(len(piece).to_bytes(_LENGTH, "big") + piece)
    target.flush()


def _own_output() -> IO[bytes]:
    """Keep the output for pages alone: the library prints there what it misses, which would be taken for a length."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return out


def _shut_in() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Not a byte into any file: no temporary one, no cache.
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


if __name__ == "__main__":
    main()
