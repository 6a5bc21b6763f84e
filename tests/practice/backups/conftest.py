"""One practice with a written note, its backup and what was restored of it, each made once; a test works on a copy."""

import shutil
import time
from collections.abc import Callable, Iterator

import pytest

from tests.browser.server import DemoPractice
from tests.practice.backups.places import CANARY, Site


@pytest.fixture(scope="session")
def worked(demo_practice: DemoPractice, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A demo in which Dana has written a note, and is still signed in."""
    site = Site(**vars(demo_practice.clone(tmp_path_factory.mktemp("worked") / "practice")))
    assert site.come_in("therapist", text=CANARY) == {"texts": [CANARY]}
    yield site
    site.drop()


@pytest.fixture(scope="session")
def backed_up(worked: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A practice with one backup: tests that change its files copy them first."""
    site = worked.clone(tmp_path_factory.mktemp("backed-up") / "practice")
    site.back_up()
    time.sleep(1)  # a name is a second: copies make another backup at once
    yield site
    site.drop()


@pytest.fixture(scope="session")
def brought_back(backed_up: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, str]]:
    """A new machine right after the restore, and what the command said: tests take copies of it."""
    machine = backed_up.beside(str(tmp_path_factory.mktemp("brought-back") / "machine"))
    yield machine, machine.manage("restore", str(backed_up.backups))
    machine.drop()


@pytest.fixture
def machine(backed_up: Site, tmp_path) -> Iterator[Site]:
    """A new machine with the stick and a copy of the backups."""
    machine = backed_up.beside(str(tmp_path / "machine"))
    shutil.copytree(backed_up.backups, tmp_path / "backups")
    yield machine
    machine.drop()


@pytest.fixture
def second_day(backed_up: Site, tmp_path) -> Iterator[Site]:
    """A practice with a copy of its one backup."""
    site = backed_up.clone(tmp_path / "practice")
    shutil.copytree(backed_up.backups, site.backups)
    yield site
    site.drop()


@pytest.fixture
def site(worked: Site, tmp_path) -> Iterator[Site]:
    site = worked.clone(tmp_path / "practice")
    yield site
    site.drop()


@pytest.fixture
def elsewhere(site: Site) -> Iterator[Callable[[str], Site]]:
    """Empty machines, as many as a test asks for."""
    made: list[Site] = []

    def make(name: str = "elsewhere") -> Site:
        made.append(site.beside(name))
        return made[-1]

    yield make
    for other in made:
        other.drop()
