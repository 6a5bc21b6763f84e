"""Looking at the access log is an entry itself; what stands above the lines; and that no note is reached from it."""

import re
from datetime import timedelta

import pytest
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone

from audit.acts import Act, Purpose
from audit.services import Filters, browse_log, count_entries, record_look, record_refusal
from tests.addresses import VIEWS
from tests.audit.sql import plant
from tests.cast import Cast
from tests.practice.log.reading import LOG, links, rows


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


class TestFigures:
    def test_count_the_last_seven_days(self, cast: Cast, signed_in, dana):
        before = count_entries(Filters(first_date=timezone.localdate() - timedelta(days=6)))
        record_look(Act.CLIENT_LISTED, by=dana, at=timezone.now() - timedelta(days=8))
        record_look(Act.OVERRIDE_OPENED, by=dana, at=timezone.now())
        record_refusal(Act.ACCESS_REFUSED, by=dana, at=timezone.now())
        page = signed_in(cast.manager).get(LOG).content.decode()
        # And one for this look.
        assert re.findall(r"<dd>(\d+)</dd>", page) == [str(before + 3), "1", "1"]


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
        # The formats that a practice writes its notes in hold nothing about anybody.
        views = [name for name in VIEWS if name.startswith("notes:") and not name.endswith("_format")]
        addresses = [house.address_of(name) for name in views if name != "notes:browse_formats"]
        assert len(addresses) > 5
        for address in addresses:
            assert {browser.get(address).status_code, browser.post(address).status_code} == {403}


def view_of(link: str) -> str:
    try:
        return resolve(link.partition("?")[0]).view_name
    except Resolver404:
        return f"nothing at {link}"
