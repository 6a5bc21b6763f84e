"""Replacing a vault's key: who may, who gets the next one, and what a writer of the database tries."""

from uuid import uuid4

import pytest
from django.db import IntegrityError

from keys.context import encode_fields
from keys.errors import KeyRefused, KeysLocked, NoGrant
from keys.models import Grant, Identity, Vault
from keys.services import (
    LOCKED,
    Kind,
    Place,
    VaultKind,
    browse_waiting,
    find_vault,
    finish_rotation,
    flag_rotation,
    holders_of,
    let_expire,
    make_identity,
    make_vault,
    needs_turning,
    open_vault,
    retire_identity,
    rewrap_mine,
    take_back,
    turn_key,
    waiting_places,
)
from keys.services.generations import commit
from keys.stored import Stored
from tests.keys.house import (
    AT,
    DAY,
    KEK,
    ROW,
    SEEN,
    TEXT,
    certificate_of,
    identity_of,
    next_generation,
    revoke,
    vouched,
)
from tests.keys.refusals import refused


@pytest.fixture
def taken(house, dana, sam, record):
    """A record that was Dana's and Sam's, and is Dana's and a third colleague's."""
    third = house.staff()
    make_vault(by=dana, place=record, readers=[vouched(house, sam), vouched(house, third)], at=AT)
    take_back(by=dana, place=record, holder=sam.holder, at=AT)
    return third


def current(place):
    return Vault.objects.get(pk=find_vault(place)).current_generation


def holders(place, generation):
    rows = Grant.objects.filter(vault=find_vault(place), generation=generation)
    return {bytes(row.grantee) for row in rows}


class TestTurnKey:
    def test_makes_a_key_that_everybody_left_believes(self, dana, taken, record):
        assert needs_turning(record)
        assert turn_key(by=dana, place=record, at=AT + DAY).generation == 2
        assert open_vault(by=taken, place=record).generation == 2
        assert not needs_turning(record)

    def test_leaves_out_who_was_taken_back(self, dana, sam, taken, record):
        text = turn_key(by=dana, place=record, at=AT + DAY).seal(TEXT, bound_to=ROW)
        assert holders(record, 2) == {dana.key_id, taken.key_id} | recovery(record)
        with pytest.raises(NoGrant):
            open_vault(by=sam, place=record)
        assert open_vault(by=taken, place=record).unseal(text, bound_to=ROW, receipt=SEEN) == TEXT

    def test_keeps_older_texts_open_to_those_who_hold_it(self, dana, taken, record):
        old = open_vault(by=dana, place=record).seal(TEXT, bound_to=ROW)
        turn_key(by=dana, place=record, at=AT + DAY)
        assert open_vault(by=taken, place=record).unseal(old, bound_to=ROW, receipt=SEEN) == TEXT

    def test_opens_older_texts_to_whoever_is_given_the_key_next(self, house, dana, taken, record):
        old = open_vault(by=dana, place=record).seal(TEXT, bound_to=ROW)
        vault, newcomer = turn_key(by=dana, place=record, at=AT + DAY), house.staff()
        vault.grant(vouched(house, newcomer), at=AT + DAY)
        assert open_vault(by=newcomer, place=record).unseal(old, bound_to=ROW, receipt=SEEN) == TEXT

    def test_is_done_once(self, dana, taken, record):
        turn_key(by=dana, place=record, at=AT + DAY)
        assert turn_key(by=taken, place=record, at=AT + DAY).generation == 2

    def test_is_done_again_for_a_wish_that_came_meanwhile(self, dana, taken, record):
        turn_key(by=dana, place=record, at=AT)
        flag_rotation(places=[record], at=AT)
        assert turn_key(by=taken, place=record, at=AT + DAY).generation == 3
        assert open_vault(by=dana, place=record).generation == 3

    def test_keeps_the_day_on_which_a_grant_ends(self, dana, taken, record):
        ends = AT + 10_000 * DAY
        let_expire(by=dana, place=record, holder=taken.holder, expires_at=ends, at=AT + DAY / 2)
        turn_key(by=dana, place=record, at=AT + DAY)
        assert Grant.objects.get(grantee=taken.key_id, generation=2).expires_at == ends

    def test_is_the_clients_too_for_what_is_shared(self, house, dana):
        subject = uuid4()
        client, place = house.client(subject, by=dana), Place(VaultKind.SHARED, subject)
        make_vault(by=client, place=place, readers=[vouched(house, dana)], at=AT)
        for generation, maker in enumerate((client, dana), start=2):
            flag_rotation(places=[place], at=AT)
            assert turn_key(by=maker, place=place, at=AT).generation == generation
        assert open_vault(by=client, place=place).generation == 3

    def test_needs_open_keys_that_hold_the_vault(self, house, taken, record):
        with pytest.raises(KeysLocked):
            turn_key(by=LOCKED, place=record, at=AT)
        with pytest.raises(NoGrant):
            turn_key(by=house.staff(), place=record, at=AT)
        assert current(record) == 1

    def test_leaves_nothing_behind_if_somebody_was_faster(self, house, dana, taken, record):
        vault = Vault.objects.get(pk=find_vault(record))
        first = open_vault(by=dana, place=record)
        turn_key(by=taken, place=record, at=AT)
        with pytest.raises(IntegrityError):
            commit(vault, record, bytes(32), readers=[], by=dana, me=vouched(house, dana), at=AT, old_key=first.key(1))


