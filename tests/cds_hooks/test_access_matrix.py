"""Every prefetch state of every key, under every access to the EHR's FHIR server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from access_matrix import (
    ACCESS,
    ANSWERED,
    CARDS,
    CARDS_AND_GAP,
    CHART,
    GAP_LINES,
    GONE,
    NOT_EVALUATED,
    REFUSED,
    SAYS,
    SENT,
    SILENCE,
    Answered,
    Sent,
    came,
    with_source,
)
from calls import SERVICE, call
from charts import Chart, person, problem, seen
from evaluating import NOW
from fhir_server import GRANTED, SECRETS, FhirServer, fhir_server, status
from keeping import Kept
from starlette.testclient import TestClient

from cds_hooks.app import create_app
from cds_hooks.settings import Settings
from fhir_mappings.queries import QUERIES

pytestmark = pytest.mark.usefixtures("nothing_is_told")


@pytest.fixture(scope="module")
def kept() -> Kept:
    return Kept()


@pytest.fixture(scope="module")
def service(kept, tmp_path_factory) -> Iterator[TestClient]:
    chosen = Settings(data_dir=tmp_path_factory.mktemp("data"), time_budget_ms=20_000)
    with TestClient(create_app(chosen, clock=lambda: NOW, audit=kept), base_url="http://127.0.0.1:8000") as client:
        yield client


@pytest.fixture
def ehr() -> Iterator[FhirServer]:
    with fhir_server(CHART) as running:
        running.faults["*"] = lambda handler, asked, lawful: handler.lawful(came(asked.key))
        yield running


@pytest.mark.parametrize("way", ACCESS)
@pytest.mark.parametrize("sent", SENT, ids=lambda each: each.name)
def test_each_key(sent: Sent, way: str, ehr, service, kept) -> None:
    """PFH-01 to PFH-05, I-01 to I-06: what it came as, whether it was read, its state afterwards, and what the card says."""
    if way == "fails":
        ehr.faults["*"] = status(403)
    for key in sent.keys:
        value, others = sent.value(came(key)), {other: came(other) for other in QUERIES if other != key}
        ehr.asked.clear()
        prefetch = others if value is ... else {**others, key: value}
        answer = service.post(SERVICE, json=call(prefetch=prefetch, **({} if way == "without" else {"fhirServer": ehr.base, "fhirAuthorization": GRANTED})))
        assert not [each for each in SECRETS if each in answer.text], key
        state = getattr(sent, way)
        assert kept.latest["sources"][key] == state, key
        assert ehr.searched() == ({key} if sent.is_read and way != "without" else set()), key
        cards = answer.json()["cards"]
        if sent.stops:
            assert _in_words(answer) == NOT_EVALUATED, key
            assert kept.latest["outcome"] == "records of another patient", key
            continue
        assert "Possible cauda equina" in cards[0]["summary"], key
        assert [line for line in GAP_LINES if line in cards[0]["detail"]] == list(filter(None, [SAYS[key].get(state, "")])), key


RULE = (problem("leg cramps", 5), problem("urinary incontinence", 2), seen("leg cramps", 5), seen("saddle numbness", 2))


def chart(what: str, row: Answered) -> Chart:
    """The symptom stands where it can be read."""
    symptom = (problem("sciatica", 300),) if row.conditions != GONE else (seen("leg cramps", 3),)
    return Chart((person(), *{"rule": RULE, "symptom": symptom, "neither": ()}[what]))


@pytest.mark.parametrize("what", ["rule", "symptom", "neither"])
@pytest.mark.parametrize("row", ANSWERED, ids=lambda each: f"Conditions {each.conditions}, Observations {each.observations}")
def test_what_is_answered(row, what, service) -> None:
    """PFH-03 and the rulings: silence only when both types were obtained."""
    sent = with_source(with_source(chart(what, row).prefetch(), "Condition", row.conditions), "Observation", row.observations)
    answer = service.post(SERVICE, json=call(prefetch=sent))
    assert _in_words(answer) == getattr(row, what)


def _in_words(answer) -> str:
    if answer.status_code == 412:
        return REFUSED
    cards = answer.json()["cards"]
    if [each["source"]["topic"]["code"] for each in cards] == ["NotEvaluated"]:
        return NOT_EVALUATED
    gaps = [line for line in GAP_LINES if cards and line in cards[0]["detail"]]
    return SILENCE if not cards else CARDS_AND_GAP if gaps else CARDS
