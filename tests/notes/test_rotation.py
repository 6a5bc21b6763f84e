"""Every text of a client sealed anew under the next keys, a few at a time, and readable at every moment in between."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import DatabaseError, transaction
from django.utils import timezone

from access.acting import Actor
from access.roles import Role
from audit.acts import Act
from clients.services import rotating as steps
from clients.services.rotating import read_progress, rotate_next
from consent.models import Record
from consent.services.records import look_at_record
from keys.checks import check_suites, retired_suites_problems
from keys.columns import columns_of_vault
from keys.errors import KeyRefused, NoGrant, SealBroken
from keys.models import Grant, Vault
from keys.services import (
    Place,
    VaultKind,
    browse_waiting,
    count_suites,
    flag_rotation,
    generation_of_text,
    open_vault,
    rotating,
    seal_slice,
    take_back,
    turn_key,
    vouch_for_holder,
)
from keys.suites import SUITES, Suite
from notes.kinds import NoteKind
from notes.models import Draft, Note
from notes.services.drafting import open_draft
from notes.services.reading import read_note
from practice.doctor import examine
from practice.findings import Verdict
from tests.notes.conftest import Desk, rewrite, settle

WHILE = timedelta(minutes=10)


@dataclass(frozen=True)
class Written:
    """A client with a note of each kind of vault, a draft, a signed consent and an emergency reason."""

    desk: Desk
    process: Note
    call: Note
    draft: Draft

    @property
    def places(self) -> list[Place]:
        subject = self.desk.client.pk
        rows = Vault.objects.filter(subject=subject).values_list("kind", "author")
        return [Place(VaultKind(kind), subject, author) for kind, author in rows]

    @property
    def record(self) -> Place:
        return Place(VaultKind.RECORD, self.desk.client.pk)

    def flag(self) -> None:
        assert flag_rotation(places=self.places, at=timezone.now()) == 4

    def generations(self) -> set[int]:
        texts = [
            getattr(row, column.column)
            for place in self.places
            for column in columns_of_vault(place.kind)
            for row in column.rows_at(place)
        ]
        assert len(texts) >= 7
        return {generation_of_text(text) for text in texts}

    def read_all(self) -> None:
        """Read everything as its therapist does; each opens whole."""
        by, now = self.desk.by, timezone.now()
        for note in (self.process, self.call):
            assert read_note(by=by, note_id=note.pk, at=now).fields
        assert open_draft(by=by, draft_id=self.draft.pk, at=now).fields
        assert look_at_record(by=by, client=self.desk.client, at=now).facts


@pytest.fixture
def written(unsigned: Desk, desk: Desk) -> Written:
    desk.give_emergency_reason(at=timezone.now())
    return Written(desk, desk.sign(NoteKind.PROCESS), desk.sign(NoteKind.CALL), desk.write(NoteKind.MESSAGE))


@pytest.fixture
def go_on(written: Written) -> Callable[[], int]:
    """Take steps until there is nothing left that the therapist's keys can do now."""
    return lambda: steps_of(written.desk.by)


def steps_of(by: Actor) -> int:
    """Count the steps until nothing is left that somebody's keys can do, a while after each other."""
    for count in range(200):
        if not rotate_next(by=by, at=timezone.now() + count * WHILE):
            return count
    raise AssertionError("it never ends")


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
        store, calls = rotating.change_rows, []

        def die(*args):
            store(*args)
            calls.append(args)
            if len(calls) == 2:
                raise KeyboardInterrupt

        monkeypatch.setattr(rotating, "change_rows", die)
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

        def save_first(vault, column, row):
            swap = anew(vault, column, row)
            if isinstance(row, Draft):
                Draft.objects.filter(pk=row.pk).update(sealed_body=saved)
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


def turn(written):
    with transaction.atomic():
        return turn_key(by=written.desk.by.keys, place=written.record, at=timezone.now())


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
        from audit.checks import _guards

        guards = {guard.table: guard for guard in _guards().values()}
        for kind in VaultKind:
            for column in columns_of_vault(kind):
                assert column.texts, column
                table = apps.get_model(column.model)._meta.db_table
                assert table not in guards or column.column in guards[table].sealed


