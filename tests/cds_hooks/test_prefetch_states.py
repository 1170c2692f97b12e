"""Each prefetch key has one state, and silence never stands for failure."""

from __future__ import annotations

import json
from datetime import timedelta

import msgspec
import pytest
from charts import AS_OF, PATIENT, Chart, bundle, done, person, problem, seen
from evaluating import evaluated, raw, said, shown

from cards.guidance.chart import Source
from cds_hooks.chart.completeness import supplied
from cds_hooks.chart.prefetch import State, answer, answers
from cds_hooks.evaluation import Outcome, refusal
from fhir_mappings.queries import QUERIES

SCIATICA, LEAK = problem("sciatica", 6), problem("urinary incontinence", 2)
CONDITION = SCIATICA.resource


def outcome(severity: str) -> dict:
    return {"resourceType": "OperationOutcome", "issue": [{"severity": severity, "code": "processing"}]}


def entry(resource: dict, mode: str | None = None) -> dict:
    return {"resource": resource, **({"search": {"mode": mode}} if mode else {})}


def searchset(*entries: dict, **more) -> dict:
    return {"resourceType": "Bundle", "type": "searchset", "entry": list(entries), **more}


NEXT = [{"relation": "next", "url": "https://ehr.example/next"}]

STATES = [
    ("null", None, State.EMPTY, 0),
    ("empty object", {}, State.EMPTY, 0),
    ("empty Bundle", searchset(total=0), State.EMPTY, 0),
    ("Bundle without entry", {"resourceType": "Bundle", "type": "searchset"}, State.EMPTY, 0),
    ("Epic's warning for no results", searchset(entry(outcome("warning"), "outcome"), total=0), State.EMPTY, 0),
    ("information outcome", outcome("information"), State.EMPTY, 0),
    ("error outcome", outcome("error"), State.ERROR, 0),
    ("outcome without issues", {"resourceType": "OperationOutcome"}, State.ERROR, 0),
    ("outcome with an empty issue list", {"resourceType": "OperationOutcome", "issue": []}, State.ERROR, 0),
    ("outcome without severity", {"resourceType": "OperationOutcome", "issue": [{"code": "exception"}]}, State.ERROR, 0),
    ("outcome of an unheard-of severity", outcome("Error"), State.ERROR, 0),
    ("outcome without severity in a Bundle", searchset(entry({"resourceType": "OperationOutcome"}, "outcome")), State.ERROR, 0),
    ("only included records", searchset(entry(CONDITION, "include")), State.ERROR, 0),
    ("mode in capitals", searchset(entry(CONDITION, "MATCH")), State.DATA, 1),
    ("mode without a word", searchset(entry(CONDITION, "")), State.DATA, 1),
    ("total as text", searchset(entry(CONDITION), total="7"), State.TRUNCATED, 1),
    ("total with a decimal point", searchset(entry(CONDITION), total=7.0), State.TRUNCATED, 1),
    ("fatal outcome in a Bundle", searchset(entry(outcome("fatal"), "outcome")), State.ERROR, 0),
    ("error beside data", searchset(entry(CONDITION), entry(outcome("error"), "outcome")), State.TRUNCATED, 1),
    ("data", searchset(entry(CONDITION, "match"), total=1), State.DATA, 1),
    ("data without modes", searchset(entry(CONDITION)), State.DATA, 1),
    ("included records are not matches", searchset(entry(CONDITION, "match"), entry(person().resource, "include")), State.DATA, 1),
    ("next page", searchset(entry(CONDITION), link=NEXT), State.TRUNCATED, 1),
    ("total above entries", searchset(entry(CONDITION), total=9), State.TRUNCATED, 1),
    ("bare resource", CONDITION, State.DATA, 1),
    ("pre-1.0 wrapper", {"response": {"status": "200"}, "resource": searchset(entry(CONDITION))}, State.DATA, 1),
    ("a string", "123", State.ERROR, 0),
    ("a number", 5, State.ERROR, 0),
    ("a list", [CONDITION], State.ERROR, 0),
    ("an object that is no resource", {"a": 1}, State.ERROR, 0),
    ("another resource type", searchset(entry(seen("leg cramps").resource)), State.ERROR, 1),
    ("entry of the wrong shape", searchset({"resource": "x"}, entry(CONDITION)), State.DATA, 1),
    ("members of the wrong type", {**searchset(entry(CONDITION)), "total": "many", "link": {"relation": 5}}, State.DATA, 1),
    (
        "DSTU2 patient",
        searchset(entry({**{k: v for k, v in CONDITION.items() if k not in {"clinicalStatus", "subject"}}, "patient": {"reference": "Patient/x"}})),
        State.WRONG_VERSION,
        0,
    ),
    ("STU3", searchset(entry({**CONDITION, "clinicalStatus": "active", "assertedDate": "2026-01-01"})), State.WRONG_VERSION, 0),
    (
        "DSTU2 category",
        searchset(entry({**{key: value for key, value in CONDITION.items() if key != "clinicalStatus"}, "category": {"text": "x"}})),
        State.WRONG_VERSION,
        0,
    ),
    ("one slip among R4", searchset(entry({**CONDITION, "id": "x", "clinicalStatus": "active"}), entry(CONDITION)), State.DATA, 2),
]


