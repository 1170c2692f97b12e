"""Can a page show this entry? One that was tampered with may hold anything, and must not keep the others from being seen."""

from __future__ import annotations

from typing import Any

import msgspec

from cds_hooks.audit.search import Hit

Members = dict[str, Any]


class Card(msgspec.Struct):
    uuid: str = ""
    summary: str = ""
    detail: str = ""
    indicator: str = ""
    suggestions: list[Members] = []
    links: list[Members] = []


class Rule(msgspec.Struct):
    rule: str
    outcome: str
    reason: str = ""


class Finding(msgspec.Struct):
    finding: str
    status: str = ""
    records: list[Members] = []


class Quieted(msgspec.Struct):
    rule: str = ""
    reason: str = ""


class Reason(msgspec.Struct):
    code: str = ""


class Answer(msgspec.Struct):
    card: str = ""
    outcome: str = ""
    rule: str = ""
    indicator: str = ""
    reason: Reason | None = None
    furtherReasons: list[Reason] = []  # noqa: N815 - the entry's name
    call: int | None = None
    patient: str = ""
    user: str = ""
    comment: str = ""
    commentLength: int = 0  # noqa: N815 - the entry's name
    notOffered: list[str] = []  # noqa: N815 - the entry's name


class Reviewer(msgspec.Struct):
    name: str
    role: str = ""
    by: str = ""


class Entry(msgspec.Struct):
    """What the pages rely on; all else they show as it is."""

    sequence: int
    recorded: str
    kind: str
    latencyMs: float = 0.0  # noqa: N815 - the entry's name
    versions: Members = {}
    cards: list[Card] = []
    cardsWithheld: list[Card] = []  # noqa: N815 - the entry's name
    rules: list[Rule] = []
    findings: list[Finding] = []
    quieted: list[Quieted] = []
    feedback: list[Answer] = []
    reviewer: Reviewer | None = None
    asked: Members = {}
    about: str | list[str] = ""
    sources: dict[str, str] = {}
    sourceReasons: dict[str, str] = {}  # noqa: N815 - the entry's name
    keysRead: list[str] = []  # noqa: N815 - the entry's name
    recordsIgnored: Members = {}  # noqa: N815 - the entry's name


def legible(hit: Hit) -> Members:
    """The entry as it was written; where it is of another form, only its number and kind `unreadable`."""
    entry = hit.read()
    try:
        msgspec.convert(entry, Entry)
    except msgspec.ValidationError:
        return {"sequence": hit.sequence, "recorded": "", "kind": "unreadable", "outcome": "not of the form that the service writes"}
    return {**entry, "sequence": hit.sequence}
