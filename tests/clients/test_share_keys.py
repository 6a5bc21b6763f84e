"""Passing keys on: only by somebody who holds them, only to who was shown, only to keys that are vouched for."""

from uuid import uuid4

import pytest
from django.utils import timezone

from access.models import User
from access.roles import Role
from audit.acts import Act
from clients.models import Care
from clients.services.enrolling import confirm_identity
from clients.services.finding import NoSuchClient
from clients.services.sharing import (
    NoKeyToShare,
    RecipientChanged,
    recipients_of,
    share_keys,
    sharers_for,
)
from clients.services.vaults import shared_vault
from keys.errors import KeyRefused
from keys.models import Certificate, Grant, Identity
from keys.services import (
    InvitationSeeds,
    Place,
    VaultKind,
    certify_by_invitation,
    issue_invitation,
    make_identity,
    open_vault,
    retire_identity,
)
from tests.access.pages.visitors import text_of

EVERYTHING = {VaultKind.CONTACT, VaultKind.SHARED, VaultKind.RECORD}


def share(by, record, *marks):
    return share_keys(by=by, client=record.client, seen=frozenset(marks), at=timezone.now())


@pytest.fixture
def new_keys(record):
    """Give Robin a new pair of keys, certified by a new invitation: the passphrase was forgotten."""
    root_id, now, seeds = record.dana.keys.root_id, timezone.now(), InvitationSeeds.fresh()
    holder, subject = record.client.user.pk, record.client.pk
    retire_identity(holder=holder, at=now)
    keys = make_identity(holder=holder, kek=bytes(range(32)), root_id=root_id, at=now)
    issue_invitation(
        by=record.dana.keys, seeds=seeds, invitation=uuid4(), holder=holder, subject=subject, at=now, until=now
    )
    certify_by_invitation(by=keys, root_id=root_id, seeds=seeds, subject=subject, at=now)
    return keys


