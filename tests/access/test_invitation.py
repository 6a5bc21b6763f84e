import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from access.models import Invitation, User
from access.roles import Role
from access.services import inviting
from access.services.inviting import (
    TRIES,
    InvitationGone,
    WrongCode,
    consume_invitation,
    find_invitation,
    holder_of_address,
    open_with_code,
)
from audit.acts import Act
from audit.models import Entry
from keys.errors import WrongPassphrase
from keys.services import Token
from tests.access.newcomers import VISITOR, begin, invite


def argon2_is_reached(secret, parameters):
    raise AssertionError("derived")


def try_it(letter, code=None, at=None):
    return open_with_code(by=VISITOR, token=letter.token, code=code or letter.code, at=at or timezone.now())


@pytest.fixture
def letter(cast):
    return invite(cast)


class TestAnInvitation:
    def test_opens_with_link_and_code(self, cast, letter):
        row, invited = try_it(letter)
        assert (invited.root_id, invited.holder) == (cast.manager.keys.root_id, row.holder)

    def test_holds_neither_link_nor_code_in_its_row(self, letter):
        row = Invitation.objects.get(pk=letter.invitation)
        raw = Token.from_text(letter.token).raw
        kept = bytes(row.lookup) + bytes(row.sealed_invitation) + bytes(row.sealed_email)
        assert raw not in kept
        assert letter.code.encode() not in kept
        assert b"ines@" not in kept

    def test_is_found_by_its_link_alone_and_nothing_else(self, letter):
        assert find_invitation(token=letter.token, at=timezone.now()).pk == letter.invitation
        for token in (Token.fresh().text, "short", ""):
            with pytest.raises(InvitationGone):
                find_invitation(token=token, at=timezone.now())

    @pytest.mark.parametrize("column", ["used_at", "withdrawn_at"])
    def test_is_gone_once_used_or_withdrawn(self, letter, column):
        Invitation.objects.filter(pk=letter.invitation).update(**{column: timezone.now()})
        with pytest.raises(InvitationGone):
            try_it(letter)

    def test_is_gone_after_seven_days(self, letter):
        with pytest.raises(InvitationGone):
            try_it(letter, at=timezone.now() + timedelta(days=7, seconds=1))

    def test_gives_the_same_answer_for_every_way_of_being_gone(self, letter):
        said = set()
        Invitation.objects.filter(pk=letter.invitation).update(tries=TRIES)
        for token in (letter.token, Token.fresh().text):
            with pytest.raises(InvitationGone) as caught:
                find_invitation(token=token, at=timezone.now())
            said.add(str(caught.value))
        assert len(said) == 1


class TestAWrongCode:
    def test_is_one_entry_in_the_log(self, letter):
        for attempt in (lambda: try_it(letter, "AAAAAA"), lambda: begin(letter, code="AAAAAA")):
            before = Entry.objects.filter(action=Act.INVITATION_REFUSED).count()
            with pytest.raises(WrongCode):
                attempt()
            assert Entry.objects.filter(action=Act.INVITATION_REFUSED).count() == before + 1

    def test_counts_before_anything_is_derived(self, letter, settings):
        settings.KEYS_DERIVE = "tests.access.test_invitation.argon2_is_reached"
        with pytest.raises(AssertionError, match="derived"):
            try_it(letter)
        assert Invitation.objects.get(pk=letter.invitation).tries == 1

    def test_ends_the_invitation_after_five(self, letter, settings):
        for _ in range(TRIES):
            with pytest.raises(WrongCode):
                try_it(letter, "AAAAAA")
        settings.KEYS_DERIVE = "tests.access.test_invitation.argon2_is_reached"
        with pytest.raises(InvitationGone):
            try_it(letter)

    def test_is_forgiven_after_the_right_one(self, letter):
        with pytest.raises(WrongCode):
            try_it(letter, "AAAAAA")
        try_it(letter)
        assert Invitation.objects.get(pk=letter.invitation).tries == 0

    def test_cannot_slip_in_between_look_up_and_count(self, letter, monkeypatch, settings):
        found = Invitation.objects.get(pk=letter.invitation)
        Invitation.objects.filter(pk=letter.invitation).update(tries=TRIES)
        monkeypatch.setattr(inviting, "find_invitation", lambda **_: found)
        settings.KEYS_DERIVE = "tests.access.test_invitation.argon2_is_reached"
        with pytest.raises(InvitationGone):
            try_it(letter)


