"""Writing entries, three ways: with a change, before a look, after a refusal."""

import json
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Unpack
from uuid import UUID

from django.db import Error as DatabaseFailure
from django.db import connection, transaction
from django.db.models import BinaryField, Model

from audit.actors import Acting, Target
from audit.acts import Act, Outcome
from audit.canonical import encode, leaf_hash
from audit.entries import Details, compose, index_columns, subject_handles, uid_of
from audit.mac import mac_is_good, mac_of
from audit.models import Entry, EntrySubject
from audit.writer import WRITER
from keys.context import Blob
from keys.prepared import Prepared

if TYPE_CHECKING:
    from django.db.models import Field, QuerySet

    AnyField = Field[Any, Any]

logger = logging.getLogger(__name__)


class AuditUnavailable(Exception):
    """Access could not be recorded, so the record stays closed."""


class NotInTransaction(RuntimeError):
    """A change and its entry stand or fall together: record inside the transaction of the change."""


class NoReceipt(Exception):
    """No committed entry says that this was looked at."""


@dataclass(frozen=True)
class Receipt:
    """The proof, handed to whoever opens a sealed text, that the look was recorded first."""

    entry_id: int
    leaf: bytes
    act: str
    actor_id: str
    target_type: str
    target_uuid: UUID | None
    subjects: frozenset[bytes]

    @property
    def uid(self) -> UUID:
        """The entry's own id, as its page has it."""
        return uid_of(self.leaf)

    def confirm(self) -> None:
        """Check the receipt against the stored entry; the database is asked once per receipt.

        :raises NoReceipt: there is no such entry, or it says something else
        :raises AuditUnavailable: the log cannot be read
        """
        if not self._is_on_record:
            raise NoReceipt

    def covers(self, target_uuid: UUID) -> None:
        """Check, besides, that the entry is about this very thing.

        :raises NoReceipt: it is about something else, or `confirm` fails
        """
        self.confirm()
        if target_uuid != self.target_uuid:
            raise NoReceipt

    def covers_client(self, handle: bytes) -> None:
        """Check, besides, that the entry names this client, alone or in a list.

        :param handle: the client's log handle
        :raises NoReceipt: it names others, or `confirm` fails
        """
        self.confirm()
        if handle not in self.subjects:
            raise NoReceipt

    @cached_property
    def _is_on_record(self) -> bool:
        try:
            rows = _stored.all(entry_id=self.entry_id)
        except DatabaseFailure as error:
            raise AuditUnavailable from error
        return any(mac_is_good(body, mac) and _receipt_for(self.entry_id, bytes(body)) == self for body, mac in rows)


@Prepared
def _stored(entry_id: int) -> "QuerySet[Entry, tuple[Blob, Blob]]":
    return Entry.objects.filter(pk=entry_id).values_list("body", "mac")


def record(
    act: Act,
    *,
    by: Acting,
    at: datetime,
    target: Target | None = None,
    outcome: Outcome = Outcome.OK,
    **details: Unpack[Details],
) -> Entry:
    """Record a change, as the last statement of its transaction.

    The client whom the target is about is a subject of the entry without being named again.

    :raises NotInTransaction: there is no transaction that the entry would share with the change
    :raises AuditUnavailable: the entry could not be written; the transaction will be rolled back
    """
    if not connection.in_atomic_block:
        raise NotInTransaction
    details["subjects"] = [*details.get("subjects", ()), *_handle_of(target)]
    try:
        return _append(act, by=by, at=at, target=target, outcome=outcome, details=details)
    except (DatabaseFailure, AuditUnavailable) as error:
        # Even a caller that swallows the error must not keep a change without its entry.
        transaction.set_rollback(True)
        raise AuditUnavailable from error


