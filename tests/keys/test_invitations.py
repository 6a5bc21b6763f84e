from uuid import uuid4

import pytest

from keys.errors import WrongPassphrase
from keys.services.certifying import InvitationSeeds
from keys.services.invitations import Invited, Token, draw_short_code, open_invitation, seal_invitation

ROOT = bytes(range(32))
CODE = "K7WQ2M"


@pytest.fixture
def token():
    return Token.fresh()


class TestAnInvitation:
    def seal(self, token, invited, invitation, code=CODE):
        return seal_invitation(invited, token=token, code=code, invitation=invitation)

    def test_of_a_client_opens_with_link_and_code(self, token):
        invited = Invited(ROOT, uuid4(), uuid4(), (bytes(16), bytes(range(16))), InvitationSeeds.fresh())
        invitation = uuid4()
        blob = self.seal(token, invited, invitation)
        assert open_invitation(blob, token=token, code=CODE, invitation=invitation) == invited

    def test_of_a_colleague_carries_no_signing_key(self, token):
        invited, invitation = Invited(ROOT, uuid4()), uuid4()
        opened = open_invitation(self.seal(token, invited, invitation), token=token, code=CODE, invitation=invitation)
        assert opened == invited
        assert opened.seeds is None

    def test_takes_the_code_as_it_was_written_down(self, token):
        invitation = uuid4()
        blob = self.seal(token, Invited(ROOT, uuid4()), invitation)
        open_invitation(blob, token=token, code=" k7w-q2m ", invitation=invitation)

    def test_stays_closed_to_another_code_link_or_row(self, token):
        invitation = uuid4()
        blob = self.seal(token, Invited(ROOT, uuid4()), invitation)
        good = {"token": token, "code": CODE, "invitation": invitation}
        for changed in ({"code": "K7WQ2N"}, {"token": Token.fresh()}, {"invitation": uuid4()}):
            with pytest.raises(WrongPassphrase):
                open_invitation(blob, **{**good, **changed})

    def test_stays_closed_without_the_pepper(self, token, settings):
        invitation = uuid4()
        blob = self.seal(token, Invited(ROOT, uuid4()), invitation)
        settings.PEPPER = bytes(32)
        settings.KEYS_DERIVE = "keys.kdf.argon2id"  # the suite's memory does not know of peppers
        with pytest.raises(WrongPassphrase):
            open_invitation(blob, token=token, code=CODE, invitation=invitation)

    def test_shows_nothing_when_printed(self, token):
        invited = Invited(ROOT, uuid4(), uuid4(), (), InvitationSeeds.fresh())
        assert token.raw.hex() not in repr(token) + repr(invited)
        assert "seeds" not in repr(invited)


class TestAToken:
    def test_comes_back_from_its_link(self, token):
        assert Token.from_text(token.text) == token
        assert "=" not in token.text

    @pytest.mark.parametrize("text", ["", "short", "é" * 43, "A" * 41, "A" * 60])
    def test_is_not_made_of_other_texts(self, text):
        with pytest.raises(WrongPassphrase):
            Token.from_text(text)

    def test_is_looked_up_by_what_opens_nothing(self, token):
        assert len(token.lookup) == 32
        assert token.lookup not in (token.raw, token.key(CODE))


class TestAShortCode:
    def test_is_six_characters_that_nobody_mistakes(self):
        codes = [draw_short_code() for _ in range(200)]
        assert {len(code) for code in codes} == {6}
        assert not set("".join(codes)) & set("01IO")
        assert len(set(codes)) == 200
