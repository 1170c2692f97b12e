"""The official CDS Hooks Sandbox (github.com/cds-hooks/sandbox at 3b7e255) as far as a service meets it: what it sends from a browser, and what it makes of the answer.

Written from a description of its behaviour and from recorded traffic, with its quirks: repeated search parameters are merged, one page of a search is passed on,
what was not found is left out, raw HTML in `detail` is rendered, feedback carries no comment and perhaps no reason.
"""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlencode
from uuid import uuid4

import tokens
from markdown_it import MarkdownIt

ISSUER = "https://sandbox.cds-hooks.org"
JKU = f"{ISSUER}/.well-known/jwks.json"
USER = "Practitioner/COREPRACTITIONER1"
OBSOLETE_FHIR = "application/json+fhir"
ORDER = ("critical", "warning", "info")
ALL_CLEAR = "All clear!"
GITHUB = MarkdownIt("gfm-like", {"html": True, "linkify": True})
Body = dict[str, Any]


class Blocked(Exception):
    """The browser would not have let the page do this."""


class Http(Protocol):
    def request(self, method: str, url: str, **how: Any) -> Any:
        """An exchange with the service, with `status_code`, `headers` and `content`."""


@dataclass(frozen=True)
class Panel:
    """What the page shows beside the chart. Of an answer that is none only a developer learns."""

    cards: list[Body] = field(default_factory=list)
    status: int = 200

    @property
    def words(self) -> str:
        return ALL_CLEAR if self.status == 200 and not self.cards else "\n".join(each["summary"] for each in self.cards)

    @property
    def topics(self) -> list[str]:
        return [each["source"]["topic"]["code"] for each in self.cards]

    def html(self) -> str:
        """Each detail as GitHub markdown with raw HTML, as it stands in the page."""
        return "\n".join(GITHUB.render(each.get("detail", "")) for each in self.cards)


