"""What the EHR did not send is read from a FHIR server that may do anything: the right answer, the right gap line, in time, and nobody else is contacted."""

from __future__ import annotations

import pytest
from calls import SERVICE, call
from charts import Chart, person, problem
from evaluating import NOW
from fhir_faults import LINKS, RED_FLAG, ROWS, Row
from fhir_server import CANARY, GRANTED, SECRETS, TOKEN, another_patient, changed, endless_pages, fhir_server, next_link, saying, second_page, status
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from keeping import entries
from reading import LINES, address, detail, topics
from starlette.testclient import TestClient

from cds_hooks.app import create_app
from cds_hooks.chart import reads
from cds_hooks.settings import Settings
from fhir_mappings.queries import QUERIES

pytestmark = pytest.mark.usefixtures("nothing_is_told", "contacted")
ids = {"ids": lambda each: each.name if isinstance(each, Row) else None}


@pytest.mark.parametrize("row", ROWS, **ids)
def test_one_search_meets_it(row, ehr, patient_service, hasty_service) -> None:
    """The Observations alone still bring the red flag; the card says what became of the Conditions."""
    service = hasty_service if row.slow else patient_service
    ehr.faults["conditions"] = row.fault
    answer = service.ask(ehr)
    assert answer.status_code == 200
    assert topics(answer) == ["CaudaEquinaRedFlags"]
    assert service.entry["sources"]["conditions"] == row.state
    assert service.entry.get("sourceReasons", {}).get("conditions", "") == row.reason
    assert {line for line in LINES.values() if line in detail(answer)} == {line for state, line in LINES.items() if state == row.state}
    assert {state for key, state in service.entry["sources"].items() if key != "conditions"} <= {"data", "empty"}


@pytest.mark.parametrize("row", ROWS, **ids)
def test_every_search_meets_it(row, ehr, patient_service, tiny_service) -> None:
    service = tiny_service if row.slow else patient_service
    ehr.faults["*"] = row.fault
    answer = service.ask(ehr)
    if row.state in {"error", "wrong version"}:
        assert answer.status_code == 412
        text = answer.json()["issue"][0]["details"]["text"]
        assert f"conditions ({row.state}: {row.reason})" in text
        assert f"exam ({row.state}: {row.reason})" in text
    elif row.state != "empty" and not row.slow:
        assert topics(answer) == ["CaudaEquinaRedFlags"]


@pytest.mark.parametrize("link", LINKS, ids=range(len(LINKS)))
def test_a_further_page_elsewhere_is_not_fetched(link, ehr, patient_service) -> None:
    """FA-06, F5: what the first page brought stays, and is said to be incomplete."""
    ehr.faults["conditions"] = next_link(link)
    answer = patient_service.ask(ehr)
    assert (answer.status_code, topics(answer)) == (200, ["CaudaEquinaRedFlags"])
    assert patient_service.entry["sources"]["conditions"] == "truncated"
    assert "Conditions are incomplete" in detail(answer)
    assert ehr.times("conditions") == 1


@pytest.mark.parametrize("link", ["{self}&page=2", "Condition?patient=pt-1&page=2", "{base}?_getpages=2"])
def test_a_further_page_of_the_same_server_is_fetched_with_the_token(link, ehr, patient_service) -> None:
    """PFH-05, FA-02."""
    ehr.faults["conditions"] = next_link(link)
    patient_service.ask(ehr)
    assert len(ehr.asked) > len(QUERIES)
    assert {each.headers["Authorization"] for each in ehr.asked} == {f"Bearer {TOKEN}"}


def test_what_is_sent_to_the_server(ehr, patient_service) -> None:
    for _ in range(2):
        patient_service.ask(ehr)
    assert len(ehr.asked) == 2 * len(QUERIES)
    assert ehr.searched() == set(QUERIES)
    for each in ehr.asked:
        assert each.headers["Accept-Encoding"] == "identity"
        assert each.headers["Host"] == ehr.base.split("/")[2]
        assert "Cookie" not in each.headers


def test_all_pages_are_read(patient_service) -> None:
    many = Chart((*RED_FLAG.facts, *(problem("hypertension", 100 + ago) for ago in range(20))))
    with fhir_server(many, page=5) as ehr:
        answer = patient_service.ask(ehr)
        assert patient_service.entry["sources"]["conditions"] == "data"
        assert ehr.times("conditions") == 5
    assert LINES["truncated"] not in detail(answer)


def test_pages_end_somewhere(ehr, patient_service) -> None:
    ehr.faults["conditions"] = endless_pages
    patient_service.ask(ehr)
    assert ehr.times("conditions") == 10


def test_a_large_page_of_many_small_things_is_not_decoded(ehr, patient_service) -> None:
    ehr.faults["*"] = saying(b'{"resourceType": "Bundle", "entry": [' + b"{}," * 100_000 + b"{}]}")
    answer = patient_service.ask(ehr)
    assert (answer.status_code, patient_service.entry["sourceReasons"]["conditions"]) == (412, "the server's answer is too large")


