"""The register of sealed columns, so that rotation, export and destruction find every sealed text."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import GreaterThan

from keys.context import Field
from keys.statements import VaultKind

if TYPE_CHECKING:
    from keys.services.places import Place


@dataclass(frozen=True)
class Later:
    """A column that came later: bound only where it says something, so what was sealed without it opens as ever.

    :param named: whether its name stands before its value
    :param silent: what says nothing, besides an empty value
    """

    column: str
    named: bool = True
    silent: str = ""

    def says(self, value: object) -> bool:
        """Say whether a value is bound."""
        return bool(value) and value != self.silent


Columns = tuple[str | Later, ...]


@dataclass(frozen=True)
class Texts:
    """Where a vault's texts lie in one column, and what each is bound to.

    :param at: the rows whose text is sealed in the vault at a place
    :param bound_to: the columns whose values a row's text is bound to, behind its purpose and in this order; with a
        dot, those of the row that it hangs from
    :param first_hash: the column with the SHA-256 (hex) of the first ciphertext, where the log holds it too
    :param weight: as how many ordinary texts one counts where only so many are sealed anew at once
    """

    at: "Callable[[Place], Q]"
    bound_to: Columns
    first_hash: str = ""
    weight: int = 1


@dataclass(frozen=True)
class SealedColumn:
    """One ``sealed_`` column: what it is bound to, and whose key opens it (a vault kind, or ``service``)."""

    model: str
    column: str
    purpose: str
    opened_by: tuple[str, ...]
    texts: Texts | None = None

    @property
    def rows(self) -> models.QuerySet[models.Model]:
        """Every row that has a text in this column."""
        model: type[models.Model] = apps.get_model(self.model)
        rows: models.QuerySet[models.Model] = models.QuerySet(model)
        # Of what is asked for thousands of texts, the length is the cheapest.
        return rows.filter(GreaterThan(Length(self.column), 0))

    def bind(self, row: models.Model) -> tuple[Field, ...]:
        """Write what this row's text is bound to, as whoever sealed it first did."""
        return bind(self.purpose, row, self.texts.bound_to if self.texts else ())

    def rows_at(self, place: "Place") -> models.QuerySet[models.Model]:
        """Every row whose text in this column is sealed in the vault at a place."""
        return self.rows.filter(self.texts.at(place)) if self.texts else self.rows.none()


REGISTER: dict[tuple[str, str], SealedColumn] = {}


def register_sealed(
    model: str, column: str, *, purpose: str, opened_by: tuple[str, ...], texts: Texts | None = None
) -> None:
    """Declare a sealed column. `model` is ``app.Model``; `texts` is there for what a vault's key opens."""
    REGISTER[model.lower(), column] = SealedColumn(model, column, purpose, opened_by, texts)


def bind(purpose: str, row: object, columns: Columns) -> tuple[Field, ...]:
    """Bind a text to what these columns of its row say. `row` has them as attributes."""
    return (purpose, *(field for column in columns for field in _fields(row, column)))


def columns_of_vault(kind: VaultKind) -> Iterator[SealedColumn]:
    """Go through the columns that hold texts of this kind of vault."""
    return (column for column in REGISTER.values() if kind in column.opened_by)


def _fields(row: object, column: str | Later) -> tuple[Field, ...]:
    if isinstance(column, str):
        return (attrgetter(column)(row),)
    value = attrgetter(column.column)(row)
    if not column.says(value):
        return ()
    return (column.column, value) if column.named else (value,)
