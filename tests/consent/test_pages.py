"""The client's way through the pages, with scripts off, and what therapists and managers see of it."""

import re
from hashlib import sha256
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from django.utils.formats import date_format

from audit.models import Entry
from consent.envelope import parse_envelope
from consent.kinds import EventKind
from consent.limits import Limit
from consent.models import Event, Record
from consent.record import hash_record
from tests.cast import Cast, sign_consent
from tests.conftest import SignIn
from tests.consent.pages import Reader, answer_all, fields, question

RADIO = re.compile(r'<input type="radio" name="answer" value="([^"]*)"( [^>]*)?>')
CANARY = "my sister Wilhelmina works at the clinic"


def checked(page) -> list[str]:
    return [unescape(value) for value, rest in RADIO.findall(page.content.decode()) if "checked" in rest]


class TestWholeWay:
    def test_ends_with_a_receipt_and_a_file(self, reading: Reader, cast: Cast):
        answer_all(reading)
        assert "Check your answers" in reading.get("check/").content.decode()
        assert reading.sign()["Location"] == reading.at("receipt/")
        receipt = reading.get("receipt/").content.decode()
        file = reading.get("receipt/file/")
        assert Record.objects.get().reference in receipt
        assert hash_record(parse_envelope(file.content).payload) in receipt
        assert file["Content-Disposition"] == f'attachment; filename="form-{Record.objects.get().reference}.json"'

    def test_the_text_that_was_signed_can_be_kept_and_checked(self, robin: Reader, cast: Cast):
        sign_consent(cast.robin)
        receipt, text = robin.get("receipt/").content.decode(), robin.get("receipt/text.md")
        assert f'href="{robin.at("receipt/text.md")}"' in receipt
        assert "for checking by a stranger" in receipt
        assert sha256(text.content).hexdigest() in receipt
        assert "# What stays private, and when it may not" in text.content.decode()
        assert text["Content-Disposition"] == f'attachment; filename="form-{Record.objects.get().reference}.md"'

    def test_there_is_no_text_before_a_signature(self, robin: Reader):
        assert robin.get("receipt/text.md")["Location"] == robin.at()

    def test_goes_on_elsewhere_where_it_stopped(self, reading: Reader, cast: Cast, signed_in: SignIn):
        page = reading.get("1/")
        reading.post("1/", {**fields(page), "answer": question(1)["right"]})
        other_device = Reader(cast.robin, signed_in(cast.robin.person))
        assert "Go on with part 2" in other_device.get().content.decode()

    def test_the_form_sent_twice_is_one_signature(self, reading: Reader, cast: Cast):
        answer_all(reading)
        typed = {
            **fields(reading.get("sign/")),
            "name": cast.robin.name,
            "passphrase": cast.robin.person.passphrase,
        }
        answers = [reading.post("sign/", typed)["Location"] for _ in range(2)]
        assert answers == [reading.at("receipt/")] * 2
        assert Record.objects.count() == 1

    def test_a_wrong_passphrase_keeps_the_name(self, reading: Reader, cast: Cast):
        answer_all(reading)
        page = reading.sign(passphrase="not this one at all")
        assert page.status_code == 200
        assert f'value="{cast.robin.name}"' in page.content.decode()
        assert "not this one" not in page.content.decode()
        assert not Record.objects.exists()

    @pytest.mark.parametrize("address", ["3/", "check/", "sign/", "receipt/"])
    def test_no_step_can_be_taken_before_its_turn(self, robin: Reader, address: str):
        assert robin.get(address).status_code == 302

    def test_numbers_to_call_stand_on_each_page(self, reading: Reader):
        for address in ("", "1/", "paper/", "not-now/"):
            page = reading.get(address).content.decode()
            assert "988" in page
            assert "does not alert anybody at the practice" in page


