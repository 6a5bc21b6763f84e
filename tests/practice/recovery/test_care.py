"""A therapist is gone: two of three sheets pass the keys of their clients on to colleagues who came into care."""

import logging
import re

import pytest
from django.core import mail
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from access.roles import Role
from access.services.people import change_settings
from audit.acts import Act
from audit.models import Entry, EntrySubject
from clients.models import Care, CareLetter, Client
from clients.services import sharing
from clients.services.leaving import end_account
from clients.services.letters import browse_letters
from clients.services.looks import browse_looks
from clients.services.rescuing import RecoveryHoldsNone, browse_waiting_cares, pass_on
from clients.services.sharing import RecipientChanged
from clients.services.therapy import end_therapy
from keys.models import Certificate, Generation, Grant, Identity
from keys.services import (
    Place,
    VaultKind,
    open_vault,
    open_with_recovery_codes,
    print_recovery_codes,
    read_code,
    take_standing,
)
from notes.kinds import NoteKind
from practice.recovery.care import recover_care
from tests.access.pages.visitors import text_of
from tests.at_rest import dump, spellings
from tests.beginnings import beginning
from tests.cast import Cast, sign_consent
from tests.clients.conftest import Record, make_record
from tests.keys.house import House
from tests.notes.conftest import Desk

ADDRESS = reverse("practice:recover_care")
EVERYTHING = {VaultKind.CONTACT, VaultKind.SHARED, VaultKind.RECORD}


@beginning
def record(cast: Cast) -> Record:
    """Robin's record, which Dana alone can open; Sam came into care since, and waits."""
    record = Record(cast, Client.objects.get(pk=cast.robin.client_id))
    make_record(record.dana, record.client)
    record.add(cast.sam)
    return record


@pytest.fixture
def manager(cast: Cast, record: Record, signed_in) -> Browser:
    browser: Browser = signed_in(cast.manager)
    return browser


def marks(browser: Browser) -> list[str]:
    found: list[str] = re.findall(r'name="cares" value="([^"]+)"', browser.get(ADDRESS).content.decode())
    return found


def type_codes(browser: Browser, cast: Cast, *numbers: int, **changes):
    codes = {f"typed_{number}": cast.codes[number - 1] for number in numbers}
    return browser.post(ADDRESS, {"cares": marks(browser), **codes, **changes})


def waiting(record: Record):
    return browse_waiting_cares(by=record.manager, at=timezone.now())


def recover(record: Record, chosen=None, codes=None):
    codes = codes or {1: record.cast.codes[0], 3: record.cast.codes[2]}
    return recover_care(by=record.manager, chosen=chosen or waiting(record), codes=codes, at=timezone.now())


