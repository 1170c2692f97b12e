"""deploy/nginx.conf with a real nginx before a real service: TLS, slow headers, and refusals in the service's own form."""

from __future__ import annotations

import json
import socket
import ssl
import time
from collections.abc import Iterator

import httpx2
import pytest
from calls import SERVICE, call
from proxying import MISSING, Proxy, nginx
from serving import free_port, serving
from tokens import production_options

pytestmark = pytest.mark.skipif(MISSING, reason="needs nginx and openssl")


@pytest.fixture(scope="module")
def proxy(tmp_path_factory) -> Iterator[Proxy]:
    folder, port = tmp_path_factory.mktemp("proxied"), free_port()
    with serving(folder, *production_options(folder, port), port=port), nginx(folder, port) as running:
        yield running


def code(answer: httpx2.Response) -> str:
    document = json.loads(answer.content)
    assert answer.headers["content-type"] == "application/fhir+json"
    assert (document["resourceType"], document["id"]) == ("OperationOutcome", answer.headers["x-correlation-id"])
    assert "max-age" in answer.headers["strict-transport-security"]
    return str(document["issue"][0]["details"]["coding"][0]["code"])


def test_a_signed_call_whatever_the_caller_says_of_its_way(proxy) -> None:
    with proxy.client() as client:
        for said in ({}, {"x-forwarded-proto": "http"}, {"x-forwarded-for": "203.0.113.7"}):
            answer = client.post(SERVICE, json=call(), headers={**proxy.token(), **said})
            assert (answer.status_code, "max-age" in answer.headers["strict-transport-security"]) == (200, True)
        assert client.get("/cds-services").status_code == 200
        assert [client.get(path).status_code for path in ("/about", "/about.json", "/about.css", "/rules/R01")] == [200] * 4
        assert code(client.post(SERVICE, json=call())) == "unauthorized"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/livez",
        "/readyz",
        "/startupz",
        "/metrics",
        "/openapi.json",
        "/cds-services/../livez",
        "/cds-services/%2e%2e/readyz",
        "//livez",
        "/aboutx",
        "/rules/../livez",
    ],
)
def test_everything_else_stays_inside(proxy, path) -> None:
    with proxy.client() as client:
        answer = client.get(httpx2.URL(proxy.address).copy_with(raw_path=path.encode()))
        assert (answer.status_code, code(answer)) == (404, "unknown-path")


def test_what_is_too_large_is_refused_in_the_services_form(proxy) -> None:
    with proxy.client() as client:
        headers = {**proxy.token(), "content-type": "application/json"}
        for size in (10 * 1024 * 1024 + 1, 12 * 1024 * 1024):
            answer = client.post(SERVICE, content=b" " * size, headers=headers)
            assert (answer.status_code, code(answer)) == (413, "body-too-large")
        answer = client.get("/cds-services", headers={"x-large": "a" * 40_000})
        assert (answer.status_code, code(answer)) == (400, "malformed-request")


@pytest.mark.parametrize("chunked", [False, True])
def test_a_chart_is_never_written_to_a_disk_on_its_way(proxy, chunked) -> None:
    """nginx warns in its own words whenever a body or an answer goes through a file. The answer here is the largest that there is."""
    body = json.dumps(call(prefetch={**call()["prefetch"], "more": "x" * 9_000_000})).encode()
    with proxy.client() as client:
        assert client.post(SERVICE, content=iter([body]) if chunked else body, headers={**proxy.token(), "content-type": "application/json"}).status_code == 200
        assert client.get("/about.json").status_code == 200
    assert proxy.log.exists()
    assert "temporary file" not in proxy.log.read_text()


def test_slow_headers_end(proxy) -> None:
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=15) as plain:
        begun = time.monotonic()
        with ssl.create_default_context(cafile=str(proxy.certificate)).wrap_socket(plain, server_hostname="127.0.0.1") as connection:
            connection.sendall(f"POST {SERVICE} HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ".encode())
            while connection.recv(65536):
                pass
        assert time.monotonic() - begun < 10


def test_a_service_that_is_away(tmp_path) -> None:
    with nginx(tmp_path, free_port()) as alone, alone.client() as client:
        answer = client.post(SERVICE, json=call())
        assert (answer.status_code, code(answer), answer.headers["retry-after"]) == (502, "not-ready", "5")
