"""A client's first page says where the form stands."""

from uuid import uuid4

from django.utils import timezone

from access.roles import Role
from consent.services.events import own_client
from consent.services.refusing import withdraw
from tests.cast import sign_consent

ADDRESS = "/my/"


def text_for(browser) -> str:
    answer = browser.get(ADDRESS)
    assert answer.status_code == 200
    text: str = answer.content.decode()
    return text


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
        withdraw(by=by, client=own_client(by=by), reason="", nonce=uuid4(), at=timezone.now())
        text = text_for(signed_in(cast.robin.person))
        assert "nobody will ask you again" in text

    def test_names_neither_practice_nor_therapy_in_its_title(self, cast, signed_in):
        assert "<title>Your page</title>" in text_for(signed_in(cast.robin.person))
