"""Real services are called in every way with telltale words in every place: none of them comes out but on a card, and none stays but in the audit log."""

from __future__ import annotations

import json
import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from calls import SERVICE
from charts import PATIENT
from fhir_faults import RED_FLAG, ROWS
from fhir_server import GRANTED, fhir_server
from forking import Forge, forge
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from serving import free_port
from telltale import found
from tokens import bearer, claims, header, production_options

from cds_hooks.chart.bundle import call_for
from cds_hooks.sandbox.samples import samples
from cds_hooks.traces import ATTRIBUTES

WORD = "CANARY-9e77"
KEPT = "audit.sqlite3"
"""The one place for what passed; with it what SQLite keeps beside it."""
HOSTILE = {
    "X-Correlation-Id": WORD,
    "X-Forwarded-For": WORD,
    "Cookie": WORD,
    "User-Agent": WORD,
    "Origin": f"https://{WORD}.example",
    "traceparent": WORD,
    "tracestate": f"a={WORD}",
}


@dataclass
class Collector:
    """Takes spans like an OpenTelemetry collector."""

    url: str = ""
    bodies: list[bytes] = field(default_factory=list)

    def spans(self) -> list[Any]:
        told = [ExportTraceServiceRequest.FromString(each) for each in self.bodies]
        return [span for request in told for resource in request.resource_spans for scope in resource.scope_spans for span in scope.spans]


@contextmanager
def collector() -> Iterator[Collector]:
    taken = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        taken.url = f"http://127.0.0.1:{server.server_port}/v1/traces"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield taken
        server.shutdown()


@dataclass
class Heard:
    """What one service answered that is no card."""

    client: httpx2.Client
    bodies: list[str] = field(default_factory=list)
    statuses: set[int] = field(default_factory=set)

    def ask(self, method: str, path: str, **how: Any) -> httpx2.Response:
        answer = self.client.request(method, path, **how)
        self.statuses.add(answer.status_code)
        told = [name + value for name, value in answer.headers.items()]
        shows = answer.status_code == 200 and (b'"cards"' in answer.content or path.startswith("/try"))
        self.bodies += told if shows else [*told, answer.text]
        return answer


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every string in a document."""
    if isinstance(value, str):
        yield path
    for key, each in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(each, (*path, key))


def replaced(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    """The document with another value in one place."""
    changed = deepcopy(document)
    holder = changed
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return changed


def chart_call() -> dict[str, Any]:
    """A call with a critical card, whose every id, name and free text holds the word."""
    bundle = json.loads(json.dumps(samples()["cauda-equina"].as_of(datetime.now(UTC).date())).replace("Patient/", f"Patient/{WORD}-"))
    free = {"note": [{"text": WORD}], "text": {"status": "generated", "div": f"<div>{WORD}</div>"}, "extension": [{"url": WORD, "valueString": WORD}]}
    for each in (entry["resource"] for entry in bundle["entry"]):
        each.update(free, id=f"{WORD}-{each['id']}")
        if "code" in each:
            each["code"]["text"] = f"{each['code'].get('text', '')} {WORD}"
        if each["resourceType"] == "Patient":
            each.update(name=[{"family": WORD, "given": [WORD]}], telecom=[{"value": WORD}])
    said = call_for(bundle, f"{WORD}-instance")
    context = {**said["context"], "userId": f"Practitioner/{WORD}", "encounterId": WORD, WORD: WORD}
    return {**said, "context": context, "prefetch": {**said["prefetch"], WORD: {WORD: WORD}}, "extension": {WORD: WORD}}


def call_well(heard: Heard, token: Callable[[str], dict[str, str]]) -> None:
    """A card, an answer to it, and another call."""
    for outcome in ("overridden", WORD):
        answer = heard.ask("POST", SERVICE, json=chart_call(), headers={**token(SERVICE), **HOSTILE})
        assert WORD in answer.text
        reason = {"reason": {"code": WORD, "system": WORD, "display": WORD}, "userComment": WORD}
        told = {
            "card": answer.json()["cards"][0]["uuid"],
            "outcome": outcome,
            "overrideReason": reason,
            "acceptedSuggestions": [{"id": WORD}],
            "outcomeTimestamp": WORD,
        }
        assert (
            heard.ask("POST", f"{SERVICE}/feedback", json={"feedback": [told, {**told, "card": WORD}]}, headers=token(f"{SERVICE}/feedback")).status_code == 200
        )


def call_badly(heard: Heard, token: Callable[[str], dict[str, str]], every: int = 1) -> None:
    """The word in the place of every string of a call, or of each so many, and around the call."""
    whole = chart_call()
    small = {**whole, "prefetch": {"conditions": {**whole["prefetch"]["conditions"], "entry": whole["prefetch"]["conditions"]["entry"][:1]}}}
    for path in list(places(small))[::every]:
        for value in (WORD, {WORD: WORD}):
            heard.ask("POST", SERVICE, json=replaced(small, path, value), headers=token(SERVICE))
    heard.ask("POST", SERVICE, json={**whole, "prefetch": {WORD: WORD, "conditions": WORD}}, headers=token(SERVICE))
    for content in (
        f'"{WORD}',
        f'{{"{WORD}": NaN}}',
        f'{{"hook": "{WORD}"}}',
        f'{{"context": "{WORD}", "context": "{WORD}"}}',
        f"<{WORD}/>",
        "[" * 99 + f'"{WORD}"',
    ):
        heard.ask("POST", SERVICE, content=content, headers={**token(SERVICE), "Content-Type": "application/json"})
        heard.ask("POST", f"{SERVICE}/feedback", content=content, headers={**token(f"{SERVICE}/feedback"), "Content-Type": "application/json"})
    for path in (
        f"/{WORD}",
        f"/cds-services/{WORD}",
        f"{SERVICE}/{WORD}",
        f"{SERVICE}?{WORD}={WORD}",
        f"/audit/entries/{WORD}",
        f"/audit?patient={WORD}",
        f"/samples/{WORD}",
    ):
        for method in ("GET", "POST", "DELETE", WORD):
            heard.ask(method, path, headers=HOSTILE)
    for said in ({"Content-Type": f"text/{WORD}"}, {"Content-Encoding": WORD}, {"Host": WORD}, {"Authorization": f"Bearer {WORD}"}, {"Authorization": WORD}):
        heard.ask("POST", SERVICE, content=b"{}", headers={"Content-Type": "application/json", **said})
    heard.ask("OPTIONS", SERVICE, headers={**HOSTILE, "Access-Control-Request-Method": WORD, "Access-Control-Request-Headers": WORD})
    heard.bodies += [
        raw(heard.client.base_url.port, line) for line in (f"{WORD}\r\n\r\n", f"GET / HTTP/1.1\r\n{WORD}\r\n\r\n", f"GET /{WORD * 9000} HTTP/1.1\r\n\r\n")
    ]


def raw(port: int | None, request: str) -> str:
    """What is answered to something that is no HTTP."""
    with socket.create_connection(("127.0.0.1", port or 0), timeout=10) as connection, suppress(OSError):
        connection.sendall(request.encode())
        connection.shutdown(socket.SHUT_WR)
        return connection.recv(65536).decode()
    return ""


def call_without_a_log(heard: Heard, token: Callable[[str], dict[str, str]], log: Path) -> None:
    """The database's own failure repeats the entry that could not be written."""
    with closing(sqlite3.connect(log)) as database:
        for there, then in (("entries", "elsewhere"), ("elsewhere", "entries")):
            database.execute(f"ALTER TABLE {there} RENAME TO {then}")
            database.commit()
            if then == "elsewhere":
                assert heard.ask("POST", SERVICE, json=chart_call(), headers=token(SERVICE)).status_code == 503


