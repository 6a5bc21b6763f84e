import pytest

from access.acting import Actor
from access.roles import Role
from clients.models import Client
from clients.services.finding import find_client
from tests.cast import Cast


@pytest.fixture
def dana(cast: Cast) -> Actor:
    return cast.dana.as_(Role.THERAPIST)


@pytest.fixture
def robin(cast: Cast, dana: Actor) -> Client:
    return find_client(by=dana, client_id=cast.robin.client_id)
