"""The cast itself: whoever is on it can really do what their role says."""

from django.utils import timezone

from access.roles import Role
from clients.services.contacts import browse_clients
from tests.cast import Cast


def test_each_therapist_lists_their_own_client(cast: Cast):
    seen = browse_clients(by=cast.dana.as_(Role.THERAPIST), at=timezone.now())
    assert [row.label for row in seen] == [cast.robin.name]
