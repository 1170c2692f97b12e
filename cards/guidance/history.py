"""What changed in which rule and when, newest first, and when each was last held against its sources."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

FIRST_RULES = ("R01", "R02", "R03c", "R03w", "R04w", "R04i", "R05w", "R05i", "R06", "R07w", "R07i", "R08", "R09", "R10", "R11w", "R11i", "R12")


@dataclass(frozen=True, slots=True)
class Change:
    """One change of what is advised, by the version of the rule set that brought it."""

    version: str
    on: date
    rules: tuple[str, ...]
    what: str


CHANGES: tuple[Change, ...] = (Change("2026.11.0", date(2026, 11, 22), FIRST_RULES, "First rule set."),)
"""A new version gets its rows above; a row names every rule whose trigger, words, numbers or derivation changed."""


@dataclass(frozen=True, slots=True)
class Review:
    """The last time somebody held the rule against its sources, and when that is due again: a year later at most."""

    on: date
    by: str
    due: date


REVIEWED = Review(date(2026, 11, 22), "the authors; not yet by a clinician", date(2027, 11, 22))

REVIEWS: dict[str, Review] = dict.fromkeys(FIRST_RULES, REVIEWED)
