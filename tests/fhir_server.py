"""A FHIR server for tests: a small faithful search over a chart, and every misbehaviour that real servers have shown."""

from __future__ import annotations

import gzip
import json
import multiprocessing
import re
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from typing import Any
from urllib.parse import parse_qs, urlsplit

from charts import HL7, Chart, person, seen

from fhir_mappings.queries import QUERIES

CANARY = "CANARY-5d2e"
"""In everything the server says beyond the chart: none of it may be repeated anywhere."""
TOKEN = "CANARY-token-77aa"
"""What the server is read with."""
SECRETS = (CANARY, TOKEN)
GRANTED = {"access_token": TOKEN, "token_type": "Bearer", "expires_in": 300, "scope": "patient/*.rs", "subject": "cds"}
PAGE = 3
Body = dict[str, Any]
FHIR = "application/fhir+json"


@dataclass
class Asked:
    """One request as it came in."""

    path: str
    headers: dict[str, str]

    @property
    def type(self) -> str:
        return urlsplit(self.path).path.removeprefix("/fhir/").split("/")[0]

    def parameter(self, name: str) -> str:
        return parse_qs(urlsplit(self.path).query).get(name, [""])[0]

    @property
    def key(self) -> str:
        """The prefetch key whose search this is."""
        wanted = (self.type, self.parameter("category"), self.parameter("code"))
        return next((key for key, value in _SEARCHES.items() if value == wanted), "")


_SEARCHES = {
    key: (each.type, each.parameter("category"), each.parameter("code"))
    for key, each in ((key, Asked(f"/fhir/{query.template}", {})) for key, query in QUERIES.items())
}

Fault = Callable[["Handler", Asked, Body], None]


@dataclass
class FhirServer:
    """A running server: what it holds, how it misbehaves (by key, or `*` for all), and what it was asked."""

    resources: list[Body]
    base: str = ""
    faults: dict[str, Fault] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    posted: list[tuple[Asked, Body]] = field(default_factory=list)
    delay: float = 0.0
    page: int | None = None
    version: str = "4.0.1"
    closing: threading.Event = field(default_factory=threading.Event)

    def searched(self) -> set[str]:
        return {each.key for each in self.asked}

    def times(self, key: str) -> int:
        return sum(each.key == key for each in self.asked)

    def found(self, asked: Asked) -> Body:
        """What a faithful server answers."""
        if asked.type == "metadata":
            return {"resourceType": "CapabilityStatement", "fhirVersion": self.version}
        wanted = urlsplit(asked.path).path.rpartition("/")[2]
        if wanted == "Patient":
            return self.bundle(asked, [each for each in self.resources if each["resourceType"] == "Patient" and _is_called(each, asked.parameter("name"))])
        if asked.type == "Patient":
            return next((each for each in self.resources if each["resourceType"] == "Patient" and each["id"] == wanted), {})
        return self.bundle(asked, [each for each in self.resources if _matches(each, asked)])

    def bundle(self, asked: Asked, matches: list[Body]) -> Body:
        size, number = self.page or int(asked.parameter("_count") or 20), int(asked.parameter("page") or 1)
        shown = matches[(number - 1) * size : number * size]
        origin = self.base.removesuffix("/fhir")
        link = [{"relation": "self", "url": origin + asked.path}]
        if number * size < len(matches):
            plain = asked.path.replace(f"&page={number}", "")
            link.append({"relation": "next", "url": f"{origin}{plain}&page={number + 1}"})
        entries = [{"fullUrl": f"{self.base}/{each['resourceType']}/{each['id']}", "resource": each, "search": {"mode": "match"}} for each in shown]
        return {"resourceType": "Bundle", "type": "searchset", "total": len(matches), "link": link, "entry": entries}


def _matches(resource: Body, asked: Asked) -> bool:
    if resource["resourceType"] != asked.type or resource.get("subject", {}).get("reference", "") not in {f"Patient/{asked.parameter('patient')}", ""}:
        return False
    codes, category = asked.parameter("code"), asked.parameter("category")
    return (not codes or bool(_codes(resource.get("code", {})) & set(codes.split(",")))) and (
        not category or any(category in _codes(each) for each in resource.get("category", []))
    )


def _is_called(patient: Body, name: str) -> bool:
    """A part of the name begins so (R4's search for strings); a backslash says that what follows it is meant as it stands."""
    wanted = re.sub(r"\\(.)", r"\1", name).casefold()
    parts = [part for each in patient.get("name", []) for part in (each.get("text"), each.get("family"), *each.get("given", [])) if part]
    return not wanted or any(part.casefold().startswith(wanted) for part in parts)


def _codes(concept: Body) -> set[str]:
    return {each.get("code", "") for each in concept.get("coding", [])}


