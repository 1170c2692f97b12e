"""The chart as of one day: which day a fact speaks of, how old it is, and which facts are current."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass, field
from datetime import date
from functools import wraps
from itertools import chain
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar

from cards.guidance.chart import Chart
from cards.guidance.findings import Concept, Course, Evidence, Flag, Interval, Kind, Presence, Side
from cards.guidance.interpretations import Numbers

P = ParamSpec("P")
T = TypeVar("T")
DEAD_COURSES = frozenset({Course.ENDED, Course.INACTIVE})


@dataclass(frozen=True)
class Case:
    """One chart, one day, one set of numbers. Nothing in it changes; `worked_out` only remembers what was asked before."""

    chart: Chart
    as_of: date
    numbers: Numbers
    _by_concept: dict[Concept, tuple[Evidence, ...]] = field(init=False, repr=False)
    worked_out: dict[Any, Any] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        grouped: dict[Concept, list[Evidence]] = {}
        for evidence in sorted(self.chart.evidence, key=_reading_order):
            grouped.setdefault(evidence.concept, []).append(evidence)
        object.__setattr__(self, "_by_concept", {concept: tuple(each) for concept, each in grouped.items()})

    # --- picking facts
    @property
    def recorded(self) -> Set[Concept]:
        """The concepts that any fact speaks of."""
        return self._by_concept.keys()

    def facts(self, *concepts: Concept) -> tuple[Evidence, ...]:
        recorded = [self._by_concept[each] for each in concepts if each in self._by_concept]
        return recorded[0] if len(recorded) == 1 else tuple(chain.from_iterable(recorded))

    def positives(self, *concepts: Concept) -> tuple[Evidence, ...]:
        return tuple([each for each in self.facts(*concepts) if each.presence is Presence.PRESENT])

    def negatives(self, *concepts: Concept) -> tuple[Evidence, ...]:
        return tuple([each for each in self.facts(*concepts) if each.presence is Presence.ABSENT])

    # --- days
    def positive_day(self, evidence: Evidence) -> date | None:
        """The latest day the fact may have begun: not after it was recorded, not after today. None when no date can be trusted."""
        record = evidence.record
        recorded = self._trusted(record.recorded)
        onset = self._trusted(record.onset)
        if onset is None:
            return recorded.latest if recorded and not self.is_ahead(record.onset) else None
        latest = min(onset.latest, self.as_of)
        return max(onset.earliest, min(latest, recorded.latest)) if recorded else latest

    def negative_day(self, evidence: Evidence) -> date | None:
        """The earliest day a negative may speak of."""
        span = self._trusted(evidence.record.onset) or self._trusted(evidence.record.recorded)
        return min(span.earliest, self.as_of) if span else None

    def ended_day(self, evidence: Evidence) -> date | None:
        """The earliest day the problem may have been over; None when no such day is recorded, or only one ahead of us."""
        span, onset = self._trusted(evidence.record.ended), self._trusted(evidence.record.onset)
        if span is None:
            return None
        # '2026' beside an onset in March: the end lies after that onset.
        return min(max(span.earliest, onset.earliest), span.latest) if onset else span.earliest

    def recovered_day(self, evidence: Evidence) -> date | None:
        """The day a problem that had lasted was over. One closed on the day it was opened is a visit's diagnosis: its end tells of no recovery."""
        began, ended = self._trusted(evidence.record.onset or evidence.record.recorded), self.ended_day(evidence)
        return ended if ended and not (began and began.latest >= ended) else None

    def over_since(self, evidence: Evidence) -> date | None:
        """The day a problem was over; without a date, the last day it was still recorded. None while it holds."""
        return None if self.holds(evidence) else self.ended_day(evidence) or self.asserted_day(evidence)

    def holds(self, evidence: Evidence) -> bool:
        """Is the problem still there, by its status and by a dated end? An end in the future has not come."""
        return evidence.record.course not in DEAD_COURSES and self.ended_day(evidence) is None

    def asserted_day(self, evidence: Evidence) -> date:
        """The last day on which the record still says so; an undated record says so today."""
        record = evidence.record
        days = [span.latest for each in (record.onset, record.recorded, record.until) if (span := self._trusted(each))]
        return max(days) if days and not self.is_ahead(record.until) else self.as_of

    def last_day(self, evidence: Evidence) -> date | None:
        """The last day an observation speaks of: the end of its span, today when that lies ahead, else its day."""
        if self.is_ahead(evidence.record.until):
            return self.as_of
        span = self._trusted(evidence.record.until)
        return span.latest if span else self.positive_day(evidence)

    def within(self, day: date | None, number: str) -> bool:
        """True when `day` is known and at most that many calendar days ago."""
        return day is not None and (self.as_of - day).days <= self.numbers[number]

    def is_ahead(self, span: Interval | None) -> bool:
        """Does it lie further in the future than clocks may differ? Then it is no date."""
        return span is not None and (span.earliest - self.as_of).days > self.numbers["clock_skew_days"]

    def _trusted(self, span: Interval | None) -> Interval | None:
        """A span that begins before birth or lies further in the future than clocks may differ is no date."""
        if span is None:
            return None
        born = self.chart.person.born
        if born and span.latest < born.earliest:
            return None
        if span.latest <= self.as_of:
            return span
        return None if self.is_ahead(span) else Interval(min(span.earliest, self.as_of), self.as_of)

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
        day = self.last_day(evidence)
        if day is None or evidence.concept is Concept.MUSCLE_POWER:  # full power of one muscle says nothing about another
            return False
        positive = Shape.of(evidence)
        return any(denied > day and cancels(shape, positive) for shape, denied in _last_denials(self, evidence.concept).items())

    def is_current(self, evidence: Evidence, *, red_flag: bool) -> bool:
        """Does a positive leg fact hold today? For red flags an active problem of any age does; the general rules want it recent."""
        if evidence.record.kind is not Kind.CONDITION:
            if evidence.has(Flag.NO_VALUE) and not red_flag:
                return False
            day = self.last_day(evidence)
            return (day is None or self.within(day, "symptom_days")) and not self.later_denied(evidence)
        if not self.holds(evidence):
            return red_flag and self.within(self.over_since(evidence), "resolved_days")
        return red_flag or self.is_recent(evidence)

    def is_recent(self, evidence: Evidence) -> bool:
        """By its onset, or because something recorded lately still speaks of it."""
        day = self.positive_day(evidence)
        return day is None or self.within(day, "problem_days") or self.within(_last_mention(self, evidence.concept, evidence.side), "mention_days")

    def current(self, *concepts: Concept, red_flag: bool) -> tuple[Evidence, ...]:
        return tuple(each for each in self.positives(*concepts) if not each.has(Flag.SUSPECTED) and self.is_current(each, red_flag=red_flag))

    def first_day(self, facts: Iterable[Evidence]) -> date | None:
        """The earliest day of the dated facts; None when none is dated."""
        return min((day for each in facts if (day := self.positive_day(each)) is not None), default=None)


