"""An author opts in to the practice recovery key for their process notes, and out again."""

import pytest
from django.utils import timezone

from audit.acts import Act
from clients.services.finding import NoSuchClient
from clients.services.own_notes import NoOwnNotes, choose_recovery, is_recoverable
from keys.models import Certificate, Grant, Vault
from keys.services import Place, VaultKind, open_vault, turn_key
from notes.kinds import NoteKind
from tests.access.pages.visitors import text_of
from tests.notes.conftest import Desk


@pytest.fixture(params=[True, False])
def chosen(request, robin_signed, record):
    """Dana's process notes about Robin, begun with either choice."""
    Desk(record.cast.dana, record.client).begin(NoteKind.PROCESS, recoverable=request.param)
    return record, request.param


def choose(record, recoverable, by=None):
    choose_recovery(by=by or record.dana, client=record.client, recoverable=recoverable, at=timezone.now())


def generations_of_recovery():
    recovery = bytes(Certificate.objects.get(kind="recovery").key_id)
    return set(
        Grant.objects.filter(vault__kind=VaultKind.PROCESS, grantee=recovery).values_list("generation", flat=True)
    )


class TestChooseRecovery:
    def test_changes_who_holds_the_key_and_no_more(self, cast, chosen):
        record, before = chosen
        choose(record, not before)
        assert is_recoverable(by=record.dana, client=record.client) is not before
        assert generations_of_recovery() == (set() if before else {1})
        open_vault(by=cast.dana.keys, place=Place(VaultKind.PROCESS, record.client.pk, author=cast.dana.user.pk))
        assert record.entries(Act.KEY_RECOVERY_CHOSEN) == 1

    def test_has_the_key_replaced_where_it_was_taken_back(self, cast, chosen):
        record, before = chosen
        choose(record, not before)
        vault = Vault.objects.get(kind=VaultKind.PROCESS)
        assert (vault.wanted_generation > vault.current_generation) is before
        if before:
            place = Place(VaultKind.PROCESS, record.client.pk, author=cast.dana.user.pk)
            assert turn_key(by=cast.dana.keys, place=place, at=timezone.now()).generation == 2
            assert generations_of_recovery() == set()

    def test_twice_the_same_changes_nothing(self, chosen):
        record, before = chosen
        choose(record, before)
        assert record.entries(Act.KEY_RECOVERY_CHOSEN) == 0

    def test_there_and_back_holds_again(self, chosen):
        record, before = chosen
        choose(record, not before)
        choose(record, before)
        assert is_recoverable(by=record.dana, client=record.client) is before


class TestIsRefused:
    def test_before_there_are_notes(self, record, refused_and_unchanged):
        refused_and_unchanged(NoOwnNotes, lambda: choose(record, recoverable=True))
        assert is_recoverable(by=record.dana, client=record.client) is None

    def test_for_a_colleagues_notes(self, cast, chosen, refused_and_unchanged):
        record, before = chosen
        refused_and_unchanged(NoSuchClient, lambda: choose(record, not before, by=record.sam))
        record.add(cast.sam)
        refused_and_unchanged(NoOwnNotes, lambda: choose(record, not before, by=record.sam))
        assert is_recoverable(by=record.dana, client=record.client) is before


class TestThePage:
    def test_says_what_is_so_and_changes_it(self, cast, chosen, signed_in):
        record, before = chosen
        dana, page = signed_in(cast.dana), f"/clients/{record.client.pk}/own-notes/"
        assert page in dana.get(f"/clients/{record.client.pk}/readers/").content.decode()
        words = {True: "the practice recovery key opens them too", False: "nobody but you can ever open them."}
        assert words[before] in text_of(dana.get(page))
        assert "Your choice is kept." in text_of(dana.post(page, {"recoverable": str(not before)}, follow=True))
        assert words[not before] in text_of(dana.get(page))

    def test_has_words_where_there_are_none(self, cast, record, signed_in):
        dana, page = signed_in(cast.dana), f"/clients/{record.client.pk}/own-notes/"
        assert NoOwnNotes.message in text_of(dana.get(page))
        assert NoOwnNotes.message in text_of(dana.post(page, {"recoverable": "True"}, follow=True))
