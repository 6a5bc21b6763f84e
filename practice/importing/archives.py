"""Files as they were chosen, those in a ZIP among them. Nothing is unpacked onto a disk, and no name leads anywhere."""

import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePosixPath

from practice.importing.sheets import NotReadable

MOST_FILES = 2_000
LARGEST_FILE = 5 * 1024 * 1024
# What all of a ZIP may unpack to: far more than its files hold, far less than a server's memory.
LARGEST_WHOLE = 40 * 1024 * 1024
_ZIP, _LISTED = b"PK\x03\x04", b"PK\x01\x02"
_ENCRYPTED, _UTF8 = 0x1, 0x800
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# What macOS, Windows and word processors put beside files.
_SYSTEM_FOLDERS, _SYSTEM_FILES = ("__MACOSX",), ("thumbs.db", "desktop.ini")
_TOO_MANY = f"This ZIP has more than {MOST_FILES:,} files. Please part it."
_BROKEN = "This ZIP is damaged. Please pack it anew."
_TOO_LARGE = "It is too large to be a note."


@dataclass(frozen=True, repr=False)
class File:
    """One file. `problem` says why it stays closed."""

    path: str
    raw: bytes = b""
    problem: str = ""

    @property
    def suffix(self) -> str:
        return PurePosixPath(self.path).suffix.lower()


def unpack(chosen: Iterable[tuple[str, bytes]]) -> Iterator[File]:
    """Go through the files that were chosen, by name, and those of each ZIP among them.

    :raises NotReadable: a ZIP is damaged, has too many files, or unpacks to more than it may
    """
    for name, raw in chosen:
        if name.lower().endswith(".zip"):
            yield from _unpack(raw)
        else:
            yield File(name, raw)


def read_at_most(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int) -> bytes:
    """Read a file of a ZIP, whatever the ZIP says about its size.

    :raises NotReadable: it holds more bytes than the limit
    """
    with archive.open(info) as file:
        raw = file.read(limit + 1)
    if len(raw) > limit:
        raise NotReadable(_TOO_LARGE)
    return raw


def _unpack(raw: bytes) -> Iterator[File]:
    # Before its directory is read: each of its lines begins like this.
    if raw.count(_LISTED) > MOST_FILES:
        raise NotReadable(_TOO_MANY)
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw))
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise NotReadable(_BROKEN) from error
    left = LARGEST_WHOLE
    with archive:
        for info in archive.infolist():
            path = _name_of(info)
            if not info.is_dir() and not _is_of_the_system(path):
                file = _read(archive, info, path)
                left -= len(file.raw)
                if left < 0:
                    raise NotReadable("This ZIP unpacks to more than 40 MB. Please part it.")
                yield file


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: str) -> File:
    if info.flag_bits & _ENCRYPTED:
        return File(path, problem="It is locked with a password. Unlock it in your own program first.")
    if info.compress_type not in _METHODS:
        return File(path, problem="It is packed in a way that is not read here. Pack the ZIP anew in the usual way.")
    try:
        return File(path, read_at_most(archive, info, LARGEST_FILE))
    except NotReadable as error:
        return File(path, problem=str(error))
    except (zipfile.BadZipFile, RuntimeError, zlib.error, EOFError, ValueError):
        return File(path, problem="It is damaged in the ZIP.")


def _name_of(info: zipfile.ZipInfo) -> str:
    """Say what a file is called: macOS writes UTF-8 without the flag that says so."""
    name = info.filename
    if not info.flag_bits & _UTF8:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return name.replace("\\", "/")


def _is_of_the_system(path: str) -> bool:
    *folders, name = PurePosixPath(path).parts or ("",)
    is_hidden = name.startswith((".", "~$")) or name.lower() in _SYSTEM_FILES
    return is_hidden or any(folder in _SYSTEM_FOLDERS for folder in folders)
