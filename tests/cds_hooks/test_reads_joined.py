"""What was sent and what was read, together: nothing lost, nothing twice, nobody else's, and silence only from what was read."""

from __future__ import annotations

from typing import Any

import pytest
from calls import SERVICE, call
from charts import PATIENT, Chart, lab, person, problem, seen
from fhir_faults import RED_FLAG
from fhir_server import FhirServer, another_patient, fhir_server, ignoring_the_patient, status
from reading import LINES, detail, topics

from fhir_mappings.queries import QUERIES

pytestmark = pytest.mark.usefixtures("nothing_is_told", "contacted")


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
