"""The pages of one's own formats, and a note that is begun in one."""

import re

from notes.models import Draft
from notes.models.formats import OwnFormat
from tests.notes.pages.browsing import begin, text_of

SECTIONS = "The week: In their words\nPlan (optional)"


def fields_in(page):
    found = re.findall(r'name="(form|number)" value="([^"]*)"', text_of(page))
    return dict(found)


def write(browser, address="/formats/write/", **changes):
    sent = {**fields_in(browser.get(address)), "label": "Week", "sections": SECTIONS, **changes}
    return browser.post(address, sent)


class TestOnesOwn:
    def test_is_written_chosen_and_changed(self, dana, desk):
        assert write(dana).url == "/formats/"
        first = OwnFormat.objects.get()
        choices = text_of(dana.get(f"/clients/{desk.client.pk}/notes/begin/"))
        assert "Formats of your own" in choices
        [name] = re.findall(r'value="(own/[^"]+)"', choices)
        page = text_of(dana.get(begin(dana, desk.client, format=name).url))
        assert re.findall(r'<textarea name="(\w+)"', page) == ["the_week", "plan", "follow_up"]
        assert "No new concern today" in page
        assert "In their words" in page
        address = f"/formats/write/?of={first.family}"
        assert "The week: In their words\nPlan (optional)</textarea>" in text_of(dana.get(address))
        assert write(dana, address, sections="The week").url == "/formats/"
        assert Draft.objects.get().format == name
        assert "Version 2" in text_of(dana.get("/formats/"))

    def test_is_offered_no_longer(self, dana, desk):
        write(dana)
        assert dana.post("/formats/withdraw/", {"family": OwnFormat.objects.get().family}).url == "/formats/"
        assert "None of your own yet" in text_of(dana.get("/formats/"))
        assert "Week" not in text_of(dana.get(f"/clients/{desk.client.pk}/notes/begin/"))

    def test_says_what_is_wrong_and_keeps_what_was_typed(self, dana):
        page = text_of(write(dana, sections="Plan\nPlan"))
        assert "Two sections have the same name" in page
        assert "Plan\nPlan</textarea>" in page
        assert not OwnFormat.objects.exists()

    def test_changed_in_another_window_is_said(self, dana):
        write(dana)
        address = f"/formats/write/?of={OwnFormat.objects.get().family}"
        write(dana, address, label="Two")
        page = text_of(write(dana, address, label="Also two", number="1"))
        assert "changed in another window" in page
        assert "Also two" in page


class TestThePractices:
    def test_is_a_managers_to_write(self, cast, dana, signed_in):
        manager = signed_in(cast.manager)
        assert 'name="for_all"' not in text_of(manager.get("/formats/write/"))
        write(manager)
        assert OwnFormat.objects.get().owner is None
        page = text_of(dana.get("/formats/"))
        assert "The practice’s" in page
        assert "Change it" not in page

    def test_is_a_therapists_to_see_and_not_to_write(self, dana):
        assert write(dana, for_all="on").url == "/formats/"
        assert OwnFormat.objects.get().owner is not None

    def test_of_nobody_is_not_found(self, dana, cast, signed_in):
        write(signed_in(cast.sam))
        family = OwnFormat.objects.get().family
        for address in (f"/formats/write/?of={family}", "/formats/write/?of=x"):
            assert dana.get(address).status_code == 404
        page = text_of(dana.post("/formats/withdraw/", {"family": family}, follow=True))
        assert "not yours to change" in page
        page = text_of(dana.post("/formats/write/", {"form": family, "number": "1", "label": "x", "sections": "y"}))
        assert "not yours to change" in page
        assert OwnFormat.objects.count() == 1
