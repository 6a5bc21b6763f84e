"""A therapist is gone who kept clients from managers: two sheets give these to one colleague, and nobody is named."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.core import mail
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from access.models import KeySession, User
from access.roles import Role
from access.states import State
from audit.acts import Act
from audit.models import Entry
from audit.services import record as write_entry
from clients.models import Care, Client
from clients.services.leaving import end_account
from clients.services.letters import browse_letters
from clients.services.rescuing import RecoveryHoldsNone, pass_on_restricted, restricted_of
from clients.services.sharing import RecipientChanged, recipient_of
from keys.models import Certificate, Grant, Identity
from keys.services import Place, VaultKind, open_vault
from practice.recovery.care import StillHere, recover_restricted
from practice.recovery.ceremony import CodesNotRight
from tests.access.pages.visitors import text_of
from tests.beginnings import beginning
from tests.clients.conftest import Record, make_record

EVERYTHING = {VaultKind.CONTACT, VaultKind.SHARED, VaultKind.RECORD}


@beginning
def record(cast):
    """Robin's record, which Dana keeps from managers, who was here three days ago."""
    KeySession.objects.filter(user=cast.dana.user).update(seen_at=timezone.now() - settings.CUSTODY_WAIT)
    client = Client.objects.get(pk=cast.robin.client_id)
    client.hidden = True
    client.save(update_fields=["hidden"])
    record = Record(cast, client)
    make_record(record.dana, client)
    Grant.objects.filter(vault__subject=client.pk, grantee=cast.manager.keys.key_id).delete()
    return record


@pytest.fixture
def address(cast):
    return reverse("practice:recover_restricted", args=[cast.dana.user.pk])


@pytest.fixture
def manager(cast, signed_in):
    return signed_in(cast.manager)


def mark_of(person):
    return recipient_of(person.user, None).seen


def recover(record, codes=None, seen=None):
    cast = record.cast
    codes = codes or {1: cast.codes[0], 2: cast.codes[1]}
    who = {"by": record.manager, "gone": cast.dana.user, "seen": seen or mark_of(cast.sam)}
    return recover_restricted(**who, codes=codes, at=timezone.now())


def type_codes(browser, address, cast, *numbers):
    codes = {f"typed_{number}": cast.codes[number - 1] for number in numbers}
    return browser.post(address, {"to": mark_of(cast.sam), **codes})


