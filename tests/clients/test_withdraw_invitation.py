"""An invitation that is withdrawn: link and code open nothing, and no page says that the client is invited."""

from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from access.models import Invitation, User
from access.roles import Role
from audit.models import Entry
from clients.models import Client
from clients.services.correcting import withdraw_invitation
from tests.access.pages.visitors import begin, invite_ines, text_of


@pytest.fixture
def ines(cast):
    """Invited, and not come yet: the client's row, and the letter."""
    return invite_ines(cast)


class TestWithoutAnInvitation:
    def test_no_page_says_that_the_client_is_invited(self, cast, signed_in, ines):
        dana, today = signed_in(cast.dana), reverse("notes:today")
        withdraw_invitation(by=cast.dana.as_(Role.THERAPIST), client=ines[0], at=timezone.now())
        for path in (today, f"/clients/{ines[0].pk}/notes/", f"/clients/{ines[0].pk}/", "/clients/"):
            assert "invited" not in text_of(dana.get(path)).casefold(), path
        assert "No account yet" in text_of(dana.get(today))


class TestWithdrawInvitation:
    def withdraw(self, browser, record):
        return browser.post(f"/clients/{record.pk}/invitation/withdraw/", follow=True)

    def test_ends_link_and_code_and_what_was_begun(self, cast, signed_in, client, ines):
        record, letter = ines
        user = begin(client, letter)
        answer = self.withdraw(signed_in(cast.dana), record)
        assert "Withdrawn. The link and the code open nothing any more." in text_of(answer)
        assert "No invitation works now" in text_of(answer)
        assert client.get(f"/welcome/{letter.token}/").status_code == 410
        assert not User.objects.filter(pk=user.pk).exists()
        row = Invitation.objects.get(subject=record.pk)
        assert (bytes(row.sealed_email), bytes(row.sealed_invitation)) == (b"", b"")

    def test_shows_in_the_list(self, cast, signed_in, ines):
        manager = signed_in(cast.manager)
        self.withdraw(manager, ines[0])
        assert "no open invitation" in text_of(manager.get("/clients/"))

    def test_twice_says_so_and_is_one_entry(self, cast, signed_in, ines):
        manager = signed_in(cast.manager)
        self.withdraw(manager, ines[0])
        assert "no open invitation any more" in text_of(self.withdraw(manager, ines[0]))
        assert Entry.objects.filter(action="invitation:withdrawn", outcome="ok").count() == 1

    def test_can_be_followed_by_a_new_one(self, cast, signed_in, client, ines):
        manager = signed_in(cast.manager)
        self.withdraw(manager, ines[0])
        answer = manager.post(f"/clients/{ines[0].pk}/invitation/", {"form": str(uuid4())})
        token = answer.context["link"].rstrip("/").rpartition("/")[2]
        assert client.get(f"/welcome/{token}/").status_code == 200

    def test_is_refused_once_there_is_an_account(self, cast, signed_in):
        robin = Client.objects.get(pk=cast.robin.client_id)
        assert "set up their account already" in text_of(self.withdraw(signed_in(cast.manager), robin))
        assert signed_in(cast.robin.person).get("/my/").status_code == 200

    def test_takes_a_form_only(self, cast, signed_in, client, ines):
        assert signed_in(cast.manager).get(f"/clients/{ines[0].pk}/invitation/withdraw/").status_code == 405
        assert client.get(f"/welcome/{ines[1].token}/").status_code == 200
