"""The pages of a plan, by hand."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.http import QueryDict
from django.utils import timezone

from plans.forms import form_of
from plans.models import Version
from plans.services.reading import read_plan
from tests.clients.keeping.ending import end_care as end_therapy
from tests.consent.tampering import alter
from tests.notes.pages.browsing import text_of
from tests.notes.test_planted_signature import plant
from tests.plans.conftest import BROTHER, CANARY, SLEEP


@pytest.fixture
def dana(cast, signed_in):
    return signed_in(cast.dana)


def address(plan, page=""):
    return f"/clients/{plan.desk.client.pk}/plan/{page}"


def send(browser, client, after=0, **typed):
    data = {"form": str(uuid4()), "after": str(after), "shown": "2", **typed}
    return browser.post(f"/clients/{client.pk}/plan/write/", data)


def latest_goals(desk):
    return [goal.words for goal in read_plan(by=desk.by, client=desk.client, at=timezone.now()).goals]


class TestWrite:
    def test_keeps_goals_steps_and_the_day(self, dana, desk):
        day = timezone.localdate() + timedelta(days=30)
        steps = "[x] Called the school\n\n- Talks to the teacher\n[ ] Asks her mother"
        typed = {"words_0": f"Goes to school\ntwice a week {CANARY}", "steps_0": steps, "status_0": "active"}
        assert send(dana, desk.client, review_date=day.isoformat(), **typed).url == f"/clients/{desk.client.pk}/plan/"
        plan = read_plan(by=desk.by, client=desk.client, at=timezone.now())
        [goal] = plan.goals
        assert goal.words == f"Goes to school twice a week {CANARY}"
        assert [(step.words, step.is_done) for step in goal.steps] == [
            ("Called the school", True),
            ("Talks to the teacher", False),
            ("Asks her mother", False),
        ]
        assert plan.latest.review_date == day
        page = text_of(dana.get(f"/clients/{desk.client.pk}/plan/write/"))
        assert "[x] Called the school" in page

    @pytest.mark.parametrize(
        ("typed", "field"),
        [
            ({}, "words_0"),
            ({"steps_0": "Walks"}, "words_0"),
            ({"words_0": "x" * 501}, "words_0"),
            ({"words_0": "Walks", "steps_0": "\n".join(map(str, range(21)))}, "steps_0"),
            ({"words_0": "Walks", "review_date": "2020-01-01"}, "review_date"),
            ({"words_0": "Walks", "review_date": "2092-01-01"}, "review_date"),
        ],
    )
    def test_says_beside_it_what_is_wrong_and_keeps_the_rest(self, dana, desk, typed, field):
        page = text_of(send(dana, desk.client, words_1=CANARY if typed else "", **typed))
        assert f'id="id_{field}_error"' in page
        assert (CANARY in page) is bool(typed)
        assert not Version.objects.exists()

    def test_makes_room_for_one_more_and_keeps_nothing_yet(self, dana, desk):
        page = text_of(send(dana, desk.client, words_0=CANARY, more="1"))
        assert CANARY in page
        assert 'name="words_2"' in page
        assert not Version.objects.exists()

    def test_says_that_it_waits_and_keeps_what_was_typed(self, dana, unsigned):
        page = text_of(send(dana, unsigned.client, words_0=CANARY))
        assert "waits for the client’s signature" in page
        assert CANARY in page

    def test_shows_both_where_somebody_was_faster(self, dana, planned):
        page = send(dana, planned.desk.client, words_0="Only mine")
        text = text_of(page)
        assert page.status_code == 409
        assert "Only mine" in text
        assert BROTHER.words in text
        assert 'name="after" value="1"' in text
        assert Version.objects.count() == 1
        send(dana, planned.desk.client, after=1, words_0="Only mine")
        assert Version.objects.count() == 2

    def test_edited_and_sent_again_meets_what_the_first_wrote(self, dana, desk):
        form, key = str(uuid4()), str(uuid4())
        send(dana, desk.client, form=form, words_0="First", key_0=key)
        page = send(dana, desk.client, form=form, words_0="Edited", key_0=key)
        assert page.status_code == 409
        assert "Edited" in text_of(page)
        again = page.context["form"]
        send(dana, desk.client, after=1, form=again["form"].value(), words_0="Edited", key_0=key)
        assert latest_goals(desk) == ["Edited"]

    @pytest.mark.parametrize("mine", ["First", "Edited"])
    def test_from_two_tabs_ends_with_what_was_saved_last(self, dana, desk, mine):
        form, key = str(uuid4()), str(uuid4())
        send(dana, desk.client, form=form, words_0="First", key_0=key)
        send(dana, desk.client, after=1, words_0="From the other tab", key_0=key)
        page = send(dana, desk.client, form=form, words_0=mine, key_0=key)
        assert page.status_code == 409
        drawn = page.context["form"]["form"].value()
        assert drawn != form
        assert send(dana, desk.client, after=2, form=drawn, words_0=mine, key_0=key).status_code == 302
        assert latest_goals(desk) == [mine]

    def test_gives_back_what_was_typed_where_nobody_gave_the_signature(self, dana, unsigned):
        plant(unsigned)
        page = send(dana, unsigned.client, words_0=f"{CANARY} and more")
        assert page.status_code == 500
        assert f"{CANARY} and more" in text_of(page)
        assert not Version.objects.exists()

    def test_offers_the_version_before_one_that_was_altered(self, dana, planned):
        planned.write(after=1)
        alter(Version.objects.filter(number=2), sealed_goals=b"altered")
        for page in ("", "write/"):
            text = text_of(dana.get(address(planned, page)))
            assert "The seal of version 2, the newest, is broken" in text
            assert SLEEP.words in text
        assert 'name="after" value="2"' in text
        assert "Keep the ticks" not in text_of(dana.get(address(planned)))

    def test_says_one_thing_about_a_goal_that_is_too_long(self, dana, desk):
        page = text_of(send(dana, desk.client, words_0="x" * 501, steps_0="Walks"))
        assert "Please say what these steps lead to" not in page

    @pytest.mark.once
    def test_keeps_every_tick_where_one_more_goal_is_asked_for(self):
        data = QueryDict(mutable=True)
        data.update({"shown": "1", "more": "1"})
        data.setlist("readers", ["a", "b"])
        assert form_of(data, readers=[]).initial["readers"] == ["a", "b"]

    def test_takes_no_goal_for_two(self, dana, desk):
        key = str(uuid4())
        page = text_of(send(dana, desk.client, words_0="One", words_1="Two", key_0=key, key_1=key))
        assert "open the plan anew" in page
        assert not Version.objects.exists()


class TestRead:
    def test_has_goals_and_steps_to_tick(self, dana, planned):
        page = text_of(dana.get(address(planned)))
        assert SLEEP.words in page
        name, _ = SLEEP.steps_by_name[0]
        sent = {"form": str(uuid4()), "after": "1", "done": [name]}
        assert dana.post(address(planned, "tick/"), sent).url == address(planned)
        assert text_of(dana.get(address(planned))).count(" checked") == 1
        assert "Step done: “Phone stays in the kitchen”" in text_of(dana.get(address(planned, "versions/")))
        dana.post(address(planned, "tick/"), {**sent, "form": str(uuid4()), "done": []})
        assert "Please tick once more" in text_of(dana.get(address(planned)))
        assert Version.objects.count() == 2
        assert "did not come whole" in text_of(dana.post(address(planned, "tick/"), {"done": [name]}, follow=True))

    def test_leads_on_from_the_client_and_from_today(self, dana, planned):
        planned.write(after=1, review=timezone.localdate())
        client_page = text_of(dana.get(f"/clients/{planned.desk.client.pk}/notes/"))
        for page in (client_page, text_of(dana.get("/today/"))):
            assert f'href="{address(planned)}"' in page
        assert "Review due since" in client_page
        assert CANARY not in client_page

    def test_is_open_to_whoever_keeps_the_record_after_the_therapy(self, dana, cast, planned):
        end_therapy(cast, cast.dana, planned.desk.client)
        assert f'href="{address(planned)}"' in text_of(dana.get(f"/clients/{planned.desk.client.pk}/ended/"))
        page = text_of(dana.get(address(planned)))
        assert SLEEP.words in page
        assert "Change the plan" not in page
        assert dana.get(address(planned, "write/")).status_code == 404

    def test_invites_where_there_is_none(self, dana, desk):
        for page in ("", "versions/"):
            assert "No plan yet" in text_of(dana.get(f"/clients/{desk.client.pk}/plan/{page}"))
