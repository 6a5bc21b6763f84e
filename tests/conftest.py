"""The cast, seeded once per run and per database; each test rolls back to it."""

from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client as Browser
from pytest_django import DjangoDbBlocker

from access.services.key_sessions import OpenSession
from practice.cast import Person
from tests.cast import Cast, make_cast, sign_in

SignIn = Callable[[Person], Browser]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave what is marked `once` to the run on SQLite."""
    once = [item for item in items if item.get_closest_marker("once")]
    asking = [item.nodeid for item in once if "db" in getattr(item, "fixturenames", ())]
    if asking:
        raise pytest.UsageError(f"These ask the database, and have to on both: {', '.join(asking)}")
    if connection.vendor != "sqlite":
        config.hook.pytest_deselected(items=once)
        items[:] = [item for item in items if item not in set(once)]


@pytest.fixture(scope="session", autouse=True)
def gathered_static_files() -> None:
    """Pages name their static files by hash, as in a practice, so the files are gathered first."""
    call_command("collectstatic", interactive=False, verbosity=0)


@pytest.fixture(scope="session")
def seeded_cast(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Cast:
    with django_db_blocker.unblock():
        return make_cast()


@pytest.fixture
def cast(seeded_cast: Cast, db: None) -> Cast:
    return seeded_cast


@pytest.fixture
def signed_in(db: None) -> SignIn:
    """Sit somebody down at a browser of their own, signed in: ``signed_in(cast.dana).get(...)``."""

    def sit_down(person: Person) -> Browser:
        browser = Browser()
        _: OpenSession = sign_in(browser, person)
        return browser

    return sit_down
