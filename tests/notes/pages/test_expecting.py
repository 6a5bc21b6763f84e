"""Who is expected: for whom, until when, and what a note about them is begun with."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.formats import date_format

from notes.kinds import NoteKind
from notes.models import Draft, Note
from notes.places import SessionPlace
from notes.services.desk import today_of
from notes.services.drafting import discard_draft, open_draft
from notes.services.expecting import look_for_expected
from notes.services.redating import Moment, redate_draft
from notes.services.withdrawing import withdraw_note
from tests.beginnings import beginning
from tests.consent.tampering import alter
from tests.notes.conftest import end_care
from tests.notes.pages.browsing import begin, text_of
from tests.practice.exporting.conftest import Full, no_press, text_in  # noqa: F401 (a fixture)

TYPED = "%Y-%m-%dT%H:%M"


def away(**time):
    return timezone.now().replace(second=0, microsecond=0) + timedelta(**time)


def expected(desk, *, at=None):
    rows = look_for_expected(by=desk.by, clients=[desk.client.pk], at=at or timezone.now())
    return [row.next_at for row in rows]


@beginning
def in_two_days(desk):
    """When Robin comes, as Dana wrote down four days ago."""
    return desk.begin(NoteKind.CALL, session_at=away(days=-4), next_at=away(days=2)).next_at


class TestWhoIsExpected:
    def test_comes_within_a_week_or_came_within_two(self, desk, in_two_days):
        known = {days: bool(expected(desk, at=in_two_days + timedelta(days=days))) for days in (-8, -6, 0, 13, 15)}
        assert known == {-8: False, -6: True, 0: True, 13: True, 15: False}

    def test_comes_when_a_later_note_says(self, desk, in_two_days):
        later = desk.begin(NoteKind.CALL, session_at=away(days=-1), next_at=away(days=3))
        desk.begin(NoteKind.CALL, session_at=away(days=-9), next_at=away(days=4))
        assert expected(desk) == [later.next_at]

    def test_comes_though_a_later_message_says_nothing_of_it(self, desk, in_two_days):
        desk.begin(NoteKind.MESSAGE, session_at=away(hours=-1))
        assert expected(desk) == [in_two_days]

    @pytest.mark.parametrize("kind", [NoteKind.NO_SHOW, NoteKind.LATE_CANCEL, NoteKind.CLOSING])
    def test_comes_no_more_once_a_session_was_not(self, desk, in_two_days, kind):
        draft = desk.begin(kind)
        assert expected(desk) == []
        discard_draft(by=desk.by, draft_id=draft.pk, at=timezone.now())
        assert expected(desk) == [in_two_days]

    @pytest.mark.parametrize(("days", "comes"), [(-1, True), (0, False), (1, False)])
    def test_comes_until_the_session_of_that_day_or_later(self, desk, days, comes):
        desk.begin(NoteKind.CALL, session_at=away(days=-9), next_at=away(days=-days))
        # As the part of a session together, which names no next one.
        desk.begin()
        assert bool(expected(desk)) is comes

    def test_comes_when_the_later_of_two_about_one_minute_says(self, desk):
        minute = away(days=-3)
        signed = desk.sign(NoteKind.CALL, session_at=minute, next_at=away(days=1))
        draft = desk.begin(NoteKind.MESSAGE, session_at=minute, next_at=away(days=2))
        assert expected(desk) == [draft.next_at]
        desk.write_on(draft)
        alter(Note.objects.all(), signed_at=timezone.now() + timedelta(minutes=1))
        assert expected(desk) == [signed.next_at]

    def test_comes_when_the_signed_note_says(self, desk):
        note = desk.sign(NoteKind.CALL, next_at=away(days=1))
        assert expected(desk) == [note.next_at]
        withdraw_note(by=desk.by, note_id=note.pk, at=timezone.now())
        assert expected(desk) == []

    def test_is_nobodys_but_the_authors_while_they_care(self, desk, shared_desk, in_two_days):
        desk.sign(NoteKind.CALL, session_at=away(days=-3), next_at=in_two_days)
        # The colleague's own list is about the same client.
        assert expected(shared_desk) == []
        assert [row.label for row in today_of(by=desk.by, at=timezone.now()).expected] == ["Robin Marlowe"]
        end_care(desk)
        assert today_of(by=desk.by, at=timezone.now()).expected == []


class TestTheDay:
    def test_begins_the_note_with_client_moment_and_place(self, desk, dana):
        moment = away(minutes=-50)
        desk.begin(NoteKind.CALL, session_at=away(days=-7), next_at=moment, minutes=50, place=SessionPlace.VIDEO)
        page = text_of(dana.get("/today/"))
        typed = timezone.localtime(moment).strftime(TYPED)
        address = page.split("data-go")[0].rsplit('href="', 1)[1].split('"')[0]
        form = text_of(dana.get(address))
        assert f'name="session_at" value="{typed}"' in form
        assert 'name="minutes" value="50"' in form
        assert '<option value="video" selected>' in form
        begin(dana, desk.client, session_at=typed)
        assert 'id="expected"' not in text_of(dana.get("/today/"))

    def test_offers_no_note_on_what_is_still_to_come(self, desk, dana, in_two_days):
        page = text_of(dana.get("/today/"))
        assert 'id="expected"' in page
        assert "Write the note" not in page

    def test_asks_calmly_for_the_note_that_is_missing(self, desk, dana):
        desk.begin(NoteKind.CALL, session_at=away(days=-9), next_at=away(days=-2))
        assert "No note yet" in text_of(dana.get("/today/"))


class TestTheNextSession:
    def test_is_typed_with_the_note_and_changed_with_its_moment(self, desk, dana):
        following = timezone.localtime(away(days=7)).strftime(TYPED)
        address = begin(dana, desk.client, next_at=following).url
        draft = Draft.objects.get()
        assert timezone.localtime(draft.next_at).strftime(TYPED) == following
        assert timezone.localtime(draft.next_at).strftime("%H:%M") in text_of(dana.get(address))
        assert f'value="{following}"' in text_of(dana.get(f"{address}date/"))
        moment = Moment(draft.session_at, None, next_at=away(days=8))
        redate_draft(by=desk.by, draft_id=draft.pk, moment=moment, at=timezone.now())
        assert open_draft(by=desk.by, draft_id=draft.pk, at=timezone.now()).draft.next_at == moment.next_at

    def test_typed_for_a_note_that_was_begun_before_is_kept(self, desk, dana):
        draft = desk.write(session_at=away(hours=-1))
        moment = timezone.localtime(draft.session_at).strftime(TYPED)
        begin(dana, desk.client, session_at=moment, next_at=timezone.localtime(away(days=7)).strftime(TYPED))
        opened = open_draft(by=desk.by, draft_id=draft.pk, at=timezone.now())
        assert opened.draft.next_at == away(days=7)
        assert any(opened.fields.values())

    @pytest.mark.parametrize("days", [-1, 380])
    def test_is_after_this_one_and_within_a_year(self, desk, dana, days):
        wrong = timezone.localtime(away(days=days)).strftime(TYPED)
        page = text_of(begin(dana, desk.client, next_at=wrong))
        assert 'id="id_next_at_error"' in page
        assert f'value="{wrong}"' in page
        assert not Draft.objects.exists()

    @pytest.mark.usefixtures("no_press")
    def test_stands_on_the_note_and_goes_with_it(self, desk, dana):
        note = desk.sign(NoteKind.CALL, next_at=away(days=8))
        said = date_format(timezone.localtime(note.next_at), "j F Y, H:i")
        assert said in text_of(dana.get(f"/notes/{note.pk}/"))
        assert f"Next session: {said}" in text_in(Full.export(Full(None, desk, None, None, None, None)))

    def test_stands_in_no_process_note(self, desk, dana):
        following = timezone.localtime(away(days=7)).strftime(TYPED)
        address = begin(dana, desk.client, kind="process", next_at=following).url
        assert Draft.objects.get().next_at is None
        assert 'name="next_at"' not in text_of(dana.get(f"{address}date/"))
