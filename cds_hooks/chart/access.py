"""What the call lets us read: the server, the token and its scopes. The token is held here and shown nowhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from cds_hooks.chart.servers import NotAServer, Reach, Server
from fhir_mappings.elements import string
from fhir_mappings.queries import Query

_BEARER_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]+")
ABOUT_THE_PERSON = frozenset({"launch", "openid", "profile", "fhiruser", "online_access", "offline_access", "email", "phone", "address"})
_SCOPE = re.compile(r"(?:patient|user|system)/(?P<type>\*|[A-Z][A-Za-z]+)\.(?P<rights>\*|read|write|[cruds]+)(?:\?(?P<only>.*))?")


class Token:
    """A bearer token. It has no readable form but the header it is sent in."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    @classmethod
    def of(cls, value: object) -> Token | None:
        """The token, or None for anything that cannot stand in a header."""
        return cls(value) if isinstance(value, str) and _BEARER_TOKEN.fullmatch(value) else None

    def header(self) -> str:
        return f"Bearer {self._value}"

    def __repr__(self) -> str:
        return "Token(…)"

    def __reduce__(self) -> Any:
        raise TypeError("a token is never stored")


@dataclass(frozen=True, slots=True)
class Access:
    """Leave to read one server. No token: the server is read openly."""

    server: Server
    reach: Reach
    token: Token | None = None
    scope: str = ""

    def covers(self, query: Query) -> bool:
        """Do the scopes let this search be made? Where they hold words of a server's own, it is left for the server to judge."""
        said = [each for each in self.scope.split() if each.partition("/")[0].casefold() not in ABOUT_THE_PERSON]
        granted = [_SCOPE.fullmatch(each) for each in said]
        return not all(granted) or not granted or any(_covers(each, query) for each in granted if each)


@dataclass(frozen=True, slots=True)
class NoAccess:
    """Why nothing is read, in our own words."""

    reason: str


def access(fhir_server: str | None, authorization: Mapping[str, Any] | None, patient_id: str, reach: Reach) -> Access | NoAccess:
    """Leave to read for the patient in context, or why there is none."""
    if not fhir_server:
        return NoAccess("no FHIR server was named")
    try:
        server = reach.find(fhir_server)
    except NotAServer as wrong:
        return NoAccess(f"the FHIR server cannot be used: {wrong}")
    if server is None:
        return NoAccess("the FHIR server is not one that may be read for this client")
    if authorization is None:
        return Access(server, reach) if reach.loopback_unlisted or reach.anywhere else NoAccess("no access token was sent")
    return _with_token(server, reach, authorization, patient_id)


def _with_token(server: Server, reach: Reach, authorization: Mapping[str, Any], patient_id: str) -> Access | NoAccess:
    token, kind, expires = Token.of(authorization.get("access_token")), authorization.get("token_type"), authorization.get("expires_in")
    if token is None or string(kind or "Bearer").casefold() != "bearer":
        return NoAccess("the access token is not a Bearer token")
    if isinstance(expires, int | float) and expires <= 0:
        return NoAccess("the access token has expired")
    patient = string(authorization.get("patient")).rpartition("/")[2]
    if patient and patient != patient_id:
        return NoAccess("the access token is for another patient")
    return Access(server, reach, token, string(authorization.get("scope")))


def _covers(granted: re.Match[str], query: Query) -> bool:
    """Reading by id needs the right to read, searching the right to search. A scope for a part of the records covers only a search for that part."""
    if granted["type"] not in {"*", query.resource_type}:
        return False
    rights, needed = granted["rights"], "s" if "?" in query.template else "r"
    if rights not in {"*", "read"} and needed not in rights:
        return False
    return rights != "write" and _pairs(granted["only"] or "") <= _pairs(query.template.partition("?")[2])


def _pairs(parameters: str) -> set[tuple[str, str]]:
    """Search parameters without code systems, for comparison."""
    return {(name, value.rpartition("|")[2]) for name, value in parse_qsl(parameters, keep_blank_values=True)}
