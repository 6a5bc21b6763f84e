"""What a note rests on: the gate's answer, and its no in words that say what to do."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.formats import date_format
from django.utils.timezone import localtime

from access.acting import Actor, Refusal
from audit.acts import Act, Ground
from audit.entries import Basis as AuditBasis
from clients.services.covers import opened_until
from consent.decide import Allow, Elsewhere, NeedSign, Override, Refused, Together
from consent.services.all_signed import note_all_signed, require_all_signed
from consent.services.deciding import decide_for
from consent.services.records import require_signed
from keys.errors import SealBroken
from notes.kinds import NEEDS_NOTHING, UNDER_COVER, NoteKind
from notes.models import Draft, Written

if TYPE_CHECKING:
    from clients.models import Client

# What opens the gate.
_Yes = Allow | Elsewhere | Override | Together


@dataclass(frozen=True)
class NoteBasis:
    """The event of the signature or of the emergency reason; neither, where a kind needs none.

    :param elsewhere: the event says that the client signed before, elsewhere: it has no record to be held to
    :param together: the event says that all members of a unit had signed, and their signatures were held to records
    """

    consent: UUID | None = None
    override: UUID | None = None
    elsewhere: bool = False
    together: bool = False

    def for_log(self) -> AuditBasis:
        """Return it as an entry names it."""
        if self.override:
            return AuditBasis(Ground.OVERRIDE, self.override)
        ground = Ground.ELSEWHERE if self.elsewhere else Ground.CONSENT
        return AuditBasis(ground, self.consent) if self.consent else AuditBasis(Ground.CARE)


def basis_of(row: Written) -> NoteBasis:
    """Return what a draft or note was allowed by."""
    return NoteBasis(
        row.consent_basis_id,
        row.consent_override_id,
        elsewhere=row.rests_on_elsewhere,
        together=row.rests_on_all,
    )


class NotAllowedYet(Refusal):
    """The gate says no; `message` says why, and what to do."""

    act = Act.NOTE_REFUSED


class ConsentMissing(NotAllowedYet):
    """The client has not signed, or not before this session."""

    message = (
        "This client has not signed the limits of confidentiality. They can sign on their phone, here in the room, "
        "and then you begin this note. If writing cannot wait, give an emergency reason."
    )

    def __init__(self, client: "Client", decision: NeedSign) -> None:
        super().__init__(client)
        if decision.signed_since:
            day, who = date_format(localtime(decision.signed_since), "j F Y, H:i"), _called(client)
            self.message = (
                f"This session was held before {who} signed on {day}, and a later signature does not change "
                "that. Give an emergency reason, then write an emergency note."
            )
        elif client.is_unit and decision.version:
            self.message = (
                "A session together needs at least two people, and each of them has to have signed the limits of "
                "confidentiality before. They sign on their own phones; “Who belongs” shows who has. If writing "
                "cannot wait, give an emergency reason."
            )
        elif decision.version is None:
            self.message = "There is no published text for the client to sign yet. Please ask a manager to publish one."


class ConsentRefused(NotAllowedYet):
    """The client said no."""

    def __init__(self, client: "Client", decision: Refused) -> None:
        super().__init__(client)
        who = "Somebody who belongs here" if client.is_unit else "The client"
        self.message = (
            f"{who} has {decision.state.status.value} consent. Sessions held while it was signed can still be "
            "written down: choose their date. Contact and safety notes, and the note of the refusal, are always "
            "possible; an emergency note needs an emergency reason."
        )


def _called(client: "Client") -> str:
    return "the last of them" if client.is_unit else "the client"


class NotUnderCover(NotAllowedYet):
    """A session is the therapist's own to write down."""

    message = (
        "Under cover you can write contact, safety and emergency notes. Everything else waits for the therapist whom "
        "you cover for."
    )


def require_kind(*, by: Actor, client: "Client", kind: NoteKind) -> None:
    """Hold a colleague who covers to what cannot wait; then the gate is asked as ever.

    :raises NotUnderCover: see there
    """
    if kind not in UNDER_COVER and opened_until(by=by, client=client):
        raise NotUnderCover(client)


def find_basis(*, by: Actor, client: "Client", kind: NoteKind, session_at: datetime, at: datetime) -> NoteBasis:
    """Ask the gate about a note on a session, and hold the signature that it names to its record.

    :raises ConsentMissing, ConsentRefused: it says no
    :raises SignatureUnproven: it says yes from a signature that nobody gave
    """
    return _proven(by, client, kind, _ask_gate(client, kind, session_at, at), at)


def _ask_gate(client: "Client", kind: NoteKind, session_at: datetime, at: datetime) -> _Yes:
    decision = decide_for(client=client, purpose=kind.purpose, session_at=session_at, at=at)
    if isinstance(decision, NeedSign):
        raise ConsentMissing(client, decision)
    if isinstance(decision, Refused):
        raise ConsentRefused(client, decision)
    return decision


def say_why_no_session(*, client: "Client", at: datetime) -> str:
    """Say why a session held now could not be written down, and what to do; nothing where it could."""
    try:
        _ask_gate(client, NoteKind.SESSION, at, at)
    except NotAllowedYet as refusal:
        return str(refusal)
    return ""


def basis_to_finish(draft: Draft, *, by: Actor, at: datetime) -> NoteBasis:
    """Ask the gate again for a draft that is finished: what was begun while it was allowed keeps what it began with.

    :raises SignatureUnproven: what it rests on is a signature that nobody gave
    """
    try:
        answer: _Yes | NoteBasis = _ask_gate(draft.client, draft.note_kind, draft.session_at, at)
    except NotAllowedYet:
        answer = basis_of(draft)
    return _proven(by, draft.client, draft.note_kind, answer, at)


def _proven(by: Actor, client: "Client", kind: NoteKind, answer: _Yes | NoteBasis, at: datetime) -> NoteBasis:
    try:
        return _believed(by, client, answer, at)
    except SealBroken:
        # A note that needs no signature is written all the same, but does not say that it has one.
        if kind in NEEDS_NOTHING:
            return NoteBasis()
        raise


def _believed(by: Actor, client: "Client", answer: _Yes | NoteBasis, at: datetime) -> NoteBasis:
    match answer:
        case Together():
            require_all_signed(by=by, decision=answer)
            return NoteBasis(note_all_signed(by=by, unit=client, decision=answer, at=at), together=True)
        case Override():
            return NoteBasis(override=answer.basis)
        case Elsewhere():
            return NoteBasis(answer.basis, elsewhere=True)
    basis = answer if isinstance(answer, NoteBasis) else NoteBasis(answer.basis)
    if basis.consent and not (basis.elsewhere or basis.together):
        require_signed(by=by, subject=client.pk, signature=basis.consent)
    return basis
