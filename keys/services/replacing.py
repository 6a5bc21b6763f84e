"""Keys that took the place of others: who waits to be vouched for again, and signing that the old ones ended."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Max, QuerySet

from keys.errors import KeyRefused
from keys.keyring import Keyring
from keys.models import Certificate, Identity, Revocation
from keys.services.certifying import Issuer, fingerprint_under, issue_certificate
from keys.services.identities import current_identity
from keys.services.trust import Trust, Vouched
from keys.statements import Kind, RevocationStatement


def waiting_for_confirmation() -> QuerySet[Identity, UUID]:
    """Select the holders whose new keys, made in place of others, nobody has certified yet."""
    new = Identity.objects.filter(retired_at=None, holder__in=_retired().values("holder"))
    return new.exclude(key_id__in=Certificate.objects.values("key_id")).values_list("holder", flat=True)


def awaits_words(*, holder: UUID, subject: UUID) -> bool:
    """Say whether somebody made new keys in place of others, which nobody certified for this client yet."""
    identity = current_identity(holder)
    if identity is None or not _retired().filter(holder=holder).exists():
        return False
    return not Certificate.objects.filter(key_id=bytes(identity.key_id), subject=subject).exists()


def vouch_for_current(trust: Trust, key_id: bytes) -> Vouched:
    """Vouch for a key that was named a while ago, or for the one that its owner has now.

    :raises KeyRefused: one of the two is not one we can vouch for
    """
    named = trust.vouch(key_id)
    current = current_identity(named.holder) if named.retired else None
    return trust.vouch(bytes(current.key_id)) if current else named


def certify_client_anew(*, by: Keyring, holder: UUID, subject: UUID, seen: bytes, at: datetime) -> None:
    """Vouch for the new keys of a client whose words I have compared, and whose keys of before were this client's.

    :param seen: the 32-byte fingerprint that was on my page
    :raises KeyRefused: the keys changed since the page was shown, I am no certified colleague, or none of this holder's
        keys of before was certified for this client
    """
    identity, trust = current_identity(holder), Trust(by.root_id)
    if identity is None or fingerprint_under(by.root_id, identity) != seen:
        raise KeyRefused("fingerprint_changed")
    if trust.vouch(by.key_id).kind != Kind.STAFF:
        raise KeyRefused("issuer_unknown")
    if not any(_was_certified(trust, old, subject) for old in _retired().filter(holder=holder)):
        raise KeyRefused("not_certified")
    issue_certificate(Issuer.person(by), identity, kind=Kind.CLIENT, may_certify=False, subject=subject, at=at)


def revoke_retired(*, by: Keyring, holder: UUID, at: datetime) -> None:
    """Sign that somebody's keys of before ended when they were retired. Counts only from who may certify."""
    for identity in _retired().filter(holder=holder):
        key_id, since = bytes(identity.key_id), min(identity.retired_at or at, at)
        if not Trust(by.root_id).is_revoked(key_id, at=since + timedelta(microseconds=1)):
            revoke_key(Issuer.person(by), key_id=key_id, since=since)


def revoke_key(by: Issuer, *, key_id: bytes, since: datetime) -> None:
    """Sign and store that a key vouches for nothing later than `since`, and is given nothing any more."""
    number = (Revocation.objects.filter(key_id=key_id).aggregate(newest=Max("number"))["newest"] or 0) + 1
    statement = RevocationStatement(by.root_id, key_id, number, since, by.key_id)
    Revocation.objects.create(
        key_id=key_id,
        root=by.root_id,
        number=number,
        since=since,
        issuer=by.key_id,
        signature=by.signer.sign(statement.encode()),
    )


def _retired() -> QuerySet[Identity]:
    return Identity.objects.filter(retired_at__isnull=False)


def _was_certified(trust: Trust, identity: Identity, subject: UUID) -> bool:
    try:
        trust.vouch(bytes(identity.key_id), subject=subject)
    except KeyRefused:
        return False
    return True
