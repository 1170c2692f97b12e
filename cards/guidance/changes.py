"""How bladder, bowel and saddle sensation changed, as findings: new, subacute, named, surveyed, denied, accounted for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from cards.guidance import continence, symptoms, workup
from cards.guidance.case import Case
from cards.guidance.continence import Age, Change, Feature
from cards.guidance.findings import Concept, Evidence, Finding, Found, Kind, Status
from cards.guidance.found import label, not_present

BLADDER_CONCEPTS = (
    Concept.URINARY_INCONTINENCE,
    Concept.URINARY_INCONTINENCE_OWN_MECHANISM,
    Concept.URINARY_RETENTION,
    Concept.URINARY_RETENTION_OWN_MECHANISM,
    Concept.POST_VOID_RESIDUAL,
    Concept.VOIDING_DIFFICULTY,
    Concept.URINARY_HESITANCY,
    Concept.NEUROGENIC_BLADDER,
)
BOWEL_CONCEPTS = (
    Concept.BOWEL_INCONTINENCE,
    Concept.BOWEL_INCONTINENCE_OWN_MECHANISM,
    Concept.NEUROGENIC_BOWEL,
    Concept.REDUCED_BOWEL_SENSATION,
    Concept.REDUCED_ANAL_TONE,
)
SADDLE_CONCEPTS = (Concept.SADDLE_NUMBNESS,)
CONTINENCE_CONCEPTS = (*BLADDER_CONCEPTS, *BOWEL_CONCEPTS, *SADDLE_CONCEPTS)

STRONG = {
    Finding.NEW_URINARY_INCONTINENCE: (continence.BLADDER_CONTROL,),
    Finding.NEW_RETENTION: (continence.RETENTION,),
    Finding.NEW_VOIDING_CHANGE: (continence.VOIDING, continence.HESITANCY, continence.NEUROGENIC_BLADDER),
    Finding.NEW_BOWEL_LOSS: (continence.BOWEL_CONTROL, continence.NEUROGENIC_BOWEL, continence.BOWEL_SENSATION, continence.ANAL_TONE),
    Finding.NEW_SADDLE_NUMBNESS: (continence.SADDLE,),
}
ALL_STRONG = tuple(feature for features in STRONG.values() for feature in features)
BACK_PAIN_FEATURES = tuple(feature for finding in (Finding.NEW_RETENTION, Finding.NEW_BOWEL_LOSS, Finding.NEW_SADDLE_NUMBNESS) for feature in STRONG[finding])
NAMED = (continence.BLADDER_OWN, continence.RETENTION_OWN, continence.BOWEL_OWN)
NEUROGENIC = (continence.NEUROGENIC_BLADDER, continence.NEUROGENIC_BOWEL)


def of_age(case: Case, age: Age, *features: Feature) -> list[Change]:
    return [found for feature in features if (found := continence.change(case, feature)).age is age]


def new_change(features: tuple[Feature, ...], case: Case) -> Found:
    firm = [feature for feature in features if not _accounted_for(case, feature)]
    return changed(case, features, of_age(case, Age.NEW, *firm))


def _accounted_for(case: Case, feature: Feature) -> bool:
    """Hesitancy beside a prostate condition, or a neurogenic bladder or bowel after its cause: a question, not an alarm."""
    if feature is continence.HESITANCY:
        return bool(workup.prostate_cause(case))
    day = continence.change(case, feature).day
    return feature in NEUROGENIC and day is not None and _had_cause(case, day)


def _had_cause(case: Case, day: date) -> bool:
    """A neurological cause before the change, or on its day when the change is an older one: a new one is not explained by its own day's record."""
    return symptoms.caused_before(case, day if not case.within(day, "explained_days") else day - timedelta(days=1))


def changed(case: Case, features: tuple[Feature, ...], changes: list[Change]) -> Found:
    evidence = tuple(fact for found in changes for fact in found.evidence)
    if not evidence:
        return not_present(case, tuple(concept for feature in features for concept in feature.lost))
    days = [found.day for found in changes]
    return Found(Status.PRESENT, evidence, label(evidence[0]), None if None in days else max(day for day in days if day))


def aged(age: Age, features: tuple[Feature, ...], case: Case) -> Found:
    return changed(case, features, of_age(case, age, *features))


def subacute(case: Case) -> Found:
    return aged(Age.SUBACUTE, tuple(feature for feature in ALL_STRONG if not _accounted_for(case, feature)), case)


def subacute_alongside(features: tuple[Feature, ...], anchors: Callable[[Case], tuple[Evidence, ...]], case: Case) -> Found:
    """Older changes that no neurological condition accounts for, beside an active problem or an observed symptom close enough in time."""
    near = [found for found in of_age(case, Age.SUBACUTE, *features) if not _explained_change(case, found) and _alongside(case, found, anchors(case))]
    return changed(case, features, near)


def _explained_change(case: Case, found: Change) -> bool:
    return found.day is not None and not case.within(found.day, "explained_days") and symptoms.caused_before(case, found.day)


def _alongside(case: Case, found: Change, anchors: tuple[Evidence, ...]) -> bool:
    days = {case.asserted_day(each) for each in found.evidence}
    theirs = {case.asserted_day(each) for each in anchors}
    near = any(abs((day - other).days) <= case.numbers["alongside_days"] for day in days for other in theirs)
    return near or any(each.record.kind is Kind.CONDITION for each in anchors)


def named_mechanism(case: Case) -> Found:
    neurogenic = [feature for feature in NEUROGENIC if _accounted_for(case, feature)]
    return changed(case, NAMED, [*of_age(case, Age.NEW, *NAMED), *of_age(case, Age.NEW, *neurogenic)])


def hesitancy_with_prostate_cause(case: Case) -> Found:
    found = changed(case, (continence.HESITANCY,), of_age(case, Age.NEW, continence.HESITANCY))
    cause = workup.prostate_cause(case)
    return Found(found.status, (*found.evidence, *cause), found.label) if found.present and cause else not_present(case, continence.HESITANCY.lost)


def new_sexual_dysfunction(case: Case) -> Found:
    dated = [found for found in of_age(case, Age.NEW, continence.SEXUAL) if found.day]
    return changed(case, (continence.SEXUAL,), dated)
