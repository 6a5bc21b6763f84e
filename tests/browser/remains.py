"""What a thief would find: a search for words in everything that a practice leaves on a machine."""

import re
import zlib
from base64 import b64encode, urlsafe_b64decode
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote_plus

from tests.browser.server import DemoPractice

_CHUNK = 1 << 20


def find_in_the_clear(practice: DemoPractice, words: list[str]) -> list[str]:
    """Name every place where one of the words lies readable: files, logs, tables, sessions, mails, temporary files.

    :returns: one line per find; none when all is sealed
    """
    wanted = {form: word for word in words for form in forms_of(word)}
    finds = [f"{path}: {word}" for path in _files(practice) for word in _search(path, wanted)]
    for place, value in [*_cells(practice), *_sessions(practice)]:
        finds += [f"{place}: {word}" for form, word in wanted.items() if form in value]
    return finds


def forms_of(word: str) -> Iterator[bytes]:
    """Write a word as it may lie around: plain, UTF-16, hex, as in an address, in base64 at each of three offsets."""
    raw = word.encode()
    yield raw
    yield word.encode("utf-16-le")
    yield raw.hex().encode()
    yield quote_plus(word).encode()
    for offset in range(3):
        # The outer characters depend on the neighbours; what is left in the middle does not.
        coded = b64encode(b"\0" * offset + raw)
        yield coded[4 if offset else 0 : len(coded) // 4 * 4 - 4]


def _files(practice: DemoPractice) -> Iterator[Path]:
    folders = [practice.folder]
    if not practice.database_url.startswith("sqlite"):
        practice.execute("CHECKPOINT")
        folders.append(Path(str(practice.query("SHOW data_directory")[0][0])))
    for folder in folders:
        yield from (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def _search(path: Path, wanted: dict[bytes, str]) -> set[str]:
    longest = max(map(len, wanted))
    found, tail = set(), b""
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            found |= {word for form, word in wanted.items() if form in tail + chunk}
            tail = chunk[-longest:]
    return found


def _cells(practice: DemoPractice) -> Iterator[tuple[str, bytes]]:
    """Read every cell of every table, as a dump would."""
    for table in practice.tables():
        for row in practice.query(f'SELECT * FROM "{table}"'):  # noqa: S608 (a name out of the catalogue)
            for value in row:
                yield f"table {table}", value if isinstance(value, bytes) else str(value).encode()


def _sessions(practice: DemoPractice) -> Iterator[tuple[str, bytes]]:
    """Unpack what Django's sessions hold: signed and compressed, but not sealed."""
    for (data,) in practice.query("SELECT session_data FROM django_session"):
        payload = re.split(":", data, maxsplit=1)[0]
        packed = payload.startswith(".")
        raw = urlsafe_b64decode(payload.lstrip(".") + "==")
        yield "session", zlib.decompress(raw) if packed else raw
