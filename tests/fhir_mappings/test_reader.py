"""The chart as a whole: whose records, which matter, and what is set aside."""

from __future__ import annotations

import json

import pytest
from charts import AS_OF, PATIENT, problem, seen

from cards.guidance.findings import Concept, Flag
from fhir_mappings import reader
from fhir_mappings.dates import interval
from fhir_mappings.outcome import Ignored
from fhir_mappings.resources import Resource
from fhir_mappings.terminology import terminology
from fhir_mappings.versions import is_other_version

UUID = "7d9e3c52-3b7c-4f0e-9a43-5b1c0f3a2e11"


def resource(body: dict, full_url: str = "") -> Resource:
    return Resource.read(json.dumps(body).encode(), full_url)


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
    reading = read(about(subject), problem("sciatica", 3).resource)
    assert (reading.wrong_patient, [each.subject for each in reading.of_others]) == (True, [subject["reference"]])
    assert reading == reader.Reading(of_others=reading.of_others)


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


@pytest.mark.parametrize("linked", [f"Patient/{PATIENT}", f"https://ehr.example/Patient/{PATIENT}/_history/1"])
def test_records_under_a_linked_name_are_this_patients(linked) -> None:
    other = {"resourceType": "Patient", "id": "other", "link": [{"other": {"reference": linked}}, {"other": {"reference": "Patient/third"}}]}
    for name in ("other", "third", PATIENT):
        assert not read(other, about({"reference": f"Patient/{name}"})).wrong_patient
    assert read(other, about({"reference": "Patient/fourth"})).wrong_patient


@pytest.mark.parametrize("subject", [f"patient/{PATIENT}", f" Patient/{PATIENT}/ ", f"https://ehr.example/PATIENT/{PATIENT}"])
def test_the_patient_in_another_spelling(subject) -> None:
    assert not read(about({"reference": subject})).wrong_patient


def test_a_bare_string_as_subject_is_a_reference() -> None:
    assert not read(about(f"Patient/{PATIENT}")).wrong_patient
    assert read(about("Patient/other")).wrong_patient


@pytest.mark.parametrize("subject", [5, [], {"reference": {}}])
def test_a_subject_of_no_known_form_is_unread(subject) -> None:
    assert read(about(subject)).ignored == {Ignored.UNREADABLE: 1}


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


@pytest.mark.parametrize(
    ("refuted", "standing"),
    [("2026-03-15T01:30:00+02:00", "2026-03-14T23:45:00Z"), ("2026-03-14T23:45:00Z", "2026-03-14T23:45:00.500Z"), ("2026-03-14", "2026-03-14T00:00:01Z")],
)
def test_versions_are_told_apart_by_the_moment_they_were_made(refuted, standing) -> None:
    fact = problem("urinary incontinence", 3).resource
    wrong = {**fact, "meta": {"lastUpdated": refuted}, "verificationStatus": {"coding": [{"code": "refuted"}]}}
    assert len(read(wrong, {**fact, "meta": {"lastUpdated": standing}}).evidence) == 1
    assert read({**wrong, "meta": {"lastUpdated": standing}}, {**fact, "meta": {"lastUpdated": refuted}}).evidence == ()


def test_of_two_versions_of_one_moment_both_stay() -> None:
    fact, made = problem("urinary incontinence", 3).resource, {"meta": {"lastUpdated": "2026-03-14T23:45:00Z"}}
    assert len(read({**fact, **made}, {**problem("leg cramps", 3).resource, "id": fact["id"], **made}).evidence) == 2


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
    assert read(problem("hypertension", 3).resource, problem("Asthma", 3).resource, problem("sciatica", 3).resource).unmapped == 2


@pytest.mark.parametrize(
    "fact",
    [
        seen("Complaint", 3, "leg cramps"),
        seen("Complaint", 3, None, valueCodeableConcept={"text": "leg cramps"}),
        seen("Vital signs", 3, None, parts=({"code": {"text": "leg cramps"}, "valueBoolean": True},)),
        seen("Vital signs", 3, None, parts=({"code": {"text": "Complaint"}, "valueString": "leg cramps"},)),
        seen("Vital signs", 3, None, parts=({"code": {"text": "Complaint"}, "valueCodeableConcept": {"text": "leg cramps"}},)),
        problem("x", 3, code={"text": "Z", "coding": [{"display": "leg cramps"}]}),
        problem("x", 3, code={"coding": [{"system": "urn:local", "code": "LEG_CRAMPS"}]}),
        seen("Complaint", 3, None, valueCodeableConcept={"coding": [{"system": "urn:local", "code": "LEG_CRAMPS"}]}),
    ],
    ids=lambda each: str(each.resource)[-90:],
)
def test_a_symptom_is_found_wherever_it_is_named(fact) -> None:
    assert [each.concept for each in read(fact.resource).evidence] == [Concept.LEG_SPASM]


