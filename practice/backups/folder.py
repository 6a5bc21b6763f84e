"""How backups lie in their folder, and which of them are whole.

::

    records/2026-03-01T023000Z/   everything but keys and sessions, and manifest.json, which vouches for both folders
    keys/2026-03-01T023000Z/      the tables of keys, and the list of what could open something; gone after 35 days

Each folder is filled under another name and then renamed. The one with the manifest comes last: without it, whatever
else lies there is no backup.
"""

import fcntl
import hashlib
import hmac
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings

from keys.services import BACKUPS_KEEP_KEYS, Label, service_mac

RECORDS, KEYS, MANIFEST, STANDING = "records", "keys", "manifest.json", "standing.json"
# In the list of what could open something: what was destroyed, so that an older backup does not bring it back unseen.
TOMBSTONES = "tombstones"
_FORMAT = 1
_STAMP = "%Y-%m-%dT%H%M%SZ"
_LOCK = ".lock"
# Of a run that was killed; whoever holds the lock may remove them.
UNFINISHED = ".unfinished-"


class BackupDamaged(RuntimeError):
    """A file of the backup is missing or is not as it was written; the message names it."""


@dataclass(frozen=True)
class Backup:
    """One whole backup."""

    folder: Path
    stamp: str

    @classmethod
    def of(cls, folder: Path, at: datetime) -> "Backup":
        return cls(folder, at.astimezone(UTC).strftime(_STAMP))

    @property
    def made_at(self) -> datetime:
        return datetime.strptime(self.stamp, _STAMP).replace(tzinfo=UTC)

    @property
    def records(self) -> Path:
        return self.folder / RECORDS / self.stamp

    @property
    def keys(self) -> Path:
        return self.folder / KEYS / self.stamp

    @property
    def has_keys(self) -> bool:
        return self.keys.is_dir()

    @property
    def uid(self) -> UUID:
        """The manifest's own hash, cut to an id: the log's entry commits to it."""
        return UUID(bytes=hashlib.sha256(self._written).digest()[:16])

    @property
    def manifest(self) -> dict[str, Any]:
        """What the manifest says, once it is known to be this practice's own.

        :raises BackupDamaged: it was changed, or made with other secrets than those of this `.env`
        """
        name = self.records / MANIFEST
        try:
            body, mac = self._written.split(b"\n")
            if not hmac.compare_digest(_mac_of(body), bytes.fromhex(mac.decode("ascii"))):
                raise BackupDamaged(f"{name} was changed, or SERVICE_KEY or PEPPER of .env are not the practice's own.")
            manifest: dict[str, Any] = json.loads(body)
        except ValueError as error:
            raise BackupDamaged(f"{name} is not as it was written.") from error
        return manifest

    @cached_property
    def _written(self) -> bytes:
        try:
            return (self.records / MANIFEST).read_bytes()
        except OSError as error:
            raise BackupDamaged(f"{self.records / MANIFEST} cannot be read.") from error

    def verify(self, *streams: str) -> None:
        """Compare every file of these streams with the manifest.

        :raises BackupDamaged: one is missing or has other bytes; nothing else was looked at
        """
        for name, digest in self.manifest["files"].items():
            stream, _, file_name = name.partition("/")
            file = self.folder / stream / self.stamp / file_name
            if stream in streams and not file.is_file():
                raise BackupDamaged(f"{file} is missing.")
            if stream in streams and _digest(file) != digest:
                raise BackupDamaged(f"{file} is not as it was written: its SHA-256 differs from the manifest's.")


def browse_backups(folder: Path) -> list[Backup]:
    """List the whole backups of a folder, oldest first."""
    return [Backup(folder, file.parent.name) for file in sorted((folder / RECORDS).glob(f"[0-9]*/{MANIFEST}"))]


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Let one process at a time work in the folder, and clear away what a killed one left."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / _LOCK).open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        for leftover in [*folder.glob(f"{UNFINISHED}*"), *Path(settings.RUN_DIR).glob(f"{UNFINISHED}*")]:
            shutil.rmtree(leftover)
        yield


@contextmanager
def new_backup(folder: Path, *, facts: dict[str, Any], at: datetime) -> Iterator[tuple[Path, Path]]:
    """Yield two empty folders, for records and for keys; make a backup of them when they were filled.

    :param facts: what the manifest says besides the time and the files
    """
    backup = Backup.of(folder, at)
    unfinished = folder / f"{UNFINISHED}{backup.stamp}"
    filled = {stream: unfinished / stream for stream in (KEYS, RECORDS)}
    try:
        for place in filled.values():
            place.mkdir(mode=0o700, parents=True)
        yield filled[RECORDS], filled[KEYS]
        _write_manifest(filled, {"format": _FORMAT, "made_at": at.isoformat(), **facts})
        for stream, place in filled.items():
            (folder / stream).mkdir(mode=0o700, exist_ok=True)
            place.rename(folder / stream / backup.stamp)
            _sync(folder / stream)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def prune(folder: Path, *, at: datetime) -> list[str]:
    """Remove keys older than 35 days, and records too, but for the first backup of each month.

    :returns: the stamps of the backups whose keys went
    """
    old = [backup for backup in browse_backups(folder) if at - backup.made_at > BACKUPS_KEEP_KEYS]
    firsts = {backup.stamp[:7]: backup for backup in reversed(browse_backups(folder))}.values()
    expired = [backup.stamp for backup in old if backup.has_keys]
    for backup in old:
        if backup not in firsts:
            _remove(backup.records)
    # Also those whose records are gone or were never whole: a key must not outlive its time for want of a manifest.
    for place in (folder / KEYS).glob("[0-9]*"):
        if at - Backup(folder, place.name).made_at > BACKUPS_KEEP_KEYS:
            _remove(place)
    return expired


def _remove(place: Path) -> None:
    if place.is_dir():
        # Renamed first: a half removed backup must not look whole either.
        gone = place.rename(place.parent.parent / f"{UNFINISHED}{place.parent.name}-{place.name}")
        shutil.rmtree(gone)


def _write_manifest(filled: dict[str, Path], facts: dict[str, Any]) -> None:
    files = {}
    for stream, place in filled.items():
        for file in sorted(place.iterdir()):
            file.chmod(0o600)
            _sync(file)
            files[f"{stream}/{file.name}"] = _digest(file)
    body = json.dumps(facts | {"files": files}, sort_keys=True).encode("ascii")
    manifest = filled[RECORDS] / MANIFEST
    manifest.write_bytes(body + b"\n" + _mac_of(body).hex().encode("ascii"))
    for place in (manifest, *filled.values()):
        _sync(place)


def _mac_of(body: bytes) -> bytes:
    # With PEPPER: without it nobody signs in again, which is better known before a restore than after.
    return service_mac(Label.BACKUP_MANIFEST, body, settings.PEPPER)


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _sync(place: Path) -> None:
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
