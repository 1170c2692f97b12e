"""HL7's logical models as an outside check: discovery and every response of the specification's charts."""

from __future__ import annotations

import importlib.util
import json

import pytest
from calls import SERVICE, call
from evaluating import evaluated
from spec.table import ROWS

from cds_hooks import services
from cds_hooks.sandbox.samples import samples


@pytest.fixture
def oracle(shared):
    spec = importlib.util.spec_from_file_location("check_cds_hooks", shared / "oracle" / "check_cds_hooks.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_oracle_itself_agrees_with_hl7(oracle) -> None:
    assert oracle.selftest() == 0


def test_discovery(oracle) -> None:
    assert list(oracle.check("services", services.discovery())) == []


def test_every_response_of_the_specification(oracle) -> None:
    for row in ROWS:
        response = {"cards": [card.on_the_wire() for card in evaluated(row.chart()).cards]}
        assert list(oracle.check("response", json.loads(json.dumps(response)))) == [], row.name


def test_every_sample_over_http(oracle, client) -> None:
    for name in samples():
        request = client.get(f"/samples/{name}/request").json()
        assert list(oracle.check("request", request, narrative=False)) == []  # null is what the specification wants for no data
        assert list(oracle.check("response", client.post(SERVICE, json=request).json())) == []


def test_our_own_calls_are_valid_requests(oracle) -> None:
    assert list(oracle.check("request", call(), narrative=False)) == []
