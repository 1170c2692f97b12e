"""How bladder, bowel and saddle sensation changed: new, subacute, long-standing, later denied, only surveyed, or only suspected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import pairwise

from cards.guidance.case import Case, denials, per_case
from cards.guidance.findings import SEVERITY_RANK, Concept, Course, Evidence, Flag, Presence

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
    SUBACUTE = "no longer new, not long-standing"
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


@dataclass(frozen=True, slots=True, eq=False)
class Feature:
    """A bladder, bowel or saddle function, each there once: the concepts that show it lost, and those whose older records count as its history."""

    lost: tuple[Concept, ...]
    history: tuple[Concept, ...] = ()


BLADDER_CONTROL = Feature((Concept.URINARY_INCONTINENCE,))
RETENTION = Feature((Concept.URINARY_RETENTION, Concept.POST_VOID_RESIDUAL))
VOIDING = Feature((Concept.VOIDING_DIFFICULTY,))
HESITANCY = Feature((Concept.URINARY_HESITANCY,))
NEUROGENIC_BLADDER = Feature((Concept.NEUROGENIC_BLADDER,))
BOWEL_CONTROL = Feature((Concept.BOWEL_INCONTINENCE,))
NEUROGENIC_BOWEL = Feature((Concept.NEUROGENIC_BOWEL,))
BOWEL_SENSATION = Feature((Concept.REDUCED_BOWEL_SENSATION,))
ANAL_TONE = Feature((Concept.REDUCED_ANAL_TONE,))
SADDLE = Feature((Concept.SADDLE_NUMBNESS,))
BUTTOCK = Feature((Concept.BUTTOCK_NUMBNESS,))
SEXUAL = Feature((Concept.SEXUAL_DYSFUNCTION,))
BLADDER_OWN = Feature((Concept.URINARY_INCONTINENCE_OWN_MECHANISM,), (Concept.URINARY_INCONTINENCE,))
RETENTION_OWN = Feature((Concept.URINARY_RETENTION_OWN_MECHANISM,), (Concept.URINARY_RETENTION,))
BOWEL_OWN = Feature((Concept.BOWEL_INCONTINENCE_OWN_MECHANISM,), (Concept.BOWEL_INCONTINENCE,))


@per_case
def change(case: Case, feature: Feature) -> Change:
    """The course of one feature as of the case's day; a suspicion counts where nothing firmer is of today."""
    lost = _losses(case, feature.lost)
    if not lost:
        return Change(Age.NONE)
    firm = tuple(each for each in lost if not each.has(Flag.SUSPECTED))
    found = _firm(case, firm, feature) if firm else Change(Age.NONE)
    over = found.age is Age.LONG_STANDING and not any(case.holds(each) for each in firm)
    if not over and found.age not in {Age.NONE, Age.CLEARED}:
        return found
    suspected = _suspected(case, tuple(each for each in lost if each.has(Flag.SUSPECTED)))
    return found if suspected.age is Age.NONE else suspected


def _firm(case: Case, firm: tuple[Evidence, ...], feature: Feature) -> Change:
    worse = _deterioration(case, firm)
    if worse:
        return _unless_denied(case, worse, feature)
    earlier = tuple(each for each in _losses(case, feature.history) if not each.has(Flag.SUSPECTED))
    episode = _episode(case, firm + earlier, feature)
    if not any(each.concept in feature.lost for each in episode):
        return Change(Age.NONE)
    return _unless_denied(case, _unless_known(case, _aged(case, episode, feature)), feature)


@per_case
def last_assessed(case: Case, concepts: tuple[Concept, ...]) -> date | None:
    """The last day on which any of these was recorded as present or absent; None when never."""
    return max((_speaks_of(case, each) for each in case.facts(*concepts) if each.presence is not Presence.NOT_ASSESSED), default=None)


def assessed_since(case: Case, concepts: Iterable[Concept], day: date | None) -> tuple[Evidence, ...]:
    """Records, positive or negative, that speak of these concepts on or after `day` (any day when None)."""
    return tuple(each for each in case.facts(*concepts) if each.presence is not Presence.NOT_ASSESSED and (day is None or _speaks_of(case, each) >= day))


def _speaks_of(case: Case, evidence: Evidence) -> date:
    """The day a record speaks of; an assessment of the day it was made, though it looks back over the days before."""
    if evidence.score or evidence.presence is Presence.PRESENT:
        return case.asserted_day(evidence)
    return case.negative_day(evidence) or case.as_of


def _losses(case: Case, concepts: tuple[Concept, ...]) -> tuple[Evidence, ...]:
    """Positive facts; a post-void residual counts from the retention volume on, and below it says nothing."""
    if not case.uses_continence():
        concepts = tuple(each for each in concepts if each not in INCONTINENCE)
    return tuple(each for each in case.positives(*concepts) if each.concept is not Concept.POST_VOID_RESIDUAL or _retains(case, each))


def _retains(case: Case, evidence: Evidence) -> bool:
    return evidence.reading is not None and evidence.reading.value >= case.numbers["retention_ml"]


# --- deterioration
def _deterioration(case: Case, facts: tuple[Evidence, ...]) -> Change | None:
    """A recent worsening with what it is compared to: a worse grade or severity than before, a relapse, or words that say so."""
    pairs = [*_worse_grades(case, facts), *_worse_severities(case, facts), *_relapses(case, facts)]
    recent = [(day, pair) for pair in pairs if (day := _worsened_on(case, pair[0])) is None or case.within(day, "new_days")]
    if not recent:
        return None
    shown = tuple(dict.fromkeys(each for _, pair in recent for each in pair))
    return Change(Age.NEW, shown, max((day for day, _ in recent if day), default=None))


