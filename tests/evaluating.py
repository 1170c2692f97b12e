"""The pure path from a chart to its evaluation, as the service runs it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, time
from itertools import count
from typing import Any
from uuid import UUID

import msgspec
from charts import AS_OF, PATIENT, Chart

from cards.guidance.interpretations import numbers_in_force
from cds_hooks.chart.prefetch import answers
from cds_hooks.chart.reads import Completed
from cds_hooks.evaluation import Evaluation, Policy, chart_of, evaluate

NOW = datetime.combine(AS_OF, time(9), UTC)
CANONICAL = "https://example.org/pinched-nerve-cds"


def uuids():
    numbers = count(1)
    return lambda: str(UUID(int=next(numbers)))


def policy(**numbers: float) -> Policy:
    return Policy(numbers=numbers_in_force(numbers), canonical_base=CANONICAL)


def raw(prefetch: Mapping[str, Any]) -> dict[str, msgspec.Raw]:
    return {key: msgspec.Raw(json.dumps(value).encode()) for key, value in prefetch.items()}


def evaluated(chart: Chart | Mapping[str, Any], now: datetime = NOW, chosen: Policy | None = None, patient: str = PATIENT) -> Evaluation:
    prefetch = chart.prefetch() if isinstance(chart, Chart) else chart
    return evaluate(chart_of(Completed(answers(raw(prefetch))), patient, now.date()), patient, now, chosen or policy(), uuids())


def shown(evaluation: Evaluation) -> tuple[str, ...]:
    """The ids of the rules whose cards are shown, in order."""
    return tuple(each.rule.id for each in evaluation.decision.advice) if evaluation.decision else ()


def said(evaluation: Evaluation) -> str:
    return "\n".join(f"{card.summary}\n{card.detail}" for card in evaluation.cards)
