"""What hangs from a row: every table whose foreign keys lead there, so that one that comes later is not forgotten."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Model, QuerySet, sql
from django.db.models.fields.reverse_related import ForeignObjectRel

AnyModel = type[Model]


def hanging_from(model: AnyModel) -> list[tuple[AnyModel, str]]:
    """List the models whose rows lead to rows of `model`, the nearest first, each with its path of lookups.

    A model that leads there by two keys, such as who belongs to whom, stands there twice.
    """
    found: dict[AnyModel, list[str]] = {model: [""]}
    queue = [model]
    while queue:
        parent = queue.pop(0)
        new: dict[AnyModel, list[str]] = {}
        for child, name in _children(parent):
            if child not in found:
                new.setdefault(child, []).extend(f"{name}__{path}".removesuffix("__") for path in found[parent])
        found |= new
        queue += new
    return [(child, path) for child, paths in found.items() for path in paths if path]


def rows_hanging_from(rows: QuerySet[Any]) -> list[QuerySet[Any]]:
    """Find what leads to these rows, the farthest first: no row outlives what it leads to."""
    nearest_first = hanging_from(rows.model)
    return [child._meta.base_manager.filter(**{f"{path}__in": rows}) for child, path in reversed(nearest_first)]


def erase(rows: QuerySet[Any]) -> None:
    """Delete rows and all that leads to them. Belongs inside the caller's transaction.

    The guards of append-only tables decide for themselves whether their rows may go.
    """
    for hanging in [*rows_hanging_from(rows), rows]:
        # Past Django's collector, which stops at PROTECT even where all that is protected goes as well.
        sql.DeleteQuery(hanging.model).delete_batch(list(hanging.values_list("pk", flat=True)), hanging.db)


def _children(model: AnyModel) -> Iterator[tuple[AnyModel, str]]:
    for field in model._meta.get_fields(include_hidden=True):
        # A view shows rows of tables, and has none of its own.
        if isinstance(field, ForeignObjectRel) and not field.many_to_many and field.related_model._meta.managed:
            yield field.related_model, field.field.name
