"""The manager's page that names a supervisor, the therapist's that gives the keys, and the client's words."""

import pytest
from django.utils import timezone

from access.models import Practice
from clients.models.training import Supervised, Supervision
from clients.services.restricting import restrict_record


def name_page(record):
    return f"/people/{record.cast.dana.user.pk}/supervisor/"


@pytest.fixture
def manager(record, signed_in):
    return signed_in(record.cast.manager)


@pytest.fixture
def dana(record, signed_in):
    return signed_in(record.cast.dana)


class TestTheManagersPage:
    def test_names_and_ends_and_people_say_so(self, manager, record):
        shown = manager.post(name_page(record), {"supervisor": record.cast.sam.user.pk}, follow=True)
        assert "supervised by Samuel Okafor since" in shown.content.decode()
        assert "End the supervision" in manager.get(name_page(record)).content.decode()
        shown = manager.post(f"{name_page(record)}end/", follow=True).content.decode()
        assert "The keys of Samuel Okafor were taken back." in shown
        assert Supervision.objects.get().ended_at

    def test_says_what_cannot_be(self, manager, record):
        shown = manager.post(name_page(record), {}).content.decode()
        assert "Please choose who supervises." in shown
        assert not Supervision.objects.exists()


class TestTheTherapistsPage:
    def test_gives_what_is_ticked_and_names_it(self, dana, named):
        shown = dana.get("/account/supervision/").content.decode()
        assert "Robin Marlowe" in shown
        mark = named.mark(named.cast.sam)
        shown = dana.post("/account/supervision/", {"clients": named.client.pk, "to": mark}).content.decode()
        assert "Samuel Okafor may read this record." in shown
        assert Supervised.objects.get().client == named.client
        assert "can read the record of every client in your care" in dana.get("/account/supervision/").content.decode()

    def test_never_ticks_a_restricted_client_beforehand(self, dana, named):
        Practice.objects.update(hidden_clients=True)
        assert "checked" in dana.get("/account/supervision/").content.decode()
        restrict_record(by=named.dana, client=named.client, at=timezone.now())
        shown = dana.get("/account/supervision/").content.decode()
        assert "Kept from managers: tick it only if your supervisor may know" in shown
        assert "checked" not in shown

    def test_says_that_nobody_supervises(self, dana):
        assert "Nobody supervises you." in dana.get("/account/supervision/").content.decode()


class TestTheClientsPages:
    def test_say_it_in_words(self, supervised, signed_in):
        robin = signed_in(supervised.cast.robin.person)
        words = "Dana Whitlock is in training. Their supervisor, Samuel Okafor, may read your notes."
        assert words in robin.get("/my/").content.decode()
        shown = robin.get(f"/my/{supervised.client.pk}/readers/").content.decode()
        assert "who supervises Dana Whitlock" in shown
        assert "Dana Whitlock is in training" in shown
