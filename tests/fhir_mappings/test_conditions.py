"""A Condition's polarity, status, site and dates, in the order the specification reads them."""

from __future__ import annotations

import pytest
from charts import AS_OF, HL7, SCT, problem

from cards.guidance.findings import Concept, Course, Flag, Interval, Kind, Presence, Record, Severity, Side
from fhir_mappings import conditions
from fhir_mappings.dates import interval
from fhir_mappings.outcome import Ignored
from fhir_mappings.terminology import terminology

BORN = interval("1955-05-20")
UI = Concept.URINARY_INCONTINENCE


def read(resource, born: Interval | None = BORN):
    return conditions.read(resource, terminology(), born)


def only(resource):
    (evidence,) = read(resource).evidence
    return evidence


def status(code: str) -> dict:
    return {"coding": [{"system": f"{HL7}/condition-clinical", "code": code}]}


@pytest.mark.parametrize(
    ("verified", "ignored"),
    [
        ("refuted", Ignored.REFUTED),
        ("entered-in-error", Ignored.ENTERED_IN_ERROR),
        ("confirmed", None),
        ("provisional", None),
        ("differential", None),
        ("unconfirmed", None),
        (None, None),
    ],
)
def test_verification(verified, ignored) -> None:
    outcome = read(problem("urinary incontinence", 3, verified=verified).resource)
    assert outcome.ignored == ignored
    assert bool(outcome.evidence) is (ignored is None)


@pytest.mark.parametrize(
    ("verified", "flag"), [("confirmed", Flag.CONFIRMED), (None, Flag.CONFIRMED), ("provisional", Flag.UNCONFIRMED), ("differential", Flag.UNCONFIRMED)]
)
def test_how_certain(verified, flag) -> None:
    assert only(problem("cauda equina syndrome", 3, verified=verified).resource).has(flag)


@pytest.mark.parametrize(
    ("clinical", "ended", "course"),
    [
        ("active", None, Course.ACTIVE), (None, None, Course.ACTIVE), ("recurrence", None, Course.RECURRED), ("relapse", None, Course.RECURRED), ("inactive", None, Course.INACTIVE),
        ("remission", None, Course.ENDED), ("resolved", 30, Course.ENDED), ("active", 30, Course.ACTIVE), ("unheard-of", None, Course.ACTIVE),
    ],
)  # fmt: skip
def test_where_it_stands(clinical, ended, course) -> None:
    assert only(problem("urinary incontinence", 300, status=clinical, ended=ended).resource).record.course == course


@pytest.mark.parametrize(
    "refuted",
    [
        "refuted",
        "Refuted",
        {"text": "Refuted"},
        {"coding": [{"code": "refuted"}]},
        [{"text": "?"}, {"coding": [{"code": "refuted"}]}],
        {"text": "Entered in error"},
        {"coding": [{"code": "REFUTED"}]},
        {"coding": [{"code": "Entered in Error"}]},
        {"coding": [{"code": "entered_in_error"}]},
        {"coding": [{"system": "urn:local", "code": "7", "display": "Refuted"}]},
    ],
)
def test_verification_is_read_in_any_form(refuted) -> None:
    assert read({**problem("urinary incontinence", 3).resource, "verificationStatus": refuted}).ignored in {Ignored.REFUTED, Ignored.ENTERED_IN_ERROR}


def test_status_as_text_or_bare_word_is_read() -> None:
    resource = problem("urinary incontinence", 3).resource
    assert only({**resource, "clinicalStatus": {"text": "Resolved"}}).record.course is Course.ENDED
    assert only({**resource, "clinicalStatus": {"coding": [{"code": "RESOLVED"}]}}).record.course is Course.ENDED
    assert only({**resource, "clinicalStatus": {"coding": [{"system": "urn:local", "code": "7", "display": "Resolved"}]}}).record.course is Course.ENDED
    assert only({**resource, "clinicalStatus": "resolved"}).record.course is Course.ENDED


@pytest.mark.parametrize("broken", [{"clinicalStatus": 7}, {"clinicalStatus": ["active"]}, {"code": "165232002"}, {"code": None}, {"code": []}])
def test_unreadable_status_or_code_is_set_aside(broken) -> None:
    assert read({**problem("urinary incontinence", 3).resource, **broken}).ignored is Ignored.UNREADABLE


@pytest.mark.parametrize("said", ["History of present illness", "History and Physical", "History & physical", "Presenting history", "HPI"])
def test_the_present_illness_is_not_filed_as_history(said) -> None:
    assert read(problem("urinary incontinence", 3, category=[{"text": said}]).resource).ignored is None