@pytest.mark.parametrize(("value", "state", "count"), [each[1:] for each in STATES], ids=[each[0] for each in STATES])
def test_state_of_a_key(value, state, count) -> None:
    """PFH-01, PFH-02, I-01 to I-10."""
    answer = answers(raw({"conditions": value}))["conditions"]
    assert (answer.state, len(answer.resources)) == (state, count)


def test_a_key_that_was_not_sent_is_absent() -> None:
    assert {each.state for each in answers(None).values()} == {State.ABSENT}
    assert set(answers(None)) == set(QUERIES)


def test_stu3_observations() -> None:
    old = {**seen("leg cramps").resource, "context": {"reference": "Encounter/1"}}
    assert answers(raw({"exam": bundle([old])}))["exam"].state is State.WRONG_VERSION


def test_keys_by_other_names_count_for_what_they_hold() -> None:
    """I-11."""
    came = answers(raw({"condition": bundle([CONDITION]), "observation": bundle([seen("leg cramps").resource]), "nothing": None}))
    found = supplied(came, AS_OF)
    assert (found.conditions, found.observations) == (Source.OBTAINED, Source.OBTAINED)


@pytest.mark.parametrize(
    ("sent", "conditions", "observations"),
    [
        ({}, Source.NOT_OBTAINED, Source.NOT_OBTAINED),
        ({"conditions": None}, Source.OBTAINED, Source.NOT_OBTAINED),
        ({"exam": None}, Source.NOT_OBTAINED, Source.OBTAINED),
        ({"labs": None}, Source.NOT_OBTAINED, Source.NOT_OBTAINED),
        ({"conditions": None, "exam": outcome("error"), "survey": None}, Source.OBTAINED, Source.PARTLY),
        ({"conditions": searchset(entry(CONDITION), link=NEXT), "exam": None}, Source.INCOMPLETE, Source.OBTAINED),
    ],
    ids=str,
)
def test_what_is_obtained(sent, conditions, observations) -> None:
    found = supplied(answers(raw(sent)), AS_OF)
    assert (found.conditions, found.observations) == (conditions, observations)


@pytest.mark.parametrize(("oldest", "source"), [(401, Source.OBTAINED), (400, Source.INCOMPLETE)])
def test_a_page_that_reaches_back_past_the_look_back_is_whole(oldest, source) -> None:
    facts = [entry(seen("leg cramps", ago).resource) for ago in (3, 90, oldest)]
    assert supplied(answers(raw({"conditions": None, "exam": searchset(*facts, link=NEXT)})), AS_OF).observations is source


