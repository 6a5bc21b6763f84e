"""Django's database sessions, with only a hash of the cookie in the table: a stolen table holds no live cookie."""

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from keys.prepared import Prepared


class SessionStore(DatabaseStore):
    """Stores 160 bits of ``SHA-256(cookie)`` as the row's key."""

    def _get_session_from_db(self) -> Session | None:
        row = _session.first(key=_hashed(self.session_key or ""), now=timezone.now())
        if row is None:
            # Forged or over: a fresh cookie is drawn, never the one that was sent.
            self._session_key = None
        return row

    def exists(self, session_key: str) -> bool:
        return super().exists(_hashed(session_key))

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        row = super().create_model_instance(data)
        row.session_key = _hashed(row.session_key)
        return row

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            super().delete(_hashed(key))


@Prepared
def _session(key: str, now: datetime) -> QuerySet[Session]:
    return Session.objects.filter(session_key=key, expire_date__gt=now)


def forget_browsers(user_id: UUID, *, but: str) -> None:
    """Delete the sessions of somebody's browsers.

    :param but: the cookie of the one that stays
    """
    # Whose a session is stands inside it, so that each is opened; a practice has a few dozen.
    for row in Session.objects.exclude(session_key=_hashed(but)).filter(expire_date__gt=timezone.now()):
        if SessionStore().decode(row.session_data).get(SESSION_KEY) == str(user_id):
            row.delete()


def _hashed(cookie: str) -> str:
    return hashlib.sha256(cookie.encode("utf-8")).hexdigest()[:40]
