"""Lock 1: no row, no page; no role, no page; and each refusal names what was asked for."""

from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.urls import include, path, reverse

from access.roles import Role
from access.services.people import roles_of
from audit.acts import Act, Outcome
from audit.services import Filters, LogEntry, browse_log
from practice.gate import NO_RECORD
from practice.policy import POLICY, Row
from practice.urls import urlpatterns as real_addresses
from tests.practice.conftest import House


def probe(request, **kwargs):
    return HttpResponse(f"acting as {request.actor.role}")


addresses = ([path("probe/", probe, name="plain"), path("probe/<uuid:client_id>/", probe, name="record")], "probe")
urlpatterns = [path("", include(addresses)), *real_addresses]
handler403 = "practice.errors.not_allowed"


@pytest.fixture
def with_probe(settings):
    settings.ROOT_URLCONF = __name__


def newest_refusal() -> LogEntry:
    return browse_log(Filters(acts=frozenset({Act.ACCESS_REFUSED})), size=1).entries[0]


@pytest.mark.usefixtures("with_probe")
class TestAViewWithoutARow:
    @pytest.mark.parametrize("role", Role)
    def test_opens_to_nobody(self, house: House, signed_in, role):
        assert signed_in(house.person(role)).get("/probe/").status_code == 403

    def test_opens_to_nobody_signed_out(self, db, client):
        assert client.get("/probe/").status_code == 403
        entry = newest_refusal()
        assert (entry.actor_id, entry.role, entry.target_type) == ("", "nobody", "probe.plain")


@pytest.mark.usefixtures("with_probe")
class TestARefusal:
    def test_names_who_asked_for_what(self, house: House, signed_in, monkeypatch):
        monkeypatch.setitem(POLICY, "probe:plain", Row((Role.MANAGER,)))
        answer = signed_in(house.cast.dana).get("/probe/")
        assert answer.status_code == 403
        assert b"The try was written to the access log" in answer.content
        entry = newest_refusal()
        assert entry.outcome == Outcome.DENIED
        assert entry.actor_id == f"u_{house.cast.dana.user.pk}"
        assert (entry.role, entry.target_type, entry.target_uuid) == ("therapist", "probe.plain", NO_RECORD)

    def test_names_the_record_as_it_was_asked_for(self, house: House, signed_in, monkeypatch):
        monkeypatch.setitem(POLICY, "probe:record", Row((Role.MANAGER,)))
        asked = uuid4()
        signed_in(house.cast.auditor).post(f"/probe/{asked}/", {"body": "canary"})
        entry = newest_refusal()
        assert (entry.target_type, entry.target_uuid, entry.subjects) == ("probe.record", asked, ())

    def test_is_not_written_for_a_page_that_opens(self, house: House, signed_in, monkeypatch):
        monkeypatch.setitem(POLICY, "probe:plain", Row((Role.MANAGER,)))
        assert signed_in(house.cast.manager).get("/probe/").status_code == 200
        assert not browse_log(Filters(acts=frozenset({Act.ACCESS_REFUSED}))).entries


@pytest.mark.usefixtures("with_probe")
class TestAPersonWithTwoRoles:
    @pytest.mark.parametrize(
        ("row", "role"),
        [
            (Row((Role.MANAGER, Role.THERAPIST)), "manager"),
            (Row((Role.THERAPIST, Role.MANAGER)), "therapist"),
            (Row((Role.AUDITOR, Role.THERAPIST)), "therapist"),
        ],
    )
    def test_acts_in_the_first_one_of_the_row(self, house: House, signed_in, monkeypatch, row, role):
        monkeypatch.setitem(POLICY, "probe:plain", row)
        house.cast.manager.user.roles_held.create(role=Role.THERAPIST)
        assert signed_in(house.cast.manager).get("/probe/").content.decode() == f"acting as {role}"


@pytest.mark.usefixtures("with_probe")
class TestAFreshRow:
    @pytest.fixture(autouse=True)
    def fresh_row(self, monkeypatch):
        monkeypatch.setitem(POLICY, "probe:plain", Row((Role.MANAGER,), fresh=True))

    def test_opens_soon_after_the_passphrase(self, house: House, signed_in):
        assert signed_in(house.cast.manager).get("/probe/").status_code == 200

    def test_asks_again_after_ten_minutes(self, house: House, signed_in, settings):
        settings.FRESH_SECONDS = -1
        answer = signed_in(house.cast.manager).get("/probe/")
        assert answer.url == f"{reverse('practice:again')}?next=%2Fprobe%2F"

    def test_asks_a_form_and_a_script_with_423(self, house: House, signed_in, settings):
        settings.FRESH_SECONDS = -1
        browser = signed_in(house.cast.manager)
        form = browser.post("/probe/", {"body": "typed & kept"})
        assert form.status_code == 423
        assert b"typed &amp; kept" in form.content
        script = browser.post("/probe/", headers={"Accept": "application/json"})
        assert script.json() == {"unlock_url": "/again/", "needs": ["passphrase"]}

    def test_refuses_a_wrong_role_without_asking(self, house: House, signed_in, settings):
        settings.FRESH_SECONDS = -1
        assert signed_in(house.cast.dana).get("/probe/").status_code == 403


class TestAnUnfinishedAccount:
    @pytest.mark.parametrize("state", [Role.WAITING, Role.ENROLLING])
    def test_has_no_role_but_its_state(self, house: House, state):
        house.person(state).user.roles_held.get_or_create(role=Role.MANAGER)
        assert roles_of(house.person(state).user) == {state}

    def test_waiting_sees_one_page(self, house: House, signed_in):
        browser = signed_in(house.waiting)
        assert browser.get("/").url == reverse("access:wait")
        assert browser.get(reverse("access:wait")).status_code == 200
        assert browser.get(reverse("clients:browse")).status_code == 403

    def test_enrolling_sees_its_next_step(self, house: House, signed_in):
        browser = signed_in(house.enrolling)
        assert browser.get("/").url == reverse("access:set_factor")
        assert browser.get(reverse("access:set_factor")).status_code == 200
        assert browser.get(reverse("access:wait")).status_code == 403
