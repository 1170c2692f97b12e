"""Leg weakness: on both sides, severe, worsening, or without an earlier explanation."""

from __future__ import annotations

from cards.guidance.case import Case, per_case
from cards.guidance.findings import Concept, Evidence, Severity
from cards.guidance.symptoms import WEAK, began_within, explained, new_paraplegia, on_both_sides, risen, worsening


@per_case
def weak(case: Case, *, red_flag: bool) -> tuple[Evidence, ...]:
    """Current weakness; of several examinations of one muscle the latest counts."""
    facts = case.current(*WEAK, red_flag=red_flag)
    return (
        *began_within(case, new_paraplegia(case), "symptom_days"),
        *(each for each in facts if each.concept is not Concept.MUSCLE_POWER or _examinations(case)[_muscle(each)][-1] is each),
    )


def unexplained_weakness(case: Case) -> tuple[Evidence, ...]:
    facts = weak(case, red_flag=False)
    worse = getting_worse(case, facts)
    return tuple(each for each in facts if each in worse or not explained(case, each))


def both_legs_weak_urgent(case: Case) -> tuple[Evidence, ...]:
    """Weakness of both legs that is new, getting worse, or severe; an undated one is not yet urgent."""
    facts = weak(case, red_flag=True)
    both, days = on_both_sides(case, facts)
    urgent = (*getting_worse(case, facts), *(each for each in facts if is_severe(case, each) and _lately(case, each)))
    if both and (urgent or any(case.within(day, "new_leg_days") for day in days)):
        return (*both, *urgent)
    return ()


def severe_weakness(case: Case) -> tuple[Evidence, ...]:
    """Severe or worsening weakness of a leg, or undated weakness of both, that nothing earlier explains."""
    facts = weak(case, red_flag=True)
    both, days = on_both_sides(case, facts)
    severe = [each for each in facts if is_severe(case, each) and (case.positive_day(each) is None or _lately(case, each))]
    undated = both if None in days else ()
    worse = getting_worse(case, facts)
    return tuple(each for each in dict.fromkeys((*severe, *worse, *undated)) if each in worse or not explained(case, each))


def is_severe(case: Case, evidence: Evidence) -> bool:
    if evidence.concept is Concept.MUSCLE_POWER:
        return evidence.reading is not None and evidence.reading.value <= case.numbers["severe_power"]
    return evidence.concept in {Concept.FOOT_DROP, Concept.PARAPLEGIA} or evidence.severity is Severity.SEVERE


@per_case
def getting_worse(case: Case, facts: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    return (*worsening(case, facts), *(each for each in facts if _lost_power(case, each)))


def _lost_power(case: Case, evidence: Evidence) -> bool:
    if evidence.concept is not Concept.MUSCLE_POWER:
        return False
    return evidence in risen(case, _examinations(case)[_muscle(evidence)], _lost, lambda now, then: now - then >= case.numbers["power_drop"])[:1]


@per_case
def _examinations(case: Case) -> dict[tuple[str, str], list[Evidence]]:
    """Every power examination by muscle, the latest last."""
    by_muscle: dict[tuple[str, str], list[Evidence]] = {}
    for each in sorted(case.facts(Concept.MUSCLE_POWER), key=case.asserted_day):
        by_muscle.setdefault(_muscle(each), []).append(each)
    return by_muscle


def _lost(evidence: Evidence) -> float | None:
    """Power counted downwards, so that less power is more lost."""
    return -evidence.reading.value if evidence.reading else None


def _muscle(evidence: Evidence) -> tuple[str, str]:
    return evidence.side, evidence.record.label.casefold()


def _lately(case: Case, evidence: Evidence) -> bool:
    return case.within(case.positive_day(evidence), "weakness_days")
