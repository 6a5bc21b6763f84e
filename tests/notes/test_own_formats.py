"""Formats that somebody here made: who may, what a change does to notes, and what a changed row does not."""

from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from access.roles import Role
from audit.acts import Act
from audit.guards import Guard
from notes.forms.formats import FormatForm
from notes.kinds import NoteKind
from notes.models import Draft, Note
from notes.models.formats import OwnFormat
from notes.published import SESSION
from notes.services.drafting import save_draft
from notes.services.formatting import fitting_format, offered_formats, other_formats, usual_format
from notes.services.own_formats import (
    FormatAltered,
    FormatMovedOn,
    NoSuchFormat,
    Part,
    Wording,
    browse_formats,
    latest_formats,
    read_format,
    withdraw_format,
    write_format,
)
from notes.services.reading import read_note
from notes.services.signing import NoteIncomplete, sign_note
from tests.audit.sql import run
from tests.notes.conftest import denied, done, settle
from tests.notes.searching import search

WEEK = Wording("Week", (Part("week", "The week", "In their words"), Part("plan", "Plan", optional=True)))
GUARD = Guard("notes_ownformat", (("name",), ("family", "number")))


@pytest.fixture
def by(cast):
    return cast.dana.as_(Role.THERAPIST)


@pytest.fixture
def sam(cast):
    return cast.sam.as_(Role.THERAPIST)


@pytest.fixture
def manager(cast):
    return cast.manager.as_(Role.MANAGER)


def write(by, wording=WEEK, *, family=None, after=0):
    return write_format(by=by, family=family or uuid4(), after=after, wording=wording, at=timezone.now())


def in_session(by, version):
    """Return the format as a session is written in it."""
    return next(one for one in latest_formats(by=by, for_session=True) if one.family == f"own/{version.family}")


def sign_in(desk, version, **fields):
    draft = desk.begin(format=in_session(desk.by, version).name)
    fields = {"safety": "none", "follow_up": "", **fields}
    save_draft(by=desk.by, draft=draft, revision=0, fields=fields, at=timezone.now())
    return sign_note(by=desk.by, draft_id=draft.pk, revision=1, at=timezone.now())


def read(desk, note):
    return read_note(by=desk.by, note_id=note.pk, at=timezone.now()).sections


def labels(by):
    return [format_.label for format_ in latest_formats(by=by)]


def rewrite(version, **columns):
    """Change a version as somebody who owns the database would."""
    settle()
    run(*GUARD.remove_statements(connection))
    OwnFormat.objects.filter(pk=version.pk).update(**columns)
    settle()
    run(*GUARD.install_statements(connection))
    read_format.cache_clear()


class TestWhoMay:
    def test_write_for_themselves_is_every_therapist(self, by, sam, log):
        heard = log()
        write(by)
        assert (labels(by), labels(sam)) == (["Week"], [])
        assert heard.acts == [done(Act.FORMAT_WRITTEN)]

    def test_write_for_all_is_a_manager(self, by, sam, manager):
        write(manager, Wording("House", WEEK.parts, for_all=True))
        assert labels(by) == labels(sam) == ["House"]
        assert [row.may_change for row in browse_formats(by=by)] == [False]

    def test_write_for_all_is_no_therapist(self, by, log):
        heard = log()
        with pytest.raises(NoSuchFormat):
            write(by, Wording("House", WEEK.parts, for_all=True))
        assert not OwnFormat.objects.exists()
        assert heard.acts == [denied(Act.FORMAT_REFUSED)]

    @pytest.mark.parametrize("for_all", [False, True])
    def test_change_or_withdraw_it_is_nobody_else(self, by, sam, manager, for_all):
        version = write(manager if for_all else by, Wording("Week", WEEK.parts, for_all=for_all))
        with pytest.raises(NoSuchFormat):
            write(sam, Wording("Mine", WEEK.parts), family=version.family, after=1)
        with pytest.raises(NoSuchFormat):
            withdraw_format(by=sam, family=version.family, at=timezone.now())
        assert OwnFormat.objects.get() == version

    def test_make_ones_own_the_whole_practices_is_nobody(self, manager):
        version = write(manager, Wording("House", WEEK.parts, for_all=True))
        with pytest.raises(NoSuchFormat):
            write(manager, Wording("House", WEEK.parts), family=version.family, after=1)


