"""Searching one's own caseload: each text is opened in memory, looked through and dropped. There is no index.

The look at all records that are searched stands in the log before the first text opens; the words stand nowhere.
"""

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.timezone import make_aware

from access.acting import Actor
from access.services.people import names_of_staff
from audit.actors import Named
from audit.acts import Act, Purpose
from audit.services import Receipt, record_refusal
from clients.services.contacts import list_contacts, look_at_contacts
from clients.services.covers import reachable_by
from clients.services.parting import record_looks
from clients.services.rotating import record_met
from keys.errors import KeyRefused, KeysError, SealBroken
from keys.services import OpenVault, Trust, VaultKind, open_vaults, require_open
from notes.folding import fold
from notes.matching import Passage, read_query
from notes.models import Draft
from notes.searched import MAX_FOUND, SECONDS, Count, Ended, Found, FoundOf, Wanted
from notes.services.bodies import AnySigned, Fields, believe, fields_of_draft, fields_of_note
from notes.services.finding import addenda_of, drafts_of, notes_of
from notes.services.formatting import find_format
from notes.services.rows import Row, rows_of_addenda, rows_of_drafts, rows_of_notes

if TYPE_CHECKING:
    from clients.models import Client

# Records that are opened together: few for the first answer, then more, because each round asks the database anew.
_FIRST_ROUND, _LARGEST_ROUND = 2, 64
_SEAL_BROKEN = "The seal of this text is broken: it was altered or moved, so it was not searched."
_NO_KEY = "You do not hold the key that this text is sealed under, so it was not searched."
_NOT_BELIEVED = "Nobody we can vouch for signed this text, so it is not shown."
_RECORD_CLOSED = "You do not hold the key to some of these texts yet, so they were not searched."
_KEY_REFUSED = "The key to some of these texts is not one we can vouch for, so they were not searched."

_Vaults = dict[tuple[bytes, bool], OpenVault | KeysError]


class NobodyOfThatName(Exception):
    """The search was for one client, and nobody in reach has this name or code."""


@dataclass(frozen=True, repr=False)
class _Hit:
    """A text in which everything was found, or the error that kept it closed."""

    row: Row
    text: str = ""
    passages: tuple[Passage, ...] = ()
    error: KeysError | None = None


