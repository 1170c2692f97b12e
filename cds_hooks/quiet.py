"""Cards that were answered stay quiet for a while, for the same patient and the same evidence; evidence that is new or changed shows them again at once.

The reasons that quiet a card, and for how long, are the specification's defaults (clinical logic, section 2: expert default, no published threshold).
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

import msgspec

from cards.guidance.decide import Advice, Decision
from cards.guidance.findings import Evidence
from cards.guidance.rule import Urgency
from cards.guidance.rules import RULES

MANAGED = frozenset(
    {
        "examined-no-red-flag",
        "imaging-requested-or-done",
        "emergency-pathway-started",
        "long-standing-or-explained",
        "goals-of-care",
    }
)
"""Reasons that say somebody has seen to it. `already-treating` does so for electrolytes and dehydration only."""
MANAGED_FOR = MappingProxyType({"already-treating": ("R07",)})
SUGGESTION_ACCEPTED = "suggestion-accepted"
QUIET_FOR = MappingProxyType({Urgency.IMMEDIATE: timedelta(hours=24), Urgency.SOON: timedelta(days=7), Urgency.ROUTINE: timedelta(days=30)})
KEPT_FOR = timedelta(days=60)
"""A card that was shown longer ago can be answered, and quiets nothing any more."""


class Why(StrEnum):
    OVERRIDDEN = "overridden"
    SHOWN_BEFORE = "shown before to the same user"


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an answer counts: one FHIR server's patient, for one client and tenant (`holder`)."""

    holder: str
    server: str
    patient: str

    def digest(self) -> bytes:
        return hashlib.sha256(json.dumps([self.holder, self.server.rstrip("/"), self.patient]).encode()).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A card that was sent, and what was answered. `evidence` is a digest of each record's content, as often as it occurred.

    `sequence` is that of its call in the log, `answered_in` that of the answer. `whose` are patient, user and encounter as the call's entry has
    them, and `offered` the ids of the card's suggestions: both are looked up only for a card that is answered.
    """

    card: str
    client: str
    scope: bytes
    rule: str
    urgency: Urgency
    user: str
    evidence: Counter[str]
    at: datetime
    sequence: int = 0
    quiet_until: datetime | None = None
    reason: str = ""
    overridden_at: datetime | None = None
    answered_in: int = 0
    whose: Mapping[str, str] = field(default_factory=dict)
    offered: frozenset[str] = frozenset()

    @property
    def seal(self) -> str:
        """Of all that decides which cards an answer to this one keeps quiet. The answer's entry holds it, so that none of it can be changed later."""
        said = [self.card, self.client, self.scope.hex(), self.rule, str(self.urgency), sorted(self.evidence.items())]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Quieted:
    """Why a rule's card is not shown again, since when, until when, and by which card."""

    rule: str
    why: Why
    since: datetime
    until: datetime
    card: str
    reason: str = ""

    def as_said(self) -> dict[str, str]:
        said = {"rule": self.rule, "why": str(self.why), "reason": self.reason, "since": _iso(self.since), "until": _iso(self.until), "card": self.card}
        return {name: value for name, value in said.items() if value}


def quieted(decision: Decision, earlier: Iterable[Shown], user: str, info_days: int, now: datetime) -> dict[str, Quieted]:
    """By rule, the advice that `earlier` cards keep quiet now. A red flag, also one under work-up, is never quiet only because it was seen."""
    cards = sorted(earlier, key=lambda each: each.at)
    if not cards:
        return {}
    found = {}
    for advice in decision.advice:
        evidence = fingerprint(decision, advice)
        alike = [each for each in cards if each.rule == advice.rule.id and evidence <= each.evidence]
        days = 0 if advice.rule.red_flag else info_days
        longest = QUIET_FOR[advice.rule.urgency]
        kept = next(filter(None, (_overridden(each, longest, now) or _seen(each, user, days, now) for each in reversed(alike))), None)
        if kept:
            found[advice.rule.id] = kept
    return found


def _overridden(shown: Shown, longest: timedelta, now: datetime) -> Quieted | None:
    """Never for longer than any answer may keep a card quiet, whatever a clock that was wrong or a hand in the database wrote."""
    if shown.quiet_until is None or shown.overridden_at is None:
        return None
    until = min(shown.quiet_until, shown.overridden_at + longest)
    if not shown.overridden_at <= now < until:
        return None
    return Quieted(shown.rule, Why.OVERRIDDEN, shown.overridden_at, until, shown.card, shown.reason)


def _seen(shown: Shown, user: str, info_days: int, now: datetime) -> Quieted | None:
    """An information card is shown to one user once in `info_days`; warnings and critical cards always are."""
    until = shown.at + timedelta(days=info_days)
    if shown.urgency is not Urgency.ROUTINE or shown.user != user or not shown.at <= now < until:
        return None
    return Quieted(shown.rule, Why.SHOWN_BEFORE, shown.at, until, shown.card)


def quiets(rule: str, urgency: Urgency, reason: str) -> timedelta | None:
    """For how long feedback with this reason keeps a card of the rule quiet; None when it does not."""
    managed = reason in MANAGED or reason == SUGGESTION_ACCEPTED or rule.startswith(MANAGED_FOR.get(reason, ("-",)))
    return QUIET_FOR[urgency] if managed else None


def fingerprint(decision: Decision, advice: Advice) -> Counter[str]:
    """The content of every record that now bears on a rule of the same lane: a new or changed one among them makes another fingerprint."""
    wanted = {finding for rule in RULES if rule.lane is advice.rule.lane for finding in rule.when.needs()}
    present = [found for finding in wanted if (found := decision.findings[finding]).present]
    records = {each for found in present for each in found.evidence} | set(advice.evidence)
    return Counter(map(_content, records))


def _content(evidence: Evidence) -> str:
    """What the record says, whatever its id: servers give new ids to old records."""
    said = msgspec.to_builtins(evidence, order="deterministic", enc_hook=str)
    said["record"] = {name: value for name, value in said["record"].items() if name not in {"reference", "encounter"}}
    return hashlib.sha256(msgspec.json.encode(said, order="deterministic")).hexdigest()[:16]


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
