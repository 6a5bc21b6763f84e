"""What the recovery key opens, and when it is not believed."""

from dataclasses import dataclass
from uuid import uuid4

import pytest
from django.utils import timezone

from keys.errors import CodesRefused, KeyRefused, NoGrant
from keys.keyring import Keyring
from keys.models import Certificate, Generation, Grant, Vault
from keys.services.certifying import Issuer, fingerprint_of_seeds
from keys.services.founding import Founder, open_with_recovery_codes, print_recovery_codes
from keys.services.identities import make_identity
from keys.services.places import Place
from keys.services.recovering import Reach, reach_of_recovery, recover_keys, rehearse_recovery
from keys.services.rekeying import retire_identity
from keys.services.standing import take_standing
from keys.services.vaults import make_vault, open_vault
from keys.statements import Kind, VaultKind
from tests.keys.house import AT, DAY, KEK, ROW, SEEN, TEXT, House, grant_of, identity_of, vouched


def codes_by_number(codes: list[str], *numbers: int) -> dict[int, str]:
    return {number: codes[number - 1] for number in numbers}


class TestCodesThatOpenNothing:
    @pytest.fixture
    def codes(self, house: House) -> list[str]:
        return print_recovery_codes(house.founder, count=3, needed=2)

    def test_are_too_few(self, codes):
        with pytest.raises(CodesRefused, match="it takes 2, and 1 came"):
            open_with_recovery_codes(codes_by_number(codes, 2))

    def test_are_named_when_mistyped(self, codes):
        with pytest.raises(CodesRefused, match=r"^Code 3 is mistyped") as refused:
            open_with_recovery_codes({1: codes[0], 3: codes[2][:-1] + "?"})
        assert codes[2][:9] not in str(refused.value)

    def test_are_one_code_twice(self, codes):
        with pytest.raises(CodesRefused, match="same code was typed twice"):
            open_with_recovery_codes({1: codes[0], 2: codes[0].lower()})

    def test_have_a_number_that_was_never_printed(self, codes):
        with pytest.raises(CodesRefused, match="no code 4: they have the numbers 1 to 3"):
            open_with_recovery_codes({1: codes[0], 4: codes[1]})

    def test_are_of_an_older_print(self, house, codes):
        print_recovery_codes(house.founder, count=3, needed=2)
        with pytest.raises(CodesRefused, match="newer ones were printed"):
            open_with_recovery_codes(codes_by_number(codes, 1, 2))


class TestARehearsal:
    @pytest.fixture
    def vaults(self, house: House, dana: Keyring) -> list[Place]:
        """A contact and a record vault, and two process vaults, of which one author lets recovery in."""
        sam = house.staff()
        places = [Place(VaultKind.CONTACT, uuid4()), Place(VaultKind.RECORD, uuid4())]
        places += [Place(VaultKind.PROCESS, uuid4(), author.holder) for author in (dana, sam)]
        for place in places:
            author = sam if place.author == sam.holder else dana
            make_vault(by=author, place=place, recoverable=author is dana, at=AT)
        return places

    def test_counts_what_opens_and_leaves_nothing_behind(self, house: House, vaults, dana: Keyring):
        before = [(grant.pk, bytes(grant.accepted)) for grant in Grant.objects.order_by("pk")], take_standing()
        rehearsal = rehearse_recovery(house.founder)
        mine = {place.subject for place in vaults}
        assert not [place for place in rehearsal.closed if place.subject in mine]
        assert rehearsal.opened[VaultKind.PROCESS] == 1
        assert rehearsal.opened[VaultKind.RECORD] >= 1
        assert rehearsal.apart == 1
        after = [(grant.pk, bytes(grant.accepted)) for grant in Grant.objects.order_by("pk")], take_standing()
        assert after == before

    def test_names_what_does_not_open(self, house: House, vaults, dana: Keyring):
        contact, record, *_ = vaults
        recovery = Grant.objects.filter(grantee=house.founder.recovery_seeds.key_id)
        recovery.filter(vault__subject=contact.subject).delete()
        recovery.filter(vault__subject=record.subject).update(wrap=bytes(grant_of(record, dana).wrap))
        assert {contact, record} <= set(rehearsal_closed(house))

    def test_verifies_the_commitment_again_whatever_the_marks_say(self, house: House, vaults, dana: Keyring):
        rehearse_recovery(house.founder)
        Generation.objects.filter(vault__subject=vaults[1].subject).update(signature=bytes(3373))
        assert vaults[1] in rehearsal_closed(house)