def record_look(
    act: Act,
    *,
    by: Acting,
    at: datetime,
    target: Target | None = None,
    **details: Unpack[Details],
) -> Receipt:
    """Record a look before it happens, committed in a transaction of its own.

    :returns: the receipt without which no sealed text opens
    :raises AuditUnavailable: the entry could not be written; nothing may be opened
    :raises RuntimeError: called inside a transaction, which could still be rolled back
    """
    try:
        with transaction.atomic(durable=True):
            entry = record(act, by=by, at=at, target=target, **details)
    except DatabaseFailure as error:
        raise AuditUnavailable from error
    return _receipt_for(entry.pk, bytes(entry.body))


def record_refusal(
    act: Act,
    *,
    by: Acting,
    at: datetime,
    target: Target | None = None,
    **details: Unpack[Details],
) -> None:
    """Record that something was refused, in a transaction of its own, after it was decided.

    The thing asked for is named as asked, whether or not it exists, and the client it may be about
    is not, since that would tell one from the other (`subjects` is for refusals further inside,
    where the asker holds the client's record anyway). A failing log leaves the refusal as it was.

    :raises RuntimeError: called inside a transaction, whose rollback would take the entry along
    """
    try:
        with transaction.atomic(durable=True):
            _append(act, by=by, at=at, target=target, outcome=Outcome.DENIED, details=details)
    except (DatabaseFailure, AuditUnavailable):
        logger.critical("A refusal (%s) could not be recorded.", act, exc_info=True)


def _append(act: Act, *, by: Acting, at: datetime, target: Target | None, outcome: Outcome, details: Details) -> Entry:
    facts = compose(act, by=by, at=at, target=target, outcome=outcome, written=WRITER.sign(), details=details)
    body = encode(facts)
    leaf = leaf_hash(body)
    entry = Entry(uid=uid_of(leaf), body=body, leaf=leaf, mac=mac_of(body), **index_columns(facts))
    (entry.pk,) = _insert([entry])
    _insert([EntrySubject(entry_id=entry.pk, handle=handle) for handle in subject_handles(facts)])
    return entry


def _insert(rows: Sequence[Model]) -> list[int]:
    # In our own SQL, because what RETURNING says must be compared with what was sent:
    # a trigger planted on the table can swallow a row, or store another one.
    if not rows:
        return []
    # _meta is the documented way to a model's fields, its underscore notwithstanding.
    fields = [field for field in rows[0]._meta.concrete_fields if not field.primary_key]
    kept = [field for field in fields if isinstance(field, BinaryField)]
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for row in rows for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(_insert_statement(rows, fields, kept), values)
        returned = cursor.fetchall()
    sent = Counter(tuple(getattr(row, field.attname) for field in kept) for row in rows)
    if Counter(tuple(map(bytes, data)) for _, *data in returned) != sent:
        raise AuditUnavailable("the table did not keep a row as it was written")
    return [row_id for row_id, *_ in returned]


def _insert_statement(rows: Sequence[Model], fields: "Sequence[AnyField]", kept: "Sequence[AnyField]") -> str:
    columns = ", ".join(field.attname for field in fields)
    marks = ", ".join(f"({', '.join(['%s'] * len(fields))})" for _ in rows)
    returning = ", ".join(["id", *(field.attname for field in kept)])
    # Every name comes from a model of this app, and every value is a parameter.
    return f"INSERT INTO {rows[0]._meta.db_table} ({columns}) VALUES {marks} RETURNING {returning}"  # noqa: S608


def _receipt_for(entry_id: int, body: bytes) -> Receipt:
    # Only for bytes that this application wrote, just now or by their mark: they need no second look.
    facts = json.loads(body)
    columns = index_columns(facts)
    return Receipt(
        entry_id=entry_id,
        leaf=leaf_hash(body),
        act=columns["action"],
        actor_id=columns["actor_id"],
        target_type=columns["obj_type"],
        target_uuid=columns["obj_id"],
        subjects=frozenset(subject_handles(facts)),
    )


def _handle_of(target: Target | None) -> list[bytes]:
    return [target.audit_handle] if target and target.audit_handle else []
