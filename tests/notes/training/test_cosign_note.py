"""What a therapist in training signed: read by their supervisor, co-signed, or sent back with a wish for changes."""

import json
import shutil
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction

from access.roles import Role
from audit.acts import Act
from clients.models.training import Supervised, Supervision
from clients.services.finding import NoSuchClient
from clients.services.looks import browse_looks
from clients.services.supervised import SupervisionClosed
from keys.errors import KeyRefused, NoGrant, SealBroken
from notes.kinds import NoteKind
from notes.models import Note
from notes.models.cosigning import Cosignature, Wish
from notes.services.cosign_desk import cosign_desk_of
from notes.services.cosigned import CosignState, cosign, cosignings_of
from notes.services.cosigning import (
    ChangedMeanwhile,
    NothingWaits,
    browse_supervised_notes,
    browse_to_cosign,
    cosign_note,
    read_as_supervisor,
)
from notes.services.proving import prove_note
from notes.services.reading import read_note
from notes.services.withdrawing import withdraw_note
from tests.notes.conftest import CANARY, denied, done, rewrite
from tests.notes.test_prove_note import follow
from tests.notes.training.conftest import NOW, WISH


class TestWhatWaits:
    def test_is_what_was_signed_in_the_supervision_oldest_first(self, signed, note):
        call = signed.desk.sign(NoteKind.CALL)
        signed.desk.sign(NoteKind.PROCESS)
        assert signed.waiting() == [note, call]
        before = Note.objects.exclude(pk__in=[note.pk, call.pk]).exclude(kind=NoteKind.PROCESS).get()
        assert signed.state(before) is None
        assert signed.state(note) is CosignState.WAITING

    def test_is_nobody_elses_and_not_the_supervisors_own(self, signed, sams_desk):
        own = sams_desk.sign()
        assert own not in signed.waiting()
        assert signed.state(own) is None
        assert browse_to_cosign(by=signed.desk.by) == []
        assert browse_to_cosign(by=signed.manager) == []

    def test_is_none_of_what_was_withdrawn(self, signed, note):
        withdraw_note(by=signed.desk.by, note_id=note.pk, at=NOW())
        assert signed.waiting() == []
        with pytest.raises(NoSuchClient):
            signed.read(note)

    def test_closes_with_the_supervision_and_stays_without_a_signature(self, signed, note):
        signed.end()
        assert signed.waiting() == []
        assert signed.state(note) is CosignState.MISSING
        with pytest.raises(SupervisionClosed):
            signed.read(note)

    def test_costs_one_question_where_nobody_is_in_training(self, desk, django_assert_num_queries):
        note = desk.sign()
        with django_assert_num_queries(1):
            assert cosignings_of([note]) == {}


class TestReading:
    def test_is_a_look_that_the_client_sees_as_a_supervisors(self, cast, signed, note):
        read = signed.read(note)
        assert read.label == "Robin Marlowe"
        assert any(CANARY in text for _, text in read.opened.sections)
        robin = cast.robin.person.as_(Role.CLIENT)
        looks = browse_looks(by=robin, client=signed.desk.client, before=None, at=NOW()).looks
        told = {(look.what, look.why) for look in looks if look.who == "Samuel Okafor"}
        assert told == {("read one of your notes", "as supervisor of Dana Whitlock")}

    def test_lists_the_notes_of_the_therapist_in_training_alone(self, signed, note, right):
        listed = browse_supervised_notes(by=signed.sam, client_id=signed.desk.client.pk, at=NOW())
        assert note in listed.notes
        assert len(listed.notes) == 2
        assert {row.author for row in listed.notes} == {signed.desk.person.user}

    def test_never_opens_process_notes_or_what_was_not_given(self, signed, right, log):
        confirmed = frozenset([signed.sam.user.pk])
        own, elsewhere, heard = signed.desk.sign(NoteKind.PROCESS), right.sign(confirmed=confirmed), log()
        for hidden in (own, elsewhere):
            with pytest.raises(NoSuchClient):
                signed.read(hidden)
        assert [outcome for _, outcome in heard.acts] == ["denied", "denied"]

    def test_is_nobody_elses(self, signed, note):
        for by in (signed.desk.by, signed.manager):
            with pytest.raises(NoSuchClient):
                signed.read(note, by=by)

    def test_by_a_planted_row_opens_nothing(self, signed, note):
        signed.end()
        again = Supervision.objects.get()
        Supervision.objects.update(ended_at=None)
        Supervised.objects.filter(supervision=again).update(ended_at=None)
        with pytest.raises(NoGrant):
            signed.read(note)


