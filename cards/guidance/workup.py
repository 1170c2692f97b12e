"""What is already under way or known: lumbar imaging after a change, cauda equina syndrome on record, pregnancy, a prostate cause."""

from __future__ import annotations

from datetime import date, timedelta

from cards.guidance.case import Case
from cards.guidance.findings import Concept, Course, Evidence, Flag


def imaging_since(case: Case, day: date | None) -> tuple[Evidence, ...]:
    """Lumbar MRI done, or ordered stat, asap or urgent, on or after `day`. A change without a day is covered by nothing."""
    if day is None:
        return ()
    return tuple(each for each in _imaging(case, Flag.COMPLETED, Flag.COVERING_ORDER) if _dated_since(case, each, day))


def earlier_imaging(case: Case, day: date | None) -> tuple[Evidence, ...]:
    """The last lumbar MRI done before `day`: it answers no later change."""
    done = [each for each in _imaging(case, Flag.COMPLETED) if day and (when := case.negative_day(each)) and when < day]
    return tuple(done[-1:])


def routine_order(case: Case) -> tuple[Evidence, ...]:
    """Any other active lumbar MRI order: it changes no urgency, but no second one is offered."""
    return tuple(each for each in case.positives(Concept.LUMBAR_MRI) if not {Flag.COMPLETED} & each.flags)


def ordered_scan(case: Case) -> tuple[Evidence, ...]:
    return tuple(each for each in case.positives(Concept.BLADDER_SCAN) if not {Flag.COMPLETED} & each.flags)


def suspected_syndrome(case: Case) -> tuple[Evidence, ...]:
    """Cauda equina syndrome recorded as unconfirmed, or confirmed only lately, with no lumbar MRI found for it."""
    current = [each for each in case.positives(Concept.CAUDA_EQUINA_SYNDROME) if case.holds(each)]
    doubted = tuple(each for each in current if each.has(Flag.UNCONFIRMED) or each.has(Flag.SUSPECTED))
    if doubted:
        return () if imaging_since(case, case.first_day(doubted)) else doubted
    first = case.first_day(current)
    again = any(each.record.course is Course.RECURRED and case.within(case.asserted_day(each), "known_syndrome_days") for each in current)
    lately = first is None or again or case.within(first, "known_syndrome_days")
    before = first - timedelta(days=case.numbers["known_syndrome_days"]) if first else None
    return tuple(current) if lately and not imaging_since(case, before) else ()


def is_pregnant(case: Case) -> tuple[Evidence, ...]:
    return tuple(each for each in case.positives(Concept.PREGNANCY) if case.holds(each) and not each.has(Flag.SUSPECTED))


def prostate_cause(case: Case) -> tuple[Evidence, ...]:
    return tuple(each for each in case.positives(Concept.PROSTATE_CAUSE) if not each.has(Flag.SUSPECTED))


def _imaging(case: Case, *states: Flag) -> tuple[Evidence, ...]:
    return tuple(each for each in case.positives(Concept.LUMBAR_MRI) if each.flags & set(states))


def _dated_since(case: Case, evidence: Evidence, day: date) -> bool:
    done = case.negative_day(evidence)  # the earliest day it may mean: it must not silence too much
    return done is not None and done >= day
