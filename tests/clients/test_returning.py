"""A client who forgot their passphrase: link and code bring the person back, with other keys."""

from uuid import uuid4

import pytest
from django.test import Client as Browser
from django.utils import timezone

from access.models import KeySession, User
from access.models.devices import TotpDevice
from access.roles import Role
from access.services.addresses import look_up
from access.services.codes import next_code
from access.services.enrolment import AddressTaken, begin_enrolment
from access.services.inviting import InvitationGone, WrongCode
from access.services.signing_in import Proof, SignInRefused, sign_in
from access.services.withdrawing import withdraw_from_client
from access.states import State
from audit.actors import Nobody, Origin
from audit.acts import Act
from audit.models import Entry
from clients.models import Client
from clients.services.correcting import know_contact
from clients.services.enrolling import NotInvited, confirm_identity, finish_enrolment, join_record
from clients.services.finding import find_client
from clients.services.own import own_records
from clients.services.reading import Standing, read_client
from clients.services.returning import NobodyToReturn, invite_again
from clients.services.sharing import recipients_of, share_keys
from consent.services.records import look_at_record
from keys.errors import NoGrant
from keys.models import Identity
from keys.services import Place, VaultKind, open_vault
from practice.cast import Person
from tests.access.newcomers import invite_guest
from tests.access.pages.visitors import text_of
from tests.cast import sign_consent
from tests.cast import sign_in as sit_down

VISITOR = Nobody(Origin(net="10.0.0.0/24"))
NEW = "seven quiet herons over water"


@pytest.fixture
def by(cast):
    return cast.dana.as_(Role.THERAPIST)


@pytest.fixture
def record(cast, by):
    return find_client(by=by, client_id=cast.robin.client_id)


@pytest.fixture
def letter(by, record):
    return again(by, record)


def again(by, record):
    now = timezone.now()
    known = know_contact(by=by, client=record, at=now)
    return invite_again(by=by, known=known, form=uuid4(), at=now)


def choose(letter, passphrase=NEW):
    return begin_enrolment(by=VISITOR, token=letter.token, code=letter.code, passphrase=passphrase, at=timezone.now())


def come_back(letter, address="robin@post.example"):
    """Set the account up anew, to the end."""
    begun = choose(letter)
    enrolling = Person(begun.user, begun.keys, address, NEW).as_(Role.ENROLLING)
    opened, _ = finish_enrolment(by=enrolling, code=next_code(begun.user).code, at=timezone.now())
    return Person(opened.user, opened.keys, address, NEW)


def shared_place(record):
    return Place(VaultKind.SHARED, record.pk)


class TestInviteAgain:
    def test_changes_nothing_by_itself(self, cast, letter):
        robin = cast.robin.person
        code = next_code(robin.user).code
        assert sign_in(by=VISITOR, proof=Proof(robin.address, robin.passphrase, code), at=timezone.now())

    def test_stands_in_the_log(self, letter):
        assert Entry.objects.latest("pk").action == Act.CLIENT_INVITED_AGAIN

    def test_ends_the_link_before(self, by, record, letter):
        again(by, record)
        with pytest.raises(InvitationGone):
            choose(letter)

    def test_is_for_clients_with_an_account(self, cast, by):
        invite_guest(cast)
        newcomer = Client.objects.latest("made_at")
        with pytest.raises(NobodyToReturn):
            again(by, newcomer)


