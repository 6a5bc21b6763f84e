"""Breaking the glass, tried by somebody who covers, by somebody who does not, and by the clock."""

from datetime import timedelta

import pytest
from django.utils import timezone

from access.models import KeySession
from access.roles import Role
from audit.acts import Act, Ground
from audit.models import Entry
from audit.services import Filters, browse_log
from clients.models import Care, CareLetter, Client
from clients.models.cover import Cover, Opening
from clients.services.covers import CoverClosed, is_reachable
from clients.services.finding import NoSuchClient, find_client, in_care_of
from clients.services.looks import browse_looks
from clients.services.opening import (
    TOLD,
    WINDOW,
    NoKeyUnderCover,
    find_cover,
    openings_to_review,
    openings_to_tell,
    review_opening,
    tell_of,
)
from keys.models import Grant
from keys.services import VaultKind
from notes.kinds import NoteKind
from notes.models import Note
from notes.services.finding import NoSuchNote
from notes.services.reading import read_note
from practice.policy import POLICY, Record
from tests.access.pages.visitors import text_of
from tests.addresses import address_of
from tests.clients.conftest import Record as CareOf
from tests.clients.conftest import make_record
from tests.clients.cover.conftest import LINE, because, open_by_page, open_it
from tests.notes.conftest import Desk, fields_of


def looks_of(record):
    page = browse_looks(by=record.robin, client=record.client, before=None, at=timezone.now())
    return [(look.who, look.what, look.why) for look in page.looks]


class TestOpenRecord:
    def test_lets_the_notes_be_read_and_nobody_be_in_care(self, signed):
        open_it(signed)
        opened = read_note(by=signed.sam, note_id=Note.objects.get().pk, at=timezone.now())
        assert opened.fields == fields_of(NoteKind.CALL)
        assert not in_care_of(signed.sam).filter(client=signed.client).exists()

    def test_is_one_entry_before_anything_is_read(self, covered):
        opening = open_it(covered)
        [entry] = browse_log(Filters(acts=frozenset({Act.COVER_OPENED})), size=1).entries
        assert (entry.target_uuid, entry.basis, entry.basis_id) == (opening.pk, Ground.COVER, opening.cover_id)
        assert entry.fields == ("crisis",)
        assert LINE.encode() not in bytes(Entry.objects.get(action=Act.COVER_OPENED).body)

    def test_seals_the_line(self, covered):
        assert LINE.encode() not in bytes(open_it(covered).sealed_reason)

    def test_sent_twice_opens_once(self, covered):
        given = because()
        assert open_it(covered, given) == open_it(covered, given)
        assert covered.entries(Act.COVER_OPENED) == 1

    def test_lasts_twelve_hours_and_never_beyond_the_cover(self, covered):
        opening = open_it(covered)
        assert opening.until == opening.opened_at + WINDOW
        soon = timezone.now() + timedelta(hours=2)
        Cover.objects.update(ends_at=soon)
        assert open_it(covered).until == soon

    def test_closes_at_the_very_moment(self, covered, at_edge):
        until = open_it(covered).until
        at_edge(until - timedelta(microseconds=1))
        assert is_reachable(by=covered.sam, client=covered.client)
        at_edge(until)
        assert not is_reachable(by=covered.sam, client=covered.client)

    def test_begins_and_ends_with_the_cover_to_the_moment(self, covered):
        cover = Cover.objects.get()

        def finds(at):
            return find_cover(by=covered.sam, client_id=covered.client.pk, at=at)

        assert finds(cover.starts_at) == finds(cover.ends_at - timedelta(microseconds=1)) == cover
        for outside in (cover.starts_at - timedelta(microseconds=1), cover.ends_at):
            with pytest.raises(NoSuchClient):
                finds(outside)


