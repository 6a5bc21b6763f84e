"""Somebody writes the database, and signs what they can: it makes nobody a reader. Nor does a row of before."""

from datetime import timedelta

import pytest
from django.utils import timezone

from keys.errors import KeyRefused
from keys.models import Generation, Grant
from keys.models.readership import Heir, Reader
from keys.services import (
    VaultKind,
    holders_of,
)
from keys.services.adopting import adopt_readers
from keys.services.certifying import Issuer
from keys.services.generations import statement_of
from keys.services.readers import sign_heir, sign_reader
from keys.statements import Cause, ReaderLine, read_readers, write_readers
from tests.security.writing import first, give_sam, plant, rotate, second, update

RECORD = VaultKind.RECORD
A_DAY = timedelta(days=1)


# What is written to make Sam a reader of Dana's record by a statement of his own making.


def signed_by_himself(case):
    sign_reader(first(case), case.sam.key_id, by=case.sam, at=timezone.now())


def signed_by_a_client(case):
    sign_reader(first(case), case.sam.key_id, by=case.cast.robin.person.keys, at=timezone.now())


def signed_by_a_stranger(case):
    sign_reader(first(case), case.sam.key_id, by=case.stranger, at=timezone.now())


def in_danas_name(case):
    sign_reader(first(case), case.sam.key_id, by=case.sam, at=timezone.now())
    update(Reader.objects.all(), given_by=case.dana.key_id)


def of_another_vault(case):
    contact = Generation.objects.get(vault=case.vault(VaultKind.CONTACT))
    sign_reader(contact, case.sam.key_id, by=case.dana, at=timezone.now())
    update(Reader.objects.all(), vault=case.vault(RECORD))


def of_another_person(case):
    sign_reader(first(case), case.cast.manager.keys.key_id, by=case.dana, at=timezone.now())
    update(Reader.objects.all(), key_id=case.sam.key_id)


def before_dana_was_one(case):
    sign_reader(first(case), case.sam.key_id, by=case.dana, at=first(case).made_at - A_DAY)


def without_a_signature(case):
    sign_reader(first(case), case.sam.key_id, by=case.sam, at=timezone.now())
    update(Reader.objects.all(), given_by=b"", signature=b"")


def taken_over_beside_a_list(case):
    """With a good MAC of the service's, which counts only where no list was signed."""
    row = first(case)
    row.readers = b""
    adopt_readers([row], Grant.objects.filter(grantee=case.sam.key_id), Reader.objects)


def make_heir(case, *, by):
    old, new = case.dana.key_id, case.sam.key_id
    sign_heir(Issuer.person(by), holder=case.dana.holder, old=old, new=new, at=timezone.now())


def heir_of_dana_by_himself(case):
    sign_heir(
        Issuer.person(case.sam), holder=case.dana.holder, old=case.dana.key_id, new=case.sam.key_id, at=timezone.now()
    )


def heir_in_danas_name(case):
    heir_of_dana_by_himself(case)
    update(Heir.objects.all(), issuer=case.dana.key_id)


def heir_of_another_holder(case):
    """With Dana's own old keys, as somebody would who knows her old passphrase."""
    sign_heir(
        Issuer.person(case.dana), holder=case.dana.holder, old=case.dana.key_id, new=case.sam.key_id, at=timezone.now()
    )


FORGED = [
    signed_by_himself,
    signed_by_a_client,
    signed_by_a_stranger,
    in_danas_name,
    of_another_vault,
    of_another_person,
    before_dana_was_one,
    without_a_signature,
    taken_over_beside_a_list,
    heir_of_dana_by_himself,
    heir_in_danas_name,
    heir_of_another_holder,
]


class TestAStatement:
    @pytest.mark.parametrize("forge", FORGED)
    def test_that_no_reader_signed_makes_no_reader(self, case, forge):
        plant(case, case.sam)
        forge(case)
        assert case.sam.key_id not in rotate(case)

    def test_that_a_reader_signed_does(self, case):
        plant(case, case.sam)
        sign_reader(first(case), case.sam.key_id, by=case.dana, at=timezone.now())
        assert case.sam.key_id in rotate(case)


class TestTheListOfAGeneration:
    def test_is_what_its_maker_signed(self, case):
        row = first(case)
        lines = [*read_readers(bytes(row.readers)), ReaderLine(case.sam.key_id, Cause.GIVEN, None)]
        plant(case, case.sam)
        for readers in (write_readers(lines), b""):
            update(Generation.objects.filter(pk=row.pk), readers=readers)
            with pytest.raises(KeyRefused, match="commitment_signature"):
                case.open(RECORD)


@pytest.fixture
def old(case):
    """A record of before readers were signed, whose rows a migration took over."""
    row = first(case)
    row.readers = b""
    row.signature = case.dana.sign(statement_of(case.place(RECORD), row).encode())
    row.save()
    Reader.objects.all().delete()
    adopt_readers([row], Grant.objects.filter(vault=row.vault), Reader.objects)
    return row


class TestARecordOfBefore:
    def test_keeps_its_readers_and_has_them_signed_with_the_next_key(self, case, old):
        before = {bytes(row.grantee) for row in Grant.objects.filter(vault=old.vault)}
        assert rotate(case) == before
        assert {line.key_id for line in read_readers(bytes(second(case).readers))} == before
        assert all(row.is_signed for row in holders_of(case.place(RECORD)))

    def test_is_passed_on_by_them(self, case, old):
        give_sam(case)
        assert case.sam.key_id in rotate(case)

    def test_takes_no_row_over_that_was_planted_since(self, case, old, settings):
        plant(case, case.sam)
        settings.SERVICE_KEY = bytes(32)
        adopt_readers([old], Grant.objects.filter(grantee=case.sam.key_id), Reader.objects)
        settings.SERVICE_KEY = b"the-service-key-of-the-suite-32b"
        assert case.sam.key_id not in rotate(case)

    def test_lends_to_no_later_day_than_it_did(self, case, old):
        until = timezone.now() + A_DAY
        plant(case, case.sam, expires_at=until)
        adopt_readers([old], Grant.objects.filter(grantee=case.sam.key_id), Reader.objects)
        update(Grant.objects.filter(grantee=case.sam.key_id), expires_at=None)
        rotate(case)
        assert Grant.objects.get(generation=2, grantee=case.sam.key_id).expires_at == until
