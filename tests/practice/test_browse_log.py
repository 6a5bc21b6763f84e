"""The access log as a manager or an auditor reads it."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from uuid import uuid4

import pytest
from django.db import connection
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone

from access.roles import Role
from access.services.people import change_settings
from audit.actors import Named, Nobody, Origin, System
from audit.acts import Act, Ground, Outcome, Purpose
from audit.entries import Basis
from audit.models import Entry
from audit.services import Filters, browse_log, count_entries, record_look, record_refusal
from clients.services.contacts import Contact
from clients.services.finding import find_client
from clients.services.inviting import NewClient, invite_client
from practice.checks import resolved_views
from practice.log.filters import GROUPS, acts_of
from tests.audit.cast import ENTRY_GUARD
from tests.audit.sql import plant, run
from tests.cast import Cast

LOG = reverse("practice:browse_log")
ROW = re.compile(r"<tr(?: class=\"(attention)\")?>\s*<td.*?</tr>", re.DOTALL)


def rows(answer) -> list[str]:
    """Read the lines of the table as text; one that asks for attention begins with an exclamation mark."""
    found = ROW.finditer(answer.content.decode())
    return [("! " if match[1] else "") + words(match[0]) for match in found]


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def links(answer) -> set[str]:
    main = answer.content.decode().partition("<main")[2].partition("</main>")[0]
    return {unescape(link) for link in re.findall(r'(?:href|action)="([^"]*)"', main)}


def code_of(cast: Cast, client_id) -> str:
    return find_client(by=cast.manager.as_(Role.MANAGER), client_id=client_id).code


@pytest.fixture
def dana(cast: Cast):
    return cast.dana.as_(Role.THERAPIST)


@pytest.fixture
def robin(cast: Cast, dana):
    return find_client(by=dana, client_id=cast.robin.client_id)


class TestLook:
    @pytest.mark.parametrize("who", ["manager", "auditor"])
    def test_is_an_entry_before_anything_is_shown(self, cast: Cast, signed_in, who):
        person = getattr(cast, who)
        before = count_entries(Filters())
        assert signed_in(person).get(LOG).status_code == 200
        [newest, *_] = browse_log().entries
        assert count_entries(Filters()) == before + 1
        assert (newest.action, newest.actor_id) == (Act.LOG_VIEWED, f"u_{person.user.pk}")
        assert (newest.role, newest.purpose) == (who, Purpose.OPERATIONS)

    def test_is_not_on_the_page_that_it_opens_but_on_the_next(self, cast: Cast, signed_in):
        browser = signed_in(cast.manager)
        assert "Looked at the access log" not in rows(browser.get(LOG))[0]
        assert "Priya Nair manager Looked at the access log" in rows(browser.get(LOG))[0]

    def test_at_one_client_names_that_client(self, cast: Cast, signed_in, robin):
        signed_in(cast.auditor).get(LOG, {"client": robin.code})
        assert browse_log().entries[0].subjects == (robin.audit_handle,)

    def test_is_refused_while_it_cannot_be_recorded(self, cast: Cast, signed_in, monkeypatch):
        browser = signed_in(cast.manager)
        plant("audit_entry", swallow=True)
        answer = browser.get(LOG)
        assert answer.status_code == 503
        assert not rows(answer)

    @pytest.mark.parametrize("who", ["dana", "robin"])
    def test_is_not_open_to_others(self, cast: Cast, signed_in, who):
        person = cast.dana if who == "dana" else cast.robin.person
        assert signed_in(person).get(LOG).status_code == 403


class TestLine:
    def test_names_staff_by_name_and_clients_by_code(self, cast: Cast, signed_in, dana, robin):
        record_look(Act.CLIENT_READ, by=dana, target=robin, at=timezone.now())
        answer = signed_in(cast.manager).get(LOG)
        assert f"Dana Whitlock therapist Opened a client's page Client {robin.code}" in rows(answer)[0]
        assert cast.robin.name not in answer.content.decode()

    def test_calls_a_client_who_acts_by_code(self, cast: Cast, signed_in, robin):
        by = cast.robin.person.as_(Role.CLIENT)
        record_look(Act.LOG_VIEWED_OWN, by=by, subjects=[robin.audit_handle], at=timezone.now())
        record_look(Act.REAUTHENTICATED, by=by, at=timezone.now())
        second, first, *_ = rows(signed_in(cast.auditor).get(LOG))
        assert f"Client {robin.code} Looked up who opened their own record Client {robin.code}" in first
        assert "A client Gave the passphrase again" in second

    def test_counts_many_clients(self, cast: Cast, signed_in, dana):
        handles = [uuid4().bytes for _ in range(4)]
        record_look(Act.CLIENT_LISTED, by=dana, subjects=handles, at=timezone.now())
        assert "Looked through a list of clients 4 clients" in rows(signed_in(cast.manager).get(LOG))[0]

    def test_says_who_was_nobody_and_what_did_it_by_itself(self, cast: Cast, signed_in):
        record_refusal(Act.SIGN_IN_FAILED, by=Nobody(Origin()), at=timezone.now())
        record_look(Act.SETTING_CHANGED, by=System(), at=timezone.now())
        system, nobody, *_ = rows(signed_in(cast.manager).get(LOG))
        assert "The system Changed a setting of the practice" in system
        assert "Somebody not signed in Tried to sign in, with a wrong passphrase or code refused" in nobody

    def test_marks_refusals_and_emergencies(self, cast: Cast, signed_in, dana, robin):
        record_look(Act.OVERRIDE_OPENED, by=dana, target=robin, at=timezone.now())
        record_refusal(Act.ACCESS_REFUSED, by=dana, at=timezone.now())
        record_look(Act.CLIENT_READ, by=dana, target=robin, at=timezone.now())
        plain, refused, emergency, *_ = rows(signed_in(cast.manager).get(LOG))
        assert not plain.startswith("!")
        assert refused.startswith("!")
        assert emergency.startswith("!")

    def test_says_that_an_entry_was_altered(self, cast: Cast, signed_in, dana, robin):
        record_look(Act.CLIENT_READ, by=dana, target=robin, at=timezone.now())
        run(*ENTRY_GUARD.remove_statements(connection))
        Entry.objects.filter(pk=browse_log().entries[0].entry_id).update(outcome="odd", body=b"{}")
        [line, *_] = rows(signed_in(cast.manager).get(LOG))
        assert line.startswith("!")
        assert "odd altered" in line

    def test_stands_under_its_day_in_the_zone_of_the_practice(self, cast: Cast, signed_in, dana, settings):
        settings.TIME_ZONE = "Asia/Kolkata"
        # Half past seven in the evening of the 3rd in UTC is one in the morning of the 4th there.
        record_look(Act.CLIENT_LISTED, by=dana, at=datetime(2026, 3, 3, 19, 30, tzinfo=UTC))
        answer = signed_in(cast.manager).get(LOG, {"since": "2026-03-04", "until": "2026-03-04"})
        assert [line.startswith("01:00") for line in rows(answer)] == [True]
        assert "Wednesday 4 March" in answer.content.decode()
        assert "Times are Asia/Kolkata" in answer.content.decode()

    @pytest.mark.parametrize("days", [{"until": "9999-12-31"}, {"since": "0001-01-01"}])
    def test_is_asked_for_again_beyond_the_calendar(self, cast: Cast, signed_in, days):
        assert signed_in(cast.manager).get(LOG, days).status_code == 200


class TestAHiddenClient:
    @pytest.fixture
    def hidden(self, cast: Cast, dana):
        now = timezone.now()
        change_settings(by=cast.manager.as_(Role.MANAGER), changes={"hidden_clients": True}, at=now)
        new = NewClient(Contact("Hidden Person", "hidden@post.example"), cast.dana.user.pk, hidden=True)
        client, _ = invite_client(by=dana, new=new, at=now)
        return client

    @pytest.mark.parametrize("who", ["manager", "auditor"])
    def test_is_never_shown_by_code(self, cast: Cast, signed_in, hidden, who):
        answer = signed_in(getattr(cast, who)).get(LOG)
        assert "A client whose code is not shown here" in rows(answer)[0]
        assert hidden.code not in answer.content.decode()

    def test_is_not_found_by_code_like_one_that_does_not_exist(self, cast: Cast, signed_in, hidden):
        browser = signed_in(cast.manager)
        answers = [browser.get(LOG, {"client": code}) for code in (hidden.code, "ZZZZZZ")]
        pages = [words(answer.content.decode().partition("<form class=")[2]) for answer in answers]
        assert "There is no client with this code" in pages[0]
        assert not rows(answers[0])
        assert pages[0].replace(hidden.code, "ZZZZZZ") == pages[1]


class TestFilters:
    @pytest.fixture(autouse=True)
    def some_entries(self, cast: Cast, dana, robin):
        now = timezone.now()
        record_look(Act.NOTE_READ, by=dana, target=Named("notes.note", uuid4(), robin.audit_handle), at=now)
        record_look(Act.CLIENT_LISTED, by=cast.sam.as_(Role.THERAPIST), at=now - timedelta(days=30))
        record_refusal(Act.ACCESS_REFUSED, by=dana, target=Named("practice.browse_log", uuid4()), at=now)

    @pytest.mark.parametrize(
        ("chosen", "kept"),
        [
            ({"what": "notes"}, "Read a progress note"),
            ({"what": "refused"}, "Was refused a page"),
            ({"outcome": "denied"}, "Was refused a page"),
            ({"role": "auditor"}, None),
            ({"role": "therapist", "outcome": "ok", "what": "notes"}, "Read a progress note"),
        ],
    )
    def test_narrow(self, cast: Cast, signed_in, chosen, kept):
        found = rows(signed_in(cast.manager).get(LOG, chosen))
        assert len(found) == bool(kept)
        assert all(kept in line for line in found if kept)

    def test_by_person(self, cast: Cast, signed_in):
        chosen = {"who": f"u_{cast.sam.user.pk}", "role": "therapist"}
        found = rows(signed_in(cast.manager).get(LOG, chosen))
        assert ["Samuel Okafor therapist" in line for line in found] == [True]

    def test_by_client_code_however_it_is_typed(self, cast: Cast, signed_in, robin):
        found = rows(signed_in(cast.manager).get(LOG, {"client": f" {robin.code.lower()} ", "what": "notes"}))
        assert [f"Client {robin.code}" in line for line in found] == [True]

    def test_by_days_inclusive(self, cast: Cast, signed_in):
        day = (timezone.now() - timedelta(days=30)).date().isoformat()
        found = rows(signed_in(cast.manager).get(LOG, {"since": day, "until": day}))
        assert ["Samuel Okafor" in line for line in found] == [True]

    def test_by_thing(self, cast: Cast, signed_in):
        target = browse_log(Filters(acts=frozenset({Act.ACCESS_REFUSED}))).entries[0].target_uuid
        found = rows(signed_in(cast.manager).get(LOG, {"about": str(target)}))
        assert ["Was refused a page" in line for line in found] == [True]

    @pytest.mark.parametrize(
        "wrong",
        [
            {"who": "u_nobody"},
            {"client": "<script>"},
            {"what": "everything"},
            {"outcome": "maybe"},
            {"since": "soon"},
            {"about": "1"},
            {"before": "-1"},
            {"before": "9" * 30},
            {"role": "\0"},
        ],
    )
    def test_that_are_wrong_show_nothing_and_say_so(self, cast: Cast, signed_in, wrong):
        answer = signed_in(cast.manager).get(LOG, wrong)
        assert answer.status_code == 200
        assert b"There is a problem" in answer.content
        assert not rows(answer)
        assert b"<script>" not in answer.content

    def test_stay_in_the_fields(self, cast: Cast, signed_in, robin):
        page = signed_in(cast.manager).get(LOG, {"client": robin.code, "since": "2026-01-02"}).content.decode()
        assert f'value="{robin.code}"' in page
        assert 'value="2026-01-02"' in page

    def test_by_kind_know_every_act_exactly_once(self):
        acts = [act for group in GROUPS for act in acts_of(group)]
        assert sorted(acts) == sorted(Act)


class TestPages:
    def test_lead_back_to_the_first_entry_without_losing_or_doubling_one(self, cast: Cast, signed_in, dana):
        for _ in range(120):
            record_look(Act.CLIENT_LISTED, by=dana, at=timezone.now())
        browser, seen, address = signed_in(cast.manager), 0, f"{LOG}?role=therapist"
        while address:
            answer = browser.get(address)
            seen += len(rows(answer))
            older = [link for link in links(answer) if "before=" in link]
            address = f"{LOG}{older[0]}" if older else ""
            assert all("role=therapist" in link for link in older)
        assert seen == count_entries(Filters(role="therapist"))

    def test_cost_the_same_however_much_there_is(
        self, cast: Cast, signed_in, dana, robin, django_assert_max_num_queries
    ):
        for _ in range(60):
            record_look(Act.CLIENT_READ, by=dana, target=robin, at=timezone.now())
        browser = signed_in(cast.manager)
        with django_assert_max_num_queries(30):
            assert len(rows(browser.get(LOG))) == 50


class TestFigures:
    def test_count_the_last_seven_days(self, cast: Cast, signed_in, dana):
        before = count_entries(Filters(first_date=timezone.localdate() - timedelta(days=6)))
        record_look(Act.CLIENT_LISTED, by=dana, at=timezone.now() - timedelta(days=8))
        record_look(Act.OVERRIDE_OPENED, by=dana, at=timezone.now())
        record_refusal(Act.ACCESS_REFUSED, by=dana, at=timezone.now())
        page = signed_in(cast.manager).get(LOG).content.decode()
        # And one for this look.
        assert re.findall(r"<dd>(\d+)</dd>", page) == [str(before + 3), "1", "1"]


class TestEntryPage:
    def test_says_all_that_the_entry_says_in_plain_words(self, cast: Cast, signed_in, dana, robin):
        thing = Named("notes.note", uuid4(), robin.audit_handle)
        origin = Origin(req="r77", net="203.0.113.0/24", device="phone")
        by = replace(dana, origin=origin)
        receipt = record_look(
            Act.NOTE_READ,
            by=by,
            target=thing,
            purpose=Purpose.TREATMENT,
            basis=Basis(Ground.CARE, uuid4()),
            revision=3,
            fields=["safety_plan"],
            at=timezone.now(),
        )
        answer = signed_in(cast.auditor).get(reverse("practice:read_entry", args=[receipt.uid]))
        page = words(answer.content.decode())
        for said in (
            "Who Dana Whitlock, therapist",
            "What happened Read a progress note",
            "How it ended Done",
            f"About Client {robin.code}",
            "Thing A progress note",
            str(thing.audit_uuid),
            "Version of it 3",
            "Named in detail safety plan",
            "Why it was allowed The client was in this person's care",
            "Purpose Treatment of the client",
            "Kind of device Phone",
            "Network 203.0.113.0/24",
            "Request r77",
            str(receipt.uid),
        ):
            assert said in page

    def test_is_a_look_that_names_the_entry(self, cast: Cast, signed_in):
        entry = browse_log().entries[0]
        signed_in(cast.manager).get(reverse("practice:read_entry", args=[entry.uid]))
        look = browse_log().entries[0]
        assert (look.action, look.target_type, look.target_uuid) == (Act.LOG_VIEWED, "audit.entry", entry.uid)

    def test_says_that_the_entry_was_altered(self, cast: Cast, signed_in, dana):
        receipt = record_look(Act.CLIENT_LISTED, by=dana, at=timezone.now())
        run(*ENTRY_GUARD.remove_statements(connection))
        Entry.objects.filter(uid=receipt.uid).update(role="auditor")
        page = signed_in(cast.manager).get(reverse("practice:read_entry", args=[receipt.uid])).content.decode()
        assert "not as it was first written" in page

    def test_of_no_entry_is_not_found(self, cast: Cast, signed_in):
        assert signed_in(cast.manager).get(reverse("practice:read_entry", args=[uuid4()])).status_code == 404

    def test_leads_from_a_page_that_was_refused_to_no_thing(self, cast: Cast, signed_in):
        browser = signed_in(cast.dana)
        assert browser.get(LOG).status_code == 403
        refusal = browse_log(Filters(outcome=Outcome.DENIED)).entries[0]
        answer = signed_in(cast.manager).get(reverse("practice:read_entry", args=[refusal.uid]))
        assert "The page practice: browse log" in words(answer.content.decode())
        assert not [link for link in links(answer) if "about=" in link]


class TestNoNote:
    def test_is_reached_from_the_log_by_any_address(self, cast: Cast, signed_in, house):
        browser = signed_in(cast.manager)
        note = str(house.note)
        entries = browse_log(Filters(acts=frozenset({Act.NOTE_WRITTEN}))).entries
        assert [str(entry.target_uuid) for entry in entries] == [note]
        pages = [browser.get(LOG), *(browser.get(reverse("practice:read_entry", args=[e.uid])) for e in entries)]
        inside = {link for page in pages for link in links(page) if not link.startswith("?")}
        assert {view_of(link) for link in inside} <= {"practice:browse_log", "practice:read_entry"}

    def test_opens_for_a_manager_at_any_address_there_is(self, cast: Cast, signed_in, house):
        browser = signed_in(cast.manager)
        addresses = [(name, address) for name, address in resolved_views() if name.startswith("notes:")]
        assert len(addresses) > 5
        for name, pattern in addresses:
            address = reverse(name, kwargs=house.arguments(re.findall(r"<\w+:(\w+)>", pattern)))
            assert {browser.get(address).status_code, browser.post(address).status_code} == {403}


def view_of(link: str) -> str:
    try:
        return resolve(link.partition("?")[0]).view_name
    except Resolver404:
        return f"nothing at {link}"
