"""What the EHR did not send is read from a FHIR server that may do anything: the right answer, the right gap line, in time, and nobody else is contacted."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from calls import SERVICE, call
from charts import PATIENT, Chart, lab, person, problem, seen
from evaluating import NOW
from fhir_faults import LINKS, RED_FLAG, ROWS, Row
from fhir_server import (
    CANARY,
    GRANTED,
    SECRETS,
    TOKEN,
    FhirServer,
    another_patient,
    endless_pages,
    fhir_server,
    ignoring_the_patient,
    next_link,
    saying,
    second_page,
    status,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from keeping import Kept, entries
from starlette.testclient import TestClient

from cds_hooks.app import create_app
from cds_hooks.settings import Settings
from fhir_mappings.queries import QUERIES

LONG, SHORT, TINY = 20_000, 3_000, 250
"""Time budgets in ms: nothing times out, one search does, everything does. What the time decides exactly is in test_time_budget.py."""
pytestmark = pytest.mark.usefixtures("nothing_is_told")
LINES = {
    "error": "Conditions could not be obtained",
    "wrong version": "Conditions could not be obtained",
    "truncated": "Conditions are incomplete",
}

_contacted: list[Any] = []
_watching: list[bool] = []


def _heard(event: str, arguments: tuple[Any, ...]) -> None:
    if _watching and event == "socket.connect":
        _contacted.append(arguments[1])
    elif _watching and event == "socket.getaddrinfo":
        _contacted.append(arguments[0])


sys.addaudithook(_heard)


@pytest.fixture(autouse=True)
def contacted() -> Iterator[list[Any]]:
    """Every address connected to and every name looked up, as the socket layer saw it."""
    _contacted.clear()
    _watching.append(True)
    yield _contacted
    _watching.clear()


class Service:
    """The service with one time budget, and the entry of its latest call."""

    def __init__(self, client: TestClient, kept: Kept) -> None:
        self.client, self.kept = client, kept

    def ask(self, ehr: FhirServer | None, prefetch: dict[str, Any] | None = None, **members: Any) -> Any:
        sent = {"fhirServer": ehr.base, "fhirAuthorization": {**GRANTED, "patient": PATIENT}} if ehr else {}
        answer = self.client.post(SERVICE, json=call(prefetch=prefetch or {}, **{**sent, **members}))
        assert not [each for each in SECRETS if each in answer.text or each in json.dumps(self.entry)]
        return answer

    @property
    def entry(self) -> dict[str, Any]:
        return self.kept.latest


def _service(budget: int, folder: Any) -> Iterator[Service]:
    kept = Kept()
    chosen = Settings(data_dir=folder, time_budget_ms=budget)
    with TestClient(create_app(chosen, clock=lambda: NOW, audit=kept), base_url="http://127.0.0.1:8000") as client:
        yield Service(client, kept)


@pytest.fixture(scope="module")
def patient_service(tmp_path_factory) -> Iterator[Service]:
    yield from _service(LONG, tmp_path_factory.mktemp("long"))


@pytest.fixture(scope="module")
def hasty_service(tmp_path_factory) -> Iterator[Service]:
    yield from _service(SHORT, tmp_path_factory.mktemp("short"))


@pytest.fixture(scope="module")
def tiny_service(tmp_path_factory) -> Iterator[Service]:
    yield from _service(TINY, tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def ehr(contacted) -> Iterator[FhirServer]:
    with fhir_server(RED_FLAG) as running:
        yield running
    assert set(contacted) <= {_address(running)}


def _address(ehr: FhirServer) -> tuple[str, int]:
    return "127.0.0.1", int(ehr.base.removesuffix("/fhir").rpartition(":")[2])


def topics(answer: Any) -> list[str]:
    return [card["source"]["topic"]["code"] for card in answer.json()["cards"]]


def detail(answer: Any) -> str:
    return "\n".join(card["detail"] for card in answer.json()["cards"])


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


# --- what had been sent
def test_pages_of_the_prefetch_are_read_on(patient_service) -> None:
    """I-05."""
    with fhir_server(Chart((*RED_FLAG.facts, *(problem("hypertension", 100 + ago) for ago in range(4)))), page=3) as ehr:
        first = {"resourceType": "Bundle", "total": 6, "entry": [{"resource": problem("low back pain", 9).resource}]}
        link = [{"relation": "next", "url": f"{ehr.base}/Condition?patient={PATIENT}&_sort=-recorded-date&_count=500&page=2"}]
        patient_service.ask(ehr, {"conditions": {**first, "link": link}})
        assert ehr.times("conditions") == 1
    assert patient_service.entry["sources"]["conditions"] == "truncated"  # five records came, six were promised


def test_a_link_that_leads_elsewhere_is_replaced_by_a_search_of_our_own(ehr, patient_service) -> None:
    sent = {"resourceType": "Bundle", "entry": [], "link": [{"relation": "next", "url": "http://inside.example/page/2"}]}
    answer = patient_service.ask(ehr, {"conditions": sent})
    assert patient_service.entry["sources"]["conditions"] == "data"
    assert LINES["truncated"] not in detail(answer)


@pytest.mark.parametrize("failure", [410, 404, 400, 500, 302])
def test_a_link_that_has_expired_is_replaced_by_a_search_of_our_own(ehr, patient_service, failure) -> None:
    """The records of the first page, sent and read, count once; none of the others is lost."""
    patient_service.ask(ehr)
    alone = patient_service.entry["findings"]
    ehr.faults["conditions"] = lambda handler, asked, lawful: status(failure)(handler, asked, lawful) if asked.parameter("page") else handler.lawful(lawful)
    ehr.asked.clear()
    answer = patient_service.ask(ehr, {"conditions": _first_page(ehr)})
    assert [each.parameter("page") for each in ehr.asked if each.key == "conditions"] == ["2", ""]
    assert (patient_service.entry["sources"]["conditions"], patient_service.entry["findings"]) == ("data", alone)
    assert LINES["truncated"] not in detail(answer)


def _first_page(ehr: FhirServer) -> dict[str, Any]:
    """One of two Conditions, and a link to the other."""
    link = [{"relation": "next", "url": f"{ehr.base}/Condition?patient={PATIENT}&_sort=-recorded-date&_count=500&page=2"}]
    return {"resourceType": "Bundle", "total": 2, "entry": [{"resource": RED_FLAG.facts[1].resource}], "link": link}


def test_every_failure_of_a_key_is_told(ehr, patient_service) -> None:
    """Its link leads to an error, and the search of our own is refused."""
    ehr.faults["conditions"] = lambda handler, asked, lawful: status(410 if asked.parameter("page") else 403)(handler, asked, lawful)
    patient_service.ask(ehr, {"conditions": _first_page(ehr)})
    assert patient_service.entry["sourceReasons"]["conditions"] == "more pages; the server answered 410; the server answered 403"
    patient_service.ask(ehr, {"conditions": "unavailable"})
    assert patient_service.entry["sourceReasons"]["conditions"] == "not a FHIR resource; the server answered 403"


@pytest.mark.parametrize("sent", [{"total": 9}, {"link": [{"relation": "next", "url": "http://inside.example/2"}]}], ids=["total", "link"])
def test_reading_more_never_takes_away_what_was_sent(ehr, patient_service, sent) -> None:
    """The red flag stands in the prefetch alone; the server knows nothing of it."""
    ehr.resources[:] = [person().resource]
    leak = {"resourceType": "Bundle", "entry": [{"resource": each.resource} for each in RED_FLAG.facts if each.resource["resourceType"] == "Condition"], **sent}
    assert topics(patient_service.ask(ehr, {"conditions": leak})) == ["CaudaEquinaRedFlags"]


def test_records_sent_under_the_wrong_key_stay(ehr, patient_service) -> None:
    ehr.resources[:] = [person().resource, problem("leg cramps", 5).resource]
    sent = {"resourceType": "Bundle", "entry": [{"resource": seen("saddle numbness", 1).resource}]}
    assert topics(patient_service.ask(ehr, {"conditions": sent})) == ["CaudaEquinaRedFlags"]


def test_the_same_record_by_two_routes_counts_once(ehr, patient_service) -> None:
    ehr.resources[:] = [person().resource, problem("leg cramps", 5, id="one").resource]
    patient_service.ask(ehr)
    alone = patient_service.entry["findings"]
    patient_service.ask(ehr, {"theirs": {"resourceType": "Bundle", "entry": [{"resource": problem("leg cramps", 5, id="one").resource}]}})
    assert patient_service.entry["findings"] == alone


# --- whose
def test_records_of_others_are_passed_over_and_counted(patient_service) -> None:
    with fhir_server(Chart((person(), problem("leg cramps", 5)))) as ehr:
        ehr.faults["*"] = ignoring_the_patient
        answer = patient_service.ask(ehr)
    assert "CaudaEquinaRedFlags" not in topics(answer)
    assert patient_service.entry["recordsOfOthersPassedOver"] == 3 * (len(QUERIES) - 1)
    assert patient_service.entry["outcome"] != "records of another patient"


def test_a_list_of_everybodys_records_without_a_count_is_not_whole(patient_service) -> None:
    with fhir_server(Chart((person(), problem("leg cramps", 5)))) as ehr:

        def uncounted(handler, asked, lawful) -> None:
            everybody = [{"resource": {**each.resource, "subject": {"reference": "Patient/other"}}} for each in (problem("leg cramps", 3),)]
            handler.lawful({**{key: value for key, value in lawful.items() if key != "total"}, "entry": [*lawful["entry"], *everybody]})

        ehr.faults["conditions"] = uncounted
        answer = patient_service.ask(ehr)
    assert patient_service.entry["sources"]["conditions"] == "truncated"
    assert "Conditions are incomplete" in answer.json()["cards"][0]["detail"]


def test_another_patient_in_answer_to_ours_stops_everything(ehr, patient_service) -> None:
    ehr.faults["*"] = another_patient
    answer = patient_service.ask(ehr)
    assert (answer.status_code, topics(answer)) == (200, ["NotEvaluated"])
    assert patient_service.entry["outcome"] == "records of another patient"
    assert patient_service.entry["sources"]["patient"] == "wrong patient"
    assert patient_service.entry["sources"]["conditions"] == "data"


@pytest.mark.parametrize("linked", [True, False])
def test_records_under_a_merged_id_are_his(linked, patient_service) -> None:
    link = [{"other": {"reference": "Patient/old"}, "type": "replaces"}] if linked else []
    old = {**problem("urinary incontinence", 2).resource, "subject": {"reference": "Patient/old"}}
    with fhir_server(Chart((person(link=link), problem("leg cramps", 5)))) as ehr:
        ehr.faults["conditions"] = lambda handler, asked, lawful: handler.lawful({**lawful, "total": 2, "entry": [*lawful["entry"], {"resource": old}]})
        answer = patient_service.ask(ehr)
    assert ("CaudaEquinaRedFlags" in topics(answer)) is linked


def test_a_stranger_in_the_prefetch_stops_everything_also_when_more_is_read(ehr, patient_service) -> None:
    stranger = {**problem("leg cramps", 5).resource, "subject": {"reference": "Patient/other"}}
    answer = patient_service.ask(ehr, {"conditions": {"resourceType": "Bundle", "total": 9, "entry": [{"resource": stranger}]}})
    assert topics(answer) == ["NotEvaluated"]


def test_an_unknown_patient_is_not_an_empty_chart(ehr, patient_service) -> None:
    ehr.resources.clear()
    answer = patient_service.ask(ehr)
    assert answer.status_code == 412
    assert "conditions (error: the server knows no such patient)" in answer.text


def test_a_known_patient_without_records_is_silence(ehr, patient_service) -> None:
    ehr.resources[:] = [person().resource]
    assert patient_service.ask(ehr).json() == {"cards": []}
    assert patient_service.entry["outcome"] == "rules ran, none fired"


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
        assert set(contacted) <= {_address(ehr)}
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
    chosen = Settings(data_dir=tmp_path, time_budget_ms=LONG)
    with TestClient(create_app(chosen, clock=lambda: NOW), base_url="http://127.0.0.1:8000") as client, fhir_server(RED_FLAG) as ehr:
        for fault in (None, status(401), saying({"token": TOKEN}), status(500)):
            ehr.faults = {"*": fault} if fault else {}
            client.post(SERVICE, json=call(prefetch={}, fhirServer=ehr.base, fhirAuthorization=GRANTED))
    assert len(entries(tmp_path)) == 5
    written = b"".join(each.read_bytes() for each in tmp_path.iterdir())
    assert not [each for each in SECRETS if each.encode() in written]


# --- silence only from what was read
def _failing(*keys: str):
    return {key: status(403) for key in QUERIES if key in keys}


def test_failed_searches_of_our_own_are_not_silence(patient_service) -> None:
    """One search for Observations came back empty and six failed: what they hold is not known to be nothing."""
    with fhir_server(Chart((person(), problem("hypertension", 900)))) as ehr:
        ehr.faults.update(_failing("exam", "survey", "socialHistory", "therapy", "legSymptoms", "continence"))
        assert patient_service.ask(ehr).status_code == 412


def test_nothing_of_an_unreadable_patient_is_not_an_empty_chart(patient_service) -> None:
    with fhir_server(Chart((person(),))) as ehr:
        ehr.faults["patient"] = status(403)
        assert patient_service.ask(ehr).status_code == 412


@pytest.mark.parametrize("size", [1, 3])
def test_pages_in_no_order_are_read_to_the_end(patient_service, size) -> None:
    """A server that does not sort: the first page is years old, the red flag stands on the last."""
    old = [seen("leg cramps", ago) for ago in (2000, 2000, 1900, 1900, 1800, 1800)]
    with fhir_server(Chart((person(), problem("leg cramps", 5), *old, seen("saddle numbness", 1))), page=size) as ehr:
        assert topics(patient_service.ask(ehr)) == ["CaudaEquinaRedFlags"]


def test_a_strangers_record_does_not_take_the_place_of_one_that_was_sent(patient_service) -> None:
    leak = problem("urinary incontinence", 2).resource
    sent = {"resourceType": "Bundle", "total": 9, "entry": [{"resource": leak}]}
    with fhir_server(Chart((person(), problem("leg cramps", 5)))) as ehr:
        theirs = {**problem("hypertension", 3).resource, "id": leak["id"], "subject": {"reference": "Patient/other"}}
        ehr.faults["conditions"] = lambda handler, asked, lawful: handler.lawful({**lawful, "total": 2, "entry": [*lawful["entry"], {"resource": theirs}]})
        assert topics(patient_service.ask(ehr, {"conditions": sent})) == ["CaudaEquinaRedFlags"]


@pytest.mark.parametrize("total", ["9" * 5000, "-1", [], 10**400])
def test_an_absurd_total_harms_nothing(ehr, patient_service, total) -> None:
    ehr.faults["imaging"] = lambda handler, asked, lawful: handler.lawful({**lawful, "total": total})
    assert topics(patient_service.ask(ehr)) == ["CaudaEquinaRedFlags"]


def test_laboratory_results_under_a_clients_own_key_are_no_observations_of_symptoms(client) -> None:
    results = {"resourceType": "Bundle", "entry": [{"resource": lab("potassium", 4.1, "mmol/L").resource}]}
    answer = client.post(SERVICE, json=call(prefetch={"patient": person().resource, "conditions": None, "LABS": results}))
    assert answer.status_code == 412
