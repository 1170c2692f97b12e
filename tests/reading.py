"""The service with a FHIR server to read from, and an eye on the sockets."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

from calls import SERVICE, call
from charts import PATIENT
from evaluating import NOW
from fhir_server import GRANTED, SECRETS, FhirServer
from keeping import Kept
from starlette.testclient import TestClient

from cds_hooks.app import create_app
from cds_hooks.settings import Settings

LINES = {
    "error": "Conditions could not be obtained",
    "wrong version": "Conditions could not be obtained",
    "truncated": "Conditions are incomplete",
}

contacted: list[Any] = []
"""Every address connected to and every name looked up while `watching`, as the socket layer saw it."""
watching: list[bool] = []


def _heard(event: str, arguments: tuple[Any, ...]) -> None:
    if watching and event == "socket.connect":
        contacted.append(arguments[1])
    elif watching and event == "socket.getaddrinfo":
        contacted.append(arguments[0])


sys.addaudithook(_heard)


class Service:
    """The service with one time budget, and the entry of its latest call."""

    def __init__(self, client: TestClient, kept: Kept) -> None:
        self.client, self.kept = client, kept

    def ask(self, ehr: FhirServer | None, prefetch: dict[str, Any] | None = None, **members: Any) -> Any:
        sent = {"fhirServer": ehr.base, "fhirAuthorization": {**GRANTED, "patient": PATIENT}} if ehr else {}
        answer = self.client.post(SERVICE, json=call(prefetch=prefetch or {}, **{**sent, **members}))
        assert not [each for each in SECRETS if each in answer.text or each in json.dumps(self.entry)]
        return answer

    @property
    def entry(self) -> dict[str, Any]:
        return self.kept.latest


def service(budget: int, folder: Any) -> Iterator[Service]:
    kept = Kept()
    chosen = Settings(data_dir=folder, time_budget_ms=budget)
    with TestClient(create_app(chosen, clock=lambda: NOW, audit=kept), base_url="http://127.0.0.1:8000") as client:
        yield Service(client, kept)


def address(ehr: FhirServer) -> tuple[str, int]:
    return "127.0.0.1", int(ehr.base.removesuffix("/fhir").rpartition(":")[2])


def topics(answer: Any) -> list[str]:
    return [card["source"]["topic"]["code"] for card in answer.json()["cards"]]


def detail(answer: Any) -> str:
    return "\n".join(card["detail"] for card in answer.json()["cards"])
