"""What is at rest holds no key: the whole database is searched for every key that ever was in memory."""

import pytest
from django.utils import timezone

from access.models import User
from access.models.devices import TotpDevice
from access.services.key_sessions import open_session
from access.services.signing_in import check_split
from keys.kdf import read_verifier, stretch
from keys.models import Grant, Vault
from keys.services.generations import info_for
from tests.access.newcomers import begin, confirm_app, invite
from tests.at_rest import dump, spellings


@pytest.fixture
def at_rest(cast):
    """The database in the middle of a day: somebody is signed in, somebody is half-way through enrolling."""
    letter = invite(cast)
    enrolling = begin(letter)
    confirm_app(enrolling)
    opened = open_session(user=User.objects.get(pk=cast.dana.user.pk), keys=cast.dana.keys, at=timezone.now())
    return dump(), letter, enrolling, opened


class TestADump:
    def test_holds_what_it_should(self, cast, at_rest):
        stored = User.objects.get(pk=cast.dana.user.pk).password
        assert stored.encode() in at_rest[0]
        assert cast.dana.keys.seeds.kem_public in at_rest[0]

    def test_holds_no_derived_key(self, cast, at_rest):
        for person in (cast.manager, cast.dana, cast.sam, cast.robin.person):
            user = User.objects.get(pk=person.user.pk)
            derived = check_split(user, person.passphrase)
            prk = stretch(person.passphrase, read_verifier(user.password)[0])
            for secret in (derived.auth, derived.kek, prk):
                assert not any(text in at_rest[0] for text in spellings(secret))

    def test_holds_no_seed(self, cast, at_rest):
        _, _, enrolling, opened = at_rest
        for keys in (cast.dana.keys, cast.robin.person.keys, enrolling.keys, opened.keys):
            for secret in (keys.seeds.xwing, keys.seeds.mldsa, keys.seeds.ed25519):
                assert not any(text in at_rest[0] for text in spellings(secret))

    def test_holds_no_vault_key(self, cast, at_rest):
        grants = Grant.objects.filter(grantee=cast.dana.keys.key_id, vault__in=Vault.objects.all())
        assert grants
        for grant in grants:
            key = cast.dana.keys.unwrap(
                bytes(grant.wrap), info=info_for(cast.dana.keys, grant.vault_id, grant.generation)
            )
            assert not any(text in at_rest[0] for text in spellings(key))

    def test_holds_nothing_that_people_typed_or_carry(self, cast, at_rest):
        whole, letter, enrolling, opened = at_rest
        typed = [cast.dana.passphrase, cast.dana.address, cast.robin.name, letter.token, letter.code, opened.cookie]
        typed += [enrolling.cookie, *cast.codes]
        assert not [text for text in typed if text.encode() in whole]

    def test_holds_no_second_factor(self, cast, at_rest):
        for device in TotpDevice.objects.all():
            assert not any(text in at_rest[0] for text in spellings(device.seed()))
