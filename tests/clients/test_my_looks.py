"""Who opened my record, as the client reads it."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from access.roles import Role
from audit.actors import Named
from audit.acts import Act, Purpose
from audit.models import Entry, EntrySubject
from audit.services import record_look
from audit.words import PROCESS_NOTE
from clients.models import Client
from tests.access.pages.visitors import text_of
from tests.consent.pages import Reader


@pytest.fixture
def robin(cast, signed_in):
    return Reader(cast.robin, signed_in(cast.robin.person))


class TestMyLooks:
    def looks(self, robin):
        return robin.get(robin.looks).context["page"].looks

    def test_says_who_what_and_why_in_plain_words(self, cast, signed_in, robin):
        signed_in(cast.dana).get(f"/clients/{cast.robin.client_id}/")
        words = text_of(robin.get(robin.looks))
        assert "Dana Whitlock (therapist) opened your page, to look after you." in words

    def test_tells_a_list_from_a_look(self, cast, signed_in, robin):
        signed_in(cast.manager).get("/clients/")
        words = text_of(robin.get(robin.looks))
        assert "Priya Nair (manager of the practice) saw your name in a list of clients, to run the practice." in words

    def test_is_about_nobody_else(self, cast, signed_in, robin):
        before = sum(len(look.folded) or 1 for look in self.looks(robin))
        signed_in(cast.sam).get(f"/clients/{cast.noor.client_id}/")
        # One more: that Robin looked just now.
        assert sum(len(look.folded) or 1 for look in self.looks(robin)) == before + 1

    def test_counts_the_clients_own_look(self, cast, robin):
        first = self.looks(robin)[0]
        assert (first.who, first.what) == ("You", "looked up who opened your record")

    def test_comes_in_pages(self, cast, robin):
        record = Client.objects.get(pk=cast.robin.client_id)
        for minute in range(60):
            at = timezone.now() - timedelta(minutes=60 - minute)
            by = cast.dana.as_(Role.THERAPIST)
            record_look(Act.CLIENT_READ, by=by, target=record, purpose=Purpose.TREATMENT, at=at)
        page = robin.get(robin.looks).context["page"]
        assert len(page.looks) == 50
        older = robin.get(f"{robin.looks}?before={page.before}")
        assert 10 < len(older.context["page"].looks) < 50
        assert "Back to the newest" in text_of(older)

    @pytest.mark.parametrize("before", ["x", "-1", "0"])
    def test_takes_nonsense_for_an_address_calmly(self, robin, before):
        assert robin.get(f"{robin.looks}?before={before}").status_code == 200

    def test_leads_to_where_one_can_ask(self, robin):
        page = robin.get(robin.looks).content.decode()
        assert f'<a href="{robin.at("questions/?about=look")}">ask about it</a>' in page
        assert robin.get("questions/").status_code == 200

    def test_shows_a_line_that_was_altered_as_such(self, cast, robin):
        # The line says in its subject row that it is about Robin; its own bytes say that it is about Noor.
        handle = Client.objects.get(pk=cast.robin.client_id).audit_handle
        foreign = Entry.objects.filter(action="client:enrolled", obj_id=cast.noor.client_id).get()
        EntrySubject.objects.create(entry_id=foreign.pk, handle=handle)
        assert "not as it was first written" in text_of(robin.get(robin.looks))

    def test_leaves_an_entry_of_its_own(self, cast, robin):
        robin.get(robin.looks)
        assert Entry.objects.filter(action="log:viewed_own", role="client").count() == 1


class TestTheSameAgain:
    """Looks through a list bury nothing: one line a day for each person who did the very same."""

    NOON = datetime(2026, 5, 12, 12, tzinfo=UTC)

    @pytest.fixture
    def record(self, cast):
        return Client.objects.get(pk=cast.robin.client_id)

    @pytest.fixture
    def listed(self, cast, record):
        """Have somebody look through a list with Robin in it, some minutes after noon."""

        def listed(*minutes, person=None, act=Act.CLIENT_LISTED, role=Role.THERAPIST):
            by = (person or cast.dana).as_(role)
            for minute in minutes:
                at = self.NOON + timedelta(minutes=minute)
                record_look(act, by=by, subjects=[record.audit_handle], purpose=Purpose.TREATMENT, at=at)

        return listed

    def looks(self, robin, what):
        page = robin.get(robin.looks).context["page"]
        return [look for look in page.looks if look.what == what and look.at.year == self.NOON.year]

    def lists(self, robin):
        return [look for look in self.looks(robin, "saw your name in a list of clients") if look.at.month == 5]

    def test_is_one_line_with_first_and_last_and_each_time(self, robin, listed):
        listed(0, 30, 98)
        answer = robin.get(robin.looks)
        words = text_of(answer)
        assert "3 times on 12 May 2026, 12:00–13:38 Dana Whitlock (therapist) saw your name" in words
        assert "Each time 13:38:00 12:30:00 12:00:00" in words

    def test_is_one_line_although_something_else_came_between(self, cast, robin, listed, record):
        listed(0)
        by = cast.dana.as_(Role.THERAPIST)
        record_look(Act.CLIENT_READ, by=by, target=record, purpose=Purpose.TREATMENT, at=self.NOON)
        listed(5)
        [line] = self.lists(robin)
        assert len(line.folded) == 2

    def test_on_another_day_by_another_person_or_in_another_role_is_another_line(self, cast, robin, listed):
        listed(0, 1)
        listed(24 * 60)
        listed(2, person=cast.sam)
        listed(3, person=cast.manager, role=Role.MANAGER)
        assert [len(line.folded) for line in self.lists(robin)] == [0, 0, 0, 2]

    def test_never_folds_what_was_read(self, robin, listed):
        listed(0, 1, 2, act=Act.CLIENT_READ)
        lines = [look for look in self.looks(robin, "opened your page") if look.at.month == 5]
        assert [line.folded for line in lines] == [(), (), ()]

    def test_loses_none_across_pages(self, robin, listed):
        listed(*range(60))
        page = robin.get(robin.looks).context["page"]
        older = robin.get(f"{robin.looks}?before={page.before}").context["page"]
        moments = {one.at for look in page.looks + older.looks for one in look.folded or (look,)}
        assert {self.NOON + timedelta(minutes=minute) for minute in range(60)} <= moments

    def test_leaves_an_altered_one_standing_alone(self, cast, robin, listed, record):
        listed(0, 1)
        by, handle = cast.sam.as_(Role.THERAPIST), Client.objects.get(pk=cast.noor.client_id).audit_handle
        record_look(Act.CLIENT_LISTED, by=by, subjects=[handle], purpose=Purpose.TREATMENT, at=self.NOON)
        for entry in Entry.objects.filter(action="client:listed", actor_id=f"u_{cast.sam.user.pk}"):
            EntrySubject.objects.create(entry_id=entry.pk, handle=record.audit_handle)
        assert [(line.altered, len(line.folded)) for line in self.lists(robin)] == [(True, 0), (False, 2)]


class TestWritingANote:
    """One note on one day is one line, with each step in it: no diary of what somebody typed."""

    NINE = datetime(2026, 5, 12, 9, tzinfo=UTC)

    @pytest.fixture
    def wrote(self, cast):
        """Have somebody write a note, step by step, some minutes after nine."""
        handle = Client.objects.get(pk=cast.robin.client_id).audit_handle

        def wrote(note, *steps, person=None, kind="notes.note"):
            by = (person or cast.dana).as_(Role.THERAPIST)
            for act, minute in steps:
                at = self.NINE + timedelta(minutes=minute)
                record_look(act, by=by, target=Named(kind, note, handle), purpose=Purpose.TREATMENT, at=at)

        return wrote

    def lines(self, robin):
        page = robin.get(robin.looks).context["page"]
        return [(look.what, len(look.folded)) for look in page.looks if look.at.year == 2026 and look.at.month == 5]

    def test_is_one_line_with_each_step(self, robin, wrote):
        steps = [(Act.DRAFT_BEGUN, 2), (Act.DRAFT_OPENED, 10), (Act.DRAFT_REDATED, 11), (Act.DRAFT_OPENED, 48)]
        wrote(uuid4(), *steps)
        shown = text_of(robin.get(robin.looks))
        assert "4 times on 12 May 2026, 09:02–09:48 Dana Whitlock (therapist) wrote one of your notes, to" in shown
        each = "09:48:00 went on writing one of your notes 09:11:00 changed the date of a draft of one of your notes"
        assert f"Each time {each} 09:10:00 went on" in shown
        assert "09:02:00 began to write one of your notes" in shown

    def test_is_a_line_for_each_note_person_and_day(self, cast, robin, wrote):
        note = uuid4()
        wrote(note, (Act.DRAFT_BEGUN, 0), (Act.DRAFT_OPENED, 1), (Act.DRAFT_OPENED, 24 * 60))
        wrote(uuid4(), (Act.DRAFT_OPENED, 2))
        wrote(note, (Act.DRAFT_OPENED, 3), person=cast.sam)
        once = ("went on writing one of your notes", 0)
        assert self.lines(robin) == [once, once, once, ("wrote one of your notes", 2)]

    def test_leaves_what_became_of_it_to_lines_of_their_own(self, robin, wrote):
        wrote(uuid4(), (Act.DRAFT_BEGUN, 0), (Act.DRAFT_OPENED, 1), (Act.NOTE_WRITTEN, 2), (Act.NOTE_READ, 3))
        assert self.lines(robin) == [
            ("read one of your notes", 0),
            ("signed one of your notes", 0),
            ("wrote one of your notes", 2),
        ]

    def test_for_themselves_is_told_calmly(self, robin, wrote):
        wrote(uuid4(), (Act.DRAFT_BEGUN, 0), (Act.DRAFT_OPENED, 1), kind=PROCESS_NOTE)
        assert self.lines(robin) == [("wrote a note for themselves, which is not part of your record", 2)]
