"""Co-signatures beside notes: what one says and whether it holds, and what still waits for one, from rows alone."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from clients.services.supervised import every_supervision
from keys.context import Field, encode
from keys.errors import KeyRefused
from keys.keyring import Keyring
from keys.services import Kind, Trust
from notes.models import Addendum, Note, Signed
from notes.models.cosigning import Cosignature, Wish
from notes.services.bodies import AnySigned, key_of_signer
from notes.services.finding import could_be_cosigned

if TYPE_CHECKING:
    from clients.models.training import Supervision

SIGNED_COSIGNATURE = "cosignature/v1"


class CosignState(StrEnum):
    """How far a note of a therapist in training has come."""

    WAITING = "waiting"
    ASKED = "asked"  # for changes, which the author has not answered
    DONE = "done"
    MISSING = "missing"  # the supervision ended before anybody co-signed


@dataclass(frozen=True)
class Cosigning:
    """How far a note has come, and the supervision in which something of it waits, where that still stands.

    :param waiting: the ids of the texts that wait for a signature in that supervision
    """

    state: CosignState
    supervision: "Supervision | None" = None
    waiting: frozenset[UUID] = frozenset()


def cosignings_of(notes: Sequence[Note], *, supervisor: UUID | None = None) -> dict[UUID, Cosigning]:
    """Say by note how far it has come; what nobody has to co-sign is left out. Nothing is opened.

    :param supervisor: leave out what waits for anybody else
    """
    notes = [note for note in notes if could_be_cosigned(note)]
    supervisions = every_supervision() if notes else []
    if not supervisions:
        return {}
    book = _Book(notes, supervisions, supervisor)
    found = {note.pk: book.judge(note) for note in notes if not note.note_kind.is_process}
    return {note_id: cosigning for note_id, cosigning in found.items() if cosigning}


class _Book:
    """What was signed, co-signed and asked for about some notes."""

    def __init__(self, notes: Sequence[Note], supervisions: "Iterable[Supervision]", supervisor: UUID | None) -> None:
        ids, self._supervisor = [note.pk for note in notes], supervisor
        self._supervisions = list(supervisions)
        self._signed = set(Cosignature.objects.filter(note__in=ids).values_list("text_id", flat=True))
        self._addenda: dict[UUID, list[Addendum]] = defaultdict(list)
        rows = Addendum.objects.filter(note__in=ids).only("note_id", "author_id", "signed_at")
        for addendum in rows:
            self._addenda[addendum.note_id].append(addendum)
        wishes = Wish.objects.filter(note__in=ids).order_by("asked_at").values_list("note", "asked_by", "asked_at")
        self._asked: dict[tuple[UUID, UUID], datetime] = {(note, by): asked_at for note, by, asked_at in wishes}

    def judge(self, note: Note) -> Cosigning | None:
        texts = {text.pk: self._supervision_of(text) for text in (note, *self._addenda[note.pk])}
        wanted = {pk: supervision for pk, supervision in texts.items() if supervision and self._concerns(supervision)}
        if not wanted:
            return None
        missing = {pk: supervision for pk, supervision in wanted.items() if pk not in self._signed}
        standing = [supervision for supervision in missing.values() if supervision.ended_at is None]
        if not missing or not standing:
            return Cosigning(CosignState.MISSING if missing else CosignState.DONE)
        now = standing[-1]
        theirs = [one for one in standing if one.supervisor_id == now.supervisor_id]
        waiting = frozenset(pk for pk, supervision in missing.items() if supervision in theirs)
        return Cosigning(CosignState.ASKED if self._is_asked(note, theirs) else CosignState.WAITING, now, waiting)

    def _concerns(self, supervision: "Supervision") -> bool:
        """Say whether it is the reader's; what ended without a signature is said to everybody."""
        return supervision.ended_at is not None or self._supervisor in (None, supervision.supervisor_id)

    def _supervision_of(self, text: Signed) -> "Supervision | None":
        """Find the supervision in which a text was signed; what moved in was written elsewhere, under somebody else."""
        if not isinstance(text, Addendum) and text.is_imported:
            return None
        for one in self._supervisions:
            was_under = one.named_at <= text.signed_at and (one.ended_at is None or text.signed_at < one.ended_at)
            if was_under and one.therapist_id == text.author_id:
                return one
        return None

    def _is_asked(self, note: Note, waits_in: "Sequence[Supervision]") -> bool:
        asked_at = self._asked.get((note.pk, waits_in[-1].supervisor_id))
        therapists = [one.therapist_id for one in waits_in]
        # Whoever wrote the note, or what alone waits of it: a colleague's addendum answers nothing for them.
        author = note.author_id if note.author_id in therapists else therapists[-1]
        answers = [row for row in self._addenda[note.pk] if row.author_id == author]
        return asked_at is not None and not any(row.signed_at > asked_at for row in answers)


def cosign(row: AnySigned, *, cosigner: UUID, keyring: Keyring, at: datetime) -> Cosignature:
    """Sign beside a note or an addendum, with the supervisor's key, what its author signed."""
    note_id = row.note_id if isinstance(row, Addendum) else row.pk
    made = Cosignature(text_id=row.pk, note_id=note_id, client_id=row.client_id, cosigner_id=cosigner, cosigned_at=at)
    made.signed_with = keyring.key_id
    made.signature = keyring.sign(_statement(keyring.root_id, made, row))
    return made


def believe_cosignatures(texts: Iterable[AnySigned], *, keyring: Keyring, trust: Trust) -> Mapping[UUID, Cosignature]:
    """Read who co-signed some notes and addenda, by text, if they did sign that.

    :raises KeyRefused: nobody we can vouch for did
    """
    by_id = {text.pk: text for text in texts}
    rows = {row.text_id: row for row in Cosignature.objects.filter(text_id__in=by_id).select_related("cosigner")}
    for text_id, row in rows.items():
        believe_cosignature(row, by_id[text_id], keyring=keyring, trust=trust)
    return rows


def believe_cosignature(row: Cosignature, text: AnySigned, *, keyring: Keyring, trust: Trust) -> None:
    """Believe that a colleague of its author co-signed a text only if they signed that.

    :raises KeyRefused: nobody we can vouch for did, or somebody else; or the author did, or a client
    """
    is_mine = bytes(row.signed_with) == keyring.key_id
    if row.cosigner_id == text.author_id or not (is_mine or trust.vouch(bytes(row.signed_with)).kind == Kind.STAFF):
        raise KeyRefused("cosignature")
    key = key_of_signer(row.signed_with, row.cosigner_id, keyring=keyring, trust=trust)
    if not key.verify(bytes(row.signature), _statement(keyring.root_id, row, text)):
        raise KeyRefused("cosignature")


def cosigned_facts(row: Cosignature, text: AnySigned) -> tuple[Field, ...]:
    """List what a co-signature covers beside the practice: its label, then the facts in order."""
    sealed = bytes.fromhex(text.ciphertext_sha256)
    signed = hashlib.sha256(bytes(text.signature)).digest()
    # The author's signature covers the text and all its facts, so that this one does too.
    return (
        SIGNED_COSIGNATURE,
        row.text_id,
        row.note_id,
        row.client_id,
        text.author_id,
        row.cosigner_id,
        row.cosigned_at,
        sealed,
        signed,
    )


def _statement(root_id: bytes, row: Cosignature, text: AnySigned) -> bytes:
    label, *facts = cosigned_facts(row, text)
    return encode(str(label), root_id, *facts)
