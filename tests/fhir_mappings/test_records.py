"""Each row of `docs/connecting/records.md`."""

from __future__ import annotations

import pytest
from records import DATES, GROUPS, days, said, written

ROWS = [(group, each) for group in GROUPS for each in group.records]


@pytest.mark.parametrize(("group", "record"), ROWS, ids=lambda each: getattr(each, "title", None) or written(each)[:60])
def test_what_is_read(group, record) -> None:
    assert said(group.resource(record)) == record.read


@pytest.mark.parametrize("record", DATES.records, ids=lambda each: written(each)[:60])
def test_when_it_began_and_ended(record) -> None:
    assert days(DATES.resource(record)) == record.read
