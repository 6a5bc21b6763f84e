"""A note for the wrong client: a stub where it was, a draft where it belongs, and neither record names the other."""

import json
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from access.roles import Role
from audit.acts import Act
from audit.client_words import client_sentence
from audit.models import Entry, EntrySubject
from clients.services.looks import browse_looks
from clients.services.therapy import end_therapy
from clients.services.vaults import ReadersNotConfirmed
from keys.errors import KeyRefused
from notes.formats import Format, Section
from notes.kinds import NoteKind
from notes.models import Draft, Note, Version, Withdrawal
from notes.published import current_format
from notes.services.amending import WithdrawnMeanwhile, begin_addendum
from notes.services.basing import ConsentMissing
from notes.services.bodies import sign_withdrawal
from notes.services.carrying import (
    Destination,
    DraftThere,
    IsAddendum,
    NotWithdrawn,
    SameClient,
    TypedMeanwhile,
    _end,
    carry_draft,
    carry_note,
    fitting,
)
from notes.services.drafting import open_draft, save_draft
from notes.services.ended import browse_ended_notes
from notes.services.finding import NoSuchNote, find_draft
from notes.services.reading import browse_notes, last_note, read_note
from notes.services.signing import sign_note
from notes.services.withdrawing import NotYoursToWithdraw, read_stub, withdraw_note
from tests.audit.sql import run
from tests.notes.conftest import ADDED, FIELDS, denied, done, rewrite, settle
from tests.notes.searching import found


def withdraw(desk, note, at=None):
    return withdraw_note(by=desk.by, note_id=note.pk, at=at or timezone.now())


def stub(desk, note):
    return read_stub(by=desk.by, note_id=note.pk, at=timezone.now())


def there(cast, right, **changes):
    facts = {"session_at": timezone.now().replace(microsecond=0), "confirmed": frozenset([cast.sam.user.pk])}
    return Destination(right.client.pk, **{**facts, **changes})


def entries_about(client, after=0):
    """Return what the log has about a client, as it was written."""
    about = EntrySubject.objects.filter(handle=client.audit_handle, entry_id__gt=after).values("entry_id")
    entries = Entry.objects.filter(pk__in=about).order_by("pk")
    return [json.loads(bytes(body)) for body in entries.values_list("body", flat=True)]


class TestWithdrawNote:
    def test_leaves_a_stub_and_shows_the_text_to_nobody(self, desk, shared_desk):
        note = desk.sign()
        desk.amend(note)
        withdraw(desk, note)
        for who in (desk, shared_desk):
            with pytest.raises(NoSuchNote):
                read_note(by=who.by, note_id=note.pk, at=timezone.now())
            assert found(who, "zaunkonig") == set()
            [listed] = browse_notes(by=who.by, client=desk.client, at=timezone.now())
            assert listed.is_withdrawn
            assert stub(who, note).note == note
            assert last_note(by=who.by, client=desk.client, before=timezone.now()) is None

    def test_keeps_what_was_signed_as_it_was(self, desk):
        note = desk.sign()
        before = Note.objects.values().get()
        withdraw(desk, note)
        assert Note.objects.values().get() == before

    def test_is_one_entry_which_the_client_reads(self, cast, desk, log):
        note, heard = desk.sign(), log()
        withdraw(desk, note)
        withdraw(desk, note)
        assert heard.acts == [done(Act.NOTE_WITHDRAWN)]
        robin = cast.robin.person.as_(Role.CLIENT)
        looks = browse_looks(by=robin, client=desk.client, before=None, at=timezone.now()).looks
        sentence = "withdrew one of your notes, because it had been written for somebody else"
        assert (desk.by.display_name, sentence) in [(look.who, look.what) for look in looks]

    def test_is_its_authors_alone(self, desk, shared_desk, sams_desk, log):
        note, heard = desk.sign(), log()
        with pytest.raises(NotYoursToWithdraw):
            withdraw(shared_desk, note)
        with pytest.raises(NoSuchNote):
            withdraw(desk, sams_desk.sign())
        assert heard.acts.count(denied(Act.NOTE_REFUSED)) == 1
        assert not Withdrawal.objects.exists()

    def test_of_a_process_note_is_known_to_nobody_else(self, desk, shared_desk):
        note = desk.sign(NoteKind.PROCESS)
        withdraw(desk, note)
        with pytest.raises(NoSuchNote):
            stub(shared_desk, note)
        assert note not in browse_notes(by=shared_desk.by, client=desk.client, at=timezone.now())

    def test_leaves_a_stub_after_the_therapy_too(self, desk):
        note = desk.sign()
        end_therapy(by=desk.by, client=desk.client, at=timezone.now())
        withdraw(desk, note)
        [listed] = browse_ended_notes(by=desk.by, client=desk.client, at=timezone.now()).notes
        assert listed.is_withdrawn

    def test_lets_nothing_be_added_any_more(self, desk, log):
        note = desk.sign()
        draft = begin_addendum(by=desk.by, note_id=note.pk, at=timezone.now())
        save_draft(by=desk.by, draft=draft, revision=0, fields=ADDED, at=timezone.now())
        withdraw(desk, note)
        with pytest.raises(WithdrawnMeanwhile):
            sign_note(by=desk.by, draft_id=draft.pk, revision=1, at=timezone.now())
        with pytest.raises(NoSuchNote):
            begin_addendum(by=desk.by, note_id=note.pk, at=timezone.now())
        assert not note.addenda.exists()
        assert open_draft(by=desk.by, draft_id=draft.pk, at=timezone.now()).fields == ADDED


