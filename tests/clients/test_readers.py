"""Who can read this record: people and vaults, with nothing opened."""

from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from audit.acts import Act
from audit.models import Entry
from clients.models import Client
from clients.services.ending import end_care
from clients.services.readers import RECOVERY, THE_CLIENT, browse_readers
from clients.services.sharing import share_keys
from clients.services.vaults import process_vault
from keys.models import Grant, Identity
from keys.services import VaultKind, let_expire, places_of
from keys.services import vaults as vault_services
from tests.access.pages.visitors import invite_ines, text_of


def doors_of(by, record):
    doors = browse_readers(by=by, client=record.client, at=timezone.now())
    return {door.kind: door for door in doors}


def names(door):
    return [reader.name for reader in door.readers]


@pytest.fixture
def process(record):
    """Let Dana begin notes of her own."""
    with transaction.atomic():
        process_vault(by=record.dana, client=record.client, recoverable=False, at=timezone.now())


class TestBrowseReaders:
    def test_lists_people_by_vault(self, cast, record):
        doors = doors_of(record.dana, record)
        assert set(names(doors[VaultKind.CONTACT])) == {"Priya Nair", "Dana Whitlock", RECOVERY}
        assert set(names(doors[VaultKind.SHARED])) == {THE_CLIENT, "Dana Whitlock", RECOVERY}
        assert set(names(doors[VaultKind.RECORD])) == {"Dana Whitlock", RECOVERY}

    def test_says_who_waits(self, cast, waiting):
        doors = doors_of(waiting.manager, waiting)
        assert doors[VaultKind.RECORD].waiting == ["Samuel Okafor"]
        assert doors[VaultKind.CONTACT].waiting == []

    def test_says_since_when_and_by_whom(self, cast, waiting):
        share_keys(by=waiting.dana, client=waiting.client, seen=frozenset([waiting.mark(cast.sam)]), at=timezone.now())
        [sam] = [row for row in doors_of(waiting.sam, waiting)[VaultKind.RECORD].readers if row.name == "Samuel Okafor"]
        assert (sam.given_by, sam.place, sam.until) == ("Dana Whitlock", "in care", None)
        assert (timezone.now() - sam.since).total_seconds() < 60

    def test_says_what_ends_by_itself_and_leaves_out_what_has_ended(self, cast, waiting):
        share_keys(by=waiting.dana, client=waiting.client, seen=frozenset([waiting.mark(cast.sam)]), at=timezone.now())
        end_care(by=waiting.sam, client=waiting.client, therapist_id=cast.sam.user.pk, at=timezone.now())
        assert "Samuel Okafor" not in names(doors_of(waiting.dana, waiting)[VaultKind.RECORD])
        [place] = [place for place in places_of(waiting.client.pk) if place.kind is VaultKind.RECORD]
        assert (
            let_expire(
                by=cast.dana.keys, place=place, holder=cast.dana.user.pk, expires_at=timezone.now(), at=timezone.now()
            )
            == 1
        )
        assert "Dana Whitlock" not in names(doors_of(waiting.manager, waiting)[VaultKind.RECORD])

    def test_names_a_holder_who_is_no_longer_in_care(self, cast, record):
        record.client.care.update(ended_at=timezone.now())
        ties = {row.name: row.place for row in doors_of(record.manager, record)[VaultKind.RECORD].readers}
        assert ties["Dana Whitlock"] == "no longer in care"

    def test_shows_a_planted_grant_as_what_it_is(self, cast, record):
        Identity.objects.filter(holder=cast.sam.user.pk).update(holder=uuid4())
        planted = Grant.objects.filter(vault__subject=record.client.pk, vault__kind=VaultKind.RECORD).first()
        planted.pk, planted.grantee = None, cast.sam.keys.key_id
        planted.save()
        door = doors_of(record.manager, record)[VaultKind.RECORD]
        assert door.unsigned == ["Somebody this practice does not know"]
        assert door.unsigned[0] not in names(door)

    def test_shows_process_notes_to_their_author_alone(self, cast, waiting, process):
        assert names(doors_of(waiting.dana, waiting)[VaultKind.PROCESS]) == ["Dana Whitlock"]
        for by in (waiting.sam, waiting.manager, waiting.robin):
            assert VaultKind.PROCESS not in doors_of(by, waiting)

    def test_opens_nothing(self, cast, record, monkeypatch):
        monkeypatch.setattr(vault_services, "believe", None)
        assert doors_of(record.dana, record)

    def test_is_a_look(self, cast, record):
        doors_of(record.dana, record)
        assert record.entries(Act.KEY_READERS_LISTED) == 1