@dataclass(frozen=True, repr=False)
class Search:
    """A search whose look is in the log. Going through it opens the texts, a round of records at a time.

    :param clients: whose records are searched, in this order
    :param receipts: by the bytes of the client's id
    :param count: how far it has come
    """

    by: Actor
    wanted: Wanted
    clients: Sequence["Client"]
    receipts: Mapping[bytes, Receipt]
    count: Count

    def __iter__(self) -> Iterator[FoundOf]:
        until = time.monotonic() + SECONDS
        for clients in _rounds(self.clients):
            if time.monotonic() > until:
                self.count.ended = Ended.LATE
            if self.count.ended is not Ended.DONE:
                return
            yield from self._go_through(clients)

    @cached_property
    def _trust(self) -> Trust:
        return Trust(require_open(self.by.keys).root_id)

    def _go_through(self, clients: "Sequence[Client]") -> Iterator[FoundOf]:
        for client in clients:
            self.receipts[client.pk.bytes].covers_client(client.audit_handle)
        rows = list(_rows(self.by, self.wanted, clients))
        vaults = self._open(rows)
        hits = self._hits(rows, vaults)
        closed = {key: vault for (key, _), vault in vaults.items() if isinstance(vault, KeysError)}
        told = [client for client in clients if client.pk.bytes in hits or client.pk.bytes in closed]
        labels, written = self._labels(told), _written(self.by, chain.from_iterable(hits.values()))
        for client in told:
            key = client.pk.bytes
            found = [self._show(client, hit, written[hit.row.id]) for hit in hits[key] if hit.row.id in written]
            yield FoundOf(client, labels.get(client.pk, client.code), found, self._why(client, closed.get(key)))

    def _open(self, rows: list[Row]) -> _Vaults:
        """Open the vaults that hold any of these texts, each once, and record whose new keys were met."""
        keyring, by = require_open(self.by.keys), self.by
        known = len(keyring.met)
        vaults: _Vaults = {}
        for is_process, kind, author in ((False, VaultKind.RECORD, None), (True, VaultKind.PROCESS, by.user.pk)):
            subjects = [UUID(bytes=key) for key in dict.fromkeys(r.client for r in rows if r.is_process is is_process)]
            if subjects:
                opened = open_vaults(by=by.keys, kind=kind, subjects=subjects, author=author)
                vaults |= {(subject.bytes, is_process): vault for subject, vault in opened.items()}
        if met := keyring.met[known:]:
            with transaction.atomic(durable=True):
                record_met(by=by, met=met, at=timezone.now())
            self.count.makers |= set(names_of_staff({one.holder for one in met}).values())
        return vaults

    def _hits(self, rows: list[Row], vaults: _Vaults) -> dict[bytes, list[_Hit]]:
        hits: dict[bytes, list[_Hit]] = defaultdict(list)
        for row in rows:
            self.count.texts += 1
            hit = self._look_into(row, vaults[row.client, row.is_process])
            if hit is None:
                continue
            if not hit.error:
                if self.count.found == MAX_FOUND:
                    self.count.ended = Ended.FULL
                    break
                self.count.found += 1
            hits[row.client].append(hit)
        return hits

    def _look_into(self, row: Row, vault: OpenVault | KeysError) -> _Hit | None:
        if isinstance(vault, KeysError):
            self.count.closed += 1
            return None
        try:
            return self._find_in(row, vault)
        except KeysError as error:
            self.count.closed += 1
            return _Hit(row, error=error)

    def _find_in(self, row: Row, vault: OpenVault) -> _Hit | None:
        query = self.wanted.query
        text = vault.unseal_stored(row.text, receipt=self.receipts[row.client])
        # What lies sealed is JSON, whose signs stand between words and never inside: most texts need no closer look.
        if not query.may_stand_in(fold(text)):
            return None
        passages = query.find(_parts(row, text))
        return _Hit(row, text, passages) if passages else None

    def _show(self, client: "Client", hit: _Hit, written: "Draft | AnySigned") -> Found:
        """Show where everything was found, in what is signed only if its author signed this very text."""
        is_draft = isinstance(written, Draft)
        if hit.error:
            self._record_refused(client, hit.error)
            return Found(written, is_draft, problem=_SEAL_BROKEN if isinstance(hit.error, SealBroken) else _NO_KEY)
        try:
            if not isinstance(written, Draft):
                believe(written, hit.text, keyring=require_open(self.by.keys), trust=self._trust)
        except KeyRefused as error:
            self._record_refused(client, error)
            return Found(written, is_draft, problem=_NOT_BELIEVED)
        return Found(written, is_draft, hit.passages)

    def _why(self, client: "Client", error: KeysError | None) -> str:
        """Say why some texts about a client were not searched; nothing where all were."""
        if error is None:
            return ""
        self._record_refused(client, error)
        return _KEY_REFUSED if isinstance(error, KeyRefused) else _RECORD_CLOSED

    def _record_refused(self, client: "Client", error: KeysError) -> None:
        if isinstance(error, KeyRefused):
            handles, now = [client.audit_handle], timezone.now()
            record_refusal(Act.KEY_REFUSED, by=self.by, target=client, subjects=handles, fields=[error.reason], at=now)

    def _labels(self, clients: "Sequence[Client]") -> dict[UUID, str]:
        if not clients:
            return {}
        receipt = self.receipts[clients[0].pk.bytes]
        try:
            listed = list_contacts(by=self.by, clients=clients, receipt=receipt, at=timezone.now())
        except SealBroken:
            # A name that was tampered with hides no note: the codes stand in for this round.
            return {}
        return {row.client.pk: row.label for row in listed}


