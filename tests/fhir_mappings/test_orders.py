"""Orders, procedures and studies: what counts as imaging asked for or done."""

from __future__ import annotations

import pytest
from charts import done, order

from cards.guidance.findings import Concept, Flag
from fhir_mappings import orders
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


@pytest.mark.parametrize("what", ["MRI brain", "X-ray lumbar spine", "No MRI of lumbar spine", "sciatica"])
def test_other_orders_say_nothing(what) -> None:
    assert read(order(what, 1)).evidence == ()


def test_entered_in_error() -> None:
    assert read(done("lumbar MRI", 1, status="entered-in-error")).ignored is Ignored.ENTERED_IN_ERROR


def test_study_told_by_its_series() -> None:
    study = done("", 1, kind="ImagingStudy", status="available").resource
    study |= {"procedureCode": [], "series": [{"modality": {"code": "MR"}, "bodySite": {"display": "Lumbar spine"}}]}
    (evidence,) = orders.read(study, terminology()).evidence
    assert evidence.concept is Concept.LUMBAR_MRI


def test_prostate_operation_and_bladder_scan() -> None:
    assert read(done("prostatectomy", 900)).evidence[0].concept is Concept.PROSTATE_CAUSE
    assert read(order("bladder scan", 0)).evidence[0].concept is Concept.BLADDER_SCAN
