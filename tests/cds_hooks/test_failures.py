"""When something of ours fails: visible on the card, told in the audit, and never silence."""

from __future__ import annotations

import pytest
from calls import SERVICE, call
from charts import AS_OF, Chart, problem, seen
from evaluating import NOW, evaluated, said, shown
from starlette.testclient import TestClient

from cards.guidance import derive
from cards.guidance.chart import Chart as Facts
from cards.guidance.decide import decide
from cards.guidance.findings import Finding
from cards.guidance.interpretations import numbers_in_force
from cds_hooks import evaluation
from cds_hooks.app import create_app
from cds_hooks.errors import Refusal

RED_FLAG = (problem("leg cramps", 5), problem("urinary incontinence", 2))


def broken(*findings: Finding):
    def fail(case):
        raise ZeroDivisionError("words of the chart")

    return {**derive.DERIVATIONS, **dict.fromkeys(findings, fail)}


@pytest.fixture
def failing(monkeypatch):
    def fail(*findings: Finding) -> None:
        monkeypatch.setattr(evaluation, "decide", lambda chart, as_of, numbers, **more: decide(chart, as_of, numbers, derivations=broken(*findings), **more))

    return fail


def test_a_red_flag_survives_the_failure_of_another_finding(failing) -> None:
    failing(Finding.NEW_BOWEL_LOSS, Finding.LUMBAR_ROOT_DIAGNOSIS, Finding.ELECTROLYTE_ABNORMAL)
    found = evaluated(Chart(RED_FLAG))
    assert shown(found) == ("R01",)
    assert "could not be judged because of an internal error (R01" in said(found)


def test_no_card_after_a_failure_is_not_silence(failing) -> None:
    failing(Finding.SADDLE_NUMBNESS_ALONE)
    found = evaluated(Chart((seen("leg cramps", 3),)))
    assert found.outcome is evaluation.Outcome.NOT_EVALUATED
    assert "R02" in said(found)
    assert "words of the chart" not in said(found)


def test_the_failure_is_a_verdict(failing) -> None:
    decision = decide(Facts(), AS_OF, numbers_in_force(), derivations=broken(Finding.LEG_SPASM))
    assert decision.findings.failed == {Finding.LEG_SPASM: "ZeroDivisionError"}
    both = decide(Facts(), AS_OF, numbers_in_force(), derivations=broken(Finding.LEG_SPASM, Finding.ROOT_LINK))
    assert "could not work out: current leg spasm or cramp, active lumbar root diagnosis or sciatica" in {each.reason for each in both.verdicts}
    assert "could not work out: current leg spasm or cramp" in {each.reason for each in decision.verdicts}
    assert {each.rule for each in decision.verdicts if each.outcome == "failed"} == {"R04w", "R04i", "R05w", "R05i", "R06", "R07w", "R07i", "R08", "R09"}


def test_a_record_whose_reading_fails_is_set_aside(monkeypatch) -> None:
    monkeypatch.setattr("fhir_mappings.observations.read", lambda *_: 1 / 0)
    found = evaluated(Chart((*RED_FLAG, seen("leg numbness", 3))))
    assert shown(found) == ("R01",)
    assert "1 record could not be read" in said(found)


class DeadLog:
    async def append(self, entry) -> None:
        raise Refusal("audit-unavailable", "The call could not be recorded, so it was not answered.", {"Retry-After": "5"})

    async def sign(self) -> None: ...

    async def close(self) -> None: ...


class LateDeadLog(DeadLog):
    """Dies after start-up."""

    async def append(self, entry) -> None:
        if entry["kind"] != "start":
            await super().append(entry)


def test_no_card_without_its_audit_entry(sandbox) -> None:
    with TestClient(create_app(sandbox, clock=lambda: NOW, audit=LateDeadLog()), base_url="http://127.0.0.1:8000") as client:
        answer = client.post(SERVICE, json=call(Chart(RED_FLAG)))
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert answer.json()["issue"][0]["details"]["coding"][0]["code"] == "audit-unavailable"


def test_a_bug_is_a_500_that_tells_nothing(sandbox, monkeypatch, caplog) -> None:
    def bug(*_, **__):
        raise RuntimeError("CANARY words of the chart")

    monkeypatch.setattr("cds_hooks.endpoints.decided", bug)
    with TestClient(create_app(sandbox, clock=lambda: NOW), base_url="http://127.0.0.1:8000") as client:
        answer = client.post(SERVICE, json=call(Chart(RED_FLAG)))
    assert answer.status_code == 500
    assert answer.json()["id"] == answer.headers["x-correlation-id"]
    assert "CANARY" not in answer.text + caplog.text
    assert answer.headers["x-correlation-id"] in caplog.text
