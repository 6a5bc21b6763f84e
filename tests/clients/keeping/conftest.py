from django.utils import timezone

from access.roles import Role
from clients.models import Client
from clients.services.finding import find_client
from clients.services.holding import lift_hold
from notes.kinds import NoteKind
from tests.beginnings import beginning
from tests.cast import Cast, sign_consent
from tests.clients.keeping.ending import Ended, end_care
from tests.notes.conftest import Desk


@beginning
def ended(cast: Cast) -> Ended:
    """Robin's record, after Dana's care."""
    return end_care(cast, cast.dana, Client.objects.get(pk=cast.robin.client_id))


@beginning
def full(cast: Cast) -> Ended:
    """Robin's record with one of everything: consent, emergency reason, notes, a draft and a version, a hold lifted."""
    desk = Desk(cast.dana, find_client(by=cast.dana.as_(Role.THERAPIST), client_id=cast.robin.client_id))
    desk.give_emergency_reason(at=timezone.now())
    sign_consent(cast.robin)
    desk.amend(desk.sign(NoteKind.SESSION))
    desk.sign(NoteKind.PROCESS)
    desk.write_on(desk.write(NoteKind.CALL))
    ended = end_care(cast, cast.dana, desk.client)
    hold = ended.hold()
    lift_hold(by=ended.manager, client=ended.client, hold_id=hold.pk, at=ended.due_at)
    return ended
