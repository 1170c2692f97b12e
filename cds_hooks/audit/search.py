"""Finding entries: any combination of marks within any time, newest first, quickly however many entries there are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

import msgspec
from sqlalchemy import Column, ColumnElement, Connection, Select, Text, column, desc, func, select, values

from cds_hooks.audit.database import Database
from cds_hooks.audit.form import Checkpoint
from cds_hooks.audit.marks import Mark
from cds_hooks.audit.tables import checkpoints, entries, marks

COUNTED = 20_000
"""How far a mark is counted to learn which one is rare."""
STEP = 5_000
"""Candidates looked at in one step of a search."""
AT_ONCE = 500
NOTHING = (1, 0)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Filter:
    """All of `marks`, recorded at or after `since` and before `until` (UTC)."""

    marks: tuple[Mark, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry as it is stored."""

    sequence: int
    entry: bytes
    hash: bytes

    def read(self) -> dict[str, Any]:
        """What the bytes say; of bytes that are no JSON object any more only their number."""
        try:
            found = msgspec.json.decode(self.entry)
        except (msgspec.DecodeError, RecursionError):
            found = None
        return found if isinstance(found, dict) else {"sequence": self.sequence, "kind": "unreadable", "recorded": ""}


@dataclass(frozen=True, slots=True)
class Page:
    """Entries, newest first; `older` is where the next page begins. One that is not `finished` ran out of time before it was full."""

    hits: tuple[Hit, ...]
    older: int | None = None
    finished: bool = True


def page(database: Database, wanted: Filter, before: int | None = None, size: int = 50, seconds: float = float("inf")) -> Page:
    """The newest entries that match, of those with a lower sequence than `before`; what could be found in so many seconds."""
    until = monotonic() + seconds
    found: list[int] = []
    with database.reading() as connection:
        first, last = _bounds(connection, wanted)
        last = last if before is None else min(last, before - 1)
        plan = _planned(connection, wanted, first, last)
        while first <= last and len(found) <= size:
            lowest = _lowest(connection, plan, first, last)
            found += connection.execute(plan.matching(lowest, last).limit(size + 1 - len(found))).scalars()
            last = lowest - 1
            if monotonic() > until:
                break
        hits = tuple(reversed(_loaded(connection, found[:size])))
    if len(found) > size:
        return Page(hits, found[size - 1])
    return Page(hits, last + 1 if first <= last else None, finished=first > last)


def walk(database: Database, wanted: Filter, through: int) -> Iterator[Hit]:
    """Every entry that matches up to a sequence, oldest first, a few hundred in memory at a time."""
    with database.reading() as connection:
        first, last = _bounds(connection, wanted)
        last = min(last, through)
        plan = _planned(connection, wanted, first, last)
        while first <= last:
            found = list(connection.execute(plan.matching(first, last, newest_first=False).limit(AT_ONCE)).scalars())
            yield from _loaded(connection, found)
            connection.rollback()
            if len(found) < AT_ONCE:
                return
            first = found[-1] + 1


def checkpoints_through(database: Database, through: int) -> list[Checkpoint]:
    """The checkpoints that vouch for the entries up to a sequence, oldest first: what an export of all of them carries along."""
    wanted = select(checkpoints).where(checkpoints.c.sequence <= through).order_by(checkpoints.c.sequence)
    with database.reading() as connection:
        return [Checkpoint(each.sequence, each.hash, each.recorded, each.key, each.signature) for each in connection.execute(wanted)]


MOST_ENTRIES = 2**63 - 1
"""The largest number that the databases know."""


def those(database: Database, sequences: list[int]) -> list[Hit]:
    """The entries of these sequences, as far as they are there."""
    with database.reading() as connection:
        return _loaded(connection, [each for each in sequences if each <= MOST_ENTRIES])


def tallied(database: Database, name: str, beginning: str, end: str) -> Iterator[tuple[str, int]]:
    """The values of a mark from `beginning` up to `end`, in their order, each with its sequence."""
    wanted = select(marks.c.value, marks.c.sequence).where(marks.c.name == name, marks.c.value >= beginning, marks.c.value < end)
    with database.reading() as connection:
        for row in connection.execution_options(yield_per=AT_ONCE).execute(wanted.order_by(marks.c.value, marks.c.sequence)):
            yield row.value, row.sequence


def counted(database: Database, name: str) -> dict[str, int]:
    """How many entries there are for each value of a mark that has few."""
    wanted = select(marks.c.value, func.count()).where(marks.c.name == name).group_by(marks.c.value).order_by(marks.c.value)
    with database.reading() as connection:
        return {row.value: row[1] for row in connection.execute(wanted)}


@dataclass(frozen=True, slots=True)
class Plan:
    """How a filter is looked up: every sequence of the rarest mark, where there is one, is looked for under the other marks and the time."""

    rarest: Mark | None
    others: tuple[Mark, ...]
    wanted: Filter

    def candidates(self, first: int, last: int) -> tuple[Select[Any], Column[int]]:
        """Of the rarest mark alone, unordered; and the column that orders them."""
        if self.rarest is None:
            return select(entries.c.sequence).where(entries.c.sequence.between(first, last)), entries.c.sequence
        rarest = marks.alias("rarest")
        name, value = self.rarest
        found = select(rarest.c.sequence).where(rarest.c.name == name, rarest.c.value == value, rarest.c.sequence.between(first, last))
        return found, rarest.c.sequence

    def matching(self, first: int, last: int, *, newest_first: bool = True) -> Select[Any]:
        found, sequence = self.candidates(first, last)
        for number, (name, value) in enumerate(self.others):
            other = marks.alias(f"other_{number}")
            found = found.where(_looked_up(select(1).select_from(other).where(other.c.name == name, other.c.value == value, other.c.sequence == sequence)))
        if self.wanted.since or self.wanted.until:
            found = found.where(_in_time(self.wanted, sequence))
        return found.order_by(desc(sequence) if newest_first else sequence)


