"""Open sessions: half a key in the browser, half in a row, and neither opens anything alone."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db.models import QuerySet

from access.models import KeySession, User
from access.sessions import forget_browsers
from keys.errors import KeysError
from keys.prepared import Prepared
from keys.services import Keyring, fresh_unlock_key, open_from_session, seal_for_session

_TOUCH = timedelta(minutes=1)


@dataclass(frozen=True, repr=False)
class OpenSession:
    """A session that was just opened. `cookie` goes to the browser and nowhere else."""

    user: User
    keys: Keyring
    row: KeySession
    cookie: str

    @property
    def id(self) -> UUID:
        return self.row.pk


def open_session(*, user: User, keys: Keyring, at: datetime, opened_at: datetime | None = None) -> OpenSession:
    """Open a session for keys that a passphrase has just opened.

    :param opened_at: for a session reopened after the idle lock, when it was first opened
    """
    # A closed browser never asks for its row again, so the person's next session clears it away.
    KeySession.objects.filter(user=user, opened_at__lt=at - timedelta(seconds=settings.ABSOLUTE_SESSION)).delete()
    unlock_id, unlock_key = uuid4(), fresh_unlock_key()
    row = KeySession.objects.create(
        id=unlock_id,
        user=user,
        sealed_bundle=seal_for_session(keys, unlock_key=unlock_key, unlock_id=unlock_id),
        opened_at=opened_at or at,
        seen_at=at,
        fresh_at=at,
    )
    return OpenSession(user, keys, row, urlsafe_b64encode(unlock_key).decode("ascii"))


def start_over(*, user: User, keys: Keyring, here: UUID | None, browser: str, at: datetime) -> OpenSession:
    """End every session of somebody, and open the one of this request anew. Belongs inside the caller's transaction.

    :param here: the session of this request, which keeps its age; none where there was none yet
    :param browser: the session cookie of this request; the other browsers forget who it was
    """
    rows = KeySession.objects.filter(user=user)
    opened_at = rows.filter(pk=here).values_list("opened_at", flat=True).first() if here else None
    rows.delete()
    forget_browsers(user.pk, but=browser)
    return open_session(user=user, keys=keys, at=at, opened_at=opened_at)


def find_open(*, user: User, unlock_id: UUID, at: datetime) -> KeySession | None:
    """Find a session that is neither idle for too long nor too old; one that is goes for good."""
    row = _session.first(user_id=user.pk, unlock_id=unlock_id)
    if row is None:
        return None
    # The very person that was asked for, so that nobody asks the database again.
    row.user = user
    if idle_left(row, at=at) <= timedelta(0) or absolute_left(row, at=at) <= timedelta(0):
        row.delete()
        return None
    return row


@Prepared
def _session(user_id: UUID, unlock_id: UUID) -> QuerySet[KeySession]:
    return KeySession.objects.filter(pk=unlock_id, user=user_id)


def open_keys(row: KeySession, *, cookie: str) -> Keyring | None:
    """Open a session's keys with the browser's half; None for a cookie that is not this session's."""
    try:
        unlock_key = urlsafe_b64decode(cookie)
        return open_from_session(row.sealed_bundle, holder=row.user_id, unlock_key=unlock_key, unlock_id=row.pk)
    except (KeysError, ValueError):
        return None


def touch(row: KeySession, *, at: datetime) -> None:
    """Note activity, at most once a minute."""
    if at - row.seen_at >= _TOUCH:
        KeySession.objects.filter(pk=row.pk).update(seen_at=at)
        row.seen_at = at


def is_fresh(row: KeySession, *, at: datetime) -> bool:
    """Say whether the passphrase was given in the last ten minutes."""
    return at - row.fresh_at <= timedelta(seconds=settings.FRESH_SECONDS)


def freshen(unlock_id: UUID, *, at: datetime) -> None:
    """Note that the passphrase was just given again."""
    KeySession.objects.filter(pk=unlock_id).update(fresh_at=at, seen_at=at)


def close_session(unlock_id: UUID) -> None:
    """Forget the server's half; the cookie opens nothing any more."""
    KeySession.objects.filter(pk=unlock_id).delete()


def idle_left(row: KeySession, *, at: datetime) -> timedelta:
    """Compute how long the session stays open without activity."""
    seconds = settings.IDLE_STAFF if row.user.is_staff_member else settings.IDLE_CLIENT
    return timedelta(seconds=seconds) - (at - row.seen_at)


def absolute_left(row: KeySession, *, at: datetime) -> timedelta:
    """Compute how long the session stays open at most."""
    return timedelta(seconds=settings.ABSOLUTE_SESSION) - (at - row.opened_at)
