"""A passphrase that would soon be guessed is refused in words that say what to do."""

import time

import pytest

from access.guessing import find_weakness
from access.models import Invitation, User
from access.services.passphrases import PassphraseTooWeak, check_passphrase_strength
from keys.services import propose_passphrase
from tests.access.newcomers import begin, invite, invite_guest

ABOUT = ("Ines Duarte", "tamsin.quillfeather@post.example", "Alder Lane Practice")


class TestWhatWouldSoonBeGuessed:
    @pytest.mark.parametrize(
        ("passphrase", "why"),
        [
            ("passwordpassword", "it repeats itself"),
            ("aaaaaaaaaaaaaaaa", "it repeats itself"),
            ("zaq1xsw2cde3vfr4", "it follows the keys of a keyboard"),
            ("abcdefghijklmnop", "it counts up, or runs through the alphabet"),
            ("Sunshine2024!!", "others use it too"),
            ("tamsinquillfeather", "it is made of a name or an address"),
            ("alderlanepractice", "it is made of a name or an address"),
            ("InesDuarteInesDuarte", "it repeats itself"),
        ],
    )
    def test_is_refused_and_says_why_and_what_to_do(self, passphrase, why):
        with pytest.raises(PassphraseTooWeak) as caught:
            check_passphrase_strength(passphrase, about=ABOUT)
        assert why in str(caught.value)
        assert "Please take the six drawn words, or at least four words of your own" in str(caught.value)
        assert passphrase not in str(caught.value)

    @pytest.mark.parametrize(
        "passphrase", ["kettle violin harbour moss", "My cat Mimi sleeps on 3 cushions", "Blåbær på en våt sten"]
    )
    def test_is_not_what_somebody_made_up_with_care(self, passphrase):
        check_passphrase_strength(passphrase, about=ABOUT)

    def test_is_never_what_is_drawn(self):
        for _ in range(50):
            check_passphrase_strength(propose_passphrase(), about=ABOUT)

    def test_takes_no_time_even_when_it_is_long(self):
        before = time.perf_counter()
        find_weakness("aA4@$3eE1!iIlL" * 35)
        assert time.perf_counter() - before < 2


class TestBeginningWithOnesOwnName:
    def test_is_refused_and_makes_nothing(self, cast):
        letter = invite(cast, address="ines.duarte@alder.example")
        with pytest.raises(PassphraseTooWeak, match="a name or an address"):
            begin(letter, passphrase="inesduartealder")
        row = Invitation.objects.get(pk=letter.invitation)
        assert row.tries == 0
        assert not User.objects.filter(pk=row.holder).exists()

    def test_is_refused_to_a_client_by_the_address(self, cast):
        with pytest.raises(PassphraseTooWeak, match="a name or an address"):
            begin(invite_guest(cast, "quillfeather@post.example"), passphrase="quillfeather12")

    def test_says_nothing_about_anybody_to_the_link_alone(self, cast):
        letter = invite_guest(cast, "quillfeather@post.example")
        with pytest.raises(Exception, match="That is not the code for this link"):
            begin(letter, code="222222", passphrase="quillfeather12")
