"""What a FHIR server may do instead of answering well, and what becomes of the search: tests read it, and so does docs/connecting/data.md."""

from __future__ import annotations

from dataclasses import dataclass

import fhir_server as server
from charts import Chart, person, problem, seen
from fhir_server import CANARY, Fault

RED_FLAG = Chart(
    (
        person(name=[{"family": CANARY}]),
        problem("urinary incontinence", 2, note=[{"text": CANARY}]),
        problem("leg cramps", 5),
        seen("leg cramps", 3),
        seen("saddle numbness", 1),
    )
)
"""A red flag in the Conditions, and another in the Observations: either source is enough for the card."""


@dataclass(frozen=True)
class Row:
    """`state` and `reason` of the search that met this. `slow` where only the time budget ends it."""

    name: str
    fault: Fault
    state: str
    reason: str = ""
    slow: bool = False


TIME, CONNECTION, OTHER, CUT = "no answer in time", "no connection", "the server answered something other than FHIR JSON", "more pages"
HTML = f"<html><body>Please sign in, {CANARY}</body></html>".encode()
EPIC = {"resource": server.outcome("warning"), "search": {"mode": "outcome"}}
HOP = "{base}/Condition?elsewhere"


def answered(status: int) -> str:
    return f"the server answered {status}"


ROWS = (
    Row("faithful", lambda handler, asked, lawful: handler.lawful(lawful), "data"),
    # connection
    Row("never answers", server.hang, "error", TIME, slow=True),
    Row("sends a byte now and then", server.drip, "error", TIME, slow=True),
    Row("sends headers without end", server.drip_headers, "error", TIME, slow=True),
    Row("resets the connection", server.reset, "error", CONNECTION),
    Row("resets the connection once", server.once(server.reset), "data"),
    Row("closes without an answer", server.closed_at_once, "error", CONNECTION),
    Row("closes without an answer once", server.once(server.closed_at_once), "data"),
    Row("closes in the middle of an answer", server.closed_early, "error", CONNECTION),
    Row("speaks another protocol", server.no_http, "error", CONNECTION),
    Row("an answer of 9 MiB", server.huge, "error", "the server's answer is too large"),
    # status
    Row("400", server.status(400), "error", answered(400)),
    Row("400 for the order of a search", server.unless_sorted(server.status(400)), "data"),
    Row("401", server.status(401), "error", answered(401)),
    Row("403", server.status(403), "error", answered(403)),
    Row("404", server.status(404), "error", answered(404)),
    Row("410", server.status(410), "error", answered(410)),
    Row("429, Retry-After 0", server.status(429, Retry_After="0"), "error", answered(429)),
    Row("429 once, Retry-After 0", server.once(server.status(429, Retry_After="0")), "data"),
    Row("429 once, Retry-After 1", server.once(server.status(429, Retry_After="1")), "data"),
    Row("429 once, Retry-After 100", server.once(server.status(429, Retry_After="100")), "error", answered(429)),
    Row("429 once, Retry-After a date", server.once(server.status(429, Retry_After="Fri, 31 Dec 2066 23:59:59 GMT")), "error", answered(429)),
    Row("500", server.status(500), "error", answered(500)),
    Row("500 once", server.once(server.status(500)), "error", answered(500)),
    *(Row(f"{each}", server.status(each), "error", answered(each)) for each in (502, 503, 504)),
    *(Row(f"{each} once", server.once(server.status(each)), "data") for each in (502, 503, 504)),
    Row("301 to elsewhere", server.redirect(301, f"http://127.0.0.2/{CANARY}"), "error", answered(301)),
    Row("302 to itself", server.redirect(302, HOP), "error", answered(302)),
    Row("307 to another scheme", server.redirect(307, "https://ehr.example/fhir"), "error", answered(307)),
    Row("204", server.status(204), "error", answered(204)),
    # content
    Row("an HTML page", server.saying(HTML, "text/html"), "error", OTHER),
    Row("an HTML page called JSON", server.saying(HTML), "error", "the server's answer is not valid JSON"),
    Row("FHIR called plain text", lambda handler, asked, lawful: handler.say(200, lawful, "text/plain"), "error", OTHER),
    Row("FHIR called JSON", lambda handler, asked, lawful: handler.say(200, lawful, "application/json; charset=UTF-8"), "data"),
    Row("compressed although not asked", server.bomb, "error", OTHER),
    Row("an empty body", server.saying(b""), "error", "the server's answer is not valid JSON"),
    Row("JSON cut short", server.saying(b'{"resourceType": "Bundle", "entry": ['), "error", "the server's answer is not valid JSON"),
    Row("NaN", server.saying(b'{"resourceType": "Bundle", "total": NaN}'), "error", "the server's answer is not valid JSON"),
    Row("JSON 100 levels deep", server.saying(b"[" * 100 + b"]" * 100), "error", "the server's answer is not valid JSON"),
    Row("Latin-1", server.saying('{"resourceType": "Bundle", "id": "é"}'.encode("latin-1")), "error", "the server's answer is not valid JSON"),
    Row("null", server.saying(b"null"), "error", "the server's answer is not a Bundle"),
    Row("an empty object", server.saying(b"{}"), "error", "the server's answer is not a Bundle"),
    Row("a list", server.saying([]), "error", "not a FHIR resource"),
    Row("JSON that is not FHIR", server.saying({"message": CANARY}), "error", "not a FHIR resource"),
    Row("an error outcome with 200", server.saying(server.outcome("error")), "error", "OperationOutcome"),
    Row("a warning outcome with 200", server.saying(server.outcome("warning")), "error", "the server's answer is not a Bundle"),
    Row("a warning in an empty Bundle", server.changed(lambda bundle: {**bundle, "total": 0, "entry": [EPIC]}), "empty"),
    Row(
        "an error in an empty Bundle", server.changed(lambda bundle: {**bundle, "entry": [{"resource": server.outcome("error")}]}), "error", "OperationOutcome"
    ),
    Row(
        "an error beside the records", server.and_entries({"resource": server.outcome("fatal"), "search": {"mode": "outcome"}}), "truncated", "OperationOutcome"
    ),
    Row("a warning and included records beside the records", server.and_entries(EPIC, {"resource": person().resource, "search": {"mode": "include"}}), "data"),
    Row("entries that hold nothing", server.entries_changed(lambda _: {"resource": None}), "error", "no readable entry"),
    Row(
        "another type of resource",
        server.entries_changed(lambda entry: {"resource": {**entry["resource"], "resourceType": "Basic"}}),
        "error",
        "another resource type",
    ),
    Row("a bare resource", server.changed(server.bare), "data"),
    Row("STU3", server.entries_changed(server.stu3), "wrong version", "members that R4 never had"),
    Row("no total", server.without("total"), "data"),
    Row("no links", server.without("link"), "data"),
    Row("no fullUrl", server.entries_changed(lambda entry: {"resource": entry["resource"]}), "data"),
    Row("a total that is no number", server.with_members(total="many"), "data"),
    Row("the records of everybody", server.ignoring_the_patient, "data"),
    Row("every code and category", server.ignoring_the_code, "data"),
    # pages
    Row("a total above the entries, and no further page", server.changed(lambda bundle: {**bundle, "total": 99}), "truncated", CUT),
    Row("pages without end", server.endless_pages, "truncated", CUT),
    Row("a next page that is the same page", server.next_link("{self}"), "truncated", CUT),
    Row("a second page with an error", server.second_page(server.status(500)), "truncated", f"{CUT}; {answered(500)}"),
    Row("a second page that is an error outcome", server.second_page(server.saying(server.outcome("error"))), "truncated", f"{CUT}; OperationOutcome"),
    Row("a second page in HTML", server.second_page(server.saying(HTML, "text/html")), "truncated", f"{CUT}; {OTHER}"),
    Row("a second page that never comes", server.second_page(server.hang), "truncated", f"{CUT}; {TIME}", slow=True),
)

