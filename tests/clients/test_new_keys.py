"""A client replaced their keys: six words on two pages, and their therapist vouches for the new ones."""

import pytest
from django.utils import timezone

from access.acting import Actor
from access.roles import Role
from audit.actors import Origin
from audit.acts import Act
from clients.models import Care
from clients.services.finding import NoSuchClient
from clients.services.reading import Standing, read_client
from clients.services.returning import NewKeysChanged, confirm_new_keys, new_keys_of, words_to_read
from clients.services.sharing import recipients_of
from keys.models import Certificate, Identity
from keys.services import Place, Trust, VaultKind, flag_rotation, open_vault, turn_key
from tests.access.pages.visitors import text_of
from tests.access.replacing import replace


@pytest.fixture
def anew(record):
    """Robin's record, after Robin replaced their keys; with who acts with the new ones."""
    opened, _ = replace(record.cast.robin.person, role=Role.CLIENT)
    return record, Actor(opened.user, Role.CLIENT, opened.keys, None, Origin())


def seen_of(record):
    return new_keys_of(by=record.dana, client=record.client).fingerprint


def confirm(record, by=None, seen=None):
    confirm_new_keys(by=by or record.dana, client=record.client, seen=seen or seen_of(record), at=timezone.now())


class TestTheWords:
    def test_are_the_same_from_open_keys_and_from_rows(self, anew):
        record, robin = anew
        assert words_to_read(by=robin) == new_keys_of(by=record.dana, client=record.client).words

    def test_are_others_where_somebody_swapped_the_row(self, cast, anew):
        record, robin = anew
        other = Identity.objects.get(holder=cast.auditor.user.pk)
        mine = Identity.objects.get(holder=cast.robin.person.user.pk, retired_at=None)
        Identity.objects.filter(pk=mine.pk).update(sig_public=bytes(other.sig_public))
        assert words_to_read(by=robin) != new_keys_of(by=record.dana, client=record.client).words

    def test_are_asked_of_nobody_else(self, cast, record):
        assert words_to_read(by=record.robin) == ""
        assert new_keys_of(by=record.dana, client=record.client) is None


class TestConfirm:
    def test_vouches_for_the_new_keys(self, anew):
        record, robin = anew
        page = read_client(by=record.dana, client=record.client, at=timezone.now())
        assert page.standing is Standing.NEW_KEYS
        confirm(record)
        assert Trust(record.dana.keys.root_id).vouch(robin.keys.key_id, subject=record.client.pk)
        assert read_client(by=record.dana, client=record.client, at=timezone.now()).standing is Standing.CONFIRMED
        assert words_to_read(by=robin) == ""
        assert record.entries(Act.CLIENT_IDENTITY_CONFIRMED) == 1

    def test_lets_the_next_key_of_what_is_shared_be_made(self, anew):
        record, robin = anew
        place = Place(VaultKind.SHARED, record.client.pk)
        flag_rotation(places=[place], at=timezone.now())
        confirm(record)
        turn_key(by=record.dana.keys, place=place, at=timezone.now())
        assert open_vault(by=robin.keys, place=place).generation == 2

    def test_gives_the_client_nothing_before(self, anew):
        record, _ = anew
        assert not any(recipient.is_client for recipient in recipients_of(by=record.dana, client=record.client))


class TestIsRefused:
    def unchanged(self, record, refusal, **who):
        certificates, denied = Certificate.objects.count(), record.entries(refusal.act, "denied")
        with pytest.raises(refusal):
            confirm(record, **who)
        assert Certificate.objects.count() == certificates
        assert record.entries(refusal.act, "denied") == denied + 1

    def test_for_other_keys_than_were_shown(self, anew):
        self.unchanged(anew[0], NewKeysChanged, seen=bytes(32))

    def test_a_second_time(self, anew):
        record, seen = anew[0], seen_of(anew[0])
        confirm(record)
        self.unchanged(record, NewKeysChanged, seen=seen)

    def test_from_a_colleague_who_does_not_care_for_the_client(self, anew):
        record, seen = anew[0], seen_of(anew[0])
        self.unchanged(record, NoSuchClient, by=record.sam, seen=seen)
        Care.objects.filter(client=record.client).update(ended_at=timezone.now())
        self.unchanged(record, NoSuchClient, seen=seen)

    def test_for_somebody_whose_old_keys_nobody_vouches_for(self, anew):
        record = anew[0]
        Certificate.objects.filter(subject=record.client.pk).delete()
        self.unchanged(record, NewKeysChanged)


class TestThePages:
    def test_show_the_words_to_both_and_take_the_press(self, cast, anew, signed_in):
        record, robin = anew
        page, dana = f"/clients/{record.client.pk}/", signed_in(cast.dana)
        words = " ".join(words_to_read(by=robin).split())
        assert words in text_of(dana.get(page))
        assert "The therapist compares six words" in text_of(signed_in(cast.manager).get(page))
        answer = dana.post(f"{page}new-keys/", {"fingerprint": "00" * 32}, follow=True)
        assert "Nothing was confirmed." in text_of(answer)
        answer = dana.post(f"{page}new-keys/", {"fingerprint": seen_of(record).hex()}, follow=True)
        assert "The new keys belong to this client." in text_of(answer)
        assert words not in text_of(answer)
