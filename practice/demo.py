"""The demo practice: a small cast with random passphrases, made by the same services as a real one."""

import json
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from access.roles import Role
from access.services.codes import next_code, next_code_of
from access.services.first_person import FirstPerson
from access.services.people import is_set_up, the_practice
from clients.services.contacts import Contact
from clients.services.inviting import NewClient, invite_client
from clients.services.sharing import recipient_of
from clients.services.wills import Wishes, answer_will, name_custodian
from keys.services import propose_passphrase
from practice.cast import Person, enrol_client, enrol_colleague, found, sign_consent

PRACTICE_NAME = "Alder Lane Practice"


class NotADemo(RuntimeError):
    """This database is, or could become, a real practice: the demo stays away from it."""


@dataclass(frozen=True)
class Line:
    """One person of the sheet."""

    key: str
    name: str
    role: str
    address: str
    passphrase: str
    user: str
    recovery_code: str = ""
    recovery_sheet: str = ""


def sheet_file() -> Path:
    """Say where the demo keeps its passphrases, for this user alone."""
    return Path(settings.VAR_DIR) / "demo" / "sheet.json"


def demo_exists() -> bool:
    """Say whether this installation has a demo.

    :raises NotADemo: it has a real practice, demo mode is off, or the demo's sheet is gone
    """
    if not settings.DEMO:
        raise NotADemo("Demo mode is off (DEMO=0). The demo is never made beside real records.")
    if not is_set_up():
        return False
    if not the_practice().demo:
        raise NotADemo("This database belongs to a real practice. The demo refuses to touch it.")
    if not sheet_file().exists():
        raise NotADemo(
            f"The demo was not finished, or its sheet {sheet_file()} is gone; nobody can sign in. Remove the demo's "
            "database and its folder of keys, and run `make run` again."
        )
    return True


def make_demo() -> None:
    """Make the demo practice and write its sheet."""
    manager, sheet_of_practice = _manager()
    staff = {
        "therapist": ("Dana Whitlock", (Role.THERAPIST,)),
        "other_therapist": ("Samuel Okafor", (Role.THERAPIST,)),
        "auditor": ("Lena Fischer", (Role.AUDITOR,)),
    }
    lines = [replace(_line("manager", "Priya Nair", "manager", manager), recovery_sheet=sheet_of_practice)]
    people = {}
    for key, (name, roles) in staff.items():
        address = f"{name.split()[0].lower()}@alder.example"
        people[key] = enrol_colleague(manager=manager, name=name, address=address, roles=roles)
        lines.append(_line(key, name, roles[0].value, people[key]))
    lines += _clients(manager, people["therapist"])
    _name_custodian(people["therapist"], people["other_therapist"])
    _write_sheet(lines)


def sheet() -> list[dict[str, Any]]:
    """Read the sheet, each line with a code that will be accepted now or soon."""
    lines: list[dict[str, Any]] = json.loads(sheet_file().read_text())
    for line in lines:
        code = next_code_of(UUID(line["user"]))
        line["code"] = code.code if code else ""
        line["valid_from"] = code.valid_from.isoformat() if code else ""
        line["valid_until"] = code.valid_until.isoformat() if code else ""
    return lines


def _manager() -> tuple[Person, str]:
    """Found the practice, and give its first person and its one recovery sheet."""
    passphrase, address = propose_passphrase(), "priya@alder.example"
    person = FirstPerson("Priya Nair", address, passphrase, (Role.MANAGER,))
    foundation = found(practice_name=PRACTICE_NAME, person=person, count=1, needed=1, demo=True, at=timezone.now())
    first = foundation.first
    with transaction.atomic():
        first.device.verify_token(next_code(first.user).code)
    return Person(first.user, first.keys, address, passphrase, first.recovery_code), foundation.codes[0]


def _clients(manager: Person, therapist: Person) -> list[Line]:
    lines = []
    for key, name in (("client", "Robin Marlowe"), ("new_client", "Mara Castellan")):
        contact = Contact(name, f"{name.split()[0].lower()}@post.example", "555 0137")
        new = NewClient(contact, therapist.user.pk)
        client, letter = invite_client(by=manager.as_(Role.MANAGER), new=new, at=timezone.now())
        person = enrol_client(letter=letter, address=contact.address)
        if key == "client":
            sign_consent(person, client_id=client.pk, name=name)
        lines.append(_line(key, name, "client", person))
    return lines


def _name_custodian(therapist: Person, custodian: Person) -> None:
    now, seen = timezone.now(), recipient_of(custodian.user, None).seen
    wishes = Wishes("Call everybody yourself. Papers: the grey cabinet.")
    will = name_custodian(by=therapist.as_(Role.THERAPIST), seen=seen, wishes=wishes, at=now)
    answer_will(by=custodian.as_(Role.THERAPIST), will_id=will.pk, accepts=True, at=now)


def _line(key: str, name: str, role: str, person: Person) -> Line:
    return Line(key, name, role, person.address, person.passphrase, str(person.user.pk), person.recovery_code)


def _write_sheet(lines: list[Line]) -> None:
    file = sheet_file()
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        json.dump([vars(line) for line in lines], stream, indent=1)
