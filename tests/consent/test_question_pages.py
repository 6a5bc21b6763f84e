"""A client asks in writing, and the therapist answers: the pages of both."""

import re

import pytest

from access.models import Practice
from audit.acts import Act
from audit.models import Entry
from consent.kinds import EventKind
from consent.limits import Limit
from consent.models import Event
from tests.cast import Cast, sign_consent
from tests.conftest import SignIn
from tests.consent.pages import Reader, fields, text_of

TEXT = "Why did somebody open it on Sunday?"


class TestAsk:
    def test_from_my_page_to_the_answer_and_back(self, robin: Reader, cast: Cast, signed_in: SignIn):
        assert f'href="{robin.at("questions/")}"' in text_of(robin.get("/my/"))
        page = robin.get("questions/?about=look")
        assert '<option value="look" selected>' in text_of(page)
        assert robin.post("questions/", {**fields(page), "about": "look", "text": TEXT}).status_code == 302
        assert "One of your questions has no answer yet." in text_of(robin.get("/my/"))
        dana, address = signed_in(cast.dana), f"/clients/{cast.robin.client_id}/questions/"
        assert "Who opened the record" in text_of(dana.get(address))
        assert cast.robin.name in text_of(dana.get(address))
        dana.post(address, {**fields(dana.get(address)), "text": "I finished a note."})
        assert "1 new answer." in text_of(robin.get("/my/"))
        page = text_of(robin.get("questions/"))
        assert "new answer" not in text_of(robin.get("/my/"))
        assert TEXT in page
        assert "I finished a note." in page
        assert "no answer yet" not in text_of(robin.get("/my/"))

    @pytest.mark.parametrize(("phone", "way"), [("", "on your next visit"), ("555 0100", 'href="tel:5550100"')])
    def test_about_the_therapist_somebody_else_can_be_asked(self, robin: Reader, phone: str, way: str):
        Practice.objects.update(phone=phone)
        page = text_of(robin.get("questions/?about=look"))
        assert "You need not ask them" in page
        assert way in page

    def test_an_answer_stays_new_while_only_others_look(self, robin: Reader, cast: Cast, signed_in: SignIn):
        robin.post("questions/", {**fields(robin.get("questions/")), "about": "other", "text": TEXT})
        dana, address = signed_in(cast.dana), f"/clients/{cast.robin.client_id}/questions/"
        for text in ("Because.", "And one thing more."):
            dana.post(address, {**fields(dana.get(address)), "text": text})
        dana.get(address)
        assert "2 new answers." in text_of(robin.get("/my/"))
        assert "new answer" not in text_of(signed_in(cast.noor.person).get("/my/"))

    def test_is_possible_once_signed(self, robin: Reader, cast: Cast):
        sign_consent(cast.robin)
        page = robin.get("questions/")
        robin.post("questions/", {**fields(page), "about": Limit.PAYMENT, "text": TEXT})
        assert "Part 5: Insurance and payment" in text_of(robin.get("questions/"))

    @pytest.mark.parametrize(("about", "text"), [("nonsense", TEXT), ("look", ""), ("look", "?" * 2001)])
    def test_what_cannot_be_sent_comes_back(self, robin: Reader, about: str, text: str):
        page = robin.post("questions/", {**fields(robin.get("questions/")), "about": about, "text": text})
        assert "There is a problem" in text_of(page)
        assert text in text_of(page)
        assert not Event.objects.filter(kind=EventKind.QUESTION_ASKED).exists()

    def test_an_address_chooses_nothing_that_is_not_offered(self, robin: Reader):
        page = text_of(robin.get('questions/?about="><script>'))
        assert '<option value="other" selected>' in page
        assert "<script>" not in page.replace('<script type="module"', "")

    def test_shows_nobody_elses_questions(self, robin: Reader, cast: Cast, signed_in: SignIn):
        robin.post("questions/", {**fields(robin.get("questions/")), "about": "other", "text": TEXT})
        noor = Reader(cast.noor, signed_in(cast.noor.person))
        assert TEXT not in text_of(noor.get("questions/"))


class TestAnswering:
    @pytest.fixture
    def asked(self, robin: Reader) -> None:
        robin.post("questions/", {**fields(robin.get("questions/")), "about": "other", "text": TEXT})

    def test_today_counts_and_leads_there(self, asked, cast: Cast, signed_in: SignIn):
        dana, address = signed_in(cast.dana), f"/clients/{cast.robin.client_id}/questions/"
        link = f'<a class="tag note" href="{address}">1 question waiting</a>'
        assert link in text_of(dana.get("/today/"))
        assert link in text_of(dana.get(f"/clients/{cast.robin.client_id}/notes/"))
        dana.post(address, {**fields(dana.get(address)), "text": "Because."})
        assert "question waiting" not in text_of(dana.get("/today/"))

    def test_opens_the_questions_and_not_the_consent(self, asked, cast: Cast, signed_in: SignIn):
        signed_in(cast.dana).get(f"/clients/{cast.robin.client_id}/questions/")
        assert not Entry.objects.filter(action=Act.CONSENT_READ).exists()
        assert Entry.objects.filter(action=Act.CONSENT_ANSWERS_READ, obj_id=cast.robin.client_id).count() == 1

    def test_no_empty_box_is_left_once_answered(self, asked, cast: Cast, signed_in: SignIn):
        dana, address = signed_in(cast.dana), f"/clients/{cast.robin.client_id}/questions/"
        dana.post(address, {**fields(dana.get(address)), "text": "Because."})
        page = text_of(dana.get(address))
        assert "<textarea" not in re.sub(r"<details>.*?</details>", "", page, flags=re.DOTALL)
        assert "<summary>Add to your answer</summary>" in page

    def test_an_answer_too_long_comes_back(self, asked, cast: Cast, signed_in: SignIn):
        dana, address, text = signed_in(cast.dana), f"/clients/{cast.robin.client_id}/questions/", "so " * 700
        page = dana.post(address, {**fields(dana.get(address)), "text": text})
        assert text.strip() in text_of(page)
        assert not Event.objects.filter(kind=EventKind.ANSWERED).exists()
