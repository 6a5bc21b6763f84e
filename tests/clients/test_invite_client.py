"""Inviting a client, and renewing an invitation nobody has used."""

from uuid import uuid4

import pytest

from access.models import Invitation, Practice, User
from audit.models import Entry
from clients.models import Care, Client
from tests.access.pages.visitors import app_code, begin, invite_ines, text_of


@pytest.fixture
def filled_in(cast):
    therapist = str(cast.dana.user.pk)
    return {"form": str(uuid4()), "name": "Ines Moreau", "address": "ines@post.example", "therapist": therapist}


@pytest.fixture
def counted(cast):
    """Everything an invitation makes, to be counted again."""

    def count():
        return [model.objects.count() for model in (Client, Care, Invitation, User)]

    return count


class TestInviteClient:
    def test_shows_link_and_code_once(self, cast, signed_in, filled_in):
        answer = signed_in(cast.manager).post("/clients/invite/", filled_in)
        assert "Invitation for Ines Moreau" in text_of(answer)
        assert answer.context["code"] in text_of(answer)
        assert answer.context["link"] in answer.content.decode()

    def test_says_that_nothing_was_mailed_where_mail_is_not_set_up(self, cast, signed_in, filled_in):
        answer = signed_in(cast.manager).post("/clients/invite/", filled_in)
        assert "this practice has no mail server set up" in text_of(answer)

    def test_mails_the_link_and_never_the_code(self, cast, signed_in, filled_in, settings, mailoutbox):
        settings.EMAIL_CONFIGURED = True
        answer = signed_in(cast.manager).post("/clients/invite/", filled_in)
        assert "It was sent by e-mail" in text_of(answer)
        [message] = mailoutbox
        assert answer.context["link"] in message.body
        assert answer.context["code"] not in message.body

    def test_gives_the_very_same_answer_for_an_address_that_has_an_account(self, cast, signed_in, filled_in):
        manager = signed_in(cast.manager)
        new = manager.post("/clients/invite/", filled_in)
        known = manager.post("/clients/invite/", {**filled_in, "form": str(uuid4()), "address": "robin@post.example"})
        secrets = ("link", "code")
        words = []
        for answer in (new, known):
            page = answer.content.decode()
            for name in secrets:
                page = page.replace(str(answer.context[name]), name)
            words.append(page.replace(answer.context["qr"].path, "").replace(str(answer.context["client_id"]), "id"))
        assert len(set(map(_without_tokens, words))) == 1

    def test_made_by_a_form_that_is_sent_twice_is_made_once(self, cast, signed_in, filled_in, counted):
        manager = signed_in(cast.manager)
        manager.post("/clients/invite/", filled_in)
        before = counted()
        answer = manager.post("/clients/invite/", filled_in, follow=True)
        assert "This invitation was made already." in text_of(answer)
        assert "Make a new link and code" in text_of(answer)
        assert "Ines Moreau" in text_of(answer)
        assert counted() == before

    def test_is_nobody_elses_form_to_send(self, cast, signed_in, filled_in, counted):
        signed_in(cast.manager).post("/clients/invite/", filled_in)
        before = counted()
        answer = signed_in(cast.dana).post("/clients/invite/", filled_in)
        assert "Invitation for Ines Moreau" in text_of(answer)
        assert counted() == [count + more for count, more in zip(before, (1, 1, 1, 0), strict=True)]

    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            ({"name": ""}, "Please fill in “Name”."),
            ({"address": "ines"}, "Please type a whole e-mail address"),
            ({"therapist": str(uuid4())}, "one of the answers that are offered"),
            ({"name": "Ines\u202exuaeroM"}, "without hidden characters"),
        ],
    )
    def test_keeps_what_was_typed_and_makes_nothing(self, cast, signed_in, filled_in, counted, wrong, words):
        before = counted()
        answer = signed_in(cast.manager).post("/clients/invite/", {**filled_in, **wrong, "phone": "555 0188"})
        assert words in text_of(answer)
        assert 'value="555 0188"' in answer.content.decode()
        assert counted() == before

    def test_is_not_for_auditors_and_clients(self, cast, signed_in, filled_in, counted):
        before = counted()
        for person in (cast.auditor, cast.robin.person):
            assert signed_in(person).post("/clients/invite/", filled_in).status_code == 403
        assert counted() == before


