"""The shape of the specification: a chart in words, and the rules whose cards it must give."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from charts import Chart, Fact


@dataclass(frozen=True)
class Edge:
    """The same chart with one number moved across its border: `number` names the interpretation that decides."""

    number: str
    facts: tuple[Fact, ...]
    gives: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Row:
    """`gives`: the ids of the rules whose cards are shown, in order. `says`: words the cards must hold."""

    name: str
    facts: tuple[Fact, ...]
    gives: tuple[str, ...]
    edge: Edge | None = None
    says: tuple[str, ...] = ()
    sources: dict[str, str] = field(default_factory=dict)

    def chart(self) -> Chart:
        return Chart(self.facts, self.sources)


@dataclass(frozen=True)
class Section:
    title: str
    rows: tuple[Row, ...]


def row(name: str, facts: Iterable[Fact], *gives: str, edge: Edge | None = None, says: Iterable[str] = (), sources: dict[str, str] | None = None) -> Row:
    return Row(name, tuple(facts), gives, edge, tuple(says), sources or {})


def edge(number: str, facts: Iterable[Fact], *gives: str) -> Edge:
    return Edge(number, tuple(facts), gives)


def section(title: str, *rows: Row) -> Section:
    return Section(title, rows)