def call_with_reads(heard: Heard) -> None:
    """Nothing was sent; the EHR's FHIR server answers well, and then in some bad ways; test_fhir_reads.py has them all, in one process."""
    with fhir_server(RED_FLAG) as ehr:
        for row in ROWS[::7]:
            if not row.slow:
                ehr.faults = {"*": row.fault}
                heard.ask("POST", SERVICE, json={**chart_call(), "prefetch": None, "fhirServer": ehr.base, "fhirAuthorization": GRANTED})
        ehr.faults = {}
        for address in (f"http://{WORD}.example/fhir", f"http://127.0.0.1:1/{WORD}", f"{WORD}://x", f"{ehr.base}?{WORD}"):
            heard.ask("POST", SERVICE, json={**chart_call(), "prefetch": None, "fhirServer": address, "fhirAuthorization": {**GRANTED, "access_token": WORD}})


def try_pages(heard: Heard) -> None:
    """What a visitor pastes, uploads, reads from a server and answers; the page shows it to him, and to nobody else."""
    for name in ("/", "/samples/cauda-equina", "/samples/cauda-equina/request", "/docs"):
        assert heard.ask("GET", name, headers=HOSTILE).status_code == 200
    chart = json.dumps(chart_call())
    card = heard.ask("POST", SERVICE, content=chart, headers={"Content-Type": "application/json"}).json()["cards"][0]["uuid"]
    with fhir_server(RED_FLAG) as ehr:
        for path, form in (
            ("/try", {"pasted": chart}),
            ("/try", {"pasted": WORD}),
            ("/try", {"pasted": chart.replace("patient-view", WORD)}),
            ("/try", {"file": (f"{WORD}.json", chart + " " * 2**21)}),
            ("/try", {"chart": chart, "title": WORD, f"key:{WORD}": WORD}),
            ("/try/server", {"server": ehr.base, "patient": PATIENT}),
            ("/try/server", {"server": ehr.base, "name": WORD}),
            ("/try/server", {"server": f"http://127.0.0.1:1/{WORD}", "patient": WORD}),
            ("/try/answer", {"chart": chart, "dismiss": card, f"reason:{card}": WORD, f"comment:{card}": WORD}),
            ("/try/answer", {"chart": chart, "accept": WORD}),
        ):
            parts = {name: value if isinstance(value, tuple) else (None, value) for name, value in form.items()}
            answer = heard.ask("POST", path, files=parts, headers={"Origin": str(heard.client.base_url).rstrip("/"), "X-Correlation-Id": WORD})
            assert answer.status_code in {200, 400}, (path, form)