class Handler(BaseHTTPRequestHandler):
    """Answers as the server's faults say, and faithfully otherwise."""

    protocol_version = "HTTP/1.1"
    fhir: FhirServer
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        asked = Asked(self.path, dict(self.headers.items()))
        self.fhir.asked.append(asked)
        if self.fhir.delay:
            self.fhir.closing.wait(self.fhir.delay)
        lawful = self.fhir.found(asked)
        fault = self.fhir.faults.get(asked.key) or self.fhir.faults.get("*")
        if fault:
            fault(self, asked, lawful)
        else:
            self.lawful(lawful)

    def do_POST(self) -> None:
        """Takes a transaction whole, or does what the fault named `post` says. Searches are to be asked for with GET."""
        asked = Asked(self.path, dict(self.headers.items()))
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path.endswith("/_search"):
            self.say(405, outcome("error"))
        else:
            self._take(asked, json.loads(body))

    def _take(self, asked: Asked, body: Body) -> None:
        self.fhir.posted.append((asked, body))
        lawful = {"resourceType": "Bundle", "type": "transaction-response", "entry": [{"response": {"status": "201 Created"}} for _ in body["entry"]]}
        self.fhir.faults.get("post", lambda handler, asked, lawful: handler.lawful(lawful))(self, asked, lawful)

    def lawful(self, body: Body) -> None:
        self.say(200 if body else 404, body or outcome("error"))

    def say(self, status: int, body: Any, content_type: str = FHIR, **headers: str) -> None:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {
            "Content-Type": content_type,
            "Content-Length": str(len(raw)),
            "X-Patient": CANARY,
            "Set-Cookie": f"session={CANARY}",
            **headers,
        }.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(raw)

    def leave(self) -> None:
        self.close_connection = True

    def log_message(self, *_: Any) -> None: ...


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_: Any) -> None:
        """Clients leave; that is what these tests are about."""


@contextmanager
def fhir_server(chart: Chart, tls: ssl.SSLContext | None = None, **more: Any) -> Iterator[FhirServer]:
    running = FhirServer(chart.resources(), **more)
    server = Server(("127.0.0.1", 0), type("Answers", (Handler,), {"fhir": running}))
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    running.base = f"http://127.0.0.1:{server.server_address[1]}/fhir"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield running
    finally:
        running.closing.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


@contextmanager
def fhir_server_elsewhere(chart: Chart, delay: float) -> Iterator[str]:
    """The base of a server in a process of its own, so that it takes no time from whoever measures."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(chart, delay, there), daemon=True)
    process.start()
    try:
        yield here.recv()
    finally:
        here.send("enough")
        process.join(10)


def _serve(chart: Chart, delay: float, caller: Connection) -> None:
    with fhir_server(chart, delay=delay) as running:
        caller.send(running.base)
        caller.recv()


# --- what a server may say
def outcome(severity: str) -> Body:
    return {"resourceType": "OperationOutcome", "issue": [{"severity": severity, "code": "processing", "diagnostics": CANARY}]}


def status(number: int, **headers: str) -> Fault:
    return lambda handler, asked, lawful: handler.say(number, outcome("error"), **headers)


def saying(body: Any, content_type: str = FHIR, **headers: str) -> Fault:
    return lambda handler, asked, lawful: handler.say(200, body, content_type, **headers)


def changed(change: Callable[[Body], Any]) -> Fault:
    """Another answer made from the lawful one. A Patient is left as he is."""
    return lambda handler, asked, lawful: handler.lawful(change(json.loads(json.dumps(lawful))) if asked.type != "Patient" else lawful)


def with_members(**members: Any) -> Fault:
    return changed(lambda bundle: {**bundle, **members})


def without(*members: str) -> Fault:
    return changed(lambda bundle: {name: value for name, value in bundle.items() if name not in members})


def entries_changed(change: Callable[[Body], Body]) -> Fault:
    return changed(lambda bundle: {**bundle, "entry": [change(each) for each in bundle["entry"]]})


def and_entries(*more: Body) -> Fault:
    return changed(lambda bundle: {**bundle, "entry": [*bundle["entry"], *more]})


def next_link(url: str) -> Fault:
    """A further page is promised, more records than this page holds, and the link leads where `url` says; {base} is the server's."""

    def answer(handler: Handler, asked: Asked, lawful: Body) -> None:
        link = [{"relation": "next", "url": url.format(base=handler.fhir.base, self=handler.fhir.base.removesuffix("/fhir") + asked.path)}]
        handler.lawful({**lawful, "link": link} if asked.type != "Patient" else lawful)

    return answer


def once(fault: Fault) -> Fault:
    """The first time for each search; faithful afterwards."""
    return lambda handler, asked, lawful: fault(handler, asked, lawful) if handler.fhir.times(asked.key) == 1 else handler.lawful(lawful)


