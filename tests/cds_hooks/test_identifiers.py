"""With keyed identifiers the log names nobody, and whoever holds the key still finds everybody."""

from __future__ import annotations

import json

import pytest
from calls import SERVICE, call
from charts import PATIENT, Chart, problem
from evaluating import NOW
from keeping import entries
from starlette.testclient import TestClient

from cds_hooks.app import create_app
from cds_hooks.audit.identifiers import Keyed
from cds_hooks.audit.store import identifiers_of

RED_FLAG = Chart((problem("leg cramps", 5), problem("urinary incontinence", 2)))


@pytest.fixture
def keyed(sandbox):
    return sandbox.model_copy(update={"identifiers": "keyed"})


def test_no_reference_is_in_the_log_and_the_card_goes_out_whole(keyed) -> None:
    with TestClient(create_app(keyed, clock=lambda: NOW), base_url="http://127.0.0.1:8000") as client:
        sent = call(RED_FLAG, context={"userId": "Practitioner/dr-canary", "patientId": PATIENT, "encounterId": "enc-canary"})
        (card,) = client.post(SERVICE, json=sent).json()["cards"]
        client.post(SERVICE, json={**sent, "prefetch": {}})
        reason = {"reason": {"code": "goals-of-care"}, "userComment": "Mrs Canary-Name agrees"}
        override = {"card": card["uuid"], "outcome": "overridden", "overrideReason": reason}
        client.post(f"{SERVICE}/feedback", json={"feedback": [override]})
        (reminder,) = client.post(SERVICE, json=sent).json()["cards"]
    assert reminder["source"]["topic"]["code"] == "RedFlagWorkupFound"
    references = [each.resource["id"] for each in RED_FLAG.facts]
    assert all(f"Condition/{each}" in json.dumps(card) for each in references)
    written = b"".join(each.read_bytes() for each in keyed.data_dir.glob("audit.sqlite3*")).decode("latin-1")
    for known in (f"Patient/{PATIENT}", "dr-canary", "enc-canary", "Canary-Name", *(f"Condition/{each}" for each in references)):
        assert known not in written
    token = identifiers_of(keyed).token(f"Patient/{PATIENT}")
    assert [entry["patient"] for _, entry in entries(keyed.data_dir) if "patient" in entry] == [token] * 3
    (answer,) = next(entry["feedback"] for _, entry in entries(keyed.data_dir) if entry["kind"] == "feedback")
    assert (answer["patient"], answer["user"]) == (token, identifiers_of(keyed).token("Practitioner/dr-canary"))
    assert answer["commentLength"] == len("Mrs Canary-Name agrees")


def test_an_answer_is_found_by_patient_and_user(keyed) -> None:
    with TestClient(create_app(keyed, clock=lambda: NOW), base_url="http://127.0.0.1:8000") as client:
        (card,) = client.post(SERVICE, json=call(RED_FLAG)).json()["cards"]
        client.post(f"{SERVICE}/feedback", json={"feedback": [{"card": card["uuid"], "outcome": "overridden"}]})
        for asked in (f"patient={PATIENT}", "user=example"):
            assert "/audit/entries/3" in client.get(f"/audit?kind=feedback&{asked}").text


def test_a_record_keeps_one_token_wherever_it_stands(keyed) -> None:
    keys = Keyed(b"k" * 32)
    entry = {
        "patient": "Patient/1",
        "user": "info",
        "findings": [{"records": [{"record": "Condition/1"}, {"record": "Condition/12"}]}],
        "cards": [{"indicator": "info", "detail": "seen (Condition/12), see https://ehr.example/Condition/1. Patient/1, not Patient/11"}],
    }
    hidden = keys.hide(entry)
    assert hidden["cards"][0] == {
        "indicator": "info",
        "detail": f"seen ({keys.token('Condition/12')}), see https://ehr.example/{keys.token('Condition/1')}. {keys.token('Patient/1')}, not Patient/11",
    }
    assert hidden["user"] == keys.token("info") != "info"


@pytest.mark.parametrize("user", ["jane doe/odd", "Jane/1", "https://ehr.example/Jane/1", "jane.doe", "/jane"])
def test_what_stands_before_a_slash_stays_only_where_it_is_a_type(user) -> None:
    assert "jane" not in Keyed(b"k" * 32).token(user).lower()
    assert Keyed(b"k" * 32).token("https://ehr.example/Practitioner/jane").startswith("Practitioner/keyed-")


def test_another_key_makes_other_tokens() -> None:
    assert Keyed(b"a" * 32).token("Patient/1") != Keyed(b"b" * 32).token("Patient/1")


def test_a_key_that_is_too_short_is_refused(keyed) -> None:
    keyed.data_dir.mkdir()
    (keyed.data_dir / "identifier-key").write_bytes(b"short")
    with pytest.raises(OSError, match="too short"):
        identifiers_of(keyed)
