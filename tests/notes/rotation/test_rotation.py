"""Every text of a client sealed anew under the next keys, a few at a time, and readable at every moment in between."""

import hashlib

import pytest
from django.apps import apps
from django.db import DatabaseError, transaction
from django.utils import timezone

from access.roles import Role
from audit.acts import Act
from audit.checks import _guards
from clients.services import rotating as steps
from clients.services.rotating import rotate_next
from keys.columns import columns_of_vault
from keys.errors import NoGrant, SealBroken
from keys.models import Grant, Vault
from keys.services import (
    Place,
    VaultKind,
    browse_waiting,
    generation_of_text,
    open_vault,
    rotating,
    seal_slice,
    take_back,
)
from notes.kinds import NoteKind
from notes.models import Draft, Note
from notes.sealed import DRAFT
from notes.services.reading import read_note
from tests.notes.conftest import rewrite, settle
from tests.notes.rotation.conftest import WHILE, steps_of, turn


class TestRotateNext:
    def test_does_nothing_where_nothing_waits(self, written):
        assert not rotate_next(by=written.desk.by, at=timezone.now())
        assert written.generations() == {1}

    def test_seals_every_text_of_every_kind_anew(self, written, go_on):
        written.flag()
        go_on()
        assert written.generations() == {2}
        written.read_all()
        assert not browse_waiting()

    def test_keeps_everything_readable_at_every_step(self, written, monkeypatch):
        monkeypatch.setattr(steps, "TEXTS_AT_ONCE", 1)
        written.flag()
        while rotate_next(by=written.desk.by, at=timezone.now() + WHILE):
            written.read_all()
        assert written.generations() == {2}

    def test_leaves_hashes_as_the_log_has_them(self, written, go_on):
        before = list(Note.objects.order_by("pk").values_list("ciphertext_sha256", "signature"))
        written.flag()
        go_on()
        assert list(Note.objects.order_by("pk").values_list("ciphertext_sha256", "signature")) == before
        note = Note.objects.get(pk=written.call.pk)
        assert hashlib.sha256(note.sealed_body).hexdigest() != note.ciphertext_sha256

    def test_writes_one_entry_for_each_key(self, written, go_on, log):
        heard = log()
        written.flag()
        go_on()
        assert heard.acts.count((Act.VAULT_ROTATED.value, "ok")) == 4

    def test_can_be_done_a_second_time(self, written, go_on):
        for generation in (2, 3):
            written.flag()
            go_on()
            assert written.generations() == {generation}
        written.read_all()

    def test_goes_on_after_a_kill_in_the_middle_of_a_slice(self, written, go_on, monkeypatch):
        written.flag()
        store, calls = rotating.change_texts, []

        def die(*args):
            store(*args)
            calls.append(args)
            if len(calls) == 2:
                raise KeyboardInterrupt

        monkeypatch.setattr(rotating, "change_texts", die)
        with pytest.raises(KeyboardInterrupt):
            go_on()
        monkeypatch.undo()
        written.read_all()
        go_on()
        assert written.generations() == {2}
        written.read_all()

    def test_overwrites_no_draft_that_is_saved_meanwhile(self, written, monkeypatch):
        written.flag()
        anew, saved = rotating._anew, b"what another request saved"

        def save_first(vault, text):
            swap = anew(vault, text)
            if text.purpose == DRAFT:
                Draft.objects.filter(pk=text.key).update(sealed_body=saved)
            return swap

        vault = turn(written)
        monkeypatch.setattr(rotating, "_anew", save_first)
        with transaction.atomic():
            seal_slice(vault=vault, limit=100)
        assert bytes(Draft.objects.get(pk=written.draft.pk).sealed_body) == saved

    def test_is_not_held_up_by_a_text_that_does_not_open(self, written, go_on):
        body = bytearray(written.call.sealed_body)
        body[-1] ^= 1
        rewrite(written.call, sealed_body=bytes(body))
        written.flag()
        go_on()
        assert [(one.place, one.texts) for one in browse_waiting()] == [(written.record, 1)]
        with pytest.raises(SealBroken):
            read_note(by=written.desk.by, note_id=written.call.pk, at=timezone.now())

    def test_waits_for_who_holds_the_key(self, written, cast):
        written.flag()
        steps_of(cast.manager.as_(Role.MANAGER))
        assert {one.place.kind for one in browse_waiting()} == {VaultKind.SHARED, VaultKind.RECORD, VaultKind.PROCESS}