def test_of_a_page_without_end_the_beginning_counts(ehr, patient_service) -> None:
    """A server that does not know pages sends everything at once."""
    ehr.faults["conditions"] = changed(lambda bundle: {**bundle, "entry": [*bundle["entry"], *[{}] * reads.MAX_PAGE_ENTRIES]})
    answer = patient_service.ask(ehr)
    assert topics(answer) == ["CaudaEquinaRedFlags"]
    assert patient_service.entry["sourceReasons"] == {"conditions": "too many entries"}
    assert LINES["truncated"] in detail(answer)


def test_a_page_of_a_thousand_records_is_read(patient_service) -> None:
    """As large and as dense as pages of real EHRs are."""
    dense = [problem("hypertension", 100 + ago, note=[{"text": "x" * 2_000}], extension=[{"url": "x", "valueInteger": 1}] * 15) for ago in range(995)]
    with fhir_server(Chart((*RED_FLAG.facts, *dense)), page=1000) as ehr:
        answer = patient_service.ask(ehr)
        assert ehr.times("conditions") == 1
    assert topics(answer) == ["CaudaEquinaRedFlags"]
    assert patient_service.entry["sources"]["conditions"] == "data"


def test_only_what_is_missing_is_read(ehr, patient_service) -> None:
    """PFH-01, I-03, I-04: an error that the EHR itself states is not asked again."""
    complete = {key: None for key in QUERIES if key not in {"conditions", "exam", "survey"}}
    error = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception"}]}
    patient_service.ask(ehr, {**complete, "survey": error})
    assert ehr.searched() == {"conditions", "exam"}
    assert patient_service.entry["keysRead"] == ["conditions", "exam"]


def test_nothing_is_read_when_nothing_is_missing(ehr, patient_service, contacted) -> None:
    patient_service.ask(ehr, RED_FLAG.prefetch() | {"patient": person().resource})
    assert (ehr.asked, contacted) == ([], [])


# --- leave to read
@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"fhirServer": None}, "no FHIR server was named"),
        ({"fhirServer": "https://ehr.example/fhir"}, "not one that may be read"),
        ({"fhirServer": "http://169.254.169.254/latest"}, "not one that may be read"),
        ({"fhirServer": "http://2130706433/fhir"}, "not in plain spelling"),
        ({"fhirServer": "http://user:secret@127.0.0.1/fhir"}, "a user, a query or a fragment"),
        ({"fhirServer": "{base}/../admin"}, "not in plain spelling"),
        ({"fhirServer": "{base}?x=y"}, "a user, a query or a fragment"),
        ({"fhirServer": "file:///etc/passwd"}, "not an http or https address"),
        ({"fhirAuthorization": {"access_token": f"{TOKEN} {CANARY}", "token_type": "Bearer"}}, "not a Bearer token"),
        ({"fhirAuthorization": {"access_token": f"{TOKEN}\r\nX: y", "token_type": "Bearer"}}, "not a Bearer token"),
        ({"fhirAuthorization": {"access_token": TOKEN, "token_type": "mac"}}, "not a Bearer token"),
        ({"fhirAuthorization": {"access_token": [TOKEN]}}, "not a Bearer token"),
        ({"fhirAuthorization": {}}, "not a Bearer token"),
        ({"fhirAuthorization": {"access_token": TOKEN, "token_type": "Bearer", "expires_in": 0}}, "has expired"),
        ({"fhirAuthorization": {"access_token": TOKEN, "token_type": "bearer", "expires_in": -5}}, "has expired"),
        ({"fhirAuthorization": {"access_token": TOKEN, "token_type": "Bearer", "patient": "somebody-else"}}, "for another patient"),
        ({"fhirAuthorization": {"access_token": TOKEN, "token_type": "Bearer", "patient": "Patient/somebody-else"}}, "for another patient"),
    ],
    ids=str,
)  # fmt: skip
def test_no_leave_to_read(members, reason, ehr, patient_service, contacted) -> None:
    """FA-01, F1, F9, F10: 412 says why, and nothing is looked up or connected to."""
    chosen = {key: value.format(base=ehr.base) if isinstance(value, str) else value for key, value in members.items()}
    answer = patient_service.ask(ehr, **chosen)
    assert answer.status_code == 412
    assert reason in answer.text
    assert (ehr.asked, contacted) == ([], [])
    assert reason in patient_service.entry["notRead"]


@pytest.mark.parametrize("members", [{"fhirServer": "https://ehr.example/fhir"}, {"fhirAuthorization": {"access_token": TOKEN, "expires_in": 0}}], ids=str)
def test_a_full_prefetch_gets_its_cards_all_the_same(members, ehr, patient_service, contacted) -> None:
    assert topics(patient_service.ask(ehr, RED_FLAG.prefetch() | {"patient": None}, **members)) == ["CaudaEquinaRedFlags"]
    assert contacted == []


