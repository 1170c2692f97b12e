"""What the guidance is given: the evidence of one chart, the person, and how complete the data are."""

from __future__ import annotations

from dataclasses import dataclass
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
    born: Interval | None = None
    deceased: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Everything the guidance may look at, in the guidance's own words."""

    evidence: tuple[Evidence, ...] = ()
    person: Person = Person()
    supplied: Supplied = Supplied()
