"""FHIR dates as intervals of days."""

from __future__ import annotations

from datetime import date

import pytest

from cards.guidance.findings import Interval
from fhir_mappings.dates import at_age, course, duration_days, interval, period


def days(first: str, last: str | None = None) -> Interval:
    return Interval(date.fromisoformat(first), date.fromisoformat(last or first))


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("2026-03-15", days("2026-03-15")),
        ("2026-03-15T23:30:00-08:00", days("2026-03-15")),
        ("2026-03-15T00:10:00+14:00", days("2026-03-15")),
        ("2026-03-15T10:20", days("2026-03-15")),
        ("2026-03-15 10:20:00", days("2026-03-15")),
        ("2026-03-15T24:00:00Z", days("2026-03-15")),
        ("2026-03-15T10:20:00.123456789Z", days("2026-03-15")),
        ("2026-02", days("2026-02-01", "2026-02-28")),
        ("2024-02", days("2024-02-01", "2024-02-29")),
        ("2026", days("2026-01-01", "2026-12-31")),
        (" 2026-03-15 ", days("2026-03-15")),
        ("2026-02-30", None),
        ("2026-13", None),
        ("0001-01-01", None),
        ("1899-12-31", None),
        ("1900-01-01", None),
        ("1901-01-01", days("1901-01-01")),
        ("15/03/2026", None),
        ("yesterday", None),
        ("", None),
        (20260315, None),
        (None, None),
        ({"value": "2026"}, None),
    ],
)
def test_interval(written, means) -> None:
    assert interval(written) == means


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ({"start": "2026-03-01", "end": "2026-03-05"}, days("2026-03-01", "2026-03-05")),
        ({"start": "2026-03-01"}, days("2026-03-01")),
        ({"end": "2026-03-05"}, days("2026-03-05")),
        ({"start": "2026-03-09", "end": "2026-03-05"}, days("2026-03-09")),
        ({"start": "2026-03", "end": "2026-03-05"}, days("2026-03-01", "2026-03-05")),
        ({"start": "2026-03-05", "end": "2026-03-05"}, days("2026-03-05")),
        ({}, None),
        ("2026", None),
    ],
)
def test_period(written, means) -> None:
    assert period(written) == means


@pytest.mark.parametrize(
    ("written", "began", "until"),
    [
        ({"start": "2026-03-01", "end": "2026-03-05"}, days("2026-03-01"), days("2026-03-05")),
        ({"start": "2026-03-05", "end": "2026-03-05"}, days("2026-03-05"), days("2026-03-05")),
        ({"start": "2026-03-01"}, days("2026-03-01"), Interval(date(2026, 3, 1), date.max)),
        ({"end": "2026-03-05"}, days("2026-03-05"), None),
        ({"start": "2026-03-09", "end": "2026-03-05"}, days("2026-03-09"), None),
        (None, None, None),
    ],
)
def test_course(written, began, until) -> None:
    assert course(written) == (began, until)


@pytest.mark.parametrize(
    ("age", "means"),
    [
        ({"value": 66, "code": "a"}, days("2021-05-20", "2022-05-19")),
        ({"value": 66, "unit": "years"}, days("2021-05-20", "2022-05-19")),
        ({"value": 3, "code": "mo"}, days("1955-08-19", "1955-09-19")),
        ({"value": 500, "code": "a"}, None),
        ({"value": -1, "code": "a"}, None),
        ({"value": 2, "code": "wk"}, days("1955-06-03", "1955-06-10")),
        ({"value": 0, "code": "a"}, days("1955-05-20", "1956-05-19")),
        ({"value": 130, "code": "a"}, days("2085-05-20", "2086-05-19")),
        ({"value": 131, "code": "a"}, None),
        ({"value": 66}, None),
        ({"value": "x", "code": "a"}, None),
        (None, None),
    ],
)
def test_onset_age(age, means) -> None:
    assert at_age(age, days("1955-05-20")) == means


def test_onset_age_without_birth_date() -> None:
    assert at_age({"value": 66, "code": "a"}, None) is None


def test_born_on_a_leap_day() -> None:
    assert at_age({"value": 1, "code": "a"}, days("2000-02-29")) == days("2001-02-28", "2002-02-27")


@pytest.mark.parametrize(
    ("quantity", "means"),
    [
        ({"value": 2, "code": "wk"}, 14),
        ({"value": 0, "code": "d"}, 0),
        ({"value": 36, "code": "min"}, 0.025),
        ({"value": 2, "unit": "Years"}, 730.5),
        ({"value": 2, "code": "mo"}, 60.875),
        ({"value": -1, "code": "d"}, None),
        ({"value": 3, "unit": "days"}, 3),
        ({"value": 12, "code": "h"}, 0.5),
        ({"value": 2, "code": "mg"}, None),
        ({}, None),
    ],
)
def test_duration(quantity, means) -> None:
    assert duration_days(quantity) == means


@pytest.mark.parametrize(
    ("written", "code"),
    [("year years yr y", "a"), ("month months", "mo"), ("week weeks w", "wk"), ("day days", "d"), ("hour hours", "h"), ("minutes", "min")],
)
def test_units_of_time_in_words(written, code) -> None:
    assert {duration_days({"value": 6, "unit": unit}) for unit in written.split()} == {duration_days({"value": 6, "code": code})}
