"""Who supervises whom, which keys that takes, and how each of them ends."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from access.models import Practice, RoleHeld
from access.roles import Role
from audit.acts import Act
from audit.services import record_look
from clients.models import Client
from clients.models.training import Supervised, Supervision
from clients.services.contacts import read_contact
from clients.services.covering import NobodyToName, arrange_cover
from clients.services.covers import find_client_or_covered
from clients.services.ending import end_care
from clients.services.finding import NoSuchClient, clients_of, find_client
from clients.services.handing import hand_over
from clients.services.leaving import end_account
from clients.services.letters import browse_letters
from clients.services.readers import browse_readers
from clients.services.restricting import restrict_record
from clients.services.sharing import CARE_KINDS, NoKeyToShare, RecipientChanged, share_keys
from clients.services.supervised import SupervisionClosed, end_supervised, find_supervised, in_training_with
from clients.services.supervising import (
    HasSupervisor,
    NoSupervision,
    NotToSupervise,
    count_ungiven,
    end_supervision,
    give_to_supervisor,
    given_by,
)
from clients.services.therapy import end_therapy
from keys.errors import NoGrant
from keys.models import Vault
from keys.services import Place, VaultKind, open_vault
from tests.clients.conftest import Record, make_record
from tests.clients.cover.conftest import arrange, away
from tests.clients.training.conftest import give, loans, name

NOW = timezone.now


def readers(record):
    """Return who stands on the page of readers as a supervisor, door by door."""
    doors = browse_readers(by=record.robin, client=record.client, at=NOW())
    return {door.kind: [reader.name for reader in door.readers if reader.supervises] for door in doors}


def reaches(record) -> bool:
    try:
        return find_supervised(by=record.sam, client_id=record.client.pk) is not None
    except NoSuchClient:
        return False


class TestNaming:
    def test_gives_no_key_and_no_page(self, named):
        assert not loans(named).exists()
        assert not reaches(named)
        assert clients_of(named.sam).filter(pk=named.client.pk).count() == 0
        assert count_ungiven(by=named.dana, at=NOW()) == 1

    def test_is_an_entry_of_the_manager_alone(self, named):
        assert named.entries(Act.SUPERVISION_NAMED) == 1

    @pytest.mark.parametrize("who", ["oneself", "no_therapist", "trainee", "somebodys_supervisor"])
    def test_wants_another_therapist_who_is_not_in_training(self, named, who):
        dana, sam, manager = (person.user.pk for person in (named.cast.dana, named.cast.sam, named.cast.manager))
        RoleHeld.objects.create(user=named.cast.auditor.user, role=Role.THERAPIST)
        third = named.cast.auditor.user.pk
        therapist, supervisor = {
            "oneself": (third, third),
            "no_therapist": (third, manager),
            "trainee": (third, dana),
            "somebodys_supervisor": (sam, third),
        }[who]
        with pytest.raises(NotToSupervise):
            name(named, therapist_id=therapist, supervisor_id=supervisor)
        assert Supervision.objects.count() == 1

    def test_is_once_at_a_time(self, named):
        with pytest.raises(HasSupervisor):
            name(named)
        first = Supervision.objects.get()
        with pytest.raises(IntegrityError), transaction.atomic():
            Supervision.objects.create(
                therapist=first.therapist, supervisor=first.supervisor, named_by=first.named_by, named_at=NOW()
            )
        with pytest.raises(IntegrityError), transaction.atomic():
            Supervision.objects.filter(pk=first.pk).update(supervisor=first.therapist)


class TestGiving:
    def test_lends_the_keys_of_care_and_says_so_to_the_client(self, supervised):
        assert supervised.kinds_of(supervised.cast.sam) == set(CARE_KINDS)
        assert all(grant.expires_at for grant in loans(supervised))
        assert reaches(supervised)
        assert count_ungiven(by=supervised.dana, at=NOW()) == 0
        assert all(names == ["Samuel Okafor"] for names in readers(supervised).values())
        [letter] = browse_letters(by=supervised.robin, client=supervised.client, at=NOW())
        assert "Dana Whitlock is in training. Their supervisor, Samuel Okafor" in letter.text
        [told] = in_training_with(supervised.client, at=NOW())
        assert (told.therapist, told.supervisor) == ("Dana Whitlock", "Samuel Okafor")

    def test_opens_no_page_of_care(self, supervised):
        for find in (find_client, find_client_or_covered):
            with pytest.raises(NoSuchClient):
                find(by=supervised.sam, client_id=supervised.client.pk)

    def test_is_the_therapists_own(self, named):
        with pytest.raises(NoSupervision):
            give(named, by=named.sam)
        with pytest.raises(RecipientChanged):
            give(named, seen=named.mark(named.cast.manager))
        assert not loans(named).exists()
        assert not Supervised.objects.exists()

    def test_of_what_one_lacks_leaves_nothing_behind(self, waiting):
        sam = waiting.cast.sam.user
        RoleHeld.objects.create(user=waiting.cast.auditor.user, role=Role.THERAPIST)
        name(waiting, therapist_id=sam.pk, supervisor_id=waiting.cast.auditor.user.pk)
        before = waiting.state()
        with pytest.raises(NoKeyToShare):
            give(waiting, by=waiting.sam, seen=waiting.mark(waiting.cast.auditor))
        assert waiting.state() == before
        assert not Supervised.objects.exists()

    def test_once_more_is_one_loan_for_a_year_from_then(self, supervised):
        later = NOW() + timedelta(days=30)
        row = give(supervised, at=later)
        assert Supervised.objects.filter(ended_at=None).get() == row
        assert {grant.expires_at for grant in loans(supervised)} == {row.until}
        assert row.until > later + timedelta(days=360)

    def test_reaches_a_record_that_is_made_later(self, cast):
        bare = Record(cast, Client.objects.get(pk=cast.robin.client_id))
        name(bare)
        give(bare)
        assert VaultKind.RECORD not in bare.kinds_of(cast.sam)
        make_record(bare.dana, bare.client)
        assert VaultKind.RECORD in bare.kinds_of(cast.sam)
        assert given_by(bare.dana, at=NOW())

    def test_takes_the_place_of_a_cover_and_lets_none_come_beside_it(self, named):
        arrange(named)
        give(named)
        seen = frozenset([named.mark(named.cast.sam)])
        with pytest.raises(NobodyToName):
            arrange_cover(by=named.dana, client=named.client, seen=seen, absence=away(), at=NOW())
        assert named.kinds_of(named.cast.sam) == set(CARE_KINDS)

    def test_of_keys_that_went_is_asked_for_again(self, supervised):
        loans(supervised).filter(vault__kind=VaultKind.RECORD).delete()
        assert count_ungiven(by=supervised.dana, at=NOW()) == 1


class TestTheEnd:
    def end(self, record):
        return end_supervision(by=record.manager, therapist_id=record.cast.dana.user.pk, at=NOW())

    def test_takes_the_keys_back_replaces_them_and_tells(self, supervised):
        self.end(supervised)
        assert not loans(supervised).exists()
        assert not reaches(supervised)
        assert Vault.objects.filter(subject=supervised.client.pk, rotate_since=None).count() == 0
        newest, _ = browse_letters(by=supervised.robin, client=supervised.client, at=NOW())
        assert "supervises your therapist" in newest.text
        assert supervised.entries(Act.SUPERVISION_ENDED) == 1
        # One act, one entry.
        assert supervised.entries(Act.SUPERVISION_TAKEN_BACK) == 0
        with pytest.raises(NoSupervision):
            self.end(supervised)

    def test_gives_back_what_was_typed_to_whoever_read_before(self, supervised):
        self.end(supervised)
        with pytest.raises(SupervisionClosed):
            find_supervised(by=supervised.sam, client_id=supervised.client.pk)

    def test_comes_with_the_year(self, supervised, monkeypatch):
        later = NOW() + timedelta(days=366)
        monkeypatch.setattr("django.utils.timezone.now", lambda: later)
        assert not reaches(supervised)
        assert supervised.kinds_of(supervised.cast.sam) == set()

    @pytest.mark.parametrize("who", ["dana", "sam"])
    def test_comes_when_one_of_them_leaves(self, supervised, who):
        if who == "dana":
            supervised.add(supervised.cast.sam)
            seen = frozenset([supervised.mark(supervised.cast.sam)])
            share_keys(by=supervised.dana, client=supervised.client, seen=seen, at=NOW())
        else:
            noor = find_client(by=supervised.sam, client_id=supervised.cast.noor.client_id)
            hand_over(by=supervised.sam, client=noor, seen=supervised.mark(supervised.cast.dana), at=NOW())
        end_account(by=supervised.manager, user_id=getattr(supervised.cast, who).user.pk, at=NOW())
        assert not Supervision.objects.filter(ended_at=None).exists()
        assert not Supervised.objects.filter(ended_at=None).exists()

    def test_comes_with_the_end_of_the_therapists_care(self, supervised):
        seen = supervised.mark(supervised.cast.sam)
        hand_over(by=supervised.dana, client=supervised.client, seen=seen, at=NOW())
        assert supervised.entries(Act.SUPERVISION_TAKEN_BACK) == 1
        # Whoever supervised has the client in care now, and keeps what that gave.
        assert not Supervised.objects.filter(ended_at=None).exists()
        assert supervised.kinds_of(supervised.cast.sam) == set(CARE_KINDS)
        assert not loans(supervised).exclude(expires_at=None).exists()
        open_vault(by=supervised.sam.keys, place=Place(VaultKind.RECORD, supervised.client.pk))

    def test_comes_with_the_end_of_the_therapy(self, supervised):
        end_therapy(by=supervised.dana, client=supervised.client, at=NOW())
        assert not loans(supervised).exists()
        assert supervised.entries(Act.SUPERVISION_TAKEN_BACK) == 1

    def test_comes_with_a_restriction_and_can_be_given_knowingly(self, supervised):
        Practice.objects.update(hidden_clients=True)
        restrict_record(by=supervised.dana, client=supervised.client, at=NOW())
        assert supervised.entries(Act.SUPERVISION_TAKEN_BACK) == 1
        assert not loans(supervised).exists()
        assert not reaches(supervised)
        give(supervised)
        assert reaches(supervised)

    def test_leaves_a_supervisor_in_care_what_care_gave(self, supervised):
        supervised.add(supervised.cast.sam)
        seen = frozenset([supervised.mark(supervised.cast.sam)])
        share_keys(by=supervised.dana, client=supervised.client, seen=seen, at=NOW())
        self.end(supervised)
        assert supervised.kinds_of(supervised.cast.sam) == set(CARE_KINDS)
        end_care(by=supervised.manager, client=supervised.client, therapist_id=supervised.cast.sam.user.pk, at=NOW())
        assert supervised.kinds_of(supervised.cast.sam) == set()


def plant(record) -> None:
    """Write the row by which Sam would have Robin's record, as nobody gave it."""
    now = NOW()
    times = {"given_at": now, "until": now + timedelta(days=9)}
    Supervised.objects.create(supervision=Supervision.objects.get(), client=record.client, **times)