class TestAPlantedStub:
    @pytest.mark.parametrize("change", ["withdrawn_at", "author", "signature"])
    def test_is_not_believed(self, cast, desk, shared_desk, change):
        note, other = desk.sign(NoteKind.CALL), desk.sign(NoteKind.SAFETY)
        withdraw(desk, note)
        withdraw(desk, other)
        planted = {
            "withdrawn_at": timezone.now() - timedelta(days=1),
            "author": cast.sam.user,
            "signature": other.withdrawal.signature,
        }
        rewrite(note.withdrawal, **{change: planted[change]})
        with pytest.raises(KeyRefused, match="note_signature"):
            stub(desk, note)

    def test_by_a_colleague_hides_nothing_for_long(self, cast, desk, shared_desk):
        # A colleague's key signs whatever a colleague likes; only the author's word counts.
        note = desk.sign()
        planted = Withdrawal(note=note, client=note.client, author=cast.sam.user, withdrawn_at=timezone.now())
        sign_withdrawal(planted, keyring=cast.sam.keys)
        planted.save(force_insert=True)
        with pytest.raises(KeyRefused, match="note_signature"):
            stub(desk, note)


class TestTheGuard:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE notes_withdrawal SET signature = signed_with",
            "DELETE FROM notes_withdrawal",
            *(["TRUNCATE notes_withdrawal"] if connection.vendor == "postgresql" else []),
        ],
    )
    def test_lets_no_statement_change_it(self, desk, statement):
        withdraw(desk, desk.sign())
        settle()
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            run(statement)
        assert Withdrawal.objects.count() == 1


class TestCarryNote:
    def test_begins_a_draft_through_the_gate_with_an_entry_in_each_record(self, cast, desk, right, log):
        note = desk.sign()
        withdraw(desk, note)
        heard = log()
        draft = carry_note(by=desk.by, note_id=note.pk, to=there(cast, right), at=timezone.now())
        assert open_draft(by=desk.by, draft_id=draft.pk, at=timezone.now()).fields == FIELDS
        assert (draft.client, draft.kind) == (right.client, note.kind)
        [taken] = entries_about(desk.client, heard.after)
        assert (taken["action"], taken["purpose"]) == (Act.NOTE_CARRIED, "HOPERAT")
        acts = [entry["action"] for entry in entries_about(right.client, heard.after)]
        assert Act.DRAFT_BEGUN in acts
        assert Withdrawal.objects.get().note == note
        wrong, good = (entries_about(one, heard.after) for one in (desk.client, right.client))
        assert not any(right.client.audit_handle.hex() in json.dumps(entry) for entry in wrong)
        assert not any(desk.client.audit_handle.hex() in json.dumps(entry) for entry in good)

    def test_opens_nothing_where_the_gate_says_no(self, cast, desk, right, log):
        note, long_ago = desk.sign(), timezone.now() - timedelta(days=30)
        withdraw(desk, note)
        heard = log()
        with pytest.raises(ConsentMissing):
            carry_note(by=desk.by, note_id=note.pk, to=there(cast, right, session_at=long_ago), at=timezone.now())
        assert done(Act.NOTE_CARRIED) not in heard.acts
        assert not Draft.objects.exists()

    def test_makes_a_record_only_before_the_eyes_of_who_reads_it(self, cast, desk, right):
        note = desk.sign()
        withdraw(desk, note)
        with pytest.raises(ReadersNotConfirmed):
            carry_note(by=desk.by, note_id=note.pk, to=there(cast, right, confirmed=frozenset()), at=timezone.now())
        assert not Draft.objects.exists()

    def test_is_refused_before_the_note_is_withdrawn(self, cast, desk, right):
        with pytest.raises(NotWithdrawn):
            carry_note(by=desk.by, note_id=desk.sign().pk, to=there(cast, right), at=timezone.now())
        assert not Draft.objects.exists()

    def test_writes_over_nothing_that_was_begun_there(self, cast, desk, right):
        note, to = desk.sign(), there(cast, right)
        withdraw(desk, note)
        other = right.write(session_at=to.session_at, confirmed=to.confirmed)
        changed = {**FIELDS, "brought": "Something else."}
        save_draft(by=right.by, draft=other, revision=1, fields=changed, at=timezone.now())
        with pytest.raises(DraftThere):
            carry_note(by=desk.by, note_id=note.pk, to=to, at=timezone.now())
        assert open_draft(by=right.by, draft_id=other.pk, at=timezone.now()).fields == changed
        assert not Version.objects.filter(aside=True).exists()


