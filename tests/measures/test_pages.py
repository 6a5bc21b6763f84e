"""The pages, with scripts off: what stands there before the first question, after the last, and who may come."""

import re
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client as Browser
from django.utils import timezone

from access.models import Practice
from access.roles import Role
from clients.services.caring import start_care
from measures.models import Closing, Result, Sheet
from tests.clients.conftest import Record, make_record
from tests.clients.cover.conftest import arrange, open_it
from tests.conftest import SignIn
from tests.measures.conftest import ALARMING, CALM, DONE, GAD, Room

NOBODY = "Nobody watches this page. Your therapist will see it when they next sign in. If you need help now:"
ALONE = "You do not have to be alone with this"
TEN = range(1, 11)


def words_of(answer: Any) -> str:
    assert answer.status_code == 200, answer
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


@pytest.fixture
def phone(room: Room, signed_in: SignIn) -> Browser:
    return signed_in(room.cast.robin.person)


@pytest.fixture
def laptop(room: Room, signed_in: SignIn) -> Browser:
    return signed_in(room.cast.dana)


def sheet_at(room: Room, sheet: Sheet | Result, step: str = "") -> str:
    return f"/my/{room.client.pk}/sheets/{sheet.pk}/{step}"


def at_desk(room: Room, step: str = "") -> str:
    return f"/clients/{room.client.pk}/measures/{step}"


def walk(phone: Browser, room: Room, sheet: Sheet, answers=ALARMING) -> Any:
    """Answer page by page, and return what came after the last."""
    address = sheet_at(room, sheet, "1/")
    for value in answers:
        answer = phone.post(address, {"answer": "-" if value is None else str(value)})
        assert answer.status_code == 302
        address = answer["Location"]
    return phone.get(address)


class TestTheClientsWay:
    def test_leads_from_the_first_page_to_the_sending(self, room, phone):
        assert "How you have been" not in words_of(phone.get("/my/"))
        sheet = room.ask()
        assert "asks you to answer some short questions: How you have been" in words_of(phone.get("/my/"))
        assert sheet_at(room, sheet) in phone.get(f"/my/{room.client.pk}/sheets/").content.decode()
        begin = words_of(phone.get(sheet_at(room, sheet)))
        assert f"{NOBODY} 911" in begin
        assert "also if you stop half-way" in begin
        check = walk(phone, room, sheet, CALM)
        assert check.request["PATH_INFO"] == sheet_at(room, sheet, "check/")
        assert NOBODY in words_of(check)
        assert ALONE not in words_of(check)
        sent = phone.post(sheet_at(room, sheet, "check/"))
        assert sent["Location"] == sheet_at(room, sheet, "sent/")
        page = words_of(phone.get(sent["Location"]))
        assert NOBODY in page
        assert "You sent this on" in page
        assert [Result.objects.get().pk, Sheet.objects.count()] == [sheet.pk, 0]

    def test_shows_the_practices_numbers_at_once_after_item_nine(self, room, phone):
        Practice.objects.update(emergency_number="112", crisis_line="116 123, day and night")
        sheet = room.ask()
        before = walk(phone, room, sheet, CALM[:8])
        assert ALONE not in words_of(before)
        after = phone.post(before.request["PATH_INFO"], {"answer": "1"}, follow=True)
        assert f"{ALONE}" in words_of(after)
        for link in ('href="tel:112"', 'href="tel:116123"'):
            assert f'class="btn primary wide call" {link}' in after.content.decode()
        # And on every page from then on, back and forth.
        for step in ("3/", "check/"):
            assert ALONE in words_of(phone.get(sheet_at(room, sheet, step)))
        assert ALONE in words_of(phone.post(sheet_at(room, sheet, "check/"), follow=True))

    def test_chooses_nothing_beforehand_and_shows_what_was_chosen(self, room, phone):
        sheet = room.ask()
        assert "checked" not in phone.get(sheet_at(room, sheet, "1/")).content.decode()
        walk(phone, room, sheet, (2, None))
        for step, value in (("1/", "2"), ("2/", "-")):
            page = phone.get(sheet_at(room, sheet, step)).content.decode()
            assert re.search(rf'value="{value}"[^>]*checked', page)
        assert "Go on with question 3" in words_of(phone.get(sheet_at(room, sheet)))

    def test_asks_again_for_an_answer_that_is_none(self, room, phone):
        sheet = room.ask()
        for value in ("", "7", "x"):
            page = phone.post(sheet_at(room, sheet, "1/"), {"answer": value})
            assert "There is a problem" in words_of(page)
        assert not sheet.answers.exists()

    @pytest.mark.parametrize("number", [0, 11])
    def test_has_no_other_questions(self, room, phone, number):
        assert phone.get(sheet_at(room, room.ask(), f"{number}/")).status_code == 404

    def test_sends_nothing_empty(self, room, phone):
        sheet = room.ask()
        answer = phone.post(sheet_at(room, sheet, "check/"), follow=True)
        assert "Nothing is answered yet." in words_of(answer)
        assert phone.get(sheet_at(room, sheet, "sent/"))["Location"] == sheet_at(room, sheet)

    def test_leads_back_to_what_was_sent(self, room, phone):
        result = room.send(CALM)
        for step in ("", "3/", "check/"):
            assert phone.get(sheet_at(room, result, step))["Location"] == sheet_at(room, result, "sent/")
        assert phone.post(sheet_at(room, result, "3/"), {"answer": "1"}).status_code == 302

    def test_says_who_kept_it_where_the_client_did_not_send_it(self, room, phone):
        room.close(room.fill(ALARMING[:9]))
        assert "Dana Whitlock read what you had answered so far" in words_of(
            phone.get(sheet_at(room, Result.objects.get(), "sent/"))
        )
        together = room.together(CALM)
        assert "together with Dana Whitlock" in words_of(phone.get(sheet_at(room, together, "sent/")))
        assert sheet_at(room, together, "sent/") in phone.get(f"/my/{room.client.pk}/sheets/").content.decode()

    def test_tells_who_looked(self, room, phone, signed_in):
        room.send(ALARMING)
        desk = signed_in(room.cast.dana)
        desk.get("/today/")
        desk.get("/today/")
        looks = words_of(phone.get(f"/my/{room.client.pk}/looks/"))
        assert "Dana Whitlock (therapist) looked through your new answers to questionnaires" in looks
        assert "You finished one of your questionnaires" in looks
        assert "Dana Whitlock (therapist) asked you to fill in a questionnaire" in looks


