"""Orders, procedures and studies: what counts as imaging asked for or done."""

from __future__ import annotations

import pytest
from charts import done, order

from cards.guidance.findings import Concept, Flag, Kind, Record
from fhir_mappings import orders
from fhir_mappings.dates import interval
from fhir_mappings.outcome import Ignored
from fhir_mappings.terminology import terminology


def read(fact):
    return orders.read(fact.resource, terminology())


@pytest.mark.parametrize(
    ("fact", "flags"),
    [
        (order("lumbar MRI", 1), {Flag.COVERING_ORDER}),
        (order("lumbar MRI", 1, priority="urgent"), {Flag.COVERING_ORDER}),
        (order("lumbar MRI", 1, priority="asap"), {Flag.COVERING_ORDER}),
        (order("lumbar MRI", 1, priority="routine"), set()),
        (order("lumbar MRI", 1, priority=None), set()),
        (order("lumbar MRI", 1, status="completed"), {Flag.COMPLETED}),
        (order("MRI lumbar spine urgent", 1), {Flag.COVERING_ORDER, Flag.FROM_TEXT}),
        (done("lumbar MRI", 1), {Flag.COMPLETED}),
        (done("MRI of lumbosacral spine", 1), {Flag.COMPLETED, Flag.FROM_TEXT}),
        (done("lumbar MRI", 1, kind="ImagingStudy", status="available"), {Flag.COMPLETED}),
    ],
    ids=lambda each: getattr(each, "words", ""),
)
def test_counts_as_lumbar_mri(fact, flags) -> None:
    (evidence,) = read(fact).evidence
    assert evidence.concept is Concept.LUMBAR_MRI
    assert evidence.flags == flags


@pytest.mark.parametrize(
    "fact",
    [
        order("lumbar MRI", 1, status="draft"),
        order("lumbar MRI", 1, status="revoked"),
        order("lumbar MRI", 1, intent="plan"),
        order("lumbar MRI", 1, intent="proposal"),
        order("lumbar MRI", 1, doNotPerform=True),
        done("lumbar MRI", 1, status="not-done"),
        done("lumbar MRI", 1, kind="ImagingStudy", status="cancelled"),
    ],
    ids=lambda each: each.words,
)
def test_not_done_and_not_ordered(fact) -> None:
    outcome = read(fact)
    assert outcome.evidence == ()
    assert outcome.ignored is Ignored.NOT_DONE


NOT_DONE = [
    "MRI lumbar spine - patient declined",
    "MRI lumbar spine refused",
    "Cancelled: MRI lumbar spine",
    "MRI lumbar spine not performed",
    "MRI lumbar spine - did not attend",
    "DNA MRI lumbar spine",
    "MRI lumbar spine contraindicated",
    "Failed MRI lumbar spine",
    "MRI lumbar spine if symptoms worsen",
    "Plan: MRI lumbar spine",
    "Review of MRI lumbar spine from 2019",
    "Insurance authorization for MRI lumbar spine",
    "MRI safety screening lumbar",
    "MRI of lumbar plexus",
    "Lumbar MRI not indicated",
    "MRI lumbar spine denied by insurer",
    "MRI lumbar spine rejected by radiology",
    "MRI lumbar spine waiting list",
    "Transport to MRI lumbar spine",
    "MRI lumbar spine reported 2018",
]


@pytest.mark.parametrize("what", NOT_DONE)
def test_words_by_which_a_work_up_was_not_done_lower_no_alarm(what) -> None:
    assert [read(each).evidence for each in (order(what, 1), done(what, 1), done(what, 1, kind="ImagingStudy", status="available"))] == [(), (), ()]


@pytest.mark.parametrize("outcome", [{"text": "Unsuccessful"}, {"coding": [{"system": "http://snomed.info/sct", "code": "1", "display": "Failed"}]}])
def test_a_procedure_that_failed_lowers_no_alarm(outcome) -> None:
    resource = done("lumbar MRI", 1).resource
    assert orders.read({**resource, "outcome": outcome}, terminology()).ignored is Ignored.NOT_DONE
    assert orders.read({**resource, "outcome": {"text": "Successful"}}, terminology()).evidence


@pytest.mark.parametrize("what", ["MRI brain", "X-ray lumbar spine", "No MRI of lumbar spine", "sciatica"])
def test_other_orders_say_nothing(what) -> None:
    assert read(order(what, 1)).evidence == ()


def test_an_order_says_for_when_it_is_planned() -> None:
    (evidence,) = read(order("lumbar MRI", 1, priority="urgent", occurrenceDateTime="2026-03-25T09:00:00Z")).evidence
    assert evidence.record.status == "active order, urgent, planned for 2026-03-25"


def test_the_record_behind_an_order() -> None:
    ordered = order("lumbar MRI", 1, priority="routine").resource
    (evidence,) = orders.read(ordered, terminology()).evidence
    assert evidence.record == Record(
        reference=f"ServiceRequest/{ordered['id']}",
        kind=Kind.ORDER,
        onset=interval("2026-03-14"),
        words="",
        status="active order, routine",
        shown_date="2026-03-14",
    )
    assert evidence.coded == "LOINC 30679-5"


def test_the_record_behind_a_study() -> None:
    study = {"resourceType": "ImagingStudy", "status": "available", "started": "2026-03-14T08:00:00Z", "description": "MRI lumbar spine", "priority": "soon"}
    (evidence,) = orders.read(study, terminology()).evidence
    assert evidence.record == Record(
        reference="ImagingStudy", kind=Kind.STUDY, onset=interval("2026-03-14"), words="MRI lumbar spine", shown_date="2026-03-14T08:00:00Z"
    )


@pytest.mark.parametrize(
    ("times", "first", "last"),
    [
        ({"performedPeriod": {"start": "2026-03-10", "end": "2026-03-11"}}, "2026-03-10", "2026-03-11"),
        ({"occurrencePeriod": {"start": "2026-03-10"}}, "2026-03-10", "2026-03-10"),
        ({"occurrenceDateTime": "2026-03-10"}, "2026-03-10", "2026-03-10"),
        ({"performedDateTime": "2026-03-09", "authoredOn": "2026-03-01"}, "2026-03-09", "2026-03-09"),
    ],
)
def test_when_it_was_done(times, first, last) -> None:
    (evidence,) = orders.read({**done("lumbar MRI", None).resource, **times}, terminology()).evidence
    assert (evidence.record.onset.earliest.isoformat(), evidence.record.onset.latest.isoformat()) == (first, last)


def test_entered_in_error() -> None:
    assert read(done("lumbar MRI", 1, status="entered-in-error")).ignored is Ignored.ENTERED_IN_ERROR


@pytest.mark.parametrize("series", [{"modality": {"code": "MR"}, "bodySite": {"display": "Lumbar spine"}}, {"description": "MRI lumbar spine"}])
def test_study_told_by_its_series(series) -> None:
    study = done("", 1, kind="ImagingStudy", status="available").resource
    study |= {"procedureCode": [], "series": [series]}
    (evidence,) = orders.read(study, terminology()).evidence
    assert evidence.concept is Concept.LUMBAR_MRI


def test_prostate_operation_and_bladder_scan() -> None:
    assert read(done("prostatectomy", 900)).evidence[0].concept is Concept.PROSTATE_CAUSE
    assert read(order("bladder scan", 0)).evidence[0].concept is Concept.BLADDER_SCAN
