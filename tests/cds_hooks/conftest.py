"""The service under three time budgets, and a FHIR server beside which nothing is contacted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import reading
from fhir_faults import RED_FLAG
from fhir_server import FhirServer, fhir_server
from reading import Service, address

LONG, SHORT, TINY = 20_000, 3_000, 250
"""Time budgets in ms: nothing times out, one search does, everything does. What the time decides exactly is in test_time_budget.py."""


@pytest.fixture
def contacted() -> Iterator[list[Any]]:
    """Every address connected to and every name looked up, as the socket layer saw it."""
    reading.contacted.clear()
    reading.watching.append(True)
    yield reading.contacted
    reading.watching.clear()


@pytest.fixture(scope="module")
def patient_service(tmp_path_factory) -> Iterator[Service]:
    yield from reading.service(LONG, tmp_path_factory.mktemp("long"))


@pytest.fixture(scope="module")
def hasty_service(tmp_path_factory) -> Iterator[Service]:
    yield from reading.service(SHORT, tmp_path_factory.mktemp("short"))


@pytest.fixture(scope="module")
def tiny_service(tmp_path_factory) -> Iterator[Service]:
    yield from reading.service(TINY, tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def ehr(contacted) -> Iterator[FhirServer]:
    with fhir_server(RED_FLAG) as running:
        yield running
    assert set(contacted) <= {address(running)}
