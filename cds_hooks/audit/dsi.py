"""Clinicians' answers to cards, one a row: intervention, action, feedback, user, date and location, as 45 CFR 170.315(b)(11) wants them exported.

CDS Hooks feedback names neither user nor place: both are those of the call that showed the card, as the log has it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from cards.guidance.rules import NOT_EVALUATED, NOT_EVALUATED_NAME, RULES
from cards.render import OVERRIDE_REASONS
from cds_hooks.audit.search import Hit

Entry = Mapping[str, Any]
HEADINGS = (
    "intervention",
    "action",
    "feedback",
    "user",
    "date",
    "location",
    "rule",
    "ruleSet",
    "rulesHash",
    "summary",
    "indicator",
    "shown",
    "received",
    "reasonSystem",
    "reasonCode",
    "suggestions",
    "card",
    "answerEntry",
    "callEntry",
)
NAMES = {**{rule.id: rule.name for rule in RULES}, NOT_EVALUATED: NOT_EVALUATED_NAME}
REASONS = dict(OVERRIDE_REASONS)
NOT_OF_OUR_FORM = (AttributeError, KeyError, TypeError)
"""Raised by entries whose members are of other types than we write: tampered with, or of a later version."""


def rows(hits: Iterable[Hit], calls: Callable[[list[int]], Iterable[Hit]]) -> Iterator[list[str]]:
    """A row for each answer in entries of feedback; other entries give none. An answer that was tampered with out of shape keeps its number."""
    for hit in hits:
        entry = hit.read()
        if entry.get("kind") == "feedback":
            yield from _rows(entry, hit.sequence, calls)


def _rows(entry: Entry, sequence: int, calls: Callable[[list[int]], Iterable[Hit]]) -> Iterator[list[str]]:
    said = entry.get("feedback")
    answers: list[Any] = said if isinstance(said, list) else [None]
    for answer in answers:
        try:
            named = answer.get("call")
            call = next((each.read() for each in calls([named])), {}) if isinstance(named, int) else {}
            told = _told(entry, answer, call)
        except NOT_OF_OUR_FORM:
            told = {"action": "unreadable"}
        yield [str(told.get(name) or "") for name in HEADINGS[:-2]] + [str(sequence), str(told.get("callEntry") or "")]


def _told(entry: Entry, answer: Entry, call: Entry) -> dict[str, Any]:
    """Of a card that is not known, or whose call was purged, there is no more than was said of it."""
    rule, reason, versions = answer.get("rule", ""), answer.get("reason") or {}, call.get("versions") or {}
    card: Entry = next((each for each in call.get("cards") or () if each.get("uuid") == answer["card"]), {})
    offered = {each.get("uuid"): each.get("label") for each in card.get("suggestions") or ()}
    codes = [str(each.get("code", "")) for each in (reason, *(answer.get("furtherReasons") or ()))]
    words = (", ".join(REASONS.get(each, each) for each in codes), answer.get("comment", ""))
    return {
        "intervention": " ".join(filter(None, (rule, NAMES.get(rule, "")))) or "not a card that is known",
        "action": answer["outcome"],
        "feedback": ": ".join(filter(None, words)),
        "user": call.get("user") or answer.get("user"),
        "date": answer.get("outcomeTimestamp") or entry.get("recorded"),
        "location": "; ".join(str(each) for each in (entry.get("client"), entry.get("tenant"), call.get("encounter") or answer.get("encounter")) if each),
        "rule": rule,
        "ruleSet": versions.get("rules"),
        "rulesHash": versions.get("rulesHash"),
        "summary": card.get("summary"),
        "indicator": card.get("indicator") or answer.get("indicator"),
        "shown": call.get("recorded"),
        "received": entry.get("recorded"),
        "reasonSystem": reason.get("system"),
        "reasonCode": "; ".join(filter(None, codes)),
        "suggestions": "; ".join(offered.get(each) or each for each in answer.get("acceptedSuggestions") or ()),
        "card": answer["card"],
        "callEntry": answer.get("call"),
    }
