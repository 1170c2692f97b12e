"""What the guidance is given: the evidence of one chart, the person, and how complete the data are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from cards.guidance.findings import Evidence, Interval


class Source(StrEnum):
    """How a resource type came. PARTLY: some of its searches came and others failed; INCOMPLETE: a search came without all its pages."""

    OBTAINED = "obtained"
    PARTLY = "obtained in part"
    INCOMPLETE = "incomplete"
    NOT_OBTAINED = "could not be obtained"


@dataclass(frozen=True, slots=True)
class Supplied:
    """What the client gave us to look at."""

    conditions: Source = Source.OBTAINED
    observations: Source = Source.OBTAINED
    orders: bool = False

    @property
    def complete(self) -> bool:
        return self.conditions is Source.OBTAINED and self.observations is Source.OBTAINED


@dataclass(frozen=True, slots=True)
class Person:
    """What is recorded of the patient. `deceased` when it is said outright, `died` when a date is given."""

    born: Interval | None = None
    deceased: bool = False
    died: Interval | None = None

    def has_died(self, as_of: date) -> bool:
        """A date of death that lies ahead is an error, not a death; one day is left for time zones."""
        return self.deceased or (self.died is not None and self.died.earliest <= as_of + timedelta(days=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Everything the guidance may look at, in the guidance's own words."""

    evidence: tuple[Evidence, ...] = ()
    person: Person = Person()
    supplied: Supplied = Supplied()
