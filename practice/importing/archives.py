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
# What all that was chosen may unpack to: far more than its files hold, far less than a server's memory.
LARGEST_WHOLE = 40 * 1024 * 1024
# In all DOCX files together; a letter of one page has some hundreds.
MOST_ELEMENTS = 400_000
_ZIP, _LISTED = b"PK\x03\x04", b"PK\x01\x02"
_ENCRYPTED, _UTF8 = 0x1, 0x800
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# What macOS, Windows and word processors put beside files.
_SYSTEM_FOLDERS, _SYSTEM_FILES = ("__MACOSX",), ("thumbs.db", "desktop.ini")
_TOO_MANY = f"This ZIP has more than {MOST_FILES:,} files. Please part it."
_BROKEN = "This ZIP is damaged. Please pack it anew."
_TOO_MUCH = f"This unpacks to more than {LARGEST_WHOLE // 1024**2} MB. Please bring it in parts."
_LOCKED = "It is locked with a password. Unlock it in your own program first."
_PACKED_OTHERWISE = "It is packed in a way that is not read here. Pack the ZIP anew in the usual way."
_DAMAGED = "It is damaged. Pack it anew, or save it anew in your own program."
_TOO_LARGE = "It is too large to be a note."


class TooMuch(NotReadable):
    """More than is taken at a time: nothing further is opened, and no file of it comes in."""


class Room:
    """What all files that were chosen together may still unpack to, however many ZIP and DOCX files they lie in."""

    def __init__(self) -> None:
        self._bytes = LARGEST_WHOLE
        self._elements = MOST_ELEMENTS

    def take(self, size: int) -> None:
        """Take so many bytes before they are unpacked.

        :raises TooMuch: they are not left
        """
        self._bytes -= size
        if self._bytes < 0:
            raise TooMuch(_TOO_MUCH)

    def take_element(self) -> None:
        """Take one element of a document.

        :raises TooMuch: none is left
        """
        self._elements -= 1
        if self._elements < 0:
            raise TooMuch("There is more in these DOCX files than notes have. Please bring them in parts.")


@dataclass(frozen=True, repr=False)
class File:
    """One file. `problem` says why it stays closed."""

    path: str
    raw: bytes = b""
    problem: str = ""

    @property
    def suffix(self) -> str:
        return PurePosixPath(self.path).suffix.lower()


def unpack(chosen: Iterable[tuple[str, bytes]], room: Room) -> Iterator[File]:
    """Go through the files that were chosen, by name, and those of each ZIP among them.

    :raises NotReadable: a ZIP is damaged, or has too many files
    :raises TooMuch: together they unpack to more than they may
    """
    for name, raw in chosen:
        if name.lower().endswith(".zip"):
            yield from _unpack(raw, room)
        else:
            yield File(name, raw)


def open_zip(raw: bytes) -> zipfile.ZipFile:
    """Open a ZIP.

    :raises NotReadable: it is damaged, or has too many files
    """
    # Before its directory is read: each of its lines begins like this.
    if raw.count(_LISTED) > MOST_FILES:
        raise NotReadable(_TOO_MANY)
    try:
        return zipfile.ZipFile(io.BytesIO(raw))
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise NotReadable(_BROKEN) from error


def read_entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int, room: Room) -> bytes:
    """Read a file of a ZIP.

    :param limit: in bytes
    :raises NotReadable: it is locked, damaged or packed otherwise, or holds more than the limit
    :raises TooMuch: the room for all that was chosen does not suffice
    """
    if info.flag_bits & _ENCRYPTED:
        raise NotReadable(_LOCKED)
    if info.compress_type not in _METHODS:
        raise NotReadable(_PACKED_OTHERWISE)
    # No more comes out than the ZIP says, and what is too large or damaged has cost its unpacking too.
    room.take(min(info.file_size, limit))
    try:
        with archive.open(info) as file:
            raw = file.read(limit + 1)
    except (zipfile.BadZipFile, RuntimeError, zlib.error, EOFError, ValueError, OverflowError) as error:
        raise NotReadable(_DAMAGED) from error
    if len(raw) > limit:
        raise NotReadable(_TOO_LARGE)
    return raw


def _unpack(raw: bytes, room: Room) -> Iterator[File]:
    with open_zip(raw) as archive:
        for info in archive.infolist():
            path = _name_of(info)
            if not info.is_dir() and not _is_of_the_system(path):
                yield _read(archive, info, path, room)


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: str, room: Room) -> File:
    try:
        return File(path, read_entry(archive, info, LARGEST_FILE, room))
    except TooMuch:
        raise
    except NotReadable as error:
        return File(path, problem=str(error))


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
