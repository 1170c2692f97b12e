"""How bladder, bowel and saddle sensation changed: new, subacute, long-standing, later denied, only surveyed, or only suspected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import pairwise

from cards.guidance.case import DEAD_COURSES, Case, cancels
from cards.guidance.findings import Concept, Course, Evidence, Flag, Kind, Presence

INCONTINENCE = frozenset(
    {
        Concept.URINARY_INCONTINENCE,
        Concept.URINARY_INCONTINENCE_OWN_MECHANISM,
        Concept.BOWEL_INCONTINENCE,
        Concept.BOWEL_INCONTINENCE_OWN_MECHANISM,
    }
)


class Age(StrEnum):
    """What the chart says about when a change began."""

    NONE = "nothing recorded"
    NEW = "new"
    SUBACUTE = "15 to 90 days old, stable"
    LONG_STANDING = "long-standing, no worse grade recorded"
    DENIED = "later recorded absent"
    CLEARED = "recorded absent since"
    SURVEY = "survey item without an earlier answer"
    SUSPECTED = "suspected"
    KNOWN = "part of known cauda equina syndrome, unchanged"


@dataclass(frozen=True, slots=True)
class Change:
    """One feature's course: its age class, the facts that show it, and the day it began (None: timing not recorded)."""

    age: Age
    evidence: tuple[Evidence, ...] = ()
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Feature:
    """A bladder, bowel or saddle function: the concepts that show it lost, and those whose older records count as its history."""

    lost: tuple[Concept, ...]
    history: tuple[Concept, ...] = ()


BLADDER_CONTROL = Feature((Concept.URINARY_INCONTINENCE,))
RETENTION = Feature((Concept.URINARY_RETENTION, Concept.POST_VOID_RESIDUAL))
VOIDING = Feature((Concept.VOIDING_DIFFICULTY,))
HESITANCY = Feature((Concept.URINARY_HESITANCY,))
NEUROGENIC_BLADDER = Feature((Concept.NEUROGENIC_BLADDER,))
BOWEL_CONTROL = Feature((Concept.BOWEL_INCONTINENCE,))
NEUROGENIC_BOWEL = Feature((Concept.NEUROGENIC_BOWEL,))
ANAL_TONE = Feature((Concept.REDUCED_ANAL_TONE,))
SADDLE = Feature((Concept.SADDLE_NUMBNESS,))
BUTTOCK = Feature((Concept.BUTTOCK_NUMBNESS,))
SEXUAL = Feature((Concept.SEXUAL_DYSFUNCTION,))
BLADDER_OWN = Feature((Concept.URINARY_INCONTINENCE_OWN_MECHANISM,), (Concept.URINARY_INCONTINENCE,))
RETENTION_OWN = Feature((Concept.URINARY_RETENTION_OWN_MECHANISM,), (Concept.URINARY_RETENTION,))
BOWEL_OWN = Feature((Concept.BOWEL_INCONTINENCE_OWN_MECHANISM,), (Concept.BOWEL_INCONTINENCE,))


def change(case: Case, feature: Feature) -> Change:
    """The course of one feature as of the case's day."""
    lost = _losses(case, feature.lost)
    firm = tuple(each for each in lost if not each.has(Flag.SUSPECTED))
    if not firm:
        return _suspected(case, lost)
    worse = _deteriorations(case, firm)
    if worse:
        return _unless_denied(case, Change(Age.NEW, worse, max(map(case.asserted_day, worse))), feature)
    episode = _episode(case, firm + _losses(case, feature.history), feature)
    if not any(_says_when(case, each) for each in episode if each.concept in feature.lost):
        return Change(Age.NONE)
    return _unless_denied(case, _unless_known(case, _aged(case, episode, feature)), feature)


def assessed_since(case: Case, concepts: Iterable[Concept], day: date | None) -> tuple[Evidence, ...]:
    """Records, positive or negative, that speak of these concepts on or after `day` (any day when None)."""
    return tuple(each for each in case.facts(*concepts) if each.presence is not Presence.NOT_ASSESSED and _speaks_since(case, each, day))


def _speaks_since(case: Case, evidence: Evidence, day: date | None) -> bool:
    spoken = case.positive_day(evidence) if evidence.presence is Presence.PRESENT else case.negative_day(evidence)
    return day is None or (spoken is not None and spoken >= day)


def _losses(case: Case, concepts: tuple[Concept, ...]) -> tuple[Evidence, ...]:
    """Positive facts; a post-void residual counts from the retention volume on, and below it says nothing."""
    if not case.uses_continence():
        concepts = tuple(each for each in concepts if each not in INCONTINENCE)
    return tuple(each for each in case.positives(*concepts) if each.concept is not Concept.POST_VOID_RESIDUAL or _retains(case, each))


def _retains(case: Case, evidence: Evidence) -> bool:
    return evidence.reading is not None and evidence.reading.value >= case.numbers["retention_ml"]


def _holds(evidence: Evidence) -> bool:
    return evidence.record.course not in DEAD_COURSES


def _says_when(case: Case, evidence: Evidence) -> bool:
    """A problem that is no longer current says something only when the day it ended is known."""
    return _holds(evidence) or case.ended_day(evidence) is not None


