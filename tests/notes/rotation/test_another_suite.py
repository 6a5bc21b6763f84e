"""A second method of sealing: reached by the same steps, and the first retired once nothing needs it."""

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.utils import timezone

from clients.services.rotating import read_progress
from consent.models import Record
from keys.checks import check_suites, retired_suites_problems
from keys.errors import KeyRefused
from keys.models import Grant
from keys.services import count_suites, flag_rotation, open_vault, vouch_for_holder
from keys.suites import SUITES, Suite
from notes.models import Draft, Note
from notes.services.reading import read_note
from practice.doctor import examine
from practice.findings import Verdict
from tests.notes.rotation.conftest import turn


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