def test_a_category_that_is_only_a_code_may_say_history() -> None:
    assert (
        read(problem("urinary incontinence", 3, category=[{"coding": [{"system": "urn:local", "code": "medical-history"}]}]).resource).ignored
        is Ignored.HISTORY
    )


@pytest.mark.parametrize("said", ["Past Medical History", "Family history"])
def test_filed_as_history(said) -> None:
    assert read(problem("urinary incontinence", 3, category=[{"text": said}]).resource).ignored is Ignored.HISTORY
    assert read(problem("urinary incontinence", 3, category=[{"text": "Problem"}, {"text": said}]).resource).ignored is Ignored.HISTORY
    assert read(problem("urinary incontinence", 3, category=[{"text": "Problem list item"}]).resource).ignored is None


@pytest.mark.parametrize(
    ("dates", "onset", "recorded"),
    [
        ({"onsetDateTime": "2026-03-01", "recordedDate": "2026-03-02"}, "2026-03-01", "2026-03-02"),
        ({"onsetPeriod": {"start": "2026-03-01", "end": "2026-03-09"}}, "2026-03-01", None),
        ({"recordedDate": "2026-03-02T10:00:00+01:00"}, None, "2026-03-02"),
        ({"onsetString": "a while ago"}, None, None),
        ({"onsetDateTime": "2026-02-30", "recordedDate": "2026-03-02"}, None, "2026-03-02"),
        ({"meta": {"lastUpdated": "2026-03-02T00:00:00Z"}}, None, None),
    ],
)
def test_dates(dates, onset, recorded) -> None:
    record = only(problem("urinary incontinence", **dates).resource).record
    assert record.onset == interval(onset)
    assert record.recorded == interval(recorded)


def test_onset_age_needs_the_birth_date() -> None:
    resource = problem("stress incontinence", onsetAge={"value": 66, "code": "a"}).resource
    assert only(resource).record.onset == Interval(interval("2021-05-20").earliest, interval("2022-05-19").latest)
    assert read(resource, born=None).evidence[0].record.onset is None


@pytest.mark.parametrize(
    ("resource", "course", "ended"),
    [
        (problem("sciatica", 60, ended=10).resource, Course.ACTIVE, 10),
        (problem("sciatica", 60, abatementPeriod={"start": "2026-03-05"}).resource, Course.ACTIVE, 10),
        (problem("sciatica", 60, status=None, abatementString="resolved last week").resource, Course.ENDED, None),
        (problem("sciatica", 60, status=None, abatementString="not resolved").resource, Course.ACTIVE, None),
        (problem("sciatica", 60, status=None, abatementBoolean=True).resource, Course.ENDED, None),
        (problem("sciatica", 60, status=None, abatementBoolean=False).resource, Course.ACTIVE, None),
        (problem("sciatica", 60, status=None, abatementRange={"low": {"value": 50}}).resource, Course.ENDED, None),
        (problem("sciatica", 60, status=None, abatementString="last spring").resource, Course.ACTIVE, None),
        (problem("sciatica", 60, abatementAge={"value": 70, "code": "a"}).resource, Course.ACTIVE, 299),
    ],
)
def test_end(resource, course, ended) -> None:
    """A dated end is kept beside the stated course: its day decides, and it may lie ahead."""
    record = only(resource).record
    assert record.course is course
    assert (record.ended is None) if ended is None else (AS_OF - record.ended.earliest).days == ended


def test_the_record_behind_a_fact() -> None:
    resource = problem(
        "sciatica", 10, recorded=8, ended=2, status="resolved", verified="provisional", said="Sciatica", encounter={"reference": "Encounter/e1"}
    ).resource
    assert only(resource).coded == "SNOMED CT 23056005"
    assert only(resource).record == Record(
        reference=f"Condition/{resource['id']}",
        kind=Kind.CONDITION,
        course=Course.ENDED,
        onset=interval("2026-03-05"),
        recorded=interval("2026-03-07"),
        ended=interval("2026-03-13"),
        words="Sciatica",
        status="resolved, provisional",
        encounter="Encounter/e1",
        shown_date="2026-03-05",
    )
    assert only({**resource, "id": None}).record.reference == "Condition"


