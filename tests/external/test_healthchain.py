"""HealthChain's SandboxClient (PyPI) calls a running service: a loose client, whose calls name a patient other than the one they bring.

It has neither token nor FHIR server, its prefetch keys are resource types in lower case, and each value is a collection. It runs in the environment of
`make peers`.
"""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from calls import SERVICE
from evaluating import evaluated
from keeping import entries
from serving import serving

from cds_hooks.chart.bundle import call_for
from cds_hooks.sandbox.samples import samples
from fhir_mappings.queries import QUERIES

PEERS = Path(__file__).parents[2] / ".venv-peers"
PYTHON = PEERS / "bin" / "python"
SAMPLES = ("cauda-equina", "night-cramps", "nothing-to-say")

pytestmark = pytest.mark.skipif(not [*PEERS.glob("lib/python*/site-packages/healthchain")], reason="needs HealthChain of `make peers`")


def call(name: str) -> dict[str, Any]:
    return call_for(samples()[name].as_of(datetime.now(UTC).date()), "x")


@pytest.fixture(scope="module")
def outcome(tmp_path_factory) -> dict[str, Any]:
    """What the client got and what the service wrote down, by the name of the call; all calls are sent by one process to another."""
    folder = tmp_path_factory.mktemp("healthchain")
    calls: dict[str, dict[str, str]] = {"synthetic": {"source": "synthetic"}}
    for name in SAMPLES:
        bundles, prefetch = folder / name, folder / f"{name}.json"
        bundles.mkdir()
        (bundles / "patient.json").write_text(json.dumps(samples()[name].as_of(datetime.now(UTC).date())))
        prefetch.write_text(json.dumps(call(name)["prefetch"]))
        patient = call(name)["context"]["patientId"]
        calls |= {
            f"{name} as somebody else": {"source": "synthea-patient", "data": str(bundles)},
            f"{name} as itself": {"source": "synthea-patient", "data": str(bundles), "patient": patient},
            f"{name} under our keys": {"source": "path", "data": str(prefetch), "patient": patient},
        }
    (folder / "calls.json").write_text(json.dumps(list(calls.values())))
    with serving(folder) as running:
        command = [PYTHON, Path(__file__).with_name("healthchain_client.py"), f"{running.base}{SERVICE}", folder / "calls.json", folder / "answers.json"]
        ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
        assert ran.returncode == 0, ran.stderr
        written = [entry for _, entry in entries(running.data_dir) if entry["kind"] == "call"]
    got = json.loads((folder / "answers.json").read_text())
    return {name: (*pair, entry) for name, pair, entry in zip(calls, [(each,) for each in got], written, strict=True)}


def topics(answer: dict[str, Any]) -> list[str]:
    return [each["source"]["topic"]["code"] for each in answer["cards"]]


def expected(name: str) -> list[str]:
    made = call(name)
    return [each.source.topic.code for each in evaluated(made["prefetch"], datetime.now(UTC), patient=made["context"]["patientId"]).cards]


@pytest.mark.parametrize("name", SAMPLES)
def test_a_chart_of_somebody_else_gets_one_card_without_a_fact_in_it(outcome, name) -> None:
    got, entry = outcome[f"{name} as somebody else"]
    assert "condition" in got["keys"] or name == "nothing-to-say"
    assert topics(got["answer"]) == ["NotEvaluated"]
    assert entry["outcome"] == "records of another patient"
    (card,) = got["answer"]["cards"]
    patient = samples()[name].bundle["entry"][0]["resource"]
    assert [each for each in (patient["id"], patient["name"][0]["family"], patient["birthDate"]) if each in json.dumps(card)] == []


@pytest.mark.parametrize("name", [each for each in SAMPLES if each != "nothing-to-say"])
def test_its_own_keys_count(outcome, name) -> None:
    """Resource types in lower case, collections, the Patient among them as a Bundle."""
    got, _ = outcome[f"{name} as itself"]
    assert not set(got["keys"]) & (set(QUERIES) - {"patient"})
    assert topics(got["answer"]) == expected(name)


def test_results_alone_and_no_symptom_is_an_error(outcome) -> None:
    """Laboratory results under a key of its own do not make the Observations obtained. The client shows an error as nothing."""
    got, entry = outcome["nothing-to-say as itself"]
    assert "observation" in got["keys"]
    assert (got["answer"], entry["outcome"]) == ({}, "data missing")


@pytest.mark.parametrize("name", SAMPLES)
def test_our_keys_count(outcome, name) -> None:
    got, _ = outcome[f"{name} under our keys"]
    assert topics(got["answer"]) == expected(name)


def test_what_it_makes_up_is_never_answered_with_an_empty_list(outcome) -> None:
    """Invented records of invented patients: nothing is said of anybody, and that it was not evaluated is said."""
    got, entry = outcome["synthetic"]
    assert got["answer"] == {} or topics(got["answer"]) == ["NotEvaluated"]
    assert entry["outcome"] in {"records of another patient", "data missing"}
