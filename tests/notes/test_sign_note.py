"""Signing: one note, sealed and signed under its own facts, and the draft is gone."""

import hashlib
import json
from base64 import b64encode
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from access.roles import Role
from audit.acts import Act
from audit.services import AuditUnavailable
from audit.words import LATE_ENTRY, with_lateness
from consent.limits import Limit
from consent.services.discussing import TalkMissing
from consent.services.refusing import withdraw
from notes.kinds import NoteKind
from notes.models import Draft, Note
from notes.services.drafting import discard_draft, open_draft, save_draft
from notes.services.finding import NoSuchNote
from notes.services.reading import read_note
from notes.services.signing import DraftChanged, NoteIncomplete, _sign, sign_note
from tests.audit.sql import plant
from tests.cast import sign_consent
from tests.notes.conftest import CANARY, FIELDS, denied, done, fields_of


def sign(desk, draft, **changes):
    facts = {"revision": draft.revision, "at": timezone.now(), **changes}
    return sign_note(by=desk.by, draft_id=draft.pk, **facts)


class TestSignNote:
    @pytest.mark.parametrize("kind", sorted(set(NoteKind) - {NoteKind.EMERGENCY, NoteKind.IMPORTED}))
    def test_turns_a_draft_of_each_kind_into_a_note(self, desk, kind):
        note = desk.sign(kind)
        assert not Draft.objects.exists()
        assert read_note(by=desk.by, note_id=note.pk, at=timezone.now()).fields == fields_of(kind)

    def test_writes_one_entry_that_commits_to_the_ciphertext(self, desk, log):
        draft, heard = desk.write(), log()
        note = sign(desk, draft)
        assert heard.acts == [done(Act.DRAFT_OPENED), done(Act.CONSENT_ANSWERS_READ), done(Act.NOTE_WRITTEN)]
        digest = hashlib.sha256(bytes(note.sealed_body)).digest()
        entry = json.loads(heard.bodies[-1])
        assert entry["enc"] == {"h": b64encode(digest).decode(), "k": "record"}
        assert entry["basis"] == {"id": str(note.consent_basis_id), "kind": "consent"}
        assert note.ciphertext_sha256 == digest.hex()

    def test_signs_once_however_often_it_is_sent(self, desk, log):
        draft = desk.write()
        note, heard = sign(desk, draft), log()
        assert sign(desk, draft) == note
        assert Note.objects.count() == 1
        assert heard.acts == []

    def test_seals_what_nobody_can_guess_from_its_signature(self, desk):
        # The same words twice: the sealed salt makes two hashes, so a signature confirms no guess.
        first, second = desk.sign(NoteKind.CALL), desk.sign(NoteKind.MESSAGE)
        assert bytes(first.signature) != bytes(second.signature)
        assert CANARY.encode() not in bytes(first.sealed_body) + bytes(first.signature)

    def test_refuses_what_was_not_reviewed(self, desk):
        draft = desk.write()
        save_draft(by=desk.by, draft=draft, revision=1, fields=FIELDS, at=timezone.now())
        with pytest.raises(DraftChanged):
            sign(desk, draft)
        assert not Note.objects.exists()
        assert Draft.objects.get().revision == 2

    def test_refuses_what_is_not_complete(self, desk, log):
        draft = desk.begin()
        heard = log()
        with pytest.raises(NoteIncomplete):
            sign(desk, draft)
        assert heard.acts == [done(Act.DRAFT_OPENED), denied(Act.NOTE_REFUSED)]
        assert not Note.objects.exists()

    def test_asks_for_the_follow_up_only_where_there_is_one(self, desk):
        draft = desk.write()
        fields = {**FIELDS, "safety": "follow_up"}
        save_draft(by=desk.by, draft=draft, revision=1, fields=fields, at=timezone.now())
        with pytest.raises(NoteIncomplete):
            sign(desk, draft, revision=2)
        assert not Note.objects.exists()

    def test_refuses_what_contradicts_itself(self, desk, log):
        draft = desk.write()
        fields = {**FIELDS, "follow_up": "Agreed on a plan."}
        save_draft(by=desk.by, draft=draft, revision=1, fields=fields, at=timezone.now())
        heard = log()
        with pytest.raises(NoteIncomplete):
            sign(desk, draft, revision=2)
        assert heard.acts == [done(Act.DRAFT_OPENED), denied(Act.NOTE_REFUSED)]
        assert not Note.objects.exists()
        assert open_draft(by=desk.by, draft_id=draft.pk, at=timezone.now()).fields == fields

    def test_is_for_the_author_alone(self, shared_desk, desk):
        draft = desk.write()
        with pytest.raises(NoSuchNote):
            sign(shared_desk, draft)
        assert Draft.objects.filter(pk=draft.pk).exists()

    def test_keeps_the_draft_where_the_look_cannot_be_recorded(self, desk):
        draft = desk.write()
        plant("audit_entry", swallow=True)
        with pytest.raises(AuditUnavailable):
            sign(desk, draft)
        assert Draft.objects.filter(pk=draft.pk).exists()
        assert not Note.objects.exists()

    def test_says_when_it_came_late(self, desk, log):
        draft = desk.write()
        assert not sign(desk, draft).is_late
        late, heard = desk.write(NoteKind.CALL, session_at=timezone.now() - timedelta(hours=73)), log()
        assert sign(desk, late).is_late
        assert json.loads(heard.bodies[-1])["obj"]["fields"] == [LATE_ENTRY]
        assert with_lateness("signed a progress note", [LATE_ENTRY]) == "signed a progress note, as a late entry"