class TestTheTherapistsPages:
    def test_ask_and_ask_no_longer(self, room, laptop):
        page = laptop.post(at_desk(room, "ask/"), {"instrument": "phq-9"}, follow=True)
        assert "PHQ-9 stands on the client’s page now." in words_of(page)
        sheet = Sheet.objects.get()
        room.answer(sheet, 1, 1)
        refused = laptop.post(at_desk(room, f"{sheet.pk}/take-back/"), follow=True)
        assert "The client has begun to fill this one in." in words_of(refused)
        sheet.answers.all().delete()
        taken = laptop.post(at_desk(room, f"{sheet.pk}/take-back/"), follow=True)
        assert "The client is not asked any more." in words_of(taken)
        assert not Sheet.objects.exists()

    def test_ask_for_nothing_unknown_and_take_back_nothing_sent(self, room, laptop):
        laptop.post(at_desk(room, "ask/"), {"instrument": "mmpi"})
        assert not Sheet.objects.exists()
        assert laptop.get(at_desk(room, "together/mmpi/")).status_code == 404
        result = room.send(CALM)
        late = laptop.post(at_desk(room, f"{result.pk}/take-back/"), follow=True)
        assert "The client has sent it meanwhile." in words_of(late)

    def test_say_what_the_client_has_to_know_first(self, unsigned, signed_in):
        laptop = signed_in(unsigned.cast.dana)
        assert "asked once they have signed the limits" in words_of(laptop.get(at_desk(unsigned)))
        refused = laptop.post(at_desk(unsigned, "ask/"), {"instrument": "phq-9"}, follow=True)
        assert "has not signed the limits" in words_of(refused)
        answers = {f"answer_{number}": "0" for number in TEN}
        together = laptop.post(at_desk(unsigned, "together/phq-9/"), {**answers, "form": str(uuid4())})
        assert "has not signed the limits" in words_of(together)

    def test_fill_one_in_with_the_client(self, room, laptop):
        page = laptop.get(at_desk(room, "together/phq-9/")).content.decode()
        form = re.search(r'name="form" value="([^"]+)"', page)
        answers = {f"answer_{number}": str(value) for number, value in enumerate(ALARMING, start=1)}
        missing = laptop.post(at_desk(room, "together/phq-9/"), {**answers, "answer_4": "", "form": form[1]})
        assert "There is a problem" in words_of(missing)
        kept = laptop.post(at_desk(room, "together/phq-9/"), {**answers, "form": form[1]}, follow=True)
        assert "9 of 27: mild" in words_of(kept)
        assert "You asked in the room" in words_of(kept)

    def test_have_the_urgent_first_and_close_it_with_what_was_done(self, room, laptop):
        room.send(CALM[:7], instrument=GAD)
        result = room.send(ALARMING)
        today = words_of(laptop.get("/today/"))
        assert today.index("Before everything else") < today.index("Questionnaires to read") < today.index("Notes to")
        assert "Question 9 above zero" in today
        address = at_desk(room, f"{result.pk}/")
        page = words_of(laptop.get(address))
        assert "Question 9 is above zero" in page
        assert "Optional" not in page
        assert "Please note what was done." in words_of(laptop.post(address, {"words": " "}))
        closed = words_of(laptop.post(address, {"words": DONE}, follow=True))
        assert DONE in closed
        assert "Question 9 is above zero" not in closed
        again = words_of(laptop.post(address, {"words": "Something else"}, follow=True))
        assert "A colleague has closed this meanwhile." in again
        assert DONE in again
        assert "Before everything else" not in words_of(laptop.get("/today/"))

    def test_draw_the_sums_with_a_table_beside_them_and_no_style(self, room, laptop):
        room.together([2] * 10)
        room.together([1] * 10)
        page = laptop.get(at_desk(room)).content.decode()
        assert page.count("<circle") == 2
        assert "style=" not in page
        words = words_of(laptop.get(at_desk(room)))
        assert "18 of 27" in words
        assert "The newest sum is 9 points lower than the one before, and 9 points lower than the first." in words
        assert "A sum is no diagnosis." in words

    def test_are_closed_to_everybody_else(self, room, signed_in):
        result, sheet = room.send(ALARMING), room.ask()
        addresses = [at_desk(room), at_desk(room, f"{result.pk}/"), at_desk(room, f"{sheet.pk}/")]
        for person, status in ((room.cast.sam, 404), (room.cast.manager, 403), (room.cast.auditor, 403)):
            browser = signed_in(person)
            assert {browser.get(address).status_code for address in addresses} == {status}
            assert browser.post(addresses[1], {"words": "x"}).status_code == status
        assert not Closing.objects.exists()

    def test_know_a_measure_only_under_its_own_client(self, cast, room, signed_in, laptop):
        result, now = room.send(ALARMING), timezone.now()
        theirs = signed_in(cast.noor.person)
        assert theirs.get(f"/my/{cast.noor.client_id}/sheets/{result.pk}/sent/").status_code == 404
        assert theirs.get(sheet_at(room, result, "sent/")).status_code == 404
        client = type(room.client).objects.get(pk=cast.noor.client_id)
        start_care(by=cast.manager.as_(Role.MANAGER), client=client, therapist_id=cast.dana.user.pk, at=now)
        assert laptop.get(f"/clients/{client.pk}/measures/{result.pk}/").status_code == 404

    def test_ask_a_colleague_to_confirm_who_else_reads_the_record(self, cast, room, laptop):
        by, now = cast.manager.as_(Role.MANAGER), timezone.now()
        start_care(by=by, client=room.client, therapist_id=cast.sam.user.pk, at=now)
        address = at_desk(room, f"{room.send(CALM).pk}/")
        assert "Please confirm who else" in words_of(laptop.post(address, {"words": "Talked."}))
        assert "Closed." in words_of(
            laptop.post(address, {"words": "Talked.", "readers": [str(cast.sam.user.pk)]}, follow=True)
        )


class TestUnderCover:
    def test_a_colleague_reads_and_closes_and_asks_nothing(self, cast, room, signed_in):
        record = Record(cast, room.client)
        make_record(record.dana, room.client)
        result = room.send(ALARMING)
        arrange(record)
        sam = signed_in(cast.sam)
        address = at_desk(room, f"{result.pk}/")
        assert sam.get(address).status_code == 404
        open_it(record)
        assert "Question 9 is above zero" in words_of(sam.get(address))
        assert "Ask for PHQ-9" not in words_of(sam.get(at_desk(room)))
        assert sam.post(at_desk(room, "ask/"), {"instrument": "gad-7"}).status_code == 404
        assert DONE in words_of(sam.post(address, {"words": DONE}, follow=True))
        assert Closing.objects.get().closed_by == cast.sam.user

    def test_nobody_makes_a_record_by_closing(self, cast, room, signed_in):
        record, result = Record(cast, room.client), room.send(ALARMING)
        arrange(record)
        open_it(record)
        refused = words_of(signed_in(cast.sam).post(at_desk(room, f"{result.pk}/"), {"words": DONE}))
        assert "Nothing was written about this client yet" in refused
        assert not Closing.objects.exists()
