import os
import pickle
from uuid import uuid4

import pytest

from keys.codes import draw_code
from keys.errors import KeyRefused, KeysLocked, SealBroken, WrongPassphrase
from keys.keyring import LOCKED, require_open
from keys.models import Certificate, Identity
from keys.seeds import Seeds
from keys.services.identities import (
    discard_identity,
    draw_recovery_code,
    fresh_unlock_key,
    make_identity,
    open_from_session,
    open_identity,
    open_with_recovery_code,
    seal_for_session,
)
from tests.keys.house import AT, KEK, identity_of


@pytest.fixture
def person(house):
    return house.staff()


class TestAnIdentity:
    def test_opens_with_the_key_of_its_passphrase_and_pins_the_root(self, house, person):
        opened = open_identity(holder=person.holder, kek=KEK)
        assert opened.seeds == person.seeds
        assert opened.root_id == house.root_id

    def test_stays_closed_to_another_passphrase(self, person):
        with pytest.raises(WrongPassphrase):
            open_identity(holder=person.holder, kek=os.urandom(32))

    @pytest.mark.parametrize("column", ["kem_public", "sig_public"])
    def test_notices_that_its_public_keys_were_swapped(self, house, person, column):
        other = identity_of(house.stranger())
        Identity.objects.filter(holder=person.holder).update(**{column: getattr(other, column)})
        with pytest.raises(KeyRefused, match="public_key_changed"):
            open_identity(holder=person.holder, kek=KEK)

    def test_does_not_open_a_bundle_of_another_person(self, house, person):
        Identity.objects.filter(holder=person.holder).update(sealed_bundle=identity_of(house.stranger()).sealed_bundle)
        with pytest.raises(WrongPassphrase):
            open_identity(holder=person.holder, kek=KEK)

    def test_does_not_open_a_bundle_of_another_epoch(self, person):
        Identity.objects.filter(holder=person.holder).update(epoch=2)
        with pytest.raises(WrongPassphrase):
            open_identity(holder=person.holder, kek=KEK)

    def test_cannot_be_taken_over_by_moving_it_to_another_holder(self, house, person):
        mine = house.stranger()
        Identity.objects.filter(holder=person.holder).delete()
        Identity.objects.filter(holder=mine.holder).update(holder=person.holder)
        with pytest.raises(WrongPassphrase):
            open_identity(holder=person.holder, kek=KEK)

    def test_goes_with_its_certificates_if_it_is_discarded(self, person):
        discard_identity(holder=person.holder)
        assert not Identity.objects.filter(holder=person.holder).exists()
        assert not Certificate.objects.filter(holder=person.holder).exists()


class TestARecoveryCode:
    def test_opens_the_same_keys(self, person):
        code = draw_recovery_code(person)
        assert open_with_recovery_code(holder=person.holder, code=code).seeds == person.seeds

    def test_is_replaced_by_the_next_one(self, person):
        first, second = draw_recovery_code(person), draw_recovery_code(person)
        with pytest.raises(WrongPassphrase):
            open_with_recovery_code(holder=person.holder, code=first)
        open_with_recovery_code(holder=person.holder, code=second)

    def test_survives_a_change_of_passphrase(self, person):
        code = draw_recovery_code(person)
        Identity.objects.filter(holder=person.holder).update(epoch=2, sealed_bundle=b"sealed anew")
        assert open_with_recovery_code(holder=person.holder, code=code).seeds == person.seeds

    def test_is_none_until_it_was_drawn(self, person):
        with pytest.raises(WrongPassphrase):
            open_with_recovery_code(holder=person.holder, code=draw_recovery_code_of_nobody())

    def test_of_another_person_opens_nothing(self, house, person):
        draw_recovery_code(person)
        with pytest.raises(WrongPassphrase):
            open_with_recovery_code(holder=person.holder, code=draw_recovery_code(house.staff()))

    def test_does_not_open_a_wrap_moved_from_another_person(self, house, person):
        other = house.staff()
        code = draw_recovery_code(other)
        row = identity_of(other)
        Identity.objects.filter(holder=person.holder).update(
            recovery_serial=row.recovery_serial, sealed_recovery=row.sealed_recovery
        )
        with pytest.raises(WrongPassphrase):
            open_with_recovery_code(holder=person.holder, code=code)


def draw_recovery_code_of_nobody():

    return draw_code()


class TestASession:
    def test_opens_with_the_browsers_half_alone(self, person):
        unlock_key, unlock_id = fresh_unlock_key(), uuid4()
        blob = seal_for_session(person, unlock_key=unlock_key, unlock_id=unlock_id)
        opened = open_from_session(blob, holder=person.holder, unlock_key=unlock_key, unlock_id=unlock_id)
        assert (opened.seeds, opened.invited) == (person.seeds, b"")

    @pytest.mark.parametrize("changed", ["holder", "unlock_key", "unlock_id"])
    def test_stays_closed_to_another_cookie_session_or_person(self, person, changed):
        good = {"holder": person.holder, "unlock_key": fresh_unlock_key(), "unlock_id": uuid4()}
        blob = seal_for_session(person, unlock_key=good["unlock_key"], unlock_id=good["unlock_id"])
        bad = {"holder": uuid4(), "unlock_key": fresh_unlock_key(), "unlock_id": uuid4()}[changed]
        with pytest.raises(SealBroken):
            open_from_session(blob, **{**good, changed: bad})


class TestOpenKeys:
    def test_are_never_stored(self, person):
        with pytest.raises(TypeError, match="not stored"):
            pickle.dumps(person)

    def test_show_no_seed_when_printed(self, person):
        shown = repr(person) + repr(person.seeds)
        assert person.seeds.xwing.hex() not in shown
        assert "xwing" not in shown

    def test_that_are_locked_fail_whatever_is_asked_of_them(self):
        assert not LOCKED.is_open
        with pytest.raises(KeysLocked):
            LOCKED.sign(b"anything")
        with pytest.raises(KeysLocked):
            require_open(LOCKED)

    def test_of_another_length_are_none(self):
        with pytest.raises(ValueError, match="128"):
            Seeds.from_bytes(bytes(127))

    def test_are_made_with_what_an_invitation_said(self, house):
        keys = make_identity(holder=uuid4(), kek=KEK, root_id=house.root_id, at=AT, invited=b"invited")
        unlock_key, unlock_id = fresh_unlock_key(), uuid4()
        blob = seal_for_session(keys, unlock_key=unlock_key, unlock_id=unlock_id)
        opened = open_from_session(blob, holder=keys.holder, unlock_key=unlock_key, unlock_id=unlock_id)
        assert opened.invited == b"invited"
        assert open_identity(holder=keys.holder, kek=KEK).invited == b""
