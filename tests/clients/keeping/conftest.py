import pytest
from django.utils import timezone

from access.roles import Role
from clients.models import Client
from clients.services.finding import find_client
from clients.services.holding import lift_hold
from notes.kinds import NoteKind
from tests.cast import Cast, sign_consent
from tests.clients.keeping.ending import Ended, end_care
from tests.notes.conftest import Desk


@pytest.fixture
def ended(cast: Cast) -> Ended:
    """Robin's record, after Dana's care."""
    return end_care(cast, cast.dana, Client.objects.get(pk=cast.robin.client_id))


@pytest.fixture
def full(cast: Cast, unsigned_desk: Desk) -> Ended:
    """Robin's record with one of everything: consent, emergency reason, notes of both kinds, a draft, a hold lifted."""
    unsigned_desk.give_emergency_reason(at=timezone.now())
    sign_consent(cast.robin)
    unsigned_desk.amend(unsigned_desk.sign(NoteKind.SESSION))
    unsigned_desk.sign(NoteKind.PROCESS)
    unsigned_desk.write(NoteKind.CALL)
    ended = end_care(cast, cast.dana, unsigned_desk.client)
    hold = ended.hold()
    lift_hold(by=ended.manager, client=ended.client, hold_id=hold.pk, at=ended.due_at)
    return ended


@pytest.fixture
def unsigned_desk(cast: Cast) -> Desk:
    return Desk(cast.dana, find_client(by=cast.dana.as_(Role.THERAPIST), client_id=cast.robin.client_id))