class TestAColleagueTakenBack:
    """What the design says in words: closed at once, and from the old key once a text is sealed anew."""

    def test_opens_nothing_more_by_the_key_they_had(self, cast, shared_desk, unsigned):
        note = unsigned.sign(NoteKind.CALL)
        place = Place(VaultKind.RECORD, unsigned.client.pk)
        kept = Grant.objects.get(vault__subject=place.subject, vault__kind="record", grantee=cast.sam.keys.key_id)
        take_back(by=cast.dana.keys, place=place, holder=cast.sam.user.pk, at=timezone.now())
        with pytest.raises(NoGrant):
            open_vault(by=cast.sam.keys, place=place)
        steps_of(unsigned.by)
        kept.pk = None
        kept.save(force_insert=True)
        Vault.objects.filter(subject=place.subject).update(current_generation=1)
        note.refresh_from_db()
        with pytest.raises(NoGrant):
            open_vault(by=cast.sam.keys, place=place).key(generation_of_text(note.sealed_body))


class TestASealedNote:
    def test_is_bound_to_the_hash_of_its_first_ciphertext(self, written, go_on):
        written.flag()
        go_on()
        rewrite(written.call, ciphertext_sha256="ab" * 32)
        with pytest.raises(SealBroken):
            read_note(by=written.desk.by, note_id=written.call.pk, at=timezone.now())

    def test_cannot_be_passed_off_as_its_own_first_ciphertext(self, written, go_on):
        written.flag()
        go_on()
        body = bytes(Note.objects.get(pk=written.call.pk).sealed_body)
        rewrite(written.call, ciphertext_sha256=hashlib.sha256(body).hexdigest())
        with pytest.raises(SealBroken):
            read_note(by=written.desk.by, note_id=written.call.pk, at=timezone.now())


class TestAGuardedRow:
    """The triggers let a sealed text become one of a later generation, alone, and nothing else."""

    def later(self, note, generation=2):
        body = bytes(note.sealed_body)
        return body[:2] + generation.to_bytes(4, "big") + body[6:]

    def test_may_change_to_a_later_generation(self, written):
        settle()
        Note.objects.filter(pk=written.call.pk).update(sealed_body=self.later(written.call))

    @pytest.mark.parametrize(
        "changes",
        [
            {"sealed_body": 1},
            {"sealed_body": 0},
            {"sealed_body": 2, "minutes": 1},
            {"sealed_body": 2, "ciphertext_sha256": "ab" * 32},
            {"minutes": 1},
        ],
    )
    def test_may_change_in_no_other_way(self, written, changes):
        settle()
        if "sealed_body" in changes:
            changes = changes | {"sealed_body": self.later(written.call, changes["sealed_body"]) + b"x"}
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            Note.objects.filter(pk=written.call.pk).update(**changes)

    @pytest.mark.parametrize("body", [b"", b"\2\1\0\0\0\2texttext", b"\1\1\0\0\0\2"])
    def test_may_not_become_what_is_no_sealed_text(self, written, body):
        settle()
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            Note.objects.filter(pk=written.call.pk).update(sealed_body=body)

    def test_is_so_for_every_column_that_a_vault_opens_and_a_guard_holds(self):
        """A sealed column that no rotation reaches would keep its vault waiting for ever."""
        guards = {guard.table: guard for guard in _guards().values()}
        for kind in VaultKind:
            for column in columns_of_vault(kind):
                assert column.texts, column
                table = apps.get_model(column.model)._meta.db_table
                assert table not in guards or column.column in guards[table].sealed