def begin_search(*, by: Actor, wanted: Wanted, at: datetime) -> Search:
    """Record the look at every record that is to be searched, before a text of it opens.

    Records opened under cover are in reach as long as the cover is; closed records never are.

    :raises NobodyOfThatName: the search is about a client whom this person does not reach, or nobody at all
    """
    clients = _whom(by, wanted.client, at)
    looks = record_looks(
        Act.NOTE_SEARCHED,
        by=by,
        clients=clients,
        # Only a code that was typed stands there: who is alone in reach, or of a name, may be so for who is not shown.
        target=next(_of_that_code(clients, wanted.client), Named("notes.caseload", by.user.pk)),
        # A search for a restricted client by name leaves what one that found nobody leaves: no entry to be shown.
        at_least=0 if wanted.client else 1,
        fields=wanted.filters,
        purpose=Purpose.TREATMENT,
        at=at,
    )
    receipts = {client.pk.bytes: receipt for some, receipt in looks for client in some}
    return Search(by, wanted, clients, receipts, Count(len(clients)))


def _whom(by: Actor, named: str, at: datetime) -> "list[Client]":
    """Find whose records to search, whoever came last first; a name is looked up among those in reach alone."""
    clients = list(reachable_by(by).order_by("-made_at"))
    if not named:
        return clients
    chosen = list(_of_that_code(clients, named)) or _of_that_name(by, clients, named, at)
    if not chosen:
        raise NobodyOfThatName
    return chosen


def _of_that_code(clients: "list[Client]", named: str) -> "Iterator[Client]":
    return (client for client in clients if client.code == named.upper())


def _of_that_name(by: Actor, clients: "list[Client]", named: str, at: datetime) -> "list[Client]":
    query, listed = read_query(named), look_at_contacts(by=by, clients=clients, purpose=Purpose.TREATMENT, at=at)
    return [row.client for row in listed if query.find([("", row.label)])]


def _rounds(clients: "Sequence[Client]") -> "Iterator[Sequence[Client]]":
    first, size = 0, _FIRST_ROUND
    while first < len(clients):
        yield clients[first : first + size]
        first, size = first + size, min(4 * size, _LARGEST_ROUND)


def _rows(by: Actor, wanted: Wanted, clients: "Sequence[Client]") -> Iterator[Row]:
    """Read what is to be opened about these clients: drafts, notes, addenda, each from the newest session."""
    where = Q(client__in=clients)
    if wanted.kind:
        where &= Q(kind=wanted.kind)
    if wanted.since:
        where &= Q(session_at__gte=_midnight(wanted.since))
    if wanted.until:
        where &= Q(session_at__lt=_midnight(wanted.until + timedelta(days=1)))
    yield from rows_of_drafts(drafts_of(by).filter(where).order_by("-session_at"))
    yield from rows_of_notes(notes_of(by).filter(where).order_by("-session_at", "-signed_at"))
    yield from rows_of_addenda(addenda_of(by).filter(where).order_by("-session_at", "-signed_at"))


def _midnight(day: date) -> datetime:
    return make_aware(datetime.combine(day, datetime.min.time()))


def _parts(row: Row, text: str) -> list[tuple[str, str]]:
    """List what somebody wrote, part by part; an answer that was chosen from a list is no text of theirs."""
    fields: Fields = fields_of_note(text) if row.is_signed else fields_of_draft(text)
    sections = find_format(row.format).sections
    return [(part.label, fields[part.name]) for part in sections if not part.choices and fields.get(part.name)]


def _written(by: Actor, hits: Iterable[_Hit]) -> "dict[bytes, Draft | AnySigned]":
    """Look up the rows that stand behind hits, as long as they are this person's to read."""
    ids = [UUID(bytes=hit.row.id) for hit in hits]
    if not ids:
        return {}
    kinds: tuple[QuerySet[Any], ...] = (drafts_of(by), notes_of(by), addenda_of(by))
    return {row.pk.bytes: row for rows in kinds for row in rows.filter(pk__in=ids).defer("sealed_body")}
