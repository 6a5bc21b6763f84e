"""What a manager reads before a colleague's account ends, and the page that ends it."""

from datetime import timedelta

from django.utils import timezone

from access.models import KeySession, User
from access.roles import Role
from access.states import State
from clients.models import Client
from clients.services.leaving import prepare_leaving
from practice.cast import Person
from tests.access.pages.visitors import text_of


def path(person: Person) -> str:
    return f"/people/{person.user.pk}/end/"


class TestPrepareLeaving:
    def prepare(self, cast, person=None):
        return prepare_leaving(by=cast.manager.as_(Role.MANAGER), user_id=(person or cast.dana).user.pk)

    def test_names_who_would_be_left_by_code(self, cast, record):
        leaving = self.prepare(cast)
        assert (leaving.codes, leaving.unnamed, leaving.is_possible) == ([record.client.code], False, False)

    def test_finds_nothing_in_the_way_once_a_colleague_holds_the_keys(self, cast, both):
        leaving = self.prepare(cast)
        assert (leaving.codes, leaving.cared_for, leaving.is_possible) == ([], 1, True)

    def test_never_names_a_hidden_client(self, cast, record):
        Client.objects.filter(pk=record.client.pk).update(hidden=True)
        leaving = self.prepare(cast)
        assert (leaving.codes, leaving.unnamed, leaving.cared_for) == ([], True, 0)
        assert not leaving.is_possible


class TestThePage:
    def test_says_what_will_happen_before_it_does(self, cast, both, signed_in):
        page = text_of(signed_in(cast.manager).get(path(cast.dana)))
        for said in ("This cannot be undone.", "Process notes that they kept", "Their care of 1 client ends."):
            assert said in page
        assert User.objects.get(pk=cast.dana.user.pk).state == State.ACTIVE

    def test_lists_by_code_what_stands_in_the_way(self, cast, record, signed_in):
        manager = signed_in(cast.manager)
        page = manager.get(path(cast.dana))
        assert record.client.code in text_of(page)
        assert b"btn final" not in page.content
        assert "Robin" not in text_of(page)
        assert "Nobody else holds the keys of some of their clients" in text_of(manager.post(path(cast.dana)))

    def test_says_of_hidden_records_no_more_than_that_there_are(self, cast, record, signed_in):
        Client.objects.filter(pk=record.client.pk).update(hidden=True)
        page = text_of(signed_in(cast.manager).get(path(cast.dana)))
        assert "There are records, too, that managers are not shown." in page
        assert record.client.code not in page

    def test_ends_the_account_and_names_them_as_gone(self, cast, both, signed_in):
        manager = signed_in(cast.manager)
        page = text_of(manager.post(path(cast.dana), follow=True))
        assert "Ended. Dana Whitlock cannot sign in any more" in page
        assert f"left on {timezone.localdate():%B} {timezone.localdate().day}," in page
        assert path(cast.dana) not in manager.get("/people/").content.decode()

    def test_leads_back_from_somebody_who_cannot_be_ended(self, cast, signed_in):
        manager = signed_in(cast.manager)
        for person in (cast.manager, cast.robin.person):
            assert manager.get(path(person))["Location"] == "/people/"
            assert manager.post(path(person))["Location"] == "/people/"

    def test_asks_for_the_passphrase_again(self, cast, both, signed_in):
        manager = signed_in(cast.manager)
        KeySession.objects.update(fresh_at=timezone.now() - timedelta(minutes=11))
        manager.post(path(cast.dana))
        assert User.objects.get(pk=cast.dana.user.pk).state == State.ACTIVE
