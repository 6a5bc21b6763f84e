"""The page where a manager sets how the practice works."""

import pytest
from django.utils import timezone

from access.roles import Role
from access.services.people import change_settings, the_practice
from audit.models import Entry
from clients.services.contacts import Contact
from clients.services.inviting import MayNotInvite, NewClient, invite_client

ADDRESS = "/people/settings/"
TYPED = {
    "phone": "555 0100",
    "emergency_number": "112",
    "crisis_line": "116 123, day and night",
    "keep_years": "10",
    "elsewhere_days": "60",
}


class TestSetPractice:
    def test_takes_inviting_away_from_therapists(self, cast, signed_in):
        answer = signed_in(cast.manager).post(ADDRESS, TYPED)
        assert answer.status_code == 302
        new = NewClient(Contact("Ada", "ada@post.example"), cast.dana.user.pk)
        with pytest.raises(MayNotInvite):
            invite_client(by=cast.dana.as_(Role.THERAPIST), new=new, at=timezone.now())

    def test_names_the_changed_fields_in_the_log_and_no_value(self, cast, signed_in):
        signed_in(cast.manager).post(ADDRESS, {**TYPED, "therapists_invite": "on"})
        body = bytes(Entry.objects.filter(action="setting:changed").latest("pk").body)
        assert b'"crisis_line","emergency_number","phone"' in body
        assert b"116 123" not in body

    def test_keeps_what_was_typed_beside_a_plain_message(self, cast, signed_in):
        answer = signed_in(cast.manager).post(ADDRESS, {**TYPED, "emergency_number": ""})
        text = answer.content.decode()
        assert "Please fill in “Emergency number”." in text
        assert "116 123, day and night" in text
        assert the_practice().emergency_number == "911"

    @pytest.mark.parametrize("field", ["phone", "emergency_number"])
    def test_takes_only_what_can_be_called(self, cast, signed_in, field):
        answer = signed_in(cast.manager).post(ADDRESS, {**TYPED, field: "call the moon"})
        assert "Please type a phone number, such as +1 555 0100." in answer.content.decode()
        assert the_practice().phone == ""

    def test_leaves_no_entry_when_nothing_changed(self, cast, signed_in):
        practice = the_practice()
        same = {name: getattr(practice, name) for name in TYPED} | {"therapists_invite": "on"}
        signed_in(cast.manager).post(ADDRESS, same)
        assert not Entry.objects.filter(action="setting:changed").exists()

    @pytest.mark.parametrize("who", ["dana", "auditor"])
    def test_is_the_managers_alone(self, cast, signed_in, who):
        assert signed_in(getattr(cast, who)).post(ADDRESS, TYPED).status_code == 403
        assert the_practice().emergency_number == "911"


class TestChangeSettings:
    @pytest.mark.parametrize("fact", ["demo", "name", "founded_at", "id"])
    def test_refuses_what_is_fixed(self, cast, fact):
        with pytest.raises(ValueError, match="not a setting"):
            change_settings(by=cast.manager.as_(Role.MANAGER), changes={fact: True}, at=timezone.now())