def unless_sorted(fault: Fault) -> Fault:
    """A server that knows no order for this search."""
    return lambda handler, asked, lawful: fault(handler, asked, lawful) if asked.parameter("_sort") else handler.lawful(lawful)


def redirect(number: int, location: str) -> Fault:
    return lambda handler, asked, lawful: handler.say(number, b"", Location=location.format(base=handler.fhir.base))


# --- below HTTP
def hang(handler: Handler, asked: Asked, lawful: Body) -> None:
    handler.fhir.closing.wait(30)
    handler.leave()


def drip(handler: Handler, asked: Asked, lawful: Body) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", FHIR)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    while not handler.fhir.closing.wait(0.02):
        handler.wfile.write(b" ")


def drip_headers(handler: Handler, asked: Asked, lawful: Body) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while not handler.fhir.closing.wait(0.02):
        handler.wfile.write(b"X: y\r\n")


def reset(handler: Handler, asked: Asked, lawful: Body) -> None:
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.leave()


def closed_early(handler: Handler, asked: Asked, lawful: Body) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", FHIR)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"resourceType"')
    handler.leave()


def closed_at_once(handler: Handler, asked: Asked, lawful: Body) -> None:
    handler.leave()


def no_http(handler: Handler, asked: Asked, lawful: Body) -> None:
    handler.wfile.write(b"SSH-2.0-OpenSSH_9.9 " + CANARY.encode() + b"\r\n")
    handler.leave()


def huge(handler: Handler, asked: Asked, lawful: Body) -> None:
    handler.say(200, json.dumps(lawful).encode() + b" " * (9 * 1024 * 1024))


def bomb(handler: Handler, asked: Asked, lawful: Body) -> None:
    handler.say(200, gzip.compress(b" " * 10_000_000), Content_Encoding="gzip")


def endless_pages(handler: Handler, asked: Asked, lawful: Body) -> None:
    """Each page holds one more record and promises another page."""
    number = int(asked.parameter("page") or 1)
    plain = asked.path.partition("&page=")[0]
    record = {**seen("Blood pressure", number, "x").resource, "resourceType": asked.type, "id": f"page-{number}"}
    link = [{"relation": "next", "url": f"{plain}&page={number + 1}"}]
    lawful = {**lawful, "entry": [*(lawful.get("entry", []) if number == 1 else []), {"resource": record}], "link": link}
    handler.lawful(lawful if asked.type != "Patient" else handler.fhir.found(asked))


def second_page(fault: Fault) -> Fault:
    """One record a page, and the second page goes wrong."""

    def answer(handler: Handler, asked: Asked, lawful: Body) -> None:
        if asked.parameter("page") == "2":
            fault(handler, asked, lawful)
        elif asked.type == "Patient":
            handler.lawful(lawful)
        else:
            link = [{"relation": "next", "url": f"{handler.fhir.base.removesuffix('/fhir')}{asked.path}&page=2"}]
            handler.lawful({**lawful, "total": lawful["total"] + 1, "link": link})

    return answer


def ignoring_the_patient(handler: Handler, asked: Asked, lawful: Body) -> None:
    """Everybody's records."""
    everybody = [*(each["resource"] for each in lawful.get("entry", [])), *(_of_others(asked.type) if asked.type != "Patient" else [])]
    handler.lawful(handler.fhir.bundle(asked, everybody) if asked.type != "Patient" else lawful)


def _of_others(type: str) -> list[Body]:
    leak = seen("urinary incontinence", 1, "present").resource
    return [{**leak, "resourceType": type, "id": f"other-{number}", "subject": {"reference": f"Patient/other-{number}"}} for number in range(3)]


def ignoring_the_code(handler: Handler, asked: Asked, lawful: Body) -> None:
    """All records of that type, whatever code or category was asked for."""
    every = [each for each in handler.fhir.resources if each["resourceType"] == asked.type]
    handler.lawful(handler.fhir.bundle(asked, every) if asked.type != "Patient" else lawful)


def another_patient(handler: Handler, asked: Asked, lawful: Body) -> None:
    handler.lawful({**person().resource, "id": "other", "name": [{"family": CANARY}]} if asked.type == "Patient" else lawful)


def stu3(entry: Body) -> Body:
    resource = {**entry["resource"], "context": {"reference": "Encounter/1"}, "assertedDate": "2026-01-01", "clinicalStatus": "active"}
    return {**entry, "resource": resource}


def bare(bundle: Body) -> Body:
    return bundle["entry"][0]["resource"] if bundle["entry"] else bundle


def category(code: str) -> list[Body]:
    return [{"coding": [{"system": f"{HL7}/observation-category", "code": code}]}]
