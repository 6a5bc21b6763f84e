"""Ways in and out of the client's pages: stopping, skipping, paper, and numbers to call."""

import re
from html import unescape
from uuid import uuid4

import pytest
from django.test import Client as Browser

from consent.kinds import EventKind
from consent.models import Event, Record, Version
from tests.beginnings import beginning
from tests.cast import Cast, sign_consent
from tests.conftest import SignIn
from tests.consent.pages import Reader, agree, answer, answer_all, fields, question, text_of

CEREMONY = ["", "1/", "10/", "check/", "sign/", "paper/"]
CLIENT_PAGES = [*CEREMONY, "not-now/", "questions/", "/my/"]


@beginning
def ready(reading: Reader) -> Reader:
    answer_all(reading)
    return reading


class TestStop:
    @pytest.mark.parametrize("address", CEREMONY)
    def test_stands_on_each_page_of_the_ceremony(self, ready: Reader, address: str):
        page = text_of(ready.get(address))
        assert '<a href="/my/">Stop for now</a>' in page
        assert "What you have done is kept" in page

    def test_leads_to_where_one_can_sign_out_too(self, reading: Reader):
        page = text_of(reading.get("/my/"))
        assert "You stay signed in on this device until you sign out" in page
        assert "shows you those lines" in page

    def test_keeps_what_was_done(self, reading: Reader):
        answer(reading, 1)
        reading.get("/my/")
        assert "Go on with part 2" in text_of(reading.get())

    @pytest.mark.parametrize("address", CLIENT_PAGES)
    def test_the_name_of_the_practice_leads_home(self, ready: Reader, address: str):
        assert '<a class="name" href="/">' in text_of(ready.get(address))


class TestParts:
    def test_are_counted_in_one_way(self, ready: Reader):
        assert "Part 1 of 10" in text_of(ready.get("1/"))
        assert "Part 10 of 10" in text_of(ready.get("10/"))
        pages = [text_of(ready.get(address)) for address in CEREMONY]
        assert not any(re.search(r"Step \d+ of", page) for page in pages)
        assert not any("of 13" in page for page in pages)

    def test_there_is_one_way_to_begin(self, reading: Reader):
        page = text_of(reading.get())
        assert "Begin with part 1" in page
        assert "Read again from part 1" not in page

    def test_the_fingerprint_is_explained_and_folded_away(self, robin: Reader):
        page = text_of(robin.get())
        details = page[page.index("<details>") : page.index("</details>")]
        assert "anybody can check" in details
        assert re.search(r"[0-9a-f]{64}", page.replace(details, "")) is None


class TestSkipping:
    """Parts may be looked at in any order; the signature wants them all."""

    @pytest.mark.parametrize("missing", [1, 3, 10])
    def test_a_signature_sent_all_the_same_leads_to_the_missing_part(self, reading: Reader, cast: Cast, missing: int):
        for number in {*range(1, 11)} - {missing}:
            answer(reading, number)
        assert reading.get("check/")["Location"] == reading.at(f"{missing}/")
        assert reading.get("sign/")["Location"] == reading.at("check/")
        sent = reading.post("sign/", forged_signature(cast))
        assert sent["Location"] == reading.at("check/")
        page = text_of(reading.get(sent["Location"], follow=True))
        assert "Please finish them first" in page
        assert f"Part {missing} of 10" in page
        assert not Record.objects.exists()
        assert not Event.objects.filter(kind=EventKind.SIGNED).exists()

    def test_after_the_last_part_come_those_left_out_and_it_is_said(self, reading: Reader):
        for number in {*range(1, 11)} - {4, 7, 10}:
            answer(reading, number)
        assert answer(reading, 10) == reading.at("4/")
        assert "Part 4 is still to read." in text_of(reading.get("4/"))
        assert answer(reading, 4) == reading.at("7/")
        assert "still to read" not in text_of(reading.get("7/"))
        assert answer(reading, 7) == reading.at("check/")

    def test_the_check_says_why_it_leads_elsewhere(self, reading: Reader):
        answer(reading, 1)
        assert "Part 2 is still to read." in text_of(reading.get("check/", follow=True))

    def test_what_was_answered_can_be_read_again_and_changed(self, ready: Reader):
        page = text_of(ready.get("4/"))
        assert chosen(page) == [question(4)["right"]]
        assert f'<a href="{ready.at("5/")}">Next' in page
        changed = ready.post("4/", {**fields(ready.get("4/")), "answer": "to_discuss"})
        assert changed["Location"] == ready.at("check/")
        assert chosen(text_of(ready.get("4/"))) == ["to_discuss"]

    def test_a_part_without_an_answer_offers_no_next_one(self, reading: Reader):
        assert ">Next" not in text_of(reading.get("4/"))

    def test_an_answer_without_the_yes_to_screen_forms_is_not_kept(self, robin: Reader):
        robin.get()
        sent = robin.post("3/", {"answer": question(3)["right"]})
        assert sent["Location"] == robin.at()
        assert not Event.objects.filter(kind=EventKind.SECTION_DONE).exists()


