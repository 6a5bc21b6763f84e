import pytest

from clients.models import Client
from tests.cast import Cast
from tests.clients.keeping.ending import Ended, end_care


@pytest.fixture
def ended(cast: Cast) -> Ended:
    """Robin's record, after Dana's care."""
    return end_care(cast, cast.dana, Client.objects.get(pk=cast.robin.client_id))
