"""Leg spasm, pain, numbness and tingling: current, new, on both sides, persistent, severe, worsening, and what they disturb."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from datetime import date

from cards.guidance.case import Case, denials, per_case
from cards.guidance.findings import SEVERITY_RANK, Concept, Course, Evidence, Flag, Kind, Severity, Side

SPASM = (Concept.LEG_SPASM, Concept.UNSITED_SPASM)
SENSORY = (Concept.LEG_NUMBNESS, Concept.LEG_TINGLING)
WEAK = (Concept.LEG_WEAKNESS, Concept.FOOT_DROP, Concept.MUSCLE_POWER)
ROOT = (Concept.LUMBAR_RADICULOPATHY, Concept.LUMBAR_ROOT_COMPRESSION, Concept.LUMBAR_STENOSIS)
LEG_SYMPTOMS = (Concept.LEG_SPASM, Concept.RADICULAR_PAIN, *WEAK, *SENSORY, Concept.UNSITED_SPASM)


# --- current and new
@per_case
def radicular(case: Case, *, red_flag: bool) -> tuple[Evidence, ...]:
    """Radicular pain, and radiculopathy while it is young enough to be a symptom."""
    young = [each for each in case.current(Concept.LUMBAR_RADICULOPATHY, red_flag=red_flag) if case.within(case.positive_day(each), "radiculopathy_days")]
    return (*case.current(Concept.RADICULAR_PAIN, red_flag=red_flag), *young)


@per_case
def leg_symptoms(case: Case, *, red_flag: bool) -> tuple[Evidence, ...]:
    symptoms = (*case.current(*LEG_SYMPTOMS, red_flag=red_flag), *radicular(case, red_flag=red_flag), *new_paraplegia(case))
    return tuple(dict.fromkeys(symptoms))


@per_case
def new_paraplegia(case: Case) -> tuple[Evidence, ...]:
    """Dated lately it is weakness of both legs; else a condition somebody lives with."""
    return tuple(each for each in case.current(Concept.PARAPLEGIA, red_flag=True) if case.within(case.positive_day(each), "symptom_days"))


@per_case
def leg_spasm(case: Case) -> tuple[Evidence, ...]:
    """Spasm for the general rules: one of unrecorded site counts only beside another leg symptom or a root diagnosis."""
    sited = case.current(Concept.LEG_SPASM, red_flag=False)
    others = [each for each in leg_symptoms(case, red_flag=False) if each.concept not in SPASM]
    if others or root_diagnosis(case):
        return (*sited, *case.current(Concept.UNSITED_SPASM, red_flag=False))
    return sited


@per_case
def root_diagnosis(case: Case) -> tuple[Evidence, ...]:
    """An active lumbar root diagnosis; a structural one never goes stale."""
    return tuple(each for each in case.current(*ROOT, red_flag=True) if case.holds(each) and not each.has(Flag.NO_VALUE))


def began_within(case: Case, facts: Iterable[Evidence], number: str) -> tuple[Evidence, ...]:
    """The facts whose present episode, on that side, began at most so many days ago."""
    return tuple(each for each in facts if case.within(began(case, each), number))


def began(case: Case, evidence: Evidence) -> date | None:
    """The first day of the episode this fact belongs to: back to the last time the symptom was over or denied. None when not dated."""
    return _began(case, evidence.concept, evidence.side, case.positive_day(evidence))


@per_case
def _began(case: Case, concept: Concept, side: Side, day: date | None) -> date | None:
    days, ends = _history(case, concept, side)
    over = bisect_left(ends, day) if day else 0
    first = bisect_right(days, ends[over - 1]) if over else 0
    return days[first] if first < len(days) else None


@per_case
def _history(case: Case, concept: Concept, side: Side) -> tuple[list[date], list[date]]:
    """The days on which a symptom of that side was recorded, and those on which it was over or explicitly denied; both in order."""
    # Only 'both' speaks of both; a record without a side may speak of either.
    covering = {Side.BOTH} if side is Side.BOTH else {side, Side.UNSTATED, Side.BOTH}
    same = [each for each in case.positives(concept) if not each.has(Flag.SUSPECTED) and each.side in covering]
    return sorted(day for each in same if (day := case.positive_day(each))), _ends(case, same)


def _ends(case: Case, facts: Iterable[Evidence]) -> list[date]:
    """The days, in order, on which one of these facts was over or explicitly denied."""
    facts = tuple(facts)
    over = [day for each in facts if (day := case.recovered_day(each))]
    return sorted([*over, *denials(case, facts, {each.concept for each in facts})])


def explained(case: Case, evidence: Evidence) -> bool:
    """An older finding that a neurological condition recorded no later accounts for, and that is not getting worse."""
    first = began(case, evidence)
    if first is None or case.within(first, "explained_days") or evidence in worsening(case, (evidence,)):
        return False
    return caused_before(case, first)


@per_case
def caused_before(case: Case, day: date) -> bool:
    """A long-term neurological condition recorded on or before `day`."""
    recorded = (each for each in case.positives(Concept.CHRONIC_NEUROLOGICAL_CAUSE, Concept.PARAPLEGIA) if not each.has(Flag.SUSPECTED))
    causes = (case.positive_day(each) for each in recorded if each not in new_paraplegia(case))
    return any(each is not None and each <= day for each in causes)


# --- sides
def on_both_sides(case: Case, facts: Iterable[Evidence]) -> tuple[tuple[Evidence, ...], tuple[date | None, ...]]:
    """The facts that together say both legs, and each day from which some of them do (None: not dated). Never from a side that is over or of long ago."""
    held = [each for each in facts if case.holds(each)]
    both = tuple(each for each in held if each.side is Side.BOTH or each.concept is Concept.PARAPLEGIA)
    left, right = (tuple(each for each in held if each.side is side and case.is_recent(each)) for side in (Side.LEFT, Side.RIGHT))
    alike = [_pair_day(case, left, right, concept) for concept in Concept if _has(left, concept) and _has(right, concept)]
    pairs = alike or ([_pair_day(case, left, right)] if left and right else [])
    told = (*both, *left, *right) if pairs else both
    return told, (*(began(case, each) for each in both), *pairs)


def _has(facts: tuple[Evidence, ...], concept: Concept) -> bool:
    return any(each.concept is concept for each in facts)


def _pair_day(case: Case, left: tuple[Evidence, ...], right: tuple[Evidence, ...], concept: Concept | None = None) -> date | None:
    """The day the second side joined the first; None when either is not dated."""
    firsts = [[began(case, each) for each in side if concept in {None, each.concept}] for side in (left, right)]
    days = [min((day for day in side if day), default=None) for side in firsts]
    return None if None in days else max(day for day in days if day)


# --- course
def persistent(case: Case, concept: Concept) -> tuple[Evidence, ...]:
    facts = case.current(concept, red_flag=False)
    lasting = tuple(each for each in facts if _lasts(case, each))
    return lasting or _spanning(case, facts)


def _lasts(case: Case, evidence: Evidence) -> bool:
    """One record that says so itself: an active problem old enough or undated, a chronic one, or a stated duration."""
    if evidence.has(Flag.CHRONIC) or (evidence.duration_days or 0) >= case.numbers["persistent_days"]:
        return True
    day = case.positive_day(evidence)
    return evidence.record.kind is Kind.CONDITION and (day is None or (case.as_of - day).days >= case.numbers["persistent_days"])


def _spanning(case: Case, current: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """Several records of one episode far enough apart, the latest recent."""
    if not current:
        return ()
    facts = _mentions(case, current[0].concept)
    latest = max((day for each in facts if (day := case.last_day(each)) is not None), default=None)
    if latest is None or not case.within(latest, "latest_days"):
        return ()
    over = max((day for day in _ends(case, facts) if day < latest), default=date.min)
    kept = tuple(each for each in facts if (case.positive_day(each) or latest) > over)
    first = case.first_day(kept)
    return kept if first and (latest - first).days >= case.numbers["persistent_days"] else ()


def _mentions(case: Case, concept: Concept) -> list[Evidence]:
    doubtful = (Flag.SUSPECTED, Flag.NO_VALUE)
    facts = [each for each in case.positives(concept) if not any(map(each.has, doubtful))]
    return [each for each in facts if case.within(case.last_day(each), "mention_days")]


def severe(case: Case, facts: Iterable[Evidence]) -> tuple[Evidence, ...]:
    pains = [each for each in _latest_pain(case) if each.reading and each.reading.value >= case.numbers["severe_pain"]]
    return (*(each for each in facts if each.severity is Severity.SEVERE), *pains)


def _latest_pain(case: Case) -> tuple[Evidence, ...]:
    """The newest current pain score of each side: an older one has been overtaken."""
    scores = sorted(case.current(Concept.LEG_PAIN_SCORE, red_flag=False), key=case.asserted_day)
    return tuple({each.side: each for each in scores}.values())


def worsening(case: Case, facts: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """The facts recorded as worse, relapsed, or of a higher severity than before."""
    return tuple(each for each in facts if each.record.course is Course.RECURRED or each.has(Flag.WORSENING) or _graded_worse(case, each))


def _graded_worse(case: Case, evidence: Evidence) -> bool:
    return evidence in _graver(case, evidence.concept, evidence.side)[:1]


@per_case
def _graver(case: Case, concept: Concept, side: Side) -> tuple[Evidence, ...]:
    alike = [each for each in case.positives(concept) if each.side == side]
    return risen(case, alike, _severity_rank, lambda now, then: now > then)


def spasm_worsening(case: Case) -> tuple[Evidence, ...]:
    """What is worse, and what it was before."""

    def hurts_more(now: float, then: float) -> bool:
        return now - then >= case.numbers["pain_rise"]

    def comes_oftener(now: float, then: float) -> bool:
        return now - then >= case.numbers["frequency_rise"] and now >= then * case.numbers["frequency_ratio"]

    spasms = leg_spasm(case)
    graver = [_graver(case, concept, side) for concept in dict.fromkeys(each.concept for each in spasms) for side in Side]
    pain = [risen(case, [each for each in case.positives(Concept.LEG_PAIN_SCORE) if each.side == side], _value, hurts_more) for side in Side]
    frequency = risen(case, case.positives(Concept.CRAMP_FREQUENCY), _value, comes_oftener)
    return (*worsening(case, spasms), *(each for pair in (*graver, *pain, frequency) for each in pair))


def risen(case: Case, facts: Iterable[Evidence], value: Callable[[Evidence], float | None], worse: Callable[[float, float], bool]) -> tuple[Evidence, ...]:
    """The latest fact and the earlier one it is worse than, at least a day and at most `rise_days` before it; nothing when it is not."""
    dated = sorted(((day, each) for each in facts if (day := case.positive_day(each)) and value(each) is not None), key=lambda pair: pair[0])
    if not dated or not case.within(dated[-1][0], "symptom_days"):
        return ()
    latest, now = dated[-1]
    earlier = [each for day, each in dated if 1 <= (latest - day).days <= case.numbers["rise_days"]]
    return next(((now, then) for then in earlier if worse(value(now) or 0.0, value(then) or 0.0)), ())


def _severity_rank(evidence: Evidence) -> float | None:
    return SEVERITY_RANK[evidence.severity] if evidence.severity else None


def _value(evidence: Evidence) -> float | None:
    return evidence.reading.value if evidence.reading else None


# --- what cramps disturb
def sleep_disturbed(case: Case) -> tuple[Evidence, ...]:
    counted = [each for each in case.facts(Concept.CRAMP_NIGHTS) if each.reading and case.positive_day(each)]
    counts = sorted(counted, key=case.asserted_day)[-1:]
    nights = [each for each in counts if each.reading and each.reading.value >= case.numbers["nights_a_week"]]
    at_night = {each.record.encounter for each in leg_spasm(case) if each.has(Flag.SLEEP_RELATED)} - {""}
    broken = [each for each in case.positives(Concept.SLEEP_DISTURBANCE) if each.has(Flag.LEG_TIED) or each.record.encounter in at_night]
    return _lately((*nights, *broken), case)


def activity_limited(case: Case) -> tuple[Evidence, ...]:
    same_visit = {each.record.encounter for each in leg_symptoms(case, red_flag=False)} - {""}
    return _lately([each for each in case.positives(Concept.ACTIVITY_LIMITATION) if each.has(Flag.LEG_TIED) or each.record.encounter in same_visit], case)


def _lately(facts: Iterable[Evidence], case: Case) -> tuple[Evidence, ...]:
    return tuple(each for each in facts if case.within(case.last_day(each), "impact_days") and case.holds(each) and not case.later_denied(each))