class TestAReaderOfTheNextKey:
    def test_is_told_who_made_it_once(self, dana, taken, record):
        turn_key(by=dana, place=record, at=AT)
        open_vault(by=taken, place=record)
        open_vault(by=taken, place=record)
        assert [(one.holder, one.subject, one.generation) for one in taken.met] == [(dana.holder, record.subject, 2)]
        assert dana.met == []

    def test_whom_nobody_vouches_for_any_more_gets_none(self, dana, taken, record):
        certificate_of(taken).delete()
        turn_key(by=dana, place=record, at=AT)
        assert taken.key_id not in holders(record, 2)

    def test_whose_key_is_revoked_gets_none(self, house, dana, taken, record):
        revoke(taken, by=house.root, since=AT)
        turn_key(by=dana, place=record, at=AT + DAY)
        assert taken.key_id not in holders(record, 2)
        with refused("key_ended"):
            open_vault(by=dana, place=record).grant(vouched(house, taken), at=AT + DAY)

    def test_whose_key_is_retired_gets_none(self, house, dana, taken, record):
        retire_identity(holder=taken.holder, at=AT)
        turn_key(by=dana, place=record, at=AT + DAY)
        assert taken.key_id not in holders(record, 2)
        with refused("key_ended"):
            open_vault(by=dana, place=record).grant(vouched(house, taken), at=AT + DAY)

    def test_who_waits_to_be_confirmed_is_waited_for(self, house, dana, taken, record):
        retire_identity(holder=taken.holder, at=AT)
        new = make_identity(holder=taken.holder, kek=KEK, root_id=house.root_id, at=AT)
        rewrap_mine(old=taken, new=new, at=AT)
        with pytest.raises(KeyRefused, match="reader_waits"):
            turn_key(by=dana, place=record, at=AT)
        assert current(record) == 1
        house.certify(house.root, identity_of(new))
        turn_key(by=dana, place=record, at=AT)
        assert open_vault(by=new, place=record).generation == 2

    def test_who_was_planted_is_not_waited_for(self, house, dana, taken, record):
        stranger = house.stranger()
        Grant.objects.create(
            vault_id=find_vault(record), generation=1, grantee=stranger.key_id, wrap=b"", granted_by=b"", granted_at=AT
        )
        turn_key(by=dana, place=record, at=AT)
        assert stranger.key_id not in holders(record, 2)


class TestAWriterOfTheDatabase:
    def test_cannot_forge_the_next_key_as_a_colleague_who_never_held_this_one(self, house, dana, taken, record):
        next_generation(record, by=house.staff(), to=[dana], old_key=None)
        with pytest.raises(KeyRefused, match="predecessor"):
            open_vault(by=dana, place=record)

    def test_cannot_have_a_revoked_maker_believed(self, house, dana, taken, record):
        key = open_vault(by=taken, place=record).key(1)
        revoke(taken, by=house.root, since=AT)
        next_generation(record, by=taken, to=[dana], old_key=key)  # made a day later
        with pytest.raises(KeyRefused, match="maker_revoked"):
            open_vault(by=dana, place=record)

    def test_cannot_roll_back_to_the_key_of_before(self, dana, sam, taken, record):
        turn_key(by=dana, place=record, at=AT)
        Vault.objects.update(current_generation=1)
        for reader in (dana, taken):
            with refused("rolled_back"):
                open_vault(by=reader, place=record)

    def test_opens_with_a_grant_put_back_only_what_waits(self, house, dana, sam, record):
        """What a reader who was taken back can open after all: texts that nobody has sealed anew yet."""
        vault = make_vault(by=dana, place=record, readers=[vouched(house, sam)], at=AT)
        waits = vault.seal(TEXT, bound_to=ROW)
        kept = Grant.objects.get(grantee=sam.key_id)
        take_back(by=dana, place=record, holder=sam.holder, at=AT)
        turned = turn_key(by=dana, place=record, at=AT)
        anew = turned.seal_anew(Stored(None, waits, ROW[0], encode_fields(*ROW[1:]), ""))
        kept.pk = None
        kept.save(force_insert=True)
        Vault.objects.update(current_generation=1)
        opened = open_vault(by=sam, place=record)
        assert opened.unseal(waits, bound_to=ROW, receipt=SEEN) == TEXT
        with pytest.raises(NoGrant):
            opened.unseal(anew, bound_to=ROW, receipt=SEEN)


class TestWhatWaits:
    def test_is_listed_for_those_who_hold_its_key(self, house, dana, sam, taken, record):
        assert waiting_places(by=dana) == waiting_places(by=taken) == [record]
        assert waiting_places(by=sam) == waiting_places(by=house.staff()) == []

    def test_is_nobodys_where_the_printed_codes_alone_can_open_it(self, house, dana, taken, record):
        """What a leaver left to recovery: nobody alive can go on with it, so nobody is asked to."""
        assert [one.place for one in browse_waiting()] == [record]
        retire_identity(holder=taken.holder, at=AT)
        assert [one.place for one in browse_waiting()] == [record]
        retire_identity(holder=dana.holder, at=AT)
        assert browse_waiting() == waiting_places(by=dana) == []
        assert recovery(record)

    def test_is_over_once_no_request_can_know_the_old_key_alone(self, dana, taken, record):
        turn_key(by=dana, place=record, at=AT)
        assert not finish_rotation(place=record, at=AT)
        assert finish_rotation(place=record, at=AT + DAY)
        assert waiting_places(by=dana) == []

    def test_is_not_over_for_a_wish_that_came_meanwhile(self, dana, taken, record):
        turn_key(by=dana, place=record, at=AT)
        flag_rotation(places=[record], at=AT)
        assert not finish_rotation(place=record, at=AT + DAY)


def recovery(place):
    return {
        bytes(row.key_id)
        for row in Identity.objects.filter(holder__in=[h.holder for h in holders_of(place) if h.kind == Kind.RECOVERY])
    }
