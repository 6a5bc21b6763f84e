"""A practice of keys alone: a root, and people whom it vouches for, made by the services of the pages."""

import os
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from keys.kdf import expand
from keys.keyring import Keyring
from keys.models import Certificate, Generation, Grant, Identity, InvitationKey, Revocation, Root, Vault
from keys.registry import Label
from keys.services.certifying import (
    InvitationSeeds,
    Issuer,
    certify_by_invitation,
    issue_certificate,
    issue_invitation,
)
from keys.services.founding import Founder
from keys.services.identities import make_identity, store_public
from keys.services.places import Place
from keys.services.trust import Trust, Vouched
from keys.services.vaults import Receipt
from keys.statements import Cause, Kind, ReaderLine, RevocationStatement, write_readers

AT = datetime(2026, 3, 1, 14, 0, tzinfo=UTC)
DAY = timedelta(days=1)
KEK = bytes(range(32))
TEXT = "What was said stays here."
ROW = ("note/v1", uuid4(), "body", 1)


class Looked:
    """A receipt that is always good: the log has tests of its own."""

    def confirm(self) -> None:
        """Say nothing."""


SEEN: Receipt = Looked()


@dataclass(frozen=True)
class House:
    founder: Founder = field(default_factory=Founder.draw)

    @property
    def root_id(self) -> bytes:
        return self.founder.root_id

    @property
    def root(self) -> Issuer:
        return Issuer(self.root_id, self.root_id, self.founder.signer)

    def found(self) -> None:
        Root.objects.create(root_id=self.root_id, sig_public=self.founder.signer.public.raw, made_at=AT)
        recovery = store_public(self.founder.recovery_seeds, holder=uuid4(), at=AT)
        self.certify(self.root, recovery, kind=Kind.RECOVERY)

    def stranger(self, root_id: bytes | None = None) -> Keyring:
        """Make keys that nobody has vouched for."""
        return make_identity(holder=uuid4(), kek=KEK, root_id=root_id or self.root_id, at=AT)

    def staff(self, *, may_certify: bool = False, by: Keyring | None = None, at: datetime = AT) -> Keyring:
        person = self.stranger()
        issuer = Issuer.person(by) if by else self.root
        self.certify(issuer, identity_of(person), may_certify=may_certify, at=at)
        return person

    def client(self, subject: UUID, *, by: Keyring) -> Keyring:
        person, seeds = self.stranger(), InvitationSeeds.fresh()
        self.invite(seeds, person.holder, subject, by=by)
        certify_by_invitation(by=person, root_id=self.root_id, seeds=seeds, subject=subject, at=AT)
        return person

    def invite(self, seeds: InvitationSeeds, holder: UUID, subject: UUID, *, by: Keyring, at: datetime = AT) -> None:
        issue_invitation(
            by=by, seeds=seeds, invitation=uuid4(), holder=holder, subject=subject, at=at, until=at + 7 * DAY
        )

    def certify(
        self,
        by: Issuer,
        identity: Identity,
        *,
        kind: Kind = Kind.STAFF,
        may_certify: bool = False,
        subject: UUID | None = None,
        at: datetime = AT,
    ) -> Certificate:
        issue_certificate(by, identity, kind=kind, may_certify=may_certify, subject=subject, at=at)
        return Certificate.objects.latest("pk")


def vouched(house: House, person: Keyring, *, subject: UUID | None = None) -> Vouched:
    """Return why the practice believes a person's keys."""
    return Trust(house.root_id).vouch(person.key_id, subject=subject)


def identity_of(person: Keyring) -> Identity:
    return Identity.objects.get(key_id=person.key_id)


def certificate_of(person: Keyring) -> Certificate:
    return Certificate.objects.filter(key_id=person.key_id).latest("pk")


def generation_of(place: Place) -> Generation:
    return Generation.objects.get(vault__subject=place.subject, vault__kind=place.kind, vault__author=place.author)


def grant_of(place: Place, person: Keyring) -> Grant:
    rows = Grant.objects.filter(vault__subject=place.subject, vault__kind=place.kind, vault__author=place.author)
    return rows.get(grantee=person.key_id)


def invitation_of(holder: UUID) -> InvitationKey:
    return InvitationKey.objects.get(holder=holder)


def next_generation(
    place: Place,
    *,
    by: Keyring,
    to: list[Keyring],
    old_key: bytes | None,
    key: bytes | None = None,
    cert_hash: bytes | None = None,
) -> bytes:
    """Make a generation by hand, as rotation will, or as a forger would: `old_key` links it to the one before."""
    from keys.services.generations import grant_info, link, statement_of
    from keys.services.trust import Trust
    from keys.wrapping import wrap

    vault = Vault.objects.get(subject=place.subject, kind=place.kind, author=place.author)
    key = key or os.urandom(32)
    row = Generation(
        vault=vault,
        generation=vault.current_generation + 1,
        root=by.root_id,
        suite=1,
        commit=expand(key, Label.COMMIT),
        prev=b"",
        maker=by.key_id,
        maker_cert_hash=cert_hash or Trust(by.root_id).vouch(by.key_id).cert_hash,
        made_at=AT + DAY,
        readers=write_readers(ReaderLine(person.key_id, Cause.GIVEN, None) for person in to),
    )
    statement = statement_of(place, row)
    row.prev = link(old_key, statement) if old_key else b"p" * 32
    row.signature = by.sign(replace(statement, prev=row.prev).encode())
    row.save(force_insert=True)
    for person in to:
        info = grant_info(by.root_id, vault.id, row.generation, person.key_id, person.seeds.kem_public)
        Grant.objects.create(
            vault=vault,
            generation=row.generation,
            grantee=person.key_id,
            wrap=wrap(key, to=person.seeds.kem_public, info=info),
            granted_by=by.key_id,
            granted_at=AT,
        )
    Vault.objects.filter(pk=vault.pk).update(current_generation=row.generation)
    return key


def revoke(who, *, by, number=1, since=AT + DAY, root=None):
    statement = RevocationStatement(root or by.root_id, who.key_id, number, since, by.key_id)
    Revocation.objects.create(
        key_id=who.key_id,
        root=statement.root,
        number=number,
        since=since,
        issuer=by.key_id,
        signature=by.signer.sign(statement.encode()),
    )
