"""The signature, through the services of the pages."""

from django.utils import timezone

from access.roles import Role
from clients.services.finding import find_client
from consent.decide import Allow, NeedSign
from consent.models import Record
from consent.purposes import Purpose
from consent.services.deciding import decide_for
from tests.cast import Cast, sign_consent


def test_whole(cast: Cast):
    by = cast.dana.as_(Role.THERAPIST)
    client = find_client(by=by, client_id=cast.robin.client_id)
    now = timezone.now()
    assert isinstance(decide_for(client=client, purpose=Purpose.SESSION_NOTE, session_at=now, at=now), NeedSign)
    record_id = sign_consent(cast.robin)
    now = timezone.now()
    decision = decide_for(client=client, purpose=Purpose.SESSION_NOTE, session_at=now, at=now)
    assert decision == Allow(Record.objects.get().event_id)
    assert Record.objects.get().record_id == record_id
