from itertools import combinations
from pathlib import Path
from uuid import uuid4

import pytest

from keys.errors import KeyRefused, SealBroken, WrongPassphrase
from keys.models import PracticeKey, RecoveryShare, Root
from keys.services.founding import (
    PRACTICE_KEYS,
    Founder,
    found_practice,
    open_with_recovery_codes,
    practice_public_key,
    print_recovery_codes,
    sign_as_practice,
    verified_practice_key,
    verify_as_practice,
)
from keys.services.identities import make_identity
from keys.services.service_key import open_for_service, seal_for_service
from keys.services.trust import Trust
from keys.services.vaults import vouch_for_recovery
from keys.signing import verify_ed25519
from tests.keys.house import AT, DAY, KEK


@pytest.fixture
def founder(db, settings, tmp_path):
    """A practice founded afresh, with a key folder of its own."""
    settings.KEY_DIR = tmp_path / "keys"
    Root.objects.all().delete()
    PracticeKey.objects.all().delete()
    founder = Founder.draw()
    found_practice(founder, at=AT)
    return founder


@pytest.fixture
def person(founder):

    return make_identity(holder=uuid4(), kek=KEK, root_id=founder.root_id, at=AT)


class TestFounding:
    def test_happens_once(self, founder):
        with pytest.raises(KeyRefused, match="already_founded"):
            found_practice(Founder.draw(), at=AT)

    def test_makes_a_recovery_key_that_grows_from_the_same_seed(self, founder):
        again = Founder(founder.seed)
        assert vouch_for_recovery(Trust(founder.root_id)).key_id == again.recovery_seeds.key_id
        assert again.root_id == founder.root_id

    def test_shows_no_seed_when_printed(self, founder):
        assert founder.seed.hex() not in repr(founder)
        assert "seed" not in repr(founder)

    def test_leaves_key_files_that_only_the_owner_reads(self, founder, settings):
        folder = Path(settings.KEY_DIR)
        assert oct(folder.stat().st_mode)[-3:] == "700"
        assert {file.name: oct(file.stat().st_mode)[-3:] for file in folder.iterdir()} == {
            "record.key": "400",
            "log.key": "400",
        }


class TestPrintedCodes:
    def test_of_each_set_of_two_bring_the_seed_back(self, founder):
        codes = print_recovery_codes(founder, count=3, needed=2)
        for chosen in combinations(range(3), 2):
            assert open_with_recovery_codes({n + 1: codes[n] for n in chosen}).seed == founder.seed

    @pytest.mark.parametrize("numbers", [(), (1,), (1, 2, 3), (1, 4)])
    def test_too_few_or_too_many_open_nothing(self, founder, numbers):
        codes = print_recovery_codes(founder, count=3, needed=2)
        with pytest.raises(WrongPassphrase):
            open_with_recovery_codes({n: codes[min(n, 3) - 1] for n in numbers})

    def test_in_the_wrong_places_open_nothing(self, founder):
        codes = print_recovery_codes(founder, count=3, needed=2)
        with pytest.raises(WrongPassphrase):
            open_with_recovery_codes({1: codes[1], 2: codes[0]})

    def test_of_an_older_print_open_nothing(self, founder):
        old = print_recovery_codes(founder, count=3, needed=2)
        print_recovery_codes(founder, count=3, needed=2)
        with pytest.raises(WrongPassphrase):
            open_with_recovery_codes({1: old[0], 2: old[1]})

    def test_do_not_open_the_share_of_another_set(self, founder):
        codes = print_recovery_codes(founder, count=3, needed=2)
        share = RecoveryShare.objects.get(subset="1+3").sealed_seed
        RecoveryShare.objects.filter(subset="1+2").update(sealed_seed=share)
        with pytest.raises(WrongPassphrase):
            open_with_recovery_codes({1: codes[0], 2: codes[1]})


class TestThePracticesKeys:
    @pytest.mark.parametrize("name", PRACTICE_KEYS)
    def test_sign_what_their_public_key_verifies(self, founder, person, name):
        signature = sign_as_practice(name, b"a record")
        assert verify_ed25519(practice_public_key(name), signature, b"a record")
        assert not verify_ed25519(practice_public_key(name), signature, b"another")
        assert not verify_ed25519(b"short", signature, b"a record")
        assert verified_practice_key(name, under=Trust(person.root_id)) == practice_public_key(name)
        assert verify_as_practice(name, signature, b"a record")
        assert not verify_as_practice(name, signature, b"another")

    def test_are_missing_for_another_name(self, founder, person):
        with pytest.raises(KeyRefused, match="no_practice_key"):
            practice_public_key("minutes")
        with pytest.raises(KeyRefused, match="no_practice_key"):
            verified_practice_key("minutes", under=Trust(person.root_id))

    def test_swapped_in_the_database_do_not_sign_and_are_not_believed(self, founder, person):
        PracticeKey.objects.filter(name="record").update(public=practice_public_key("log"))
        with pytest.raises(KeyRefused, match="practice_key_changed"):
            sign_as_practice("record", b"a record")
        with pytest.raises(KeyRefused, match="practice_key_changed"):
            verified_practice_key("record", under=Trust(person.root_id))
        assert not verify_as_practice("record", sign_as_practice("log", b"a record"), b"a record")

    def test_added_by_a_writer_of_the_database_are_not_believed(self, founder, person):
        forger = Founder.draw()
        row = PracticeKey.objects.get(name="record")
        row.pk, row.root, row.since = None, forger.root_id, AT + DAY
        row.save(force_insert=True)
        with pytest.raises(KeyRefused, match="practice_key_changed"):
            verified_practice_key("record", under=Trust(person.root_id))

    def test_do_not_serve_under_another_name(self, founder, settings):
        folder = Path(settings.KEY_DIR)
        (folder / "record.key").unlink()
        (folder / "log.key").rename(folder / "record.key")
        with pytest.raises(KeyRefused, match="practice_key_file"):
            sign_as_practice("record", b"a record")

    @pytest.mark.parametrize("content", [None, b"", b"no base64!", b"AAAA"])
    def test_whose_file_is_gone_or_altered_do_not_sign(self, founder, settings, content):
        file = Path(settings.KEY_DIR) / "record.key"
        file.unlink()
        if content is not None:
            file.write_bytes(content)
        with pytest.raises(KeyRefused, match="practice_key_file"):
            sign_as_practice("record", b"a record")


class TestTheServiceKey:
    def test_opens_for_the_row_it_sealed_for(self):
        blob = seal_for_service(b"seed", bound_to=("totp", 1))
        assert open_for_service(blob, bound_to=("totp", 1)) == b"seed"
        with pytest.raises(SealBroken):
            open_for_service(blob, bound_to=("totp", 2))

    def test_opens_nothing_for_another_service(self, settings):
        blob = seal_for_service(b"seed", bound_to=("totp", 1))
        settings.SERVICE_KEY = bytes(32)
        with pytest.raises(SealBroken):
            open_for_service(blob, bound_to=("totp", 1))
