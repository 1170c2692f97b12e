"""Discovery: what an integrator reads first."""

from __future__ import annotations

import json
from pathlib import Path

from calls import SERVICE

from cds_hooks import services

GOLDEN = Path(__file__).parents[1] / "golden" / "discovery.json"


def test_discovery_is_what_it_was(client) -> None:
    """DISC-01 to DISC-14: changing this file is changing what integrators registered."""
    answer = client.get("/cds-services")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == json.loads(GOLDEN.read_text())


def test_the_advertised_id_answers(client) -> None:
    """DISC-07."""
    (service,) = client.get("/cds-services").json()["services"]
    assert f"/cds-services/{service['id']}" == SERVICE
    assert client.post(SERVICE, json={}).status_code == 400


def test_3_0_members_are_not_there() -> None:
    """DISC-10, DISC-11: unknown to 2.0.1 models."""
    assert not {"version", "hookVersion"} & services.discovery()["services"][0].keys()


def test_extra_slashes_are_passed_over(client) -> None:
    for path in ("//cds-services", "/cds-services/", "/cds-services//"):
        answer = client.get(path, follow_redirects=False)
        assert answer.status_code == 200
