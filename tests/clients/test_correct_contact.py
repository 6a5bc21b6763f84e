"""Putting right what was mistyped about a client, and where their invitation goes."""

from uuid import uuid4

import pytest
from django.utils import timezone

from access.models import Invitation, Practice, User
from access.roles import Role
from access.services.addresses import look_up, open_address
from audit.models import Entry
from clients.models import Client
from clients.services.contacts import Contact
from clients.services.correcting import ContactChanged, Correction, correct_contact, know_contact, renew_invitation
from clients.services.inviting import NewClient, invite_client
from keys.errors import SealBroken
from keys.models import Grant
from keys.services import key_id_of_holder
from tests.access.pages.visitors import begin, invite_ines, text_of

OLD, NEW = "ines@post.example", "inez@post.example"


@pytest.fixture
def ines(cast):
    """Invited under a mistyped address: the client's row, and the letter."""
    return invite_ines(cast, OLD)


@pytest.fixture
def page(ines):
    return f"/clients/{ines[0].pk}/contact/"


def filled_in(browser, page, **typed):
    """Fill in the form as its page drew it."""
    form = browser.get(page).context["form"]
    drawn = {name: form[name].value() for name in form.fields}
    return {**drawn, **typed}


def correct(browser, page, **typed):
    return browser.post(page, filled_in(browser, page, **typed), follow=True)


def rows_of(client):
    return Invitation.objects.filter(subject=client.pk).order_by("made_at")


class TestAnotherAddress:
    def test_makes_a_new_link_and_code_and_ends_the_old_ones(self, cast, signed_in, client, ines, page):
        _, letter = ines
        answer = correct(signed_in(cast.manager), page, address=NEW)
        assert "Invitation for Ines Moreau" in text_of(answer)
        assert client.get(f"/welcome/{letter.token}/").status_code == 410
        token, code = answer.context["link"].rstrip("/").rpartition("/")[2], answer.context["code"]
        assert code != letter.code
        assert "not the code" in text_of(client.post(f"/welcome/{token}/", {"code": letter.code}))
        assert "Choose your passphrase" in text_of(client.post(f"/welcome/{token}/", {"code": code}))

    def test_mails_the_new_one_alone(self, cast, signed_in, page, settings, mailoutbox):
        settings.EMAIL_CONFIGURED = True
        answer = correct(signed_in(cast.manager), page, address=NEW)
        [message] = mailoutbox
        assert message.to == [NEW]
        assert answer.context["code"] not in message.body

    def test_leaves_the_old_one_readable_nowhere(self, cast, signed_in, client, ines, page):
        record, letter = ines
        begin(client, letter)
        correct(signed_in(cast.manager), page, address=NEW)
        before, after = rows_of(record)
        assert (bytes(before.sealed_email), bytes(before.sealed_invitation)) == (b"", b"")
        assert open_address(after.sealed_email, row=after.pk) == NEW
        assert not User.objects.filter(email_lookup=look_up(OLD)).exists()
        assert OLD not in text_of(signed_in(cast.manager).get(f"/clients/{record.pk}/"))
        assert not [row.pk for row in Entry.objects.all() if OLD.encode() in bytes(row.body)]

    def test_ends_what_was_begun_on_the_old_link(self, cast, signed_in, client, ines, page):
        user = begin(client, ines[1])
        correct(signed_in(cast.manager), page, address=NEW)
        assert not User.objects.filter(pk=user.pk).exists()
        assert client.get("/begin/your-second-factor/")["Location"].startswith("/sign-in/")

    def test_is_one_entry_for_each_thing_that_happened_and_names_no_value(self, cast, signed_in, ines, page):
        record, _ = ines
        about = Entry.objects.filter(obj_id=record.pk)
        before = set(about.values_list("pk", flat=True))
        correct(signed_in(cast.manager), page, address=NEW, phone="555 0199")
        entries = list(about.exclude(pk__in=before).order_by("pk"))
        acts = [row.action for row in entries if row.action != "client:read"]
        assert acts == ["client:changed", "invitation:withdrawn", "client:invited"]
        [changed] = [bytes(row.body) for row in entries if row.action == "client:changed"]
        assert b'"fields":["address","phone"]' in changed
        assert not [row for row in entries if b"0199" in bytes(row.body) or NEW.encode() in bytes(row.body)]

    def test_of_a_lapsed_invitation_sends_nothing_and_forgets_it(self, cast, signed_in, ines, page):
        record, _ = ines
        rows_of(record).update(expires_at=timezone.now())
        answer = correct(signed_in(cast.manager), page, address=NEW)
        assert "The contact is saved." in text_of(answer)
        assert "No invitation works now" in text_of(answer)
        [row] = rows_of(record)
        assert (row.withdrawn_at is None, bytes(row.sealed_email)) == (False, b"")

    def test_of_a_client_with_an_account_leaves_their_sign_in_alone(self, cast, signed_in):
        path, user = f"/clients/{cast.robin.client_id}/contact/", cast.robin.person.user
        assert "is theirs, and stays as it is" in text_of(signed_in(cast.manager).get(path))
        answer = correct(signed_in(cast.manager), path, address="robin@elsewhere.example")
        assert "robin@elsewhere.example" in text_of(answer)
        assert User.objects.get(pk=user.pk).email_lookup == look_up(cast.robin.person.address)
        assert not Invitation.objects.unused().filter(subject=cast.robin.client_id).exists()


