"""Questions to the database that Django puts into SQL once for each thread, and that are asked with other values then.

Putting one together takes Django up to twenty times as long as asking it, and every page asks the same ones.
"""

import inspect
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, NoReturn, ParamSpec, TypeVar
from uuid import UUID

from django.db import connections, router
from django.db.models import DateTimeField, Expression, Field, Model, QuerySet, UUIDField
from django.db.models.sql import DeleteQuery, UpdateQuery
from django.db.models.sql.compiler import SQLCompiler

P = ParamSpec("P")
R = TypeVar("R")
Rows = QuerySet[Any, Any]
Changes = Mapping[str, object]
# What Django writes otherwise than it is; everything else goes to the driver as it stands.
_FIELDS: "dict[type, Field[Any, Any]]" = {UUID: UUIDField(), datetime: DateTimeField()}


class Prepared(Generic[P, R]):
    """A question, asked with keyword arguments.

    :param build: puts the query together. It is given places instead of values, once for each thread: nothing in it
        may depend on a value, nor on a clock or anything else that is another thing the next time
    """

    def __init__(self, build: "Callable[P, QuerySet[Any, R]]") -> None:
        self._build = build
        # A connection belongs to its thread, and so does what was put together for it.
        self._own = threading.local()

    def all(self, *_: P.args, **values: P.kwargs) -> list[R]:
        """Ask, and read every row.

        :raises ValueError, TypeError: at the first question, if the SQL depends on something that is no argument
        """
        if not hasattr(self._own, "rows"):
            self._own.rows = _Rows(_with_places(self._build))
        rows: _Rows[R] = self._own.rows
        return rows.read(values)

    def first(self, *_: P.args, **values: P.kwargs) -> R | None:
        """Ask, and give the first row if there is one."""
        return next(iter(self.all(**values)), None)  # type: ignore[call-arg]

    def any(self, *_: P.args, **values: P.kwargs) -> bool:
        """Say whether there is a row."""
        return bool(self.all(**values))  # type: ignore[call-arg]


class _PreparedChange(ABC, Generic[P, R]):
    """A change of rows, made with keyword arguments; as :class:`Prepared`."""

    def __init__(self, build: Callable[P, R]) -> None:
        self._build = build
        self._own = threading.local()

    def run(self, *_: P.args, **values: P.kwargs) -> int:
        """Change the rows, and say how many there were.

        :raises ValueError, TypeError: as :meth:`Prepared.all`
        """
        if not hasattr(self._own, "statement"):
            self._own.statement = _Statement(self._compiler(_with_places(self._build)))
        statement: _Statement = self._own.statement
        return statement.run(values)

    @staticmethod
    @abstractmethod
    def _compiler(built: R) -> SQLCompiler: ...


class PreparedUpdate(_PreparedChange[P, tuple[Rows, Changes]]):
    """Stores other values in rows; `build` gives the rows, and what becomes of which column."""

    @staticmethod
    def _compiler(built: tuple[Rows, Changes]) -> SQLCompiler:
        rows, changes = built
        query: Any = rows.query.chain(UpdateQuery)
        query.add_update_values(changes)
        return _compiler_of(query, rows)


class PreparedDelete(_PreparedChange[P, Rows]):
    """Deletes rows to which no other rows lead; `build` gives the rows."""

    @staticmethod
    def _compiler(built: Rows) -> SQLCompiler:
        query: Any = built.query.chain(DeleteQuery)
        return _compiler_of(query, built)


def insert_all(rows: Sequence[Model]) -> None:
    """Store many new rows of one model, put into SQL once: of `bulk_create`, this is a third.

    :param rows: each whole, its id drawn; nothing is read back into them
    """
    if not rows:
        return
    # _meta is the documented way to a model's fields, its underscore notwithstanding.
    fields = rows[0]._meta.concrete_fields
    names, marks = ", ".join(str(field.column) for field in fields), ", ".join(["%s"] * len(fields))
    connection = connections[router.db_for_write(type(rows[0]))]
    values = [[field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields] for row in rows]
    with connection.cursor() as cursor:
        # Every name comes from a model of ours, and every value is a parameter.
        cursor.executemany(f"INSERT INTO {rows[0]._meta.db_table} ({names}) VALUES ({marks})", values)  # noqa: S608


class _Place(Expression):
    """Where a value will stand in the SQL."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, *_: Any, **__: Any) -> tuple[str, Any]:
        """Write itself as the parameter, which a value replaces later."""
        return "%s", (self,)


class _Unknown:
    """Stands for a value while a query is put together."""

    def __init__(self, name: str) -> None:
        self._name = name

    def resolve_expression(self, *_: Any, **__: Any) -> _Place:
        """Take its place in a query; Django asks every value whether it can."""
        return _Place(self._name)

    def __bool__(self) -> NoReturn:
        # What is decided by one value would be decided for everybody.
        raise TypeError("a prepared query decides nothing by a value")


class _Statement:
    """SQL with places, on the connection of this thread."""

    def __init__(self, compiler: SQLCompiler) -> None:
        self.sql, parameters = compiler.as_sql()
        self._parameters: Sequence[object] = parameters
        self._connection = compiler.connection
        if strange := [one for one in self._parameters if not _is_the_same_for_all(one)]:
            raise ValueError(f"not an argument: {strange}")

    def fill(self, values: Mapping[str, object]) -> list[Any]:
        """Put the values where they belong."""
        return [self._stored(values[one.name]) if isinstance(one, _Place) else one for one in self._parameters]

    def run(self, values: Mapping[str, object]) -> int:
        with self._connection.cursor() as cursor:
            cursor.execute(self.sql, self.fill(values))
            return int(cursor.rowcount)

    def _stored(self, value: object) -> object:
        field = _FIELDS.get(type(value))
        return field.get_db_prep_value(value, self._connection) if field else value


class _Rows(Generic[R]):
    """A query whose compiler says again what it once found out."""

    def __init__(self, rows: "QuerySet[Any, R]") -> None:
        self._rows = rows
        compiler = rows.query.get_compiler(connection=connections[rows.db])
        self._statement = _Statement(compiler)
        converters = compiler.get_converters([column for column, *_ in compiler.select])
        vars(compiler).update(as_sql=lambda: (self._statement.sql, self._filled), get_converters=lambda _: converters)
        vars(rows.query).update(get_compiler=lambda *_, **__: compiler)

    def read(self, values: Mapping[str, object]) -> list[R]:
        self._filled = self._statement.fill(values)
        return list(self._rows.all())


def _with_places(build: Callable[..., R]) -> R:
    return build(**{name: _Unknown(name) for name in inspect.signature(build).parameters})


def _compiler_of(query: Any, rows: Rows) -> SQLCompiler:
    compiler: SQLCompiler = query.get_compiler(connection=connections[rows.db])
    return compiler


def _is_the_same_for_all(parameter: object) -> bool:
    """Tell a place, yes or no, and the words of our own enums from a moment, an id, a number or a key."""
    is_word = isinstance(parameter, str) and parameter.replace("_", "").isalpha()
    return isinstance(parameter, _Place) or is_word or (isinstance(parameter, int) and parameter in (0, 1))