class TestCarryDraft:
    def test_ends_the_one_that_was_begun_for_the_wrong_client(self, cast, desk, right, log):
        draft = desk.write()
        desk.write_on(draft)
        heard, fields = log(), open_draft(by=desk.by, draft_id=draft.pk, at=timezone.now()).fields
        begun = carry_draft(by=desk.by, draft_id=draft.pk, to=there(cast, right), at=timezone.now())
        assert open_draft(by=desk.by, draft_id=begun.pk, at=timezone.now()).fields == fields
        assert not Version.objects.exists()
        assert list(Draft.objects.all()) == [begun]
        assert [entry["action"] for entry in entries_about(desk.client, heard.after)] == [
            Act.DRAFT_OPENED,
            Act.DRAFT_OPENED,
            Act.DRAFT_CARRIED,
        ]
        assert "somebody else" in client_sentence(Act.DRAFT_CARRIED, "notes.note")

    def test_keeps_it_where_the_gate_says_no(self, cast, desk, right):
        draft, to = desk.write(), there(cast, right, session_at=timezone.now() - timedelta(days=30))
        with pytest.raises(ConsentMissing):
            carry_draft(by=desk.by, draft_id=draft.pk, to=to, at=timezone.now())
        assert list(Draft.objects.all()) == [draft]

    def test_takes_the_next_session_along(self, desk, right, signed_in, cast):
        following = (timezone.localtime() + timedelta(days=7)).replace(second=0, microsecond=0)
        draft = desk.write(next_at=following)
        dana, address = signed_in(cast.dana), f"/drafts/{draft.pk}/carry/"
        typed = following.strftime("%Y-%m-%dT%H:%M")
        assert f'name="next_at" value="{typed}"' in dana.get(address).content.decode()
        moment = timezone.localtime(draft.session_at).strftime("%Y-%m-%dT%H:%M")
        sent = {
            "client": str(right.client.pk),
            "session_at": moment,
            "next_at": typed,
            "readers": [str(cast.sam.user.pk)],
        }
        dana.post(address, sent)
        assert Draft.objects.get().client == right.client
        assert Draft.objects.get().next_at == following

    def test_goes_on_where_a_failure_stopped_it(self, cast, desk, right, monkeypatch):
        draft, to = desk.write(), there(cast, right)

        def fail(*_):
            raise RuntimeError

        with monkeypatch.context() as broken:
            broken.setattr("notes.services.carrying._end", fail)
            with pytest.raises(RuntimeError):
                carry_draft(by=desk.by, draft_id=draft.pk, to=to, at=timezone.now())
        assert Draft.objects.count() == 2
        begun = carry_draft(by=desk.by, draft_id=draft.pk, to=to, at=timezone.now())
        assert list(Draft.objects.all()) == [begun]

    def test_keeps_both_where_one_was_typed_in_meanwhile(self, desk):
        opened = open_draft(by=desk.by, draft_id=desk.write().pk, at=timezone.now())
        save_draft(by=desk.by, draft=opened.draft, revision=1, fields={**FIELDS, "plan": "More."}, at=timezone.now())
        with pytest.raises(TypedMeanwhile):
            _end(desk.by, opened.draft, timezone.now())
        assert find_draft(by=desk.by, draft_id=opened.draft.pk).revision == 2

    def test_goes_to_another_client_and_never_as_an_addendum(self, cast, desk, right):
        draft = desk.write()
        with pytest.raises(SameClient):
            carry_draft(by=desk.by, draft_id=draft.pk, to=there(cast, desk), at=timezone.now())
        added = begin_addendum(by=desk.by, note_id=desk.sign(NoteKind.CALL).pk, at=timezone.now())
        with pytest.raises(IsAddendum):
            carry_draft(by=desk.by, draft_id=added.pk, to=there(cast, right), at=timezone.now())
        assert set(Draft.objects.all()) == {draft, added}


class TestAnotherFormat:
    def test_loses_no_word(self):
        into = Format(
            "x/1", "X", (Section("choice", "C", choices=(("a", "A"),)), Section("brought", "B"), Section("z", "Z"))
        )
        texts = fitting({**FIELDS, "plan": "Walk."}, current_format(NoteKind.SESSION), into=into)
        assert texts["brought"].startswith(FIELDS["brought"])
        assert "What we did together: " + FIELDS["together"] in texts["brought"]
        assert "Plan: Walk." in texts["brought"]
        assert "Safety: No new concern today" in texts["brought"]
        assert set(texts) == {"brought"}
