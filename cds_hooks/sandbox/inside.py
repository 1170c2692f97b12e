"""The page as a caller: its calls and its feedback take the way of any other, through the rules and into the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cds_hooks.endpoints import Service
from cds_hooks.errors import Refusal, operation_outcome
from cds_hooks.evaluation import Evaluation
from cds_hooks.sandbox.given import Call
from cds_hooks.wire import encode


@dataclass(frozen=True, slots=True)
class Inside:
    """A call that the page itself makes: nobody in particular, and its body is there."""

    ready: bytes

    async def caller(self) -> None:
        return None

    async def body(self) -> bytes:
        return self.ready

    def leave(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A call and what came back: the evaluation, or the refusal. `took` in ms, the audit entry included."""

    call: Call
    status: int
    response: Mapping[str, Any]
    took: float
    correlation: str
    evaluation: Evaluation | None = None


async def open_chart(service: Service, call: Call, correlation: str) -> Answered:
    begun = service.seconds()
    evaluation, status = None, 200
    try:
        evaluation = await service.answer(Inside(encode(call)), correlation, lambda found: found)
        response: Mapping[str, Any] = {"cards": [card.on_the_wire() for card in evaluation.cards]}
    except Refusal as refused:
        status, response = refused.kind.status, operation_outcome(refused, correlation, service.policy.canonical_base)
    return Answered(call=call, status=status, response=response, took=(service.seconds() - begun) * 1000, correlation=correlation, evaluation=evaluation)


def accepted(card: str, suggestion: str, at: datetime) -> Mapping[str, Any]:
    """Feedback as CDS Hooks 2.0.1 has it: a suggestion was taken."""
    return _feedback({"card": card, "outcome": "accepted", "acceptedSuggestions": [{"id": suggestion}]}, at)


def dismissed(card: str, reason: Mapping[str, str] | None, comment: str, at: datetime) -> Mapping[str, Any]:
    """Feedback that a card was overridden, with the reason and the comment where they were given."""
    why = {**({"reason": dict(reason)} if reason else {}), **({"userComment": comment} if comment else {})}
    return _feedback({"card": card, "outcome": "overridden", **({"overrideReason": why} if why else {})}, at)


def _feedback(said: Mapping[str, Any], at: datetime) -> Mapping[str, Any]:
    return {"feedback": [{**said, "outcomeTimestamp": at.isoformat(timespec="seconds")}]}