class TestNameAndPhone:
    def test_leave_the_link_that_was_sent_as_it_is(self, cast, signed_in, client, ines, page):
        record, letter = ines
        answer = correct(signed_in(cast.manager), page, name="Inés Moreau", phone="")
        assert "Inés Moreau" in text_of(answer)
        assert "not given" in text_of(answer)
        assert client.get(f"/welcome/{letter.token}/").status_code == 200
        assert rows_of(record).count() == 1

    def test_that_stayed_the_same_are_no_change(self, cast, signed_in, ines, page):
        sealed = bytes(ines[0].sealed_contact)
        correct(signed_in(cast.manager), page)
        assert bytes(Client.objects.get(pk=ines[0].pk).sealed_contact) == sealed
        assert not Entry.objects.filter(action="client:changed").exists()

    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            ({"name": " "}, "Please fill in “Name”."),
            ({"name": "Ines\u200fMoreau"}, "without hidden characters"),
            ({"address": "ines"}, "a whole e-mail address"),
        ],
    )
    def test_are_checked_and_kept(self, cast, signed_in, ines, page, wrong, words):
        answer = correct(signed_in(cast.manager), page, **{"phone": "555 0123", **wrong})
        assert words in text_of(answer)
        assert 'value="555 0123"' in answer.content.decode()
        assert not Entry.objects.filter(action="client:changed").exists()


class TestAFormSentTwice:
    def test_keeps_the_first_link(self, cast, signed_in, client, ines, page):
        manager = signed_in(cast.manager)
        typed = filled_in(manager, page, address=NEW)
        token = manager.post(page, typed).context["link"].rstrip("/").rpartition("/")[2]
        answer = manager.post(page, typed, follow=True)
        assert "changed a moment ago" in text_of(answer)
        assert "Make a new link and code" in text_of(answer)
        assert client.get(f"/welcome/{token}/").status_code == 200
        assert rows_of(ines[0]).count() == 2

    def test_of_two_colleagues_takes_the_first_and_tells_the_second(self, cast, signed_in, ines, page):
        manager, dana = signed_in(cast.manager), signed_in(cast.dana)
        late = filled_in(dana, page, phone="555 0100")
        correct(manager, page, phone="555 0177")
        assert "by you or a colleague" in text_of(dana.post(page, late, follow=True))
        assert "555 0177" in text_of(manager.get(f"/clients/{ines[0].pk}/"))

    def test_for_a_renewal_makes_one(self, cast, signed_in, client, ines):
        manager, path = signed_in(cast.manager), f"/clients/{ines[0].pk}/invitation/"
        typed = {"form": str(uuid4())}
        token = manager.post(path, typed).context["link"].rstrip("/").rpartition("/")[2]
        answer = manager.post(path, typed, follow=True)
        assert "Its link and code were shown once" in text_of(answer)
        assert client.get(f"/welcome/{token}/").status_code == 200
        assert rows_of(ines[0]).count() == 2

    def test_for_a_renewal_without_its_own_number_does_nothing(self, cast, signed_in, client, ines):
        signed_in(cast.manager).post(f"/clients/{ines[0].pk}/invitation/", {"form": "x"})
        assert client.get(f"/welcome/{ines[1].token}/").status_code == 200


