"""Whether the guards that the migrations put up are still standing."""

from collections.abc import Iterable, Sequence
from functools import cache

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from audit.append_only import AppendOnly
from audit.guards import Guard

_MigrationName = tuple[str, str]


def installed_guards_problems(connection: BaseDatabaseWrapper) -> list[str]:
    """Compare every guarded table with what its migration put up.

    :returns: sentences, none when all is well; a table that is not there is a problem too
    """
    return _problems(connection, _guards().values())


@register(Tags.database)
def check_append_only_tables(databases: Sequence[str] | None = None, **_: object) -> list[CheckMessage]:
    """Report guards that are missing or altered; what is still to be migrated is no error."""
    return [
        Error(
            problem,
            hint="Records could be changed without a trace. Compare with a backup, then put the guard back.",
            id="audit.E001",
        )
        for alias in databases or ()
        for problem in _problems(connections[alias], _applied_guards(connections[alias]))
    ]


def _problems(connection: BaseDatabaseWrapper, guards: Iterable[Guard]) -> list[str]:
    # The latest migration of a table has the last word on its keys.
    latest = {guard.table: guard for guard in guards}
    return [problem for guard in latest.values() for problem in guard.problems(connection)]


def _applied_guards(connection: BaseDatabaseWrapper) -> Iterable[Guard]:
    applied = MigrationRecorder(connection).applied_migrations()
    return (guard for (name, _), guard in _guards().items() if name in applied)


@cache
def _guards() -> dict[tuple[_MigrationName, int], Guard]:
    # The migrations themselves are the register: a second list could disagree with them.
    on_disk = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    return {
        (name, position): operation.guard
        for name in sorted(on_disk)
        for position, operation in enumerate(on_disk[name].operations)
        if isinstance(operation, AppendOnly)
    }
