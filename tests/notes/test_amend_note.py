"""Addenda: numbered, each with its reason and its author's signature, and the note itself stays as it was."""

import hashlib
import json
from base64 import b64encode
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from access.roles import Role
from audit.acts import Act
from audit.client_words import client_sentence
from audit.words import staff_sentence
from clients.services.finding import NoSuchClient
from keys.context import encode_fields
from keys.errors import KeyRefused, SealBroken
from notes.kinds import NoteKind
from notes.models import Addendum, Draft
from notes.published import ADDENDUM
from notes.sealed import bind_addendum, bind_draft
from notes.services.amending import NotYoursToAmend, begin_addendum, may_amend
from notes.services.bodies import unseal_addenda
from notes.services.drafting import discard_draft, open_draft, save_draft
from notes.services.finding import AlreadySigned, NoSuchNote, addenda_of
from notes.services.lasting import latest_signed
from notes.services.reading import browse_notes, read_note
from notes.services.redating import Moment, MomentOfNote, redate_draft
from notes.services.rows import rows_of_addenda, rows_of_drafts
from notes.services.signing import NoteIncomplete, sign_note
from tests.audit.sql import run
from tests.notes.conftest import ADDED, CANARY, FIELDS, denied, done, end_care, rewrite, settle, unguarded
from tests.notes.searching import search


def read(desk, note):
    return read_note(by=desk.by, note_id=note.pk, at=timezone.now())


def found_by(desk, words):
    _, records = search(desk, words)
    return [one for record in records for one in record.found]


def begin(desk, note):
    return begin_addendum(by=desk.by, note_id=note.pk, at=timezone.now())


class TestAmendNote:
    def test_adds_below_and_leaves_the_note_as_it_was(self, desk):
        note = desk.sign()
        desk.amend(note)
        opened = read(desk, note)
        assert opened.fields == FIELDS
        [added] = opened.addenda
        assert added.fields == ADDED
        assert [text for _, text in added.sections] == ["Something in the note is wrong", ADDED["why"], ADDED["text"]]
        assert (added.addendum.number, added.addendum.reason) == (1, "correction")
        assert not Draft.objects.exists()

    def test_numbers_them_note_by_note(self, desk, shared_desk):
        note, other = desk.sign(), desk.sign(NoteKind.CALL)
        numbers = [who.amend(which).number for who, which in ((desk, note), (shared_desk, note), (desk, other))]
        assert numbers == [1, 2, 1]
        assert [one.addendum.author.display_name for one in read(desk, note).addenda] == [
            desk.by.display_name,
            shared_desk.by.display_name,
        ]

    def test_writes_one_entry_with_number_reason_and_hash(self, desk, log):
        note, heard = desk.sign(), log()
        addendum = desk.amend(note, reason="client_asked")
        assert heard.acts == [done(Act.DRAFT_BEGUN), done(Act.DRAFT_OPENED), done(Act.NOTE_AMENDED)]
        entry, digest = json.loads(heard.bodies[-1]), hashlib.sha256(bytes(addendum.sealed_body)).digest()
        assert (entry["obj"]["type"], entry["obj"]["id"]) == ("notes.addendum", str(addendum.pk))
        assert entry["enc"] == {"h": b64encode(digest).decode(), "k": "record"}
        assert entry["obj"]["fields"] == ["addendum_1", "client_asked"]
        assert addendum.ciphertext_sha256 == digest.hex()
        assert not any(CANARY.encode() in body for body in heard.bodies)

    def test_rests_on_what_its_note_rests_on(self, desk):
        note = desk.sign()
        assert desk.amend(note).consent_basis == note.consent_basis

    @pytest.mark.parametrize("missing", [section.name for section in ADDENDUM.sections])
    def test_is_not_signed_without_reason_words_and_text(self, desk, missing):
        note = desk.sign()
        with pytest.raises(NoteIncomplete):
            desk.amend(note, **{missing: " " if missing != "reason" else ""})
        assert not Addendum.objects.exists()
        assert Draft.objects.get().amends == note

    def test_signs_once_however_often_it_is_sent(self, desk):
        note = desk.sign()
        addendum = desk.amend(note)
        assert sign_note(by=desk.by, draft_id=addendum.pk, revision=1, at=timezone.now()) == note
        assert Addendum.objects.count() == 1
        with pytest.raises(AlreadySigned) as signed:
            open_draft(by=desk.by, draft_id=addendum.pk, at=timezone.now())
        assert signed.value.note == note


