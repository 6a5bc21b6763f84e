"""What the recovery key opens, and when it is not believed."""

from uuid import uuid4

import pytest

from keys.errors import CodesRefused, KeyRefused
from keys.keyring import Keyring
from keys.models import Certificate, Generation, Grant
from keys.services.founding import Founder, open_with_recovery_codes, print_recovery_codes
from keys.services.places import Place
from keys.services.recovering import rehearse_recovery
from keys.services.standing import take_standing
from keys.services.vaults import make_vault
from keys.statements import Kind, VaultKind
from tests.keys.house import AT, DAY, House, grant_of, identity_of


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
