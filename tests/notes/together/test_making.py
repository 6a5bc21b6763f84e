"""Making a couple, family or group; who comes to it, and who no longer does."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from access.roles import Role
from access.services.people import the_practice
from audit.acts import Act
from clients.models import Client
from clients.models.units import Member
from clients.services.caring import start_care
from clients.services.contacts import Contact, look_up_label
from clients.services.correcting import Correction, correct_contact, know_contact, renew_invitation
from clients.services.finding import NoSuchClient
from clients.services.inviting import NewClient, NobodysAccount, invite_client
from clients.services.restricting import BelongsToKnown, RestrictedMember, lift_restriction, restrict_record
from clients.services.units import (
    KeptFromManagers,
    NotTogether,
    add_member,
    look_at_members,
    make_unit,
    remove_member,
    units_with,
)
from consent.kinds import EventKind
from consent.models import Event
from keys.errors import SealBroken
from keys.hanging import rows_hanging_from
from keys.models import Vault
from keys.services import Place, VaultKind, holds_key, key_id_of_holder
from measures.instruments import instruments
from measures.services.asking import OnePersonsOwn, ask_for_measure
from tests.clients.keeping.ending import end_care
from tests.notes.conftest import done
from tests.notes.together.conftest import NAME, together
from tests.notes.together.test_kept_apart import looks_of
from tests.stored import require_bound_alike


def refused(refusal: type[Exception], do, log) -> None:
    """Something is refused, and nothing but that is left of it."""
    members, clients, heard = list(Member.objects.values()), Client.objects.count(), log()
    with pytest.raises(refusal):
        do()
    assert (list(Member.objects.values()), Client.objects.count()) == (members, clients)
    assert [outcome for _, outcome in heard.acts] == ["denied"]


def hide(*client_ids) -> None:
    Client.objects.filter(pk__in=client_ids).update(hidden=True)


class TestMakingAUnit:
    def test_is_a_record_of_its_own(self, both_in_care, log):
        cast, heard = both_in_care, log()
        by = cast.dana.as_(Role.THERAPIST)
        unit = make_unit(by=by, new=together([cast.robin.client_id, cast.noor.client_id]), at=timezone.now())
        assert (unit.kind, unit.user, unit.hidden) == ("couple", None, False)
        assert heard.acts[-2:] == [done(Act.CARE_STARTED), done(Act.UNIT_MADE)]
        place = Place(VaultKind.CONTACT, unit.pk)
        people = (cast.dana, cast.manager, cast.sam)
        assert [holds_key(key_id=key_id_of_holder(person.user.pk), place=place) for person in people] == [1, 1, 0]
        labels = {seat.label for seat in look_at_members(by=by, unit=unit, at=timezone.now())}
        assert labels == {"Robin Marlowe", "Noor Haddad"}

    def test_sent_twice_it_is_one(self, both_in_care):
        cast, by = both_in_care, both_in_care.dana.as_(Role.THERAPIST)
        new = together([cast.robin.client_id, cast.noor.client_id])
        first = make_unit(by=by, new=new, at=timezone.now())
        assert make_unit(by=by, new=new, at=timezone.now()) == first
        assert Member.objects.filter(unit=first).count() == 2

    def test_is_kept_from_managers_if_one_of_them_is(self, both_in_care):
        cast = both_in_care
        hide(cast.robin.client_id)
        new = together([cast.robin.client_id, cast.noor.client_id])
        unit = make_unit(by=cast.dana.as_(Role.THERAPIST), new=new, at=timezone.now())
        manager = key_id_of_holder(cast.manager.user.pk)
        assert unit.hidden
        assert not holds_key(key_id=manager, place=Place(VaultKind.CONTACT, unit.pk))

    @pytest.mark.parametrize("who", ["one alone", "nobody that there is", "somebody of a colleague's", "a unit"])
    def test_takes_two_of_ones_own(self, unsigned_couple, log, who):
        cast, by = unsigned_couple.cast, unsigned_couple.dana
        robin, noor = cast.robin.client_id, cast.noor.client_id
        if who == "somebody of a colleague's":
            by = unsigned_couple.sam
        members = {
            "one alone": [robin],
            "nobody that there is": [robin, noor, uuid4()],
            "somebody of a colleague's": [robin, noor],
            "a unit": [robin, unsigned_couple.unit.pk],
        }[who]
        refused(NotTogether, lambda: make_unit(by=by, new=together(members), at=timezone.now()), log)

    def test_no_account_signs_in_as_several(self, unsigned_couple):
        user = unsigned_couple.cast.robin.person.user
        with pytest.raises(IntegrityError), transaction.atomic():
            Client.objects.filter(pk=unsigned_couple.unit.pk).update(user=user)

    def test_is_invited_by_nobody(self, unsigned_couple):
        by, unit, at = unsigned_couple.manager, unsigned_couple.unit, timezone.now()
        known = know_contact(by=by, client=unit, at=at)
        with pytest.raises(NobodysAccount):
            renew_invitation(by=by, known=known, form=uuid4(), at=at)
        # An address that somebody typed there changes nothing.
        correction = Correction(Contact(NAME, "robin@post.example"), known.state, uuid4())
        correct_contact(by=by, known=known, correction=correction, at=at)
        with pytest.raises(NobodysAccount):
            renew_invitation(by=by, known=know_contact(by=by, client=unsigned_couple.unit, at=at), form=uuid4(), at=at)

    def test_answers_no_questionnaire(self, couple):
        with pytest.raises(OnePersonsOwn):
            ask_for_measure(by=couple.dana, client=couple.unit, instrument=instruments()["phq-9"], at=timezone.now())


class TestWhoComes:
    def test_leaves_and_comes_again(self, couple, log):
        at, noor, heard = timezone.now(), couple.cast.noor, log()
        member = couple.place_of(noor)
        for _ in range(2):
            remove_member(by=couple.dana, unit=couple.unit, member_id=member.pk, at=at)
        for _ in range(2):
            add_member(by=couple.dana, unit=couple.unit, client_id=noor.client_id, at=at + timedelta(minutes=1))
        assert heard.acts == [done(Act.UNIT_LEFT), done(Act.UNIT_JOINED)]
        assert Member.objects.filter(unit=couple.unit, client=noor.client_id).count() == 2

    def test_is_the_business_of_who_cares_for_them_together(self, couple, log):
        member, noor = couple.place_of(couple.cast.noor), couple.cast.noor.client_id
        for by in (couple.sam, couple.manager):
            for act in (
                lambda by=by: remove_member(by=by, unit=couple.unit, member_id=member.pk, at=timezone.now()),
                lambda by=by: add_member(by=by, unit=couple.unit, client_id=noor, at=timezone.now()),
            ):
                refused(NoSuchClient, act, log)

    def test_takes_nobody_whom_managers_must_not_know_into_what_they_know(self, couple, log):
        new = NewClient(Contact("Ada Quill", "ada@post.example"), couple.dana.user.pk)
        ada, _ = invite_client(by=couple.manager, new=new, at=timezone.now())
        hide(ada.pk)
        add = {"by": couple.dana, "unit": couple.unit, "client_id": ada.pk, "at": timezone.now()}
        refused(KeptFromManagers, lambda: add_member(**add), log)

    def test_is_not_restricted_under_a_name_that_managers_read(self, couple, log):
        type(the_practice()).objects.update(hidden_clients=True)
        robin = Client.objects.get(pk=couple.cast.robin.client_id)
        refused(BelongsToKnown, lambda: restrict_record(by=couple.dana, client=robin, at=timezone.now()), log)
        # Sam does not learn from an answer that Noor comes with somebody.
        noor = Client.objects.get(pk=couple.cast.noor.client_id)
        restrict_record(by=couple.sam, client=noor, at=timezone.now())
        hide(couple.unit.pk)
        restricted = {"by": couple.dana, "client": couple.unit, "at": timezone.now()}
        with CaptureQueriesContext(connection) as asked:
            refused(RestrictedMember, lambda: lift_restriction(**restricted), log)
        # Noor's restriction, and not only the couple's own row, is held until it is decided.
        locks = [one["sql"] for one in asked if "FOR UPDATE" in one["sql"]]
        assert connection.vendor == "sqlite" or [sql for sql in locks if "clients_member" in sql]


class TestAColleague:
    """Sam, who cares for Noor, and is put into the care of both together by a manager."""

    def test_of_one_of_them_finds_no_trace_of_the_other(self, couple, signed_in):
        noor = Client.objects.get(pk=couple.cast.noor.client_id)
        assert units_with(by=couple.sam, client=noor) == []
        browser, name, code = signed_in(couple.cast.sam), "Robin", couple.unit.code
        couple.desk.sign()
        for address in ("/today/", "/clients/", f"/clients/{noor.pk}/", f"/clients/{noor.pk}/notes/"):
            page = browser.get(address).content.decode()
            assert not {word for word in (name, NAME, code) if word in page}
        assert "couple" not in browser.get(f"/clients/{noor.pk}/log/").content.decode()
        for tail in ("members/", "notes/", "", "members/add/"):
            assert browser.get(f"/clients/{couple.unit.pk}/{tail}").status_code == 404

    def test_of_each_of_them_alone_is_not_told_that_they_come_together(self, couple):
        robin, noor = (Client.objects.get(pk=one.client_id) for one in (couple.cast.robin, couple.cast.noor))
        start_care(by=couple.manager, client=robin, therapist_id=couple.sam.user.pk, at=timezone.now())
        assert units_with(by=couple.sam, client=noor) == []
        assert units_with(by=couple.dana, client=noor) == [couple.unit]

    def test_of_both_together_learns_that_there_is_somebody_and_not_who(self, couple, signed_in):
        start_care(by=couple.manager, client=couple.unit, therapist_id=couple.sam.user.pk, at=timezone.now())
        page = signed_in(couple.cast.sam).get(f"/clients/{couple.unit.pk}/members/").content.decode()
        assert "Noor Haddad" in page
        assert "Somebody who is not in your care" in page
        robin = Client.objects.get(pk=couple.cast.robin.client_id)
        assert not {word for word in ("Robin", robin.code, str(robin.pk)) if word in page}


class TestWhoWritesTheDatabase:
    @pytest.mark.parametrize(("of", "kind"), [("robin", "couple"), ("unit", "group"), ("unit", "one")])
    def test_makes_nothing_else_of_a_record(self, unsigned_couple, of, kind):
        record = unsigned_couple.cast.robin.client_id if of == "robin" else unsigned_couple.unit.pk
        opened = {"by": unsigned_couple.dana, "at": timezone.now()}
        assert look_up_label(client=Client.objects.get(pk=record), **opened)
        assert require_bound_alike(Place(VaultKind.CONTACT, record)) == 1
        Client.objects.filter(pk=record).update(kind=kind, user=None)
        with pytest.raises(SealBroken):
            look_up_label(client=Client.objects.get(pk=record), **opened)

    def test_makes_nobody_a_member_of_one_persons_record(self, couple):
        robin, noor = couple.cast.robin.record, couple.cast.noor
        Member.objects.filter(client=noor.client_id).update(unit=robin)
        assert units_with(by=couple.dana, client=noor.record) == []
        assert looks_of(couple, noor) == []


class TestTheEndOfARecord:
    def test_of_a_member_and_then_of_all_leaves_nothing_behind(self, couple):
        couple.desk.sign()
        gone = [couple.cast.robin.record, couple.unit]
        for client in gone:
            assert end_care(couple.cast, couple.cast.dana, client).destroy().texts
        ids = [client.pk for client in gone]
        assert not Client.objects.filter(pk__in=ids).exists()
        assert not Vault.objects.filter(subject__in=ids).exists()
        assert not Member.objects.exists()
        assert not Event.objects.filter(kind=EventKind.ALL_SIGNED).exists()
        assert Client.objects.filter(pk=couple.cast.noor.client_id).exists()

    @pytest.mark.parametrize("of", ["unit", "member"])
    def test_takes_along_who_belonged(self, unsigned_couple, of):
        unit, robin = unsigned_couple.unit.pk, unsigned_couple.cast.robin.client_id
        rows = rows_hanging_from(Client.objects.filter(pk=unit if of == "unit" else robin))
        gone = {member.client_id for found in rows if found.model is Member for member in found}
        assert gone == ({robin, unsigned_couple.cast.noor.client_id} if of == "unit" else {robin})
