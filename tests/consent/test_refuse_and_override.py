"""Saying no, and the emergency reason: what closes, what opens, and for how long."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from access.roles import Role
from audit.acts import Act
from audit.models import Entry
from audit.services import record_look
from clients.services.caring import start_care
from clients.services.finding import NoSuchClient, find_client
from clients.services.vaults import ReadersNotConfirmed
from consent.decide import Allow, NeedSign, Override, Refused
from consent.kinds import EmergencyCode, EventKind
from consent.models import EmergencyReason, Event
from consent.purposes import Purpose
from consent.services.ceremony import AlreadySigned
from consent.services.comparing import typed_name_differs
from consent.services.deciding import decide_for, state_of
from consent.services.looking import look_at_consent
from consent.services.overriding import (
    Emergency,
    debts_for,
    look_at_manager_lines,
    open_override,
    override_alerts,
)
from consent.services.refusing import NothingSigned, decline, withdraw
from practice.cast import sign_consent as sign_by_name
from tests.cast import Cast, sign_consent
from tests.conftest import SignIn

HOUR = timedelta(hours=1)


@pytest.fixture
def dana(cast: Cast):
    return cast.dana.as_(Role.THERAPIST)


@pytest.fixture
def robin(cast: Cast):
    return cast.robin.person.as_(Role.CLIENT)


@pytest.fixture
def client(cast: Cast):
    return cast.robin.record


def decision(client, purpose=Purpose.SESSION_NOTE, *, session_at=None, at=None):
    at = at or timezone.now()
    return decide_for(client=client, purpose=purpose, session_at=session_at or at, at=at)


def emergency(**changes) -> Emergency:
    facts = {
        "code": EmergencyCode.ACUTE_CRISIS,
        "reason": "Called at night",
        "manager_line": "Crisis call, no device",
        "nonce": uuid4(),
    }
    return Emergency(**{**facts, **changes})


class TestDecline:
    def test_stays_refused_until_the_client_signs(self, cast: Cast, client, robin):
        decline(by=robin, client=client, reason="", nonce=uuid4(), at=timezone.now())
        assert isinstance(decision(client), Refused)
        assert state_of(client=client, at=timezone.now()).words == "declined"
        sign_consent(cast.robin)
        assert isinstance(decision(client), Allow)

    def test_the_reason_is_for_client_and_care_team(self, client, robin, dana):
        decline(by=robin, client=client, reason="I do not trust screens", nonce=uuid4(), at=timezone.now())
        seen = look_at_consent(by=dana, client=client, at=timezone.now())
        assert seen.reason_for_no == "I do not trust screens"
        assert b"screens" not in bytes(Event.objects.get(kind=EventKind.DECLINED).sealed_detail)

    def test_what_is_signed_is_not_declined(self, cast: Cast, client, robin):
        sign_consent(cast.robin)
        with pytest.raises(AlreadySigned):
            decline(by=robin, client=client, reason="", nonce=uuid4(), at=timezone.now())
        assert isinstance(decision(client), Allow)


class TestWithdraw:
    def test_closes_for_later_sessions_only(self, cast: Cast, client, robin):
        sign_consent(cast.robin)
        held = timezone.now()
        withdraw(by=robin, client=client, reason="", nonce=uuid4(), at=held + HOUR)
        later = held + 3 * HOUR
        assert isinstance(decision(client, session_at=held, at=later), Allow)
        assert isinstance(decision(client, session_at=held + 2 * HOUR, at=later), Refused)
        assert isinstance(decision(client, Purpose.REFUSAL_NOTE, at=later), Allow)

    def test_needs_a_signature(self, client, robin):
        with pytest.raises(NothingSigned):
            withdraw(by=robin, client=client, reason="", nonce=uuid4(), at=timezone.now())
        assert not Event.objects.filter(kind=EventKind.WITHDRAWN).exists()


class TestOverride:
    def test_opens_emergency_notes_for_72_hours(self, client, dana):
        at = timezone.now()
        event_id = open_override(by=dana, client=client, emergency=emergency(), at=at)
        until = at + 72 * HOUR
        assert decision(client, Purpose.EMERGENCY_NOTE, at=at) == Override(event_id, until)
        assert isinstance(decision(client, Purpose.SESSION_NOTE, at=at), NeedSign)
        assert isinstance(decision(client, Purpose.EMERGENCY_NOTE, at=until), NeedSign)

    def test_never_turns_a_refusal_into_a_yes(self, client, robin, dana):
        decline(by=robin, client=client, reason="", nonce=uuid4(), at=timezone.now())
        open_override(by=dana, client=client, emergency=emergency(), at=timezone.now())
        assert isinstance(decision(client, Purpose.SESSION_NOTE), Refused)
        assert isinstance(decision(client, Purpose.PROCESS_NOTE), Refused)
        assert isinstance(decision(client, Purpose.EMERGENCY_NOTE), Override)

    def test_the_same_form_twice_is_one_reason(self, client, dana):
        twice = emergency()
        first = open_override(by=dana, client=client, emergency=twice, at=timezone.now())
        assert open_override(by=dana, client=client, emergency=twice, at=timezone.now()) == first
        assert EmergencyReason.objects.count() == 1
        assert Entry.objects.filter(action=Act.OVERRIDE_OPENED).count() == 1

    def test_is_a_debt_until_a_signature(self, cast: Cast, client, dana):
        open_override(by=dana, client=client, emergency=emergency(), at=timezone.now())
        [debt] = debts_for(by=dana, at=timezone.now())
        assert debt.client == client
        sign_consent(cast.robin)
        assert debts_for(by=dana, at=timezone.now()) == []
        assert override_alerts(by=cast.manager.as_(Role.MANAGER), at=timezone.now()) == []

    def test_the_code_is_in_the_log_and_the_lines_are_not(self, client, dana):
        open_override(by=dana, client=client, emergency=emergency(), at=timezone.now())
        body = bytes(Entry.objects.get(action=Act.OVERRIDE_OPENED).body)
        assert b"acute_crisis" in body
        assert b"night" not in body
        assert b"Crisis call" not in body

    def test_the_manager_reads_their_line_after_a_look_and_never_the_reason(self, cast: Cast, client, dana):
        event_id = open_override(by=dana, client=client, emergency=emergency(), at=timezone.now())
        manager = cast.manager.as_(Role.MANAGER)
        [alert] = override_alerts(by=manager, at=timezone.now())
        assert (alert.code, alert.therapist) == (EmergencyCode.ACUTE_CRISIS, "Dana Whitlock")
        lines = look_at_manager_lines(by=manager, alerts=[alert], at=timezone.now())
        assert lines == {event_id: "Crisis call, no device"}
        assert Entry.objects.filter(action=Act.OVERRIDE_READ, actor_id=manager.audit_id).count() == 1

    def test_a_manager_with_nothing_to_read_is_not_said_to_have_read(self, cast: Cast, signed_in: SignIn):
        assert signed_in(cast.manager).get("/emergency-reasons/").status_code == 200
        assert not Entry.objects.filter(action=Act.OVERRIDE_READ).exists()

    def test_shows_other_therapists_nothing(self, cast: Cast, client, dana):
        open_override(by=dana, client=client, emergency=emergency(), at=timezone.now())
        sam = cast.sam.as_(Role.THERAPIST)
        assert debts_for(by=sam, at=timezone.now()) == []
        with pytest.raises(NoSuchClient):
            find_client(by=sam, client_id=client.pk)

    def test_the_readers_of_a_new_record_are_confirmed_by_name(self, cast: Cast, client, dana):
        manager, sam = cast.manager.as_(Role.MANAGER), cast.sam.user
        start_care(by=manager, client=client, therapist_id=sam.pk, at=timezone.now())
        with pytest.raises(ReadersNotConfirmed):
            open_override(by=dana, client=client, emergency=emergency(), at=timezone.now())
        assert not Event.objects.filter(kind=EventKind.OVERRIDE_OPENED).exists()
        confirmed = frozenset({UUID(str(sam.pk))})
        open_override(by=dana, client=client, emergency=emergency(), confirmed=confirmed, at=timezone.now())
        assert EmergencyReason.objects.exists()

    def test_a_reason_is_never_changed(self, client, dana):
        event_id = open_override(by=dana, client=client, emergency=emergency(), at=timezone.now())
        with pytest.raises(DatabaseError), transaction.atomic():
            Event.objects.filter(pk=event_id).update(until=timezone.now() + 500 * HOUR)
        with pytest.raises(DatabaseError), transaction.atomic():
            EmergencyReason.objects.filter(event=event_id).update(code=EmergencyCode.ABUSE)


class TestTypedName:
    @pytest.mark.parametrize("typed", ["robin  MARLOWE", "Róbin Marlowe", "Robin Marlowe."])
    def test_is_compared_loosely(self, cast: Cast, client, dana, typed: str):
        sign_by_name(cast.robin.person, client_id=cast.robin.client_id, name=typed)
        receipt = record_look(Act.CLIENT_READ, by=dana, target=client, at=timezone.now())
        assert typed_name_differs(by=dana, client=client, receipt=receipt) is None

    def test_another_name_is_shown_and_blocks_nothing(self, cast: Cast, client, dana):
        sign_by_name(cast.robin.person, client_id=cast.robin.client_id, name="Somebody Else")
        receipt = record_look(Act.CLIENT_READ, by=dana, target=client, at=timezone.now())
        assert typed_name_differs(by=dana, client=client, receipt=receipt) == "Somebody Else"
        assert isinstance(decision(client), Allow)
