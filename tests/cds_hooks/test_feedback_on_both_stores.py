"""Words that a PostgreSQL cannot hold are taken like any others, and hold nobody up."""

from __future__ import annotations

from calls import SERVICE, call
from charts import Chart, problem
from evaluating import NOW
from starlette.testclient import TestClient

from cds_hooks.app import create_app

RED_FLAG = Chart((problem("leg cramps", 5), problem("urinary incontinence", 2)))


def test_a_nul_in_what_an_ehr_sends_is_no_failure_of_the_log(store) -> None:
    who = call(RED_FLAG)["context"] | {"userId": "Practitioner/a\0b"}
    with TestClient(create_app(store.settings, clock=lambda: NOW), base_url="http://127.0.0.1:8000") as client:
        assert client.post(SERVICE, json=call(RED_FLAG, context=who)).status_code == 200
        assert client.post(f"{SERVICE}/feedback", json={"feedback": [{"card": "a\0b", "outcome": "overridden"}]}).status_code == 200
        assert client.get("/readyz").status_code == 200
