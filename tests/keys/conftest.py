import pytest

from tests.keys.house import House


@pytest.fixture
def house(db: None) -> House:
    """A founded practice beside whatever stands in the database: every root is believed only by its own people."""
    house = House()
    house.found()
    return house
