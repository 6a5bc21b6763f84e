"""The migration operation that lets a table only grow."""

from dataclasses import replace

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from audit.guards import Guard
from audit.guards.tables import Ending


class AppendOnly(Operation):
    """Refuse UPDATE, DELETE, REPLACE and TRUNCATE on a table, by triggers of the database itself.

    :param table: the table's name in the database, such as ``audit_entry``
    :param unique_columns: every unique key of the table, the primary key too; a key of several
        columns is a tuple of them. `audit.checks` compares the list with the table.

    Put it in a migration of its own. SQLite remakes a table to alter a column and drops its triggers on the way, so
    a migration that alters a guarded table stands between :class:`TakenDown` and :class:`PutUp`.
    """

    reversible = True
    # What guarded the table until now, and guards it again when this is taken back.
    before: Guard | None = None

    def __init__(self, table: str, unique_columns: tuple[str | tuple[str, ...], ...]) -> None:
        keys = tuple((key,) if isinstance(key, str) else tuple(key) for key in unique_columns)
        self.guard = Guard(table, keys)

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change nothing that models know of."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for statement in self.guard.install_statements(schema_editor.connection):
            schema_editor.execute(statement, params=None)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        connection, before = schema_editor.connection, self.before
        statements = before.install_statements(connection) if before else self.guard.remove_statements(connection)
        for statement in statements:
            schema_editor.execute(statement, params=None)

    def describe(self) -> str:
        return f"Let {self.guard.table} only grow"


class SealedAnew(AppendOnly):
    """Let sealed columns of a guarded table change alone, and only to a sealed text of a later generation.

    :param columns: the sealed columns, each of which begins with the head that `keys.sealing` writes

    Taken back, it leaves the table guarded whole.
    """

    def __init__(self, table: str, unique_columns: tuple[str | tuple[str, ...], ...], columns: tuple[str, ...]) -> None:
        super().__init__(table, unique_columns)
        self.before = self.guard
        self.guard = replace(self.guard, sealed=columns)

    def describe(self) -> str:
        return f"Let texts of {self.guard.table} be sealed anew"


class Ends(AppendOnly):
    """Let rows of a guarded table be deleted once a register of what was destroyed says so, and never else.

    :param before: the operation whose guard stood there until now, and stands there again when this is taken back

    SQLite refuses to remake a table that a trigger elsewhere names, as this one names the register and what it goes
    through. A migration that does so takes this guard down first, and repeats it after.
    """

    def __init__(self, before: AppendOnly, ending: Ending) -> None:
        super().__init__(before.guard.table, before.guard.keys)
        self.before = before.guard
        self.guard = replace(before.guard, ending=ending)

    def describe(self) -> str:
        return f"Let rows of {self.guard.table} end with what they belong to"


class TakenDown(AppendOnly):
    """Take a guard down, so that what follows in a migration may alter the table; :class:`PutUp` ends it.

    :param guarded: the operation whose guard stands there, and stands there again when this is taken back
    """

    def __init__(self, guarded: AppendOnly) -> None:
        self.guard = guarded.guard

    database_forwards = AppendOnly.database_backwards
    database_backwards = AppendOnly.database_forwards

    def describe(self) -> str:
        return f"Take the guard of {self.guard.table} down"


class PutUp(AppendOnly):
    """Put a guard up again over a table as it now is.

    :param guarded: the operation whose guard stood there until :class:`TakenDown`
    """

    def __init__(self, guarded: AppendOnly) -> None:
        self.guard = guarded.guard

    def describe(self) -> str:
        return f"Guard {self.guard.table} again"
