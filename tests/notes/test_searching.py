"""Searching one's own caseload: what is found, what never is, and what does not open."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from access.roles import Role
from audit.acts import Act
from clients.models.retention import Destruction
from clients.services.caring import start_care
from keys.context import encode_fields
from keys.models import Generation
from keys.services import Place, VaultKind, flag_rotation, turn_key
from notes.kinds import NoteKind
from notes.matching import read_query
from notes.models import Draft, Note
from notes.sealed import bind_draft, bind_note
from notes.searched import Ended, Wanted
from notes.services.rows import rows_of_drafts, rows_of_notes
from notes.services.searching import NobodyOfThatName, begin_search
from tests.notes.conftest import Desk, denied, done, end_care, rewrite
from tests.notes.searching import found, search


class TestWhatIsFound:
    def test_is_a_note_with_its_passage(self, desk):
        note = desk.sign()
        begun, [record] = search(desk, "fourteen SLEPT")
        assert record.label == "Robin Marlowe"
        [one] = record.found
        assert (one.written.pk, one.is_draft, one.problem) == (note.pk, False, "")
        [passage] = one.passages
        assert passage.label == "What the client brought"
        assert [piece.text for piece in passage.pieces if piece.is_hit] == ["Slept", "fourteen"]
        assert (begun.count.texts, begun.count.found, begun.count.closed) == (1, 1, 0)
        assert begun.count.ended is Ended.DONE

    def test_is_found_without_its_accents(self, desk):
        note = desk.sign()
        assert found(desk, "zaunkonig") == {note.pk}

    def test_has_all_words_and_each_phrase(self, desk):
        note = desk.sign()
        assert found(desk, 'ladder "slept through"') == {note.pk}
        assert not found(desk, "ladder unicorn")
        assert not found(desk, '"through slept"')

    def test_is_no_answer_from_a_list(self, desk):
        desk.sign()
        assert not found(desk, "concern")

    def test_is_ones_own_draft_too(self, desk):
        draft = desk.write()
        _, [record] = search(desk, "ladder")
        assert [(one.written.pk, one.is_draft) for one in record.found] == [(draft.pk, True)]

    def test_is_ones_own_process_note_too(self, desk):
        note, draft = desk.sign(NoteKind.PROCESS), desk.write(NoteKind.PROCESS, minutes=3)
        assert found(desk, "zaunkonig") == {note.pk, draft.pk}

    def test_is_narrowed_by_kind(self, desk):
        call, _ = desk.sign(NoteKind.CALL), desk.sign()
        assert found(desk, "zaunkonig", kind=NoteKind.CALL) == {call.pk}

    def test_is_narrowed_by_days_both_included(self, desk):
        today = timezone.localdate()
        old, new = desk.sign(NoteKind.CALL, session_at=timezone.now() - timedelta(days=2)), desk.sign(NoteKind.CALL)
        assert found(desk, "zaunkonig", since=today) == {new.pk}
        assert found(desk, "zaunkonig", until=today - timedelta(days=2)) == {old.pk}
        assert found(desk, "zaunkonig", since=today - timedelta(days=2), until=today) == {old.pk, new.pk}

    @pytest.mark.parametrize("named", ["marlowe", "ROB", "Robin Marlowe"])
    def test_is_narrowed_by_a_name(self, desk, named):
        note = desk.sign()
        assert found(desk, "zaunkonig", client=named) == {note.pk}

    def test_is_narrowed_by_a_code(self, desk):
        note = desk.sign()
        assert found(desk, "zaunkonig", client=desk.client.code.lower()) == {note.pk}

    def test_is_of_a_client_kept_from_managers_too(self, desk):
        note = desk.sign()
        type(desk.client).objects.filter(pk=desk.client.pk).update(hidden=True)
        assert found(desk, "zaunkonig") == {note.pk}


class TestWhatIsNever:
    """Searched, found or counted: what is somebody else's, and what is closed."""

    def test_is_a_note_of_another_therapist(self, desk, sams_desk):
        sams_desk.sign()
        begun, records = search(desk, "zaunkonig")
        assert (records, begun.count.texts, begun.count.records) == ([], 0, 1)

    def test_is_a_colleagues_process_note_or_draft(self, desk, shared_desk):
        note = desk.sign()
        desk.sign(NoteKind.PROCESS)
        desk.write(NoteKind.SAFETY)
        begun, [record] = search(shared_desk, "zaunkonig")
        assert [one.written.pk for one in record.found] == [note.pk]
        assert begun.count.texts == 1

    def test_is_a_client_of_another_therapist_by_name_or_code(self, desk, sams_desk):
        for named in ("Noor", sams_desk.client.code, "nobody at all"):
            with pytest.raises(NobodyOfThatName):
                search(desk, "zaunkonig", client=named)

    def test_is_what_is_no_longer_in_care(self, desk):
        desk.sign()
        desk.write(NoteKind.CALL)
        end_care(desk)
        begun, records = search(desk, "zaunkonig")
        assert (records, begun.count.texts) == ([], 0)

    def test_is_a_closed_record(self, desk):
        desk.sign()
        desk.write(NoteKind.CALL)
        Destruction.objects.create(
            client=desk.client, decided_at=timezone.now(), decided_by=desk.person.user, due_at=timezone.now()
        )
        begun, records = search(desk, "zaunkonig")
        assert (records, begun.count.texts) == ([], 0)

    @pytest.mark.parametrize("role", [Role.MANAGER, Role.AUDITOR, Role.CLIENT])
    def test_is_for_another_role_whatever_the_gate_let_through(self, cast, desk, role):
        person = {Role.MANAGER: cast.manager, Role.CLIENT: cast.robin.person, Role.AUDITOR: cast.auditor}[role]
        desk.sign()
        begun = begin_search(by=person.as_(role), wanted=Wanted(read_query("zaunkonig")), at=timezone.now())
        assert (list(begun), begun.count.texts) == ([], 0)


