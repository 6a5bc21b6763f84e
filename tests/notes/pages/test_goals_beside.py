"""Goals beside the writing: opened when asked for, and named in the note by their words of that day."""

import re

import pytest
from django.utils import timezone

from audit.acts import Act
from notes.kinds import NoteKind
from notes.models import Draft
from notes.services.amending import begin_addendum
from notes.services.beside import read_goals_beside
from notes.services.reading import read_note
from notes.services.signing import sign_note
from tests.notes.conftest import done, end_care
from tests.notes.pages.browsing import text_of
from tests.plans.conftest import BROTHER, CANARY, SLEEP, planned  # noqa: F401 (a fixture)

REFERRED = f"[Goal: {SLEEP.words}]"


def goals_of(desk, draft):
    return read_goals_beside(by=desk.by, draft=draft, at=timezone.now())


class TestTheWritePage:
    def test_shows_nothing_of_the_plan_until_it_is_asked_for(self, dana, desk, planned, log):  # noqa: F811
        draft, heard = desk.begin(NoteKind.CALL), log()
        page = text_of(dana.get(f"/drafts/{draft.pk}/"))
        assert f'data-beside-url="/drafts/{draft.pk}/goals/"' in page
        assert CANARY not in page
        assert done(Act.PLAN_READ) not in heard.acts

    def test_gives_its_script_each_goal_the_active_ones_first(self, dana, desk, planned, log):  # noqa: F811
        planned.write(BROTHER, SLEEP, after=1)
        draft, heard = desk.begin(NoteKind.CALL), log()
        sleep, brother = dana.get(f"/drafts/{draft.pk}/goals/").json()["parts"]
        assert (sleep["label"], sleep["carried"]) == ("Active", REFERRED)
        assert sleep["text"].splitlines() == [SLEEP.words, "[ ] Phone stays in the kitchen"]
        assert brother["label"] == "Reached"
        assert heard.acts == [done(Act.PLAN_READ)]

    def test_says_to_its_script_that_the_draft_was_signed(self, dana, desk, planned):  # noqa: F811
        note = desk.sign(NoteKind.CALL)
        assert dana.get(f"/drafts/{note.pk}/goals/").status_code == 410

    def test_has_none_without_a_plan(self, desk, log):
        draft, heard = desk.begin(NoteKind.CALL), log()
        assert goals_of(desk, draft) == []
        assert heard.acts == []

    def test_has_none_beside_an_addendum_and_after_the_care(self, dana, desk, planned):  # noqa: F811
        addendum = begin_addendum(by=desk.by, note_id=desk.sign(NoteKind.CALL).pk, at=timezone.now())
        draft = desk.begin(NoteKind.MESSAGE)
        assert len(goals_of(desk, draft)) == 2
        assert goals_of(desk, addendum) == []
        end_care(desk)
        assert goals_of(desk, draft) == []
        assert "/goals/" not in text_of(dana.get(f"/drafts/{draft.pk}/"))


class TestWithoutScripts:
    def test_shows_the_goals_and_refers_to_one_below_what_was_typed(self, dana, desk, planned):  # noqa: F811
        draft = desk.begin(NoteKind.CALL)
        shown = dana.post(f"/drafts/{draft.pk}/", {"text": "Rang back.", "revision": "0", "beside": "plan"})
        assert shown.url == f"/drafts/{draft.pk}/?beside=plan#beside"
        button = f'value="plan/{SLEEP.key}"'
        assert button in text_of(dana.get(shown.url))
        sent = {"text": "Rang back.", "revision": "1", "carry": f"plan/{SLEEP.key}"}
        assert dana.post(f"/drafts/{draft.pk}/", sent).url == f"/drafts/{draft.pk}/?beside=plan#id_text"
        field = re.search(r"<textarea[^>]*>(.*?)</textarea>", text_of(dana.get(f"/drafts/{draft.pk}/")), re.DOTALL)[1]
        assert field.strip() == f"Rang back.\n\n{REFERRED}"

    def test_refers_to_no_goal_that_no_button_names(self, dana, desk, planned):  # noqa: F811
        draft = desk.begin(NoteKind.CALL)
        dana.post(f"/drafts/{draft.pk}/", {"text": "Rang back.", "revision": "0", "carry": "plan/x"})
        assert "Rang back.</textarea>" in text_of(dana.get(f"/drafts/{draft.pk}/"))


class TestTheNote:
    def test_keeps_the_words_that_the_goal_had(self, dana, desk, planned):  # noqa: F811
        draft = desk.begin(NoteKind.CALL)
        dana.post(f"/drafts/{draft.pk}/", {"text": "", "revision": "0", "carry": f"plan/{SLEEP.key}"})
        revision = Draft.objects.get(pk=draft.pk).revision
        note = sign_note(by=desk.by, draft_id=draft.pk, revision=revision, at=timezone.now())
        planned.write(BROTHER, after=1)
        assert read_note(by=desk.by, note_id=note.pk, at=timezone.now()).fields["text"] == REFERRED


@pytest.mark.parametrize("page", ["", "goals/"])
def test_nobody_else_is_shown_a_draft_or_its_goals(desk, planned, cast, signed_in, page):  # noqa: F811
    draft = desk.begin(NoteKind.CALL)
    assert signed_in(cast.sam).get(f"/drafts/{draft.pk}/{page}").status_code == 404