class TestReadersPage:
    def path(self, record):
        return f"/clients/{record.client.pk}/readers/"

    def test_says_it_in_words(self, cast, signed_in, waiting, process):
        words = text_of(signed_in(cast.dana).get(self.path(waiting)))
        assert "Waiting for the key Samuel Okafor" in words
        assert "opens only with 2 of the 3 printed codes together" in words
        assert "My process notes" in words

    def test_of_a_vault_that_is_not_made_says_so(self, cast, signed_in):
        client, _ = invite_ines(cast)
        words = text_of(signed_in(cast.dana).get(f"/clients/{client.pk}/readers/"))
        assert "Not made yet. It comes with the client’s account." in words

    def test_is_closed_to_managers_for_a_hidden_client(self, cast, signed_in, record):
        Client.objects.filter(pk=record.client.pk).update(hidden=True)
        assert signed_in(cast.manager).get(self.path(record)).status_code == 404
        assert signed_in(cast.sam).get(self.path(record)).status_code == 404


class TestMyReadersPage:
    def test_says_it_to_the_client(self, cast, signed_in, waiting):
        words = text_of(signed_in(cast.robin.person).get(f"/my/{waiting.client.pk}/readers/"))
        assert "You , since" in words
        assert "Dana Whitlock , who looks after you, since" in words
        assert "Priya Nair , manager of the practice, since" in words
        assert "Samuel Okafor looks after you and does not have this key yet" in words

    def test_is_counted_as_the_clients_own_look(self, cast, signed_in, record):
        robin = signed_in(cast.robin.person)
        robin.get(f"/my/{record.client.pk}/readers/")
        assert "You looked up who can open your record" in text_of(robin.get(f"/my/{record.client.pk}/looks/"))

    def test_is_nobody_elses(self, cast, signed_in, record):
        assert signed_in(cast.noor.person).get(f"/my/{record.client.pk}/readers/").status_code == 404


class TestWhoCanRead:
    """The command of the same page."""

    def run(self, name):
        out = StringIO()
        call_command("who_can_read", str(name), stdout=out)
        return out.getvalue()

    def test_lists_people_and_vaults_and_names_no_client(self, cast, waiting, process):
        for name in (waiting.client.pk, waiting.client.code, waiting.client.code.lower()):
            said = self.run(name)
            assert said.startswith(f"Client {waiting.client.code}\n")
            for line in ("\ncontact\n", "\nshared\n", "\nrecord\n", "\nprocess, Dana Whitlock\n"):
                assert line in said
            assert "  waiting for the key: Samuel Okafor" in said
            assert "Robin" not in said

    def test_leaves_a_line_in_the_log(self, cast, record):
        self.run(record.client.code)
        entry = Entry.objects.get(action=Act.KEY_READERS_LISTED)
        assert (entry.role, entry.obj_id) == ("system", record.client.pk)

    def test_opens_nothing(self, record, monkeypatch):
        monkeypatch.setattr(vault_services, "believe", None)
        assert self.run(record.client.code)

    def test_tells_a_hidden_client_from_none_no_more_than_pages_do(self, record):
        Client.objects.filter(pk=record.client.pk).update(hidden=True)
        said = set()
        for name in (record.client.pk, record.client.code, uuid4(), "NOBODY"):
            with pytest.raises(CommandError) as refused:
                self.run(name)
            said.add(str(refused.value))
        assert len(said) == 1
        assert record.entries(Act.KEY_READERS_LISTED) == 0

    def test_says_until_when_and_what_is_not_made(self, cast, record):
        [place] = [place for place in places_of(record.client.pk) if place.kind is VaultKind.RECORD]
        let_expire(
            by=cast.dana.keys,
            place=place,
            holder=cast.dana.user.pk,
            expires_at=timezone.now().replace(year=2090),
            at=timezone.now(),
        )
        assert "until 2090-" in self.run(record.client.code)
        assert "  not made yet" in self.run(invite_ines(cast)[0].code)
