"""From the link to the passphrase."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from access.models import Invitation, KeySession, User
from access.states import State
from audit.models import Entry
from keys.services import is_proposal
from tests.access.pages.visitors import (
    CODE_OF_NOBODY,
    NEW_PASSPHRASE,
    app_code,
    begin,
    invite_ines,
    invite_tom,
    text_of,
    wrong_code,
)

GONE = "This link no longer works."


@pytest.fixture
def letter(cast):
    return invite_ines(cast)[1]


def try_code(browser, letter, code):
    return browser.post(f"/welcome/{letter.token}/", {"code": code})


class TestTheLinkAlone:
    def test_shows_nothing(self, client, letter):
        words = client.get(f"/welcome/{letter.token}/").content.decode().lower()
        for word in ("ines", "moreau", "alder", "therap", "practice", "dana", letter.code.lower()):
            assert word not in words, word

    def test_looks_alike_for_a_colleague_and_a_client(self, cast, client, letter):
        other = invite_tom(cast)
        pages = [text_of(client.get(f"/welcome/{token}/")) for token in (letter.token, other.token)]
        assert pages[0] == pages[1]

    def test_does_not_use_the_invitation_up(self, client, letter):
        client.get(f"/welcome/{letter.token}/")
        assert Invitation.objects.get(pk=letter.invitation).used_at is None


class TestTheShortCode:
    def test_leads_to_the_passphrase(self, client, letter):
        words = text_of(try_code(client, letter, letter.code.lower()))
        assert "Choose your passphrase" in words
        assert "Step 1 of 2" in words

    def test_says_when_it_is_wrong_and_keeps_what_was_typed(self, client, letter):
        answer = try_code(client, letter, CODE_OF_NOBODY)
        assert "That is not the code for this link." in text_of(answer)
        assert f'value="{CODE_OF_NOBODY}"' in answer.content.decode()

    def test_ends_the_link_after_five_wrong_ones(self, client, letter):
        for _ in range(5):
            try_code(client, letter, CODE_OF_NOBODY)
        answer = try_code(client, letter, letter.code)
        assert answer.status_code == 410
        assert GONE in text_of(answer)
        assert client.get(f"/welcome/{letter.token}/").status_code == 410

    def test_leaves_each_refusal_in_the_log(self, client, letter):
        before = Entry.objects.filter(action="invitation:refused", outcome="denied").count()
        try_code(client, letter, CODE_OF_NOBODY)
        assert Entry.objects.filter(action="invitation:refused", outcome="denied").count() == before + 1


class TestALinkThatIsGone:
    def test_is_the_same_page_for_expired_used_and_never_made(self, cast, client, letter):
        _, late = invite_ines(cast, "late@post.example")
        Invitation.objects.filter(pk=late.invitation).update(expires_at=timezone.now() - timedelta(minutes=1))
        user = begin(client, letter)
        client.post("/begin/your-second-factor/", {"code": app_code(user)})
        client.logout()
        answers = [client.get(f"/welcome/{token}/") for token in (late.token, letter.token, "A" * 43, "nonsense")]
        assert {answer.status_code for answer in answers} == {410}
        assert len({text_of(answer) for answer in answers}) == 1


class TestChoosingAPassphrase:
    def post(self, browser, letter, passphrase, again=None, **more):
        typed = {"code": letter.code, "passphrase": passphrase, "again": again or passphrase, **more}
        return browser.post(f"/welcome/{letter.token}/passphrase/", typed)

    def test_makes_an_account_that_is_not_finished(self, client, letter):
        user = begin(client, letter)
        assert user.state == State.ENROLLING
        assert client.get("/")["Location"] == "/begin/your-second-factor/"
        assert client.get("/my/").status_code == 403

    @pytest.mark.parametrize(
        ("passphrase", "again", "words"),
        [
            ("short", None, "Please use at least 14 characters."),
            ("password123456", None, "Lists of stolen passwords hold this one."),
            (NEW_PASSPHRASE, "seven quiet herons over sand", "The two passphrases are not the same."),
        ],
    )
    def test_says_what_is_wrong_and_makes_nothing(self, client, letter, passphrase, again, words):
        people = User.objects.count()
        answer = self.post(client, letter, passphrase, again)
        assert words in text_of(answer)
        assert passphrase not in answer.content.decode()
        assert User.objects.count() == people
        assert settings.UNLOCK_COOKIE_NAME not in client.cookies

    def test_takes_nothing_without_the_code(self, client, letter):
        people = User.objects.count()
        typed = {"code": CODE_OF_NOBODY, "passphrase": NEW_PASSPHRASE, "again": NEW_PASSPHRASE}
        answer = client.post(f"/welcome/{letter.token}/passphrase/", typed)
        assert "That is not the code for this link." in text_of(answer)
        assert User.objects.count() == people

    def test_proposes_six_words_and_others_when_asked(self, client, letter):
        pages = [self.post(client, letter, "", another="yes") for _ in range(2)]
        words = [answer.context["words"] for answer in pages]
        assert [len(six) for six in words] == [6, 6]
        assert words[0] != words[1]
        assert f'value="{letter.code}"' in pages[0].content.decode()

    def test_keeps_the_drawn_words_after_a_slip(self, client, letter):
        shown = try_code(client, letter, letter.code).context["proposal"]
        slipped = self.post(client, letter, shown, again="something else", shown=shown)
        assert slipped.context["words"] == shown.split()
        assert f'name="shown" value="{shown}"' in slipped.content.decode()
        others = self.post(client, letter, "", shown=shown, another="yes")
        assert others.context["proposal"] != shown

    @pytest.mark.parametrize("made_up", ["", "you are not worth the trouble", "gem perish worst opium junkie zero"])
    def test_shows_no_words_that_it_did_not_draw(self, client, letter, made_up):
        answer = self.post(client, letter, "short", shown=made_up)
        assert is_proposal(answer.context["proposal"])
        assert answer.context["proposal"] != made_up

    def test_stores_the_drawn_words_nowhere(self, client, letter):
        shown = try_code(client, letter, letter.code).context["proposal"]
        self.post(client, letter, "short", shown=shown)
        assert shown not in str(dict(client.session))
        assert not [body for body in Entry.objects.values_list("body", flat=True) if shown.encode() in bytes(body)]

    def test_says_what_happens_if_it_is_forgotten(self, cast, client, letter):
        words = text_of(try_code(client, letter, letter.code))
        assert "If you forget it Nobody can open this page for you then, the practice neither" in words
        other = invite_tom(cast)
        assert "In step 3 you get a recovery code" in text_of(try_code(client, other, other.code))

    def test_says_that_the_server_sees_it_while_it_is_typed(self, client, letter):
        words = text_of(try_code(client, letter, letter.code))
        assert "the practice’s computer uses it to open what is yours" in words
        assert "never see" not in words

    def test_opening_the_link_again_starts_over(self, client, letter):
        first = begin(client, letter)
        old_half = client.cookies[settings.UNLOCK_COOKIE_NAME].value
        client.logout()
        second = begin(client, letter)
        assert second.pk == first.pk
        assert second.password != first.password
        assert client.cookies[settings.UNLOCK_COOKIE_NAME].value != old_half
        assert KeySession.objects.filter(user=second).count() == 1

    def test_tells_only_the_invited_person_that_the_address_has_an_account(self, cast, client):
        _, again = invite_ines(cast, "robin@post.example")
        answer = self.post(client, again, NEW_PASSPHRASE)
        assert "You already have a page here." in text_of(answer)


class TestTheClientsSecondFactor:
    def test_finishes_the_account(self, cast, client):
        record, letter = invite_ines(cast)
        user = begin(client, letter)
        answer = client.post("/begin/your-second-factor/", {"code": app_code(user)})
        assert answer["Location"] == "/my/"
        assert client.get("/my/").status_code == 200
        record.refresh_from_db()
        assert record.user == user

    def test_shows_what_an_app_needs_under_a_name_that_says_nothing(self, client, letter):
        begin(client, letter)
        answer = client.get("/begin/your-second-factor/")
        assert answer.context["address"].startswith("otpauth://totp/My%20page:sign-in?")
        assert answer.context["secret"] in answer.content.decode()
        assert answer.context["qr"].path in answer.content.decode()

    def test_stays_unfinished_after_a_wrong_code(self, client, letter):
        user = begin(client, letter)
        answer = client.post("/begin/your-second-factor/", {"code": wrong_code(user)})
        assert "That code did not match." in text_of(answer)
        user.refresh_from_db()
        assert user.state == State.ENROLLING
        assert Invitation.objects.get(pk=letter.invitation).used_at is None

    def test_waits_after_ten_wrong_codes(self, client, letter):
        user = begin(client, letter)
        for _ in range(10):
            client.post("/begin/your-second-factor/", {"code": wrong_code(user)})
        answer = client.post("/begin/your-second-factor/", {"code": app_code(user)})
        assert "There were too many tries." in text_of(answer)
        user.refresh_from_db()
        assert user.state == State.ENROLLING

    def test_may_be_the_mailbox(self, client, letter, settings, mailoutbox):
        settings.EMAIL_CONFIGURED = True
        user = begin(client, letter)
        client.post("/begin/your-second-factor/mail/")
        code = mailoutbox[-1].body.split("code is ")[1][:6]
        assert client.post("/begin/your-second-factor/?mailed", {"code": code})["Location"] == "/my/"
        assert not user.totpdevice_set.exists()

    def test_by_mail_is_a_page_of_its_own_that_speaks_of_mail(self, client, letter, settings):
        settings.EMAIL_CONFIGURED = True
        begin(client, letter)
        assert "Never heard of them? Then take e-mail." in text_of(client.get("/begin/your-second-factor/"))
        sent = client.post("/begin/your-second-factor/mail/")
        assert sent["Location"] == "/begin/your-second-factor/?mailed"
        for answer in (client.get(sent["Location"]), client.post(sent["Location"], {"code": "no"})):
            assert "Six digits are on their way to your mailbox." in text_of(answer)
            assert "30 seconds" not in text_of(answer)
            assert "QR code" not in answer.content.decode()

    def test_shows_the_whole_key_of_the_app(self, client, letter):
        begin(client, letter)
        page = client.get("/begin/your-second-factor/").content.decode()
        assert re.search(r'<textarea id="secret"[^>]*>[A-Z2-7]{32}</textarea>', page)

    def test_sent_twice_says_that_all_is_done(self, client, letter):
        user = begin(client, letter)
        code = app_code(user)
        client.post("/begin/your-second-factor/", {"code": code})
        answer = client.post("/begin/your-second-factor/", {"code": code})
        assert answer["Location"] == "/my/"

    def test_is_not_set_up_by_way_of_the_colleagues_pages(self, client, letter):
        user = begin(client, letter)
        answer = client.post("/begin/second-factor/", {"code": app_code(user)})
        assert "This step belongs to another kind of account." in text_of(answer)
        client.post("/begin/recovery-code/")
        client.post("/begin/recovery-code/typed/", {"typed": "anything"})
        user.refresh_from_db()
        assert user.state == State.ENROLLING
