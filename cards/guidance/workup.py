"""What is already under way or known: lumbar imaging after a change, cauda equina syndrome on record, pregnancy, a prostate cause."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from cards.guidance.case import Case
from cards.guidance.findings import Concept, Course, Evidence, Flag, Kind


def imaging_since(case: Case, day: date | None) -> tuple[Evidence, ...]:
    """Lumbar MRI done, or ordered stat, asap or urgent, on or after `day`. A change without a day is covered by nothing."""
    if day is None:
        return ()
    return tuple(each for each in _imaging(case, Flag.COMPLETED, Flag.COVERING_ORDER) if _dated_since(case, each, day))


def earlier_imaging(case: Case, day: date | None) -> tuple[Evidence, ...]:
    """The last lumbar MRI done before `day`: it answers no later change."""
    done = [each for each in _imaging(case, Flag.COMPLETED) if day and (when := case.negative_day(each)) and when < day]
    return tuple(done[-1:])


def standing_order(case: Case, concept: Concept, day: date | None) -> tuple[Evidence, ...]:
    """Active orders of `day` or later: no second one is offered. Where the change has no day, those of late."""
    since = day or case.as_of - timedelta(days=case.numbers["new_days"])
    return tuple(each for each in _orders(case, concept) if _dated_since(case, each, since))


def older_order(case: Case, concept: Concept, day: date | None) -> tuple[Evidence, ...]:
    """The last of the other active orders: who wrote it did not know of the change."""
    standing = standing_order(case, concept, day)
    return tuple(each for each in _orders(case, concept) if each not in standing)[-1:]


def _orders(case: Case, concept: Concept) -> tuple[Evidence, ...]:
    return tuple(each for each in case.positives(concept) if each.record.kind is Kind.ORDER and not each.has(Flag.COMPLETED))


def suspected_syndrome(case: Case) -> tuple[Evidence, ...]:
    """Cauda equina syndrome recorded as unconfirmed, or confirmed only lately, with no lumbar MRI found for it."""
    current = [each for each in case.positives(Concept.CAUDA_EQUINA_SYNDROME) if case.holds(each)]
    doubted = _doubted(current)
    if doubted:
        return () if imaging_since(case, case.first_day(doubted)) else doubted
    first = case.first_day(current)
    again = any(each.record.course is Course.RECURRED and case.within(case.asserted_day(each), "known_syndrome_days") for each in current)
    lately = first is None or again or case.within(first, "known_syndrome_days")
    before = first - timedelta(days=case.numbers["known_syndrome_days"]) if first else None
    return tuple(current) if lately and not imaging_since(case, before) else ()


def imaged_suspicion(case: Case) -> tuple[Evidence, ...]:
    """Cauda equina syndrome recorded as unconfirmed, for which lumbar imaging was done or ordered since."""
    doubted = _doubted(each for each in case.positives(Concept.CAUDA_EQUINA_SYNDROME) if case.holds(each))
    return doubted if doubted and imaging_since(case, case.first_day(doubted)) else ()


def _doubted(facts: Iterable[Evidence]) -> tuple[Evidence, ...]:
    return tuple(each for each in facts if each.has(Flag.UNCONFIRMED) or each.has(Flag.SUSPECTED))


def is_pregnant(case: Case) -> tuple[Evidence, ...]:
    return tuple(each for each in case.positives(Concept.PREGNANCY) if case.holds(each) and not each.has(Flag.SUSPECTED))


def prostate_cause(case: Case) -> tuple[Evidence, ...]:
    return tuple(each for each in case.positives(Concept.PROSTATE_CAUSE) if not each.has(Flag.SUSPECTED))


def _imaging(case: Case, *states: Flag) -> tuple[Evidence, ...]:
    return tuple(each for each in case.positives(Concept.LUMBAR_MRI) if each.flags & set(states))


def _dated_since(case: Case, evidence: Evidence, day: date) -> bool:
    done = case.negative_day(evidence)  # the earliest day it may mean: it must not silence too much
    return done is not None and done >= day