class TestComingBack:
    def test_gives_other_keys_and_a_passphrase_that_alone_opens_them(self, cast, letter):
        robin = cast.robin.person
        back = come_back(letter)
        assert back.keys.key_id != robin.keys.key_id
        proof = Proof(robin.address, robin.passphrase, next_code(back.user).code)
        with pytest.raises(SignInRefused):
            sign_in(by=VISITOR, proof=proof, at=timezone.now())
        proof = Proof(robin.address, NEW, next_code(back.user).code)
        assert sign_in(by=VISITOR, proof=proof, at=timezone.now())[0].keys.key_id == back.keys.key_id

    def test_leaves_person_and_record_the_same(self, cast, record, letter):
        back = come_back(letter)
        assert back.user.pk == cast.robin.person.user.pk
        assert Client.objects.get(pk=record.pk).user == back.user
        assert User.objects.get(pk=back.user.pk).state == State.ACTIVE
        assert [row.role for row in back.user.roles_held.all()] == [Role.CLIENT]
        assert Entry.objects.latest("pk").action == Act.CLIENT_RETURNED

    def test_ends_every_session_and_the_old_second_factor(self, cast, letter):
        browser, old = Browser(), TotpDevice.objects.get(user=cast.robin.person.user)
        sit_down(browser, cast.robin.person)
        come_back(letter)
        assert browser.get("/my/").status_code == 302
        assert not TotpDevice.objects.filter(pk=old.pk).exists()

    def test_opens_nothing_until_it_is_shared(self, record, letter):
        back = come_back(letter)
        with pytest.raises(NoGrant):
            open_vault(by=back.keys, place=shared_place(record))
        [own] = own_records(by=back.as_(Role.CLIENT))
        assert own.waits

    def test_is_whole_once_the_therapist_confirms_and_shares(self, by, record, letter):
        back, now = come_back(letter), timezone.now()
        record = find_client(by=by, client_id=record.pk)
        confirm_identity(by=by, client=record, at=now)
        seen = frozenset(one.seen for one in recipients_of(by=by, client=record) if one.is_client)
        share_keys(by=by, client=record, seen=seen, at=now)
        assert open_vault(by=back.keys, place=shared_place(record))
        [own] = own_records(by=back.as_(Role.CLIENT))
        assert not own.waits

    def test_leaves_what_was_signed_verifiable(self, cast, by, record):
        sign_consent(cast.robin)
        come_back(again(by, record))
        assert look_at_record(by=by, client=find_client(by=by, client_id=record.pk), at=timezone.now())

    def test_can_be_begun_again_half_way(self, letter):
        first = choose(letter)
        back = come_back(letter)
        assert back.keys.key_id != first.keys.key_id
        assert not KeySession.objects.filter(pk=first.id).exists()
        assert Identity.objects.filter(holder=back.user.pk, retired_at=None).count() == 1

    def test_shows_staff_that_it_is_half_done(self, by, record, letter):
        choose(letter)
        page = read_client(by=by, client=find_client(by=by, client_id=record.pk), at=timezone.now())
        assert page.standing == Standing.RETURNING

    def test_withdrawn_half_way_leaves_an_account_that_waits_for_a_new_link(self, by, record, letter):
        user = choose(letter).user
        assert withdraw_from_client(subject=record.pk, at=timezone.now())
        assert User.objects.get(pk=user.pk).state == State.ENROLLING
        assert not KeySession.objects.filter(user=user).exists()
        assert come_back(again(by, find_client(by=by, client_id=record.pk)))

    def test_wants_the_short_code(self, cast, letter):
        with pytest.raises(WrongCode):
            begin_enrolment(by=VISITOR, token=letter.token, code="222222", passphrase=NEW, at=timezone.now())
        assert User.objects.get(pk=cast.robin.person.user.pk).password == cast.robin.person.user.password

    def test_is_not_what_any_other_invitation_does(self, cast):
        """An invitation to one more record, for the same address, ends nobody's keys."""
        letter = invite_guest(cast, address="robin@post.example")
        before = Identity.objects.get(holder=cast.robin.person.user.pk)
        with pytest.raises(AddressTaken):
            choose(letter)
        assert Identity.objects.get(holder=cast.robin.person.user.pk, retired_at=None) == before

    def test_is_taken_up_signed_in_for_a_second_record(self, cast, by, record, letter):
        """Whoever is back already needs a new certificate for it, and no third pair of keys."""
        back = come_back(letter)
        other = again(by, find_client(by=by, client_id=record.pk))
        join_record(by=back.as_(Role.CLIENT), token=other.token, code=other.code, at=timezone.now())
        assert Identity.objects.get(holder=back.user.pk, retired_at=None).key_id == back.keys.key_id

    def test_is_nobody_elses(self, cast, letter):
        with pytest.raises(NotInvited):
            join_record(by=cast.noor.person.as_(Role.CLIENT), token=letter.token, code=letter.code, at=timezone.now())


class TestPages:
    def test_tell_the_therapist_what_comes_back(self, cast, signed_in, record):
        browser, address = signed_in(cast.dana), f"/clients/{record.pk}/invitation/again/"
        assert address in browser.get(f"/clients/{record.pk}/").content.decode()
        page = browser.get(address)
        assert "What they signed stays valid" in text_of(page)
        answer = browser.post(address, {"form": page.context["form"]["form"].value()})
        assert len(answer.context["code"]) == 6

    def test_tell_the_client_before_and_after(self, letter):
        browser = Browser()
        page = browser.post(f"/welcome/{letter.token}/", {"code": letter.code})
        assert "You are coming back" in text_of(page)
        typed = {"code": letter.code, "passphrase": NEW, "again": "another one altogether", "anew": "True"}
        assert "You are coming back" in text_of(browser.post(f"/welcome/{letter.token}/passphrase/", typed))
        browser.post(f"/welcome/{letter.token}/passphrase/", {**typed, "again": NEW})
        code = next_code(User.objects.get(email_lookup=look_up("robin@post.example"))).code
        answer = browser.post("/begin/your-second-factor/", {"code": code}, follow=True)
        assert "Waiting for your therapist" in text_of(answer)

    def test_do_not_tell_newcomers_that_they_come_back(self, cast):
        letter = invite_guest(cast)
        page = Browser().post(f"/welcome/{letter.token}/", {"code": letter.code})
        assert "You are coming back" not in text_of(page)