def test_loopback_is_read_without_a_token(ehr, patient_service) -> None:
    assert topics(patient_service.ask(ehr, fhirAuthorization=None)) == ["CaudaEquinaRedFlags"]
    assert not [each for each in ehr.asked if "Authorization" in each.headers]


def test_scopes_that_do_not_cover_a_search(ehr, patient_service) -> None:
    answer = patient_service.ask(ehr, fhirAuthorization={**GRANTED, "scope": "patient/Observation.rs patient/Patient.r launch"})
    assert "conditions" not in ehr.searched()
    assert LINES["error"] in detail(answer)
    assert patient_service.entry["sourceReasons"]["conditions"] == "the scopes do not cover this search"


# --- time
def test_a_server_that_keeps_failing_is_left_alone(ehr, patient_service) -> None:
    ehr.faults["*"] = status(500)
    for _ in range(5):
        patient_service.ask(ehr)
    ehr.asked.clear()
    answer = patient_service.ask(ehr)
    assert (answer.status_code, ehr.asked) == (412, [])
    assert "failed repeatedly and is left alone for a while" in answer.text


def test_connections_are_given_back_when_time_is_up(tiny_service) -> None:
    """More hanging reads than the pool has connections, and then a server that works again."""
    with fhir_server(RED_FLAG) as ehr:
        ehr.faults["labs"] = ehr.faults["survey"] = ehr.faults["orders"] = ehr.faults["imaging"] = saying(b"")
        for _ in range(4):
            ehr.faults["*"] = lambda handler, asked, lawful: handler.fhir.closing.wait(3) if asked.key != "patient" else handler.lawful(lawful)
            tiny_service.ask(ehr)
        ehr.faults.clear()
        tiny_service.ask(ehr)
        assert {each.key for each in ehr.asked[-len(QUERIES) :]} == set(QUERIES)


# --- anything, at random
FAULTS = st.sampled_from([each for each in ROWS if not each.slow or each.reason == "no answer in time"])
PREFETCHED = st.sampled_from(
    [..., None, {}, "x", {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception"}]}, {"resourceType": "Bundle", "total": 5}]
)
SCOPES = st.sampled_from(
    ["", "patient/*.rs", "patient/*.read", "patient/Observation.rs", "patient/Condition.rs", "launch openid", "Observation.Read (R4)", "patient/*.c"]
)


@settings(suppress_health_check=list(HealthCheck), max_examples=min(settings().max_examples, 1500))
@given(
    faults=st.dictionaries(st.sampled_from(["*", *QUERIES]), FAULTS, max_size=6),
    sent=st.dictionaries(st.sampled_from(list(QUERIES)), PREFETCHED, max_size=6),
    scope=SCOPES,
    further=st.none() | st.sampled_from([*LINKS, "{self}"]).map(next_link) | st.just(second_page(another_patient)),
    chart=st.sampled_from([RED_FLAG, Chart((person(),)), Chart((person(), problem("sciatica", 300)))]),
)
def test_never_wrong_never_silent_never_elsewhere(faults, sent, scope, further, chart, tiny_service, contacted) -> None:
    contacted.clear()
    granted = {**GRANTED, "scope": scope}
    with fhir_server(chart) as ehr:
        ehr.faults |= {key: row.fault for key, row in faults.items()} | ({"conditions": further} if further else {})
        answer = tiny_service.ask(ehr, {key: value for key, value in sent.items() if value is not ...}, fhirAuthorization=granted)
        assert set(contacted) <= {address(ehr)}
    assert answer.status_code in {200, 412}
    entry = tiny_service.entry
    if answer.status_code == 200 and not answer.json()["cards"]:
        assert entry["outcome"] == "rules ran, none fired"
        assert entry["sources"]["conditions"] in {"data", "empty"}
        bearing = {entry["sources"][key] for key, query in QUERIES.items() if query.carries_symptoms and key != "conditions"}
        assert bearing & {"data", "empty"}
        assert "truncated" not in bearing
    if chart is RED_FLAG and answer.status_code == 200 and entry["sources"]["conditions"] == entry["sources"]["exam"] == "data":
        assert topics(answer)[0] in {"CaudaEquinaRedFlags", "NotEvaluated"}


def test_the_audit_log_on_disk_holds_no_token(tmp_path) -> None:
    """FA-03, FA-04: the bytes of the file, not only the entries."""
    chosen = Settings(data_dir=tmp_path, time_budget_ms=20_000)
    with TestClient(create_app(chosen, clock=lambda: NOW), base_url="http://127.0.0.1:8000") as client, fhir_server(RED_FLAG) as ehr:
        for fault in (None, status(401), saying({"token": TOKEN}), status(500)):
            ehr.faults = {"*": fault} if fault else {}
            client.post(SERVICE, json=call(prefetch={}, fhirServer=ehr.base, fhirAuthorization=GRANTED))
    assert len(entries(tmp_path)) == 5
    written = b"".join(each.read_bytes() for each in tmp_path.iterdir())
    assert not [each for each in SECRETS if each.encode() in written]
