"""Is this token good? One verdict for the caller, the same whatever is wrong; the cause is for the audit log.

What CDS Hooks asks of a token is checked here, field by field; joserfc checks the signature and nothing else.
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeGuard
from urllib.parse import urlsplit

from joserfc import jws
from joserfc.errors import JoseError

from cds_hooks.errors import Refusal
from cds_hooks.strict_json import decode
from cds_hooks.trust.clients import Client
from cds_hooks.trust.keys import MAX_KID, Key
from cds_hooks.trust.keysets import KeySet, NoKeysYet

MAX_TOKEN = 8 * 1024
MAX_TEXT = 256
"""Characters of a jti or a tenant."""
MAX_TIME = 2**53
SKEW_SECONDS = 60
NEVER_FOLLOWED = ("crit", "b64", "jwk", "x5c", "x5u")
"""Header members that ask for another way of checking, or bring their own key. RFC 7515 sections 4.1.3 to 4.1.11, RFC 7797."""
_BEARER = re.compile(r"bearer +(\S+)", re.IGNORECASE)
_TOKEN = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


class Cause(StrEnum):
    """Why a token was not taken."""

    MISSING = "no token"
    SCHEME = "not a bearer token"
    SIZE = "token too large"
    FORM = "not a signed JWT"
    TYPE = "typ is not JWT"
    KID = "kid missing or not a short text"
    FOREIGN_KEY = "header brings or asks for a key or check of its own"
    ALGORITHM = "algorithm not one of this client"
    ISSUER = "issuer not registered"
    JKU = "jku is not the registered one"
    TIMES = "exp or iat missing or not whole seconds"
    EXPIRED = "expired"
    EARLY = "iat or nbf lies ahead"
    LIFETIME = "lives too long"
    AUDIENCE = "meant for another audience"
    SUBJECT = "sub is not a text"
    JTI = "jti missing or not a short text"
    TENANT = "tenant not registered"
    UNKNOWN_KEY = "key not known"
    SIGNATURE = "signature wrong"
    REPLAYED = "token used before"
    KEYS_UNAVAILABLE = "keys could not be fetched"


class Denied(Exception):
    """A token that is not taken. `issued_by` is the client it says it comes from, whose signature was not necessarily checked."""

    def __init__(self, cause: Cause, issued_by: Client | None = None) -> None:
        super().__init__(str(cause))
        self.cause = cause
        self.issued_by = issued_by

    @property
    def claimed(self) -> str:
        return self.issued_by.name if self.issued_by else ""

    def refusal(self) -> Refusal:
        return unauthorized(self.cause, self.claimed)


def unauthorized(cause: Cause, claimed: str = "") -> Refusal:
    """The one answer to every token that is not taken."""
    return Refusal("unauthorized", "The call was not authorised.", {"WWW-Authenticate": "Bearer"}, cause, claimed)


@dataclass(frozen=True, slots=True)
class Caller:
    """A client whose token is good. `expires`: the second (epoch) from which the token is refused anyway, skew included."""

    client: Client
    jti: str
    expires: int
    tenant: str | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """A token taken apart, nothing of it believed yet."""

    compact: str
    header: Mapping[str, Any]
    claims: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Verifier:
    """The registered clients by issuer, with their keys."""

    clients: Mapping[str, Client]
    keys: Mapping[str, KeySet]
    now: Callable[[], datetime]

    async def verify(self, authorization: str | None, audiences: Iterable[str]) -> Caller:
        """The caller whose token the Authorization header holds, meant for one of `audiences`. Raises Denied. No outbound request before all else is right."""
        token = taken_apart(authorization)
        client = self.issuer(token)
        try:
            _check_header(token, client)
            caller = self._check_claims(token.claims, client, {*audiences, *client.extra_audiences})
            _check_signature(token, await self._key(token, client))
        except Denied as wrong:
            raise Denied(wrong.cause, client) from None
        return caller

    def issuer(self, token: Token) -> Client:
        """The client the token says it comes from. Raises Denied for one that is not registered."""
        issuer = token.claims.get("iss")
        client = self.clients.get(issuer) if isinstance(issuer, str) else None
        if client is None:
            raise Denied(Cause.ISSUER)
        return client

    def _check_claims(self, claims: Mapping[str, Any], client: Client, audiences: set[str]) -> Caller:
        expires = _check_times(claims, client, self.now().timestamp())
        said = claims.get("aud")
        meant_for = said if isinstance(said, list) else [said]
        if not all(isinstance(each, str) for each in meant_for) or audiences.isdisjoint(meant_for):
            raise Denied(Cause.AUDIENCE)
        if not isinstance(claims.get("sub", ""), str):
            raise Denied(Cause.SUBJECT)
        jti, tenant = claims.get("jti"), claims.get("tenant")
        if not _is_short_text(jti) or not str(jti).strip():
            raise Denied(Cause.JTI)
        if not (tenant is None or _is_short_text(tenant)) or (client.tenants and tenant not in client.tenants):
            raise Denied(Cause.TENANT)
        return Caller(client, str(jti), expires + SKEW_SECONDS, tenant)

    async def _key(self, token: Token, client: Client) -> Key:
        try:
            key = await self.keys[client.issuer].find(token.header["kid"], token.header["alg"])
        except NoKeysYet:
            raise Denied(Cause.KEYS_UNAVAILABLE) from None
        if key is None:
            raise Denied(Cause.UNKNOWN_KEY)
        return key


def taken_apart(authorization: str | None) -> Token:
    """The token of an Authorization header. Raises Denied for anything that is no signed JWT in plain spelling; cheap for garbage."""
    if not authorization:
        raise Denied(Cause.MISSING)
    if len(authorization) > MAX_TOKEN:
        raise Denied(Cause.SIZE)
    bearer = _BEARER.fullmatch(authorization)
    if bearer is None:
        raise Denied(Cause.SCHEME)
    compact = bearer[1]
    if not _TOKEN.fullmatch(compact):
        raise Denied(Cause.FORM)
    header, claims, signature = compact.split(".")
    _bytes(signature)
    return Token(compact, _object(header), _object(claims))


def _check_header(token: Token, client: Client) -> None:
    header = token.header
    if any(each in header for each in NEVER_FOLLOWED):
        raise Denied(Cause.FOREIGN_KEY)
    if not isinstance(header.get("typ"), str) or header["typ"].upper() != "JWT":
        raise Denied(Cause.TYPE)
    if not _is_short_text(header.get("kid"), MAX_KID):
        raise Denied(Cause.KID)
    if header.get("alg") not in client.algorithms:
        raise Denied(Cause.ALGORITHM)
    if "jku" in header and not _is_registered(header["jku"], client):
        raise Denied(Cause.JKU)


def _is_registered(jku: Any, client: Client) -> bool:
    """The listed address to the letter. Where keys were exchanged by file there is none: an address of the issuer's own is passed over, any other refused."""
    if client.jwks_url or not isinstance(jku, str):
        return bool(jku == client.jwks_url)
    try:
        return urlsplit(jku)[:2] == urlsplit(client.issuer)[:2]
    except ValueError:
        return False


