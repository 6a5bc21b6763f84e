"""The health page: one word for machines, nothing for anybody else."""

from unittest import mock

from django.db import OperationalError, connection


def test_answers_without_signing_in(db, client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"ok": True})


def test_sets_no_cookie(db, client):
    assert not client.get("/healthz").cookies


def test_fails_when_a_guard_of_the_log_is_gone(db, client):
    statement = {
        "sqlite": "DROP TRIGGER audit_entry_no_delete",
        "postgresql": "DROP TRIGGER append_only ON audit_entry",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(statement)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (503, {"ok": False})


def test_fails_without_its_database(db, client):
    with mock.patch("practice.views.installed_guards_problems", side_effect=OperationalError("host=secret")):
        answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (503, b'{"ok": false}')


def test_is_read_only(db, client):
    assert client.post("/healthz").status_code == 405
