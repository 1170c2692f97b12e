"""What must hold for every chart: order, paging, other codes, other days and unrelated records change nothing, and learning more never silences a red flag."""

from __future__ import annotations

import copy
import json
import re
from datetime import date, timedelta

import pytest
from charts import CODES, PATIENT, Chart, Fact, bundle, lab, order, person, prefetch, problem, seen
from evaluating import NOW, evaluated, said, shown
from hypothesis import given
from hypothesis import strategies as st
from spec.table import ROWS

from cards.guidance.changes import CONTINENCE_CONCEPTS
from cards.guidance.findings import Concept, Evidence, Presence
from fhir_mappings import reader
from fhir_mappings.resources import Resource
from fhir_mappings.terminology import terminology

FACTS = [fact for row in ROWS for fact in row.facts if fact.resource["resourceType"] != "Patient"]
charts = st.lists(st.sampled_from(FACTS), max_size=8).map(tuple)
UNRELATED = [
    problem("hypertension", 900),
    problem("Asthma", 3000),
    seen("Blood pressure", 3, "120/80"),
    seen("Tobacco use", 3, "no"),
    lab("potassium in urine", 30, "mmol/L"),
    order("Chest X-ray", 1),
    Fact({"resourceType": "MedicationRequest", "id": "m1", "status": "active", "subject": {"reference": f"Patient/{PATIENT}"}}, "a medicine"),
]


def outline(evaluation) -> list:
    """All that a clinician sees, without the identifiers made anew for each call."""
    return [
        (card.indicator, card.source.topic.code, card.summary, card.detail, tuple(each.label for each in card.suggestions or ())) for card in evaluation.cards
    ]


@given(charts, st.lists(st.sampled_from(UNRELATED), min_size=1, max_size=4))
def test_an_unrelated_record_changes_nothing(facts, more) -> None:
    assert outline(evaluated(Chart((*facts, *more)))) == outline(evaluated(Chart(facts)))


@given(charts, st.randoms(use_true_random=False))
def test_the_order_of_entries_changes_nothing(facts, chance) -> None:
    shuffled = list(facts)
    chance.shuffle(shuffled)
    assert outline(evaluated(Chart(tuple(shuffled)))) == outline(evaluated(Chart(facts)))


@given(charts, st.integers(1, 5))
def test_several_keys_for_one_bundle_change_nothing(facts, pieces) -> None:
    """The same Observations under several keys, as pages of one search or answers of several."""
    whole = prefetch(Chart(facts).resources())
    found = [each["resource"] for each in (whole["exam"] or {"entry": []})["entry"]]
    keys = ["exam", "survey", "socialHistory", "activity", "therapy"][:pieces]
    split = {key: bundle(found[index::pieces]) if found[index::pieces] else None for index, key in enumerate(keys)}
    twice = {**whole, **split, "legSymptoms": bundle(found) if found else None}
    assert outline(evaluated(twice)) == outline(evaluated(whole))