class TestPaper:
    def test_is_recorded_shown_and_taken_back(self, robin: Reader, cast: Cast, signed_in: SignIn):
        assert robin.post("paper/", fields(robin.get("paper/")))["Location"] == robin.at("paper/")
        assert "You asked for this form on paper" in text_of(robin.get("paper/"))
        dana, manager = signed_in(cast.dana), signed_in(cast.manager)
        assert "Asked for the form on paper" in text_of(dana.get("/today/"))
        assert "asked for this form on paper" in text_of(dana.get(f"/clients/{cast.robin.client_id}/consent/"))
        assert "Asked for the form on paper" in text_of(manager.get("/emergency-reasons/"))
        assert robin.post("paper/", fields(robin.get("paper/")))["Location"] == robin.at()
        assert "Asked for the form on paper" not in text_of(dana.get("/today/"))
        assert "Asked for the form on paper" not in text_of(manager.get("/emergency-reasons/"))

    @pytest.mark.parametrize("began", [False, True])
    def test_is_remembered_where_the_form_is_begun(self, robin: Reader, began: bool):
        if began:
            agree(robin)
        assert "I prefer paper" in text_of(robin.get())
        robin.post("paper/", fields(robin.get("paper/")))
        mine, form = text_of(robin.get("/my/")), text_of(robin.get())
        assert "You asked for the form on paper" in mine
        assert "Go on reading" not in mine
        assert "You asked for this form on paper" in form
        assert "I prefer paper" not in form
        for page in (mine, form):
            assert f'href="{robin.at("paper/")}"' in page

    def test_is_not_offered_to_whoever_signed(self, ready: Reader, cast: Cast):
        before = fields(ready.get("paper/"))
        ready.sign()
        assert "I want it on paper" not in text_of(ready.get("paper/"))
        assert ready.post("paper/", before)["Location"] == ready.at()
        assert not Event.objects.filter(kind=EventKind.PAPER_ASKED).exists()


class TestMarks:
    def test_are_shown_to_the_therapist_before_any_signature(self, reading: Reader, cast: Cast, signed_in: SignIn):
        page = reading.get("5/")
        reading.post("5/", {**fields(page), "answer": "to_discuss"})
        dana, client = signed_in(cast.dana), cast.robin.client_id
        assert "1 part to talk about first" in text_of(dana.get("/today/"))
        for address in (f"/clients/{client}/notes/", f"/clients/{client}/consent/"):
            assert "<li>Insurance and payment</li>" in text_of(dana.get(address))
        dana.post(f"/clients/{client}/consent/discussed/")
        assert "to talk about first" not in text_of(dana.get("/today/"))

    def test_are_shown_to_nobody_else(self, reading: Reader, cast: Cast, signed_in: SignIn):
        reading.post("5/", {**fields(reading.get("5/")), "answer": "to_discuss"})
        for person in (cast.sam, cast.manager, cast.auditor):
            browser = signed_in(person)
            assert browser.get(f"/clients/{cast.robin.client_id}/consent/").status_code in {403, 404}
            assert "to talk about" not in text_of(browser.get("/", follow=True))


class TestTheTextForStaff:
    def test_is_there_before_the_client_has_signed_or_even_opened_it(self, cast: Cast, signed_in: SignIn):
        page = text_of(signed_in(cast.dana).get(f"/clients/{cast.robin.client_id}/consent/"))
        assert "Nothing is signed yet" in page
        assert "A subpoena" in page

    def test_stands_once_when_it_is_signed(self, cast: Cast, signed_in: SignIn):
        sign_consent(cast.robin)
        page = text_of(signed_in(cast.dana).get(f"/clients/{cast.robin.client_id}/consent/"))
        assert page.count("Insurance and payment</h3>") == 1
        assert "is asked to sign" not in page


class TestNumbers:
    @pytest.mark.parametrize("address", CLIENT_PAGES[:-1])
    def test_can_be_touched_and_help_is_near(self, ready: Reader, address: str):
        page = text_of(ready.get(address))
        assert '<a href="tel:911">911</a>' in page
        assert '<a href="tel:988">988</a>' in page
        assert 'href="/help/"' in page

    def test_help_leads_back_to_the_page_of_whoever_has_one(self, robin: Reader):
        assert '<a href="/">Back to my page</a>' in text_of(robin.get("/help/"))
        assert "Back to my page" not in text_of(Browser().get("/help/"))


def chosen(page: str) -> list[str]:
    answers = re.findall(r'<input type="radio" name="answer" value="([^"]*)"([^>]*)>', page)
    return [unescape(value) for value, rest in answers if "checked" in rest]


def forged_signature(cast: Cast) -> dict[str, str]:
    version = Version.objects.get(kind="confidentiality_consent")
    return {
        "nonce": str(uuid4()),
        "version": str(version.pk),
        "meaning": version.meaning,
        "name": cast.robin.name,
        "passphrase": cast.robin.person.passphrase,
    }
