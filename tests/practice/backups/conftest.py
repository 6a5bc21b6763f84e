"""One practice with a written note, made once; each test works on a copy."""

from collections.abc import Callable, Iterator

import pytest

from tests.practice.backups.places import CANARY, Site


@pytest.fixture(scope="session")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A demo in which Dana has written a note, and is still signed in."""
    site = Site.create(tmp_path_factory.mktemp("worked") / "practice")
    site.manage("demo")
    assert site.come_in("therapist", text=CANARY) == {"texts": [CANARY]}
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