class TestCosigning:
    def test_stands_beside_the_note_under_the_supervisors_name(self, signed, note, log):
        heard = log()
        signed.cosign(note)
        assert done(Act.NOTE_COSIGNED) in heard.acts
        opened = read_note(by=signed.desk.by, note_id=note.pk, at=NOW())
        assert opened.cosignature.cosigner == signed.sam.user
        assert signed.state(note) is CosignState.DONE
        assert signed.waiting() == []

    def test_leaves_the_note_as_it_was_signed(self, signed, note):
        before = Note.objects.filter(pk=note.pk).values().get()
        signed.cosign(note)
        assert Note.objects.filter(pk=note.pk).values().get() == before

    def test_signs_once(self, signed, note, log):
        seen = signed.read(note).seen
        signed.cosign(note, seen)
        heard = log()
        signed.cosign(note, seen)
        assert heard.acts == []
        assert Cosignature.objects.count() == 1

    def test_is_of_what_was_read(self, signed, note):
        seen = signed.read(note).seen
        signed.desk.amend(note)
        with pytest.raises(ChangedMeanwhile):
            signed.cosign(note, seen)
        with pytest.raises(ChangedMeanwhile):
            signed.ask(note, seen=seen)
        assert not Cosignature.objects.exists()
        assert not Wish.objects.exists()

    def test_covers_addenda_and_waits_for_later_ones(self, signed, note):
        first = signed.desk.amend(note)
        signed.cosign(note)
        assert set(Cosignature.objects.values_list("text_id", flat=True)) == {note.pk, first.pk}
        second = signed.desk.amend(note)
        assert signed.waiting() == [note]
        signed.cosign(note)
        assert Cosignature.objects.filter(text_id=second.pk).get().note == note

    def test_is_not_the_authors_nor_anybody_elses(self, signed, note):
        seen = signed.read(note).seen
        for by in (signed.desk.by, signed.manager):
            with pytest.raises(NoSuchClient):
                cosign_note(by=by, note_id=note.pk, seen=seen, at=NOW())
        assert not Cosignature.objects.exists()

    @pytest.mark.parametrize("column", ["cosigner", "cosigned_at", "note", "signature", "signed_with"])
    def test_of_another_is_believed_by_nobody(self, signed, note, column):
        other = signed.desk.sign(NoteKind.CALL)
        signed.cosign(note)
        changed = {
            "cosigner": signed.desk.person.user.pk,
            "cosigned_at": NOW() - timedelta(days=1),
            "note": other.pk,
            "signature": bytes(note.signature),
            "signed_with": bytes(note.signed_with),
        }[column]
        rewrite(Cosignature.objects.get(), **{column: changed})
        with pytest.raises(KeyRefused):
            read_note(by=signed.desk.by, note_id=note.pk, at=NOW())

    def test_beside_another_text_is_believed_by_nobody(self, signed, note):
        other = signed.desk.sign(NoteKind.CALL)
        row = cosign(note, cosigner=signed.sam.user.pk, keyring=signed.sam.keys, at=NOW())
        row.text_id = row.note_id = other.pk
        row.save(force_insert=True)
        with pytest.raises(KeyRefused):
            read_note(by=signed.desk.by, note_id=other.pk, at=NOW())

    @pytest.mark.parametrize("who", ["author", "client"])
    def test_of_the_author_or_a_client_is_believed_by_nobody(self, cast, signed, note, who):
        person = {"author": cast.dana, "client": cast.robin.person}[who]
        cosign(note, cosigner=person.user.pk, keyring=person.keys, at=NOW()).save(force_insert=True)
        for reader in (signed.desk.by, signed.sam):
            with pytest.raises(KeyRefused):
                (read_note if reader == signed.desk.by else read_as_supervisor)(by=reader, note_id=note.pk, at=NOW())

    def test_where_nothing_waits_is_refused(self, signed):
        before = Note.objects.get(kind=NoteKind.CALL)
        with pytest.raises(NothingWaits):
            signed.cosign(before)
        assert not Cosignature.objects.exists()

    def test_stays_for_good(self, signed, note):
        signed.cosign(note)
        signed.ask(signed.desk.sign(NoteKind.CALL))
        for rows in (Cosignature.objects.all(), Wish.objects.all()):
            with pytest.raises(DatabaseError), transaction.atomic():
                rows.delete()
        signed.end()
        opened = read_note(by=signed.desk.by, note_id=note.pk, at=NOW())
        assert opened.cosignature.cosigner == signed.sam.user
        assert signed.state(note) is CosignState.DONE


