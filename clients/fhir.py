"""The few building blocks of FHIR R4 that the apps share: ids, references, codes, moments.

Every reference is to a resource of the same file, by its ``urn:uuid:``. People of the staff are only referred to, by id
and name: the roof adds a Practitioner for each, so that no reference leads nowhere.

:source: HL7 FHIR R4 (4.0.1), references and bundles
"""

import base64
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils.timezone import localtime

from clients.exports import Resource

if TYPE_CHECKING:
    from access.models import User
    from clients.models import Client

LOINC = "http://loinc.org"
TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"


def resource(kind: str, own_id: UUID, **members: Any) -> dict[str, Any]:
    """Make a resource; members that are None or empty are left out, as JSON in FHIR has no empty ones."""
    said = {name.rstrip("_"): value for name, value in members.items() if value not in (None, "", [], ())}
    return {"resourceType": kind, "id": str(own_id), **said}


def urn(own_id: UUID | str) -> str:
    """Give the address of a resource within its file."""
    return f"urn:uuid:{own_id}"


def refer(kind: str, own_id: UUID | str, display: str = "") -> dict[str, str]:
    """Point at a resource of the same file."""
    return {"reference": urn(own_id), "type": kind, **({"display": display} if display else {})}


def refer_to(resource: Resource) -> dict[str, str]:
    """Point at a resource at hand."""
    return refer(resource["resourceType"], resource["id"])


def refer_to_client(client: "Client") -> dict[str, str]:
    """Point at whom the whole file is about: a patient, or several people who come together."""
    return refer("Group" if client.is_unit else "Patient", client.pk)


def refer_to_staff(user: "User") -> dict[str, str]:
    """Point at somebody of the staff."""
    return refer("Practitioner", user.pk, user.display_name)


def concept(system: str = "", code: str = "", text: str = "") -> dict[str, Any]:
    """Name a concept by a code of a system, by words, or by both."""
    coding = {"coding": [{"system": system, "code": code}]} if code else {}
    return {**coding, **({"text": text} if text else {})}


def moment(at: datetime) -> str:
    """Write a moment to the second, with its zone."""
    return localtime(at).isoformat(timespec="seconds")


def attachment(content: bytes, *, kind: str, title: str = "") -> dict[str, str]:
    """Put bytes into a resource.

    :param kind: their media type
    """
    data = base64.b64encode(content).decode("ascii")
    return {"contentType": kind, "data": data, **({"title": title} if title else {})}
