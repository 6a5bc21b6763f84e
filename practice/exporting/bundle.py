"""The record for programs: one FHIR R4 document, in which every reference finds its resource."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID, uuid4

from clients.exports import Resource
from clients.fhir import LOINC, concept, moment, refer, refer_to, refer_to_client, refer_to_staff, resource, urn
from practice.exporting.gathering import Volume

_MEDICAL_RECORDS = "11503-0"
_URI = "urn:ietf:rfc:3986"


def write_bundle(volume: Volume) -> str:
    """Write a record as JSON of FHIR R4 (4.0.1): a bundle of type document, its composition first.

    The document's own number is drawn: nobody can guess the file from its hash, which stands in the log.
    """
    parts = [one for _, chapter in volume.chapters for one in chapter.resources]
    composition = _composition(volume)
    about = _group(volume) if volume.client.is_unit else _patient(volume)
    named = [composition, about, _practice(volume), *parts]
    bundle = {
        "resourceType": "Bundle",
        "type": "document",
        "identifier": {"system": _URI, "value": urn(uuid4())},
        "timestamp": moment(volume.made_at),
        "entry": [{"fullUrl": urn(one["id"]), "resource": one} for one in [*named, *_staff(named)]],
    }
    return json.dumps(bundle, ensure_ascii=False, indent=1) + "\n"


def _composition(volume: Volume) -> Resource:
    sections = [
        {"title": part.title, "entry": [refer_to(one) for one in chapter.resources]}
        for part, chapter in volume.chapters
        if chapter.resources
    ]
    return resource(
        "Composition",
        uuid4(),
        status="final" if volume.is_whole else "preliminary",
        type=concept(text="Process notes") if volume.is_own else concept(LOINC, _MEDICAL_RECORDS, "Medical records"),
        subject=refer_to_client(volume.client),
        date=moment(volume.made_at),
        author=[refer_to_staff(volume.made_by.user)],
        title=volume.title,
        custodian=refer("Organization", volume.practice_id),
        section=sections,
    )


def _patient(volume: Volume) -> Resource:
    contact = volume.contact
    reached = (("email", contact.address), ("phone", contact.phone)) if contact else ()
    return resource(
        "Patient",
        volume.client.pk,
        identifier=[{"value": volume.client.code}],
        name=[{"text": contact.name}] if contact else None,
        telecom=[{"system": system, "value": value} for system, value in reached if value],
        managingOrganization=refer("Organization", volume.practice_id),
    )


def _group(volume: Volume) -> Resource:
    """Make the group of several people; who they are is in nobody's file."""
    return resource(
        "Group",
        volume.client.pk,
        identifier=[{"value": volume.client.code}],
        type="person",
        actual=True,
        name=volume.contact.name if volume.contact else None,
        managingEntity=refer("Organization", volume.practice_id),
    )


def _practice(volume: Volume) -> Resource:
    return resource("Organization", volume.practice_id, name=volume.practice)


def _staff(resources: list[Resource]) -> Iterator[Resource]:
    """Make a practitioner of everybody whom a resource points at."""
    named = {one["reference"]: one["display"] for one in _references(resources) if one.get("type") == "Practitioner"}
    for reference, name in named.items():
        yield resource("Practitioner", UUID(reference.rpartition(":")[2]), name=[{"text": name}])


def _references(value: object) -> Iterator[Mapping[str, Any]]:
    match value:
        case {"reference": str(), **_rest}:
            yield value  # type: ignore[misc]  # the pattern says that it is a mapping
        case Mapping():
            for one in value.values():
                yield from _references(one)
        case list() | tuple():
            for one in value:
                yield from _references(one)