# --- deterioration
def _deteriorations(case: Case, facts: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """Recent facts that are a dated worsening: a worse grade than the assessment before, a relapse, or words that say so."""
    worse = (*_worse_grades(case, facts), *(each for each in facts if _relapsed(each)))
    return tuple(each for each in dict.fromkeys(worse) if case.within(case.asserted_day(each), "new_days"))


def _worse_grades(case: Case, facts: tuple[Evidence, ...]) -> list[Evidence]:
    concepts = tuple(dict.fromkeys(each.concept for each in facts))
    dated = [each for each in case.facts(*concepts) if each.score and case.negative_day(each)]
    dated.sort(key=case.asserted_day)
    scales = dict.fromkeys(each.score.scale for each in dated if each.score)
    series = ([each for each in dated if each.score and each.score.scale == scale] for scale in scales)
    return [later for each in series for earlier, later in pairwise(each) if _steps(earlier, later) >= case.numbers["grade_step"]]


def _steps(earlier: Evidence, later: Evidence) -> int:
    if earlier.score is None or later.score is None or not earlier.score.comparable(later.score):
        return 0
    return later.score.grade - earlier.score.grade


def _relapsed(evidence: Evidence) -> bool:
    """A recurrence or a recorded worsening, dated by when it was recorded."""
    said = evidence.record.course is Course.RECURRED or evidence.has(Flag.WORSENING)
    return said and (evidence.record.recorded is not None or evidence.record.kind is not Kind.CONDITION)


# --- episodes
def _episode(case: Case, facts: tuple[Evidence, ...], feature: Feature) -> tuple[Evidence, ...]:
    """The facts since the last dated time the function was recorded as intact."""
    latest = max(case.positive_day(each) or case.as_of for each in facts)
    resets = [day for day in _intact_days(case, facts, feature) if day < latest]
    if not resets:
        return facts
    return tuple(each for each in facts if (case.positive_day(each) or case.as_of) > max(resets))


def _intact_days(case: Case, facts: tuple[Evidence, ...], feature: Feature) -> list[date]:
    """Days of explicit negatives, and of dated ends of earlier problems."""
    negatives = [case.negative_day(each) for each in _denials(case, facts, feature)]
    return [day for day in (*negatives, *(case.ended_day(each) for each in facts)) if day is not None]


def _denials(case: Case, facts: tuple[Evidence, ...], feature: Feature) -> tuple[Evidence, ...]:
    return tuple(each for each in case.negatives(*feature.lost) if any(cancels(each, fact) for fact in facts))


def _aged(case: Case, episode: tuple[Evidence, ...], feature: Feature) -> Change:
    shown = tuple(each for each in episode if each.concept in feature.lost) or episode
    day = case.first_day(episode)
    if day is None:
        return _surveyed(case, Change(Age.NEW, shown), feature)
    if case.within(day, "new_days"):
        return _surveyed(case, Change(Age.NEW, shown, day), feature)
    return Change(Age.SUBACUTE if case.within(day, "long_standing_days") else Age.LONG_STANDING, shown, day)


def _surveyed(case: Case, new: Change, feature: Feature) -> Change:
    """A score on a routine form is a complaint only when an earlier answer on the same form was better."""
    scores = [each.score for each in new.evidence if each.score]
    if len(scores) < len(new.evidence):
        return new
    answered = [each for each in case.negatives(*feature.lost) if (day := case.negative_day(each)) is not None and day <= (new.day or case.as_of)]
    baseline = any(each.score is None or any(each.score.comparable(score) for score in scores) for each in answered)
    return new if baseline else replace(new, age=Age.SURVEY)


def _unless_denied(case: Case, found: Change, feature: Feature) -> Change:
    """A later dated negative lowers a new or subacute change while it is recent, and clears it after."""
    if found.age not in {Age.NEW, Age.SUBACUTE, Age.SURVEY}:
        return found
    said = max(case.asserted_day(each) for each in found.evidence)
    denials = [day for day in _denied_days(case, found.evidence, feature) if day > said]
    if not denials:
        return found
    return replace(found, age=Age.DENIED if case.within(max(denials), "denied_days") else Age.CLEARED)


def _denied_days(case: Case, facts: tuple[Evidence, ...], feature: Feature) -> list[date]:
    ended = [] if any(_holds(fact) for fact in facts) else [case.ended_day(fact) for fact in facts]
    negatives = [case.negative_day(each) for each in case.negatives(*feature.lost) if all(cancels(each, fact) for fact in facts)]
    return [day for day in (*negatives, *ended) if day is not None]


def _unless_known(case: Case, found: Change) -> Change:
    """Part of confirmed cauda equina syndrome when it began no later; undated beside it, it is a question, not an alarm."""
    known = known_syndrome_day(case)
    if known is None or found.age not in {Age.NEW, Age.SUBACUTE, Age.SURVEY}:
        return found
    if found.day is None:
        return replace(found, age=Age.SUSPECTED)
    return replace(found, age=Age.KNOWN) if found.day <= known else found


def known_syndrome_day(case: Case) -> date | None:
    """The day cauda equina syndrome was first recorded as confirmed, when that is longer ago than a fresh record."""
    confirmed = [each for each in case.positives(Concept.CAUDA_EQUINA_SYNDROME) if each.has(Flag.CONFIRMED)]
    day = case.first_day(confirmed)
    return None if day is None or case.within(day, "known_syndrome_days") else day


def _suspected(case: Case, facts: tuple[Evidence, ...]) -> Change:
    current = tuple(each for each in facts if _holds(each))
    day = case.first_day(current)
    recent = bool(current) and (day is None or case.within(day, "new_days"))
    return Change(Age.SUSPECTED, current, day) if recent else Change(Age.NONE)
