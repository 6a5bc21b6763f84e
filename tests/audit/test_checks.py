import pytest
from django.core.checks import CheckMessage, Tags, run_checks
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from audit.checks import installed_guards_problems
from tests.audit.sql import run

REFUSING = "EXECUTE FUNCTION audit_entry_append_only()"

MISDEEDS = {
    "sqlite": {
        "dropped update guard": (["DROP TRIGGER audit_entry_no_update"], "no_update of audit_entry is missing"),
        "dropped replace guard": (["DROP TRIGGER audit_entry_no_replace"], "no_replace of audit_entry is missing"),
        "guard that does nothing": (
            [
                "DROP TRIGGER audit_entry_no_delete",
                "CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry BEGIN SELECT 1; END",
            ],
            "no_delete of audit_entry was altered",
        ),
        "guard that looks away": (
            [
                "DROP TRIGGER audit_entry_no_delete",
                """CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry WHEN OLD.id < 9 BEGIN
                SELECT RAISE(ABORT, 'audit_entry is append-only: DELETE refused'); END""",
            ],
            "no_delete of audit_entry was altered",
        ),
        "planted trigger": (
            ["CREATE TRIGGER planted BEFORE INSERT ON audit_entry BEGIN SELECT RAISE(IGNORE); END"],
            "added the trigger planted to audit_entry",
        ),
        "renamed table": (["ALTER TABLE audit_entry RENAME TO old_entry"], "The table audit_entry is missing"),
        "new unique key": (
            ["CREATE UNIQUE INDEX planted ON audit_entry (leaf)"],
            "does not know its unique key ['leaf']",
        ),
        "new unique key over what is computed": (
            ["CREATE UNIQUE INDEX planted ON audit_entry (hex(leaf))"],
            "does not know its unique key ['an expression']",
        ),
    },
    "postgresql": {
        "dropped guard": (["DROP TRIGGER append_only ON audit_entry"], "append_only of audit_entry is missing"),
        "disabled guard": (
            ["ALTER TABLE audit_entry DISABLE TRIGGER append_only"],
            "append_only of audit_entry was altered or switched off",
        ),
        "guard that replicas pass": (
            ["ALTER TABLE audit_entry ENABLE TRIGGER no_truncate"],
            "no_truncate of audit_entry was altered or switched off",
        ),
        "guard for half the verbs": (
            [
                "DROP TRIGGER append_only ON audit_entry",
                f"CREATE TRIGGER append_only BEFORE UPDATE ON audit_entry FOR EACH ROW {REFUSING}",
                "ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER append_only",
            ],
            "append_only of audit_entry was altered",
        ),
        "guard that looks away": (
            [
                "DROP TRIGGER append_only ON audit_entry",
                f"""CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit_entry FOR EACH ROW
                WHEN (OLD.id < 9) {REFUSING}""",
                "ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER append_only",
            ],
            "append_only of audit_entry was altered",
        ),
        "guard of one column": (
            [
                "DROP TRIGGER append_only ON audit_entry",
                f"CREATE TRIGGER append_only BEFORE UPDATE OF role OR DELETE ON audit_entry FOR EACH ROW {REFUSING}",
                "ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER append_only",
            ],
            "append_only of audit_entry was altered",
        ),
        "function that refuses nothing": (
            [
                """CREATE OR REPLACE FUNCTION audit_entry_append_only() RETURNS trigger LANGUAGE plpgsql AS
                $$BEGIN RETURN OLD; END$$"""
            ],
            "append_only of audit_entry was altered",
        ),
        "planted trigger": (
            [
                "CREATE FUNCTION planted() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NULL; END$$",
                "CREATE TRIGGER planted BEFORE INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION planted()",
            ],
            "added the trigger planted to audit_entry",
        ),
        "planted rule": (
            ["CREATE RULE planted AS ON INSERT TO audit_entry DO INSTEAD NOTHING"],
            "added the rule planted to audit_entry",
        ),
        "renamed table": (["ALTER TABLE audit_entry RENAME TO old_entry"], "The table audit_entry is missing"),
        "new unique key": (
            ["CREATE UNIQUE INDEX planted ON audit_entry (leaf)"],
            "does not know its unique key ['leaf']",
        ),
        "new unique key over what is computed": (
            ["CREATE UNIQUE INDEX planted ON audit_entry (encode(leaf, 'hex'))"],
            "does not know its unique key ['an expression']",
        ),
    },
}[connection.vendor]


class TestInstalledGuardsProblems:
    def test_finds_none_after_the_migrations(self, db):
        assert installed_guards_problems(connection) == []

    @pytest.mark.parametrize(("statements", "problem"), MISDEEDS.values(), ids=MISDEEDS.keys())
    def test_names(self, db, statements, problem):
        run(*statements)
        assert problem in " ".join(installed_guards_problems(connection))

    def test_finds_guards_that_were_never_put_up(self, db):
        run("DELETE FROM django_migrations WHERE app = 'audit'", *drop_all("audit_entrysubject"))
        assert "of audit_entrysubject is missing" in " ".join(installed_guards_problems(connection))


class TestTheSystemCheck:
    def test_is_silent_when_all_is_well(self, db):
        assert database_errors() == []

    def test_is_an_error_that_stops_the_start(self, db):
        run(*drop_all("audit_entry"))
        errors = database_errors()
        assert errors
        assert {(error.id, error.is_serious()) for error in errors} == {("audit.E001", True)}

    def test_lets_the_migrations_run_that_have_yet_to_put_the_guards_up(self, db):
        with transaction.atomic():
            MigrationRecorder.Migration.objects.filter(app="audit").delete()
            run(*drop_all("audit_entry"))
            assert database_errors() == []


def database_errors() -> list[CheckMessage]:
    found = run_checks(tags=[Tags.database], databases=["default"])
    return [error for error in found if error.id == "audit.E001"]


def drop_all(table: str) -> list[str]:
    if connection.vendor == "postgresql":
        return [f"DROP TRIGGER {name} ON {table}" for name in ("append_only", "no_truncate")]
    return [f"DROP TRIGGER {table}_{name}" for name in ("no_update", "no_delete", "no_replace")]
