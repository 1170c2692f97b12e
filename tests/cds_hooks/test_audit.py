"""Every call leaves its account: with cards, without, and refused."""

from __future__ import annotations

import json
from contextlib import ExitStack
from socket import gethostname

import pytest
from calls import SERVICE, call
from charts import PATIENT, Chart, lab, problem, seen
from evaluating import NOW
from keeping import entries
from starlette.testclient import TestClient

from cds_hooks.app import create_app

RED_FLAG = Chart(
    (
        problem("leg cramps", 5, said="CANARY-words of the chart"),
        problem("urinary incontinence", 2),
        problem("urinary retention", 3, verified="refuted"),
        problem("hypertension", 900),
    )
)
TOKEN = "CANARY-token"


@pytest.fixture
def kept(client, sandbox):
    """The entries written after start-up."""
    return lambda: [entry for _, entry in entries(sandbox.data_dir) if entry["kind"] != "start"]


def test_a_call_with_a_card(client, kept) -> None:
    authorization = {"access_token": TOKEN, "token_type": "Bearer", "expires_in": 300, "scope": "x", "subject": "me"}
    answer = client.post(SERVICE, json=call(RED_FLAG, fhirServer="https://ehr.example", fhirAuthorization=authorization))
    (entry,) = kept()
    assert entry["correlationId"] == answer.headers["x-correlation-id"]
    assert entry["hookInstance"] == "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"
    assert (entry["kind"], entry["outcome"], entry["service"]) == ("call", "cards", "pinched-nerve-patient-view")
    assert (entry["patient"], entry["user"]) == (f"Patient/{PATIENT}", "Practitioner/example")
    assert entry["cards"] == answer.json()["cards"]
    assert entry["sources"]["conditions"] == "data"
    assert entry["sources"]["exam"] == "empty"
    assert entry["recordsIgnored"] == {"refuted": 1}
    assert entry["recordsOutsideVocabulary"] == 1
    assert {"software", "rules", "rulesHash", "valueSets"} == entry["versions"].keys()
    assert {each["rule"]: each["outcome"] for each in entry["rules"]}["R01"] == "shown"
    assert (
        next(each for each in entry["rules"] if each["rule"] == "R03c")["reason"]
        == "weakness of both legs that is new, worsening or severe: not recorded in the data supplied"
    )
    assert entry["latencyMs"] >= 0
    assert entry["sequence"] > 0


def test_never_tokens_nor_whole_resources(client, kept) -> None:
    client.post(SERVICE, json=call(RED_FLAG, fhirServer="https://ehr.example", fhirAuthorization={"access_token": TOKEN}))
    (entry,) = kept()
    without_cards = json.dumps({key: value for key, value in entry.items() if key != "cards"})
    assert TOKEN not in json.dumps(entry)
    assert "CANARY" not in without_cards
    assert "resourceType" not in without_cards


def test_a_call_without_a_card(client, kept) -> None:
    client.post(SERVICE, json=call(Chart((lab("potassium", 3.1, "mmol/L", flag="L"),))))
    (entry,) = kept()
    assert (entry["outcome"], entry["cards"]) == ("rules ran, none fired", [])
    assert all(each["outcome"] == "not met" for each in entry["rules"])


@pytest.mark.parametrize(
    ("body", "outcome"),
    [(b"{", "malformed-json"), (json.dumps(call(hook="order-sign")).encode(), "wrong-hook"), (b"[]", "invalid-request")],
)
def test_a_refused_call(client, kept, body, outcome) -> None:
    answer = client.post(SERVICE, content=body, headers={"content-type": "application/json"})
    (entry,) = kept()
    assert (entry["kind"], entry["outcome"], entry["correlationId"]) == ("refused", outcome, answer.headers["x-correlation-id"])


def test_a_call_with_too_little_data_tells_whom_and_which_keys(client, kept) -> None:
    answer = client.post(SERVICE, json=call(prefetch={"conditions": None, "theirs": {"resourceType": "OperationOutcome"}}))
    (entry,) = kept()
    assert answer.status_code == 412
    assert (entry["kind"], entry["outcome"], entry["patient"]) == ("call", "data missing", f"Patient/{PATIENT}")
    assert (entry["sources"]["conditions"], entry["sources"]["exam"], entry["sources"]["otherKeys"]) == ("empty", "absent", 1)
    assert entry["correlationId"] == answer.json()["id"]