class TestThePassingOn:
    def test_gives_every_key_to_who_waits(self, cast, record, manager):
        done = text_of(type_codes(manager, cast, 1, 2))
        assert "Robin Marlowe done Samuel Okafor holds the keys from now on." in done
        assert record.kinds_of(cast.sam) == EVERYTHING
        for kind in EVERYTHING:
            open_vault(by=cast.sam.keys, place=Place(kind, record.client.pk))

    def test_gives_the_manager_nothing(self, cast, record, manager):
        type_codes(manager, cast, 1, 2)
        assert record.kinds_of(cast.manager) == {VaultKind.CONTACT}

    def test_then_lets_the_account_of_who_is_gone_end(self, cast, record):
        recover(record)
        end_account(by=record.manager, user_id=cast.dana.user.pk, at=timezone.now())
        assert record.carers() == {cast.sam.user.pk}
        open_vault(by=cast.sam.keys, place=Place(VaultKind.RECORD, record.client.pk))

    def test_ends_the_keeping_of_a_record_whose_therapy_was_over(self, cast, record):
        Care.objects.filter(therapist=cast.sam.user, client=record.client).delete()
        end_therapy(by=record.dana, client=record.client, at=timezone.now())
        record.add(cast.sam)
        assert waiting(record)[0].words.endswith("Dana Whitlock has to take the client into care again, and hand over.")
        recover(record)
        assert (record.kinds_of(cast.sam), record.kinds_of(cast.dana)) == (EVERYTHING, set())
        assert not Care.objects.filter(keeps_record=True).exists()

    def test_writes_to_the_client_in_words(self, cast, record):
        recover(record)
        letters = browse_letters(by=record.robin, client=record.client, at=timezone.now())
        assert "Samuel Okafor, who looks after you, can open your record from now on." in letters[0].text
        looks = browse_looks(by=record.robin, client=record.client, before=None, at=timezone.now()).looks
        said = "gave Samuel Okafor a key to your record, with the practice's printed codes"
        assert ("Priya Nair", said) in [(look.who, look.what) for look in looks]

    def test_leaves_process_notes_to_their_author(self, cast, record):
        sign_consent(cast.robin)
        Desk(cast.dana, record.client).begin(NoteKind.PROCESS, recoverable=True)
        recover(record)
        assert not Grant.objects.filter(vault__kind=VaultKind.PROCESS, grantee=cast.sam.keys.key_id).exists()

    def test_is_in_the_log_before_a_key_is_opened(self, record, monkeypatch):
        """It stays there when everything after it fails."""
        monkeypatch.setattr("practice.recovery.care.recovery_keyring", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            recover(record)
        [begun] = Entry.objects.filter(action=Act.RECORDS_RECOVERY_BEGUN)
        assert EntrySubject.objects.filter(entry_id=begun.pk, handle=record.client.audit_handle).exists()

    def test_finds_nobody_left_to_wait(self, cast, record, manager):
        type_codes(manager, cast, 1, 2)
        assert "No therapist in care waits for a key" in text_of(manager.get(ADDRESS))


class TestTheList:
    def test_names_who_waits_and_whose_press_would_do(self, record, manager):
        page = text_of(manager.get(ADDRESS))
        assert "Robin Marlowe" in page
        assert "Samuel Okafor waits for what is shared with the client and the record." in page
        assert "Without the sheets, Dana Whitlock has to press “Share the key”." in page
        assert not re.search(r"<input[^>]*checked", manager.get(ADDRESS).content.decode())

    def test_never_has_a_hidden_client(self, record, manager):
        change_settings(by=record.manager, changes={"hidden_clients": True}, at=timezone.now())
        Client.objects.filter(pk=record.client.pk).update(hidden=True)
        page = text_of(manager.get(ADDRESS))
        assert "Robin" not in page
        assert record.client.code not in page

    def test_has_none_either_for_a_manager_who_cares_for_them_too(self, cast, record):
        Client.objects.filter(pk=record.client.pk).update(hidden=True)
        Care.objects.create(client=record.client, therapist=cast.manager.user, started_at=timezone.now())
        assert waiting(record) == []

    def test_is_for_managers_alone(self, cast, record, signed_in):
        assert signed_in(cast.dana).get(ADDRESS).status_code == 403

    def test_takes_only_who_was_ticked(self, cast, record, manager):
        before = record.state()
        assert "Please tick at least one client." in text_of(type_codes(manager, cast, 1, 2, cares=[]))
        assert record.state() == before

    def test_takes_nobody_who_was_not_on_it(self, cast, record, manager):
        noor = Care.objects.get(client=cast.noor.client_id)
        strange = f"{noor.pk}:{record.mark(cast.sam)}"
        page = text_of(type_codes(manager, cast, 1, 2, cares=[strange]))
        assert "The list has changed since the page was shown. Please look again." in page

    def test_takes_so_many_at_once(self, cast, record, manager, monkeypatch):
        monkeypatch.setattr("practice.recovery.forms.BATCH", 0)
        assert "Please tick up to 0 at a time" in text_of(type_codes(manager, cast, 1, 2))
        monkeypatch.setattr("practice.recovery.care.BATCH", 0)
        assert recover(record) == []


class TestTheSheets:
    @pytest.mark.parametrize(
        ("numbers", "changes", "says"),
        [
            ((1,), {}, "it takes 2, and 1 came"),
            ((1, 2, 3), {}, "it takes 2, and 3 came"),
            ((1,), {"typed_3": "ABCD-EFGH"}, "Code 3 is mistyped"),
        ],
    )
    def test_are_refused_with_the_reason_and_change_nothing(self, cast, record, manager, numbers, changes, says):
        before = take_standing(), record.state()
        page = type_codes(manager, cast, *numbers, **changes).content.decode()
        assert says in page
        assert not any(code in page or code.replace("-", "") in page for code in [*cast.codes, "ABCD-EFGH"])
        assert re.search(r"<input[^>]*checked", page)
        assert (take_standing(), record.state()) == before
        assert record.entries(Act.RECOVERY_REFUSED, "denied") == 1
        assert not Entry.objects.filter(action=Act.RECORDS_RECOVERY_BEGUN).exists()

    def test_say_beside_its_field_which_one_is_mistyped(self, cast, record, manager):
        page = type_codes(manager, cast, 1, typed_3="ABCD-EFGH").content.decode()
        assert re.findall(r'<input[^>]*name="(\w+)"[^>]*aria-invalid="true"', page) == ["typed_3"]

    def test_of_another_root_are_refused(self, cast, record, manager):
        forger = House()
        forger.found()
        codes = print_recovery_codes(forger.founder, count=3, needed=2)
        before = record.state()
        assert "are not the ones they were" in text_of(type_codes(manager, cast, typed_1=codes[0], typed_2=codes[1]))
        assert record.state() == before
        assert not Entry.objects.filter(action=Act.RECORDS_RECOVERY_BEGUN).exists()

    def test_that_open_another_recovery_key_than_the_one_named_are_refused(self, cast, record, manager):
        Certificate.objects.filter(kind="recovery").delete()
        before = record.state()
        assert "is not the one they open" in text_of(type_codes(manager, cast, 1, 2))
        assert record.state() == before

    def test_and_the_seed_are_nowhere_afterwards(self, cast, record, manager, caplog):
        caplog.set_level(logging.DEBUG)
        seed = open_with_recovery_codes({1: cast.codes[0], 2: cast.codes[1]}).seed
        type_codes(manager, cast, 1, 2)
        said = caplog.text + "".join(str(message.body) for message in mail.outbox)
        rest = dump() + said.encode()
        typed = cast.codes[:2]
        plain = [text.replace("-", "") for text in typed]
        for secret in (seed, *map(str.encode, typed + plain), *map(read_code, typed)):
            assert not any(text in rest for text in spellings(secret))


class TestWhatChangedMeanwhile:
    def test_care_that_ended_gets_nothing(self, cast, record):
        chosen = waiting(record)
        Care.objects.filter(client=record.client, therapist=cast.sam.user).update(ended_at=timezone.now())
        [(_, outcome)] = recover(record, chosen)
        assert (outcome.done, outcome.words) == (False, RecipientChanged.message)
        assert record.kinds_of(cast.sam) == {VaultKind.CONTACT}

    def test_other_keys_behind_the_same_person_get_nothing(self, cast, record):
        """A writer of the database puts keys of his own in the place of Sam's."""
        chosen = waiting(record)
        other = Identity.objects.get(holder=cast.auditor.user.pk)
        Identity.objects.filter(holder=cast.sam.user.pk).update(holder=cast.noor.client_id)
        Identity.objects.filter(pk=other.pk).update(holder=cast.sam.user.pk)
        [(_, outcome)] = recover(record, chosen)
        assert outcome.words == RecipientChanged.message
        assert not Grant.objects.filter(grantee=bytes(other.key_id)).exists()

    def test_keys_that_nobody_certified_get_nothing(self, cast, record):
        chosen = waiting(record)
        Certificate.objects.filter(holder=cast.sam.user.pk).delete()
        before = record.state()
        [(_, outcome)] = recover(record, chosen)
        assert not outcome.done
        assert record.state() == before
        assert record.entries(Act.KEY_REFUSED, "denied") == 1

    def test_a_vault_that_recovery_was_never_given_is_said(self, cast, record):
        recovery = Certificate.objects.get(kind="recovery").key_id
        Grant.objects.filter(grantee=recovery, vault__kind=VaultKind.RECORD).delete()
        before, letters = record.state(), CareLetter.objects.count()
        [(_, outcome)] = recover(record)
        assert outcome.words == RecoveryHoldsNone.message
        assert (record.state(), CareLetter.objects.count()) == (before, letters)

    def test_a_forged_generation_is_not_believed(self, cast, record):
        Generation.objects.filter(vault__kind=VaultKind.RECORD).update(commit=b"\0" * 32)
        before = record.state()
        [(_, outcome)] = recover(record)
        assert not outcome.done
        assert record.state() == before

    def test_a_manager_without_the_sheets_passes_nothing_on(self, cast, record):
        """The service alone, with the manager's own keys: they hold no record."""
        with pytest.raises(RecoveryHoldsNone):
            pass_on(by=cast.manager.as_(Role.MANAGER), waiting=waiting(record)[0], at=timezone.now())
        assert sharing.holds(holder=cast.sam.user.pk, kind=VaultKind.RECORD, client=record.client) is False
