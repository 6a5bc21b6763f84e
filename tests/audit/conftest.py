"""A note, its reader, and a database that really commits."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from audit.actors import Named
from audit.models import Entry, EntrySubject
from tests.audit.cast import ENTRY_GUARD, HANDLE, NOTE_ID, OTHER_HANDLE, SUBJECT_GUARD, Therapist
from tests.audit.sql import run


@pytest.fixture
def therapist() -> Therapist:
    return Therapist()


@pytest.fixture
def note() -> Named:
    return Named("notes.note", NOTE_ID, HANDLE)


@pytest.fixture
def other_note() -> Named:
    return Named("notes.note", uuid4(), OTHER_HANDLE)


@pytest.fixture(autouse=True)
def empty_log(request: pytest.FixtureRequest) -> None:
    """Start from an empty log, whatever the cast left there; the test's own rollback brings it back."""
    if "db" in request.fixturenames:
        request.getfixturevalue("db")
        with guards_lifted():
            Entry.objects.all().delete()
            EntrySubject.objects.all().delete()


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A database without a transaction round the test; what the test appended is taken away afterwards."""
    with django_db_blocker.unblock():
        last = Entry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        yield
        with guards_lifted():
            Entry.objects.filter(pk__gt=last).delete()
            EntrySubject.objects.filter(entry_id__gt=last).delete()


@contextmanager
def guards_lifted() -> Iterator[None]:
    for guard in (ENTRY_GUARD, SUBJECT_GUARD):
        run(*guard.remove_statements(connection))
    yield
    for guard in (ENTRY_GUARD, SUBJECT_GUARD):
        run(*guard.install_statements(connection))
