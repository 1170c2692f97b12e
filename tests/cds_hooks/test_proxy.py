"""deploy/nginx.conf with a real nginx before a real service: TLS, slow headers, and refusals in the service's own form."""

from __future__ import annotations

import json
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from getpass import getuser
from pathlib import Path

import httpx2
import pytest
from calls import SERVICE, call
from serving import free_port, serving
from sites import certificate
from tokens import bearer, claims, production_options

NGINX, OPENSSL = shutil.which("nginx"), shutil.which("openssl")
pytestmark = pytest.mark.skipif(not (NGINX and OPENSSL), reason="needs nginx and openssl")
SHIPPED = Path(__file__).parents[2] / "deploy" / "nginx.conf"
AROUND = """
user {user}; daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    include {folder}/server.conf;
}}
"""


@dataclass(frozen=True)
class Proxy:
    port: int
    service: int
    certificate: Path

    @property
    def address(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def client(self) -> httpx2.Client:
        return httpx2.Client(verify=ssl.create_default_context(cafile=str(self.certificate)), base_url=self.address, trust_env=False, timeout=20)

    def token(self) -> dict[str, str]:
        return bearer(claims(aud=f"http://127.0.0.1:{self.service}{SERVICE}"))


@contextmanager
def nginx(folder: Path, service: int) -> Iterator[Proxy]:
    """The shipped configuration with other addresses and files, and less patience with slow headers."""
    made, key = certificate(folder, "127.0.0.1")
    proxy = Proxy(free_port(), service, made)
    changes = {
        "/etc/ssl/cds.example.pem": str(made),
        "/etc/ssl/private/cds.example.key": str(key),
        "listen 443 ssl": f"listen 127.0.0.1:{proxy.port} ssl",
        "127.0.0.1:8000;": f"127.0.0.1:{service};",
        "client_header_timeout 5s": "client_header_timeout 1s",
    }
    text = SHIPPED.read_text()
    for shipped, ours in changes.items():
        assert shipped in text
        text = text.replace(shipped, ours)
    (folder / "server.conf").write_text(text)
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, user=getuser()))
    process = subprocess.Popen([str(NGINX), "-e", f"{folder}/early.log", "-c", f"{folder}/nginx.conf"], stderr=subprocess.PIPE)
    try:
        while process.poll() is None and not _listens(proxy.port):
            time.sleep(0.05)
        assert process.poll() is None, process.stderr and process.stderr.read()
        yield proxy
    finally:
        process.terminate()
        process.communicate(timeout=20)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


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
    "path", ["/", "/livez", "/readyz", "/openapi.json", "/cds-services/../livez", "/cds-services/%2e%2e/readyz", "//livez", "/aboutx", "/rules/../livez"]
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