def _check_times(claims: Mapping[str, Any], client: Client, now: float) -> int:
    """The second of expiry. Raises Denied."""
    expires, issued, earliest = claims.get("exp"), claims.get("iat"), claims.get("nbf", 0)
    if not (_is_time(expires) and _is_time(issued) and _is_time(earliest)):
        raise Denied(Cause.TIMES)
    if expires <= now - SKEW_SECONDS:
        raise Denied(Cause.EXPIRED)
    if max(issued, earliest) > now + SKEW_SECONDS:
        raise Denied(Cause.EARLY)
    if not 0 < expires - issued <= client.max_lifetime_s:
        raise Denied(Cause.LIFETIME)
    return expires


def _check_signature(token: Token, key: Key) -> None:
    registry = jws.JWSRegistry(algorithms=[token.header["alg"]], strict_check_header=False)
    registry.max_header_length = registry.max_payload_length = registry.max_signature_length = MAX_TOKEN
    try:
        jws.deserialize_compact(token.compact, key.public, registry=registry)
    except (JoseError, ValueError, TypeError, KeyError, OverflowError):
        raise Denied(Cause.SIGNATURE) from None


def _object(segment: str) -> dict[str, Any]:
    """One part of a token as strict JSON in which no member stands twice, at any depth."""
    read = _bytes(segment)
    try:
        found = decode(read, dict[str, Any])
        json.loads(read, object_pairs_hook=_without_repetition)
    except (Refusal, ValueError, RecursionError):
        raise Denied(Cause.FORM) from None
    return found


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a member stands twice")
    return members


def _bytes(segment: str) -> bytes:
    """Base64url in its one right spelling. RFC 7515 section 2."""
    try:
        found = urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    except ValueError:
        raise Denied(Cause.FORM) from None
    if urlsafe_b64encode(found).rstrip(b"=") != segment.encode():
        raise Denied(Cause.FORM)
    return found


def _is_short_text(value: Any, longest: int = MAX_TEXT) -> bool:
    return isinstance(value, str) and 0 < len(value) <= longest and value.isprintable()


def _is_time(value: Any) -> TypeGuard[int]:
    """Whole seconds since 1970; true is a number to Python, but not here."""
    return type(value) is int and 0 <= value <= MAX_TIME
