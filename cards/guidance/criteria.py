"""The small algebra a rule is written in: it decides by what it can explain, lists what it needs and prints itself. There is no negation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Protocol

from cards.guidance.findings import Evidence, Finding, Found

Look = Callable[[Finding], Found]
"""How a criterion asks the chart about one finding."""


class Criterion(Protocol):
    def because(self, look: Look) -> tuple[Found, ...]:
        """The findings that meet it; none when it is not met."""

    def needs(self) -> tuple[Finding, ...]: ...


@dataclass(frozen=True, slots=True)
class Has:
    finding: Finding

    def because(self, look: Look) -> tuple[Found, ...]:
        found = look(self.finding)
        return (found,) if found.present else ()

    def needs(self) -> tuple[Finding, ...]:
        return (self.finding,)

    def __str__(self) -> str:
        return self.finding.value


@dataclass(frozen=True, slots=True)
class AllOf:
    parts: tuple[Criterion, ...]
    _needs: tuple[Finding, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_needs", _needs(self.parts))

    def because(self, look: Look) -> tuple[Found, ...]:
        parts = [part.because(look) for part in self.parts]
        return tuple(chain.from_iterable(parts)) if all(parts) else ()

    def needs(self) -> tuple[Finding, ...]:
        return self._needs

    def __str__(self) -> str:
        return " and ".join(f"({part})" if isinstance(part, AnyOf) else str(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple[Criterion, ...]
    _needs: tuple[Finding, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_needs", _needs(self.parts))

    def because(self, look: Look) -> tuple[Found, ...]:
        return tuple(chain.from_iterable([part.because(look) for part in self.parts]))

    def needs(self) -> tuple[Finding, ...]:
        return self._needs

    def __str__(self) -> str:
        return " or ".join(f"({part})" if isinstance(part, AllOf) else str(part) for part in self.parts)


def all_of(*parts: Criterion | Finding) -> Criterion:
    return AllOf(_criteria(parts))


def any_of(*parts: Criterion | Finding) -> Criterion:
    return AnyOf(_criteria(parts))


def has(finding: Finding) -> Criterion:
    return Has(finding)


def outline(criterion: Criterion, depth: int = 0) -> Iterator[tuple[int, str]]:
    """The criterion read aloud, one condition a line, each with how deep it stands."""
    if isinstance(criterion, AnyOf | AllOf):
        yield depth, "any of" if isinstance(criterion, AnyOf) else "all of"
        for part in criterion.parts:
            yield from outline(part, depth + 1)
    else:
        yield depth, str(criterion)


def facts(found: tuple[Found, ...]) -> tuple[Evidence, ...]:
    """The evidence of several findings, each fact once, in order."""
    return tuple(dict.fromkeys(evidence for each in found for evidence in each.evidence))


def _criteria(parts: tuple[Criterion | Finding, ...]) -> tuple[Criterion, ...]:
    return tuple(Has(part) if isinstance(part, Finding) else part for part in parts)


def _needs(parts: tuple[Criterion, ...]) -> tuple[Finding, ...]:
    return tuple(dict.fromkeys(finding for part in parts for finding in part.needs()))