class TestThePassingOn:
    def test_puts_the_client_into_care_with_every_key(self, cast, record):
        to, reasons = recover(record)
        assert (to.user, reasons) == (cast.sam.user, [])
        assert record.carers() == {cast.dana.user.pk, cast.sam.user.pk}
        for kind in EVERYTHING:
            open_vault(by=cast.sam.keys, place=Place(kind, record.client.pk))

    def test_lets_the_account_of_who_is_gone_end_then(self, cast, record):
        recover(record)
        end_account(by=record.manager, user_id=cast.dana.user.pk, at=timezone.now())
        assert record.carers() == {cast.sam.user.pk}

    def test_leaves_it_kept_from_managers_who_get_no_key(self, cast, record):
        recover(record)
        assert record.kinds_of(cast.manager) == set()
        assert Client.objects.get(pk=record.client.pk).hidden

    def test_writes_to_the_client(self, record):
        recover(record)
        letters = browse_letters(by=record.robin, client=record.client, at=timezone.now())
        assert "Samuel Okafor, who looks after you, can open your record from now on." in letters[0].text

    def test_is_for_records_too_whose_care_has_ended(self, cast, record):
        Care.objects.filter(client=record.client).update(ended_at=timezone.now())
        recover(record)
        assert record.carers() == {cast.sam.user.pk}

    def test_begins_in_the_log_before_a_key_is_opened(self, record, monkeypatch):
        monkeypatch.setattr("practice.recovery.care.recovery_keyring", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            recover(record)
        assert record.entries(Act.RECORDS_RECOVERY_BEGUN) == 1


class TestWhoseItIs:
    def test_leaves_alone_what_managers_know_and_what_others_keep(self, cast, record):
        assert restricted_of(cast.dana.user) == [record.client]
        assert restricted_of(cast.sam.user) == []
        Client.objects.update(hidden=False)
        assert restricted_of(cast.dana.user) == []

    def test_leaves_alone_what_a_colleague_in_care_holds_already(self, cast, record):
        recover(record)
        assert restricted_of(cast.dana.user) == []
        User.objects.filter(pk=cast.sam.user.pk).update(state=State.ENDED)
        assert restricted_of(cast.dana.user) == [record.client]

    def test_takes_along_what_a_colleague_in_care_waits_for(self, cast, record):
        Care.objects.create(client=record.client, therapist=cast.sam.user, started_at=timezone.now())
        assert restricted_of(cast.dana.user) == [record.client]
        recover(record)
        assert record.kinds_of(cast.sam) == EVERYTHING
        assert Care.objects.filter(client=record.client, therapist=cast.sam.user).count() == 1

    def test_is_in_no_word_of_the_pages_and_no_line_of_the_managers_log(self, cast, record, manager, address):
        pages = [manager.get(address), type_codes(manager, address, cast, 1, 2), manager.get("/log/")]
        for page in pages:
            assert "Robin" not in text_of(page)
            assert record.client.code not in text_of(page)
        assert "Began to pass on the keys of records" in text_of(pages[-1])
        assert "Gave Samuel Okafor the keys" not in text_of(pages[-1])
        assert record.entries(Act.CARE_RECOVERED) == 1

    def test_is_in_no_refusal_either(self, cast, record):
        Certificate.objects.filter(holder=cast.sam.user.pk).delete()
        before = record.state()
        _, [reason] = recover(record)
        assert "not one we can vouch for" in reason
        assert record.state() == before
        refused = Entry.objects.filter(actor_id=record.manager.audit_id, outcome="denied")
        assert {row.obj_id for row in refused} == {cast.sam.user.pk}


class TestIsRefused:
    def test_with_too_few_sheets(self, cast, record, manager, address):
        before = record.state()
        with pytest.raises(CodesNotRight):
            recover(record, codes={1: cast.codes[0]})
        assert "it takes 2, and 1 came" in text_of(type_codes(manager, address, cast, 1))
        assert record.state() == before
        assert record.entries(Act.RECORDS_RECOVERY_BEGUN) == 0

    def test_to_other_keys_than_were_shown(self, cast, record):
        seen, other = mark_of(cast.sam), Identity.objects.get(holder=cast.auditor.user.pk)
        Identity.objects.filter(holder=cast.sam.user.pk).update(holder=cast.noor.client_id)
        Identity.objects.filter(pk=other.pk).update(holder=cast.sam.user.pk)
        before = record.state()
        with pytest.raises(RecipientChanged):
            recover(record, seen=seen)
        assert record.state() == before

    def test_to_somebody_who_left_meanwhile(self, cast, record):
        to = recipient_of(cast.sam.user, None)
        User.objects.filter(pk=cast.sam.user.pk).update(state=State.ENDED)
        before = record.state()
        with pytest.raises(RecipientChanged):
            pass_on_restricted(by=record.manager, client=record.client, to=to, at=timezone.now())
        assert record.state() == before

    def test_to_a_manager_without_the_sheets(self, cast, record):
        to, before = recipient_of(cast.sam.user, None), record.state()
        with pytest.raises(RecoveryHoldsNone):
            pass_on_restricted(by=record.manager, client=record.client, to=to, at=timezone.now())
        assert record.state() == before

    def test_to_whoever_leads_it(self, cast, record, manager, address):
        cast.manager.user.roles_held.create(role=Role.THERAPIST)
        before = record.state()
        with pytest.raises(RecipientChanged):
            recover(record, seen=mark_of(cast.manager))
        assert record.state() == before
        assert record.entries(Act.RECORDS_RECOVERY_BEGUN) == 0
        assert mark_of(cast.manager) not in manager.get(address).content.decode()


class TestATherapistWhoWasHere:
    def come_in(self, record, ago):
        at = timezone.now() - ago
        with transaction.atomic():
            write_entry(Act.SIGNED_IN, by=record.dana, target=record.cast.dana.user, at=at)

    def assert_refused(self, record):
        before = record.state()
        with pytest.raises(StillHere, match="within the last 72 hours"):
            recover(record)
        assert record.state() == before
        assert record.entries(Act.RECORDS_RECOVERY_BEGUN) == 0

    def test_is_not_taken_for_gone_while_a_session_is_open(self, cast, record, manager, address):
        KeySession.objects.filter(user=cast.dana.user).update(seen_at=timezone.now() - timedelta(hours=71))
        self.assert_refused(record)
        page = text_of(manager.get(address, follow=True))
        assert "Dana Whitlock was signed in within the last 72 hours." in page
        assert "please ask them" in page

    def test_nor_after_signing_out(self, cast, record):
        KeySession.objects.filter(user=cast.dana.user).delete()
        self.come_in(record, timedelta(hours=71))
        self.assert_refused(record)

    def test_is_gone_three_days_later(self, cast, record):
        self.come_in(record, settings.CUSTODY_WAIT)
        recover(record)
        assert cast.sam.user.pk in record.carers()

    def test_is_mailed_at_once_and_nothing_about_anybody(
        self, cast, record, monkeypatch, django_capture_on_commit_callbacks
    ):
        monkeypatch.setattr(settings, "EMAIL_CONFIGURED", True)
        with django_capture_on_commit_callbacks(execute=True):
            recover(record)
        [message] = [one for one in mail.outbox if one.to == [cast.dana.address]]
        assert "was put into other hands" in message.body
        assert not re.search("Dana|Sam|Robin|http", message.body)


class TestThePage:
    def test_is_led_to_from_the_end_of_the_account(self, cast, record, manager, address):
        page = manager.get(reverse("clients:end_account", args=[cast.dana.user.pk]))
        assert address in page.content.decode()
        assert "There are records, too, that managers are not shown." in text_of(page)

    def test_says_that_it_is_done(self, cast, record, manager, address):
        answer = type_codes(manager, address, cast, 1, 3)
        assert "is in the care of Samuel Okafor" in text_of(answer)
        assert not re.search(r'value="[^"]{20,}"[^>]*type="password"', answer.content.decode())

    def test_says_what_could_not_be_done(self, cast, record, manager, address):
        Certificate.objects.filter(holder=cast.sam.user.pk).delete()
        assert "Not everything could be passed on." in text_of(type_codes(manager, address, cast, 1, 2))

    def test_needs_a_colleague(self, cast, record, manager, address):
        cast.sam.user.roles_held.filter(role=Role.THERAPIST).delete()
        assert "There is no other therapist in the practice yet whom you could choose" in text_of(manager.get(address))

    def test_leads_back_from_somebody_who_is_not_here(self, cast, manager):
        for person in (cast.manager, cast.robin.person):
            answer = manager.get(reverse("practice:recover_restricted", args=[person.user.pk]))
            assert answer["Location"] == reverse("access:browse_staff")
