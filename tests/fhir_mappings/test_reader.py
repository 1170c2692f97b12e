"""The chart as a whole: whose records, which matter, and what is set aside."""

from __future__ import annotations

import json

import pytest
from charts import AS_OF, PATIENT, problem, seen

from cards.guidance.findings import Concept, Flag
from fhir_mappings import reader
from fhir_mappings.outcome import Ignored
from fhir_mappings.resources import Resource
from fhir_mappings.terminology import terminology

UUID = "7d9e3c52-3b7c-4f0e-9a43-5b1c0f3a2e11"


def resource(body: dict, full_url: str = "") -> Resource:
    return Resource(json.dumps(body).encode(), full_url)


def read(*bodies: dict | Resource, patient: str = PATIENT):
    return reader.read([each if isinstance(each, Resource) else resource(each) for each in bodies], patient, terminology())


def about(subject, body: dict | None = None) -> dict:
    return {**(body or problem("urinary incontinence", 3).resource), "subject": subject}


@pytest.mark.parametrize(
    "subject",
    [
        {"reference": f"Patient/{PATIENT}"},
        {"reference": f"Patient/{PATIENT}/_history/3"},
        {"reference": f"https://ehr.example/fhir/Patient/{PATIENT}"},
        {"reference": f"urn:uuid:{PATIENT}"},
    ],
)
def test_this_patient(subject) -> None:
    reading = read(about(subject))
    assert not reading.wrong_patient
    assert not reading.evidence[0].has(Flag.SUBJECT_ASSUMED)


@pytest.mark.parametrize("subject", [None, {}, {"reference": "#p"}, {"identifier": {"value": "x"}}, {"reference": ""}, {"display": "A. Person"}])
def test_subject_missing_or_contained_counts_and_is_flagged(subject) -> None:
    reading = read(about(subject))
    assert reading.evidence[0].has(Flag.SUBJECT_ASSUMED)


@pytest.mark.parametrize(
    "subject", [{"reference": "Patient/other"}, {"reference": "https://ehr.example/fhir/Patient/other"}, {"reference": f"urn:uuid:{UUID}"}]
)
def test_another_patient_stops_the_reading(subject) -> None:
    assert read(about(subject), problem("sciatica", 3).resource) == reader.Reading(wrong_patient=True)


def test_another_patients_record_stops_the_reading_even_where_it_says_nothing_here() -> None:
    assert read(about({"reference": "Patient/other"}, problem("hypertension", 3).resource)).wrong_patient


def test_records_about_a_group_or_device_are_nobodys() -> None:
    reading = read(about({"reference": "Group/ward"}))
    assert (reading.wrong_patient, reading.evidence, reading.ignored) == (False, (), {Ignored.ABOUT_SOMEONE_ELSE: 1})


def test_patient_read_must_be_the_patient_in_context() -> None:
    other = {"resourceType": "Patient", "id": "other"}
    assert read(other, problem("sciatica", 3).resource).wrong_patient
    linked = {**other, "link": [{"other": {"reference": f"Patient/{PATIENT}"}, "type": "seealso"}]}
    assert not read(linked, problem("sciatica", 3).resource).wrong_patient


def test_urn_subject_resolves_to_the_patient_supplied() -> None:
    patient = resource({"resourceType": "Patient", "id": PATIENT}, f"urn:uuid:{UUID}")
    assert not read(patient, about({"reference": f"urn:uuid:{UUID}"})).wrong_patient


def test_a_record_that_comes_twice_counts_once() -> None:
    fact = seen("leg cramps", 3).resource
    assert len(read(fact, dict(fact)).evidence) == 1


def test_of_two_versions_the_newer_counts_in_any_order() -> None:
    fact = seen("leg cramps", 3).resource
    older = {**fact, "meta": {"lastUpdated": "2026-03-01T00:00:00Z"}}
    newer = {**fact, "meta": {"lastUpdated": "2026-03-02T00:00:00Z"}, "status": "entered-in-error"}
    assert read(older, newer).evidence == read(newer, older).evidence == ()


def test_records_that_share_only_an_id_all_stay() -> None:
    """Two servers number alike, and neither record may hide the other."""
    leak, other = problem("urinary incontinence", 3).resource, problem("leg cramps", 3).resource
    same = {**other, "id": leak["id"], "meta": {"lastUpdated": "2026-03-02T00:00:00Z"}}
    dated = {**leak, "meta": {"lastUpdated": "2026-03-01T00:00:00Z"}}
    assert len(read(leak, same).evidence) == 2
    assert len(read(resource(dated, f"https://a.example/Condition/{leak['id']}"), resource(same, f"https://b.example/Condition/{leak['id']}")).evidence) == 2
    assert len(read(resource(dated, f"https://a.example/Condition/{leak['id']}"), resource(same, f"https://a.example/Condition/{leak['id']}")).evidence) == 1


def test_records_without_id_are_told_apart_by_their_content() -> None:
    facts = [{key: value for key, value in seen("leg cramps", ago).resource.items() if key != "id"} for ago in (3, 3, 20)]
    assert len(read(*facts).evidence) == 2


@pytest.mark.parametrize(
    "broken",
    [
        {"onsetDateTime": 5},
        {"severity": "severe"},
        {"bodySite": "leg"},
        {"category": "x"},
        {"id": 7},
        {"verificationStatus": []},
        {"encounter": [1]},
        {"extension": "x"},
        {"note": 9},
    ],
)
def test_a_malformed_member_never_hides_the_record(broken) -> None:
    reading = read({**problem("urinary incontinence", 3).resource, **broken})
    assert [each.concept for each in reading.evidence] == [Concept.URINARY_INCONTINENCE]


def test_members_of_the_wrong_type_that_are_glanced_at_mark_the_record() -> None:
    reading = read({**problem("urinary incontinence", 3).resource, "id": 7})
    assert reading.evidence[0].has(Flag.MALFORMED)


def test_a_record_whose_subject_cannot_be_read_is_set_aside() -> None:
    reading = read(about({"reference": 5}))
    assert (reading.evidence, reading.unreadable, reading.wrong_patient) == ((), 1, False)


def test_unreadable_records_are_counted_and_sink_nothing() -> None:
    reading = read({**problem("sciatica", 3).resource, "code": 5}, problem("urinary incontinence", 3).resource)
    assert reading.unreadable == 1
    assert len(reading.evidence) == 1


def test_records_outside_the_vocabulary_are_counted() -> None:
    assert read(problem("hypertension", 3).resource).unmapped == 1


@pytest.mark.parametrize(
    ("patient", "deceased"),
    [
        ({}, False),
        ({"deceasedBoolean": True}, True),
        ({"deceasedBoolean": False}, False),
        ({"deceasedDateTime": "2026-01-01"}, True),
        ({"deceasedDateTime": "2026-03-16T01:00:00+14:00"}, True),
        ({"deceasedDateTime": "2026-03-17"}, False),
        ({"deceasedDateTime": "unknown"}, False),
    ],
)
def test_deceased(patient, deceased) -> None:
    assert read({"resourceType": "Patient", "id": PATIENT, **patient}).person.has_died(AS_OF) is deceased
