"""What a clinician did with a card, as EHRs tell it: the specification's form and the dialects that are met."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import msgspec

from cds_hooks.errors import Refusal
from cds_hooks.quiet import SUGGESTION_ACCEPTED, Shown, quiets
from cds_hooks.strict_json import decode
from fhir_mappings.elements import NOTHING, Element, items, string

MOST_ITEMS = 500
MAX_COMMENT = 1_000
"""Characters; what is beyond is cut off. Never trusted, only kept."""
MAX_TEXT = 256
MAX_SUGGESTIONS = 20
OUTCOMES = ("accepted", "overridden")
NOT_STATED = "not stated"


class FeedbackBody(msgspec.Struct, frozen=True):
    """The body of a feedback call. Its items are read leniently, because EHRs differ."""

    feedback: list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """One answer to one card. `reason` is the code of an override reason, ours or anybody's; `system` is whose."""

    card: str
    outcome: str
    system: str = ""
    reason: str = ""
    comment: str = ""
    suggestions: tuple[str, ...] = ()
    told_at: str = ""

    def as_said(self) -> dict[str, Any]:
        reason = {name: value for name, value in (("system", self.system), ("code", self.reason)) if value}
        said = {"reason": reason, "comment": self.comment, "acceptedSuggestions": list(self.suggestions), "outcomeTimestamp": self.told_at}
        return {"card": self.card, "outcome": self.outcome, **{name: value for name, value in said.items() if value}}

    def why(self, canonical_base: str, offered: frozenset[str]) -> str:
        """The reason in our own words, as far as it is one of ours; an accepted suggestion that the card offered is one, and "accepted" alone is none."""
        if self.outcome == "accepted":
            return SUGGESTION_ACCEPTED if len(self.made_up(offered)) < len(self.suggestions) else ""
        ours = self.system in ("", f"{canonical_base}/CodeSystem/override-reason")
        return self.reason if ours and self.outcome == "overridden" else ""

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
    reason: str = ""
    since: datetime | None = None
    until: datetime | None = None


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
    """Only the client that received a card can quiet it, once, only with a reason that says somebody has seen to it, and only from then on."""
    if shown is None:
        return Taken(feedback)
    if shown.client != client:
        return Taken(feedback, of_another_client=True)
    reason = feedback.why(canonical_base, shown.offered)
    quiet_for = quiets(shown.rule, shown.urgency, reason) if shown.evidence and not shown.quiet_until else None
    bare = Taken(feedback, shown, repeated=shown.quiet_until is not None, reason=reason)
    since = feedback.given(shown.at, at)
    return replace(bare, since=since, until=since + quiet_for) if quiet_for and since + quiet_for > at else bare


def _item(said: Mapping[str, Any]) -> Feedback:
    card = string(said.get("card"))
    if not card:
        raise Refusal("invalid-request", "The member card of an answer is missing, empty or no text.")
    outcome = string(said.get("outcome")).lower()
    override = _first(said.get("overrideReason")) or _first(said.get("overrideReasons"))
    reason = _first(override.get("reason"))
    accepted = [string(each.get("id")) for each in items(said.get("acceptedSuggestions"))]
    return Feedback(
        card=card[:MAX_TEXT],
        outcome=outcome if outcome in OUTCOMES else NOT_STATED,
        system=string(reason.get("system"))[:MAX_TEXT],
        reason=string(reason.get("code"))[:MAX_TEXT],
        comment=string(override.get("userComment"))[:MAX_COMMENT],
        suggestions=tuple(each[:MAX_TEXT] for each in accepted if each)[:MAX_SUGGESTIONS],
        told_at=string(said.get("outcomeTimestamp"))[:40],
    )


def _first(value: object) -> Element:
    """An object, whether it was sent alone or in a list."""
    return next(iter(items(value)), NOTHING)