class TestShareKeys:
    def test_gives_a_waiting_colleague_what_they_lack(self, waiting):
        cast = waiting.cast
        assert waiting.kinds_of(cast.sam) == {VaultKind.CONTACT}
        share(waiting.dana, waiting, waiting.mark(cast.sam))
        assert waiting.kinds_of(cast.sam) == EVERYTHING
        opened = open_vault(by=cast.sam.keys, place=Place(VaultKind.RECORD, waiting.client.pk))
        assert opened.generation == 1

    def test_is_one_entry_that_names_the_care(self, waiting):
        share(waiting.dana, waiting, waiting.mark(waiting.cast.sam))
        assert waiting.entries(Act.KEY_SHARED) == 1

    def test_sent_twice_shares_once(self, waiting):
        for _ in range(2):
            share(waiting.dana, waiting, waiting.mark(waiting.cast.sam))
        assert waiting.entries(Act.KEY_SHARED) == 1

    def test_is_not_for_somebody_in_care_without_the_key(self, cast, waiting, refused_and_unchanged):
        Grant.objects.filter(vault__subject=waiting.client.pk, grantee=cast.dana.keys.key_id).delete()
        mark = waiting.mark(cast.sam)
        refused_and_unchanged(NoKeyToShare, lambda: share(waiting.dana, waiting, mark))

    def test_passes_on_no_more_than_one_holds(self, cast, waiting):
        Grant.objects.filter(vault__kind=VaultKind.RECORD, grantee=cast.dana.keys.key_id).delete()
        share(waiting.dana, waiting, waiting.mark(cast.sam))
        assert waiting.kinds_of(cast.sam) == {VaultKind.CONTACT, VaultKind.SHARED}

    def test_is_not_a_managers(self, cast, waiting, refused_and_unchanged):
        mark = waiting.mark(cast.sam)
        refused_and_unchanged(NoSuchClient, lambda: share(waiting.manager, waiting, mark))

    def test_is_not_another_therapists(self, cast, record, refused_and_unchanged):
        mark = record.mark(cast.sam)
        refused_and_unchanged(NoSuchClient, lambda: share(record.sam, record, mark))

    def test_gives_nothing_to_somebody_who_is_not_in_care(self, cast, record, refused_and_unchanged):
        mark = record.mark(cast.sam)
        refused_and_unchanged(RecipientChanged, lambda: share(record.dana, record, mark), act=Act.KEY_REFUSED)

    def test_gives_nothing_to_a_manager(self, cast, record, refused_and_unchanged):
        mark = record.mark(cast.manager)
        refused_and_unchanged(RecipientChanged, lambda: share(record.dana, record, mark), act=Act.KEY_REFUSED)

    def test_stops_when_the_name_on_the_page_was_somebody_elses(self, cast, waiting, refused_and_unchanged):
        mark = waiting.mark(cast.sam)
        User.objects.filter(pk=cast.sam.user.pk).update(display_name="Samuel Okator")
        refused_and_unchanged(RecipientChanged, lambda: share(waiting.dana, waiting, mark), act=Act.KEY_REFUSED)

    def test_stops_when_the_keys_were_swapped_after_the_page(self, cast, waiting, refused_and_unchanged):
        mark, holder = waiting.mark(cast.sam), cast.sam.user.pk
        Identity.objects.filter(holder=holder).update(holder=uuid4())
        make_identity(holder=holder, kek=bytes(32), root_id=cast.sam.keys.root_id, at=timezone.now())
        refused_and_unchanged(RecipientChanged, lambda: share(waiting.dana, waiting, mark), act=Act.KEY_REFUSED)

    def test_stops_at_a_forged_certificate(self, cast, waiting):
        Certificate.objects.filter(holder=cast.sam.user.pk).update(signature=b"\0" * 64)
        before = waiting.state()
        with pytest.raises(KeyRefused):
            share(waiting.dana, waiting, waiting.mark(cast.sam))
        assert waiting.state() == before

    def test_stops_at_keys_that_were_swapped_before_the_page(self, cast, waiting):
        """The mark fits then, but nobody certified these keys."""
        holder, before = cast.sam.user.pk, waiting.state()
        Identity.objects.filter(holder=holder).update(holder=uuid4())
        make_identity(holder=holder, kek=bytes(32), root_id=cast.sam.keys.root_id, at=timezone.now())
        with pytest.raises(KeyRefused):
            share(waiting.dana, waiting, waiting.mark(cast.sam))
        assert waiting.state() == before

    def test_stops_when_ones_own_care_ended_in_another_window(self, cast, waiting, refused_and_unchanged):
        mark = waiting.mark(cast.sam)
        Care.objects.filter(client=waiting.client, therapist=cast.dana.user).update(ended_at=timezone.now())
        refused_and_unchanged(NoSuchClient, lambda: share(waiting.dana, waiting, mark))

    def test_stops_when_the_colleagues_care_ended_in_another_window(self, cast, waiting, refused_and_unchanged):
        mark = waiting.mark(cast.sam)
        Care.objects.filter(client=waiting.client, therapist=cast.sam.user).update(ended_at=timezone.now())
        refused_and_unchanged(RecipientChanged, lambda: share(waiting.dana, waiting, mark), act=Act.KEY_REFUSED)

    def test_of_several_gives_all_or_nothing(self, cast, waiting, refused_and_unchanged):
        marks = (waiting.mark(cast.sam), "0" * 64)
        refused_and_unchanged(RecipientChanged, lambda: share(waiting.dana, waiting, *marks), act=Act.KEY_REFUSED)


class TestAClientWithNewKeys:
    def test_waits_until_somebody_saw_them(self, record, new_keys):
        assert [row for row in recipients_of(by=record.dana, client=record.client) if row.is_client] == []

    def test_gets_what_is_shared_and_nothing_else(self, cast, record, new_keys):
        confirm_identity(by=record.dana, client=record.client, at=timezone.now())
        [client] = [row for row in recipients_of(by=record.dana, client=record.client) if row.is_client]
        share(record.dana, record, client.seen)
        again = type(record.robin)(record.client.user, Role.CLIENT, new_keys, None, record.robin.origin)
        assert shared_vault(by=again, client=record.client).generation == 1
        assert record.kinds_of(cast.robin.person) == {VaultKind.SHARED}
        assert record.entries(Act.KEY_SHARED) == 1

    def test_cannot_be_given_it_by_a_colleague_who_waits(self, waiting, new_keys, refused_and_unchanged):
        confirm_identity(by=waiting.dana, client=waiting.client, at=timezone.now())
        [client] = [row for row in recipients_of(by=waiting.dana, client=waiting.client) if row.is_client]
        refused_and_unchanged(NoKeyToShare, lambda: share(waiting.sam, waiting, client.seen))


