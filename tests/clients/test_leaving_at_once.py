"""Somebody is given a client, a cover or a key while their account ends: whoever comes second finds what the first did.

Each act locks the accounts it gives something to before a client, as the end of an account does, and looks again. What
it read before it waited for that lock is given to it here as it was.
"""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from access.models import Practice
from access.roles import Role
from clients.models import Client
from clients.services import caring, covering, handing, inviting, restricting
from clients.services.contacts import Contact
from clients.services.covers import standing_covers
from clients.services.finding import NoSuchClient
from clients.services.inviting import NewClient, NoSuchTherapist, invite_client
from clients.services.leaving import OnlyHolder, end_account
from clients.services.restricting import lift_restriction, restrict_record
from clients.services.sharing import RecipientChanged
from keys.models import Grant
from tests.clients.conftest import Record


@pytest.fixture
def noor(cast, both):
    """Sam's client, whom Dana is about to be given."""
    return Record(cast, Client.objects.get(pk=cast.noor.client_id))


@pytest.fixture
def ends(cast, monkeypatch):
    """End an account, unseen by the first look that an act takes at the rows."""

    def end_unseen(person, module, look, *asked, **named):
        real = getattr(module, look)
        first = [real(*asked, **named)]
        monkeypatch.setattr(module, look, lambda *args, **kwargs: first.pop() if first else real(*args, **kwargs))
        end_account(by=cast.manager.as_(Role.MANAGER), user_id=person.user.pk, at=timezone.now())

    return end_unseen


def start(record, person):
    who = {"by": record.manager, "client": record.client, "therapist_id": person.user.pk}
    caring.start_care(**who, at=timezone.now())


def hand(record, person, mark=""):
    handing.hand_over(by=record.sam, client=record.client, seen=mark or record.mark(person), at=timezone.now())


def cover(record, person, mark=""):
    now = timezone.now()
    absence = covering.Absence(now, now + timedelta(days=2))
    seen = frozenset([mark or record.mark(person)])
    covering.arrange_cover(by=record.sam, client=record.client, seen=seen, absence=absence, at=now)


def invite(record, person):
    new = NewClient(Contact("Ines Moreau", "ines@post.example"), person.user.pk)
    return invite_client(by=record.manager, new=new, at=timezone.now())


GIVING = {"care": start, "a client": hand, "cover": cover}


def end(record, person):
    end_account(by=record.manager, user_id=person.user.pk, at=timezone.now())


def grants_of(person):
    return Grant.objects.filter(grantee=person.keys.key_id).count()


class TestMeetsAHandOver:
    """Whichever comes second finds what the first one did."""

    def test_of_the_leavers_own_in_another_window(self, cast, both):
        mark = both.mark(cast.sam)
        end(both, cast.dana)
        before = both.state()
        with pytest.raises(NoSuchClient):
            handing.hand_over(by=both.dana, client=both.client, seen=mark, at=timezone.now())
        assert both.state() == before

    def test_to_the_leaver_after_the_page_was_shown(self, cast, noor):
        mark = noor.mark(cast.dana)
        end(noor, cast.dana)
        before = noor.state()
        with pytest.raises(RecipientChanged):
            hand(noor, cast.dana, mark)
        assert noor.state() == before

    def test_that_put_somebody_into_their_care_first(self, cast, noor):
        """It is refused: now they hold the keys of one more client alone."""
        hand(noor, cast.dana)
        with pytest.raises(OnlyHolder):
            end(noor, cast.dana)
        assert noor.carers() == {cast.dana.user.pk}

    def test_a_manager_puts_nobody_into_their_care_any_more(self, cast, both):
        end(both, cast.dana)
        with pytest.raises(NoSuchTherapist):
            start(both, cast.dana)


class TestALeaver:
    @pytest.mark.parametrize("module", [handing, covering])
    def test_is_given_nothing_by_who_still_saw_them_there(self, cast, noor, ends, module):
        mark = noor.mark(cast.dana)
        ends(cast.dana, module, "colleagues_for", by=noor.sam)
        with pytest.raises(RecipientChanged):
            (hand if module is handing else cover)(noor, cast.dana, mark)
        assert grants_of(cast.dana) == 0
        assert noor.carers() == {cast.sam.user.pk}
        assert not standing_covers(at=timezone.now()).exists()

    def test_is_given_no_new_client_either(self, cast, both, ends):
        ends(cast.dana, inviting, "staff_with", Role.MANAGER)
        with pytest.raises(NoSuchTherapist):
            invite(both, cast.dana)
        assert grants_of(cast.dana) == 0

    def test_who_manages_gets_no_contact_of_a_new_client(self, cast, both, ruth, ends):
        ends(ruth, inviting, "staff_with", Role.MANAGER)
        invite(both, cast.dana)
        assert grants_of(ruth) == 0

    def test_who_manages_gets_no_contact_that_managers_are_given_back(self, cast, both, ruth, ends):
        Practice.objects.update(hidden_clients=True)
        restrict_record(by=both.dana, client=both.client, at=timezone.now())
        ends(ruth, restricting, "staff_with", Role.MANAGER)
        lift_restriction(by=both.dana, client=both.client, at=timezone.now())
        assert grants_of(ruth) == 0

    @pytest.mark.parametrize("what", ["care", "cover"])
    def test_loses_at_the_end_what_they_were_given_just_before(self, cast, noor, what):
        GIVING[what](noor, cast.dana)
        assert grants_of(cast.dana) > 3
        end(noor, cast.dana)
        assert grants_of(cast.dana) == 0
        assert not standing_covers(at=timezone.now()).filter(colleague=cast.dana.user).exists()


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one transaction write at a time")
class TestTheOrderOfLocks:
    """First people, then clients: two that lock them in another order would wait for each other for ever."""

    def order_of(self, act):
        with CaptureQueriesContext(connection) as statements:
            act()
        locks = [row["sql"] for row in statements if "FOR UPDATE" in row["sql"] or "FOR NO KEY UPDATE" in row["sql"]]
        tables = [sql.partition(' FROM "')[2].partition('"')[0] for sql in locks]
        return [table for table in tables if table in ("access_user", "clients_client")]

    @pytest.mark.parametrize("what", GIVING)
    def test_is_kept_by_whoever_gives(self, cast, noor, what):
        order = self.order_of(lambda: GIVING[what](noor, cast.dana))
        assert order[0] == "access_user"
        assert "clients_client" in order

    def test_is_kept_by_whoever_invites(self, cast, noor):
        assert self.order_of(lambda: invite(noor, cast.dana))[0] == "access_user"

    def test_is_kept_by_the_end_of_an_account(self, cast, both):
        order = self.order_of(lambda: end(both, cast.dana))
        assert order[0] == "access_user"
        assert "clients_client" in order
