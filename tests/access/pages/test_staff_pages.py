"""A colleague's way in, and the manager's page of people."""

from uuid import uuid4

import pytest

from access.models import Invitation, User
from access.roles import Role
from access.services.confirming import newcomers
from access.states import State
from audit.models import Entry
from tests.access.pages.visitors import app_code, begin, grow_stale, invite_tom, text_of, wrong_code


@pytest.fixture
def begun(cast, client):
    return begin(client, invite_tom(cast))


def confirm_app(browser, user):
    answer = browser.post("/begin/second-factor/", {"code": app_code(user)})
    assert answer["Location"] == "/begin/recovery-code/"


def finish(browser, user):
    confirm_app(browser, user)
    groups = browser.post("/begin/recovery-code/").context["groups"]
    answer = browser.post("/begin/recovery-code/typed/", {"typed": " ".join(groups)})
    assert answer["Location"] == "/begin/waiting/"


def confirm(browser, user_id, fingerprint):
    return browser.post(f"/people/{user_id}/confirm/", {"fingerprint": fingerprint}, follow=True)


class TestSettingUp:
    def test_stops_at_a_wrong_code(self, client, begun):
        answer = client.post("/begin/second-factor/", {"code": wrong_code(begun)})
        assert "That code did not match." in text_of(answer)
        assert client.get("/")["Location"] == "/begin/second-factor/"

    def test_shows_no_codes_before_the_app(self, client, begun):
        answer = client.post("/begin/recovery-code/", follow=True)
        assert "Please set up your authenticator app first." in text_of(answer)
        assert not begun.backupcodes_set.exists()

    def test_shows_codes_only_on_a_press(self, client, begun):
        confirm_app(client, begun)
        client.get("/begin/recovery-code/")
        assert not begun.backupcodes_set.exists()
        answer = client.post("/begin/recovery-code/")
        assert len(answer.context["groups"]) == 9
        assert len(answer.context["backup"]) == 8

    def test_wants_the_code_that_was_shown_last(self, client, begun):
        confirm_app(client, begun)
        first = client.post("/begin/recovery-code/").context["groups"]
        client.post("/begin/recovery-code/")
        answer = client.post("/begin/recovery-code/typed/", {"typed": "-".join(first)})
        assert "That is not the code that was shown last." in text_of(answer)
        begun.refresh_from_db()
        assert begun.state == State.ENROLLING

    def test_ends_with_six_words_and_nothing_else(self, client, begun):
        finish(client, begun)
        assert len(client.get("/begin/waiting/").context["words"]) == 6
        assert client.get("/clients/").status_code == 403
        assert client.get("/")["Location"] == "/begin/waiting/"

    def test_leads_on_when_the_last_form_is_sent_twice(self, client, begun):
        finish(client, begun)
        assert client.post("/begin/recovery-code/typed/", {"typed": "again"})["Location"] == "/begin/waiting/"


class TestConfirmingAColleague:
    @pytest.fixture
    def words(self, client, begun):
        finish(client, begun)
        return client.get("/begin/waiting/").context["words"]

    @pytest.fixture
    def seen(self, cast, words):
        [newcomer] = newcomers(by=cast.manager.as_(Role.MANAGER))
        return newcomer.fingerprint.hex()

    def test_shows_the_manager_the_same_words(self, cast, signed_in, begun, words):
        answer = signed_in(cast.manager).get("/people/")
        assert "Tom Becker waits to be confirmed" in text_of(answer)
        assert " ".join(words) in text_of(answer)

    def test_opens_the_doors(self, cast, signed_in, client, begun, seen):
        answer = confirm(signed_in(cast.manager), begun.pk, seen)
        assert "Confirmed." in text_of(answer)
        assert client.get("/clients/").status_code == 200

    def test_gives_a_new_manager_the_contacts(self, cast, signed_in, client):
        user = begin(client, invite_tom(cast, Role.MANAGER))
        finish(client, user)
        [newcomer] = newcomers(by=cast.manager.as_(Role.MANAGER))
        confirm(signed_in(cast.manager), user.pk, newcomer.fingerprint.hex())
        names = [row.label for row in client.get("/clients/").context["listed"]]
        assert names == ["Noor Haddad", "Robin Marlowe"]

    @pytest.mark.parametrize("fingerprint", ["00" * 32, "", "not a hash"])
    def test_does_nothing_for_keys_that_were_not_on_the_page(self, cast, signed_in, begun, seen, fingerprint):
        answer = confirm(signed_in(cast.manager), begun.pk, fingerprint)
        assert "Nothing was confirmed." in text_of(answer)
        begun.refresh_from_db()
        assert begun.state == State.WAITING
        assert Entry.objects.filter(action="key:refused", outcome="denied").exists()

    def test_sent_twice_says_that_nobody_waits(self, cast, signed_in, begun, seen):
        manager = signed_in(cast.manager)
        confirm(manager, begun.pk, seen)
        assert "not waiting to be confirmed any more" in text_of(confirm(manager, begun.pk, seen))
        assert Entry.objects.filter(action="staff:confirmed", obj_id=begun.pk).count() == 1

    def test_wants_the_passphrase_fresh(self, cast, signed_in, begun, seen):
        manager = signed_in(cast.manager)
        grow_stale(cast.manager)
        assert manager.post(f"/people/{begun.pk}/confirm/", {"fingerprint": seen}).status_code == 423
        begun.refresh_from_db()
        assert begun.state == State.WAITING

    def test_is_not_for_therapists(self, cast, signed_in, begun, seen):
        assert signed_in(cast.dana).post(f"/people/{begun.pk}/confirm/", {"fingerprint": seen}).status_code == 403


class TestInvitingAColleague:
    @pytest.fixture
    def typed(self):
        return {"form": str(uuid4()), "name": "Tom Becker", "address": "tom@alder.example", "roles": ["therapist"]}

    def test_shows_link_and_code_once(self, cast, signed_in, typed):
        answer = signed_in(cast.manager).post("/people/invite/", typed)
        assert answer.context["link"].startswith("http")
        assert answer.context["code"] in text_of(answer)
        assert "No mail was sent" in text_of(answer) or "It was sent by e-mail" in text_of(answer)

    def test_asks_for_a_role_and_keeps_the_rest(self, cast, signed_in):
        people = User.objects.count()
        answer = signed_in(cast.manager).post("/people/invite/", {"name": "Tom", "address": "tom@alder.example"})
        assert "Please choose: Roles" in text_of(answer)
        assert 'value="tom@alder.example"' in answer.content.decode()
        assert User.objects.count() == people

    def test_sent_twice_is_made_once_and_leads_to_where_it_can_be_withdrawn(self, cast, signed_in, typed):
        manager = signed_in(cast.manager)
        manager.post("/people/invite/", typed)
        answer = manager.post("/people/invite/", typed, follow=True)
        assert "This invitation was made already. Its link and code were shown once" in text_of(answer)
        assert "Withdraw the invitation of Tom Becker" in text_of(answer)
        assert Invitation.objects.filter(display_name="Tom Becker").count() == 1
