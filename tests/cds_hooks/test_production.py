"""The production profile: signed calls only, each token once, and one answer to whatever is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from calls import SERVICE, call
from charts import Chart, problem
from keeping import entries
from starlette.testclient import TestClient
from tokens import BASE, ISSUER, SERVICE_URL, bearer, claims, header, jwks_file, key, signed
from tokens import production_settings as settings

from cds_hooks.app import create_app
from cds_hooks.settings import Settings
from cds_hooks.trust.clients import Client

RED_FLAG = Chart((problem("leg cramps", 5), problem("urinary incontinence", 2)))
SECURE = "https://cds.example"


def running(chosen: Settings, **how: Any) -> TestClient:
    return TestClient(create_app(chosen, **how), base_url=SECURE, client=("203.0.113.9", 5000))


@pytest.fixture
def production(tmp_path) -> Iterator[TestClient]:
    with running(settings(tmp_path)) as client:
        yield client


@pytest.fixture
def kept(tmp_path):
    return lambda: [entry for _, entry in entries(tmp_path / "data") if entry["kind"] != "start"]


def test_a_signed_call_is_answered_and_audited(production, kept) -> None:
    answer = production.post(SERVICE, json=call(RED_FLAG), headers=bearer(claims(jti="one", tenant="north")))
    assert answer.json()["cards"]
    (entry,) = kept()
    assert (entry["client"], entry["tenant"], entry["jti"], entry["outcome"]) == ("hospital", "north", "one", "cards")


WRONG = {
    "none": dict,
    "garbage": lambda: {"authorization": "Bearer x.y.z"},
    "another scheme": lambda: {"authorization": "Basic eDp5"},
    "stranger": lambda: bearer(claims(iss="https://evil.example")),
    "stranger's key": lambda: bearer(by=key("ES384-evil")),
    "expired": lambda: bearer(claims(exp=5, iat=1)),
    "for discovery": lambda: bearer(claims(aud=f"{BASE}/cds-services")),
    "for feedback": lambda: bearer(claims(aud=f"{SERVICE_URL}/feedback")),
    "unsigned": lambda: bearer(head=header(alg="none"), algorithm="ES384"),
    "key unknown": lambda: bearer(head=header(kid="x")),
}


def test_every_refusal_of_a_token_looks_the_same(production, kept) -> None:
    """SEC-08: the same bytes but for the correlation id; the cause is in the log."""
    seen = set()
    for make in WRONG.values():
        answer = production.post(SERVICE, json=call(RED_FLAG), headers=make())
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
        correlation = answer.headers["x-correlation-id"]
        names = tuple(sorted(name for name in answer.headers if name != "date"))
        seen.add((answer.text.replace(correlation, ""), names))
    assert len(seen) == 1
    causes = [entry["cause"] for entry in kept()]
    assert len(set(causes)) == len(WRONG) - 2 + 1
    assert {entry["outcome"] for entry in kept()} == {"unauthorized"}
    assert "claimedClient" not in kept()[0]
    assert kept()[-1]["claimedClient"] == "hospital"


def test_a_token_is_good_once(production, kept) -> None:
    headers = bearer()
    assert production.post(SERVICE, json=call(RED_FLAG), headers=headers).status_code == 200
    assert production.post(SERVICE, json=call(RED_FLAG), headers=headers).status_code == 401
    assert kept()[-1]["cause"] == "token used before"
    assert kept()[-1]["client"] == "hospital"


def test_a_restart_does_not_forget(tmp_path) -> None:
    headers = bearer()
    for status in (200, 401):
        with running(settings(tmp_path)) as client:
            assert client.post(SERVICE, json=call(), headers=headers).status_code == status


@pytest.mark.parametrize("body", [b"{", b"{}", json.dumps(call(hook="order-sign")).encode()])
def test_a_call_that_is_refused_for_its_body_leaves_the_token_good(production, kept, body) -> None:
    headers = bearer()
    refused = production.post(SERVICE, content=body, headers={**headers, "content-type": "application/json"})
    assert refused.status_code == 400
    assert kept()[-1]["client"] == "hospital"
    assert production.post(SERVICE, json=call(), headers=headers).status_code == 200


def test_no_replay_store_no_answer(production, tmp_path) -> None:
    (tmp_path / "data" / "replay.sqlite3").mkdir()
    answer = production.post(SERVICE, json=call(), headers=bearer())
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


def test_no_token_is_ever_kept(production, tmp_path) -> None:
    good, bad = bearer(), bearer(by=key("ES384-evil"))
    for headers in (good, good, bad):
        production.post(SERVICE, json=call(RED_FLAG), headers=headers)
    for path in (tmp_path / "data").iterdir():
        for headers in (good, bad):
            assert headers["authorization"].rpartition(".")[2].encode() not in path.read_bytes()


def test_discovery_is_open(production) -> None:
    assert production.get("/cds-services").status_code == 200


def test_discovery_behind_a_token(tmp_path, kept) -> None:
    with running(settings(tmp_path, discovery_requires_auth=True)) as client:
        assert client.get("/cds-services").status_code == 401
        assert client.get("/cds-services", headers=bearer()).status_code == 401
        assert client.get("/cds-services", headers=bearer(claims(aud=f"{BASE}/cds-services"))).status_code == 200
        assert [entry["cause"] for entry in kept()] == ["no token", "meant for another audience"]


@pytest.mark.parametrize("path", ["/", "/samples/cauda-equina", "/samples/cauda-equina/request", "/page.css", "/openapi.json", "/docs", "/redoc"])
def test_no_pages(production, path) -> None:
    assert production.get(path, headers=bearer()).status_code == 404


def test_any_host_name_is_answered(production) -> None:
    """The audience is compared with the configured address, so the name a call came by decides nothing."""
    assert production.post(SERVICE, json=call(), headers={**bearer(), "host": "internal.example"}).status_code == 200


def test_security_headers_on_every_answer(production) -> None:
    for answer in (production.get("/cds-services"), production.post(SERVICE), production.get("/nothing"), production.get("/livez")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


def test_trace_is_no_method_of_ours(production) -> None:
    assert production.request("TRACE", SERVICE).status_code == 405


ORIGIN = "https://ehr.example"
ASKED = {"access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type"}


def test_listed_origins_only(tmp_path) -> None:
    """CORS-01."""
    with running(settings(tmp_path, cors_origins=(ORIGIN,))) as client:
        preflight = client.options(SERVICE, headers={**ASKED, "origin": ORIGIN})
        assert (preflight.status_code, preflight.headers["access-control-allow-origin"]) == (200, ORIGIN)
        assert "access-control-allow-credentials" not in preflight.headers
        for headers, status in (({}, 401), (bearer(), 200)):
            answer = client.post(SERVICE, json=call(), headers={**headers, "origin": ORIGIN})
            assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (status, ORIGIN)
        stranger = client.options(SERVICE, headers={**ASKED, "origin": "https://evil.example"})
        assert stranger.status_code == 400
        assert stranger.json()["resourceType"] == "OperationOutcome"
        assert "access-control-allow-origin" not in client.post(SERVICE, json=call(), headers={**bearer(), "origin": "https://evil.example"}).headers


@pytest.mark.parametrize(
    ("peer", "forwarded", "status"),
    [
        ("203.0.113.9", {}, 400),
        ("203.0.113.9", {"x-forwarded-proto": "https"}, 400),
        ("10.0.0.7", {}, 400),
        ("10.0.0.7", {"x-forwarded-proto": "http"}, 400),
        ("10.0.0.7", {"x-forwarded-proto": "https"}, 200),
        ("10.0.0.7", {"x-forwarded-proto": "HTTPS"}, 200),
        ("10.0.0.7", {"x-forwarded-proto": "https, http"}, 400),
        ("127.0.0.1", {}, 200),
        ("127.0.0.1", {"x-forwarded-proto": "http"}, 400),
        ("::1", {}, 200),
        ("::ffff:127.0.0.1", {}, 200),
        ("::ffff:10.0.0.7", {"x-forwarded-proto": "https"}, 200),
        ("::ffff:203.0.113.9", {"x-forwarded-proto": "https"}, 400),
        ("", {}, 400),
    ],
)
def test_plain_http(tmp_path, kept, peer, forwarded, status) -> None:
    app = create_app(settings(tmp_path, trusted_proxies=("10.0.0.0/24",)))
    with TestClient(app, base_url="http://cds.example", client=(peer, 5000)) as client:
        answer = client.post(SERVICE, json=call(), headers={**bearer(), **forwarded})
        assert answer.status_code == status
        assert client.get("/livez").status_code == 200
        if status == 400:
            assert kept()[-1]["outcome"] == "insecure-transport"


def test_an_http_fhir_server_is_never_read(production, kept) -> None:
    answer = production.post(SERVICE, json=call(prefetch={}, fhirServer="http://127.0.0.1:9/fhir"), headers=bearer())
    assert answer.status_code == 412
    assert kept()[-1]["notRead"] == "the FHIR server is not one that may be read for this client"


def test_each_client_reads_its_own_servers(tmp_path) -> None:
    chosen = settings(tmp_path, client={"fhir_servers": ("https://ehr.example/fhir",), "time_budget_ms": 2000, "allow_private_network": True})
    reach = chosen.clients[0].reach(chosen.profile)
    assert reach.find("https://ehr.example/fhir/") is not None
    assert reach.find("https://ehr.example/other") is None
    assert reach.find("http://ehr.example/fhir") is None
    assert reach.allows("10.0.0.1")


class TestSandbox:
    """A token is optional, and checked where it comes from a configured client."""

    @pytest.fixture
    def sandbox_client(self, tmp_path) -> Iterator[TestClient]:
        client = Client(name="hospital", issuer=ISSUER, jwks_file=jwks_file(tmp_path))
        chosen = Settings(data_dir=tmp_path / "data", public_base_url=BASE, clients=(client,))
        with TestClient(create_app(chosen), base_url="http://127.0.0.1:8000") as running:
            yield running

    @pytest.mark.parametrize(
        ("headers", "status"),
        [
            (dict, 200),
            (lambda: {"authorization": "Bearer garbage"}, 200),
            (lambda: bearer(claims(iss="https://sandbox.cds-hooks.org")), 200),
            (bearer, 200),
            (lambda: bearer(by=key("ES384-evil")), 401),
            (lambda: bearer(claims(aud="x")), 401),
        ],
    )
    def test_tokens(self, sandbox_client, headers, status) -> None:
        assert sandbox_client.post(SERVICE, json=call(), headers=headers()).status_code == status

    def test_replay(self, sandbox_client, kept) -> None:
        headers = {"authorization": f"Bearer {signed(claims(jti='mine'))}"}
        assert [sandbox_client.post(SERVICE, json=call(), headers=headers).status_code for _ in range(2)] == [200, 401]
        assert kept()[0]["jti"] == "mine"
