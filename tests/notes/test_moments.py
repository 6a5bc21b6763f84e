"""When it was: what the pages take, and what they say about a moment that cannot be right."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from notes.forms.moments import BeginForm
from notes.kinds import NEEDS_SIGNATURE, NoteKind
from notes.published import SOAP, formats_for

FOUNDED_AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def begin_form(data=None, **changes):
    facts = {"session_waits": False, "covers": False, "readers": [], "may_choose_recovery": False, "proposed": {}}
    return BeginForm(
        data, founded_at=FOUNDED_AT, usual=SOAP, formats=formats_for(NoteKind.SESSION), **(facts | changes)
    )


def typed(**changes):
    return begin_form({"kind": "session", "session_at": "2026-11-18T10:00", **changes})


def said_about(moment):
    return typed(session_at=moment).errors["session_at"][0]


class TestTheMoment:
    def test_is_the_one_on_the_practices_clock(self):
        with timezone.override("America/Chicago"):
            form = typed(minutes="50")
            assert form.is_valid()
        plan = form.plan()
        assert (plan.kind, plan.minutes) == (NoteKind.SESSION, 50)
        assert plan.session_at == datetime(2026, 11, 18, 16, 0, tzinfo=UTC)

    def test_is_not_still_to_come(self):
        tomorrow = timezone.localtime() + timedelta(days=1)
        assert "still to come" in said_about(tomorrow.strftime("%Y-%m-%dT%H:%M"))

    def test_may_be_a_few_minutes_ahead_by_another_clock(self):
        soon = timezone.localtime() + timedelta(minutes=20)
        assert typed(session_at=soon.strftime("%Y-%m-%dT%H:%M")).is_valid()

    @pytest.mark.parametrize("moment", ["0001-01-01T10:00", "0026-11-18T10:00", "1969-12-31T10:00", "2025-11-18T10:00"])
    @pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "America/Anchorage"])
    def test_is_not_long_before_the_practice(self, moment, zone):
        with timezone.override(zone):
            assert "long before this practice was set up, on 2 March 2026" in said_about(moment)

    @pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "America/Anchorage"])
    def test_is_not_at_the_end_of_time(self, zone):
        with timezone.override(zone):
            assert "still to come" in said_about("9999-12-31T23:59")

    def test_may_be_from_the_weeks_before_the_first_day(self):
        assert typed(session_at="2026-02-20T10:00").is_valid()

    @pytest.mark.parametrize("moment", ["soon", "2026-02-30T10:00", "2026-11-18T25:00", "٢٠٢٦"])
    def test_that_nobody_can_read_is_asked_for_again(self, moment):
        assert said_about(moment) == "Please give a day and a time, such as 2026-11-18 10:00."

    def test_is_asked_for(self):
        assert said_about("") == "Please say when it was."

    @pytest.mark.parametrize("moment", ["2026-03-08T02:30", "2025-11-02T01:30"])
    def test_in_the_hour_in_which_clocks_change_is_asked_for_again(self, moment):
        with timezone.override(ZoneInfo("America/New_York")):
            assert "The clocks were changed in that hour" in said_about(moment)


class TestBeginForm:
    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("kind", "diary"),
            ("minutes", "0"),
            ("minutes", "601"),
            ("minutes", "1e1"),
            ("place", "home"),
            ("format", "soap/0"),
        ],
    )
    def test_refuses_what_it_does_not_know(self, field, value):
        assert field in typed(**{field: value}).errors

    def test_chooses_a_session_where_one_may_be_written(self):
        assert begin_form()["kind"].value() == NoteKind.SESSION

    def test_chooses_nothing_where_a_session_waits_and_says_which_do(self):
        kind = begin_form(session_waits=True)["kind"]
        assert kind.value() is None
        assert "checked" not in str(kind)
        assert str(kind).count("Waits for the client’s signature") == len(NEEDS_SIGNATURE)

    def test_chooses_the_usual_format_beforehand(self):
        assert begin_form()["format"].value() == SOAP.name

    def test_asks_what_to_write(self):
        form = typed(kind="")
        assert form.errors["kind"] == ["Please choose what you want to write."]

    def test_asks_about_recovery_only_where_it_is_still_open(self):
        assert not begin_form(may_choose_recovery=True)["recoverable"].value()
        assert "recoverable" not in begin_form().fields

    def test_takes_no_reader_who_was_not_shown(self, cast):
        form = begin_form({"kind": "call", "readers": [str(cast.sam.user.pk)]}, readers=[cast.dana.user])
        assert "readers" in form.errors
