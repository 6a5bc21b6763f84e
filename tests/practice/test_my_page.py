"""A client's first page says where the form stands."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from django.test import Client as Browser
from django.utils import timezone

from access.roles import Role
from clients.models import Care, Client
from clients.services.contacts import Contact
from clients.services.inviting import NewClient, invite_client
from consent.kinds import Topic
from consent.services.refusing import withdraw
from consent.services.talking import Asked, ask_question
from practice.cast import Person
from tests.cast import sign_consent, sign_in

ADDRESS = "/my/"


def text_for(browser) -> str:
    answer = browser.get(ADDRESS)
    assert answer.status_code == 200
    text: str = answer.content.decode()
    return text


def cards_of(browser) -> dict[str, str]:
    """Read the cards that are about one record each, by their heading."""
    cards = re.findall(r'<section class="card" aria-labelledby="with-\d">(.*?)</section>', text_for(browser), re.DOTALL)
    return {re.findall(r"<h2[^>]*>(.*?)</h2>", card)[0]: card for card in cards}


def take_up(cast, therapist: Person) -> UUID:
    """Let Robin take up one more invitation, on the page for it."""
    new = NewClient(Contact(cast.robin.name, cast.robin.person.address), therapist.user.pk)
    client, letter = invite_client(by=cast.manager.as_(Role.MANAGER), new=new, at=timezone.now())
    browser = Browser()
    sign_in(browser, cast.robin.person)
    answer = browser.post("/my/invitation/", {"link": letter.token, "code": letter.code}, follow=True)
    assert "is on your page now" in answer.content.decode()
    assert f'href="/forms/{client.pk}/"' in answer.content.decode()
    return client.pk


class TestMyPage:
    def test_invites_to_read_and_sign_at_first(self, cast, signed_in):
        assert "Read and sign" in text_for(signed_in(cast.robin.person))

    def test_shows_the_receipt_once_signed(self, cast, signed_in):
        sign_consent(cast.robin)
        text = text_for(signed_in(cast.robin.person))
        assert "See your receipt" in text
        assert "Read and sign" not in text

    def test_does_not_press_whoever_took_the_signature_back(self, cast, signed_in):
        sign_consent(cast.robin)
        by = cast.robin.person.as_(Role.CLIENT)
        withdraw(by=by, client=cast.robin.record, reason="", nonce=uuid4(), at=timezone.now())
        text = text_for(signed_in(cast.robin.person))
        assert "You took your signature back on" in text
        assert "nobody will ask you again" in text
        assert "See your receipt" in text
        assert "You said no" not in text

    def test_with_one_record_leads_to_it_and_names_nobody(self, cast, signed_in):
        text = text_for(signed_in(cast.robin.person))
        for address in (f"/forms/{cast.robin.client_id}/", f"/my/{cast.robin.client_id}/looks/"):
            assert f'href="{address}"' in text
        assert "What stays between you and your therapist" in text
        assert "Dana" not in text
        assert " with " not in text

    def test_names_neither_practice_nor_therapy_in_its_title(self, cast, signed_in):
        assert "<title>Your page</title>" in text_for(signed_in(cast.robin.person))


class TestSeveralRecords:
    def test_have_a_card_each_with_who_looks_after_the_client_there(self, cast, signed_in):
        second = take_up(cast, cast.sam)
        sign_consent(cast.robin)
        cards = cards_of(signed_in(cast.robin.person))
        dana, samuel = cards["With Dana Whitlock"], cards["With Samuel Okafor"]
        assert len(cards) == 2
        for card, other, client_id in ((dana, "Samuel", cast.robin.client_id), (samuel, "Dana", second)):
            assert other not in card
            assert set(re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", card)) == {str(client_id)}
        assert "You signed on" in dana
        assert "Read and sign" in samuel

    def test_count_the_questions_of_each(self, cast, signed_in):
        take_up(cast, cast.sam)
        asked = Asked(Topic.OTHER, "Why?", uuid4())
        by = cast.robin.person.as_(Role.CLIENT)
        ask_question(by=by, client=cast.robin.record, asked=asked, at=timezone.now())
        cards = cards_of(signed_in(cast.robin.person))
        assert "One of your questions has no answer yet." in cards["With Dana Whitlock"]
        assert "for an answer" not in cards["With Samuel Okafor"]

    def test_with_one_therapist_are_told_apart_by_their_beginning(self, cast, signed_in):
        second, noon = take_up(cast, cast.dana), datetime(2026, 5, 12, 12, tzinfo=UTC)
        Client.objects.filter(pk=cast.robin.client_id).update(made_at=noon)
        Client.objects.filter(pk=second).update(made_at=noon + timedelta(hours=1, minutes=5))
        headings = list(cards_of(signed_in(cast.robin.person)))
        assert headings == [f"With Dana Whitlock, since 12 May 2026, {time}" for time in ("12:00", "13:05")]

    def test_that_nobody_looks_after_any_more_stay_with_the_practice(self, cast, signed_in):
        take_up(cast, cast.sam)
        Care.objects.filter(client=cast.robin.client_id).update(ended_at=timezone.now())
        assert set(cards_of(signed_in(cast.robin.person))) == {"With Alder Lane", "With Samuel Okafor"}
