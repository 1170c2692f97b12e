"""Recorded requests of the official CDS Hooks Sandbox and of HealthChain, sent again to a running service, header by header."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from calls import SERVICE
from keeping import Kept, entries
from official_sandbox import ISSUER
from serving import Running, free_port, serving
from starlette.testclient import TestClient

from cds_hooks.app import create_app
from cds_hooks.settings import Settings
from cds_hooks.trust.clients import Client

FOLDER = "data/sandbox-captures"
RECORDED_SERVICE = "/cds-services/leg-spasm"
RECORDED_FHIR = "http://127.0.0.1:8090/fhir"


@dataclass(frozen=True)
class Capture:
    """One request as it was recorded, for the address of our service."""

    method: str
    path: str
    headers: list[tuple[str, str]]
    body: dict[str, Any] | None
    at: datetime

    @classmethod
    def read(cls, path: Path) -> Capture:
        said = json.loads(path.read_text())
        headers = [(name, value) for name, value in said["headers"] if name.lower() not in {"host", "content-length"}]
        return cls(said["method"], said["path"].replace(RECORDED_SERVICE, SERVICE), headers, said.get("body"), datetime.fromisoformat(said["at"]))

    def sent(self, fhir: str) -> bytes | None:
        """The body, with the FHIR server of that day at an address where nobody answers."""
        return json.dumps(self.body).replace(RECORDED_FHIR, fhir).encode() if self.body else None


@pytest.fixture
def captures(shared) -> dict[str, Capture]:
    """By the number that the file's name begins with."""
    folder = shared / FOLDER
    if not folder.is_dir():
        pytest.skip("needs the recorded requests in the shared folder")
    return {path.name[:2]: Capture.read(path) for path in sorted(folder.glob("[0-9][0-9]-*.json"))}


@pytest.fixture(scope="module")
def running(tmp_path_factory) -> Iterator[Running]:
    with serving(tmp_path_factory.mktemp("service")) as service:
        yield service


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def cards(self) -> list[dict[str, Any]]:
        return json.loads(self.body)["cards"]


def replay(running: Running, capture: Capture) -> Answer:
    connection = http.client.HTTPConnection(urlsplit(running.base).netloc, timeout=30)
    body = capture.sent(f"http://127.0.0.1:{free_port()}/fhir")
    connection.putrequest(capture.method, capture.path, skip_accept_encoding=True)
    for name, value in [*capture.headers, *([("Content-Length", str(len(body)))] if body else [])]:
        connection.putheader(name, value)
    connection.endheaders(body)
    answer = connection.getresponse()
    read = Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    connection.close()
    return read


@pytest.mark.parametrize(
    ("number", "wanted"), [("01", {"authorization"}), ("03", {"authorization", "content-type"}), ("09", {"authorization", "content-type"})]
)
def test_preflights(captures, running, number, wanted) -> None:
    answer = replay(running, captures[number])
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, "*")
    assert wanted <= {each.strip() for each in answer.headers["access-control-allow-headers"].lower().split(",")}


def test_discovery(captures, running) -> None:
    answer = replay(running, captures["02"])
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, "*")
    assert [each["hook"] for each in json.loads(answer.body)["services"]] == ["patient-view"]


@pytest.mark.parametrize("number", ["04", "10"])
def test_calls_with_prefetch_of_other_keys(captures, running, number) -> None:
    """New bladder trouble beside leg cramps: the red flag, although the keys are not ours and the FHIR server is gone."""
    answer = replay(running, captures[number])
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, "*")
    assert [each["source"]["topic"]["code"] for each in answer.cards] == ["CaudaEquinaRedFlags"]
    assert "from text" in answer.cards[0]["detail"]
    assert all(each["uuid"] for each in answer.cards)


@pytest.mark.parametrize("number", ["05", "06", "07", "08"])
def test_feedback_of_every_shape(captures, running, number) -> None:
    assert replay(running, captures[number]).status == 200
    entry = entries(running.data_dir)[-1][1]
    told = captures[number].body["feedback"][0]
    assert entry["kind"] == "feedback"
    assert told["outcome"] in json.dumps(entry)
    assert told.get("overrideReason", {}).get("reason", {}).get("code", "") in json.dumps(entry)


def test_a_chart_of_another_patient(captures, running) -> None:
    """HealthChain's client names a patient other than the one it sends: no card about anybody, and a word why."""
    (card,) = replay(running, captures["11"]).cards
    assert card["source"]["topic"]["code"] == "NotEvaluated"
    assert entries(running.data_dir)[-1][1]["outcome"] == "records of another patient"


@pytest.mark.parametrize("number", ["04", "06", "10"])
def test_the_recorded_tokens_hold_where_the_sandbox_is_a_client(captures, shared, tmp_path, number) -> None:
    """On the day they were recorded, for the address they were made for."""
    capture = captures[number]
    address = f"http://127.0.0.1:9081{capture.path.replace(SERVICE, RECORDED_SERVICE)}"
    keys = shared / FOLDER / "sandbox-public-jwks.json"
    sandbox = Client(name="official sandbox", issuer=ISSUER, jwks_file=keys, extra_audiences=(address,))
    kept = Kept()
    service = create_app(Settings(data_dir=tmp_path, clients=(sandbox,)), clock=lambda: capture.at, audit=kept)
    with TestClient(service, base_url="http://127.0.0.1:9081") as client:
        answers = [client.post(capture.path, content=capture.sent("https://ehr.example/fhir"), headers=dict(capture.headers)) for _ in range(2)]
    assert [each.status_code for each in answers] == [200, 401]
    assert next(each["client"] for each in kept.entries if each["kind"] in {"call", "feedback"}) == "official sandbox"