def per_case(work: Callable[Concatenate[Case, P], T]) -> Callable[Concatenate[Case, P], T]:
    """Work that is done once for a case and the same arguments; nothing outlives the case."""

    @wraps(work)
    def remembered(case: Case, /, *args: P.args, **kwargs: P.kwargs) -> T:
        key = (work, args, tuple(kwargs.items())) if kwargs else (work, args)
        try:
            result: T = case.worked_out[key]
        except KeyError:
            result = case.worked_out[key] = work(case, *args, **kwargs)
        return result

    return remembered


class Shape(NamedTuple):
    """What decides whether a denial answers a fact: the concept, the side, and whether it was found in text."""

    concept: Concept
    side: Side
    from_text: bool

    @classmethod
    def of(cls, evidence: Evidence) -> Shape:
        return cls(evidence.concept, evidence.side, evidence.has(Flag.FROM_TEXT))


def cancels(negative: Shape, positive: Shape) -> bool:
    """A negative answers its own concept and side; one found in text answers only what was found in text."""
    if negative.concept is not positive.concept or (negative.from_text and not positive.from_text):
        return False
    return not negative.side or negative.side == positive.side


def denials(case: Case, facts: Iterable[Evidence], concepts: Iterable[Concept], *, of_all: bool = False) -> list[date]:
    """The dated days on which one of the facts (or all of them) was explicitly denied."""
    positives = {Shape.of(each) for each in facts}
    wanted = all if of_all else any
    answering = [each for each in case.negatives(*concepts) if wanted(cancels(Shape.of(each), positive) for positive in positives)]
    return [day for each in answering if (day := case.negative_day(each)) is not None]


@per_case
def _last_mention(case: Case, concept: Concept, side: Side) -> date | None:
    """The last day on which this symptom was recorded of that side, or without saying which."""
    same = [each for each in case.positives(concept) if not each.has(Flag.SUSPECTED) and (not side or each.side in {side, Side.BOTH, Side.UNSTATED})]
    return max(map(case.asserted_day, same), default=None)


@per_case
def _last_denials(case: Case, concept: Concept) -> dict[Shape, date]:
    found: dict[Shape, date] = {}
    for negative in case.negatives(concept):
        day, shape = case.negative_day(negative), Shape.of(negative)
        if day is not None:
            found[shape] = max(day, found.get(shape, day))
    return found


def _reading_order(evidence: Evidence) -> tuple[str, ...]:
    """A fixed order of the facts, so that the order of entries in a Bundle changes nothing."""
    record = evidence.record
    return (record.shown_date, record.kind, record.reference, record.words, evidence.concept, evidence.presence)
