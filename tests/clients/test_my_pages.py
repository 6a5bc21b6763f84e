"""A client's own pages."""

from datetime import timedelta

import pytest
from django.utils import timezone

from access.roles import Role
from audit.acts import Act, Purpose
from audit.models import Entry, EntrySubject
from audit.services import record_look
from clients.models import Client
from tests.access.pages.visitors import text_of


@pytest.fixture
def robin(cast, signed_in):
    return signed_in(cast.robin.person)


class TestMyPage:
    def test_greets_and_leads_on(self, robin):
        assert robin.get("/")["Location"] == "/my/"
        answer = robin.get("/my/")
        assert "Who opened your record" in text_of(answer)
        assert "<title>Your page</title>" in answer.content.decode()

    def test_is_not_for_the_staff(self, cast, signed_in):
        for person in (cast.dana, cast.manager, cast.auditor):
            assert signed_in(person).get("/my/").status_code == 403


class TestMyLooks:
    def looks(self, robin, path="/my/record/looks/"):
        return robin.get(path).context["page"].looks

    def test_says_who_what_and_why_in_plain_words(self, cast, signed_in, robin):
        signed_in(cast.dana).get(f"/clients/{cast.robin.client_id}/")
        words = text_of(robin.get("/my/record/looks/"))
        assert "Dana Whitlock (therapist) opened your page, to look after you." in words

    def test_tells_a_list_from_a_look(self, cast, signed_in, robin):
        signed_in(cast.manager).get("/clients/")
        words = text_of(robin.get("/my/record/looks/"))
        assert "Priya Nair (manager of the practice) saw your name in a list of clients, to run the practice." in words

    def test_is_about_nobody_else(self, cast, signed_in, robin):
        before = len(self.looks(robin))
        signed_in(cast.sam).get(f"/clients/{cast.noor.client_id}/")
        # One more: that Robin looked just now.
        assert len(self.looks(robin)) == before + 1

    def test_counts_the_clients_own_look(self, cast, robin):
        first = self.looks(robin)[0]
        assert (first.who, first.what) == ("You", "looked up who opened your record")

    def test_comes_in_pages(self, cast, robin):
        record = Client.objects.get(pk=cast.robin.client_id)
        for minute in range(60):
            at = timezone.now() - timedelta(minutes=60 - minute)
            by = cast.dana.as_(Role.THERAPIST)
            record_look(Act.CLIENT_READ, by=by, target=record, purpose=Purpose.TREATMENT, at=at)
        page = robin.get("/my/record/looks/").context["page"]
        assert len(page.looks) == 50
        older = robin.get(f"/my/record/looks/?before={page.before}")
        assert 10 < len(older.context["page"].looks) < 50
        assert "Back to the newest" in text_of(older)

    @pytest.mark.parametrize("before", ["x", "-1", "0"])
    def test_takes_nonsense_for_an_address_calmly(self, robin, before):
        assert robin.get(f"/my/record/looks/?before={before}").status_code == 200

    def test_shows_a_line_that_was_altered_as_such(self, cast, robin):
        # The line says in its subject row that it is about Robin; its own bytes say that it is about Noor.
        handle = Client.objects.get(pk=cast.robin.client_id).audit_handle
        foreign = Entry.objects.filter(action="client:enrolled", obj_id=cast.noor.client_id).get()
        EntrySubject.objects.create(entry_id=foreign.pk, handle=handle)
        assert "not as it was first written" in text_of(robin.get("/my/record/looks/"))

    def test_leaves_an_entry_of_its_own(self, cast, robin):
        robin.get("/my/record/looks/")
        assert Entry.objects.filter(action="log:viewed_own", role="client").count() == 1
