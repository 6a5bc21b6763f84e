"""Narrowing the access log, and going through its pages."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from access.roles import Role
from audit.actors import Named
from audit.acts import Act
from audit.services import Filters, browse_log, count_entries, record_look, record_refusal
from practice.log.filters import GROUPS, acts_of
from tests.cast import Cast
from tests.practice.log.reading import LOG, links, rows, words


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

    def test_become_the_address_once_they_are_right(self, cast: Cast, signed_in, robin):
        browser = signed_in(cast.manager)
        answer = browser.post(LOG, {"client": robin.code, "what": "notes", "since": "", "csrfmiddlewaretoken": "x"})
        assert (answer.status_code, answer["Location"]) == (302, f"?client={robin.code}&what=notes")
        shown = browser.post(LOG, {"client": robin.code, "what": "notes"}, follow=True)
        assert [f"Client {robin.code}" in line for line in rows(shown)] == [True]
        assert browser.post(LOG, {"what": ""})["Location"] == LOG

    def test_never_carry_a_name_into_an_address(self, cast: Cast, signed_in):
        answer = signed_in(cast.manager).post(LOG, {"client": cast.robin.name, "what": "notes"})
        assert answer.status_code == 200
        assert "Names cannot be searched here" in words(answer.content.decode())
        assert not any("Marlowe" in link for link in links(answer))
        assert '<form class="filters noprint" method="post" action="/log/"' in answer.content.decode()

    def test_for_a_name_say_that_names_are_not_searched_here(self, cast: Cast, signed_in):
        page = signed_in(cast.manager).get(LOG, {"client": cast.robin.name}).content.decode()
        assert "Names cannot be searched here, because the log knows clients by code alone" in words(page)
        [field] = re.findall(r'<input[^>]* name="client"[^>]*>', page)
        assert f'value="{cast.robin.name}"' in field
        # Nor does a browser cut the name down to something that looks like a code.
        assert "maxlength" not in field

    def test_for_a_mistyped_code_name_the_one_that_was_meant(self, cast: Cast, signed_in, robin):
        wrong = robin.code[:-1] + ("A" if robin.code[-1] != "A" else "B")
        page = words(signed_in(cast.auditor).get(LOG, {"client": wrong}).content.decode())
        assert f"No client has this code. Did you mean {robin.code}?" in page

    def test_for_days_the_wrong_way_round_say_so_beside_the_field(self, cast: Cast, signed_in):
        answer = signed_in(cast.manager).get(LOG, {"since": "2026-03-04", "until": "2026-03-03"})
        field = answer.content.decode().partition('<ul class="errorlist" id="id_until_error"')[2]
        assert "Until is before Since. Choose a later day, or swap the two." in field
        assert not rows(answer)

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
        # One of these asks whether somebody said that whoever came cannot act.
        with django_assert_max_num_queries(33):
            assert len(rows(browser.get(LOG))) == 50
