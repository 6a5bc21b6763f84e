"""Beginning a note: the gate, the vault it goes into, and what is left behind when the answer is no."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError
from django.utils import timezone

from access.roles import Role
from audit.acts import Act
from clients.services.caring import start_care
from clients.services.vaults import ReadersNotConfirmed
from consent.services.refusing import decline, withdraw
from keys.services import Place, Trust, VaultKind, find_vault, holds_key, key_id_of_holder, vouch_for_recovery
from notes.kinds import NEEDS_NOTHING, NoteKind
from notes.models import Draft
from notes.places import SessionPlace
from notes.published import BIRP, DAP, INTAKE, SESSION, SOAP, current_format
from notes.services.basing import ConsentMissing, ConsentRefused
from notes.services.drafting import may_choose_recovery
from notes.services.formatting import usual_format
from tests.notes.conftest import CANARY, denied, done

WAITING = sorted(set(NoteKind) - NEEDS_NOTHING - {NoteKind.IMPORTED})


def record_of(desk) -> Place:
    return Place(VaultKind.RECORD, desk.client.pk)


def process_notes_of(desk) -> Place:
    return Place(VaultKind.PROCESS, desk.client.pk, author=desk.by.user.pk)


class TestWhatIsBegun:
    def test_has_the_format_and_the_place_that_were_chosen(self, desk):
        draft = desk.begin(format=SOAP.name, place=SessionPlace.VIDEO)
        assert (draft.format, draft.place) == ("soap/1", "video")

    @pytest.mark.parametrize("kind", sorted(set(NoteKind) - {NoteKind.SESSION, NoteKind.EMERGENCY, NoteKind.IMPORTED}))
    def test_takes_the_kinds_own_format_where_the_chosen_one_does_not_fit(self, desk, kind):
        assert desk.begin(kind, format=SOAP.name).format == current_format(kind).name

    def test_is_no_past_note(self, desk):
        with pytest.raises(IntegrityError):
            desk.begin(NoteKind.IMPORTED)


class TestTheUsualFormat:
    def test_is_the_first_of_all_for_a_beginner(self, desk):
        assert usual_format(by=desk.by) is SESSION

    def test_is_the_one_taken_most_often_of_late(self, desk):
        now = timezone.now()
        for minute, format_ in enumerate([SOAP, DAP, SOAP, INTAKE]):
            desk.begin(format=format_.name, session_at=now + timedelta(minutes=minute))
        desk.begin(NoteKind.CALL)
        assert usual_format(by=desk.by) is SOAP

    def test_is_the_latest_of_two(self, desk):
        now = timezone.now()
        for minute, format_ in enumerate([SOAP, DAP]):
            desk.begin(format=format_.name, session_at=now + timedelta(minutes=minute))
        assert usual_format(by=desk.by) is DAP

    def test_follows_a_new_habit(self, desk):
        now = timezone.now()
        old = desk.sign(session_at=now)
        assert old.format == SESSION.name
        for minute in range(1, 3):
            desk.begin(format=BIRP.name, session_at=now + timedelta(minutes=minute))
        assert usual_format(by=desk.by) is BIRP

    def test_is_nobody_elses(self, desk, shared_desk):
        desk.begin(format=SOAP.name)
        assert usual_format(by=shared_desk.by) is SESSION


class TestBeforeTheSignature:
    @pytest.mark.parametrize("kind", WAITING)
    def test_leaves_nothing_behind_but_the_refusal(self, unsigned, log, kind):
        heard = log()
        with pytest.raises(ConsentMissing, match="has not signed the limits"):
            unsigned.begin(kind)
        assert not Draft.objects.exists()
        assert find_vault(record_of(unsigned)) is None
        assert find_vault(process_notes_of(unsigned)) is None
        assert heard.acts == [denied(Act.NOTE_REFUSED)]

    @pytest.mark.parametrize("kind", sorted(NEEDS_NOTHING))
    def test_never_waits_for_a_duty(self, unsigned, kind):
        draft = unsigned.begin(kind)
        assert draft.consent_basis_id is draft.consent_override_id is None

    def test_says_that_a_later_signature_does_not_help(self, desk):
        with pytest.raises(ConsentMissing, match="held before the client signed"):
            desk.begin(session_at=timezone.now() - timedelta(days=2))

    def test_says_that_there_is_nothing_to_sign_yet(self, unsigned):
        before_publication = timezone.now() - timedelta(days=400)
        with pytest.raises(ConsentMissing, match="no published text"):
            unsigned.begin(at=before_publication)

    def test_an_emergency_reason_opens_emergency_notes_alone(self, unsigned):
        unsigned.give_emergency_reason(at=timezone.now())
        draft = unsigned.begin(NoteKind.EMERGENCY)
        assert draft.consent_override_id is not None
        assert draft.consent_basis_id is None
        with pytest.raises(ConsentMissing):
            unsigned.begin(NoteKind.SESSION)

    def test_an_emergency_reason_ends(self, unsigned):
        now = timezone.now()
        unsigned.give_emergency_reason(at=now)
        with pytest.raises(ConsentMissing):
            unsigned.begin(NoteKind.EMERGENCY, at=now + timedelta(hours=73))


class TestAfterANo:
    def test_declining_closes_what_waits(self, cast, unsigned):
        by = cast.robin.person.as_(Role.CLIENT)
        decline(by=by, client=unsigned.client, reason="", nonce=uuid4(), at=timezone.now())
        with pytest.raises(ConsentRefused, match="declined"):
            unsigned.begin()
        assert unsigned.begin(NoteKind.REFUSAL).kind == NoteKind.REFUSAL

    def test_the_session_counts_and_not_the_writing(self, cast, desk):
        thursday = timezone.now() + timedelta(minutes=1)
        friday, saturday, sunday = (thursday + timedelta(days=days) for days in (1, 2, 3))
        by = cast.robin.person.as_(Role.CLIENT)
        withdraw(by=by, client=desk.client, reason="", nonce=uuid4(), at=friday)
        assert desk.begin(session_at=thursday, at=sunday).consent_basis_id is not None
        with pytest.raises(ConsentRefused, match="withdrawn"):
            desk.begin(session_at=saturday, at=sunday)


class TestADraft:
    def test_rests_on_the_signature_and_is_in_the_log(self, desk, log):
        heard = log()
        draft = desk.begin()
        assert draft.consent_basis.kind == "signed"
        assert (draft.revision, draft.format) == (0, "session/1")
        assert heard.acts == [done(Act.VAULT_MADE), done(Act.DRAFT_BEGUN)]

    def test_about_the_same_session_is_begun_once(self, desk, log):
        first = desk.begin()
        heard = log()
        assert desk.begin(session_at=first.session_at).pk == first.pk
        assert heard.acts == []

    def test_about_the_same_session_may_be_of_another_kind(self, desk):
        first = desk.begin()
        assert desk.begin(NoteKind.PROCESS, session_at=first.session_at).pk != first.pk

    def test_goes_on_after_a_withdrawal(self, cast, desk):
        first = desk.begin()
        later = timezone.now() + timedelta(hours=1)
        withdraw(by=cast.robin.person.as_(Role.CLIENT), client=desk.client, reason="", nonce=uuid4(), at=later)
        assert desk.begin(session_at=first.session_at, at=later + timedelta(hours=1)).pk == first.pk


class TestTheRecord:
    @pytest.fixture
    def colleague(self, cast, desk):
        manager = cast.manager.as_(Role.MANAGER)
        start_care(by=manager, client=desk.client, therapist_id=cast.sam.user.pk, at=timezone.now())
        return cast.sam.user

    def test_is_made_only_for_readers_who_were_shown(self, desk, colleague):
        with pytest.raises(ReadersNotConfirmed) as refused:
            desk.begin()
        assert refused.value.readers == [colleague]
        assert not Draft.objects.exists()
        assert find_vault(record_of(desk)) is None

    def test_opens_for_those_who_were_shown(self, desk, colleague):
        desk.begin(confirmed=frozenset([colleague.pk]))
        assert holds_key(key_id=key_id_of_holder(colleague.pk), place=record_of(desk))


class TestProcessNotes:
    @pytest.mark.parametrize("recoverable", [False, True])
    def test_open_for_the_recovery_key_only_where_the_author_says_so(self, desk, recoverable):
        assert may_choose_recovery(by=desk.by, client=desk.client)
        desk.begin(NoteKind.PROCESS, recoverable=recoverable)
        recovery = vouch_for_recovery(Trust(desk.person.keys.root_id))
        assert holds_key(key_id=recovery.key_id, place=process_notes_of(desk)) is recoverable
        assert not may_choose_recovery(by=desk.by, client=desk.client)

    def test_lie_in_a_vault_of_their_author(self, desk):
        desk.write(NoteKind.PROCESS)
        assert find_vault(record_of(desk)) is None
        assert CANARY.encode() not in bytes(Draft.objects.get().sealed_body)
