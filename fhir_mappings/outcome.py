"""What reading one resource came to: evidence, or the reason there is none."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cards.guidance.findings import Evidence


class Ignored(StrEnum):
    """Why a resource that we looked at says nothing. Counted in the audit; never proof of absence."""

    REFUTED = "refuted"
    ENTERED_IN_ERROR = "entered in error"
    CANCELLED = "cancelled"
    HISTORY = "history, not current"
    ABOUT_SOMEONE_ELSE = "about someone else"
    NOT_DONE = "not done or not ordered"
    UNREADABLE = "could not be read"
    PAST = "laboratory result too old to count"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`ignored` beside evidence: part of the resource said nothing we could read."""

    evidence: tuple[Evidence, ...] = ()
    ignored: Ignored | None = None
