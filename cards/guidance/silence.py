"""What a finding is when the chart records nothing that it looks at: found out by watching what it looks at in an empty chart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from cards.guidance.case import Case
from cards.guidance.chart import Chart, Supplied
from cards.guidance.findings import Concept, Evidence, Found
from cards.guidance.interpretations import Numbers

ANY_DAY = date(2000, 1, 1)
"""Where nothing is recorded, nothing depends on the day, the person or the numbers; a property test holds that against every chart."""


@dataclass(frozen=True, slots=True)
class Silence:
    """`found` is what comes of looking for `concepts`, and for nothing else, in vain."""

    concepts: frozenset[Concept]
    found: Found


@dataclass(frozen=True)
class _Watched(Case):
    """Remembers every concept that was asked for. Whoever finds none of them recorded goes the same way in any other chart without them."""

    asked: set[Concept] = field(default_factory=set)

    def facts(self, *concepts: Concept) -> tuple[Evidence, ...]:
        self.asked.update(concepts)
        return super().facts(*concepts)


def silence(derive: Callable[[Case], Found], supplied: Supplied) -> Silence:
    """What `derive` comes to in a chart that came as `supplied` says and records nothing of what it looks at."""
    case = _Watched(Chart(supplied=supplied), ANY_DAY, Numbers())
    found = derive(case)
    return Silence(frozenset(case.asked), found)