def _worsened_on(case: Case, evidence: Evidence) -> date | None:
    """The day the worsening was recorded. The onset of a problem is not the day it came back: a relapse recorded on no day is undated."""
    day = case.asserted_day(evidence)
    if case.positive_day(evidence) is None:
        return None
    undated = evidence.record.course is Course.RECURRED and evidence.record.recorded is None
    return None if undated and not case.within(day, "new_days") else day


def _worse_grades(case: Case, facts: tuple[Evidence, ...]) -> list[tuple[Evidence, ...]]:
    concepts = tuple(dict.fromkeys(each.concept for each in facts))
    dated = [each for each in case.facts(*concepts) if each.score and case.negative_day(each)]
    dated.sort(key=case.asserted_day)
    scales = dict.fromkeys(each.score.scale for each in dated if each.score)
    series = ([each for each in dated if each.score and each.score.scale == scale] for scale in scales)
    return [(later, earlier) for each in series for earlier, later in pairwise(each) if _steps(earlier, later) >= case.numbers["grade_step"]]


def _steps(earlier: Evidence, later: Evidence) -> int:
    if earlier.score is None or later.score is None or not earlier.score.comparable(later.score):
        return 0
    return later.score.grade - earlier.score.grade


def _worse_severities(case: Case, facts: tuple[Evidence, ...]) -> list[tuple[Evidence, ...]]:
    graded = sorted(
        ((SEVERITY_RANK[each.severity], each) for each in facts if each.severity and case.positive_day(each)), key=lambda pair: case.asserted_day(pair[1])
    )
    return [(later, earlier) for (less, earlier), (more, later) in pairwise(graded) if more > less and earlier.concept is later.concept]


def _relapses(case: Case, facts: tuple[Evidence, ...]) -> list[tuple[Evidence, ...]]:
    """A recurrence, or a worsening in the record's words, counted from the last day the record gives."""
    return [(each,) for each in facts if (each.record.course is Course.RECURRED or each.has(Flag.WORSENING)) and case.holds(each)]


# --- episodes
def _episode(case: Case, facts: tuple[Evidence, ...], feature: Feature) -> tuple[Evidence, ...]:
    """The facts since the last dated time the function was recorded as intact."""
    latest = max(case.positive_day(each) or case.as_of for each in facts)
    resets = [day for day in _intact_days(case, facts, feature) if day < latest]
    if not resets:
        return facts
    return tuple(each for each in facts if (case.positive_day(each) or case.as_of) > max(resets))


def _intact_days(case: Case, facts: tuple[Evidence, ...], feature: Feature) -> list[date]:
    """Days of explicit negatives, of residuals below retention, and of dated ends of earlier problems."""
    emptied = [case.negative_day(each) for each in _emptied(case, feature)]
    return [*denials(case, facts, feature.lost), *(day for day in (*emptied, *(case.recovered_day(each) for each in facts)) if day is not None)]


def _emptied(case: Case, feature: Feature) -> tuple[Evidence, ...]:
    """Residual volumes below retention: they end an episode of retention, and lower nothing."""
    residuals = case.positives(Concept.POST_VOID_RESIDUAL) if Concept.POST_VOID_RESIDUAL in feature.lost else ()
    return tuple(each for each in residuals if not _retains(case, each))


def _aged(case: Case, episode: tuple[Evidence, ...], feature: Feature) -> Change:
    shown = tuple(each for each in episode if each.concept in feature.lost)
    day = case.first_day(episode)
    if day is None:
        return _surveyed(case, Change(Age.NEW, shown), feature)
    if case.within(day, "new_days"):
        return _surveyed(case, Change(Age.NEW, shown, day), feature)
    if case.within(day, "long_standing_days"):
        return _surveyed(case, Change(Age.SUBACUTE, shown, day), feature)
    return Change(Age.LONG_STANDING, shown, day)


def _surveyed(case: Case, new: Change, feature: Feature) -> Change:
    """A score on a routine form is a complaint only after an earlier answer that was better; two scorings of one form are not compared."""
    scores = [each.score for each in new.evidence if each.score]
    if len(scores) < len(new.evidence):
        return new
    answered = [each for each in case.negatives(*feature.lost) if (day := case.negative_day(each)) is not None and day <= (new.day or case.as_of)]
    baseline = any(each.score is None or any(each.score.scale != score.scale or each.score.comparable(score) for score in scores) for each in answered)
    return new if baseline else replace(new, age=Age.SURVEY)


def _unless_denied(case: Case, found: Change, feature: Feature) -> Change:
    """A later dated negative lowers a new or subacute change while it is recent, and clears it after."""
    if found.age not in {Age.NEW, Age.SUBACUTE, Age.SURVEY}:
        return found
    days = _denied_days(case, found.evidence, feature)
    if not days:
        return found
    return replace(found, age=Age.DENIED if case.within(max(days), "denied_days") else Age.CLEARED)


def _denied_days(case: Case, facts: tuple[Evidence, ...], feature: Feature) -> list[date]:
    """The days after the last positive on which the function was recorded intact, and the day the last problem was over."""
    said = max(case.asserted_day(each) for each in facts)
    over = [] if any(case.holds(fact) for fact in facts) else [day for fact in facts if (day := case.over_since(fact)) is not None and day >= said]
    return [*over, *(day for day in denials(case, facts, feature.lost, of_all=True) if day > said)]


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
    current = tuple(each for each in facts if case.holds(each))
    day = case.first_day(current)
    recent = bool(current) and (day is None or case.within(day, "new_days"))
    return Change(Age.SUSPECTED, current, day) if recent else Change(Age.NONE)