class TestAnotherSuite:
    """An algorithm that comes later, here one for tests alone: the first one under another byte."""

    @pytest.fixture
    def newer(self, monkeypatch):
        first = SUITES.known[1]
        monkeypatch.setitem(
            SUITES.known,
            2,
            Suite(
                2,
                lambda key, text, context: first.encrypt(key, text[::-1], b"2" + context),
                lambda key, sealed, context: first.decrypt(key, sealed, b"2" + context)[::-1],
            ),
        )
        monkeypatch.setattr(SUITES, "current", 2)

    def test_is_reached_by_the_same_steps(self, written, go_on, newer):
        # The rest of the cast has vaults too, some of which these keys do not hold.
        assert go_on() > 0
        assert {bytes(row.sealed_body)[1] for model in (Note, Draft) for row in model.objects.all()} == {2}
        assert bytes(Record.objects.get().sealed_envelope)[1] == 2
        written.read_all()

    def test_is_shown_as_a_share_until_all_is_done(self, written, go_on, newer):
        before = read_progress(by=written.desk.by)
        assert before.older_suite == before.all_texts == count_suites()[1]
        go_on()
        after = read_progress(by=written.desk.by)
        assert 0 < after.older_suite < before.older_suite
        assert 0 < after.percent_of_suite < 100

    def test_keeps_each_vault_to_one_suite(self, written, newer):
        vault = open_vault(by=written.desk.by.keys, place=written.record)
        assert vault.seal("Said.", bound_to=("note/v1",))[1] == 1
        flag_rotation(places=[written.record], at=timezone.now())
        assert turn(written).seal("Said.", bound_to=("note/v1",))[1] == 2

    def test_lets_the_old_one_be_retired_once_nothing_is_left(self, written, go_on, newer, monkeypatch):
        go_on()
        monkeypatch.setattr(SUITES, "retired", frozenset({1}))
        assert read_note(by=written.desk.by, note_id=written.call.pk, at=timezone.now()).fields

    def test_lets_a_late_reader_in_and_share_once_the_old_one_is_retired(
        self, cast, written, go_on, newer, monkeypatch
    ):
        """The old keys stay wrapped, to show that the new ones follow; nothing asks what they once sealed with."""
        go_on()
        monkeypatch.setattr(SUITES, "retired", frozenset({1}))
        Grant.objects.update(accepted=b"")
        vault = open_vault(by=written.desk.by.keys, place=written.record)
        assert vault.generation == 2
        to = vouch_for_holder(by=written.desk.by.keys, holder=cast.sam.user.pk)
        vault.grant(to, at=timezone.now())
        assert Grant.objects.filter(vault=vault.id, grantee=to.key_id).values_list("generation", flat=True).get() == 2

    def test_keeps_the_practice_shut_while_something_is_left(self, written, go_on, newer, monkeypatch):
        assert retired_suites_problems() == check_suites(databases=["default"]) == []
        monkeypatch.setattr(SUITES, "retired", frozenset({1}))
        problems = retired_suites_problems()
        assert any("notes.Note.sealed_body are sealed with method 1" in problem for problem in problems)
        assert any("parts of records have a key" in problem for problem in problems)
        assert [error.id for error in check_suites(databases=["default"])] == ["keys.E001"] * len(problems)
        with pytest.raises(SystemCheckError, match="Go back to the version before this one"):
            call_command("check", databases=["default"])

    def test_is_left_by_what_rotation_reaches(self, written, go_on, newer, monkeypatch):
        go_on()
        monkeypatch.setattr(SUITES, "retired", frozenset({1}))
        assert not any("notes.Note" in problem for problem in retired_suites_problems())
        # People's own keys change with their next passphrase.
        assert any("keys.Identity.sealed_bundle" in problem for problem in retired_suites_problems())

    def test_is_a_finding_of_the_doctors(self, written, newer, monkeypatch):
        found = {finding.name: finding for finding in examine(at=timezone.now())}
        assert found["methods"].verdict is Verdict.OK
        monkeypatch.setattr(SUITES, "retired", frozenset({1}))
        found = {finding.name: finding for finding in examine(at=timezone.now())}
        assert found["methods"].verdict is Verdict.MISSING

    def test_refuses_what_is_left_under_a_retired_one(self, written, newer, monkeypatch):
        monkeypatch.setattr(SUITES, "retired", frozenset({1}))
        with pytest.raises(KeyRefused, match="suite"):
            read_note(by=written.desk.by, note_id=written.call.pk, at=timezone.now())