def _planned(connection: Connection, wanted: Filter, first: int, last: int) -> Plan:
    if len(wanted.marks) < 2:
        return Plan(next(iter(wanted.marks), None), (), wanted)
    rarest, *others = sorted(wanted.marks, key=lambda mark: _count(connection, mark, first, last))
    return Plan(rarest, tuple(others), wanted)


def _lowest(connection: Connection, plan: Plan, first: int, last: int) -> int:
    """How far down one step of a search reaches: over so many candidates and no more."""
    if not plan.others:
        return first
    found, sequence = plan.candidates(first, last)
    return connection.execute(found.order_by(desc(sequence)).offset(STEP).limit(1)).scalar() or first


def _in_time(wanted: Filter, sequence: Column[int]) -> Any:
    told = entries.alias("told")
    recorded = told.c.recorded + ""  # as an expression, so that no index on it is preferred to the order by sequence
    at = select(1).select_from(told).where(told.c.sequence == sequence)
    at = at.where(recorded >= _text(wanted.since)) if wanted.since else at
    return _looked_up(at.where(recorded < _text(wanted.until)) if wanted.until else at)


def _looked_up(one: Select[Any]) -> Any:
    """For each candidate by itself: the offset keeps PostgreSQL from joining, which would read all of a common mark to find none of a rare one."""
    return one.offset(0).exists()


def _count(connection: Connection, mark: Mark, first: int, last: int) -> int:
    some = select(1).where(marks.c.name == mark[0], marks.c.value == mark[1], marks.c.sequence.between(first, last)).limit(COUNTED).subquery()
    return connection.execute(select(func.count()).select_from(some)).scalar() or 0


def _loaded(connection: Connection, sequences: list[int]) -> list[Hit]:
    """In the order of the chain."""
    wanted = select(entries.c.sequence, entries.c.entry, entries.c.hash).where(entries.c.sequence.in_(sequences)).order_by(entries.c.sequence)
    return [Hit(row.sequence, row.entry, row.hash) for row in connection.execute(wanted)]


def _bounds(connection: Connection, wanted: Filter) -> tuple[int, int]:
    """The least and the greatest sequence that can match, exact to the hour although times need not rise with sequences."""
    first, last = _ends(connection, entries.c.sequence)
    if first is None:
        return NOTHING
    if wanted.since is None and wanted.until is None:
        return first, last
    oldest, newest = _ends(connection, entries.c.recorded)
    since = max(each for each in (wanted.since, _moment(oldest)) if each)
    until = min(each for each in (wanted.until, _moment(newest) + HOUR) if each)
    return _sequences(connection, _buckets(connection, since, until))


def _ends(connection: Connection, column: Column[Any]) -> Any:
    """The least and the greatest value; asked for one by one, because only so SQLite takes them from an index."""
    return connection.execute(select(select(func.min(column)).scalar_subquery(), select(func.max(column)).scalar_subquery())).one()


def _sequences(connection: Connection, buckets: list[Mark]) -> tuple[int, int]:
    if not buckets:
        return NOTHING
    times = values(column("name", Text), column("value", Text)).data(buckets).cte("times")  # SQLite names the columns of a CTE only
    within = select(marks.c.sequence).where(marks.c.name == times.c.name, marks.c.value == times.c.value).limit(1)
    least, most = (within.order_by(each).scalar_subquery() for each in (marks.c.sequence, desc(marks.c.sequence)))
    first, last = connection.execute(select(func.min(least), func.max(most)).select_from(times)).one()
    return NOTHING if first is None else (first, last)


def _buckets(connection: Connection, since: datetime, until: datetime) -> list[Mark]:
    """The days that lie within and on which anything was recorded, and the hours before the first and after the last midnight."""
    first, last = _midnight(since - timedelta(microseconds=1)) + DAY, _midnight(until)
    if first >= last:
        return [*_hours(since, until)]
    days = [("day", each) for each in _days(connection, f"{first:%Y-%m-%d}", f"{last - DAY:%Y-%m-%d}")]
    return [*_hours(since, first), *days, *_hours(last, until)]


def _midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def _hours(since: datetime, until: datetime) -> Iterator[Mark]:
    at = since.replace(minute=0, second=0, microsecond=0)
    while at < until:
        yield "hour", f"{at:%Y-%m-%dT%H}"
        at += HOUR


def _days(connection: Connection, first: str, last: str) -> list[str]:
    """Each is looked up after the one before it, so that neither the entries of a day nor the days between two of them count."""

    def least(*where: ColumnElement[bool]) -> Any:
        return select(func.min(marks.c.value).label("day")).where(marks.c.name == "day", marks.c.value <= last, *where)

    days = least(marks.c.value >= first).cte("days", recursive=True)
    days = days.union_all(select(least(marks.c.value > days.c.day).scalar_subquery()).where(days.c.day.is_not(None)))
    return [each for each in connection.scalars(select(days.c.day)) if each]


def _text(moment: datetime) -> str:
    """As entries write it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def _moment(recorded: str) -> datetime:
    try:
        return datetime.fromisoformat(recorded).astimezone(UTC)
    except (ValueError, OverflowError):
        return datetime.now(UTC)