class TestAnotherRecoveryKey:
    def test_certified_by_anybody_but_the_root_is_refused(self, house: House):
        forger = House()
        forger.found()
        Certificate.objects.filter(kind=Kind.RECOVERY, root=house.root_id).update(issuer=forger.root_id)
        with pytest.raises(KeyRefused):
            rehearse_recovery(house.founder)

    def test_in_the_place_of_the_real_one_is_refused(self, house: House):
        swapped = house.stranger()
        row = Certificate.objects.get(kind=Kind.RECOVERY, root=house.root_id)
        Certificate.objects.filter(pk=row.pk).update(key_id=swapped.key_id, holder=swapped.holder)
        with pytest.raises(KeyRefused):
            rehearse_recovery(house.founder)

    def test_that_the_root_once_made_is_refused_too(self, house: House):
        """A recovery key of the same root that does not grow from the seed on the sheets would open for strangers."""
        house.certify(house.root, identity_of(house.stranger()), kind=Kind.RECOVERY, at=AT + DAY)
        with pytest.raises(KeyRefused, match="recovery_key_changed"):
            rehearse_recovery(house.founder)

    def test_of_another_practice_is_none_of_ours(self, house: House):
        with pytest.raises(KeyRefused):
            rehearse_recovery(Founder.draw())


def rehearsal_closed(house: House) -> tuple[Place, ...]:
    return rehearse_recovery(house.founder).closed


@dataclass
class Lost:
    """Somebody who lost passphrase and code: old keys, the places they opened, and the new pair that waits."""

    house: House
    old: Keyring
    places: list[Place]
    new: Keyring

    def recover(self, *, founder: Founder | None = None, seen: bytes | None = None) -> Reach:
        return recover_keys(
            founder or self.house.founder,
            holder=self.old.holder,
            seen=seen or fingerprint_of_seeds(self.new),
            may_certify=False,
            at=AT + DAY,
        )


@pytest.fixture
def lost(house: House, dana: Keyring) -> Lost:
    record, contact = Place(VaultKind.RECORD, uuid4()), Place(VaultKind.CONTACT, uuid4())
    mine, apart = (Place(VaultKind.PROCESS, uuid4(), dana.holder) for _ in range(2))
    for place in (record, contact, mine, apart):
        make_vault(by=dana, place=place, recoverable=place != apart, at=AT)
    retire_identity(holder=dana.holder, at=AT + DAY)
    new = make_identity(holder=dana.holder, kek=KEK, root_id=house.root_id, at=AT + DAY)
    return Lost(house, dana, [record, contact, mine, apart], new)