def test_a_refused_call_names_the_patient_where_it_could_be_read(client, kept, monkeypatch) -> None:
    monkeypatch.setattr("cds_hooks.endpoints.decided", lambda *_: 1 / 0)
    client.post(SERVICE, json=call(prefetch={}))
    assert (kept()[0]["kind"], kept()[0]["patient"]) == ("refused", f"Patient/{PATIENT}")


def test_silent_mode_runs_and_keeps_the_cards_for_the_audit(sandbox) -> None:
    quiet = sandbox.model_copy(update={"mode": "silent"})
    with TestClient(create_app(quiet, clock=lambda: NOW), base_url="http://127.0.0.1:8000") as client:
        assert client.post(SERVICE, json=call(RED_FLAG)).json() == {"cards": []}
    entry = entries(quiet.data_dir)[-1][1]
    assert entry["outcome"] == "silent mode"
    assert entry["cardsWithheld"][0]["source"]["topic"]["code"] == "CaudaEquinaRedFlags"


def test_start_up_is_an_entry(client, sandbox) -> None:
    entry = entries(sandbox.data_dir)[0][1]
    assert entry["kind"] == "start"
    assert entry["settings"]["mode"] == "live"


def test_what_governance_chose_is_on_the_log_and_changes_its_fingerprint(sandbox) -> None:
    chosen = [sandbox, sandbox.model_copy(update={"mode": "silent"}), sandbox.model_copy(update={"disabled_rules": frozenset({"R05"})})]
    for settings in chosen:
        with TestClient(create_app(settings, clock=lambda: NOW), base_url="http://127.0.0.1:8000"):
            pass
    told = [entry["settings"] for _, entry in entries(sandbox.data_dir)]
    assert [(each["mode"], each["disabledRules"]) for each in told] == [("live", []), ("silent", []), ("live", ["R05"])]
    assert len({each["fingerprint"] for each in told}) == 3


def test_each_entry_leads_to_the_settings_it_was_written_under(sandbox) -> None:
    """Several hosts, or one before and after a change, write into one log."""
    chosen = [sandbox, sandbox.model_copy(update={"critical_indicator": "warning"})]
    with ExitStack() as stack:
        hosts = [stack.enter_context(TestClient(create_app(each, clock=lambda: NOW), base_url="http://127.0.0.1:8000")) for each in chosen]
        for host in (*hosts, *hosts):
            (card,) = host.post(SERVICE, json=call(RED_FLAG)).json()["cards"]
            host.post(f"{SERVICE}/feedback", json={"feedback": [{"card": card["uuid"], "outcome": "accepted"}]})
            host.post(SERVICE, content=b"{")
            host.get("/audit")
    told = [entry for _, entry in entries(sandbox.data_dir)]
    starts = {entry["correlationId"]: entry["settings"] for entry in told if entry["kind"] == "start"}
    assert [(each["host"], each["fingerprint"]) for each in starts.values()] == [(gethostname(), each.fingerprint()) for each in chosen]
    assert {kind: len({entry["start"] for entry in told if entry["kind"] == kind}) for kind in ("call", "feedback", "refused", "review")} == dict.fromkeys(
        ("call", "feedback", "refused", "review"), 2
    )
    for entry in told:
        if entry["kind"] == "call":
            assert entry["cards"][0]["indicator"] == starts[entry["start"]]["criticalIndicator"]


def test_a_disabled_rule_is_told(sandbox) -> None:
    chosen = sandbox.model_copy(update={"disabled_rules": frozenset({"R05"})})
    with TestClient(create_app(chosen, clock=lambda: NOW), base_url="http://127.0.0.1:8000") as client:
        assert client.post(SERVICE, json=call(Chart((problem("leg cramps", 20),)))).json() == {"cards": []}
    verdicts = {each["rule"]: each["outcome"] for each in entries(chosen.data_dir)[-1][1]["rules"]}
    assert verdicts["R05i"] == verdicts["R05w"] == "switched off"


def test_hostile_ids_are_kept_short_and_whole(client, kept) -> None:
    client.post(SERVICE, json=call(Chart((seen("leg cramps", 3),)), hookInstance="x" * 100_000))
    assert len(json.dumps(kept()[0])) < 20_000
