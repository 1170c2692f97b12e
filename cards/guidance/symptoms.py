"""Leg spasm, pain, numbness and tingling: current, new, on both sides, persistent, severe, worsening, and what they disturb."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from cards.guidance.case import DEAD_COURSES, Case
from cards.guidance.findings import Concept, Course, Evidence, Flag, Kind, Severity, Side

SPASM = (Concept.LEG_SPASM, Concept.UNSITED_SPASM)
SENSORY = (Concept.LEG_NUMBNESS, Concept.LEG_TINGLING)
WEAK = (Concept.LEG_WEAKNESS, Concept.FOOT_DROP, Concept.MUSCLE_POWER)
ROOT = (Concept.LUMBAR_RADICULOPATHY, Concept.LUMBAR_ROOT_COMPRESSION)
LEG_SYMPTOMS = (Concept.LEG_SPASM, Concept.RADICULAR_PAIN, *WEAK, *SENSORY, Concept.UNSITED_SPASM)
SEVERITY_RANK = {Severity.MILD: 1, Severity.MODERATE: 2, Severity.SEVERE: 3}


# --- current and new
def radicular(case: Case, *, red_flag: bool) -> tuple[Evidence, ...]:
    """Radicular pain, and radiculopathy while it is young enough to be a symptom."""
    young = [each for each in case.current(Concept.LUMBAR_RADICULOPATHY, red_flag=red_flag) if case.within(case.positive_day(each), "radiculopathy_days")]
    return (*case.current(Concept.RADICULAR_PAIN, red_flag=red_flag), *young)


def leg_symptoms(case: Case, *, red_flag: bool) -> tuple[Evidence, ...]:
    symptoms = (*case.current(*LEG_SYMPTOMS, red_flag=red_flag), *radicular(case, red_flag=red_flag))
    return tuple(dict.fromkeys(symptoms))


def leg_spasm(case: Case) -> tuple[Evidence, ...]:
    """Spasm for the general rules: one of unrecorded site counts only beside another leg symptom or a root diagnosis."""
    sited = case.current(Concept.LEG_SPASM, red_flag=False)
    others = [each for each in leg_symptoms(case, red_flag=False) if each.concept not in SPASM]
    if others or root_diagnosis(case):
        return (*sited, *case.current(Concept.UNSITED_SPASM, red_flag=False))
    return sited


def root_diagnosis(case: Case) -> tuple[Evidence, ...]:
    """An active lumbar root diagnosis; a structural one never goes stale."""
    return tuple(each for each in case.current(*ROOT, red_flag=True) if each.record.course not in DEAD_COURSES and not each.has(Flag.NO_VALUE))


def began_within(case: Case, facts: Iterable[Evidence], number: str) -> tuple[Evidence, ...]:
    """The facts whose concept, on that side, was first recorded at most so many days ago."""
    return tuple(each for each in facts if case.within(_first_day_on_side(case, each), number))


def _first_day_on_side(case: Case, evidence: Evidence) -> date | None:
    same = [each for each in case.positives(evidence.concept) if each.side == evidence.side or not each.side]
    return case.first_day(same)


def explained(case: Case, evidence: Evidence) -> bool:
    """An older finding that a neurological condition recorded no later accounts for, and that is not getting worse."""
    first = _first_day_on_side(case, evidence)
    if first is None or case.within(first, "explained_days") or evidence in worsening(case, (evidence,)):
        return False
    causes = case.positives(Concept.CHRONIC_NEUROLOGICAL_CAUSE)
    return any((day := case.positive_day(cause)) is not None and day <= first for cause in causes if not cause.has(Flag.SUSPECTED))


# --- sides
def on_both_sides(case: Case, facts: Iterable[Evidence]) -> tuple[tuple[Evidence, ...], date | None]:
    """The facts that together say both legs, and the day from which they do (None: not dated). Never from a side that has resolved."""
    held = [each for each in facts if each.record.course not in DEAD_COURSES]
    both, left, right = (tuple(each for each in held if each.side is side) for side in (Side.BOTH, Side.LEFT, Side.RIGHT))
    pair = (*left, *right) if left and right else ()
    days = [case.first_day(both)] if both else []
    if pair:
        days.append(_later(case.first_day(left), case.first_day(right)))
    return (*both, *pair), min((day for day in days if day), default=None)


def _later(one: date | None, other: date | None) -> date | None:
    return max(one, other) if one and other else None


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
    """Several records far enough apart, the latest recent, with no negative between."""
    if not current:
        return ()
    days = {each: day for each in _mentions(case, current[0].concept) if (day := case.positive_day(each)) is not None}
    latest = max(days.values(), default=None)
    if latest is None or not case.within(latest, "latest_days"):
        return ()
    denied = [day for each in case.negatives(current[0].concept) if (day := case.negative_day(each)) is not None and day < latest]
    kept = {each: day for each, day in days.items() if not denied or day > max(denied)}
    return tuple(kept) if (latest - min(kept.values())).days >= case.numbers["persistent_days"] else ()


def _mentions(case: Case, concept: Concept) -> list[Evidence]:
    doubtful = (Flag.SUSPECTED, Flag.NO_VALUE)
    facts = [each for each in case.positives(concept) if not any(map(each.has, doubtful))]
    return [each for each in facts if case.within(case.positive_day(each), "mention_days")]


def severe(case: Case, facts: Iterable[Evidence]) -> tuple[Evidence, ...]:
    pains = [each for each in case.current(Concept.LEG_PAIN_SCORE, red_flag=False) if each.reading and each.reading.value >= case.numbers["severe_pain"]]
    return (*(each for each in facts if each.severity is Severity.SEVERE), *pains)


def worsening(case: Case, facts: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """The facts recorded as worse, relapsed, or of a higher severity than before."""
    return tuple(
        each
        for each in facts
        if each.record.course is Course.RECURRED
        or each.has(Flag.WORSENING)
        or risen(case, _alike(case, each), _severity_rank, lambda now, then: now > then) == each
    )


def spasm_worsening(case: Case) -> tuple[Evidence, ...]:
    def hurts_more(now: float, then: float) -> bool:
        return now - then >= case.numbers["pain_rise"]

    def comes_oftener(now: float, then: float) -> bool:
        return now - then >= case.numbers["frequency_rise"] and now >= then * case.numbers["frequency_ratio"]

    pain = risen(case, case.positives(Concept.LEG_PAIN_SCORE), _value, hurts_more)
    frequency = risen(case, case.positives(Concept.CRAMP_FREQUENCY), _value, comes_oftener)
    return (*worsening(case, leg_spasm(case)), *(each for each in (pain, frequency) if each))


def risen(case: Case, facts: Iterable[Evidence], value: Callable[[Evidence], float | None], worse: Callable[[float, float], bool]) -> Evidence | None:
    """The latest fact, when it is current and worse than an earlier one at least a day and at most `rise_days` before it."""
    dated = sorted(((day, each) for each in facts if (day := case.positive_day(each)) and value(each) is not None), key=lambda pair: pair[0])
    if not dated or not case.within(dated[-1][0], "symptom_days"):
        return None
    latest, now = dated[-1]
    earlier = [value(each) for day, each in dated if 1 <= (latest - day).days <= case.numbers["rise_days"]]
    return now if any(worse(value(now) or 0.0, then) for then in earlier if then is not None) else None


def _alike(case: Case, evidence: Evidence) -> list[Evidence]:
    return [each for each in case.positives(evidence.concept) if each.side == evidence.side]


def _severity_rank(evidence: Evidence) -> float | None:
    return SEVERITY_RANK[evidence.severity] if evidence.severity else None


def _value(evidence: Evidence) -> float | None:
    return evidence.reading.value if evidence.reading else None


# --- what cramps disturb
def sleep_disturbed(case: Case) -> tuple[Evidence, ...]:
    nights = [each for each in case.positives(Concept.CRAMP_NIGHTS) if each.reading and each.reading.value >= case.numbers["nights_a_week"]]
    at_night = {each.record.encounter for each in leg_spasm(case) if each.has(Flag.SLEEP_RELATED)} - {""}
    broken = [each for each in case.positives(Concept.SLEEP_DISTURBANCE) if each.has(Flag.LEG_TIED) or each.record.encounter in at_night]
    return tuple(each for each in (*nights, *broken) if case.within(case.positive_day(each), "impact_days"))


def activity_limited(case: Case) -> tuple[Evidence, ...]:
    same_visit = {each.record.encounter for each in leg_symptoms(case, red_flag=False)} - {""}
    tied = [each for each in case.positives(Concept.ACTIVITY_LIMITATION) if each.has(Flag.LEG_TIED) or each.record.encounter in same_visit]
    return tuple(each for each in tied if case.within(case.positive_day(each), "impact_days"))
