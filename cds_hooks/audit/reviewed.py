"""The entries that reviewing leaves: who looked at what, who took what away. Written before the page or the export leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cds_hooks.audit.record import Entry, kept


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Who looks. `by` says what vouches for the name: a token, a proxy, the sandbox, the command line."""

    name: str
    role: str
    by: str


def looked(reviewer: Reviewer, action: str, at: datetime, correlation_id: str, *, asked: Mapping[str, str] | None = None, before: int | None = None) -> Entry:
    """The entry of a search or of another page."""
    said = {"action": action, **({"asked": dict(asked)} if asked else {}), **({"before": before} if before else {})}
    return kept("review", at, correlation_id, {**who(reviewer), **said, "outcome": "shown"})


def viewed(reviewer: Reviewer, at: datetime, correlation_id: str, *, sequence: int, about: Sequence[str] = ()) -> Entry:
    """The entry of a look at one other entry. It tells about which patients that was, as the log tells it, so that who looked at a patient is found."""
    said = {"action": "view", "viewed": sequence, **({"about": about[0] if len(about) == 1 else list(about)} if about else {})}
    return kept("review", at, correlation_id, {**who(reviewer), **said, "outcome": "shown"})


def exported(reviewer: Reviewer, format: str, at: datetime, correlation_id: str, *, asked: Mapping[str, str], through: int) -> Entry:
    """The entry of an export. It ends at `through`, so that the same filter gives the same export again."""
    said = {"action": "export", "format": format, "asked": dict(asked), "through": through}
    return kept("export", at, correlation_id, {**who(reviewer), **said, "outcome": "exported"})


def who(reviewer: Reviewer) -> Entry:
    return {"reviewer": {"name": reviewer.name, "role": reviewer.role, "by": reviewer.by}}