def bad_tokens(port: int) -> Iterator[dict[str, str]]:
    """Each claim and each member of the header holds the word once; the last token is good, and its jti holds it."""
    address = f"http://127.0.0.1:{port}{SERVICE}"
    for name in ("iss", "aud", "jti", "sub", "tenant", "exp", WORD):
        yield bearer(claims(**{"aud": address, name: WORD}))
    for name in ("kid", "typ", "jku", "crit", WORD):
        yield bearer(claims(aud=address), header(**{name: WORD}))


@contextmanager
def hearing(services: Forge, folder: Path, *options: str, port: int = 0) -> Iterator[Heard]:
    """A service for as long as the block lasts; then it is stopped in good order, so that all spans are sent."""
    running = services.start(*options, port=port, folder=folder)
    with httpx2.Client(base_url=running.base, trust_env=False, timeout=30) as client:
        heard = Heard(client)
        yield heard
        heard.bodies.append(client.get("/metrics").text)
    assert running.stop() == 0


def left_behind(folder: Path) -> dict[str, str]:
    """The files of a service but for its log, as text."""
    files = [each for each in folder.rglob("*") if each.is_file() and not each.name.startswith(KEPT)]
    return {str(each.relative_to(folder)): each.read_text(errors="replace") for each in files}


@pytest.mark.parametrize("every", [5, pytest.param(1, marks=pytest.mark.heavy)])
def test_no_word_of_a_patient_leaves_but_on_a_card(tmp_path, monkeypatch, every) -> None:
    port, folders = free_port(), [tmp_path / name for name in ("temporary", "sandbox", "production")]
    for each in folders:
        each.mkdir()
    monkeypatch.setenv("TMPDIR", str(folders[0]))
    with collector() as spans, forge(tmp_path) as services:
        traced = f'traces_endpoint = "{spans.url}"\n'
        (folders[1] / "service.toml").write_text(traced)
        with hearing(services, folders[1], "--config", str(folders[1] / "service.toml")) as inside:
            call_well(inside, lambda _: {})
            call_badly(inside, lambda _: {}, every)
            call_with_reads(inside)
            try_pages(inside)
            call_without_a_log(inside, lambda _: {}, folders[1] / "data" / KEPT)
        token = lambda path: bearer(claims(aud=f"http://127.0.0.1:{port}{path}", jti=f"{WORD}-{uuid4()}", sub=WORD))  # noqa: E731
        options = production_options(folders[2], port)
        Path(options[-1]).write_text(traced + Path(options[-1]).read_text())
        with hearing(services, folders[2], *options, port=port) as outside:
            call_well(outside, token)
            call_badly(outside, token, every)
            for each in bad_tokens(port):
                outside.ask("POST", SERVICE, json=chart_call(), headers=each)
            call_without_a_log(outside, token, folders[2] / "data" / KEPT)
    for heard in (inside, outside):
        assert {200, 400, 404, 405, 412, 415, 503} <= heard.statuses
        assert 500 not in heard.statuses
        assert [found(each) for each in heard.bodies if found(each)] == []
        assert "pncds_calls_total" in heard.bodies[-1]
    for name, text in [(name, text) for folder in folders for name, text in left_behind(folder).items()]:
        assert found(text) == [], name
    assert "the audit log cannot be written" in (folders[2] / "output").read_text()
    told = spans.spans()
    assert {span.name for span in told} >= {
        "POST /cds-services/{id}",
        "POST /cds-services/{id}/feedback",
        "fhir read",
        "audit append",
        "other other",
        "GET other",
    }
    assert {each.key for span in told for each in span.attributes} == ATTRIBUTES
    assert [each for each in spans.bodies if found(each.decode(errors="replace"))] == []
    assert [span.name for span in told if span.events or span.links or span.status.message] == []