class TestQuestion:
    def test_nothing_is_chosen_and_the_order_changes(self, reading: Reader):
        pages = [reading.get("1/") for _ in range(12)]
        assert all(checked(page) == [] for page in pages)
        assert len({tuple(value for value, _ in RADIO.findall(page.content.decode())) for page in pages}) > 1

    def test_a_wrong_answer_is_met_with_the_sentence_and_asked_again(self, reading: Reader):
        page = reading.post("1/", {**fields(reading.get("1/")), "answer": question(1)["wrong"][0]})
        assert question(1)["explanation"] in page.content.decode()
        assert checked(page) == []
        assert not Event.objects.filter(kind=EventKind.SECTION_DONE).exists()

    def test_after_two_wrong_answers_it_waits_for_a_talk(self, reading: Reader, cast: Cast):
        wrong = question(1)["wrong"][0]
        page = reading.post("1/", {**fields(reading.get("1/")), "answer": wrong})
        answer = reading.post("1/", {**fields(page), "answer": wrong})
        assert answer["Location"] == reading.at("2/")
        assert "talk about that one" in reading.get(answer["Location"]).content.decode()
        assert checked(reading.get("1/")) == ["to_discuss"]

    def test_back_keeps_the_answer(self, reading: Reader):
        reading.post("1/", {**fields(reading.get("1/")), "answer": question(1)["right"]})
        assert checked(reading.get("1/")) == [question(1)["right"]]

    def test_no_answer_is_a_message(self, reading: Reader):
        page = reading.post("1/", fields(reading.get("1/")))
        assert "Please choose one of the answers." in page.content.decode()

    def test_it_is_said_before_what_is_kept_of_it(self, robin: Reader):
        page = robin.get().content.decode()
        assert "Nobody marks" not in page
        assert "How often you tried is not kept" in page
        assert "whether it is still to talk about" in page

    @pytest.mark.parametrize("number", [1, 7])
    def test_the_button_claims_nothing_that_was_not_chosen(self, reading: Reader, number: int):
        page = reading.get(f"{number}/").content.decode()
        assert "I’d like to talk about this first" in page
        assert "Go on</button>" in page
        assert not {"I understand", "I agree"} & set(re.findall(r"<button[^>]*>([^<]*)</button>", page))

    def test_the_check_says_what_each_answer_stands_for(self, reading: Reader):
        answer_all(reading)
        reading.post("2/", {**fields(reading.get("2/")), "answer": "to_discuss"})
        page = reading.get("check/").content.decode()
        words = ("I understand", "I agree", "We will talk about this")
        assert [page.count(f"<dd>{said}</dd>") for said in words] == [6, 3, 1]

    def test_there_is_no_eleventh(self, reading: Reader):
        assert reading.get("11/").status_code == 404
        assert reading.get("0/").status_code == 404


class TestAsking:
    def test_a_question_is_answered_where_it_was_asked(self, reading: Reader, cast: Cast, signed_in: SignIn):
        asked = reading.post("2/ask/", {**fields(reading.get("2/"), 1), "text": CANARY})
        assert asked["Location"] == reading.at("2/")
        assert "No answer yet" in reading.get("2/").content.decode()
        dana, address = signed_in(cast.dana), f"/clients/{cast.robin.client_id}/questions/"
        page = dana.get(address)
        assert CANARY in page.content.decode()
        dana.post(address, {**fields(page), "text": "She sees nothing of yours."})
        assert "She sees nothing of yours." in reading.get("2/").content.decode()
        assert "She sees nothing" not in reading.get("3/").content.decode()

    def test_a_question_too_long_comes_back(self, reading: Reader):
        text = "why " * 600
        page = reading.post("2/ask/", {**fields(reading.get("2/"), 1), "text": text})
        assert text.strip() in page.content.decode()
        assert "<details open>" in page.content.decode()

    def test_its_words_are_nowhere_in_the_clear(self, reading: Reader):
        reading.post("2/ask/", {**fields(reading.get("2/"), 1), "text": CANARY})
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names(cursor):
                cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 (names from the database itself)
                for row in cursor.fetchall():
                    assert b"Wilhelmina" not in b"|".join(_bytes(value) for value in row), table
        assert not any(b"Wilhelmina" in bytes(body) for body in Entry.objects.values_list("body", flat=True))


