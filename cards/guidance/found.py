"""Evidence becomes the answer to one finding: its state, its facts and the few words a summary uses."""

from __future__ import annotations

from datetime import date

from cards.guidance import labs
from cards.guidance.case import Case
from cards.guidance.findings import Concept, Evidence, Found, Presence, Status

COMPARED = {"<": "below ", "<=": "at most ", ">": "above ", ">=": "at least "}
"""A comparator in words: signs would be markup on a card."""


def as_found(case: Case, evidence: tuple[Evidence, ...], *concepts: Concept, say: str = "") -> Found:
    """Present when there is evidence; otherwise the state the chart gives these concepts. `say` replaces the label in summaries."""
    if not evidence:
        return not_present(case, concepts)
    words = say.format(label=label(evidence[0])) if say else label(evidence[0])
    return Found(Status.PRESENT, tuple(dict.fromkeys(evidence)), words)


def not_present(case: Case, concepts: tuple[Concept, ...]) -> Found:
    """Recorded absent, could not be assessed, or not recorded: told apart by what the records say."""
    facts = case.facts(*concepts)
    if not facts:
        return Found(Status.NOT_RECORDED)
    denied = tuple(each for each in facts if each.presence is Presence.ABSENT)
    if denied:
        return Found(Status.ABSENT, denied)
    unread = tuple(each for each in facts if each.presence is Presence.NOT_ASSESSED)
    return Found(Status.NOT_ASSESSABLE, unread) if unread else Found(Status.NOT_RECORDED)


def label(evidence: Evidence) -> str:
    """The few words a summary uses for one fact: ours, never the chart's; only numbers come from the chart."""
    reading = evidence.reading
    if reading and (evidence.concept in labs.UNITS or evidence.concept is Concept.POST_VOID_RESIDUAL):
        return f"{evidence.concept.value} {COMPARED.get(reading.comparator, '')}{reading.value:g} {reading.unit}"
    return "reduced leg muscle power" if evidence.concept is Concept.MUSCLE_POWER else evidence.concept.value


def days_ago(case: Case, day: date | None) -> str:
    if day is None:
        return "date not recorded"
    age = (case.as_of - day).days
    return "today" if age == 0 else "1 day ago" if age == 1 else f"{age} days ago"
