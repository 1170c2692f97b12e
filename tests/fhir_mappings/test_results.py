"""The usual laboratory result is read from a glance, and says just what it says when it is read the long way."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from charts import AS_OF, PATIENT, lab
from hypothesis import given
from hypothesis import strategies as st

from cards.guidance.findings import Concept, Presence
from cards.guidance.interpretations import INTERPRETATIONS
from fhir_mappings import reader
from fhir_mappings.outcome import Ignored
from fhir_mappings.queries import RESULTS_READ_DAYS
from fhir_mappings.resources import Resource
from fhir_mappings.results import Results
from fhir_mappings.terminology import terminology

TERMS = terminology()
SINCE = AS_OF - timedelta(days=RESULTS_READ_DAYS)
USUAL = lab("potassium", 3.1, "mmol/L", limits=(3.5, 5.1)).resource
UNITS = ["mmol/L", "mg/dL", "meq/L", "{score}", "", " mmol/L "]
quantities: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {},
    optional={
        "value": st.sampled_from([4.2, 3, 0, -1, "4.5", None, 1e300, True]),
        "unit": st.sampled_from(UNITS),
        "code": st.sampled_from(UNITS),
        "system": st.sampled_from(["http://unitsofmeasure.org", "", "urn:other", " http://unitsofmeasure.org "]),
        "comparator": st.sampled_from(["<", ">", "<=", ">=", "ad", ""]),
    },
)
concepts = st.fixed_dictionaries(
    {},
    optional={
        "text": st.sampled_from(["", "High", "Potassium "]),
        "coding": st.lists(st.fixed_dictionaries({"code": st.sampled_from(["H", "L", "N", "A", " HH", "x"])}), max_size=2),
    },
)
ranges = st.fixed_dictionaries(
    {},
    optional={
        "low": quantities,
        "high": quantities,
        "type": concepts,
        "appliesTo": st.just([{"text": "women"}]),
        "age": st.just({"high": {"value": 17}}),
        "text": st.just("3.5-5"),
    },
)
dates = st.sampled_from(["2026-03-10", "2026-03-10T08:00:00Z", "2026-02", "2026", "1999-01-01", "2027-05-05", "2026-02-30", "nonsense", "", None, 5])
members = {
    "status": st.sampled_from(["final", "amended", "preliminary", "cancelled", "registered", "odd", None]),
    "effectiveDateTime": dates,
    "issued": dates,
    "valueQuantity": quantities | st.none(),
    "referenceRange": st.lists(ranges, max_size=2) | ranges,
    "interpretation": st.lists(concepts, max_size=2) | concepts,
    "note": st.just([{"text": "haemolysed"}]) | st.none(),
    "specimen": st.sampled_from([{"display": "Urine"}, {"display": "Blood"}, None]),
    "focus": st.just([{"reference": "Patient/fetus"}]),
    "bodySite": st.just({"text": "left leg"}),
    "component": st.just([{"code": {"text": "leg cramps"}, "valueBoolean": True}]) | st.just([]),
    "valueString": st.just("leg cramps"),
    "subject": st.sampled_from([{"reference": f"Patient/{PATIENT}/_history/2"}, {"reference": "#p"}, {"reference": "Group/1"}, f"Patient/{PATIENT}", None, {}]),
    "encounter": st.sampled_from([{"reference": "Encounter/1/_history/3"}, {}, None]),
    "code": st.sampled_from([lab(name, 1.0, "mmol/L").resource["code"] for name in ("sodium", "calcium", "albumin")])
    | st.just({"text": "potassium"})
    | st.just({"text": "Leg cramps"}),
    "id": st.sampled_from(["", " a ", None, 7]),
}


changes = st.lists(st.sampled_from(sorted(members)), max_size=3, unique=True).flatmap(
    lambda names: st.fixed_dictionaries({each: members[each] for each in names})
)


@given(changes)
def test_both_ways_read_the_same(changed) -> None:
    resource = Resource.of({**USUAL, **changed})
    quick = Results(TERMS, SINCE)(resource)
    assert quick in (None, reader._read_one(resource, TERMS, None, SINCE))


@pytest.mark.parametrize("days", [1, RESULTS_READ_DAYS + 20])
@pytest.mark.parametrize("value", [0, 2, 700])
def test_both_ways_read_every_code_of_ours_the_same(days, value) -> None:
    """A number is an answer to much that is no laboratory result: a continence scale, a bladder scan, muscle power."""
    for coded in TERMS:
        code = {"coding": [{"system": coded.system, "code": coded.code}]}
        asked = {**lab("potassium", value, "mL", days).resource, "code": code}
        quick = Results(TERMS, SINCE)(Resource.of(asked))
        assert quick in (None, reader._read_one(Resource.of(asked), TERMS, None, SINCE)), coded


@pytest.mark.parametrize("days", [1, RESULTS_READ_DAYS + 20])
def test_a_continence_scale_answered_by_a_number_is_read(days) -> None:
    asked = {**lab("potassium", 2, "{score}", days).resource, "code": {"coding": [{"system": "http://loinc.org", "code": "54770-3"}]}}
    found = reader.read([Resource.of(asked)], PATIENT, TERMS, SINCE).evidence
    assert [(each.concept, each.presence) for each in found] == [(Concept.URINARY_INCONTINENCE, Presence.PRESENT)]


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"issued": "2026-03-14T10:00:00Z"},
        {"referenceRange": []},
        {"interpretation": [{"coding": [{"code": "L"}]}]},
        {"status": "amended"},
        {"encounter": {"reference": "Encounter/1"}},
    ],
)
def test_the_usual_ones_are_read_from_a_glance(changed) -> None:
    assert Results(TERMS, SINCE)(Resource.of({**USUAL, **changed}))


@pytest.mark.parametrize(("days", "ignored"), [(RESULTS_READ_DAYS, None), (RESULTS_READ_DAYS + 1, Ignored.PAST)])
@pytest.mark.parametrize("changed", [{}, {"note": [{"text": "repeated"}]}])
def test_old_results_are_counted_and_passed_over(days, ignored, changed) -> None:
    reading = reader.read([Resource.of({**lab("potassium", 3.1, "mmol/L", days).resource, **changed})], PATIENT, TERMS, SINCE)
    assert (len(reading.evidence), reading.ignored) == ((0, {ignored: 1}) if ignored else (1, {}))


def test_a_result_without_a_day_is_never_too_old() -> None:
    undated = {**USUAL, "effectiveDateTime": None, "issued": None}
    assert reader.read([Resource.of(undated)], PATIENT, TERMS, SINCE).evidence


def test_no_rule_looks_back_further_than_results_are_read() -> None:
    """Whatever a deployer sets: the widest window, and an albumin before it."""
    widest = [each.most for each in INTERPRETATIONS if each.id in {"lab_days", "severe_lab_days", "dehydration_days"}]
    assert max(widest) + next(each.most for each in INTERPRETATIONS if each.id == "albumin_hours") / 24 < RESULTS_READ_DAYS
    assert date.min < SINCE