class TestATextThatDoesNotOpen:
    def test_says_so_in_its_place_and_the_search_goes_on(self, desk):
        whole, broken = desk.sign(), desk.sign(NoteKind.CALL)
        rewrite(broken, sealed_body=whole.sealed_body)
        begun, [record] = search(desk, "zaunkonig")
        said = {one.written.pk: (one.problem, bool(one.passages)) for one in record.found}
        assert said[whole.pk] == ("", True)
        assert "seal of this text is broken" in said[broken.pk][0]
        assert not said[broken.pk][1]
        assert (begun.count.found, begun.count.closed, begun.count.texts) == (1, 1, 2)

    def test_is_not_shown_under_the_signature_of_another(self, desk, log):
        note, other = desk.sign(NoteKind.CALL), desk.sign(NoteKind.SAFETY)
        rewrite(note, signature=other.signature)
        heard = log()
        _, [record] = search(desk, "zaunkonig")
        said = {one.written.pk: (one.problem, bool(one.passages)) for one in record.found}
        assert said[other.pk] == ("", True)
        assert "Nobody we can vouch for signed this text" in said[note.pk][0]
        assert not said[note.pk][1]
        assert heard.acts == [done(Act.NOTE_SEARCHED), denied(Act.KEY_REFUSED)]

    def test_for_want_of_the_key_says_so(self, cast, desk):
        desk.sign()
        start_care(
            by=cast.manager.as_(Role.MANAGER), client=desk.client, therapist_id=cast.sam.user.pk, at=timezone.now()
        )
        begun, [record] = search(Desk(cast.sam, desk.client), "zaunkonig")
        assert "You do not hold the key to some of these texts yet" in record.problem
        assert (record.found, begun.count.closed) == ([], 1)

    def test_for_a_key_nobody_vouches_for_says_so_and_is_recorded(self, desk, log):
        desk.sign()
        Generation.objects.filter(vault__kind="record").update(commit=b"\0" * 32)
        heard = log()
        _, [record] = search(desk, "zaunkonig")
        assert "The key to some of these texts is not one we can vouch for" in record.problem
        assert heard.acts == [done(Act.NOTE_SEARCHED), denied(Act.KEY_REFUSED)]

    def test_hides_no_note_where_it_is_the_clients_name(self, desk, sams_desk):
        note = desk.sign()
        type(desk.client).objects.filter(pk=desk.client.pk).update(sealed_contact=sams_desk.client.sealed_contact)
        _, [record] = search(desk, "zaunkonig")
        assert (record.label, [one.written.pk for one in record.found]) == (desk.client.code, [note.pk])


class TestAKeyThatAColleagueMade:
    def test_is_recorded_and_told_though_the_page_was_begun_already(self, cast, desk, shared_desk, log):
        note, place, now = desk.sign(NoteKind.CALL), Place(VaultKind.RECORD, desk.client.pk), timezone.now()
        with transaction.atomic():
            flag_rotation(places=[place], at=now)
            turn_key(by=cast.sam.keys, place=place, at=now)
        heard = log()
        begun, [record] = search(desk, "zaunkonig")
        cast.dana.keys.met.clear()
        assert [one.written.pk for one in record.found] == [note.pk]
        assert begun.count.makers == {"Samuel Okafor"}
        assert heard.acts == [done(Act.NOTE_SEARCHED), done(Act.KEY_ACCEPTED)]


class TestItsLimits:
    def test_ends_after_so_many_texts_and_says_so(self, monkeypatch, desk):
        monkeypatch.setattr("notes.services.searching.MAX_FOUND", 2)
        for number in range(3):
            desk.sign(NoteKind.CALL, session_at=timezone.now() - timedelta(hours=number))
        begun, [record] = search(desk, "zaunkonig")
        assert (len(record.found), begun.count.ended) == (2, Ended.FULL)

    def test_is_whole_where_it_is_just_so_many(self, monkeypatch, desk):
        monkeypatch.setattr("notes.services.searching.MAX_FOUND", 1)
        desk.sign()
        begun, _ = search(desk, "zaunkonig")
        assert begun.count.ended is Ended.DONE

    def test_ends_after_so_long_and_says_so(self, monkeypatch, desk):
        monkeypatch.setattr("notes.services.searching.SECONDS", -1)
        desk.sign()
        begun, records = search(desk, "zaunkonig")
        assert (records, begun.count.ended, begun.count.texts) == ([], Ended.LATE, 0)


class TestTheRows:
    """What is read without models is bound as `notes.sealed` binds it."""

    @pytest.mark.parametrize("place", ["", "video"])
    def test_of_notes_are_bound_alike(self, desk, place):
        note = desk.sign(minutes=50, place=place)
        [row] = rows_of_notes(Note.objects.all())
        assert row.text.fields == encode_fields(*bind_note(note)[1:])

    @pytest.mark.parametrize("place", ["", "video"])
    def test_of_drafts_are_bound_alike(self, desk, place):
        draft = desk.write(place=place)
        [row] = rows_of_drafts(Draft.objects.all())
        assert row.text.fields == encode_fields(*bind_draft(draft)[1:])

    def test_of_many_cost_no_more_statements_than_one(self, desk):
        desk.sign(NoteKind.CALL)
        with CaptureQueriesContext(connection) as for_one:
            assert len(found(desk, "zaunkonig")) == 1
        for number in range(1, 4):
            desk.sign(NoteKind.CALL, session_at=timezone.now() - timedelta(hours=number))
        with CaptureQueriesContext(connection) as for_more:
            assert len(found(desk, "zaunkonig")) == 4
        assert len(for_more) <= len(for_one)