class TestAskingForChanges:
    def test_reaches_the_author_sealed_and_an_addendum_answers(self, signed, note):
        signed.ask(note)
        assert WISH.encode() not in bytes(Wish.objects.get().sealed_text)
        assert signed.waiting() == []
        labels = {signed.desk.client.pk: "Robin Marlowe"}
        assert cosign_desk_of(by=signed.desk.by, labels=labels, at=NOW()).asked == [(note, "Robin Marlowe")]
        signed.desk.amend(note)
        assert cosign_desk_of(by=signed.desk.by, labels=labels, at=NOW()).asked == []
        assert signed.waiting() == [note]
        assert [one.text for one in signed.read(note).wishes] == [WISH]

    def test_asks_once(self, signed, note, log):
        nonce, seen = uuid4(), signed.read(note).seen
        signed.ask(note, nonce=nonce, seen=seen)
        heard = log()
        signed.ask(note, nonce=nonce, seen=seen)
        assert heard.acts == []

    def test_leaves_the_way_open_to_co_sign_after_all(self, signed, note):
        signed.ask(note)
        signed.cosign(note)
        assert signed.state(note) is CosignState.DONE

    def test_has_an_end_with_the_signature(self, signed, note, log):
        signed.cosign(note)
        heard = log()
        with pytest.raises(NothingWaits):
            signed.ask(note)
        assert denied(Act.NOTE_REFUSED) in heard.acts
        assert not Wish.objects.exists()

    def test_moved_to_another_note_opens_nowhere(self, signed, note):
        other = signed.desk.sign(NoteKind.CALL)
        wish = signed.ask(note)
        Wish.objects.create(
            id=uuid4(),
            client=wish.client,
            note=other,
            asked_by=wish.asked_by,
            asked_at=wish.asked_at,
            sealed_text=wish.sealed_text,
        )
        with pytest.raises(SealBroken):
            signed.read(other)


class TestTwoInTraining:
    """A colleague in training, whom somebody else supervises, adds to the same note."""

    def test_each_supervisor_signs_what_is_theirs(self, signed, another, note):
        added = another.amend(note)
        assert signed.read(note).cosigning.waiting == {note.pk}
        signed.cosign(note)
        assert [row.text_id for row in Cosignature.objects.all()] == [note.pk]
        assert signed.waiting() == []
        assert signed.read(note).cosigning.state is CosignState.DONE
        # Whoever else reads the note is told that something waits.
        found = cosignings_of([note])[note.pk]
        assert (found.state, found.waiting) == (CosignState.WAITING, {added.pk})
        assert found.supervision.supervisor == signed.cast.manager.user

    def test_nobody_asks_for_changes_to_what_waits_for_another(self, signed, another, note):
        signed.cosign(note)
        another.amend(note)
        with pytest.raises(NothingWaits):
            signed.ask(note)
        assert not Wish.objects.exists()

    def test_the_addendum_of_another_answers_nothing(self, signed, another, note):
        another.amend(note)
        signed.ask(note)
        labels = {signed.desk.client.pk: "Robin Marlowe"}
        assert cosign_desk_of(by=signed.desk.by, labels=labels, at=NOW()).asked == [(note, "Robin Marlowe")]
        assert signed.waiting() == []
        # The other supervisor was not the one who asked.
        found = cosignings_of([note], supervisor=signed.cast.manager.user.pk)[note.pk]
        assert found.state is CosignState.WAITING
        another.amend(note)
        assert signed.waiting() == []
        signed.desk.amend(note)
        assert signed.waiting() == [note]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="the steps are openssl's")
def test_a_stranger_can_check_it(cast, signed, note, tmp_path):
    signed.cosign(note)
    proof = json.loads(prove_note(by=signed.desk.by, note_id=note.pk, at=NOW()).content)
    author, supervisor = (person.keys.verifying.raw.hex() for person in (cast.dana, cast.sam))
    for who, key in (("author", author), ("supervisor", supervisor)):
        (tmp_path / who).mkdir()
        done = follow(tmp_path / who, proof, key)
        assert done.returncode == 0, done.stderr
        assert done.stdout.count("Signature Verified Successfully") == 1
        assert "cosignature/v1, by Samuel Okafor" in done.stdout
    [moved] = [fact for fact in proof["signed"][1]["facts"] if fact[0] == "signature_sha256"]
    moved[2] = moved[2][::-1]
    assert "co-signs another" in follow(tmp_path, proof, supervisor).stderr