class TestParallelTries:
    @pytest.fixture
    def row(self, committed):
        user = User.objects.create(email_lookup=uuid4().bytes, sealed_email=b"", is_staff_member=True, state="active")
        now, token = timezone.now(), Token.fresh()
        row = Invitation.objects.create(
            lookup=token.lookup, sealed_invitation=b"", sealed_email=b"", holder=uuid4(), made_by=user, made_at=now,
            expires_at=now + timedelta(days=7),
        )  # fmt: skip
        row.token = token.text
        yield row
        row.delete()
        user.delete()

    def test_are_five_however_many_come_at_once(self, row, monkeypatch):
        opened = []

        def never_opens(blob, **_):
            opened.append(1)
            raise WrongPassphrase

        monkeypatch.setattr(inviting, "open_invitation", never_opens)
        start = threading.Barrier(12)

        def guess():
            start.wait()
            try:
                inviting.try_code(token=row.token, code="AAAAAA", at=timezone.now())
            except (WrongCode, InvitationGone):
                pass
            finally:
                connection.close()

        threads = [threading.Thread(target=guess) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(opened) == TRIES
        assert Invitation.objects.get(pk=row.pk).tries == TRIES


class TestAWriterOfTheDatabase:
    def test_cannot_put_another_person_in_the_row(self, letter):
        Invitation.objects.filter(pk=letter.invitation).update(holder=uuid4())
        with pytest.raises(InvitationGone):
            try_it(letter)

    def test_cannot_make_a_client_of_a_colleague(self, cast, letter):
        Invitation.objects.filter(pk=letter.invitation).update(subject=cast.robin.client_id, display_name="")
        with pytest.raises(InvitationGone):
            try_it(letter)

    def test_cannot_move_a_sealed_invitation_to_another_row(self, cast, letter):
        other = invite(cast, address="other@alder.example")
        sealed = Invitation.objects.get(pk=other.invitation).sealed_invitation
        Invitation.objects.filter(pk=letter.invitation).update(sealed_invitation=sealed)
        with pytest.raises(WrongCode):
            try_it(letter)


class TestUsingOneUp:
    def test_happens_once(self, letter):
        user = begin(letter).user
        consume_invitation(user=user, subject=None, at=timezone.now())
        row = Invitation.objects.get(pk=letter.invitation)
        assert not bytes(row.sealed_invitation)
        with pytest.raises(InvitationGone):
            consume_invitation(user=user, subject=None, at=timezone.now())

    def test_is_refused_once_it_was_withdrawn(self, letter):
        user = begin(letter).user
        Invitation.objects.filter(pk=letter.invitation).update(withdrawn_at=timezone.now())
        with pytest.raises(InvitationGone):
            consume_invitation(user=user, subject=None, at=timezone.now())


class TestInviting:
    def test_tells_nobody_whether_an_address_is_known(self, cast):
        known, unknown = invite(cast, address=cast.robin.person.address), invite(cast)
        assert [type(letter) for letter in (known, unknown)] == [inviting.Letter] * 2
        assert known.mailed == unknown.mailed

    def test_joins_a_second_invitation_of_a_client_to_their_account(self, cast):
        assert holder_of_address(cast.robin.person.address.upper()) == cast.robin.person.user.pk
        assert holder_of_address(cast.dana.address) is None
        assert holder_of_address("nobody@post.example") is None

    def test_gives_the_roles_that_were_chosen(self, cast):
        letter = invite(cast, roles=(Role.THERAPIST, Role.MANAGER))
        assert Invitation.objects.get(pk=letter.invitation).roles == ["therapist", "manager"]