class TestWhoIsWaitedFor:
    def test_is_whoever_in_care_holds_the_key(self, cast, waiting):
        assert sharers_for(therapist=cast.sam.user, client=waiting.client) == [cast.dana.user]

    def test_is_nobody_whose_account_has_ended(self, cast, waiting):
        User.objects.filter(pk=cast.dana.user.pk).update(state="ended")
        assert sharers_for(therapist=cast.sam.user, client=waiting.client) == []

    def test_is_said_on_the_clients_page(self, cast, signed_in, waiting):
        path = f"/clients/{waiting.client.pk}/"
        assert "It comes when Dana Whitlock presses “Share the key”." in text_of(signed_in(cast.manager).get(path))
        assert "Dana Whitlock can share it with you." in text_of(signed_in(cast.sam).get(path))
        Care.objects.filter(client=waiting.client, therapist=cast.dana.user).update(ended_at=timezone.now())
        assert "only the practice recovery key can pass it on" in text_of(signed_in(cast.manager).get(path))


class TestSharePage:
    def path(self, record):
        return f"/clients/{record.client.pk}/share/"

    def test_is_offered_where_somebody_waits(self, cast, signed_in, waiting):
        overview = text_of(signed_in(cast.dana).get(f"/clients/{waiting.client.pk}/notes/"))
        assert "Samuel Okafor waits for the key to this record." in overview

    def test_shows_the_names_and_ticks_nobody(self, cast, signed_in, waiting):
        page = signed_in(cast.dana).get(self.path(waiting))
        assert "Samuel Okafor Waits for what is shared with the client and the record" in text_of(page)
        assert " checked>" not in page.content.decode()

    def test_shares_with_who_is_ticked(self, cast, signed_in, waiting):
        answer = signed_in(cast.dana).post(self.path(waiting), {"recipients": [waiting.mark(cast.sam)]}, follow=True)
        assert "Shared. Samuel Okafor can open it from now on." in text_of(answer)
        assert waiting.kinds_of(cast.sam) == EVERYTHING

    def test_asks_for_a_tick(self, cast, signed_in, waiting):
        assert "Please tick who gets the key." in text_of(signed_in(cast.dana).post(self.path(waiting)))

    def test_says_what_stopped_it(self, cast, signed_in, waiting):
        answer = signed_in(cast.dana).post(self.path(waiting), {"recipients": ["0" * 64]})
        assert "changed since the page was shown. Nothing was shared." in text_of(answer)

    def test_takes_no_other_words_for_a_mark(self, cast, signed_in, waiting):
        answer = signed_in(cast.dana).post(self.path(waiting), {"recipients": [str(cast.sam.user.pk)]})
        assert answer.status_code == 200
        assert waiting.kinds_of(cast.sam) == {VaultKind.CONTACT}

    def test_is_closed_with_the_care(self, cast, signed_in, waiting):
        dana = signed_in(cast.dana)
        Care.objects.filter(client=waiting.client, therapist=cast.dana.user).update(ended_at=timezone.now())
        assert dana.post(self.path(waiting), {"recipients": [waiting.mark(cast.sam)]}).status_code == 404

    def test_is_empty_where_nobody_waits(self, cast, signed_in, record):
        assert "Nobody in care waits for a key." in text_of(signed_in(cast.dana).get(self.path(record)))

    def test_shows_a_forged_certificate_as_what_it_is(self, cast, signed_in, waiting):
        dana, mark = signed_in(cast.dana), waiting.mark(cast.sam)
        Certificate.objects.filter(holder=cast.sam.user.pk).update(signature=b"\0" * 64)
        answer = dana.post(self.path(waiting), {"recipients": [mark]})
        assert "This key is not one we can vouch for" in text_of(answer)
        assert waiting.kinds_of(cast.sam) == {VaultKind.CONTACT}

    def test_is_not_for_managers(self, cast, signed_in, waiting):
        answer = signed_in(cast.manager).post(self.path(waiting), {"recipients": [waiting.mark(cast.sam)]})
        assert answer.status_code == 403