class TestRecoveredKeys:
    def test_open_what_the_lost_ones_opened_but_what_was_kept_apart(self, lost: Lost):
        *back, apart = lost.places
        assert set(reach_of_recovery(holder=lost.old.holder).back) == set(back)
        sealed = open_vault(by=lost.old, place=back[0]).seal(TEXT, bound_to=ROW)
        reach = lost.recover()
        assert (set(reach.back), reach.gone) == (set(back), (apart,))
        assert open_vault(by=lost.new, place=back[0]).unseal(sealed, bound_to=ROW, receipt=SEEN) == TEXT
        for place in back:
            open_vault(by=lost.new, place=place)
            with pytest.raises(NoGrant):
                open_vault(by=lost.old, place=place)
        with pytest.raises(NoGrant):
            open_vault(by=lost.new, place=apart)
        # Nobody is left without: an old backup and the old passphrase may still turn up.
        assert grant_of(apart, lost.old).grantee

    def test_of_somebody_who_loses_them_twice_open_everything_again(self, lost: Lost):
        lost.recover()
        retire_identity(holder=lost.old.holder, at=AT + 2 * DAY)
        newest = make_identity(holder=lost.old.holder, kek=KEK, root_id=lost.house.root_id, at=AT + 2 * DAY)
        seen = fingerprint_of_seeds(newest)
        reach = recover_keys(lost.house.founder, holder=newest.holder, seen=seen, may_certify=False, at=AT + 2 * DAY)
        assert len(reach.back) == 3
        open_vault(by=newest, place=lost.places[0])

    def test_are_vouched_for_by_the_root_and_the_old_ones_are_revoked(self, lost: Lost):
        lost.recover()
        assert vouched(lost.house, lost.new).by_root
        late = lost.house.stranger()
        lost.house.certify(Issuer.person(lost.old), identity_of(late), at=AT + 2 * DAY)
        with pytest.raises(KeyRefused, match="issuer_revoked"):
            vouched(lost.house, late)

    def test_have_those_vaults_keys_replaced(self, lost: Lost):
        lost.recover()
        waiting = Vault.objects.filter(rotate_since=AT + DAY, subject__in=[place.subject for place in lost.places])
        assert waiting.count() == len(lost.places)

    def test_end_when_the_lost_ones_would_have(self, lost: Lost):
        Grant.objects.filter(grantee=lost.old.key_id).update(expires_at=timezone.now() + DAY)
        lost.recover()
        assert grant_of(lost.places[0], lost.new).expires_at is not None


class TestARecoveryThatIsRefused:
    def test_is_of_other_keys_than_were_compared(self, lost: Lost):
        before = take_standing(), Certificate.objects.count()
        with pytest.raises(KeyRefused, match="fingerprint_changed"):
            lost.recover(seen=fingerprint_of_seeds(lost.house.staff()))
        assert (take_standing().grants, Certificate.objects.count() - 1) == (before[0].grants, before[1])

    def test_is_with_the_seed_of_another_practice(self, lost: Lost):
        before = take_standing(), Certificate.objects.count()
        with pytest.raises(KeyRefused, match="no_recovery_key"):
            lost.recover(founder=Founder.draw())
        assert (take_standing(), Certificate.objects.count()) == before

    def test_is_for_a_client(self, lost: Lost):
        client = lost.house.client(uuid4(), by=lost.house.staff())
        seen = fingerprint_of_seeds(client)
        with pytest.raises(KeyRefused, match="one_kind_per_holder"):
            recover_keys(lost.house.founder, holder=client.holder, seen=seen, may_certify=True, at=AT)


class TestPlantedGrants:
    def test_on_a_vault_of_another_author_come_to_nothing(self, lost: Lost):
        """A writer of the database puts somebody's process vault among what the lost keys are said to have opened."""
        sam = lost.house.staff()
        private = Place(VaultKind.PROCESS, uuid4(), sam.holder)
        make_vault(by=sam, place=private, at=AT)
        row = grant_of(private, sam)
        Grant.objects.create(
            vault=row.vault, generation=1, grantee=lost.old.key_id, wrap=b"?", granted_by=sam.key_id, granted_at=AT
        )
        assert private in lost.recover().gone
        with pytest.raises(NoGrant):
            open_vault(by=lost.new, place=private)

    def test_of_a_key_that_nobody_committed_to_come_to_nothing(self, lost: Lost):
        record = lost.places[0]
        Generation.objects.filter(vault__subject=record.subject).update(commit=bytes(32))
        assert record in lost.recover().gone
