"""What an exported record has of this app: what was signed, in files that a stranger can check, and what was said."""

import base64
import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid5

from clients.exports import Chapter, Gathering, Leaf, Part, Resource, register_part
from clients.fhir import (
    LOINC,
    TERMINOLOGY,
    attachment,
    concept,
    moment,
    refer,
    refer_to,
    refer_to_client,
    resource,
    urn,
)
from clients.services.exporting import when, why_closed
from consent.envelope import EnvelopeRefused
from consent.kinds import EMERGENCY_WORDS
from consent.models import Record
from consent.publication import Publication
from consent.record import RecordRefused
from consent.services.deciding import state_of
from consent.services.overriding import read_reasons
from consent.services.records import SignedRecord, open_record
from consent.services.talking import has_talks, open_talks
from keys.errors import KeysError, SealBroken

# ASTM E1762-95: a consent signature.
_CONSENT_SIGNATURE = {"system": "urn:iso-astm:E1762-95:2013", "code": "1.2.840.10065.1.12.1.7"}
_DSSE = "application/vnd.dsse.envelope.v1+json"
_BROKEN_LINE = re.compile(r"(?<!\n)\n(?![\n-])")
_PREFACE = (
    "Each signed form comes twice more, as files in the folder “consents”: what was signed with both signatures, which "
    "a stranger can check with openssl, and the text letter for letter."
)


def register() -> None:
    """Declare the part."""
    register_part(Part("consents", "Limits of confidentiality", 30, gather_consents))


def gather_consents(gathering: Gathering) -> Chapter:
    """Open everything that was signed, the oldest first, then emergency reasons and questions."""
    records = Record.objects.filter(client=gathering.client).select_related("version", "event").order_by("signed_at")
    in_force = state_of(client=gathering.client, at=gathering.at).state.signature
    leaves: list[Leaf] = []
    resources: list[Resource] = []
    files: list[tuple[str, bytes]] = []
    for row in records:
        try:
            signed = _open(gathering, row)
        except KeysError as error:
            leaves.append(Leaf(_title(row), problem=why_closed(gathering, error)))
            continue
        is_active = in_force is not None and in_force.id == row.event_id
        leaves.append(_leaf(row, signed, is_active=is_active))
        resources += _resources(gathering, signed, is_active=is_active)
        files += [
            (f"consents/form-{signed.reference}.json", signed.envelope),
            (f"consents/form-{signed.reference}.md", signed.text.publication.text.encode()),
        ]
    said = [*_said(gathering, _reasons, "Emergency reasons"), *_said(gathering, _talks, "Questions of the client")]
    return Chapter((*leaves, *said), _PREFACE if files else "", tuple(resources), tuple(files))


def _open(gathering: Gathering, row: Record) -> SignedRecord:
    try:
        return open_record(by=gathering.by, client=gathering.client, row=row, receipt=gathering.receipt)
    except (RecordRefused, EnvelopeRefused) as error:
        raise SealBroken from error


def _title(row: Record) -> str:
    return f"Signed on {when(row.signed_at)}"


def _leaf(row: Record, signed: SignedRecord, *, is_active: bool) -> Leaf:
    signer, text = signed.facts["signer"], signed.text
    facts = (
        ("In force", "yes" if is_active else "no: withdrawn, or followed by another"),
        ("Reference", signed.reference),
        ("Name, as typed", str(signer["name_typed"])),
        ("Meaning", str(signer["meaning"])),
        ("Therapist", ", ".join(person["name"] for person in signed.facts["therapists"])),
        ("Text", f"{text.publication.title}, version {text.facts.version}, {text.facts.jurisdiction}"),
        ("SHA-256 of the record", signed.sha256),
        ("SHA-256 of the text", text.facts.sha256),
    )
    return Leaf(_title(row), facts, passages=tuple(_parts(text.publication)))


def _parts(publication: Publication) -> Iterator[tuple[str, str]]:
    """Part a published text at its headings, in plain words: a file beside it has it letter for letter."""
    for block in publication.text.removesuffix("\n").split("\n\n## "):
        heading, _, text = block.removeprefix("# ").partition("\n\n")
        # Lines that were only broken to fit an editor are put together again, those of a list are not.
        words = _BROKEN_LINE.sub(" ", text.replace("**", ""))
        yield heading, words


def _reasons(gathering: Gathering) -> Iterator[Leaf]:
    reasons = read_reasons(by=gathering.by, client=gathering.client, receipt=gathering.receipt)
    for reason in reasons:
        words = (("Reason", EMERGENCY_WORDS[reason.code]), ("Until", when(reason.until) if reason.until else ""))
        yield Leaf(f"Emergency reason, {when(reason.at)}", words, passages=(("In the therapist’s words", reason.line),))


def _talks(gathering: Gathering) -> Iterator[Leaf]:
    if not has_talks(gathering.client):
        return
    talks = open_talks(by=gathering.by, client=gathering.client, receipt=gathering.receipt, at=gathering.at)
    for talk in talks:
        answers = ((f"Answer, {when(answer.at)}", answer.text) for answer in talk.answers)
        passages = (("Question", talk.question), *answers)
        yield Leaf(f"Question of the client, {when(talk.at)}", (("About", talk.title),), passages=passages)


def _said(gathering: Gathering, gather: Callable[[Gathering], Iterator[Leaf]], title: str) -> list[Leaf]:
    try:
        return list(gather(gathering))
    except KeysError as error:
        return [Leaf(title, problem=why_closed(gathering, error))]


def _resources(gathering: Gathering, signed: SignedRecord, *, is_active: bool) -> list[Resource]:
    patient, at = refer_to_client(gathering.client), moment(signed.signed_at)
    consent = resource(
        "Consent",
        signed.id,
        identifier=[{"system": "urn:ietf:rfc:6234:sha-256", "value": signed.sha256}],
        status="active" if is_active else "inactive",
        scope=concept(f"{TERMINOLOGY}/consentscope", "patient-privacy"),
        category=[concept(LOINC, "59284-0")],
        patient=patient,
        dateTime=at,
        performer=[patient],
        # What was signed are the limits that hold whoever agrees: they are named by the text, and permit nothing.
        policy=[{"uri": urn(signed.text.id)}],
        sourceAttachment=attachment(signed.envelope, kind=_DSSE, title=f"form-{signed.reference}.json"),
        verification=[{"verified": True, "verifiedWith": patient, "verificationDate": at}],
    )
    return [consent, _provenance(gathering, signed, consent)]


def _provenance(gathering: Gathering, signed: SignedRecord, consent: Resource) -> Resource:
    patient, practice = refer_to_client(gathering.client), refer("Organization", gathering.practice_id)
    at, raw = moment(signed.signed_at), base64.b64encode(signed.envelope).decode("ascii")
    # One envelope holds both signatures, so each of the two hands it in.
    signatures: list[dict[str, Any]] = [
        {"type": [_CONSENT_SIGNATURE], "when": at, "who": who, "sigFormat": _DSSE, "data": raw}
        for who in (patient, practice)
    ]
    return resource(
        "Provenance",
        uuid5(signed.id, "provenance"),
        target=[refer_to(consent)],
        recorded=at,
        agent=[{"who": patient}, {"who": practice}],
        signature=signatures,
    )