@pytest.mark.parametrize("code", [None, {}, {"coding": [{}]}, {"text": "leg cramps " * 60}])
def test_a_record_that_names_nothing_we_can_read_is_unread_rather_than_unmapped(code) -> None:
    reading = read({**problem("sciatica", 3).resource, "code": code})
    assert (reading.unreadable, reading.unmapped) == (1, 0)


def test_what_was_set_aside_is_counted_by_reason() -> None:
    refuted = [problem("sciatica", 3, verified="refuted").resource for _ in range(2)]
    reading = read(*refuted, seen("leg cramps", 3, status="cancelled").resource, problem("leg cramps", 3).resource)
    assert reading.ignored == {Ignored.REFUTED: 2, Ignored.CANCELLED: 1}
    assert len(reading.evidence) == 1


def test_a_reader_that_fails_is_told_apart_from_one_that_finds_nothing(monkeypatch) -> None:
    monkeypatch.setattr("fhir_mappings.observations.read", lambda *_: 1 / 0)
    assert read(seen("leg cramps", 3).resource).ignored == {Ignored.UNREADABLE: 1}


def test_the_birth_date_dates_an_age() -> None:
    reading = read({"resourceType": "Patient", "id": PATIENT, "birthDate": "1955-05-20"}, problem("sciatica", onsetAge={"value": 66, "code": "a"}).resource)
    assert reading.person.born == interval("1955-05-20")
    assert reading.evidence[0].record.onset.earliest.isoformat() == "2021-05-20"


OLD_STATUS = {"clinicalStatus": "active"}


@pytest.mark.parametrize(
    ("bodies", "older"),
    [
        ([problem("sciatica", 3).resource], False),
        ([{**problem("sciatica", 3).resource, **OLD_STATUS}], True),
        ([{**problem("sciatica", 3).resource, **OLD_STATUS, "clinicalStatus": " active"}], True),
        ([{**problem("sciatica", 3, status=None).resource, "assertedDate": "2026-03-01"}], True),
        ([{**problem("sciatica", 3, status=None).resource, "context": {"reference": "Encounter/1"}}], True),
        ([{**problem("sciatica", 3, status=None).resource, "category": {"text": "problem"}}], True),
        ([{**problem("sciatica", 3, status=None).resource, "category": [{"text": "problem"}]}], False),
        ([{**problem("sciatica", 3, status=None).resource, "note": [{"text": '"assertedDate"'}]}], False),
        ([{**seen("leg cramps", 3).resource, "context": {"reference": "Encounter/1"}}], True),
        ([{**seen("leg cramps", 3).resource, "related": []}], True),
        ([seen("leg cramps", 3).resource], False),
        ([{"resourceType": "Procedure", "context": {"reference": "Encounter/1"}}], False),
        ([{**problem("sciatica", 3).resource, **OLD_STATUS}, problem("leg cramps", 3).resource], False),
        ([{**problem("sciatica", 3).resource, **OLD_STATUS}, problem("leg cramps", recorded=3, status=None).resource], False),
        ([{**problem("sciatica", 3).resource, **OLD_STATUS}, problem("leg cramps", 3, status=None).resource], True),
        ([{**problem("sciatica", 3).resource, **OLD_STATUS}, seen("leg cramps", 3, encounter={"reference": "Encounter/1"}).resource], False),
        ([{**problem("sciatica", 3).resource, **OLD_STATUS}, seen("leg cramps", 3).resource], True),
    ],
)
def test_an_older_version_is_known_by_members_r4_never_had(bodies, older) -> None:
    assert is_other_version([resource(each) for each in bodies]) is older


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


NOTE = f"{'Seen in the emergency department with his wife. ' * 8}Saddle numbness present since this morning."


@pytest.mark.parametrize(
    "note",
    [
        seen("HPI", 0, NOTE).resource,
        seen("ED note", 0, None, component=[{"code": {"text": "History"}, "valueString": NOTE}]).resource,
    ],
)
def test_an_answer_too_long_to_be_read_that_names_a_red_flag_is_counted(note) -> None:
    found = read(note)
    assert not found.evidence
    assert found.ignored == {Ignored.UNREADABLE: 1}


def test_a_long_answer_about_something_else_is_not_counted() -> None:
    found = read(seen("HPI", 0, NOTE.replace("Saddle numbness", "A cough")).resource)
    assert (found.evidence, found.ignored, found.unmapped) == ((), {}, 1)
