from uuid import uuid4

import pytest

from keys.keyring import Keyring
from keys.services.places import Place
from keys.statements import VaultKind
from tests.keys.house import House


@pytest.fixture
def house(db: None) -> House:
    """A founded practice beside whatever stands in the database: every root is believed only by its own people."""
    house = House()
    house.found()
    return house


@pytest.fixture
def dana(house: House) -> Keyring:
    return house.staff()


@pytest.fixture
def sam(house: House) -> Keyring:
    return house.staff()


@pytest.fixture
def record() -> Place:
    return Place(VaultKind.RECORD, uuid4())