class TestAVersion:
    def test_is_what_its_notes_are_read_by_for_good(self, desk, by):
        first = write(by)
        note = sign_in(desk, first, week="Slept.", plan="Walk.")
        write(by, Wording("Week", (Part("week", "Something else"),)), family=first.family, after=1)
        withdraw_format(by=by, family=first.family, at=timezone.now())
        assert [(section.label, text) for section, text in read(desk, note)] == [
            ("The week", "Slept."),
            ("Plan", "Walk."),
            ("Safety", "No new concern today"),
        ]
        assert labels(by) == []

    def test_is_made_once_by_a_form_sent_twice(self, by):
        family = uuid4()
        assert write(by, family=family) == write(by, family=family)
        assert OwnFormat.objects.count() == 1

    def test_is_not_written_upon_another_than_was_on_the_page(self, by):
        first = write(by)
        write(by, Wording("Two", WEEK.parts), family=first.family, after=1)
        with pytest.raises(FormatMovedOn):
            write(by, Wording("Also two", WEEK.parts), family=first.family, after=1)
        assert labels(by) == ["Two"]

    def test_is_not_changed_by_any_statement(self, by):
        write(by)
        settle()
        for statement in ("UPDATE notes_ownformat SET label = 'x'", "DELETE FROM notes_ownformat"):
            with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
                run(statement)
        assert labels(by) == ["Week"]

    @pytest.mark.parametrize(
        "change",
        [
            {"sections": [{"name": "week", "label": "What the client denied", "hint": "", "optional": False}]},
            {"label": "Other"},
            {"number": 2},
            {"family": uuid4()},
        ],
    )
    def test_that_somebody_altered_shows_no_note_and_is_not_offered(self, desk, by, change):
        version = write(by)
        note = sign_in(desk, version, week="Slept.")
        rewrite(version, **change)
        with pytest.raises(FormatAltered):
            read(desk, note)
        assert labels(by) == []
        assert usual_format(by=by) is SESSION

    def test_that_somebody_altered_is_a_closed_text_to_a_search(self, desk, by):
        version = write(by)
        sign_in(desk, version, week="Slept.")
        rewrite(version, label="Other")
        _, [record] = search(desk, "slept")
        assert [bool(found.problem) for found in record.found] == [True]

    def test_that_nobody_made_is_none(self, db):
        with pytest.raises(FormatAltered):
            read_format(f"own/{'0' * 64}")


class TestWhereItFits:
    def test_is_where_no_duty_has_its_own_sections(self, by):
        version = write(by)
        family = f"own/{version.family}"
        fits = {kind for kind in NoteKind if family in {one.family for one in offered_formats(kind, by=by)}}
        duties = {
            NoteKind.PROCESS,
            NoteKind.REFUSAL,
            NoteKind.SAFETY,
            NoteKind.SAFETY_PLAN,
            NoteKind.CRISIS,
            NoteKind.EMERGENCY,
        }
        assert fits == set(NoteKind) - duties

    def test_is_chosen_beforehand_by_its_latest_version(self, desk, by):
        first = write(by)
        desk.begin(format=in_session(by, first).name)
        second = write(by, Wording("Week", (Part("week", "The week"),)), family=first.family, after=1)
        assert usual_format(by=by) == in_session(by, second)
        assert fitting_format(NoteKind.SESSION, first.name, by=by) is SESSION

    def test_is_not_somebody_elses_draft(self, desk, by, sam):
        version = write(sam)
        assert desk.begin(format=in_session(sam, version).name).format == SESSION.name
        assert in_session(sam, version).name not in {one.name for one in other_formats(Draft.objects.get(), by=by)}