LINKS = (
    "http://127.0.0.2/fhir/Condition?page=2", "http://localhost/fhir/Condition?page=2", "https://ehr.example/fhir/Condition?page=2", "//ehr.example/fhir/Condition?page=2",
    "http://127.0.0.1:1/fhir/Condition?page=2", "http://169.254.169.254/latest/meta-data", "ftp://127.0.0.1/fhir/Condition", "file:///etc/passwd", "gopher://127.0.0.1/", "javascript:x", "data:,x",
    "http://user:secret@127.0.0.1/fhir/Condition", "{base}/../admin?page=2", "{base}/./../../admin", "{base}/%2e%2e/admin", "{base}/..;/admin", "{base}/..;x=y/admin?page=2", "{base}x/Condition?page=2",
    "../admin?page=2", "/admin?page=2", "{base}/Condition?page=2#part", "{base}/Condition\\..\\admin", "{base}/Condition?page=2\r\nX: y", "{base}/Condition?page=\x00", "{base}/Condition?page=é",
    "http://[::1", "http://127.0.0.1:99999/fhir", "http://127.0.0.1:0/fhir/Condition", "http://127.0.0.1\\@evil.example/fhir", "{base}/Condition?" + "x" * 5000, "", " ",
)  # fmt: skip
"""Further pages that are not fetched: they leave the server, or are not in plain spelling."""
