"""What one line of the access log says, and what it does not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from access.roles import Role
from access.services.inviting import invite_staff
from access.services.people import change_settings
from audit.actors import Named, Nobody, Origin, System
from audit.acts import Act
from audit.models import Entry
from audit.services import browse_log, record_look, record_refusal
from clients.services.contacts import Contact
from clients.services.inviting import NewClient, invite_client
from tests.audit.cast import ENTRY_GUARD
from tests.audit.sql import run
from tests.cast import Cast
from tests.practice.log.reading import LOG, links, rows, words


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

    def test_says_to_which_colleague_it_was_done(self, cast: Cast, signed_in):
        invite_staff(
            by=cast.manager.as_(Role.MANAGER),
            name="Tom Becker",
            address="tom@alder.example",
            roles=(Role.THERAPIST,),
            at=timezone.now(),
        )
        record_refusal(Act.SIGN_IN_FAILED, by=Nobody(Origin()), target=cast.dana.user, at=timezone.now())
        record_look(Act.STAFF_CONFIRMED, by=cast.manager.as_(Role.MANAGER), target=cast.sam.user, at=timezone.now())
        confirmed, failed, invited = rows(signed_in(cast.auditor).get(LOG))[:3]
        assert "Priya Nair manager Confirmed a colleague's identity Samuel Okafor" in confirmed
        assert "Dana Whitlock" in failed
        assert "Priya Nair manager Invited a colleague Tom Becker" in invited

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


class TestLinesThatOnlyRepeat:
    def look(self, cast: Cast, *, at: datetime, handle: bytes | None = None, **other: Any) -> str:
        by = replace(cast.auditor.as_(Role.AUDITOR), **other)
        return str(record_look(Act.LOG_VIEWED, by=by, subjects=[handle] if handle else [], at=at).uid)

    def test_are_one_line_from_which_each_entry_is_reached(self, cast: Cast, signed_in, settings):
        settings.TIME_ZONE = "UTC"
        day = {"since": "2026-03-04", "until": "2026-03-04"}
        written = {self.look(cast, at=datetime(2026, 3, 4, 9, minute, tzinfo=UTC)) for minute in (1, 7, 12)}
        answer = signed_in(cast.manager).get(LOG, day)
        [line] = rows(answer)
        assert line.startswith("09:12 Lena Fischer auditor Looked at the access log 3 times since 09:01")
        assert {reverse("practice:read_entry", args=[uid]) for uid in written} < links(answer)

    def test_end_with_another_act_person_day_or_client(self, cast: Cast, signed_in, dana, robin):
        day = timezone.now() - timedelta(days=3)
        for one in range(2):
            self.look(cast, at=day + timedelta(seconds=one))
        record_look(Act.LOG_VIEWED, by=cast.manager.as_(Role.MANAGER), at=day)
        self.look(cast, at=day)
        self.look(cast, at=day + timedelta(days=1))
        self.look(cast, at=day + timedelta(days=1), handle=robin.audit_handle)
        record_look(Act.CLIENT_LISTED, by=dana, at=day + timedelta(days=1))
        self.look(cast, at=day + timedelta(days=1))
        found = rows(signed_in(cast.manager).get(LOG))
        assert len(found[: found.index(next(line for line in found if "2 times" in line))]) == 6

    def test_end_with_another_session_network_or_entry_that_was_looked_at(self, cast: Cast, signed_in):
        """A look at one entry, or from elsewhere, never hides behind the looks at the list."""
        now = timezone.now()
        self.look(cast, at=now)
        self.look(cast, at=now, session=uuid4())
        self.look(cast, at=now, origin=Origin(net="203.0.113.0/24"))
        for entry in browse_log().entries[:2]:
            by = cast.auditor.as_(Role.AUDITOR)
            record_look(Act.LOG_VIEWED, by=by, target=Named("audit.entry", entry.uid), at=now)
        found = rows(signed_in(cast.manager).get(LOG))[:5]
        assert all("Lena Fischer auditor Looked at the access log" in line for line in found)
        assert not any("times since" in line for line in found)

    def test_are_never_those_that_show_what_was_done_to_a_record(self, cast: Cast, signed_in, dana, robin):
        for _ in range(2):
            record_look(Act.CLIENT_READ, by=dana, target=robin, at=timezone.now())
        assert all("Opened a client's page" in line for line in rows(signed_in(cast.manager).get(LOG))[:2])

    def test_are_never_those_that_were_altered(self, cast: Cast, signed_in):
        for _ in range(3):
            self.look(cast, at=timezone.now())
        run(*ENTRY_GUARD.remove_statements(connection))
        Entry.objects.filter(pk=browse_log().entries[1].entry_id).update(role="manager")
        first, altered, last, *_ = rows(signed_in(cast.manager).get(LOG))
        assert "altered" in altered
        assert not any("times since" in line for line in (first, altered, last))


class TestAHiddenClient:
    @pytest.fixture
    def hidden(self, cast: Cast, dana):
        now = timezone.now()
        change_settings(by=cast.manager.as_(Role.MANAGER), changes={"hidden_clients": True}, at=now)
        new = NewClient(Contact("Hidden Person", "hidden@post.example"), cast.dana.user.pk, hidden=True)
        client, _ = invite_client(by=dana, new=new, at=now)
        return client

    @pytest.mark.parametrize("who", ["manager", "auditor"])
    def test_is_in_no_line(self, cast: Cast, signed_in, hidden, who):
        answer = signed_in(getattr(cast, who)).get(LOG)
        assert "not shown here" not in answer.content.decode()
        assert "Invited a client" not in rows(answer)[0]
        assert hidden.code not in answer.content.decode()

    def test_is_not_found_by_code_like_one_that_does_not_exist(self, cast: Cast, signed_in, hidden):
        browser = signed_in(cast.manager)
        answers = [browser.get(LOG, {"client": code}) for code in (hidden.code, "ZZZZZZ")]
        pages = [words(answer.content.decode().partition("<form class=")[2]) for answer in answers]
        assert "No client has this code" in pages[0]
        assert not rows(answers[0])
        assert pages[0].replace(hidden.code, "ZZZZZZ") == pages[1]