class TestSomebodyFaster:
    """What was opened before the transaction is looked at again inside it."""

    @pytest.fixture
    def by(self, cast):
        return cast.manager.as_(Role.MANAGER)

    @pytest.fixture
    def stale(self, by, ines):
        """The contact as it was before somebody else corrected it."""
        now = timezone.now()
        stale = know_contact(by=by, client=ines[0], at=now)
        correction = Correction(Contact("Ines Moreau", NEW), stale.state, uuid4())
        correct_contact(by=by, known=stale, correction=correction, at=now)
        return stale

    def test_cannot_be_overwritten_unseen(self, by, ines, stale):
        newest = know_contact(by=by, client=Client.objects.get(pk=ines[0].pk), at=timezone.now())
        for known, seen in ((stale, stale.state), (stale, newest.state), (newest, stale.state)):
            correction = Correction(Contact("Ines Moreau", OLD), seen, uuid4())
            with pytest.raises(ContactChanged):
                correct_contact(by=by, known=known, correction=correction, at=timezone.now())
        assert rows_of(ines[0]).count() == 2

    def test_keeps_a_renewal_from_writing_to_the_old_address(self, by, ines, stale):
        with pytest.raises(ContactChanged):
            renew_invitation(by=by, known=stale, form=uuid4(), at=timezone.now())
        assert rows_of(ines[0]).count() == 2


class TestWhoMay:
    def test_is_the_care_team_too(self, cast, signed_in, page):
        assert "Invitation for" in text_of(correct(signed_in(cast.dana), page, address=NEW))

    def test_is_nobody_without_this_client(self, cast, signed_in, page, ines):
        sam = signed_in(cast.sam)
        for path in (page, f"/clients/{uuid4()}/contact/"):
            assert sam.get(path).status_code == 404
            assert sam.post(path, {"name": "x", "address": NEW}).status_code == 404
        assert rows_of(ines[0]).count() == 1

    def test_is_managers_alone_where_the_setting_says_so(self, cast, signed_in, client, page, ines):
        Practice.objects.update(therapists_invite=False)
        dana, home = signed_in(cast.dana), f"/clients/{ines[0].pk}/"
        assert "managers invite clients" in text_of(dana.get(page, follow=True))
        for path in (f"{home}invitation/", f"{home}invitation/withdraw/"):
            assert "managers invite clients" in text_of(dana.post(path, {"form": str(uuid4())}, follow=True))
        words = text_of(dana.get(home))
        for offered in ("Correct name", "Make a new link", "Withdraw"):
            assert offered not in words
        assert client.get(f"/welcome/{ines[1].token}/").status_code == 200

    def test_is_nobody_without_the_key(self, cast, signed_in, page, ines):
        Grant.objects.filter(vault__subject=ines[0].pk, grantee=key_id_of_holder(cast.manager.user.pk)).delete()
        answer = signed_in(cast.manager).get(page)
        assert answer.status_code == 403
        assert OLD not in answer.content.decode()

    def test_leaves_a_look_in_the_log_before_it_opens(self, cast, signed_in, page, ines):
        looks = Entry.objects.filter(action="client:read", obj_id=ines[0].pk)
        before = looks.count()
        signed_in(cast.manager).get(page)
        assert looks.count() == before + 1


class TestAWriterOfTheDatabase:
    def test_cannot_show_one_clients_contact_as_anothers(self, cast, ines):
        other = NewClient(Contact("Ada Quist", "ada@post.example"), cast.dana.user.pk)
        by = cast.manager.as_(Role.MANAGER)
        ada, _ = invite_client(by=by, new=other, at=timezone.now())
        Client.objects.filter(pk=ines[0].pk).update(sealed_contact=ada.sealed_contact)
        with pytest.raises(SealBroken):
            know_contact(by=by, client=Client.objects.get(pk=ines[0].pk), at=timezone.now())

    def test_cannot_change_a_letter_of_it(self, cast, signed_in, page, ines):
        blob = bytearray(ines[0].sealed_contact)
        blob[-1] ^= 1
        Client.objects.filter(pk=ines[0].pk).update(sealed_contact=bytes(blob))
        answer = signed_in(cast.manager).get(page)
        assert answer.status_code == 500
        assert OLD not in answer.content.decode()