class TestWhoIsTold:
    def test_the_client_by_a_letter_and_by_looks_that_say_so(self, signed):
        open_it(signed)
        read_note(by=signed.sam, note_id=Note.objects.get().pk, at=timezone.now())
        told = looks_of(signed)
        assert ("Samuel Okafor", "opened your record, with a reason", "covering for Dana Whitlock") in told
        assert ("Samuel Okafor", "read one of your notes", "covering for Dana Whitlock") in told
        assert CareLetter.objects.filter(client=signed.client, read_at=None).count() == 2

    def test_the_client_in_the_letter_in_words(self, cast, signed_in, covered):
        open_it(covered)
        letters = text_of(signed_in(cast.robin.person).get(f"/my/{covered.client.pk}/letters/"))
        assert "Samuel Okafor opened your record, covering for Dana Whitlock." in letters
        assert LINE not in letters

    def test_the_client_in_fixed_words_where_the_colleague_holds_no_key_to_say_it(self, cast, signed_in, covered):
        Grant.objects.filter(vault__kind=VaultKind.SHARED, grantee=cast.sam.keys.key_id).delete()
        open_it(covered)
        letters = text_of(signed_in(cast.robin.person).get(f"/my/{covered.client.pk}/letters/"))
        assert "A colleague who covers for your therapist opened your record." in letters

    def test_looks_of_others_meanwhile_are_not_called_so(self, signed):
        open_it(signed)
        read_note(by=signed.dana, note_id=Note.objects.get().pk, at=timezone.now())
        assert ("Dana Whitlock", "read one of your notes", "to look after you") in looks_of(signed)

    def test_the_therapist_on_the_first_page_with_the_line(self, cast, signed_in, covered):
        open_it(covered)
        page = text_of(signed_in(cast.dana).get("/today/"))
        assert "Opened under cover" in page
        assert LINE in page

    def test_the_therapist_for_a_fortnight(self, covered):
        opening = open_it(covered)
        for age, told in ((TOLD - timedelta(seconds=1), 1), (TOLD, 0)):
            assert openings_to_tell(by=covered.dana, at=opening.opened_at + age).count() == told

    def test_a_manager_until_somebody_looked_into_it(self, cast, signed_in, covered):
        opening = open_it(covered)
        manager = signed_in(cast.manager)
        page = manager.get("/emergency-reasons/")
        assert LINE in text_of(page)
        assert [place.count for place in page.context["nav"] if place.label == "Emergency reasons"] == [1]
        for _ in range(2):
            answer = manager.post("/cover/reviewed/", {"opening": opening.pk}, follow=True)
        assert LINE not in text_of(answer)
        assert covered.entries(Act.COVER_REVIEWED) == 1

    def test_a_manager_without_the_key_that_there_is_a_line(self, cast, signed_in, covered):
        open_it(covered)
        Grant.objects.filter(vault__kind=VaultKind.CONTACT, grantee=cast.manager.keys.key_id).delete()
        assert "You hold no key to it." in text_of(signed_in(cast.manager).get("/emergency-reasons/"))

    def test_nobody_else(self, cast, covered):
        open_it(covered)
        now, auditor = timezone.now(), cast.auditor.as_(Role.AUDITOR)
        for by in (covered.sam, covered.robin, auditor):
            assert not openings_to_review(by=by, at=now).exists()
        assert not openings_to_tell(by=covered.sam, at=now).exists()
        assert tell_of(openings_to_tell(by=covered.sam, at=now), by=covered.sam, at=now) == []

    def test_no_manager_of_ones_own_opening(self, cast, covered, refused_and_unchanged):
        opening = open_it(covered)
        cast.sam.user.roles_held.create(role="manager")
        sam = cast.sam.as_(Role.MANAGER)
        assert not openings_to_review(by=sam, at=timezone.now()).exists()
        refused_and_unchanged(NoSuchClient, lambda: review_opening(by=sam, opening_id=opening.pk, at=timezone.now()))


OF_A_CLIENT = {Record.CLIENT, Record.NOTE, Record.DRAFT}
ADDRESSES = [
    (name, row.record)
    for name, row in POLICY.items()
    if row.record in OF_A_CLIENT and Role.THERAPIST in row.roles and name != "clients:open_cover"
]