class TestARow:
    """Somebody who writes the database plants the row of a supervision."""

    def test_opens_nothing(self, named):
        plant(named)
        now = NOW()
        assert not loans(named).exists()
        receipt = record_look(Act.CLIENT_READ, by=named.sam, target=named.client, at=now)
        with pytest.raises(NoGrant):
            read_contact(by=named.sam, client=named.client, receipt=receipt)
        with pytest.raises(NoSupervision):
            give_to_supervisor(by=named.sam, client=named.client, seen=named.mark(named.cast.dana), at=now)

    def test_then_the_first_note_lends_nothing_and_today_asks(self, cast):
        bare = Record(cast, Client.objects.get(pk=cast.robin.client_id))
        name(bare)
        plant(bare)
        make_record(bare.dana, bare.client)
        assert not loans(bare).exists()
        assert count_ungiven(by=bare.dana, at=NOW()) == 1

    def test_that_was_put_back_lends_no_record_either(self, cast):
        bare = Record(cast, Client.objects.get(pk=cast.robin.client_id))
        name(bare)
        give(bare)
        end_supervised(bare.client, by=bare.dana, at=NOW())
        Supervised.objects.update(ended_at=None)
        make_record(bare.dana, bare.client)
        assert not loans(bare).exists()

    def test_that_lasts_longer_lends_no_longer(self, cast):
        bare = Record(cast, Client.objects.get(pk=cast.robin.client_id))
        name(bare)
        signed = give(bare)
        Supervised.objects.update(until=signed.until + timedelta(days=900))
        make_record(bare.dana, bare.client)
        assert set(loans(bare).values_list("expires_at", flat=True)) == {signed.until}
