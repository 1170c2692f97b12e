"""The one door to fhir.resources: hostile content never gets through it as an exception."""

from __future__ import annotations

import pytest
from charts import problem

from fhir_mappings import r4

GOOD = problem("sciatica", 3).resource
DEEP: dict = {"url": "http://x"}
for _ in range(400):
    DEEP = {"url": "http://x", "extension": [DEEP]}


def test_valid() -> None:
    assert r4.is_valid(GOOD)


@pytest.mark.parametrize(
    "broken",
    [
        {"resourceType": "Nothing"},
        {"resourceType": None},
        {"contained": [{"resourceType": "Unheard"}]},
        {"contained": [{"resourceType": 5}]},
        {"contained": [{"resourceType": ["Patient"]}]},
        {"extension": [DEEP]},
        {"onsetDateTime": "2026-02-30"},
        {"code": "x"},
        {"unknown": 1},
    ],
    ids=lambda each: str(each)[:40],
)
def test_invalid(broken) -> None:
    assert not r4.is_valid({**GOOD, **broken})
