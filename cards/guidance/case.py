"""The chart as of one day: which day a fact speaks of, how old it is, and which facts are current."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from cards.guidance.findings import Chart, Concept, Course, Evidence, Flag, Interval, Kind, Presence
from cards.guidance.interpretations import Numbers

DEAD_COURSES = frozenset({Course.ENDED, Course.INACTIVE})


@dataclass(frozen=True)
class Case:
    """One chart, one day, one set of numbers. Nothing in it changes."""

    chart: Chart
    as_of: date
    numbers: Numbers
    _by_concept: dict[Concept, tuple[Evidence, ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        grouped: dict[Concept, list[Evidence]] = {}
        for evidence in sorted(self.chart.evidence, key=_reading_order):
            grouped.setdefault(evidence.concept, []).append(evidence)
        object.__setattr__(self, "_by_concept", {concept: tuple(each) for concept, each in grouped.items()})

    # --- picking facts
    def facts(self, *concepts: Concept) -> tuple[Evidence, ...]:
        return tuple(evidence for concept in concepts for evidence in self._by_concept.get(concept, ()))

    def positives(self, *concepts: Concept) -> tuple[Evidence, ...]:
        return tuple(each for each in self.facts(*concepts) if each.presence is Presence.PRESENT)

    def negatives(self, *concepts: Concept) -> tuple[Evidence, ...]:
        return tuple(each for each in self.facts(*concepts) if each.presence is Presence.ABSENT)

    # --- days
    def positive_day(self, evidence: Evidence) -> date | None:
        """The latest day the fact may have begun: not after it was recorded, not after today. None when no date can be trusted."""
        record = evidence.record
        recorded = self._trusted(record.recorded)
        onset = self._trusted(record.onset)
        if onset is None:
            return min(recorded.latest, self.as_of) if recorded else None
        latest = min(onset.latest, self.as_of)
        return max(onset.earliest, min(latest, recorded.latest)) if recorded else latest

    def negative_day(self, evidence: Evidence) -> date | None:
        """The earliest day a negative may speak of."""
        span = self._trusted(evidence.record.onset) or self._trusted(evidence.record.recorded)
        return min(span.earliest, self.as_of) if span else None

    def ended_day(self, evidence: Evidence) -> date | None:
        span = self._trusted(evidence.record.ended)
        return min(span.earliest, self.as_of) if span else None

    def asserted_day(self, evidence: Evidence) -> date:
        """The last day on which the record still says so; an undated record says so today."""
        days = [span.latest for span in (self._trusted(evidence.record.onset), self._trusted(evidence.record.recorded)) if span]
        return min(max(days), self.as_of) if days else self.as_of

    def within(self, day: date | None, number: str) -> bool:
        """True when `day` is known and at most that many calendar days ago."""
        return day is not None and (self.as_of - day).days <= self.numbers[number]

    def _trusted(self, span: Interval | None) -> Interval | None:
        """A span that begins before birth or lies further in the future than clocks may differ is no date."""
        if span is None or (span.earliest - self.as_of).days > self.numbers["clock_skew_days"]:
            return None
        born = self.chart.person.born
        if born and span.latest < born.earliest:
            return None
        return Interval(min(span.earliest, self.as_of), min(span.latest, self.as_of))

    # --- who
    def years(self) -> int | None:
        """Completed years of age, the oldest the birth date allows; None when it is not recorded."""
        born = self.chart.person.born
        if born is None or born.earliest > self.as_of:
            return None
        day = born.earliest
        return self.as_of.year - day.year - ((self.as_of.month, self.as_of.day) < (day.month, day.day))

    def is_adult(self) -> bool:
        years = self.years()
        return years is None or years >= self.numbers["adult_years"]

    def uses_continence(self) -> bool:
        years = self.years()
        return years is None or years >= self.numbers["continence_years"]

    # --- what is current
    def later_denied(self, evidence: Evidence) -> bool:
        """An explicit negative about the same concept (and side) dated after this observation. Text cancels only text."""
        day = self.positive_day(evidence)
        if evidence.concept is Concept.MUSCLE_POWER:  # full power of one muscle says nothing about another
            return False
        return day is not None and any(
            (denied := self.negative_day(negative)) is not None and denied > day and cancels(negative, evidence)
            for negative in self.negatives(evidence.concept)
        )

    def is_current(self, evidence: Evidence, *, red_flag: bool) -> bool:
        """Does a positive leg fact hold today? For red flags an active problem of any age does; the general rules want it recent."""
        if evidence.record.kind is not Kind.CONDITION:
            if evidence.has(Flag.NO_VALUE) and not red_flag:
                return False
            day = self.positive_day(evidence)
            return (day is None or self.within(day, "symptom_days")) and not self.later_denied(evidence)
        if evidence.record.course in DEAD_COURSES:
            return red_flag and self.within(self.ended_day(evidence), "resolved_days")
        return red_flag or self._problem_is_recent(evidence)

    def _problem_is_recent(self, evidence: Evidence) -> bool:
        day = self.positive_day(evidence)
        return day is None or self.within(day, "problem_days") or self.within(self.asserted_day(evidence), "mention_days")

    def current(self, *concepts: Concept, red_flag: bool) -> tuple[Evidence, ...]:
        return tuple(each for each in self.positives(*concepts) if not each.has(Flag.SUSPECTED) and self.is_current(each, red_flag=red_flag))

    def first_day(self, facts: Iterable[Evidence]) -> date | None:
        """The earliest day of the dated facts; None when none is dated."""
        return min((day for each in facts if (day := self.positive_day(each)) is not None), default=None)


def cancels(negative: Evidence, positive: Evidence) -> bool:
    """A negative found in text answers only what was found in text, and one side never answers the other."""
    if negative.has(Flag.FROM_TEXT) and not positive.has(Flag.FROM_TEXT):
        return False
    return not negative.side or negative.side == positive.side


def _reading_order(evidence: Evidence) -> tuple[str, ...]:
    """A fixed order of the facts, so that the order of entries in a Bundle changes nothing."""
    record = evidence.record
    return (record.shown_date, record.kind, record.reference, record.words, evidence.concept, evidence.presence)
