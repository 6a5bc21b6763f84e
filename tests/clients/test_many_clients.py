"""Pages that name more clients than one entry of the log can hold."""

import pytest
from django.utils import timezone

from access.roles import Role
from audit.acts import Act
from audit.models import Entry, EntrySubject
from audit.services import browse_log
from clients.models import Care, Client
from clients.models.cover import Opening
from clients.services.covering import arrange_cover
from clients.services.opening import find_cover, open_record, tell_of
from clients.services.sharing import recipient_of
from clients.services.unseen import unseen_in_log
from consent.limits import Limit
from consent.record import Check
from consent.services.discussing import look_for_marks
from consent.services.overriding import look_at_manager_lines, override_alerts
from keys.services import Place, VaultKind, open_vault, vouch_for_holder
from measures.models import Answer, Sheet
from measures.services.waiting import Urgency, look_for_waiting
from tests.access.pages.visitors import text_of
from tests.clients.cover.conftest import LINE, away, because
from tests.consent.table import Table
from tests.measures.conftest import PHQ
from tests.notes.conftest import Desk


@pytest.fixture(autouse=True)
def one_a_piece(monkeypatch):
    """Let an entry name one client; otherwise it would take two hundred more of them here."""
    for module in ("audit.entries", "clients.services.parting"):
        monkeypatch.setattr(f"{module}.MAX_SUBJECTS", 1)


@pytest.fixture
def two(cast):
    """Dana's client, and Sam's."""
    clients = list(Client.objects.order_by("made_at"))
    assert [client.pk for client in clients] == [cast.robin.client_id, cast.noor.client_id]
    return clients


@pytest.fixture
def both(cast, two):
    """Let Dana care for Noor too."""
    Care.objects.create(client_id=cast.noor.client_id, therapist=cast.dana.user, started_at=timezone.now())
    return two


def assert_each_by_itself(act, clients):
    assert sorted(map(list, named(act))) == sorted([bytes(client.log_handle)] for client in clients)


def open_under_cover(client, *, of, by):
    """Let one therapist cover for another, and open the record."""
    of, seen = of.as_(Role.THERAPIST), frozenset([recipient_of(by.user, client).seen])
    arrange_cover(by=of, client=client, seen=seen, absence=away(), at=timezone.now())
    by, now = by.as_(Role.THERAPIST), timezone.now()
    cover = find_cover(by=by, client_id=client.pk, at=now)
    open_record(by=by, cover=cover, because=because(), at=now)


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
        assert_each_by_itself(act, both)

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


class TestWhatWaits:
    """Whatever a first page opens about many clients, each look names whom its entry can hold."""

    @pytest.fixture
    def sam(self, cast, two):
        """Let Sam, whose client Noor is, hold what Robin shares too."""
        vault = open_vault(by=cast.dana.keys, place=Place(VaultKind.SHARED, cast.robin.client_id))
        vault.grant(vouch_for_holder(by=cast.dana.keys, holder=cast.sam.user.pk), at=timezone.now())
        return cast.sam.as_(Role.THERAPIST)

    def test_marks_of_what_to_talk_about(self, cast, two, sam):
        for person in (cast.robin, cast.noor):
            table = Table(person)
            table.agree()
            table.finish(Limit.PAYMENT, Check.TO_DISCUSS)
        assert set(look_for_marks(by=sam, clients=two, at=timezone.now())) == {one.pk for one in two}
        assert_each_by_itself(Act.CONSENT_ANSWERS_READ, two)

    def test_answers_that_somebody_may_need_help(self, cast, two, sam):
        for client in two:
            asked = {"asked_by": cast.sam.user, "asked_at": timezone.now()}
            sheet = Sheet.objects.create(client=client, instrument=PHQ.code, **asked)
            Answer.objects.create(sheet=sheet, number=9, sealed_answer=b"altered")
        waiting = look_for_waiting(by=sam, clients=two, at=timezone.now())
        assert [one.urgency for one in waiting] == [Urgency.BROKEN] * 2
        assert_each_by_itself(Act.MEASURE_CHECKED, two)

    def test_reasons_given_before_a_signature(self, cast, two):
        for therapist, client in zip((cast.dana, cast.sam), two, strict=True):
            Desk(therapist, client).give_emergency_reason(at=timezone.now())
        manager = cast.manager.as_(Role.MANAGER)
        alerts = override_alerts(by=manager, at=timezone.now())
        lines = look_at_manager_lines(by=manager, alerts=alerts, at=timezone.now())
        assert list(lines.values()) == ["Crisis, no device"] * 2
        assert_each_by_itself(Act.OVERRIDE_READ, two)

    def test_reasons_for_opening_under_cover(self, cast, two):
        for therapist, colleague, client in zip((cast.dana, cast.sam), (cast.sam, cast.dana), two, strict=True):
            open_under_cover(client, of=therapist, by=colleague)
        told = tell_of(Opening.objects.all(), by=cast.manager.as_(Role.MANAGER), at=timezone.now())
        assert [one.line for one in told] == [LINE] * 2
        assert_each_by_itself(Act.COVER_REASON_READ, two)

    def test_about_nobody_is_no_look(self, cast):
        manager = cast.manager.as_(Role.MANAGER)
        assert tell_of(Opening.objects.all(), by=manager, at=timezone.now()) == []
        assert look_at_manager_lines(by=manager, alerts=[], at=timezone.now()) == {}
        assert look_for_marks(by=cast.sam.as_(Role.THERAPIST), clients=[], at=timezone.now()) == {}
        assert named(Act.COVER_REASON_READ) == named(Act.OVERRIDE_READ) == named(Act.CONSENT_ANSWERS_READ) == []
