"""The cast, seeded once per run and per database; each test rolls back to it."""

import gc
import os
import secrets
from collections.abc import Callable, Iterator
from random import Random
from types import ModuleType
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client as Browser
from pytest_django import DjangoDbBlocker

from access.services.key_sessions import OpenSession
from audit.writer import WRITER
from practice.cast import Person
from tests.beginnings import STANDING, beginning, beginnings_of, side_by_side
from tests.browser.server import DemoPractice
from tests.cast import Cast, make_cast, sign_consent, sign_in

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
    items[:] = side_by_side(items)


def pytest_collection_finish() -> None:
    """Look for unused memory less often: what was imported stays, and the rest is a seventh of the suite's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


@pytest.fixture(scope="session", autouse=True)
def gathered_static_files() -> None:
    """Pages name their static files by hash, as in a practice, so the files are gathered first."""
    call_command("collectstatic", interactive=False, verbosity=0)


@pytest.fixture(scope="session")
def seeded_cast(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Cast:
    with django_db_blocker.unblock():
        return make_cast()


@pytest.fixture(scope="session")
def demo_practice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoPractice]:
    """The demo as it is born. Tests get copies of it and leave it alone."""
    practice = DemoPractice.create(tmp_path_factory.mktemp("demo") / "practice")
    yield practice
    practice.drop()


@pytest.fixture
def cast(seeded_cast: Cast, db: None) -> Cast:
    return seeded_cast


@pytest.fixture(autouse=True)
def in_the_beginning(request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker) -> None:
    """Have stand what a test asks for, and nothing else, before its own transaction begins."""
    wanted = beginnings_of(request.node)
    if wanted:
        STANDING.stand(wanted, cast=request.getfixturevalue("seeded_cast"), blocker=django_db_blocker)
    else:
        STANDING.take_back(django_db_blocker)


@pytest.fixture(scope="module", autouse=True)
def nothing_stands_afterwards(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    yield
    STANDING.take_back(django_db_blocker)


@beginning
def robin_signed(cast: Cast) -> Cast:
    """The cast, and Robin has signed the limits not long ago."""
    sign_consent(cast.robin)
    return cast


@pytest.fixture(autouse=True)
def drawn_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw salts, tokens, short codes and proposed words in the same order in each test.

    Else every invitation and every new passphrase of the suite is an Argon2id of its own; like this, `tests/derive.py`
    remembers most of them. What the cast was made of was drawn before, and by nobody's order.
    """
    salts, tokens, codes, words = (Random(kind) for kind in ("salts", "tokens", "codes", "words"))  # noqa: S311
    monkeypatch.setattr("keys.kdf.os", Instead(os, urandom=salts.randbytes))
    monkeypatch.setattr("keys.services.invitations.os", Instead(os, urandom=tokens.randbytes))
    monkeypatch.setattr("keys.services.invitations.secrets", Instead(secrets, choice=codes.choice))
    monkeypatch.setattr("keys.words.secrets", Instead(secrets, choice=words.choice))


@pytest.fixture(autouse=True)
def own_writer() -> None:
    """Begin each test with a writer of its own, as if in a process of its own.

    What a test rolls back is never declared void by a later entry of its own, so that the rest of the suite would.
    """
    WRITER.renew()


class Instead:
    """A module as one other module sees it, with something of it replaced."""

    def __init__(self, module: ModuleType, **replaced: object) -> None:
        self._module = module
        vars(self).update(replaced)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)


@pytest.fixture
def signed_in(db: None) -> SignIn:
    """Sit somebody down at a browser of their own, signed in: ``signed_in(cast.dana).get(...)``."""

    def sit_down(person: Person) -> Browser:
        browser = Browser()
        _: OpenSession = sign_in(browser, person)
        return browser

    return sit_down
