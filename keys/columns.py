"""The register of sealed columns, so that rotation, export and destruction find them all."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SealedColumn:
    """One ``sealed_`` column: what it is bound to, and whose key opens it (a vault kind, or ``service``)."""

    model: str
    column: str
    purpose: str
    opened_by: tuple[str, ...]


REGISTER: dict[tuple[str, str], SealedColumn] = {}


def register_sealed(model: str, column: str, *, purpose: str, opened_by: tuple[str, ...]) -> None:
    """Declare a sealed column. `model` is ``app.Model``."""
    REGISTER[model.lower(), column] = SealedColumn(model, column, purpose, opened_by)