class TestTwoRequestsAtOnce:
    """Both have opened the draft; what the first one does meets the second where it wants to sign."""

    @pytest.fixture
    def opened(self, desk):
        return open_draft(by=desk.by, draft_id=desk.write().pk, at=timezone.now())

    def test_sign_one_note(self, desk, opened):
        note = sign(desk, opened.draft)
        assert _sign(desk.by, opened, timezone.now()) == note
        assert Note.objects.count() == 1

    def test_do_not_sign_what_was_saved_meanwhile(self, desk, opened):
        save_draft(by=desk.by, draft=opened.draft, revision=1, fields=FIELDS, at=timezone.now())
        with pytest.raises(DraftChanged):
            _sign(desk.by, opened, timezone.now())
        assert not Note.objects.exists()

    def test_do_not_sign_what_was_thrown_away_meanwhile(self, desk, opened):
        discard_draft(by=desk.by, draft_id=opened.draft.pk, at=timezone.now())
        with pytest.raises(NoSuchNote):
            _sign(desk.by, opened, timezone.now())
        assert not Note.objects.exists()


class TestWhatANoteRestsOn:
    def test_finishing_is_not_blocked_by_a_withdrawal(self, cast, desk):
        draft = desk.write()
        later = timezone.now() + timedelta(hours=1)
        withdraw(by=cast.robin.person.as_(Role.CLIENT), client=desk.client, reason="", nonce=uuid4(), at=later)
        assert sign(desk, draft, at=later + timedelta(days=2)).consent_basis_id == draft.consent_basis_id

    def test_finishing_is_not_blocked_by_the_end_of_an_emergency_reason(self, unsigned):
        before, now = timezone.now() - timedelta(hours=2), timezone.now()
        unsigned.give_emergency_reason(at=now)
        draft = unsigned.write(NoteKind.EMERGENCY, session_at=before)
        note = sign(unsigned, draft, at=now + timedelta(hours=100))
        assert note.consent_override_id == draft.consent_override_id
        assert note.consent_basis_id is None

    def test_a_signature_given_meanwhile_takes_the_place_of_the_emergency(self, cast, unsigned):
        unsigned.give_emergency_reason(at=timezone.now())
        draft = unsigned.write(NoteKind.EMERGENCY)
        sign_consent(cast.robin)
        note = sign(unsigned, draft)
        assert note.consent_override_id is None
        assert note.consent_basis.kind == "signed"


class TestTheTalk:
    @pytest.fixture
    def doubtful(self, cast, unsigned):
        sign_consent(cast.robin, unclear=frozenset([next(iter(Limit))]))
        return unsigned

    def test_comes_before_the_first_note(self, doubtful):
        draft = doubtful.write()
        with pytest.raises(TalkMissing):
            sign(doubtful, draft)
        assert not Note.objects.exists()

    def test_is_ticked_once(self, doubtful, log):
        draft, heard = doubtful.write(), log()
        sign(doubtful, draft, talked=True)
        assert done(Act.CONSENT_DISCUSSED) in heard.acts
        again = doubtful.write(NoteKind.PROCESS)
        sign(doubtful, again)

    def test_is_not_looked_up_after_the_first_note(self, doubtful, log):
        sign(doubtful, doubtful.write(), talked=True)
        draft = doubtful.write(NoteKind.PROCESS)
        heard = log()
        sign(doubtful, draft)
        assert heard.acts == [done(Act.DRAFT_OPENED), done(Act.NOTE_WRITTEN)]

    def test_is_looked_up_again_where_the_client_signed_anew(self, cast, doubtful):
        sign(doubtful, doubtful.write(), talked=True)
        by, now = cast.robin.person.as_(Role.CLIENT), timezone.now()
        withdraw(by=by, client=doubtful.client, reason="", nonce=uuid4(), at=now)
        sign_consent(cast.robin, unclear=frozenset([next(iter(Limit))]))
        with pytest.raises(TalkMissing):
            sign(doubtful, doubtful.write(NoteKind.PROCESS))

    def test_is_not_asked_of_a_note_that_never_waits(self, doubtful):
        assert sign(doubtful, doubtful.write(NoteKind.SAFETY)).kind == NoteKind.SAFETY

    def test_is_not_asked_once_the_client_withdrew(self, cast, doubtful):
        draft, later = doubtful.write(), timezone.now() + timedelta(hours=1)
        withdraw(by=cast.robin.person.as_(Role.CLIENT), client=doubtful.client, reason="", nonce=uuid4(), at=later)
        assert sign(doubtful, draft, at=later + timedelta(hours=1)).kind == NoteKind.SESSION
