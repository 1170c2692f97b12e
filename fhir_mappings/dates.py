"""FHIR dates as intervals: the day part as written, never shifted by its time zone; what is no day is no date."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta

from cards.guidance.findings import Interval
from fhir_mappings.elements import Element, mapping, number, string

_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ].*)?)?)?")
_YEARS, _MONTHS, _WEEKS, _DAYS = {"a", "year", "years", "yr", "y"}, {"mo", "month", "months"}, {"wk", "week", "weeks", "w"}, {"d", "day", "days"}
EARLIEST_YEAR = 1901
"""What is dated earlier is no date: 1900-01-01 and the like stand for none, and nobody alive was born then."""
_BEFORE_TIME = ("", "T", " ")


def interval(value: object) -> Interval | None:
    """The days a date, dateTime or instant may mean; None for anything else, and for days that never were."""
    written = string(value)
    if not written:
        return None
    if usual := _day(written):
        return Interval(usual, usual)
    match = _DATE.fullmatch(written)
    if not match or int(match[1]) < EARLIEST_YEAR:
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    try:
        first = date(year or 1, month or 1, day or 1)
    except ValueError:
        return None
    if day:
        return Interval(first, first)
    return Interval(first, date(first.year, month or 12, monthrange(first.year, month or 12)[1]))


def moment(value: object) -> datetime | None:
    """The point in time an instant names, whatever its zone and fractions; None for anything else."""
    try:
        found = datetime.fromisoformat(string(value))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def is_before(value: object, day: date) -> bool:
    """Is it of an earlier day? False too for what is not written as nearly all dates are."""
    usual = _day(string(value))
    return usual is not None and usual < day


def _day(written: str) -> date | None:
    """The day of a date with or without a time, as nearly all are written; None for everything else, right or wrong."""
    if written[4:5] != "-" or written[7:8] != "-" or written[10:11] not in _BEFORE_TIME or "\n" in written:
        return None
    try:
        day = date.fromisoformat(written[:10])
    except ValueError:
        return None
    return day if day.year >= EARLIEST_YEAR else None


def period(value: object) -> Interval | None:
    """From the start to the end of a Period; an open side is taken from the other."""
    start, end = interval(mapping(value).get("start")), interval(mapping(value).get("end"))
    if start and end and start.earliest <= end.latest:
        return Interval(start.earliest, end.latest)
    return start or end


def course(value: object) -> tuple[Interval | None, Interval | None]:
    """When what a Period tells of began, and until when it lasted: without an end it goes on, without a start only the end is known."""
    start, end = interval(mapping(value).get("start")), interval(mapping(value).get("end"))
    if start is None:
        return end, None
    if end is None:
        return start, Interval(start.earliest, date.max)
    return (start, end) if start.earliest <= end.latest else (start, None)


def at_age(age: object, born: Interval | None) -> Interval | None:
    """The days on which a person born then was that old."""
    years = duration_days(age)
    if born is None or years is None or years > 130 * 366:
        return None
    unit = string(mapping(age).get("code")) or string(mapping(age).get("unit"))
    value = number(mapping(age).get("value")) or 0
    if unit.casefold() in _YEARS:
        return Interval(_birthday(born.earliest, int(value)), _birthday(born.latest, int(value) + 1) - timedelta(days=1))
    spread = 31 if unit.casefold() in _MONTHS else 7
    return Interval(born.earliest + timedelta(days=int(years)), born.latest + timedelta(days=int(years) + spread))


def duration_days(quantity: object) -> float | None:
    """A Quantity of time in days; None for another or an unknown unit."""
    element: Element = mapping(quantity)
    value = number(element.get("value"))
    unit = (string(element.get("code")) or string(element.get("unit"))).casefold()
    factors = ((_YEARS, 365.25), (_MONTHS, 30.4375), (_WEEKS, 7.0), (_DAYS, 1.0), ({"h", "hour", "hours"}, 1 / 24), ({"min", "minutes"}, 1 / 1440))
    factor = next((factor for units, factor in factors if unit in units), None)
    return value * factor if value is not None and factor is not None and value >= 0 else None


def _birthday(born: date, years: int) -> date:
    year = born.year + years
    return date(year, born.month, min(born.day, monthrange(year, born.month)[1]))