class TestWithoutOpening:
    """Cover alone: every address answers as to a stranger, and each try is in the log."""

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_every_address_is_the_same_404(self, cast, signed_in, signed, method):
        draft = Desk(cast.dana, signed.client).begin(NoteKind.MESSAGE)
        ids = {Record.CLIENT: signed.client.pk, Record.NOTE: Note.objects.get().pk, Record.DRAFT: draft.pk}
        sam, answers = signed_in(cast.sam), {}
        for name, record in ADDRESSES:
            before = signed.entries(Act.ACCESS_REFUSED, "denied")
            answer = getattr(sam, method)(address_of(name, **{f"{record}_id": ids[record]}), {"revision": "0"})
            if answer.status_code != 405:
                shown = "There is nothing here for you" in answer.content.decode()
                refused = signed.entries(Act.ACCESS_REFUSED, "denied") - before
                answers[name] = (answer.status_code, shown, refused)
        assert len(answers) > 15
        assert {name: answer for name, answer in answers.items() if answer != (404, True, 1)} == {}

    def test_keys_are_there_and_pages_are_not(self, signed):
        with pytest.raises(NoSuchClient):
            find_client(by=signed.sam, client_id=signed.client.pk)
        with pytest.raises(NoSuchNote):
            read_note(by=signed.sam, note_id=Note.objects.get().pk, at=timezone.now())

    def test_nobody_outside_care_and_cover_opens_whatever_the_role(self, cast, signed_in, record):
        for person, status in ((cast.sam, 404), (cast.manager, 403), (cast.auditor, 403), (cast.robin.person, 403)):
            assert open_by_page(signed_in(person), record).status_code == status
        assert Opening.objects.count() == 0

    def test_nor_does_a_therapist_whom_nobody_named(self, cast, signed_in, covered):
        cast.manager.user.roles_held.create(role="therapist")
        answer = open_by_page(signed_in(cast.manager), covered)
        assert (answer.status_code, LINE in text_of(answer)) == (404, False)
        assert Opening.objects.count() == 0

    def test_whoever_cares_is_led_to_the_record(self, cast, signed_in, covered):
        assert signed_in(cast.dana).get(f"/cover/{covered.client.pk}/").status_code == 302


class TestWhatDoesNotOpen:
    @pytest.mark.parametrize("line", ["", " " * 40, "\u3164" * 40, "too short", "x" * 501, "      crisis      "])
    def test_a_reason_that_says_nothing(self, cast, signed_in, covered, line):
        answer = open_by_page(signed_in(cast.sam), covered, reason=line)
        assert answer.status_code == 200
        assert Opening.objects.count() == 0

    def test_a_reason_that_is_not_on_the_list(self, cast, signed_in, covered):
        open_by_page(signed_in(cast.sam), covered, why="curious")
        assert Opening.objects.count() == 0

    def test_a_passphrase_given_long_ago(self, cast, signed_in, covered):
        sam = signed_in(cast.sam)
        KeySession.objects.update(fresh_at=timezone.now() - timedelta(minutes=11))
        answer = open_by_page(sam, covered)
        assert answer.status_code == 423
        assert LINE in answer.content.decode()
        assert Opening.objects.count() == 0

    @pytest.mark.parametrize("has_record", [True, False])
    def test_a_cover_that_was_written_into_the_database(self, cast, has_record):
        record = CareOf(cast, Client.objects.get(pk=cast.robin.client_id))
        if has_record:
            make_record(record.dana, record.client)
        now = timezone.now()
        times = {"starts_at": now - timedelta(1), "ends_at": now + timedelta(1), "arranged_at": now}
        people = {"given_by": cast.dana.user, "colleague": cast.sam.user}
        Cover.objects.create(client=record.client, **people, **times)
        with pytest.raises(NoKeyUnderCover):
            open_it(record)
        assert Opening.objects.count() == 0
        assert record.entries(Act.KEY_REFUSED, "denied") == 1
        # Nor by a record that is made afterwards.
        make_record(record.dana, record.client)
        assert record.kinds_of(cast.sam) == set()

    def test_a_cover_without_the_records_key(self, cast, signed_in, covered):
        Grant.objects.filter(vault__kind=VaultKind.RECORD, grantee=cast.sam.keys.key_id).delete()
        assert "You do not hold the keys to this record." in text_of(open_by_page(signed_in(cast.sam), covered))

    def test_a_written_opening_shows_no_text(self, cast, signed_in, signed):
        opening = open_it(signed)
        Grant.objects.filter(grantee=cast.sam.keys.key_id, vault__subject=signed.client.pk).delete()
        assert Opening.objects.get() == opening
        answer = signed_in(cast.sam).get(f"/notes/{Note.objects.get().pk}/")
        assert answer.status_code == 403

    def test_a_cover_by_somebody_whose_care_ended(self, cast, covered):
        open_it(covered)
        Care.objects.filter(client=covered.client, therapist=cast.dana.user).update(ended_at=timezone.now())
        assert not is_reachable(by=covered.sam, client=covered.client)
        with pytest.raises(CoverClosed):
            open_it(covered)

    def test_the_clients_of_somebody_else(self, cast, signed_in, covered):
        assert signed_in(cast.dana).get(f"/cover/{cast.noor.client_id}/").status_code == 404