class TestItsDraft:
    def test_is_one_beside_a_draft_about_the_same_moment(self, desk):
        note = desk.sign()
        draft = begin(desk, note)
        assert begin(desk, note) == draft
        other = desk.begin(session_at=note.session_at)
        assert other != draft
        assert other.amends is None

    def test_is_saved_opened_and_thrown_away_like_any_other(self, desk, log):
        draft, heard = begin(desk, desk.sign()), log()
        save_draft(by=desk.by, draft=draft, revision=0, fields=ADDED, at=timezone.now())
        assert open_draft(by=desk.by, draft_id=draft.pk, at=timezone.now()).fields == ADDED
        discard_draft(by=desk.by, draft_id=draft.pk, at=timezone.now())
        assert heard.acts == [done(Act.DRAFT_OPENED), done(Act.DRAFT_DISCARDED)]
        assert not Draft.objects.exists()

    def test_led_to_another_note_opens_nowhere(self, desk):
        draft, other = begin(desk, desk.sign()), desk.sign(NoteKind.CALL)
        Draft.objects.filter(pk=draft.pk).update(amends=other)
        with pytest.raises(SealBroken):
            open_draft(by=desk.by, draft_id=draft.pk, at=timezone.now())

    def test_keeps_the_moment_of_its_note(self, desk):
        draft = begin(desk, desk.sign())
        moment = Moment(timezone.now() - timedelta(days=1), 10)
        with pytest.raises(MomentOfNote):
            redate_draft(by=desk.by, draft_id=draft.pk, moment=moment, at=timezone.now())
        assert Draft.objects.get().session_at == draft.session_at


class TestWhoMay:
    def test_is_a_colleague_in_care_under_their_own_name(self, desk, shared_desk):
        note = desk.sign()
        assert shared_desk.amend(note).author == shared_desk.person.user

    def test_is_nobody_else(self, desk, sams_desk):
        with pytest.raises(NoSuchNote):
            begin(sams_desk, desk.sign())
        assert not Draft.objects.exists()

    def test_is_the_author_alone_of_a_process_note(self, desk, shared_desk):
        note = desk.sign(NoteKind.PROCESS)
        with pytest.raises(NoSuchNote):
            begin(shared_desk, note)
        assert desk.amend(note).audit_type == "notes.process_addendum"

    def test_is_not_who_keeps_the_record_after_the_therapy(self, desk, log, monkeypatch):
        note, heard = desk.sign(), log()
        monkeypatch.setattr("notes.services.amending.is_in_care", lambda **_: False)
        monkeypatch.setattr("notes.services.amending.is_reachable", lambda **_: False)
        assert not may_amend(by=desk.by, note=note)
        with pytest.raises(NotYoursToAmend):
            begin(desk, note)
        assert heard.acts == [denied(Act.NOTE_REFUSED)]
        assert not Draft.objects.exists()

    def test_is_who_began_it_in_care_though_the_care_has_ended(self, desk, shared_desk):
        note = desk.sign()
        draft = begin(desk, note)
        save_draft(by=desk.by, draft=draft, revision=0, fields=ADDED, at=timezone.now())
        end_care(desk)
        sign_note(by=desk.by, draft_id=draft.pk, revision=1, at=timezone.now())
        assert read(shared_desk, note).addenda[0].fields == ADDED

    @pytest.mark.parametrize("role", [Role.MANAGER, Role.CLIENT])
    def test_is_a_therapist_whatever_the_gate_let_through(self, cast, desk, role):
        person, note = {Role.MANAGER: cast.manager, Role.CLIENT: cast.robin.person}[role], desk.sign()
        with pytest.raises(NoSuchClient):
            begin_addendum(by=person.as_(role), note_id=note.pk, at=timezone.now())
        assert not addenda_of(person.as_(role)).exists()


