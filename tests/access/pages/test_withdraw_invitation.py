"""Taking back the invitation of a colleague to be."""

import pytest
from django.utils import timezone

from access.models import Invitation, User
from access.states import State
from audit.models import Entry
from keys.models import Identity
from tests.access.newcomers import enrol
from tests.access.pages.visitors import begin, invite_ines, invite_tom, text_of


class TestWithdrawingAColleaguesInvitation:
    @pytest.fixture
    def tom(self, cast):
        letter = invite_tom(cast)
        return letter, Invitation.objects.get(pk=letter.invitation)

    def withdraw(self, browser, row):
        return browser.post(f"/people/{row.holder}/invitation/withdraw/", follow=True)

    def test_ends_the_link_and_forgets_name_and_address(self, cast, signed_in, client, tom):
        letter, row = tom
        answer = self.withdraw(signed_in(cast.manager), row)
        assert "Withdrawn." in text_of(answer)
        assert "Tom Becker" not in text_of(answer)
        assert client.get(f"/welcome/{letter.token}/").status_code == 410
        row.refresh_from_db()
        assert (bytes(row.sealed_email), bytes(row.sealed_invitation), row.display_name) == (b"", b"", "")
        assert Entry.objects.filter(action="invitation:withdrawn", obj_id=row.pk).count() == 1

    def test_throws_away_what_was_begun_on_it(self, cast, signed_in, client, tom):
        letter, row = tom
        user = begin(client, letter)
        self.withdraw(signed_in(cast.manager), row)
        assert not User.objects.filter(pk=user.pk).exists()
        assert not Identity.objects.filter(holder=user.pk).exists()
        assert client.get("/begin/second-factor/").status_code == 302

    def test_is_refused_once_the_account_is_set_up(self, cast, signed_in, client):
        letter = invite_tom(cast)
        user = enrol(letter).user
        row = Invitation.objects.get(pk=letter.invitation)
        answer = self.withdraw(signed_in(cast.manager), row)
        assert "no open invitation any more" in text_of(answer)
        assert User.objects.get(pk=user.pk).state == State.WAITING
        row.refresh_from_db()
        assert row.withdrawn_at is None

    def test_does_not_reach_a_clients(self, cast, signed_in, client):
        _, letter = invite_ines(cast)
        row = Invitation.objects.get(pk=letter.invitation)
        assert "no open invitation any more" in text_of(self.withdraw(signed_in(cast.manager), row))
        assert client.get(f"/welcome/{letter.token}/").status_code == 200

    def test_is_not_for_therapists(self, cast, signed_in, client, tom):
        letter, row = tom
        assert self.withdraw(signed_in(cast.dana), row).status_code == 403
        assert client.get(f"/welcome/{letter.token}/").status_code == 200

    def test_is_offered_for_a_lapsed_one_too(self, cast, signed_in, tom):
        _, row = tom
        Invitation.objects.filter(pk=row.pk).update(expires_at=timezone.now())
        manager = signed_in(cast.manager)
        assert "Tom Becker (therapist), no longer works" in text_of(manager.get("/people/"))
        assert "Tom Becker" not in text_of(self.withdraw(manager, row))
