import smtplib
from uuid import uuid4

import pytest
from django.core import mail
from django.utils import timezone

from access.models import Practice
from access.models.devices import MailedCodeDevice
from access.roles import Role
from access.services import mailing
from access.services.factors import mail_enrolment_code
from access.services.mailing import can_mail, invitation_link, mail_code, mail_invitation
from access.services.people import (
    all_staff,
    change_settings,
    find_staff,
    names_of_staff,
    roles_of,
    send_sign_in_code,
    staff_with,
)
from access.services.throttling import CODES_SENT, Throttled
from audit.acts import Act
from audit.models import Entry
from tests.access.newcomers import VISITOR, actor, begin, invite_guest


class TestTheStaff:
    def test_is_listed_by_name_and_role(self, cast):
        assert [user.display_name for user in staff_with(Role.THERAPIST)] == ["Dana Whitlock", "Samuel Okafor"]
        assert len(all_staff()) == 4
        assert find_staff(cast.dana.user.pk, role=Role.THERAPIST) == cast.dana.user
        assert find_staff(cast.dana.user.pk, role=Role.MANAGER) is None
        assert find_staff(cast.robin.person.user.pk, role=Role.THERAPIST) is None

    def test_has_names_in_the_clear(self, cast):
        assert names_of_staff({cast.dana.user.pk, uuid4()}) == {cast.dana.user.pk: "Dana Whitlock"}

    def test_acts_in_the_roles_it_holds(self, cast):
        assert roles_of(cast.dana.user) == {Role.THERAPIST}


class TestSettings:
    def test_that_change_are_named_in_the_log_without_their_values(self, cast):
        change_settings(by=cast.manager.as_(Role.MANAGER), changes={"phone": "555 0177"}, at=timezone.now())
        assert Practice.objects.get().phone == "555 0177"
        entry = Entry.objects.latest("pk")
        assert entry.action == Act.SETTING_CHANGED
        assert b"phone" in bytes(entry.body)
        assert b"555 0177" not in bytes(entry.body)


class TestASignInCode:
    @pytest.fixture(autouse=True)
    def mail_is_set_up(self, settings):
        settings.EMAIL_CONFIGURED = True

    @pytest.fixture
    def mailbox(self, cast):
        return MailedCodeDevice.objects.create(user=cast.robin.person.user, name="mailbox", confirmed=True)

    def ask(self, address, at=None):
        mail.outbox.clear()
        send_sign_in_code(by=VISITOR, address=address, at=at or timezone.now())
        return mail.outbox

    def test_goes_to_a_client_who_uses_the_mailbox(self, cast, mailbox):
        [sent] = self.ask(cast.robin.person.address.upper())
        assert sent.to == [cast.robin.person.address]
        mailbox.refresh_from_db()
        assert mailbox.verify_token(sent.body.split("your code is ")[1][:6])
        assert Entry.objects.latest("pk").action == Act.CODE_SENT

    def test_goes_to_nobody_else(self, cast, mailbox):
        for address in (cast.noor.person.address, cast.dana.address, "nobody@post.example"):
            assert self.ask(address) == []

    def test_is_sent_five_times_in_a_quarter_of_an_hour(self, cast, mailbox):
        at = timezone.now()
        for _ in range(CODES_SENT.tries):
            assert self.ask(cast.robin.person.address, at)
        with pytest.raises(Throttled):
            self.ask(cast.robin.person.address, at)
        assert self.ask(cast.robin.person.address, at + CODES_SENT.window)

    def test_is_refused_for_an_unknown_address_as_soon(self, db):
        at = timezone.now()
        for _ in range(CODES_SENT.tries):
            self.ask("nobody@post.example", at)
        with pytest.raises(Throttled):
            self.ask("nobody@post.example", at)

    def test_is_throttled_while_enrolling_too(self, cast):
        by, at = actor(begin(invite_guest(cast))), timezone.now()
        for _ in range(CODES_SENT.tries):
            mail_enrolment_code(by=by, at=at)
        with pytest.raises(Throttled):
            mail_enrolment_code(by=by, at=at)


class TestMail:
    def test_says_nothing_about_anybody(self, settings):
        settings.EMAIL_CONFIGURED = True
        mail.outbox.clear()
        assert mail_invitation("guest@post.example", "token")
        assert mail_code("guest@post.example", "123456")
        assert [sent.subject for sent in mail.outbox] == ["Your link", "Your code"]
        for sent in mail.outbox:
            whole = (sent.subject + sent.body).casefold()
            assert not [word for word in ("therap", "practice", "consent", "alder", "client") if word in whole]
        assert invitation_link("token") in mail.outbox[0].body

    def test_says_in_one_sentence_what_to_do(self, settings):
        settings.EMAIL_CONFIGURED = True
        mail.outbox.clear()
        mail_invitation("guest@post.example", "token")
        mail_code("guest@post.example", "123456")
        link, code = (" ".join(sent.body.split()) for sent in mail.outbox)
        assert "Open this link when you have a quiet moment, and type that code:" in link
        assert "Type it on the page where you asked for it." in code

    def test_is_not_sent_where_none_is_set_up(self):
        mail.outbox.clear()
        assert not can_mail()
        assert not mail_code("guest@post.example", "123456")
        assert mail.outbox == []

    @pytest.mark.parametrize("failure", [smtplib.SMTPServerDisconnected, OSError])
    def test_that_fails_stops_nobody(self, settings, monkeypatch, failure):
        settings.EMAIL_CONFIGURED = True

        def fails(*_):
            raise failure

        monkeypatch.setattr(mailing, "send_mail", fails)
        assert not mail_invitation("guest@post.example", "token")
