"""The two streams of an SQLite practice: two SQLite files."""

import errno
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from django.conf import settings
from django.db import connection

from keys.services import HOLD_ALL_BUNDLES
from practice.backups.folder import UNFINISHED
from practice.backups.tables import key_tables, left_out

# What lies beside a database in use: its newest pages, and the index of them.
_ENDS = ("-wal", "-shm")
RECORDS_FILE, KEYS_FILE = "records.sqlite3", "keys.sqlite3"


def dump(records: Path, keys: Path) -> None:
    """Write both streams as they stand at one moment, while others go on writing.

    :raises OSError: a file cannot be written
    :raises sqlite3.Error: likewise, in the database's own words
    """
    # The snapshot still holds halves of sessions, so it stays beside the database; only what is cleaned leaves.
    with tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=settings.RUN_DIR) as scratch:
        snapshot = Path(scratch) / "snapshot.sqlite3"
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(snapshot)])
        with closing(sqlite3.connect(snapshot)) as copy:
            copy.execute("ATTACH ? AS stream", [str(keys / KEYS_FILE)])
            for table in key_tables():
                copy.execute(f"CREATE TABLE stream.{table} AS SELECT * FROM main.{table}")  # noqa: S608 (our names)
            for table in [*key_tables(), *left_out()]:
                copy.execute(f"DELETE FROM main.{table}")  # noqa: S608 (our names)
            copy.commit()
            # Into a new file once more: a deleted row leaves its bytes behind.
            copy.execute("VACUUM main INTO ?", [str(records / RECORDS_FILE)])


def load(records: Path, keys: Path) -> None:
    """Put both streams together and make that the database, with every person's bundle out of reach.

    :raises sqlite3.Error: the files do not fit together; the database is as empty as before
    :raises FileExistsError: another program has it open, likewise
    """
    target = Path(connection.settings_dict["NAME"])
    connection.close()
    with tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=target.parent) as scratch:
        whole = Path(scratch) / target.name
        whole.write_bytes((records / RECORDS_FILE).read_bytes())
        with closing(sqlite3.connect(whole)) as copy:
            copy.execute("ATTACH ? AS stream", [str(keys / KEYS_FILE)])
            for table in key_tables():
                _fill(copy, table)
            copy.commit()
            copy.executescript(f"BEGIN; {HOLD_ALL_BUNDLES} COMMIT;")
            _check(copy)
        _require_closed(target)
        whole.replace(target)


def left_behind() -> list[Path]:
    """Name what lies beside a database that is not there; none where that is no SQLite.

    Does not connect: to open a new file under the old name would drop what the log beside it holds
    (https://www.sqlite.org/tempfiles.html).
    """
    if connection.vendor != "sqlite":
        return []
    target = Path(connection.settings_dict["NAME"])
    if target.exists() and target.stat().st_size:
        return []
    return [place for place in _beside(target) if place.exists()]


def _beside(target: Path) -> list[Path]:
    return [target.with_name(target.name + end) for end in _ENDS]


def _require_closed(target: Path) -> None:
    # The last one to close takes both files along, so whoever left them here is still at work.
    for place in _beside(target):
        if place.exists():
            raise FileExistsError(errno.EEXIST, "another program has the database open", str(place))


def _fill(copy: sqlite3.Connection, table: str) -> None:
    # By name: a migration may have put the columns of the table into another order since.
    columns = ", ".join(f'"{column}"' for _, column, *_ in copy.execute(f"PRAGMA stream.table_info({table})"))
    copy.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM stream.{table}")  # noqa: S608 (our names)


def _check(copy: sqlite3.Connection) -> None:
    found = [*copy.execute("PRAGMA main.integrity_check"), *copy.execute("PRAGMA main.foreign_key_check")]
    if found != [("ok",)]:
        raise sqlite3.DatabaseError(f"the restored database is not sound: {found[0]}")
