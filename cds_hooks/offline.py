"""Cards for a file, without a server: the same steps as a call, nothing sent and nothing audited."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from cds_hooks.chart.bundle import NotAChart, call_for
from cds_hooks.errors import Refusal
from cds_hooks.evaluation import Evaluation, Policy, evaluate, gather, refusal
from cds_hooks.protocol import read_call
from cds_hooks.services import HOOK
from cds_hooks.strict_json import decode


@dataclass(frozen=True, slots=True)
class Checked:
    """What one file came to: an evaluation, or one sentence about what is wrong with it."""

    name: str
    evaluation: Evaluation | None = None
    problem: str = ""

    def as_json(self) -> dict[str, Any]:
        if self.evaluation is None:
            return {"file": self.name, "problem": self.problem}
        verdicts = self.evaluation.decision.verdicts if self.evaluation.decision else ()
        return {
            "file": self.name,
            "outcome": str(self.evaluation.outcome),
            "cards": [card.on_the_wire() for card in self.evaluation.cards],
            "sources": {key: str(answer.state) for key, answer in self.evaluation.arrived.answers.items()},
            "rules": [{"rule": each.rule, "outcome": each.outcome, "reason": each.reason} for each in verdicts],
        }


def check_file(path: Path, now: datetime, policy: Policy, new_uuid: Callable[[], str]) -> Checked:
    try:
        body = path.read_bytes()
    except OSError:
        return Checked(str(path), problem="The file cannot be read.")
    try:
        call = read_call(_as_call(body, new_uuid), HOOK)
        evaluation = evaluate(gather(call.prefetch, call.patient_id, now.date()), call.patient_id, now, policy, new_uuid)
        missing = refusal(evaluation)
        if missing:
            raise missing
    except Refusal as wrong:
        return Checked(str(path), problem=f"{wrong.reason} {wrong.kind.remedy}")
    except NotAChart as wrong:
        return Checked(str(path), problem=str(wrong))
    return Checked(str(path), evaluation)


def _as_call(body: bytes, new_uuid: Callable[[], str]) -> bytes:
    """A Bundle becomes the call an EHR would have made; anything else is taken for a call."""
    document = decode(body, dict[str, Any])
    if document.get("resourceType") == "Bundle":
        return msgspec.json.encode(call_for(document, new_uuid()))
    if "resourceType" in document:
        raise NotAChart("The file holds a single FHIR resource; a Bundle or a CDS Hooks request is needed.")
    return body