class TestAnAlteredAddendum:
    @pytest.fixture
    def note(self, desk):
        note = desk.sign(NoteKind.CALL)
        desk.amend(note)
        return note

    @pytest.mark.parametrize("change", [{"number": 2}, {"reason": "omission"}, {"signed_at": timezone.now()}])
    def test_with_another_fact_stays_closed(self, desk, note, change):
        rewrite(note.addenda.get(), **change)
        with pytest.raises(SealBroken):
            read(desk, note)

    def test_under_another_note_stays_closed(self, desk, note):
        other = desk.sign(NoteKind.SAFETY)
        rewrite(note.addenda.get(), note=other)
        with pytest.raises(SealBroken):
            read(desk, other)

    def test_with_the_signature_of_another_is_not_believed(self, desk, note):
        first, second = note.addenda.get(), desk.amend(note)
        rewrite(second, signature=first.signature)
        with pytest.raises(KeyRefused, match="note_signature"):
            read(desk, note)

    def test_that_is_gone_from_the_middle_is_missed(self, desk, note):
        desk.amend(note)
        with unguarded(Addendum):
            Addendum.objects.filter(number=1).delete()
        with pytest.raises(SealBroken):
            read(desk, note)

    def test_is_signed_for_the_very_text_of_its_note(self, desk, note):
        receipt = read(desk, note).receipt
        rewrite(note, ciphertext_sha256="0" * 64)
        with pytest.raises(KeyRefused, match="note_signature"):
            unseal_addenda(by=desk.by, note=note, receipt=receipt)


class TestWhereItIsShown:
    def test_is_counted_in_lists(self, desk):
        note, other = desk.sign(), desk.sign(NoteKind.CALL)
        desk.amend(note)
        desk.amend(note)
        listed = browse_notes(by=desk.by, client=desk.client, at=timezone.now())
        assert {row.pk: row.count_addenda for row in listed} == {note.pk: 2, other.pk: 0}

    def test_is_found_by_its_words(self, desk):
        addendum = desk.amend(desk.sign(), text="A quite unheard-of marmalade.")
        [found] = found_by(desk, "marmalade")
        assert found.written == addendum
        assert found.written.label == "Addendum 1"

    def test_is_found_by_nobody_else(self, desk, shared_desk, sams_desk):
        desk.amend(desk.sign(NoteKind.PROCESS), text="A quite unheard-of marmalade.")
        assert found_by(shared_desk, "marmalade") == found_by(sams_desk, "marmalade") == []

    def test_under_the_signature_of_another_is_not_shown_by_a_search(self, desk):
        note = desk.sign(NoteKind.CALL)
        first, second = desk.amend(note, text="Plain."), desk.amend(note, text="A quite unheard-of marmalade.")
        rewrite(second, signature=first.signature)
        [found] = found_by(desk, "marmalade")
        assert found.problem
        assert not found.passages

    def test_rows_are_bound_as_the_model_binds_them(self, desk):
        note = desk.sign()
        addendum, draft = desk.amend(note), begin(desk, note)
        [row] = rows_of_addenda(Addendum.objects.all())
        [unsigned] = rows_of_drafts(Draft.objects.filter(pk=draft.pk))
        assert row.text.fields == encode_fields(*bind_addendum(addendum)[1:])
        assert unsigned.text.fields == encode_fields(*bind_draft(draft)[1:])

    def test_makes_the_record_last(self, desk):
        addendum = desk.amend(desk.sign())
        assert (desk.client.pk, addendum.signed_at) in latest_signed([desk.client.pk])

    def test_is_told_by_its_name(self):
        assert staff_sentence(Act.NOTE_AMENDED, "notes.addendum") == "signed an addendum to a progress note"
        assert staff_sentence(Act.DRAFT_BEGUN, "notes.process_addendum").endswith("an addendum to a process note")
        assert client_sentence(Act.NOTE_AMENDED, "notes.addendum") == "signed an addendum to one of your notes"


class TestTheGuard:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE notes_addendum SET reason = 'omission'",
            "UPDATE notes_addendum SET sealed_body = signature",
            "DELETE FROM notes_addendum",
            *(["TRUNCATE notes_addendum"] if connection.vendor == "postgresql" else []),
        ],
    )
    def test_lets_no_statement_change_it(self, desk, statement):
        desk.amend(desk.sign())
        settle()
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            run(statement)
        assert Addendum.objects.count() == 1

    @pytest.mark.parametrize(
        ("change", "rule"),
        [({"number": 0}, "from_1"), ({"number": 2, "reason": "because"}, "has_reason"), ({}, "number_once")],
    )
    def test_holds_it_to_its_rules(self, desk, change, rule):
        addendum = desk.amend(desk.sign())
        facts = {field.attname: getattr(addendum, field.attname) for field in Addendum._meta.concrete_fields}
        with pytest.raises(IntegrityError, match=rf"{rule}|append-only"), transaction.atomic():
            Addendum.objects.create(**{**facts, "id": addendum.note_id, **change})
