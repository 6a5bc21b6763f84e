"""What the database itself refuses, and what a row says of itself."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from keys import models
from keys.models import Certificate, Vault
from keys.services.founding import PRACTICE_KEYS
from keys.services.places import Place
from keys.services.vaults import make_vault
from keys.statements import Kind, VaultKind
from tests.keys.house import AT, certificate_of


def refuse(write):
    with pytest.raises(IntegrityError), transaction.atomic():
        write()


class TestTheDatabase:
    def test_has_one_vault_of_a_kind_for_a_subject_and_author(self, db):
        subject, author = uuid4(), uuid4()
        for place in ({"kind": VaultKind.RECORD}, {"kind": VaultKind.PROCESS, "author": author}):
            Vault.objects.create(subject=subject, **place)
            refuse(lambda place=place: Vault.objects.create(subject=subject, **place))

    @pytest.mark.parametrize("place", [{"kind": VaultKind.PROCESS}, {"kind": VaultKind.RECORD, "author": uuid4()}])
    def test_gives_an_author_to_process_vaults_alone(self, db, place):
        refuse(lambda: Vault.objects.create(subject=uuid4(), **place))

    def test_lets_only_staff_certify(self, house):
        row = certificate_of(house.client(uuid4(), by=house.staff()))
        refuse(lambda: Certificate.objects.filter(pk=row.pk).update(may_certify=True))

    def test_names_a_subject_for_clients_alone(self, house):
        staff = house.staff()
        client = certificate_of(house.client(uuid4(), by=staff))
        refuse(lambda: Certificate.objects.filter(pk=client.pk).update(subject=None))
        refuse(lambda: Certificate.objects.filter(pk=certificate_of(staff).pk).update(subject=uuid4()))
        refuse(lambda: Certificate.objects.filter(pk=client.pk).update(kind=Kind.STAFF))


class TestEveryRow:
    def test_calls_itself_by_ids_alone(self, house):
        make_vault(by=house.staff(), place=Place(VaultKind.RECORD, uuid4()), at=AT)
        house.client(uuid4(), by=house.staff())
        models.Revocation.objects.create(
            key_id=bytes(16), root=house.root_id, number=1, since=AT, issuer=bytes(32), signature=b""
        )
        models.PracticeKey.objects.create(
            name=PRACTICE_KEYS[0], public=bytes(32), root=house.root_id, since=AT, signature=b""
        )
        models.RecoveryShare.objects.create(subset="7+8", sealed_seed=b"")
        for kind in (
            models.Root,
            models.Identity,
            models.Certificate,
            models.InvitationKey,
            models.Revocation,
            models.PracticeKey,
            models.RecoveryShare,
            models.Vault,
            models.Generation,
            models.Grant,
        ):
            shown = str(kind.objects.order_by("-pk").first())
            assert shown
            assert "object" not in shown
