"""What a clinician did with a card, as EHRs tell it: the specification's form and the dialects that are met."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import combinations
from typing import Any

import msgspec

from cds_hooks.errors import Refusal
from cds_hooks.quiet import SUGGESTION_ACCEPTED, Shown, quiets
from cds_hooks.strict_json import decode
from fhir_mappings.elements import items, mapping, string

MOST_ITEMS = 500
MAX_COMMENT = 1_000
"""Characters; what is beyond is cut off. Never trusted, only kept."""
MAX_TEXT = 256
MAX_REASONS = 10
MAX_SUGGESTIONS = 20
OUTCOMES = ("accepted", "overridden")
NOT_STATED = "not stated"
OVERRIDE_REASONS = "overrideReasons"
_UUID = re.compile(r"(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""Letters of either case are one to whoever reads it."""


class FeedbackBody(msgspec.Struct, frozen=True):
    """The body of a feedback call. Its items are read leniently, because EHRs differ."""

    feedback: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Reason:
    """The code of an override reason, ours or anybody's, and the system that says whose."""

    system: str
    code: str

    def as_said(self) -> dict[str, str]:
        return {name: value for name, value in (("system", self.system), ("code", self.code)) if value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """One answer to one card. `comment` holds all words that came with it, `unread` the members of which something could not be understood."""

    card: str
    outcome: str
    reasons: tuple[Reason, ...] = ()
    comment: str = ""
    suggestions: tuple[str, ...] = ()
    told_at: str = ""
    unread: tuple[str, ...] = ()

    def as_said(self) -> dict[str, Any]:
        first, *further = [each.as_said() for each in self.reasons] or [{}]
        said = {"reason": first, "furtherReasons": further, "comment": self.comment, "acceptedSuggestions": list(self.suggestions)}
        odd = {"outcomeTimestamp": self.told_at, "notUnderstood": list(self.unread)}
        return {"card": self.card, "outcome": self.outcome, **{name: value for name, value in (said | odd).items() if value}}

    def whys(self, canonical_base: str, offered: frozenset[str]) -> tuple[str, ...]:
        """The reasons in our own words, "" for one that is none of ours; an accepted suggestion that the card offered is one, and "accepted" alone is none."""
        ours = ("", f"{canonical_base}/CodeSystem/override-reason")
        said = tuple(each.code if each.system in ours and each.code != SUGGESTION_ACCEPTED else "" for each in self.reasons)
        if self.outcome == "accepted":
            return (SUGGESTION_ACCEPTED, *said) if len(self.made_up(offered)) < len(self.suggestions) else ()
        return said if self.outcome == "overridden" else ()

    def made_up(self, offered: frozenset[str]) -> list[str]:
        """The suggestions it names that the card did not offer."""
        return [each for each in self.suggestions if each.lower() not in offered]

    def given(self, shown: datetime, received: datetime) -> datetime:
        """When the clinician answered: as told, but not before the card was shown nor after we heard of it. EHRs may tell hours later."""
        try:
            told = datetime.fromisoformat(self.told_at)
        except ValueError:
            return received
        return max(shown, min(told if told.tzinfo else told.replace(tzinfo=UTC), received))


def read_feedback(body: bytes) -> tuple[Feedback, ...]:
    """The answers in `body`. Raises Refusal, which repeats nothing of it."""
    told = decode(body, FeedbackBody).feedback
    _refuse_doubled(body)
    if len(told) > MOST_ITEMS:
        raise Refusal("invalid-request", f"At most {MOST_ITEMS} answers are taken at once.")
    return tuple(map(_item, told))


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one answer: the card it is about, where we sent it, and since when and until when it keeps its like quiet."""

    feedback: Feedback
    shown: Shown | None = None
    of_another_client: bool = False
    repeated: bool = False
    reasons: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None

    @property
    def reason(self) -> str:
        """The first in our own words."""
        return next(iter(self.reasons), "")


def all_taken(told: Iterable[Feedback], known: Mapping[str, Shown], client: str, canonical_base: str, at: datetime) -> list[Taken]:
    """What becomes of each; of several answers to one card the first counts."""
    cards, takes = dict(known), []
    for each in told:
        take = taken(each, cards.get(each.card), client, canonical_base, at)
        if take.shown and take.until:
            cards[each.card] = replace(take.shown, quiet_until=take.until)
        takes.append(take)
    return takes


def taken(feedback: Feedback, shown: Shown | None, client: str, canonical_base: str, at: datetime) -> Taken:
    """Only the client that received a card can quiet it, once, only with reasons that are all understood and say somebody has seen to it."""
    if shown is None:
        return Taken(feedback)
    if shown.client != client:
        return Taken(feedback, of_another_client=True)
    reasons = feedback.whys(canonical_base, shown.offered)
    can_quiet = shown.evidence and not shown.quiet_until and OVERRIDE_REASONS not in feedback.unread
    managed = [quiets(shown.rule, shown.urgency, each) for each in reasons] if can_quiet else []
    quiet_for = min(filter(None, managed)) if managed and all(managed) else None
    bare = Taken(feedback, shown, repeated=shown.quiet_until is not None, reasons=reasons)
    since = feedback.given(shown.at, at)
    return replace(bare, since=since, until=since + quiet_for) if quiet_for and since + quiet_for > at else bare


def _item(said: Mapping[str, Any]) -> Feedback:
    card = string(said.get("card"))
    if not card:
        raise Refusal("invalid-request", "The member card of an answer is missing, empty or no text.")
    outcome = string(said.get("outcome")).lower()
    overrides = [*_listed(said.get("overrideReason")), *_listed(said.get("overrideReasons"))]
    reasons = list(dict.fromkeys(found for each in overrides if (found := _reason(each))))
    words = [*(one for each in overrides for one in _words(each)), string(said.get("userComment"))]
    accepted = [string(each) or string(mapping(each).get("id")) for each in _listed(said.get("acceptedSuggestions"))]
    odd = {
        OVERRIDE_REASONS: len(reasons) > MAX_REASONS or not all(map(_is_understood, overrides)) or _is_mixed(overrides),
        "acceptedSuggestions": len(accepted) > MAX_SUGGESTIONS or not all(accepted),
        "userComment": any(not isinstance(each.get("userComment", ""), str | None) for each in (said, *map(mapping, overrides))),
    }
    return Feedback(
        card=(card.lower() if _UUID.fullmatch(card) else card)[:MAX_TEXT],
        outcome=outcome if outcome in OUTCOMES else NOT_STATED,
        reasons=tuple(reasons[:MAX_REASONS]),
        comment="; ".join(dict.fromkeys(filter(None, words)))[:MAX_COMMENT],
        suggestions=tuple(each[:MAX_TEXT] for each in accepted if each)[:MAX_SUGGESTIONS],
        told_at=string(said.get("outcomeTimestamp"))[:40],
        unread=tuple(name for name, is_odd in odd.items() if is_odd),
    )


def _refuse_doubled(body: bytes) -> None:
    """Of a member that is given twice two readers may take two values."""

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        if len(read := dict(pairs)) < len(pairs):
            raise Refusal("malformed-json", "A member of an answer is given twice.")
        return read

    try:
        json.loads(body, object_pairs_hook=once)
    except ValueError:
        raise Refusal("malformed-json", "The body holds a number out of range.") from None


def _listed(value: object) -> list[object]:
    """What was sent, alone or in a list."""
    return value if isinstance(value, list) else [] if value is None else [value]


def _reason(override: object) -> Reason | None:
    """The code, wherever it stands: in the reason, in its first coding, or beside the comment."""
    reason = mapping(override).get("reason", override)
    coding = next(iter(items(mapping(reason).get("coding"))), mapping(reason))
    code = string(coding.get("code"))[:MAX_TEXT]
    return Reason(string(coding.get("system"))[:MAX_TEXT], code) if code else None


def _is_understood(override: object) -> bool:
    """Does it say anything, and one thing only? A coding of another system may say the same in other words; two codes of one system do not."""
    places = _places(override)
    if any(not isinstance(each.get("system", ""), str | None) for each in places):
        return False
    said = {(string(each.get("system")), string(each.get("code"))) for each in places if string(each.get("code"))}
    contradicts = any(one != other and (system == another or not (system and another)) for (system, one), (another, other) in combinations(said, 2))
    return not contradicts and bool(said or any(_words(override)))


def _places(override: object) -> list[Mapping[str, Any]]:
    """Wherever a code may stand."""
    reason = mapping(override).get("reason", override)
    return [*items(mapping(reason).get("coding")), mapping(reason), *items(mapping(override).get("coding")), mapping(override)]


def _is_mixed(overrides: list[object]) -> bool:
    """Reasons by their codes, and one beside them in words alone: what that says is not known."""
    uncoded = [each for each in overrides if not _reason(each)]
    return len(uncoded) < len(overrides) and any(_words(each)[0] for each in uncoded)


def _words(override: object) -> list[str]:
    """The comment; before it, of a reason without a code, what it says instead."""
    if isinstance(override, str):
        return [override.strip()]
    comment, reason = string(mapping(override).get("userComment")), mapping(override).get("reason")
    if _reason(override):
        return [comment]
    return [string(reason) or string(mapping(reason).get("text")) or string(mapping(reason).get("display")), comment]