@pytest.mark.parametrize(
    ("dates", "shown"),
    [
        ({"onsetDateTime": "2026-03", "recordedDate": "2026-03-02"}, "2026-03"),
        ({"recordedDate": "2026-03-02"}, "2026-03-02"),
        ({"onsetAge": {"value": 66, "code": "a"}}, "age 66"),
        ({}, ""),
    ],
)
def test_the_date_as_written(dates, shown) -> None:
    assert only(problem("urinary incontinence", **dates).resource).record.shown_date == shown


@pytest.mark.parametrize(
    ("fact", "concept", "side"),
    [
        (problem("spasm", 1, site="leg"), Concept.LEG_SPASM, Side.UNSTATED),
        (problem("spasm", 1, site="calf", side="left"), Concept.LEG_SPASM, Side.LEFT),
        (problem("spasm", 1, said="Muscle spasm of right leg"), Concept.LEG_SPASM, Side.RIGHT),
        (problem("spasm", 1), Concept.UNSITED_SPASM, Side.UNSTATED),
        (problem("numbness", 1, site="perineum"), Concept.SADDLE_NUMBNESS, Side.UNSTATED),
        (problem("numbness", 1, site="buttock"), Concept.BUTTOCK_NUMBNESS, Side.UNSTATED),
        (problem("leg weakness", 1, said="Weakness of both legs"), Concept.LEG_WEAKNESS, Side.BOTH),
        (problem("left leg weakness", 1), Concept.LEG_WEAKNESS, Side.LEFT),
        (problem("sciatica", 1, side="both"), Concept.RADICULAR_PAIN, Side.BOTH),
        (problem("leg weakness", 1, bodySite=[{"text": "Left leg, right leg"}]), Concept.LEG_WEAKNESS, Side.BOTH),
        (problem("radiculopathy, level unknown", 1), Concept.UNSITED_RADICULOPATHY, Side.UNSTATED),
        (problem("radiculopathy, level unknown", 1, site="lumbar region"), Concept.LUMBAR_RADICULOPATHY, Side.UNSTATED),
        (problem("Numb left foot", 1), Concept.LEG_NUMBNESS, Side.LEFT),
    ],
    ids=lambda each: getattr(each, "words", str(each)),
)
def test_site_and_side(fact, concept, side) -> None:
    evidence = only(fact.resource)
    assert (evidence.concept, evidence.side) == (concept, side)


def test_an_extension_tells_the_side() -> None:
    """As mCODE's laterality qualifier does."""
    url = "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-laterality-qualifier"
    qualifier = {"url": url, "valueCodeableConcept": {"coding": [{"system": "http://snomed.info/sct", "code": "51440002"}]}}
    leg = {"coding": [{"system": "http://snomed.info/sct", "code": "61685007"}], "extension": [qualifier]}
    evidence = only(problem("leg weakness", 1, bodySite=[leg]).resource)
    assert (evidence.concept, evidence.side) == (Concept.LEG_WEAKNESS, Side.BOTH)


@pytest.mark.parametrize(
    ("code", "concept"),
    [("LEG_CRAMPS", Concept.LEG_SPASM), ("urinary-incontinence", Concept.URINARY_INCONTINENCE), ("R32 - Urinary incontinence", Concept.URINARY_INCONTINENCE)],
)
def test_a_code_made_of_words_is_read_where_nothing_else_is_said(code, concept) -> None:
    evidence = only(problem("x", 1, code={"coding": [{"system": "urn:local", "code": code}]}).resource)
    assert (evidence.concept, evidence.has(Flag.FROM_TEXT)) == (concept, True)
    assert read(problem("x", 1, code={"coding": [{"system": "urn:local", "code": code, "display": "Hypertension"}]}).resource).evidence == ()


def test_two_body_sites_add_up_to_both_sides() -> None:
    sites = [{"coding": [{"system": "http://snomed.info/sct", "code": "61685007"}], "text": f"{side} leg"} for side in ("Left", "Right")]
    assert only(problem("leg weakness", 1, bodySite=sites).resource).side is Side.BOTH


@pytest.mark.parametrize(
    "fact",
    [
        problem("spasm", 1, site="forearm"),
        problem("numbness", 1),
        problem("muscle weakness", 1),
        problem("back muscle spasm", 1),
        problem("hypertension", 1),
        problem("history of nervous system disease", 1),
        problem("Leg pain score", 1),
        problem("MRC power of left leg", 1),
        problem("Bladder control", 1),
        problem("sciatica", 1, said="x", bodySite=[{"text": "neck"}]),
    ],
    ids=lambda each: each.words,
)
def test_says_nothing_here(fact) -> None:
    assert read(fact.resource).evidence == ()


