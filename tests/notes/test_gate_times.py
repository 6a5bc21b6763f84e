"""The gate judges the moment of the session: to the second, over midnight, and over a change of the clocks."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from access.roles import Role
from consent.decide import OVERRIDE_LASTS, SAME_VISIT
from consent.services.refusing import withdraw
from notes.kinds import NoteKind
from notes.models import LATE_AFTER, Draft, Note
from notes.services.basing import ConsentMissing, ConsentRefused
from notes.services.signing import sign_note
from tests.notes.pages.browsing import begin, text_of

SECOND = timedelta(seconds=1)


def begin_at(desk, session_at, kind=NoteKind.SESSION, **changes):
    """Begin a note on a session to the very second, where the fixture would round."""
    return desk.begin(kind, session_at=session_at, **changes)


@pytest.fixture
def signed_at(desk):
    return desk.begin().consent_basis.at


class TestTheSameVisit:
    @pytest.mark.parametrize("before", [timedelta(), SECOND, timedelta(minutes=20), SAME_VISIT])
    def test_may_begin_before_the_signature(self, desk, signed_at, before):
        assert begin_at(desk, signed_at - before).consent_basis.at == signed_at

    @pytest.mark.parametrize("before", [SAME_VISIT + SECOND, timedelta(days=1)])
    def test_is_not_the_day_before(self, desk, signed_at, before):
        drafts = Draft.objects.count()
        with pytest.raises(ConsentMissing, match="held before the client signed"):
            begin_at(desk, signed_at - before)
        assert Draft.objects.count() == drafts


class TestAWithdrawal:
    @pytest.fixture
    def withdrawn_at(self, cast, desk, signed_at):
        moment = signed_at + timedelta(days=1)
        withdraw(by=cast.robin.person.as_(Role.CLIENT), client=desk.client, reason="", nonce=uuid4(), at=moment)
        return moment

    def test_leaves_the_session_that_began_a_second_earlier(self, desk, withdrawn_at):
        assert begin_at(desk, withdrawn_at - SECOND, at=withdrawn_at + timedelta(days=2)).consent_basis_id

    @pytest.mark.parametrize("after", [timedelta(), SECOND])
    def test_closes_from_its_own_moment_on(self, desk, withdrawn_at, after):
        with pytest.raises(ConsentRefused):
            begin_at(desk, withdrawn_at + after, at=withdrawn_at + timedelta(days=2))

    @pytest.mark.parametrize("kind", [NoteKind.CALL, NoteKind.REFUSAL, NoteKind.SAFETY])
    def test_closes_no_duty(self, desk, withdrawn_at, kind):
        later = withdrawn_at + timedelta(days=2)
        assert begin_at(desk, later, kind, at=later).consent_basis_id is None


class TestAnEmergencyReason:
    @pytest.fixture
    def opened_at(self, unsigned):
        moment = timezone.now()
        unsigned.give_emergency_reason(at=moment)
        return moment

    def test_runs_to_its_last_second(self, unsigned, opened_at):
        last = opened_at + OVERRIDE_LASTS - SECOND
        assert begin_at(unsigned, opened_at - timedelta(days=1), NoteKind.EMERGENCY, at=last).consent_override_id

    def test_is_over_after_that(self, unsigned, opened_at):
        with pytest.raises(ConsentMissing):
            begin_at(unsigned, opened_at - SECOND, NoteKind.EMERGENCY, at=opened_at + OVERRIDE_LASTS)

    def test_covers_later_what_was_held_while_it_ran(self, unsigned, opened_at):
        held, later = opened_at + timedelta(hours=1), opened_at + timedelta(days=30)
        assert begin_at(unsigned, held, NoteKind.EMERGENCY, at=later).consent_override_id

    def test_opens_no_session_note(self, unsigned, opened_at):
        with pytest.raises(ConsentMissing):
            begin_at(unsigned, opened_at + SECOND, at=opened_at + timedelta(hours=1))


class TestALateNote:
    @pytest.mark.parametrize(("after", "late"), [(LATE_AFTER, False), (LATE_AFTER + SECOND, True)])
    def test_is_late_by_the_second(self, desk, after, late):
        draft = desk.write(NoteKind.CALL)
        note = sign_note(by=desk.by, draft_id=draft.pk, revision=1, at=draft.session_at + after)
        assert note.is_late is late

    def test_counts_hours_and_not_days_of_the_calendar(self):
        # From Friday noon to Monday noon, the night of 25 October 2026 being an hour longer in Berlin: 73 hours.
        berlin = ZoneInfo("Europe/Berlin")
        friday, monday = datetime(2026, 10, 23, 12, tzinfo=berlin), datetime(2026, 10, 26, 12, tzinfo=berlin)
        note = Note(session_at=friday.astimezone(UTC), signed_at=monday.astimezone(UTC))
        assert note.is_late
        assert not Note(session_at=note.session_at, signed_at=note.signed_at - timedelta(hours=1)).is_late


class TestMidnight:
    """Two practices, one moment: each page names the day on its own practice's clock."""

    @pytest.mark.parametrize(
        ("zone", "typed", "words"),
        [
            ("Pacific/Auckland", "2026-11-22T00:10", "Call on Sunday 22 November"),
            ("America/Chicago", "2026-11-21T05:10", "Call on Saturday 21 November"),
        ],
    )
    def test_names_the_day_of_the_practice(self, dana, unsigned, zone, typed, words):
        with timezone.override(zone):
            page = text_of(dana.get(begin(dana, unsigned.client, kind="call", session_at=typed).url))
        assert words in page
        assert Draft.objects.get().session_at == datetime(2026, 11, 21, 11, 10, tzinfo=UTC)

    def test_is_no_border_for_the_same_visit(self, dana, desk, signed_at):
        # Wherever the night falls between session and signature, the day's name does not count.
        for zone in ("Pacific/Kiritimati", "UTC", "America/Anchorage"):
            moment = signed_at - timedelta(hours=6) + timedelta(minutes=len(zone))
            with timezone.override(zone):
                typed = timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")
                assert begin(dana, desk.client, session_at=typed).status_code == 302

    @pytest.fixture
    def dana(self, cast, signed_in):
        return signed_in(cast.dana)
