import fcntl
import os
import unicodedata
from pathlib import Path

import pytest

from keys import kdf
from keys.errors import KeyRefused, TooBusy
from keys.kdf import Parameters, argon2id, read_verifier, split, stretch
from keys.registry import KDF

pytestmark = pytest.mark.once

SALT = bytes(16)


@pytest.fixture
def never_derives(monkeypatch, settings):
    """Fail the test if anything is derived: what is refused is refused before memory is taken."""
    settings.KEYS_DERIVE = "tests.keys.test_kdf.derive_anyway"


def derive_anyway(secret, parameters):
    pytest.fail("derived")


class TestParameters:
    @pytest.mark.parametrize(
        "bad",
        [
            {"memory": 65_535},
            {"memory": 8},
            {"memory": 262_145},
            {"memory": 2**31},
            {"iterations": 2},
            {"iterations": 11},
            {"salt": b""},
            {"salt": bytes(15)},
            {"salt": bytes(17)},
        ],
    )
    def test_outside_floor_and_ceiling_are_refused_before_any_memory_is_taken(self, never_derives, bad):
        with pytest.raises(KeyRefused, match="kdf_parameters"):
            split("a passphrase", Parameters(**{"salt": SALT, **bad}))

    @pytest.mark.parametrize("pepper_id", [0, 2, -1])
    def test_with_an_unknown_pepper_are_refused(self, never_derives, pepper_id):
        with pytest.raises(KeyRefused, match="kdf_pepper"):
            split("a passphrase", Parameters(SALT, pepper_id=pepper_id))

    @pytest.mark.parametrize("good", [{}, {"memory": 262_144}, {"iterations": 10}])
    def test_within_them_are_allowed(self, good):
        Parameters(SALT, **good).check()

    def test_never_ask_for_a_second_lane(self):
        # With two, the library hangs when two threads derive at once.
        assert KDF.lanes == 1

    def test_are_64_mib_and_three_passes_with_a_salt_of_their_own(self):
        one, other = Parameters.fresh(), Parameters.fresh()
        assert (one.memory, one.iterations, len(one.salt)) == (65_536, 3, 16)
        assert one.salt != other.salt


class TestAPassphrase:
    def test_is_the_same_however_its_letters_are_composed(self):
        composed, apart = (unicodedata.normalize(form, "Käse über Brücken") for form in ("NFC", "NFD"))
        assert composed != apart
        assert split(composed, Parameters(SALT)) == split(apart, Parameters(SALT))

    def test_is_not_the_same_in_other_case_or_with_other_salt(self):
        assert split("Passphrase", Parameters(SALT)) != split("passphrase", Parameters(SALT))
        assert split("passphrase", Parameters(SALT)) != split("passphrase", Parameters(bytes(15) + b"\1"))

    def test_cannot_be_guessed_without_the_pepper(self, settings):
        with_pepper = argon2id(b"passphrase", Parameters(SALT))
        settings.PEPPER = bytes(32)
        assert argon2id(b"passphrase", Parameters(SALT)) != with_pepper


class TestAVerifier:
    @pytest.mark.parametrize(
        "stored",
        [
            "",
            "!unusable",
            "split1$65536$3$1$AAAA",
            "split2$65536$3$1$AAAAAAAAAAAAAAAAAAAAAA==$AAAA",
            "split1$many$3$1$AAAAAAAAAAAAAAAAAAAAAA==$AAAA",
            "split1$65536$3$1$no base64!$AAAA",
            "argon2$argon2id$v=19$m=102400,t=2,p=8$c2FsdA$aGFzaA",
        ],
    )
    def test_of_another_form_is_refused(self, stored):
        with pytest.raises(KeyRefused, match="verifier_form"):
            read_verifier(stored)

    def test_with_downgraded_parameters_is_refused_when_it_is_used(self, never_derives):
        parameters, _ = read_verifier("split1$8$1$1$AAAAAAAAAAAAAAAAAAAAAA==$AAAA")
        with pytest.raises(KeyRefused, match="kdf_parameters"):
            stretch("a passphrase", parameters)


class TestPlaces:
    def test_are_two(self):
        assert kdf.SLOTS == 2

    def test_that_stay_taken_end_in_a_refusal_and_nothing_is_tried(self, settings, tmp_path, monkeypatch):
        settings.RUN_DIR = tmp_path
        monkeypatch.setattr(kdf, "_WAIT_SECONDS", 0.1)
        monkeypatch.setattr(kdf, "Argon2id", lambda **_: pytest.fail("derived"))
        held = [os.open(tmp_path / f"argon2.{n}", os.O_RDWR | os.O_CREAT) for n in range(kdf.SLOTS)]
        for file in held:
            fcntl.flock(file, fcntl.LOCK_EX)
        try:
            with pytest.raises(TooBusy):
                argon2id(b"passphrase", Parameters(SALT))
        finally:
            for file in held:
                os.close(file)

    def test_come_free_when_a_derivation_ends_or_fails(self, settings, tmp_path, monkeypatch):
        settings.RUN_DIR = tmp_path
        monkeypatch.setattr(kdf, "_WAIT_SECONDS", 0.1)
        monkeypatch.setattr(kdf, "Argon2id", lambda **_: (_ for _ in ()).throw(MemoryError))
        for _ in range(kdf.SLOTS + 1):
            with pytest.raises(MemoryError):
                argon2id(b"passphrase", Parameters(SALT))

    def test_wait_for_one_that_comes_free(self, settings, tmp_path):
        settings.RUN_DIR = tmp_path
        held = [os.open(tmp_path / f"argon2.{n}", os.O_RDWR | os.O_CREAT) for n in range(kdf.SLOTS)]
        for file in held:
            fcntl.flock(file, fcntl.LOCK_EX)
        os.close(held.pop())
        assert len(argon2id(b"passphrase", Parameters(SALT))) == 32
        os.close(held.pop())

    def test_are_files_for_the_owner_alone(self, settings, tmp_path):
        settings.RUN_DIR = tmp_path / "run"
        argon2id(b"passphrase", Parameters(SALT))
        assert oct(Path(settings.RUN_DIR).stat().st_mode)[-3:] == "700"
        assert {oct(file.stat().st_mode)[-3:] for file in Path(settings.RUN_DIR).iterdir()} == {"600"}
