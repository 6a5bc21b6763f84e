"""What every part of an exported record needs, and the part of this layer: the log, as the client reads it."""

from collections.abc import Mapping
from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime

from audit.acts import Act, Outcome
from audit.services import LogEntry, record_refusal
from audit.words import OWN_NOTES
from clients.exports import Chapter, Gathering, Leaf, Part, Resource, Table, register_part
from clients.fhir import TERMINOLOGY, concept, moment, refer, refer_to_client, resource
from clients.services.looks import Look, account_of, every_look
from keys.errors import KeyRefused, KeysError, SealBroken

_SEAL_BROKEN = "Its seal is broken: it was altered or moved, so it is not in this file."
_NOT_BELIEVED = "Nobody we can vouch for signed this, or made its key, so it is not in this file."
_NO_KEY = "Whoever made this file does not hold the key to it, so it is not in this file."
_VOICE = (
    "These lines are written to the client: “you” is the client. Lines about notes that a therapist keeps for "
    "themselves are no part of the record; the client finds them, if there are any, on their own page."
)
_HEADINGS = ("When", "Who", "What was done", "Why")
_DICOM = "http://dicom.nema.org/resources/ontology/DCM"
# FHIR's AuditEvent.outcome: it went well, it was refused, it went wrong.
_OUTCOMES: Mapping[str, str] = {Outcome.OK: "0", Outcome.PARTIAL: "0", Outcome.DENIED: "4", Outcome.ERROR: "8"}


def register() -> None:
    """Declare the part of this app."""
    register_part(Part("log", "Who opened this record", 90, gather_log))


def gather_log(gathering: Gathering) -> Chapter:
    """List all that was done with the record, the newest first, in the words of the client's own page."""
    client = gathering.client
    # That somebody keeps process notes is theirs to say, in a file too.
    told = [(entry, look) for entry, look in every_look(client=client) if entry.target_type not in OWN_NOTES]
    rows = tuple((when(look.at), _who(look), _what(look), look.why) for _, look in told)
    leaves = (Leaf("", table=Table(_HEADINGS, rows)),) if rows else ()
    return Chapter(leaves, preface=_VOICE, resources=tuple(_event(gathering, entry, look) for entry, look in told))


def why_closed(gathering: Gathering, error: KeysError) -> str:
    """Say why a text is not in the file; a key that nobody vouches for is an entry in the log besides."""
    match error:
        case KeyRefused():
            by, client, fields = gathering.by, gathering.client, [error.reason]
            handles = [client.audit_handle]
            record_refusal(Act.KEY_REFUSED, by=by, target=client, subjects=handles, fields=fields, at=gathering.at)
            return _NOT_BELIEVED
        case SealBroken():
            return _SEAL_BROKEN
        case _:
            return _NO_KEY


def when(at: datetime) -> str:
    """Write a moment as a file says it, in the practice's time zone."""
    return date_format(localtime(at), "j F Y, H:i")


def _who(look: Look) -> str:
    return f"{look.who}, {look.role}" if look.role else look.who


def _what(look: Look) -> str:
    altered = " (this line was altered in the database)" if look.altered else ""
    return f"{look.what}{f' ({look.outcome})' if look.outcome else ''}{altered}"


def _event(gathering: Gathering, entry: LogEntry, look: Look) -> Resource:
    return resource(
        "AuditEvent",
        entry.uid,
        type={"system": _DICOM, "code": "110110", "display": "Patient Record"},
        subtype=[{"display": entry.action}],
        recorded=moment(entry.at),
        outcome=_OUTCOMES.get(entry.outcome, "8"),
        purposeOfEvent=[concept(f"{TERMINOLOGY}/v3-ActReason", entry.purpose)] if entry.purpose else None,
        agent=[{"who": _agent(gathering, entry, look), "name": look.who, "requestor": True}],
        source={"observer": {"display": "The access log of the practice"}},
        entity=[{"what": refer_to_client(gathering.client), "description": look.what}],
    )


def _agent(gathering: Gathering, entry: LogEntry, look: Look) -> dict[str, str]:
    user_id = account_of(entry)
    if user_id is not None and user_id == gathering.client.user_id:
        return refer_to_client(gathering.client)
    return refer("Practitioner", user_id, look.who) if user_id and look.role else {"display": look.who}