def test_a_page_that_is_not_newest_first_is_not_whole() -> None:
    facts = [entry(seen("leg cramps", ago).resource) for ago in (500, 3, 600)]
    assert supplied(answers(raw({"conditions": None, "exam": searchset(*facts, link=NEXT)})), AS_OF).observations is Source.INCOMPLETE


# --- what becomes of a call
def test_both_missing_is_412_and_names_the_keys() -> None:
    """PFH-03."""
    refused = refusal(evaluated({"patient": person().resource, "labs": None}))
    assert refused is not None
    assert refused.kind.status == 412
    assert "conditions (absent)" in refused.reason
    assert "exam (absent)" in refused.reason


@pytest.mark.parametrize(("missing", "line"), [("Observation", "Observations could not be obtained"), ("Condition", "Conditions could not be obtained")])
@pytest.mark.parametrize("state", ["absent", "error"])
def test_one_missing_and_a_rule_fires(missing, line, state) -> None:
    facts = (seen("leg cramps", 3), seen("saddle numbness", 1)) if missing == "Condition" else (SCIATICA, LEAK)
    evaluation = evaluated(Chart(facts, {missing: state}))
    assert shown(evaluation) == ("R01",)
    assert line in said(evaluation)


def test_one_missing_and_a_symptom_without_a_card() -> None:
    evaluation = evaluated(Chart((problem("sciatica", 300),), {"Observation": "absent"}))
    assert evaluation.outcome is Outcome.NOT_EVALUATED
    (card,) = evaluation.cards
    assert (card.indicator, card.source.topic.code) == ("info", "NotEvaluated")
    assert "Observations could not be obtained" in card.detail


def test_one_missing_and_nothing_found_is_412() -> None:
    evaluation = evaluated(Chart((problem("hypertension", 300),), {"Observation": "absent"}))
    assert (evaluation.outcome, evaluation.cards) == (Outcome.DATA_MISSING, ())
    assert refusal(evaluation).code == "data-missing"


def test_truncated_and_nothing_found_is_412() -> None:
    prefetch = Chart(()).prefetch() | {"exam": searchset(entry(seen("Blood pressure", 1, "x").resource), link=NEXT)}
    assert evaluated(prefetch).outcome is Outcome.DATA_MISSING


@pytest.mark.parametrize("facts", [(SCIATICA,), (seen("leg cramps", 3),)], ids=["a problem", "an observation"])
def test_a_symptom_without_a_card_is_never_silence_when_some_searches_failed(facts) -> None:
    evaluation = evaluated(Chart(facts).prefetch() | {"survey": outcome("error")})
    assert evaluation.outcome is Outcome.NOT_EVALUATED
    assert "Observations are incomplete: some of their searches failed" in said(evaluation)


def test_some_searches_failed_and_nothing_found_is_silence_that_the_audit_tells() -> None:
    evaluation = evaluated(Chart((problem("hypertension", 300),)).prefetch() | {"exam": outcome("error")})
    assert (evaluation.outcome, evaluation.arrived.answers["exam"].state) == (Outcome.NO_CARDS, State.ERROR)


def test_an_unreadable_record_beside_a_symptom_is_never_silence() -> None:
    prefetch = Chart((problem("sciatica", 300),)).prefetch()
    prefetch["conditions"]["entry"].append(entry({**SCIATICA.resource, "subject": {"reference": 5}}))
    prefetch["conditions"]["total"] += 1
    evaluation = evaluated(prefetch)
    assert evaluation.outcome is Outcome.NOT_EVALUATED
    assert "1 record could not be read and was set aside." in said(evaluation)


def test_truncated_says_incomplete() -> None:
    prefetch = Chart((SCIATICA, LEAK)).prefetch() | {"exam": searchset(entry(seen("leg cramps", 1).resource), link=NEXT)}
    assert "Observations are incomplete" in said(evaluated(prefetch))
    assert "earlier history was not supplied" in said(evaluated(prefetch))