class TestTheQuestionAboutSafety:
    def test_is_answered_before_a_session_is_signed(self, desk, by):
        version = write(by)
        with pytest.raises(NoteIncomplete):
            sign_in(desk, version, week="Slept.", safety="")
        assert not Note.objects.exists()

    def test_is_asked_in_free_text_too(self, by):
        free = next(one for one in offered_formats(NoteKind.SESSION, by=by) if one.label == "Free text")
        assert free.problems({"text": "All of it."}) == {"safety": "Not answered yet."}

    def test_is_no_part_of_a_contact(self, by):
        version = write(by)
        offered = {one.name: one for one in offered_formats(NoteKind.CONTACT_OTHERS, by=by)}
        assert [section.name for section in offered[version.name].sections] == ["week", "plan"]

    def test_is_not_read_into_a_session_that_was_written_before_it_was_asked(self, desk, by, monkeypatch):
        version = write(by)
        monkeypatch.setattr("notes.services.own_formats._name_for", lambda version, _: version.name)
        draft = desk.begin(format=version.name)
        save_draft(by=by, draft=draft, revision=0, fields={"week": "Slept.", "plan": ""}, at=timezone.now())
        note = sign_note(by=by, draft_id=draft.pk, revision=1, at=timezone.now())
        assert [section.label for section, _ in read(desk, note)] == ["The week"]

    def test_stays_out_where_an_older_version_has_a_section_of_that_name(self, by):
        write(by, Wording("Old", (Part("safety", "Safety"),)))
        [old] = latest_formats(by=by, for_session=True)
        assert [section.label for section in old.sections] == ["Safety"]

    def test_is_asked_where_an_older_version_has_only_the_other_name(self, desk, by):
        version = write(by, Wording("Old", (Part("follow_up", "What is left"),)))
        [old] = latest_formats(by=by, for_session=True)
        assert [section.name for section in old.sections] == ["follow_up", "safety"]
        assert old.problems({"follow_up": "Call."}) == {"safety": "Not answered yet."}
        note = sign_in(desk, version, follow_up="Call.", safety="none")
        assert [section.name for section, _ in read(desk, note)] == ["follow_up", "safety"]


def _form(sections, **changes):
    sent = {"form": str(uuid4()), "number": "0", "label": "Week", "sections": sections, **changes}
    return FormatForm(sent, chooses=True)


@pytest.mark.once
class TestTheForm:
    def test_reads_names_hints_and_what_may_stay_empty(self):
        form = _form(
            "Since last time: In their words: all\r\n\r\n  Plan (optional)\nÜber uns (optional): kurz\n\u4eca\u65e5"
        )
        assert form.is_valid(), form.errors
        assert form.wording(for_all=False).parts == (
            Part("since_last_time", "Since last time", "In their words: all"),
            Part("plan", "Plan", optional=True),
            Part("uber_uns", "Über uns", "kurz", optional=True),
            Part("part_4", "\u4eca\u65e5"),
        )

    @pytest.mark.parametrize("label", ["Revision", "Format", "Stay", "carry", "Safety", "Follow-up"])
    def test_takes_no_name_that_the_page_of_a_draft_sends_itself(self, label):
        form = _form(f"Plan\n{label}")
        assert form.is_valid()
        assert [part.name for part in form.cleaned_data["sections"]] == ["plan", "part_2"]

    @pytest.mark.parametrize(
        ("sections", "said"),
        [
            ("Plan\nplan", "Two sections have the same name"),
            ("x" * 61, "Line 1: please write a name of up to 60"),
            (f"Plan: {'x' * 161}", "Line 1"),
            (": only a hint", "Line 1"),
            ("\n".join(f"Part {number}" for number in range(13)), "up to 12 sections, and these are 13"),
        ],
    )
    def test_says_what_is_wrong(self, sections, said):
        assert said in _form(sections).errors["sections"][0]
