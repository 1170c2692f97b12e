"""What is counted, who may see it, and that nothing is lost when a worker dies."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from calls import SERVICE, call
from charts import Chart, problem, seen
from commands import run_here
from evaluating import NOW
from fhir_faults import RED_FLAG
from fhir_server import GRANTED, fhir_server
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from scraping import metrics as samples
from scraping import scraped
from starlette.testclient import TestClient
from tokens import BASE, bearer, production_settings

from cards.guidance.rules import RULES
from cds_hooks import cli
from cds_hooks.app import create_app, utc_now
from cds_hooks.audit.database import database
from cds_hooks.audit.verified import Verified, note_verified
from cds_hooks.errors import KINDS, Refusal
from cds_hooks.metrics import Metrics
from cds_hooks.trust.verify import Cause

FLAGGED = Chart((problem("leg cramps", 5), problem("urinary incontinence", 2)))
FEEDBACK = f"{SERVICE}/feedback"
OF_PROXIES = (
    "x-forwarded",
    "x-forwarded-port",
    "x-forwarded-server",
    "x-original-forwarded-for",
    "true-client-ip",
    "cf-connecting-ip",
    "x-client-ip",
    "x-envoy-external-address",
    "x-request-id",
    "x-amzn-trace-id",
    "x-haproxy-unique-id",
)


@pytest.fixture
def client(sandbox) -> Iterator[TestClient]:
    """On this machine, as a sandbox's callers are."""
    with TestClient(create_app(sandbox, clock=lambda: NOW), base_url="http://127.0.0.1:8000", client=("127.0.0.1", 5000)) as running:
        yield running


def test_nothing_happened_is_zero_and_not_missing(client) -> None:
    found = scraped(client)
    assert found["pncds_calls_total", ("outcome", "cards")] == 0
    assert found["pncds_cards_total", ("rule", "R01"), ("urgency", "critical")] == 0
    assert found["pncds_rule_fired_timestamp_seconds", ("rule", "R01")] == 0
    assert {dict(labels)["code"] for name, *labels in found if name == "pncds_refusals_total"} == set(KINDS)
    assert found["pncds_audit_writable",] == 1
    assert found["pncds_audit_entries",] == 1


def test_a_rule_that_is_switched_off_is_not_missed(sandbox) -> None:
    """The alert on silent red flags goes by this series."""
    chosen = sandbox.model_copy(update={"disabled_rules": frozenset({"R03", "R11w"})})
    found = scraped(TestClient(create_app(chosen), base_url="http://127.0.0.1:8000", client=("127.0.0.1", 5000)))
    watched = {dict(labels)["rule"] for name, *labels in found if name == "pncds_rule_fired_timestamp_seconds"}
    assert {rule.id for rule in RULES} - watched == {"R03c", "R03w", "R11w"}


def test_refusals_are_told_by_causes_of_ours_alone() -> None:
    metrics = Metrics("1", "2")
    for cause in ("", str(Cause.EXPIRED), "Mrs Canary"):
        metrics.refused(Refusal("unauthorized", "", cause=cause))
    told = generate_latest(metrics.registry).decode()
    assert {dict(labels)["cause"] for (name, *labels), value in samples(told).items() if name == "pncds_refusals_total" and value} == {
        "none",
        "expired",
        "other",
    }
    assert "Canary" not in told