SAME = [
    ("leg cramps", "leg cramps (ICD-10-CM)"),
    ("urinary incontinence", "urinary incontinence (ICD)"),
    ("cauda equina syndrome", "cauda equina syndrome (ICD)"),
    ("sciatica", "sciatica (two codes)"),
    ("lumbar radiculopathy", "lumbar radiculopathy"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
@given(facts=charts, ago=st.integers(0, 120), status=st.sampled_from(["active", "resolved", "recurrence", "inactive"]))
def test_the_same_fact_in_another_code_system_gives_the_same_advice(one, other, facts, ago, status) -> None:
    first, second = ((*facts, problem(each, ago, status=status)) for each in (one, other))
    assert shown(evaluated(Chart(first))) == shown(evaluated(Chart(second)))


@pytest.mark.parametrize("what", [each for each in CODES if len(CODES[each]) > 1])
@given(facts=charts, ago=st.integers(0, 120))
def test_any_one_of_several_codings_is_enough(what, facts, ago) -> None:
    both = problem(what, ago)
    singles = [Fact({**both.resource, "code": {"coding": [coding]}}, "") for coding in both.resource["code"]["coding"]]
    assert {shown(evaluated(Chart((*facts, each)))) for each in (both, *singles)} == {shown(evaluated(Chart((*facts, both))))}


DATE = re.compile(r"(\d{4}-\d\d-\d\d)(T.*)?")


def moved(value, by: timedelta):
    if isinstance(value, dict):
        return {key: moved(each, by) for key, each in value.items()}
    if isinstance(value, list):
        return [moved(each, by) for each in value]
    match = DATE.fullmatch(value) if isinstance(value, str) else None
    return f"{date.fromisoformat(match[1]) + by}{match[2] or ''}" if match else value


@given(charts, st.integers(-400, 400))
def test_moving_all_days_together_changes_nothing(facts, days) -> None:
    facts = tuple(each for each in facts if not re.search(r'"\d{4}(-\d\d)?"|"[03-9]\d{3}-', json.dumps(each.resource)))
    by = timedelta(days=days)
    here, there = Chart((person(None), *facts)).prefetch(), moved(Chart((person(None), *facts)).prefetch(), by)
    assert shown(evaluated(there, now=NOW + by)) == shown(evaluated(here))


# --- learning more
ALARMS = [row.facts for row in ROWS if row.gives[:1] == ("R01",) and not row.sources]
PARTNERS = {
    Concept.URINARY_INCONTINENCE_OWN_MECHANISM: Concept.URINARY_INCONTINENCE,
    Concept.URINARY_RETENTION_OWN_MECHANISM: Concept.URINARY_RETENTION,
    Concept.BOWEL_INCONTINENCE_OWN_MECHANISM: Concept.BOWEL_INCONTINENCE,
    Concept.POST_VOID_RESIDUAL: Concept.URINARY_RETENTION,
}
EXCUSES = {Concept.NEUROGENIC_BLADDER, Concept.NEUROGENIC_BOWEL, Concept.URINARY_HESITANCY}


def read(*facts: Fact) -> tuple[Evidence, ...]:
    return reader.read([Resource.of(each.resource) for each in facts], PATIENT, terminology()).evidence


def may_silence(fact: Fact, alarm: tuple[Fact, ...]) -> bool:
    """The ways section 3a lists: an earlier record of the change itself, a later negative, covered work-up, the known syndrome; or another birth date."""
    if fact.resource["resourceType"] == "Patient":
        return True
    theirs = {PARTNERS.get(each.concept, each.concept) for each in read(*alarm)}
    return any(_may_silence(each, theirs) for each in read(fact))


def _may_silence(each: Evidence, theirs: set[Concept]) -> bool:
    concept = PARTNERS.get(each.concept, each.concept)
    if each.concept in {Concept.LUMBAR_MRI, Concept.CAUDA_EQUINA_SYNDROME}:
        return True
    if each.concept in {Concept.CHRONIC_NEUROLOGICAL_CAUSE, Concept.PARAPLEGIA, Concept.PROSTATE_CAUSE}:
        return bool(theirs & EXCUSES)
    same = concept in theirs or (concept is Concept.URINARY_RETENTION and Concept.POST_VOID_RESIDUAL in theirs)
    return same and (concept in CONTINENCE_CONCEPTS or each.presence is not Presence.PRESENT)


@given(st.sampled_from(ALARMS), charts)
def test_learning_more_never_silences_a_red_flag(alarm, more) -> None:
    """Adding what the clinical logic does not list as silencing keeps the critical card first."""
    harmless = tuple(each for each in more if not may_silence(each, alarm))
    assert shown(evaluated(Chart((*alarm, *harmless))))[:1] == ("R01",)


@pytest.mark.heavy
@pytest.mark.parametrize("alarm", ALARMS, ids=lambda facts: "; ".join(each.words for each in facts)[:80])
def test_no_single_fact_silences_a_red_flag(alarm) -> None:
    lost = [fact.words for fact in FACTS if not may_silence(fact, alarm) and shown(evaluated(Chart((*alarm, fact))))[:1] != ("R01",)]
    assert lost == []


LEG, LEAK = problem("leg cramps", 5), problem("urinary incontinence", 5)


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        (problem("urinary incontinence", 100), ("R05i",)),
        (seen("urinary incontinence", 3, "no"), ("R02",)),
        (order("lumbar MRI", 1), ("R11i",)),
        (problem("urinary incontinence", 2, verified="refuted"), ("R01",)),
        (problem("cauda equina syndrome", 200), ("R01",)),
        (seen("Bowel continence", 1, "continent"), ("R01",)),
        (seen("saddle numbness", 1, "no"), ("R01",)),
        (seen("Post-void residual", 1, 20, unit="mL"), ("R01",)),
        (seen("Bladder continence", 1, "continent of urine"), ("R01",)),
    ],
    ids=lambda each: getattr(each, "words", ""),
)
def test_what_may_silence_and_what_may_not(more, wanted) -> None:
    """A negative answers only its own concept, and text never cancels what was coded."""
    cramp = problem("leg cramps", 20) if wanted == ("R05i",) else LEG
    assert shown(evaluated(Chart((cramp, LEAK, more)))) == wanted


@given(charts)
def test_cards_never_say_that_red_flags_are_absent(facts) -> None:
    text = said(evaluated(Chart(facts)))
    assert not re.search(r"no red flags?\b|ruled out|\bsafe\b|no incontinence", re.sub(r"`[^`]*`", "", text), re.IGNORECASE)


@given(charts)
def test_reading_changes_nothing_that_came_in(facts) -> None:
    sent = Chart(facts).prefetch()
    before = copy.deepcopy(sent)
    evaluated(sent)
    assert sent == before
