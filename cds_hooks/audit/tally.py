"""How each rule fared over time: how often its card was shown, what clinicians did with it, how long the calls took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cards.guidance.rules import NOT_EVALUATED, RULES
from cds_hooks.audit.database import Database
from cds_hooks.audit.search import tallied

RULE_IDS = (*(rule.id for rule in RULES), NOT_EVALUATED)
DAY = timedelta(days=1)
_FORM = "%Y-%m-%dT%H:%M:%S"


@dataclass(slots=True)
class Tally:
    """The cards of one rule shown in one stretch of time, and the answers to them.

    `repeats` were shown for a patient who had been shown the same within 24 hours before; `latencies` are in ms, of the calls that showed them.
    """

    shown: int = 0
    accepted: int = 0
    overridden: Counter[str] = field(default_factory=Counter)
    not_stated: int = 0
    repeats: int = 0
    latencies: list[float] = field(default_factory=list)

    @property
    def overrides(self) -> int:
        return self.overridden.total()

    @property
    def unanswered(self) -> int:
        """Cards without an answer so far. Nobody tells a service that a card was ignored."""
        return max(0, self.shown - self.accepted - self.overrides - self.not_stated)

    def latency(self, share: float) -> float:
        """The time within which that share of the calls was answered."""
        return sorted(self.latencies)[min(len(self.latencies) - 1, int(share * len(self.latencies)))] if self.latencies else 0.0

    def add(self, other: Tally) -> None:
        self.shown, self.accepted, self.not_stated = self.shown + other.shown, self.accepted + other.accepted, self.not_stated + other.not_stated
        self.overridden += other.overridden
        self.repeats += other.repeats
        self.latencies += other.latencies


def tallies(database: Database, rule: str, since: datetime, until: datetime, step: timedelta) -> dict[datetime, Tally]:
    """One rule from `since` to `until` in stretches of `step`; those in which nothing happened are there too."""
    found = {since + step * number: Tally() for number in range(-(-(until - since) // step))}
    starts = list(found)
    for at, milliseconds, repeated in _shown(database, rule, since, until):
        tally = found[starts[(at - since) // step]]
        tally.shown += 1
        tally.repeats += repeated
        tally.latencies.append(milliseconds)
    for at, outcome, reason in _answered(database, rule, since, until):
        tally = found[starts[(at - since) // step]]
        tally.accepted += outcome == "accepted"
        tally.not_stated += outcome not in {"accepted", "overridden"}
        if outcome == "overridden":
            tally.overridden[reason or "no reason given"] += 1
    return found


def total(stretches: Mapping[datetime, Tally]) -> Tally:
    whole = Tally()
    for each in stretches.values():
        whole.add(each)
    return whole


def _shown(database: Database, rule: str, since: datetime, until: datetime) -> Iterator[tuple[datetime, float, bool]]:
    """Each card: when it was shown, how long the call took, and whether the patient had it within the 24 hours before."""
    last: dict[str, datetime] = {}
    for value, _ in tallied(database, "shown", f"{rule} {(since - DAY).strftime(_FORM)}", f"{rule} {until.strftime(_FORM)}"):
        _, moment, milliseconds, patient = value.split(" ", 3)
        at = datetime.strptime(moment, _FORM).replace(tzinfo=UTC)
        before, last[patient] = last.get(patient), at
        if at >= since:
            yield at, float(milliseconds), bool(patient and before and at - before <= DAY)


def _answered(database: Database, rule: str, since: datetime, until: datetime) -> Iterable[tuple[datetime, str, str]]:
    """The answer to each card, the first where there were several, as for keeping its like quiet."""
    answers: dict[str, tuple[datetime, str, str]] = {}
    for value, _ in tallied(database, "answered", f"{rule} {since.strftime(_FORM)}", f"{rule} {until.strftime(_FORM)}"):
        _, moment, card, outcome, reason = value.split(" ", 4)
        answers.setdefault(card, (datetime.strptime(moment, _FORM).replace(tzinfo=UTC), outcome, reason))
    return answers.values()