def test_calls_cards_sources_and_answers_are_counted(client) -> None:
    (card,) = client.post(SERVICE, json=call(FLAGGED)).json()["cards"]
    client.post(SERVICE, json=call(Chart((seen("leg cramps", 300),))))
    overridden = {"overrideReason": {"reason": {"code": "examined-no-red-flag"}}}
    client.post(FEEDBACK, json={"feedback": [{"card": card["uuid"], "outcome": "overridden", **overridden}, {"card": "another", "outcome": "accepted"}]})
    client.post(SERVICE, json=call(FLAGGED))
    found = scraped(client)
    assert found["pncds_calls_total", ("outcome", "cards")] == 2
    assert found["pncds_cards_total", ("rule", "R01"), ("urgency", "critical")] == 1
    assert found["pncds_cards_total", ("rule", "reminder"), ("urgency", "info")] == 1
    assert found["pncds_advice_total", ("rule", "R01")] == 2
    assert found["pncds_rule_fired_timestamp_seconds", ("rule", "R01")] == NOW.timestamp()
    assert found["pncds_source_states_total", ("source", "conditions"), ("state", "data")] == 2
    assert found["pncds_feedback_total", ("outcome", "overridden"), ("reason", "examined-no-red-flag"), ("rule", "R01")] == 1
    assert found["pncds_feedback_total", ("outcome", "accepted"), ("reason", "none"), ("rule", "none")] == 1
    assert found["pncds_call_seconds_count", ("read", "no")] == 3
    assert found["pncds_audit_append_seconds_count",] == 5
    assert found["pncds_audit_unsigned_entries",] == 4  # the start-up was signed at once


def test_a_rule_that_cannot_be_judged_is_counted(client, monkeypatch) -> None:
    monkeypatch.setattr("cards.guidance.decide.Decision.failed", ("R03c",))
    client.post(SERVICE, json=call(FLAGGED))
    assert scraped(client)["pncds_rule_failures_total", ("rule", "R03c")] == 1


def test_reads_are_counted_by_what_they_came_to(client) -> None:
    with fhir_server(RED_FLAG) as ehr:
        client.post(SERVICE, json=call(prefetch=None, fhirServer=ehr.base, fhirAuthorization=GRANTED))
    found = scraped(client)
    assert found["pncds_fhir_read_seconds_count", ("result", "ok")] > 0
    assert found["pncds_call_seconds_count", ("read", "yes")] == 1


def test_refusals_and_tokens_are_counted_and_health_is_not(tmp_path) -> None:
    app = create_app(production_settings(tmp_path))
    with TestClient(app, base_url=BASE, client=("203.0.113.9", 5000)) as client:
        headers = bearer()
        for _ in range(2):
            client.post(SERVICE, json=call(), headers=headers)
        client.post(SERVICE, json=call())
        client.post(SERVICE, content=b"{", headers={**bearer(), "content-type": "application/json"})
        client.get("/readyz/nothing")
        found = scraped(TestClient(app, base_url="http://any.name", client=("127.0.0.1", 5000)))
    assert found["pncds_tokens_accepted_total", ("client", "hospital")] == 1
    refused = {labels: value for (name, *labels_), value in found.items() if name == "pncds_refusals_total" and value for labels in [tuple(labels_)]}
    assert refused == {
        (("cause", "token used before"), ("code", "unauthorized"), ("status", "401")): 1,
        (("cause", "no token"), ("code", "unauthorized"), ("status", "401")): 1,
        (("cause", "none"), ("code", "malformed-json"), ("status", "400")): 1,
    }


def test_an_entry_that_cannot_be_written_counts_as_a_refusal(client, sandbox) -> None:
    with closing(sqlite3.connect(sandbox.data_dir / "audit.sqlite3")) as log, log:
        log.execute("ALTER TABLE entries RENAME TO elsewhere")
        log.commit()
        assert client.post(SERVICE, json=call(FLAGGED)).status_code == 503
        found = scraped(client)
        log.execute("ALTER TABLE elsewhere RENAME TO entries")
    assert found["pncds_refusals_total", ("cause", "none"), ("code", "audit-unavailable"), ("status", "503")] == 1
    assert found["pncds_audit_writable",] == 0
    assert ("pncds_audit_entries",) not in found


def test_the_start_is_over_once_and_for_all(sandbox) -> None:
    app = create_app(sandbox, clock=lambda: NOW)
    assert TestClient(app, base_url="http://127.0.0.1:8000").get("/startupz").status_code == 503
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        assert client.get("/startupz").text == "ok\n"


def test_traces_without_the_extra_are_refused_in_one_sentence(sandbox, monkeypatch, capsys) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk", None)
    with pytest.raises(SystemExit, match="2"):
        cli._usable(sandbox.model_copy(update={"traces_endpoint": "http://127.0.0.1:4318/v1/traces"}))
    assert capsys.readouterr().err == "The setting traces_endpoint needs the extra otel: pip install 'pinched-nerve-cds[otel]'.\n"


