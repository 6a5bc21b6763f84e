"""Who may let open again what a restore put out of reach, and what exactly opens then."""

import pytest
from django.utils import timezone

from access.services.signing_in import AccountHeld, KeysRefused, Proof, sign_in
from audit.actors import Nobody, Origin, System
from audit.acts import Act
from audit.models import Entry
from clients.models import Client
from keys.errors import KeyRefused
from keys.models import Grant, HeldBundle, HeldGrant, Identity
from keys.services import HOLD_ALL_BUNDLES, Standing, held, hold_revived_grants, open_identity, release, take_standing
from practice.backups.confirming import CannotConfirm, confirm, describe, holders_of_codes
from tests.audit.sql import run
from tests.cast import Cast

NOW = timezone.now


@pytest.fixture
def all_held(cast: Cast) -> Standing:
    """Everybody's bundle out of reach, as right after a restore; what stood before."""
    before = take_standing()
    for statement in filter(str.strip, HOLD_ALL_BUNDLES.split(";")):
        run(statement)
    return before


class TestWhatIsHeld:
    def test_opens_nothing(self, cast: Cast, all_held: Standing):
        assert len(all_held.bundles) == 6
        assert take_standing().bundles == frozenset()
        with pytest.raises(KeyRefused, match="held"):
            open_identity(holder=cast.dana.user.pk, kek=bytes(32))
        assert not Identity.objects.exclude(sealed_recovery=b"").exists()

    def test_says_so_to_whoever_signs_in(self, cast: Cast, all_held: Standing, monkeypatch):
        monkeypatch.setattr("access.services.signing_in.match_token", lambda *_: object())
        proof = Proof(cast.dana.address, cast.dana.passphrase, "000000")
        with pytest.raises(AccountHeld, match="waits for a manager"):
            sign_in(by=Nobody(Origin()), proof=proof, at=NOW())
        HeldBundle.objects.all().delete()
        Identity.objects.filter(holder=cast.dana.user.pk).delete()
        with pytest.raises(KeysRefused):
            sign_in(by=Nobody(Origin()), proof=proof, at=NOW())

    def test_comes_back_as_it_was(self, cast: Cast, all_held: Standing):
        release(all_held.bundles)
        assert take_standing() == all_held
        assert held() == []

    def test_does_not_undo_what_was_set_since(self, cast: Cast, all_held: Standing):
        mine = Identity.objects.filter(holder=cast.dana.user.pk)
        mine.update(sealed_bundle=b"under a new passphrase")
        release(all_held.bundles)
        assert bytes(mine.get().sealed_bundle) == b"under a new passphrase"
        assert not HeldBundle.objects.exists()

    def test_grants_come_back_once(self, cast: Cast):
        before = take_standing()
        assert before.grants
        hold_revived_grants(Standing(frozenset(), frozenset()))
        assert not Grant.objects.exists()
        again = HeldGrant.objects.all()[0]
        Grant.objects.create(
            vault=again.vault, generation=again.generation, grantee=bytes(again.grantee), wrap=b"granted anew",
            granted_by=bytes(again.granted_by), granted_at=NOW(),
        )  # fmt: skip
        release(before.grants)
        assert take_standing().grants == before.grants
        assert Grant.objects.filter(wrap=b"granted anew").exists()


class TestTheList:
    def test_names_staff_and_codes_of_clients_but_no_hidden_one(self, cast: Cast, all_held: Standing):
        robin = Client.objects.get(pk=cast.robin.client_id)
        Client.objects.filter(pk=cast.noor.client_id).update(hidden=True)
        hold_revived_grants(Standing(frozenset(), frozenset()))
        words = describe(held())
        assert "Dana Whitlock: the whole account" in words
        assert f"client {robin.code}: the whole account" in words
        assert "somebody not named here: the whole account" in words
        assert f"Priya Nair: the contact vault of client {robin.code}" in words
        assert "Priya Nair: the contact vault of client not named here" in words

    def test_says_so_when_a_key_is_nobodys(self, cast: Cast):
        hold_revived_grants(Standing(frozenset(), frozenset()))
        HeldGrant.objects.update(grantee=bytes(16))
        assert describe(held())[0].startswith("nobody known: the ")


class TestWhoConfirms:
    def test_may_be_enough_of_the_printed_codes(self, cast: Cast, all_held: Standing):
        by = holders_of_codes({1: cast.codes[0], 3: cast.codes[2]})
        confirm(held(), by=by, at=NOW())
        assert take_standing() == all_held
        entries = Entry.objects.filter(action=Act.BACKUP_CONFIRMED)
        assert {entry.obj_id for entry in entries} >= {cast.dana.user.pk, cast.robin.person.user.pk}
        assert {entry.role for entry in entries} == {"system"}

    @pytest.mark.parametrize("numbers", [[1], [], [1, 2, 3]])
    def test_is_nobody_with_another_number_of_codes(self, cast: Cast, numbers):
        with pytest.raises(CannotConfirm, match="not enough"):
            holders_of_codes({number: cast.codes[number - 1] for number in numbers})

    def test_is_nobody_with_a_mistyped_code(self, cast: Cast):
        with pytest.raises(CannotConfirm):
            holders_of_codes({1: cast.codes[0], 2: cast.codes[2]})

    def test_leaves_an_entry_about_the_client_of_a_grant(self, cast: Cast):
        hold_revived_grants(Standing(frozenset(), frozenset()))
        [first, *_] = held()
        confirm([first], by=System(), at=NOW())
        assert Entry.objects.filter(action=Act.BACKUP_CONFIRMED, obj_id=first.subject).count() == 1
