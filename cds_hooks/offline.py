"""Cards for a file or for a patient of any FHIR server: the same steps as a call, nothing answered to anybody and nothing audited."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from cds_hooks.audit import record
from cds_hooks.chart.access import Access, Token
from cds_hooks.chart.bundle import NotAChart, call_for
from cds_hooks.chart.prefetch import answers
from cds_hooks.chart.reads import Completed, Seen
from cds_hooks.chart.servers import NotAServer, Reach, server, shown
from cds_hooks.chart.visiting import visit
from cds_hooks.errors import Refusal
from cds_hooks.evaluation import Evaluation, Policy, chart_of, evaluate, refusal
from cds_hooks.protocol import bare_id, read_call
from cds_hooks.services import HOOK
from cds_hooks.strict_json import decode


@dataclass(frozen=True, slots=True)
class Checked:
    """What one file or patient came to: an evaluation, one sentence where something is wrong, and one where it is worth knowing."""

    name: str
    evaluation: Evaluation | None = None
    problem: str = ""
    remark: str = ""

    def as_json(self) -> dict[str, Any]:
        if self.evaluation is None:
            return {"file": self.name, "problem": self.problem}
        verdicts = self.evaluation.decision.verdicts if self.evaluation.decision else ()
        reading = self.evaluation.arrived.reading
        return {
            "file": self.name,
            "outcome": str(self.evaluation.outcome),
            "cards": [card.on_the_wire() for card in self.evaluation.cards],
            "sources": {key: str(answer.state) for key, answer in self.evaluation.arrived.answers.items()},
            "sourceReasons": {key: answer.reason for key, answer in self.evaluation.arrived.answers.items() if answer.reason},
            "facts": [record.fact(each) for each in reading.evidence],
            "recordsIgnored": {str(reason): count for reason, count in reading.ignored.items()},
            "recordsOutsideVocabulary": reading.unmapped,
            **({"problem": self.problem} if self.problem else {}),
            **({"remark": self.remark} if self.remark else {}),
            "rules": [{"rule": each.rule, "outcome": each.outcome, "reason": each.reason} for each in verdicts],
        }


def check_file(path: Path, now: datetime, policy: Policy, new_uuid: Callable[[], str]) -> Checked:
    try:
        body = path.read_bytes()
    except OSError as wrong:
        return Checked(str(path), problem=f"The file cannot be read: {(wrong.strerror or 'unknown error').lower()}.")
    try:
        call = read_call(_as_call(body, new_uuid), HOOK)
        chart = chart_of(Completed(answers(call.prefetch)), call.patient_id, now.date())
        evaluation = evaluate(chart, call.patient_id, now, policy, new_uuid)
        missing = refusal(evaluation)
        if missing:
            raise missing
    except Refusal as wrong:
        if wrong.code == "malformed-json":
            return Checked(str(path), problem="The file is not valid JSON in UTF-8; a FHIR Bundle or a CDS Hooks request is needed.")
        return Checked(str(path), problem=f"{wrong.reason} {wrong.kind.remedy}")
    except NotAChart as wrong:
        return Checked(str(path), problem=str(wrong))
    return Checked(str(path), evaluation)


def check_server(url: str, patient_id: str, token: Token | None, now: datetime, policy: Policy, new_uuid: Callable[[], str], seen: Seen) -> Checked:
    """The cards for one patient of the FHIR server at `url`; `seen` is told of each key as it is read."""
    try:
        reach = Reach(anywhere=True)
        patient_id = bare_id(patient_id, "Patient")
        allowed = Access(server(url), reach, token)
        found = asyncio.run(visit(allowed, patient_id, now, seen))
        evaluation = evaluate(chart_of(found.came, patient_id, now.date()), patient_id, now, policy, new_uuid)
    except NotAServer as wrong:
        return Checked(shown(url), problem=f"The FHIR server's address cannot be used: {wrong}. Give its base, such as https://ehr.example/fhir.")
    except Refusal:
        return Checked(shown(url), problem="The patient is not an id: give it as --patient 123.")
    missing = refusal(evaluation)
    return Checked(shown(url), evaluation, problem=" ".join(filter(None, (missing.reason if missing else "", found.unread))), remark=found.remark)


def _as_call(body: bytes, new_uuid: Callable[[], str]) -> bytes:
    """A Bundle becomes the call an EHR would have made; anything else is taken for a call."""
    document = decode(body, dict[str, Any])
    if document.get("resourceType") == "Bundle":
        return msgspec.json.encode(call_for(document, new_uuid()))
    if "resourceType" in document:
        raise NotAChart("The file holds a single FHIR resource; a Bundle or a CDS Hooks request is needed.")
    return body