class TestATherapistInvites:
    def test_into_their_own_care(self, cast, signed_in, filled_in):
        answer = signed_in(cast.dana).post("/clients/invite/", filled_in)
        assert "Invitation for Ines Moreau" in text_of(answer)

    def test_into_nobody_elses(self, cast, signed_in, filled_in, counted):
        before = counted()
        answer = signed_in(cast.sam).post("/clients/invite/", filled_in)
        assert "one of the answers that are offered" in text_of(answer)
        assert counted() == before

    def test_not_where_the_setting_leaves_it_to_managers(self, cast, signed_in, filled_in, counted):
        Practice.objects.update(therapists_invite=False)
        before, dana = counted(), signed_in(cast.dana)
        assert "managers invite clients" in text_of(dana.get("/clients/invite/"))
        assert "Invite a client" not in text_of(dana.get("/clients/"))
        assert "managers invite clients" in text_of(dana.post("/clients/invite/", filled_in))
        assert counted() == before
        assert Entry.objects.filter(action="access:refused", actor_id=f"u_{cast.dana.user.pk}").exists()


class TestRenewInvitation:
    def test_ends_the_link_before(self, cast, signed_in, client):
        record, letter = invite_ines(cast)
        answer = signed_in(cast.manager).post(f"/clients/{record.pk}/invitation/", {"form": str(uuid4())})
        assert client.get(f"/welcome/{letter.token}/").status_code == 410
        token = answer.context["link"].rstrip("/").rpartition("/")[2]
        code = answer.context["code"]
        assert "Choose your passphrase" in text_of(client.post(f"/welcome/{token}/", {"code": code}))

    def test_throws_away_what_was_begun_on_it(self, cast, signed_in, client):
        record, letter = invite_ines(cast)
        user = begin(client, letter)
        signed_in(cast.manager).post(f"/clients/{record.pk}/invitation/", {"form": str(uuid4())})
        assert not User.objects.filter(pk=user.pk).exists()
        assert client.get("/begin/your-second-factor/")["Location"].startswith("/sign-in/")

    def test_is_refused_once_there_is_an_account(self, cast, signed_in):
        made = Invitation.objects.count()
        answer = signed_in(cast.manager).post(
            f"/clients/{cast.robin.client_id}/invitation/", {"form": str(uuid4())}, follow=True
        )
        assert "has set up their account already" in text_of(answer)
        assert Invitation.objects.count() == made

    def test_is_offered_after_five_wrong_codes(self, cast, signed_in):
        record, letter = invite_ines(cast)
        Invitation.objects.filter(pk=letter.invitation).update(tries=5)
        assert "No invitation works now" in text_of(signed_in(cast.manager).get(f"/clients/{record.pk}/"))


class TestJoinRecord:
    @pytest.fixture
    def second(self, cast):
        """Robin is invited once more, by the same address."""
        return invite_ines(cast, "robin@post.example")

    def test_adds_the_record_to_the_account_there_is(self, cast, signed_in, second):
        record, letter = second
        link = f"https://practice.example/welcome/{letter.token}/"
        answer = signed_in(cast.robin.person).post("/my/invitation/", {"link": link, "code": letter.code})
        assert answer["Location"] == "/my/"
        record.refresh_from_db()
        assert record.user == cast.robin.person.user

    def test_is_refused_to_somebody_else(self, cast, signed_in, second):
        record, letter = second
        answer = signed_in(cast.noor.person).post("/my/invitation/", {"link": letter.token, "code": letter.code})
        assert "Please open your invitation link again." in text_of(answer)
        record.refresh_from_db()
        assert record.user is None
        assert Invitation.objects.get(pk=letter.invitation).used_at is None

    def test_counts_wrong_codes(self, cast, signed_in, second):
        _, letter = second
        robin = signed_in(cast.robin.person)
        for _ in range(5):
            assert "not the code" in text_of(robin.post("/my/invitation/", {"link": letter.token, "code": "222222"}))
        answer = robin.post("/my/invitation/", {"link": letter.token, "code": letter.code})
        assert "This link no longer works." in text_of(answer)


def test_a_new_client_of_a_therapist_finds_the_way_to_the_first_page(cast, signed_in, client, filled_in):
    answer = signed_in(cast.dana).post("/clients/invite/", filled_in)
    invitation = Invitation.objects.get(subject=answer.context["client_id"])
    token, code = answer.context["link"].rstrip("/").rpartition("/")[2], answer.context["code"]
    words = {"code": code, "passphrase": "seven quiet herons", "again": "seven quiet herons"}
    client.post(f"/welcome/{token}/passphrase/", words)
    user = User.objects.get(pk=invitation.holder)
    assert client.post("/begin/your-second-factor/", {"code": app_code(user)})["Location"] == "/my/"
    assert "This is your own page." in text_of(client.get("/my/"))


def _without_tokens(page: str) -> str:
    """Leave out what differs from page to page: form tokens and the code a client is known by."""
    lines = page.splitlines()
    return "\n".join(line for line in lines if "csrfmiddlewaretoken" not in line)
