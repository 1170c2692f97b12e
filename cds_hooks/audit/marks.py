"""What an entry can be found by: the words of the search index, derived from the entry alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

Mark = tuple[str, str]
"""A name and a value."""

CLINICAL = frozenset({"call", "feedback", "refused", "unsent"})
"""Kinds of entry that tell what passed between the EHR and the service; the others tell how the service and its log were kept."""
SLOW_MS = (100, 250, 450, 1000)
PLAIN = ("client", "tenant", "hookInstance", "service", "outcome", "correlationId")
WHOSE = ("patient", "user", "encounter")
NOT_EVALUATED = "not evaluated"
LONGEST = 300
"""Characters of a value; longer ones are found by their beginning."""


def marks_of(entry: Mapping[str, Any]) -> set[Mark]:
    """Every name and value under which the entry is found."""
    found = {(name, value) for name, value in _all(entry) if value}
    return {(name, value[:LONGEST].replace("\0", "\N{REPLACEMENT CHARACTER}")) for name, value in found}


def _all(entry: Mapping[str, Any]) -> Iterator[Mark]:
    yield from ((name, _word(entry.get(name))) for name in PLAIN)
    yield from ((name, each) for name in WHOSE for each in whose(entry, name))
    yield from _kinds(_word(entry.get("kind")))
    yield from _times(_word(entry.get("recorded")))
    yield from (("slow", str(limit)) for limit in SLOW_MS if _number(entry.get("latencyMs")) >= limit)
    yield from _reviewing(entry)
    yield from _cards(entry)
    for each in _members(entry, "quieted"):
        yield "quieted", _word(each.get("rule"))
        yield "card", _word(each.get("card"))
    for answer in _members(entry, "feedback"):
        yield from _answer(answer, _word(entry.get("recorded")))


def _kinds(kind: str) -> Iterator[Mark]:
    yield "kind", kind
    yield "kind", "clinical" if kind in CLINICAL else "keeping"


def _times(recorded: str) -> Iterator[Mark]:
    """The day and the hour (UTC), from which a search learns between which sequences a time lies."""
    yield "day", recorded[:10]
    yield "hour", recorded[:13]


def _reviewing(entry: Mapping[str, Any]) -> Iterator[Mark]:
    reviewer = entry.get("reviewer")
    if isinstance(reviewer, Mapping):
        yield "reviewer", _word(reviewer.get("name"))
        yield from (("patient", each) for each in looked_at(entry))


def _cards(entry: Mapping[str, Any]) -> Iterator[Mark]:
    """The cards of a call, whether they were shown or kept back by silent mode; each rule also by its number alone, R03c as R03."""
    for card in (*_members(entry, "cards"), *_members(entry, "cardsWithheld")):
        yield "card", _word(card.get("uuid"))
        yield "indicator", _word(card.get("indicator"))
        yield "topic", _word(_within(card, "source", "topic", "code"))
    for rule in rules_shown(entry):
        yield "rule", rule
        yield "rule", rule[:3]
        if entry.get("cards"):
            yield "shown", " ".join((rule, _utc(_word(entry.get("recorded"))), f"{_number(entry.get('latencyMs')):.1f}", _word(entry.get("patient"))))


def whose(entry: Mapping[str, Any], name: str) -> list[str]:
    """The patients, users or encounters of an entry: of the call itself, or of the calls whose cards it answers."""
    said = [_word(entry.get(name)), *(_word(each.get(name)) for each in _members(entry, "feedback"))]
    return list(dict.fromkeys(filter(None, said)))


def looked_at(entry: Mapping[str, Any]) -> list[str]:
    """The patients whom an entry that a reviewer looked at is about."""
    about = entry.get("about")
    return [each for each in map(_word, about if isinstance(about, list) else [about]) if each]


def rules_shown(entry: Mapping[str, Any]) -> list[str]:
    """The rules whose cards the entry holds; R12 is the card that says that nothing could be judged."""
    shown = [_word(each.get("rule")) for each in _members(entry, "rules") if each.get("outcome") == "shown"]
    return shown or (["R12"] if entry.get("outcome") == NOT_EVALUATED and entry.get("cards") else [])


def _answer(answer: Mapping[str, Any], recorded: str) -> Iterator[Mark]:
    """What a clinician did with one card."""
    rule, outcome, reason = _word(answer.get("rule")), _word(answer.get("outcome")), _word(_within(answer, "reason", "code"))
    yield "card", _word(answer.get("card"))
    yield "indicator", _word(answer.get("indicator"))
    yield "answer", outcome
    yield "reason", reason
    yield from (("reason", _word(each.get("code"))) for each in _members(answer, "furtherReasons"))
    if rule:
        yield "rule", rule
        yield "rule", rule[:3]
        card = _word(answer.get("card"))
        yield "answered", " ".join((rule, _utc(recorded), card.replace(" ", "-"), outcome.replace(" ", "-"), reason))


def _utc(moment: str) -> str:
    """To the second, so that times can be compared as text."""
    try:
        return datetime.fromisoformat(moment).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    except (ValueError, OverflowError):
        return ""


def _members(entry: Mapping[str, Any], name: str) -> Iterable[Mapping[str, Any]]:
    listed = entry.get(name)
    return [each for each in listed if isinstance(each, Mapping)] if isinstance(listed, list) else []


def _within(value: Any, *path: str) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _word(value: Any) -> str:
    return value if isinstance(value, str) else str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
