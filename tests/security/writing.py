"""Writing rows past every page, and the press that follows."""

from django.utils import timezone

from access.models import User
from clients.services.rotating import rotate_next
from clients.services.sharing import recipient_of, share_keys
from keys.models import Generation, Grant
from keys.services import VaultKind, flag_rotation, needs_turning


def update(rows, **columns):
    assert rows.update(**columns)


def share(case, person, *, at=None):
    """Let Dana press *Share* for somebody, as the page shows them now."""
    seen = recipient_of(User.objects.get(pk=person.user.pk), case.client).seen
    return share_keys(by=case.desk.by, client=case.client, seen=frozenset([seen]), at=at or timezone.now())


def plant(case, keyring, kind=VaultKind.RECORD, **columns):
    """Make somebody a reader by a row alone, whose wrap nobody has to open: the next key is what it is for."""
    facts = {"vault": case.vault(kind), "generation": 1, "granted_by": case.dana.key_id, "granted_at": timezone.now()}
    return Grant.objects.create(**{**facts, "grantee": keyring.key_id, "wrap": b"no wrap at all", **columns})


def rotate(case, kind=VaultKind.RECORD, *, by=None):
    """Let the next page of somebody who holds the key replace it: who was given the new one, by key id."""
    now, place = timezone.now(), case.place(kind)
    flag_rotation(places=[place], at=now)
    for _ in range(9):
        if not needs_turning(place):
            break
        rotate_next(by=by or case.desk.by, at=now)
    vault = case.vault(kind)
    rows = Grant.objects.filter(vault=vault, generation=vault.current_generation)
    assert vault.current_generation > 1
    return {bytes(row.grantee) for row in rows}


def put_back(row):
    """Insert a row again that was deleted."""
    row.pk = None
    row.save(force_insert=True)


def first(case):
    return Generation.objects.get(vault=case.vault(VaultKind.RECORD), generation=1)


def give_sam(case):
    """Let Dana share the record with Sam, who is in care."""
    case.put_in_care(case.cast.sam)
    share(case, case.cast.sam)
    return Grant.objects.get(vault=case.vault(VaultKind.RECORD), grantee=case.sam.key_id)


def second(case):
    return Generation.objects.get(vault=case.vault(VaultKind.RECORD), generation=2)
