"""Statements as the drivers take them: to put one together anew each time takes longer than to run it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sqlalchemy import ClauseElement, Connection, CursorResult, Dialect
from sqlalchemy.dialects import postgresql, sqlite

Prepared = Mapping[str, str]
"""By dialect. Every value is a named parameter."""
DIALECTS: tuple[Dialect, ...] = (sqlite.dialect(paramstyle="named"), postgresql.dialect())  # type: ignore[no-untyped-call]


def prepared(statement: ClauseElement) -> Prepared:
    return MappingProxyType({each.name: str(statement.compile(dialect=each)) for each in DIALECTS})


def run(connection: Connection, statement: Prepared, values: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> CursorResult[Any]:
    return connection.exec_driver_sql(statement[connection.dialect.name], values)