@pytest.mark.parametrize(
    ("peer", "headers", "sees"),
    [
        ("127.0.0.1", {}, True),
        ("::1", {}, True),
        ("10.1.2.3", {}, True),
        ("10.2.0.1", {}, False),
        ("203.0.113.9", {}, False),
        ("127.0.0.1", {"x-forwarded-for": "203.0.113.9"}, False),
        ("127.0.0.1", {"x-forwarded-proto": "https"}, False),
        ("10.1.2.3", {"forwarded": "for=203.0.113.9"}, False),
        ("127.0.0.1", {"via": "1.1 proxy"}, False),
        *(("127.0.0.1", {name: "203.0.113.9"}, False) for name in OF_PROXIES),
        ("127.0.0.1", {"x-prometheus-scrape-timeout-seconds": "10", "authorization": "Bearer of the scraper"}, True),
        ("203.0.113.9", {"x-forwarded-for": "127.0.0.1"}, False),
    ],
)
def test_who_may_see_the_metrics(tmp_path, peer, headers, sees) -> None:
    chosen = production_settings(tmp_path, metrics_from=("10.1.0.0/16",), trusted_proxies=("10.2.0.0/16",))
    with TestClient(create_app(chosen), base_url="http://any.name", client=(peer, 5000)) as client:
        answer = client.get("/metrics", headers=headers)
    assert (answer.status_code, b"pncds_calls_total" in answer.content) == ((200, True) if sees else (404, False))


WORKER = """
import sys
from pathlib import Path
from cds_hooks.metrics import Metrics, share
share(Path(sys.argv[1]))
metrics = Metrics("1", "2", ["hospital"])
for _ in range(int(sys.argv[2])):
    metrics.accepted("hospital")
print(metrics._tokens["hospital"]._value.get(), flush=True)
sys.stdin.read()
"""


def worker(folder: Path, uses: int) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", WORKER, str(folder), str(uses)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_workers_count_together_and_those_that_died_leave_no_gap_and_no_files(tmp_path) -> None:
    def total() -> float:
        registry = CollectorRegistry()
        registry.register(MultiProcessCollector(None, str(tmp_path)))
        return samples(generate_latest(registry).decode())["pncds_tokens_accepted_total", ("client", "hospital")]

    one, two = worker(tmp_path, 2), worker(tmp_path, 3)
    assert sorted(each.stdout.readline() for each in (one, two)) == ["2.0\n", "3.0\n"]
    assert total() == 5
    files = set(tmp_path.iterdir())
    one.kill()
    one.communicate()
    assert total() == 5
    three = worker(tmp_path, 10)
    assert three.stdout.readline() == "12.0\n"
    assert total() == 15
    assert set(tmp_path.iterdir()) == files
    for each in (two, three):
        each.kill()
        each.communicate()


def test_whoever_verifies_tells_of_it(client, sandbox) -> None:
    client.post(SERVICE, json=call(FLAGGED))
    for tampered in (False, True):
        if tampered:
            with closing(sqlite3.connect(sandbox.data_dir / "audit.sqlite3")) as log, log:
                log.execute("UPDATE entries SET entry = replace(entry, 'cards', 'cArds') WHERE sequence = 2")
        assert run_here("audit", "verify", "--data-dir", str(sandbox.data_dir)).exit_code == tampered
        assert scraped(client)["pncds_audit_whole",] == (not tampered)
    with closing(sqlite3.connect(sandbox.data_dir / "audit.sqlite3")) as log, log:
        log.execute("DELETE FROM verified")
    client.get("/audit/verification")
    client.get("/audit")
    assert scraped(client)["pncds_audit_whole",] == 0


def test_the_last_verification_is_told(client, sandbox) -> None:
    assert ("pncds_audit_whole",) not in scraped(client)
    for whole in (True, False):
        note_verified(database(None, sandbox.data_dir), Verified(at := utc_now().timestamp(), whole))
        found = scraped(client)
        assert (found["pncds_audit_whole",], found["pncds_audit_verified_timestamp_seconds",]) == (whole, at)