def test_the_words_are_the_first_display_where_there_is_no_text() -> None:
    codings = [{"system": "urn:x", "code": "1"}, {"system": SCT, "code": "23056005", "display": "Sciatica"}, {"display": "Other"}]
    assert only(problem("sciatica", 1, code={"coding": codings}).resource).record.words == "Sciatica"


def test_a_frequency_in_a_problem_is_no_count() -> None:
    assert only(problem("Leg cramp frequency", 1).resource).concept is Concept.LEG_SPASM


def test_several_codings_of_one_thing_are_one_fact() -> None:
    evidence = only(problem("sciatica (two codes)", 5).resource)
    assert evidence.coded == "SNOMED CT 23056005, ICD-10-CM M54.30"


def test_lumbago_with_sciatica_is_both() -> None:
    assert {each.concept for each in read(problem("lumbago with sciatica", 5).resource).evidence} == {Concept.RADICULAR_PAIN, Concept.BACK_PAIN}


@pytest.mark.parametrize(
    ("text", "presence", "suspected"),
    [
        ("Urinary incontinence", Presence.PRESENT, False),
        ("Possible urinary incontinence", Presence.PRESENT, True),
        ("No urinary incontinence", Presence.ABSENT, False),
    ],
)
def test_text_only(text, presence, suspected) -> None:
    evidence = only(problem(text, 3).resource)
    assert (evidence.concept, evidence.presence, evidence.has(Flag.SUSPECTED), evidence.has(Flag.FROM_TEXT)) == (UI, presence, suspected, True)
    assert (evidence.has(Flag.UNCONFIRMED), evidence.has(Flag.CONFIRMED)) == (suspected, not suspected)


def test_a_recognised_code_wins_over_its_text() -> None:
    evidence = only(problem("urinary incontinence", 3, said="No urinary incontinence").resource)
    assert evidence.presence is Presence.PRESENT
    assert not evidence.has(Flag.FROM_TEXT)


@pytest.mark.parametrize(("severity", "meant"), [("severe", Severity.SEVERE), ("mild", Severity.MILD), (None, None)])
def test_severity(severity, meant) -> None:
    assert only(problem("leg cramps", 3, severity=severity).resource).severity == meant


@pytest.mark.parametrize(
    ("text", "tied"),
    [
        ("Insomnia", False),
        ("Insomnia, cramps", True),
        ("Insomnia due to muscle spasms", True),
        ("Insomnia due to anxiety", False),
    ],
)
def test_disturbed_sleep_counts_where_cramps_are_named_with_it(text, tied) -> None:
    sleepless = {**problem("urinary incontinence", 3).resource, "code": {"coding": [{"system": SCT, "code": "193462001"}], "text": text}}
    (said,) = [each for each in read(sleepless).evidence if each.concept is Concept.SLEEP_DISTURBANCE]
    assert said.has(Flag.LEG_TIED) is tied


def test_severity_in_words() -> None:
    assert only(problem("leg cramps", 3, said="Severe leg cramps").resource).severity is Severity.SEVERE
    assert only({**problem("leg cramps", 3).resource, "severity": {"text": "Severe"}}).severity is Severity.SEVERE


@pytest.mark.parametrize(
    ("said", "volume"),
    [
        ("PVR 650 ml", 650),
        ("post void residual 350ml", 350),
        ("bladder scan 800mls", 800),
        ("catheterised - 1000ml residual.", 1000),
        ("PVR: 0.3 L", 300),
        ("PVR 20 ml", 20),
        ("PVR 350-400ml", 350),
        ("PVRV 250 mL", 250),
        ("Residual volume post micturition 400ml", 400),
        ("Bladder residual 450 ml", 450),
        ("Residual urine 450ml", 450),
        ("Post void volume 450 ml", 450),
        ("Bladder volume post void 450 ml", 450),
        ("PVR 650", None),
        ("PVR <50ml", None),
    ],
)
def test_a_residual_given_as_a_problem(said: str, volume: float | None) -> None:
    """Without a unit it could not be assessed; a scan that is named is neither done nor ordered by that."""
    found = conditions.read({**problem("Numb foot", 3).resource, "code": {"text": said}}, terminology(), None).evidence
    (residual,) = [each for each in found if each.concept is Concept.POST_VOID_RESIDUAL]
    assert (residual.reading.value if residual.reading else None) == volume
    assert residual.presence is (Presence.PRESENT if volume else Presence.NOT_ASSESSED)