def test_nothing_is_concluded_from_absence_in_half_a_chart() -> None:
    evaluation = evaluated(Chart((SCIATICA,), {"Observation": "error"}))
    assert shown(evaluation) == ()
    assert evaluation.outcome is Outcome.NOT_EVALUATED


def test_records_of_another_patient_give_one_card_without_any_fact() -> None:
    stranger = {**LEAK.resource, "subject": {"reference": "Patient/other"}}
    evaluation = evaluated(Chart((SCIATICA,)).prefetch() | {"exam": None, "conditions": bundle([SCIATICA.resource, stranger])})
    assert evaluation.outcome is Outcome.WRONG_PATIENT
    (card,) = evaluation.cards
    assert card.source.topic.code == "NotEvaluated"
    assert not [word for word in ("sciatica", "Sciatica", "incontinence", CONDITION["id"], PATIENT) if word in card.detail]


@pytest.mark.parametrize("total", [4, "odd"])
def test_of_a_page_no_more_entries_are_looked_at_than_asked_for(total) -> None:
    """Of what was sent every entry is."""
    page = json.dumps(searchset(*(entry({**CONDITION, "id": str(number)}) for number in range(4)), total=total)).encode()
    states = [(each.state, len(each.resources), each.reason) for each in (answer("conditions", page, most) for most in (3, 4, None))]
    assert states == [(State.TRUNCATED, 3, "too many entries"), (State.DATA, 4, ""), (State.DATA, 4, "")]


def test_the_keys_that_brought_another_patient_are_told_from_the_others() -> None:
    stranger, elsewhere = {**LEAK.resource, "subject": {"reference": "Patient/other"}}, {**person().resource, "id": "other"}
    evaluation = evaluated(Chart((SCIATICA,)).prefetch() | {"patient": elsewhere, "exam": bundle([stranger]), "survey": bundle([stranger])})
    states = {key: each.state for key, each in evaluation.arrived.answers.items()}
    assert {key for key, state in states.items() if state is State.WRONG_PATIENT} == {"patient", "exam", "survey"}
    assert states["conditions"] is State.DATA


def test_deceased_is_an_empty_list() -> None:
    evaluation = evaluated(Chart((person(deceasedBoolean=True), SCIATICA, LEAK)))
    assert (evaluation.outcome, evaluation.cards) == (Outcome.DECEASED, ())


def test_orders_not_supplied_is_said() -> None:
    absent = dict.fromkeys(("ServiceRequest", "Procedure", "ImagingStudy"), "absent")
    assert "Orders and imaging were not supplied" in said(evaluated(Chart((SCIATICA, LEAK), absent)))
    assert "Orders and imaging were not supplied" not in said(evaluated(Chart((SCIATICA, LEAK))))


def test_unreadable_records_are_owned_up_to() -> None:
    broken = {**problem("sciatica", 3).resource, "code": 7}
    prefetch = Chart((SCIATICA, LEAK)).prefetch()
    prefetch["conditions"]["entry"].append(entry(broken))
    prefetch["conditions"]["total"] += 1
    assert "1 record could not be read and was set aside." in said(evaluated(prefetch))


def test_imaging_found_under_a_foreign_key_is_seen() -> None:
    prefetch = Chart((SCIATICA, LEAK)).prefetch() | {"imaging": None, "theirs": bundle([done("lumbar MRI", 1).resource])}
    assert shown(evaluated(prefetch)) == ("R11i",)


def test_prefetch_is_kept_as_bytes_until_read() -> None:
    sent = raw({"conditions": bundle([CONDITION])})
    assert isinstance(sent["conditions"], msgspec.Raw)
    assert json.loads(bytes(sent["conditions"]))["total"] == 1
    assert AS_OF - timedelta(days=6) == AS_OF.fromisoformat(CONDITION["onsetDateTime"])
