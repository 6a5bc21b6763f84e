"""A list of clients, row by row: who would be brought in, and what is wrong with the others. Nothing is kept."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from access.acting import Actor
from clients.services.contacts import Contact, browse_clients
from practice.importing.forms import RowForm
from practice.importing.sheets import read_sheet

# What a practice of a few people sees in years. It is sealed in one transaction, in which nobody else can save.
MOST_CLIENTS = 300
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "name": ("name", "client", "client name", "full name"),
    "contact": ("contact",),
    "address": ("e mail", "email", "e mail address", "email address"),
    "phone": ("phone", "phone number", "telephone", "mobile", "cell"),
    "since": ("since", "client since", "in care since", "first session"),
    "signed_on": ("signed elsewhere on", "signed on", "signed", "consent signed on"),
    "paper": ("where the paper is", "paper", "where"),
    "reference": ("own reference", "reference", "number", "client number", "chart number", "id"),
}
_NO_DIGIT = re.compile(r"\D")


@dataclass(frozen=True)
class ListedRow:
    """One row.

    :param cells: as they stood in the file, by column
    :param contact: whom it would bring in; none where something is wrong
    :param problems: what, in plain words
    """

    number: int
    cells: Mapping[str, str]
    contact: Contact | None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Listing:
    """A whole list. `unknown` are the headings of columns that are not taken over."""

    rows: list[ListedRow]
    unknown: list[str]

    @property
    def contacts(self) -> list[Contact]:
        """Whom it would bring in, in its order."""
        return [row.contact for row in self.rows if row.contact]

    @property
    def left_out(self) -> list[ListedRow]:
        return [row for row in self.rows if row.contact is None]


def look_through(*, by: Actor, text: str, at: datetime) -> Listing:
    """Read a list, and hold it to itself and to the clients that this person knows; the look at those is recorded.

    :raises NotReadable: it is no list
    """
    sheet = read_sheet(text, COLUMNS, at_most=MOST_CLIENTS)
    # By what tells them apart: where each was met.
    met = {
        mark: f"Here already, with the code {row.client.code}."
        for row in browse_clients(by=by, at=at)
        if row.contact
        for mark in _marks(row.contact)
    }
    rows = []
    for number, cells in sheet.rows:
        row = _read(number, cells, met)
        rows.append(row)
        if row.contact:
            met |= dict.fromkeys(_marks(row.contact), f"Row {number} brings in the same.")
    return Listing(rows, sheet.unknown)


def _read(number: int, cells: dict[str, str], met: Mapping[tuple[str, str], str]) -> ListedRow:
    form = RowForm(_by_kind(cells))
    if not form.is_valid():
        return ListedRow(number, cells, None, tuple(form.problems()))
    contact = form.contact()
    known = next((met[mark] for mark in _marks(contact) if mark in met), None)
    return ListedRow(number, cells, None, (known,)) if known else ListedRow(number, cells, contact)


def _by_kind(cells: dict[str, str]) -> dict[str, str]:
    """Put what stands under `Contact` where it belongs, unless a column of its own says more."""
    either = cells.get("contact", "")
    kind = "address" if "@" in either else "phone"
    return {**cells, kind: cells.get(kind) or either}


def _marks(contact: Contact) -> Iterator[tuple[str, str]]:
    """Name what two entries of the same person would share. Couples share an address, and families a phone."""
    name = " ".join(contact.name.casefold().split())
    if contact.address:
        yield name, contact.address.casefold()
    if contact.phone:
        yield name, _NO_DIGIT.sub("", contact.phone)
    if contact.reference:
        yield "reference", contact.reference.casefold()