@dataclass
class OfficialSandbox:
    """One page in a browser. `asks_for_local_network`: the browser asks the service itself, as it did before it asked the user."""

    http: Http
    discovery: str
    fhir: str
    patient: str
    origin: str = "http://127.0.0.1:9080"
    asks_for_local_network: bool = False
    token: str = ""
    sent: Body = field(default_factory=dict)

    def services(self) -> list[Body]:
        """What discovery lists; the page leaves a service without any out."""
        return [each for each in self._fetched("GET", self.discovery)[1].get("services", []) if each["hook"] == "patient-view"]

    def open_chart(self) -> Panel:
        (service,) = self.services()
        self.sent = {
            "hookInstance": str(uuid4()),
            "hook": "patient-view",
            "fhirServer": self.fhir,
            "context": {"patientId": self.patient, "userId": USER},
            "prefetch": self.prefetched(service["prefetch"]),
        }
        status, body = self._fetched("POST", f"{self.discovery}/{service['id']}", self.sent)
        cards = sorted(body.get("cards", []), key=lambda each: ORDER.index(each["indicator"]))
        return Panel(cards, status)

    def accept(self, card: Body, suggestion: Body) -> int:
        """The suggestion's button: nothing is written to the FHIR server, the service is told."""
        return self._tell({"card": card["uuid"], "outcome": "accepted", "acceptedSuggestions": [{"id": suggestion["uuid"]}], "outcomeTimestamp": _moment()})

    def dismiss(self, card: Body, reason: Body | None = None) -> int:
        """The dismiss button, or a line of its menu: the reason's code, and its system where the card gave one."""
        chosen = {name: reason[name] for name in ("code", "system") if name in reason} if reason else {}
        said = {"card": card["uuid"], "outcome": "overridden", "outcomeTimestamp": _moment()}
        return self._tell({**said, **({"overrideReason": {"reason": chosen}} if chosen else {})})

    def prefetched(self, templates: dict[str, str]) -> Body:
        """The FHIR server's answers by key; what could not be resolved or was not found is left out."""
        found = {key: self._searched(_merged(resolved)) for key, template in templates.items() if "{{" not in (resolved := self._resolved(template))}
        return {key: value for key, value in found.items() if value is not None}

    def _resolved(self, template: str) -> str:
        known = {"context.patientId": self.patient, "context.userId": USER, "userPractitionerId": USER.partition("/")[2]}
        for name, value in known.items():
            template = template.replace(f"{{{{{name}}}}}", value)
        return re.sub(r"\{\{today\(\)(?: - (\d+) days)?\}\}", lambda ago: str(datetime.now(UTC).date() - timedelta(int(ago[1] or 0))), template)

    def _searched(self, query: str) -> Any:
        """POST for a search, and GET where the server does not take that. One page, as it came."""
        path, _, parameters = query.partition("?")
        if parameters:
            found = self._asked(f"{path}/_search", parameters.encode())
            if found is not None:
                return found
        return self._asked(query)

    def _asked(self, path: str, form: bytes | None = None) -> Any:
        headers = {"Accept": OBSOLETE_FHIR, **({"Content-Type": "application/x-www-form-urlencoded"} if form else {})}
        try:
            with urllib.request.urlopen(urllib.request.Request(f"{self.fhir}/{path}", form, headers), timeout=20) as answer:
                return json.load(answer)
        except urllib.error.HTTPError:
            return None

    def _tell(self, item: Body) -> int:
        (service,) = self.services()
        return self._fetched("POST", f"{self.discovery}/{service['id']}/feedback", {"feedback": [item]})[0]

    def _fetched(self, method: str, url: str, body: Body | None = None) -> tuple[int, Body]:
        """As `fetch` in a page of another origin: a preflight first, and an answer that the page may read."""
        headers = {"Accept": "application/json", "Authorization": f"Bearer {self._signed(url)}", "Origin": self.origin}
        if body is not None:
            headers["Content-Type"] = "application/json"
        self._preflight(method, url, "authorization,content-type" if body is not None else "authorization")
        answer = self.http.request(method, url, headers=headers, content=json.dumps(body).encode() if body is not None else None)
        self._check_origin(answer.headers)
        return answer.status_code, json.loads(answer.content) if answer.content else {}

    def _preflight(self, method: str, url: str, wanted: str) -> None:
        asked = {"Origin": self.origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": wanted}
        if self.asks_for_local_network:
            asked["Access-Control-Request-Private-Network"] = "true"
        answer = self.http.request("OPTIONS", url, headers=asked)
        self._check_origin(answer.headers)
        allowed = {each.strip().lower() for each in answer.headers.get("access-control-allow-headers", "").split(",")}
        if not 200 <= answer.status_code < 300 or not set(wanted.split(",")) <= allowed:  # a * would not stand for authorization
            raise Blocked(f"preflight for {method} {url}: {answer.status_code}, {sorted(allowed)}")
        if self.asks_for_local_network and answer.headers.get("access-control-allow-private-network") != "true":
            raise Blocked("the service does not want to be called from a public page")

    def _check_origin(self, headers: Any) -> None:
        if headers.get("access-control-allow-origin") not in {"*", self.origin}:
            raise Blocked("the page may not read the answer")

    def _signed(self, url: str) -> str:
        """ES384 for the very address that is called, five minutes long; by an invented key in place of the one that is published."""
        at = tokens.now()
        said = {"iss": ISSUER, "aud": url, "exp": at + 300, "iat": at, "jti": str(uuid4())}
        self.token = tokens.signed(said, tokens.header(jku=JKU))
        return self.token


def _merged(query: str) -> str:
    """A parameter given twice becomes one with a comma: AND turns into OR."""
    path, mark, parameters = query.partition("?")
    together: dict[str, list[str]] = {}
    for name, value in parse_qsl(parameters, keep_blank_values=True):
        together.setdefault(name, []).append(value)
    return f"{path}{mark}{urlencode({name: ','.join(values) for name, values in together.items()})}"


def _moment() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