class TestNo:
    def test_declining_never_ends_in_a_dead_end(self, reading: Reader):
        page = reading.get("not-now/")
        assert reading.post("not-now/", {**fields(page), "reason": ""})["Location"] == reading.at("not-now/")
        after = reading.get("not-now/").content.decode()
        assert "You have not signed" in after
        for way_out in ("911", "988", f'href="{reading.at("paper/")}"', f'href="{reading.at()}"'):
            assert way_out in after

    def test_taking_it_back_shows_what_it_does_first(self, cast: Cast, robin: Reader):
        sign_consent(cast.robin)
        page = robin.get("take-back/")
        assert "What was shared before stays shared" in page.content.decode()
        typed = {**fields(page), "reason": "No", "passphrase": cast.robin.person.passphrase}
        assert robin.post("take-back/", typed)["Location"] == robin.at("take-back/")
        after, day = robin.get("take-back/").content.decode(), date_format(timezone.localtime(), "j F Y")
        assert f"<dd>{day}" in after
        assert f"reference {Record.objects.get().reference}" in after
        assert f"You took this signature back on {day}" in robin.get("receipt/").content.decode()
        form = robin.get().content.decode()
        assert f"You took your signature back on {day}" in form
        assert "You may sign again" in form

    @pytest.mark.parametrize("passphrase", ["", "not this one at all"])
    def test_taking_it_back_wants_the_passphrase(self, cast: Cast, robin: Reader, passphrase: str):
        sign_consent(cast.robin)
        typed = {**fields(robin.get("take-back/")), "reason": "Because", "passphrase": passphrase}
        page = robin.post("take-back/", typed)
        assert page.status_code == 200
        assert "There is a problem" in page.content.decode()
        assert "Because" in page.content.decode()
        assert "not this one" not in page.content.decode()
        assert not Event.objects.filter(kind=EventKind.WITHDRAWN).exists()

    def test_there_is_nothing_to_take_back_before(self, robin: Reader):
        assert "Nothing to take back" in robin.get("take-back/").content.decode()


class TestStaff:
    def test_the_therapist_in_care_reads_the_record_and_ticks_the_talk(self, cast: Cast, signed_in: SignIn):
        sign_consent(cast.robin, unclear=frozenset({Limit.PAYMENT}))
        dana, address = signed_in(cast.dana), f"/clients/{cast.robin.client_id}/consent/"
        assert "Both signatures hold" in dana.get(address).content.decode()
        assert "We talked about it" in dana.get(address).content.decode()
        assert "asked to talk about these parts, or answered" in dana.get(address).content.decode()
        dana.post(f"{address}discussed/")
        assert "We talked about it" not in dana.get(address).content.decode()

    def test_managers_and_clients_never_read_it(self, cast: Cast, signed_in: SignIn):
        address = f"/clients/{cast.robin.client_id}/consent/"
        assert signed_in(cast.manager).get(address).status_code == 403
        assert signed_in(cast.robin.person).get(address).status_code == 403

    @pytest.mark.parametrize("page", ["consent/", "questions/", "consent/discussed/", "emergency/"])
    def test_another_therapist_cannot_tell_that_the_client_exists(self, cast: Cast, signed_in: SignIn, page: str):
        sam = signed_in(cast.sam)
        only: dict[str, list[Any]] = {"consent/": [sam.get], "consent/discussed/": [sam.post]}
        for method in only.get(page, [sam.get, sam.post]):
            theirs = method(f"/clients/{cast.robin.client_id}/{page}")
            nobodys = method(f"/clients/00000000-0000-4000-8000-000000000000/{page}")
            assert theirs.status_code == nobodys.status_code == 404
        assert not Event.objects.exists()

    def test_an_emergency_reason_reaches_the_manager(self, cast: Cast, signed_in: SignIn):
        dana, address = signed_in(cast.dana), f"/clients/{cast.robin.client_id}/emergency/"
        given = {"code": "imminent_harm", "reason": "On the bridge", "manager_line": "Night call"}
        answer = dana.post(address, {**fields(dana.get(address)), **given})
        assert answer["Location"] == f"/clients/{cast.robin.client_id}/notes/begin/?kind=emergency"
        assert "On the bridge" in dana.get(f"/clients/{cast.robin.client_id}/consent/").content.decode()
        seen = signed_in(cast.manager).get("/emergency-reasons/").content.decode()
        assert "Night call" in seen
        assert "On the bridge" not in seen

    def test_a_line_too_long_for_the_manager_is_refused(self, cast: Cast, signed_in: SignIn):
        dana, address = signed_in(cast.dana), f"/clients/{cast.robin.client_id}/emergency/"
        given = {"code": "imminent_harm", "reason": "x", "manager_line": "n" * 61}
        assert dana.post(address, {**fields(dana.get(address)), **given}).status_code == 200
        assert not Event.objects.exists()


def _bytes(value: object) -> bytes:
    return bytes(value) if isinstance(value, (bytes, memoryview)) else str(value).encode()
