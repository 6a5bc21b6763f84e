"""Pages that name more clients than one entry of the log can hold."""

import pytest
from django.utils import timezone

from audit.acts import Act
from audit.models import Entry, EntrySubject
from audit.services import browse_log
from clients.models import Care, Client
from clients.services.unseen import unseen_in_log
from tests.access.pages.visitors import text_of


@pytest.fixture(autouse=True)
def one_a_piece(monkeypatch):
    """Let an entry name one client; otherwise it would take two hundred more of them here."""
    for module in ("audit.entries", "clients.services.parting"):
        monkeypatch.setattr(f"{module}.MAX_SUBJECTS", 1)


@pytest.fixture
def both(cast):
    """Let Dana care for Noor too."""
    clients = list(Client.objects.order_by("made_at"))
    assert len(clients) == 2
    Care.objects.create(client_id=cast.noor.client_id, therapist=cast.dana.user, started_at=timezone.now())
    return clients


def named(act):
    """Say whom entries of an act name, entry by entry."""
    entries = Entry.objects.filter(action=act)
    return [set(EntrySubject.objects.filter(entry_id=entry.pk).values_list("handle", flat=True)) for entry in entries]


class TestALookAtMany:
    @pytest.mark.parametrize(
        ("path", "act"),
        [
            ("/clients/", Act.CLIENT_LISTED),
            ("/clients/keeping/", Act.KEEPING_REVIEWED),
            ("/people/{dana}/caseload/", Act.CLIENT_LISTED),
        ],
    )
    def test_of_a_manager_is_as_many_entries_as_it_takes(self, cast, signed_in, both, path, act):
        assert signed_in(cast.manager).get(path.format(dana=cast.dana.user.pk)).status_code == 200
        assert sorted(map(list, named(act))) == sorted([bytes(client.log_handle)] for client in both)

    def test_finds_by_name_among_all_of_them(self, cast, signed_in, both):
        answer = signed_in(cast.dana).post("/search/", {"words": "anything", "client": "Robin"})
        assert "Searching 1 record…" in answer.getvalue().decode()
        assert len(named(Act.CLIENT_LISTED)) == 2

    def test_shows_every_name_in_its_place(self, cast, signed_in, both):
        page = text_of(signed_in(cast.manager).get("/clients/"))
        assert page.index("Noor") < page.index("Robin Marlowe")

    def test_at_nobody_but_restricted_clients_is_shown_as_a_look_at_nobody(self, cast, signed_in):
        Client.objects.filter(pk=cast.robin.client_id).update(hidden=True)
        signed_in(cast.dana).get("/clients/")
        entries = [one for one in browse_log(unseen=unseen_in_log()).entries if one.action == Act.CLIENT_LISTED]
        assert [one.subjects for one in entries] == [()]
