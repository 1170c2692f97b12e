"""For the operator: a first entry for a new client, and what exactly is wrong with an entry or a token. Callers never hear any of this."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import get_args

from pydantic import ValidationError

from cds_hooks.trust import keys
from cds_hooks.trust.clients import Client, Profile, refused
from cds_hooks.trust.fetch import KeysUnreachable, fetch
from cds_hooks.trust.keys import Keys, NotKeys
from cds_hooks.trust.keysets import FileKeys, read_file
from cds_hooks.trust.verify import Cause, Denied, Verifier, taken_apart

ENTRY = """\
[[clients]]
name = "{name}"
issuer = "https://ehr.example/fhir"              # the `iss` of its tokens, to the letter
jwks_url = "https://ehr.example/jwks.json"       # or jwks_file = "{file}.jwks.json" for keys exchanged out of band
algorithms = ["ES384", "RS384"]
extra_audiences = []                             # besides {{public_base_url}}/cds-services[/id[/feedback]]
max_lifetime_s = 3600
tenants = []                                     # allowed `tenant` claims; empty means any
fhir_servers = ["https://ehr.example/fhir/"]     # the only places its fhirServer may point to
allow_private_network = false                    # true for FHIR servers and keys inside the hospital's network
"""

ADVICE = {
    Cause.SIZE: "the file holds more than 8 KiB; give one token and nothing else",
    Cause.SCHEME: "the file does not hold one token in one line",
    Cause.MISSING: "the file is empty",
    Cause.FORM: "it is not three parts of base64url with strict JSON in the first two, no member twice",
    Cause.TYPE: "the header member `typ` must be JWT",
    Cause.KID: "the header member `kid` must be a text of 1 to 256 characters",
    Cause.FOREIGN_KEY: "the header must not hold crit, b64, jwk, x5c or x5u",
    Cause.ALGORITHM: "the header member `alg` is not in this entry's `algorithms`",
    Cause.ISSUER: "the claim `iss` is not this entry's `issuer`, to the letter",
    Cause.JKU: "the header member `jku` is not this entry's `jwks_url`, to the letter",
    Cause.TIMES: "the claims `exp` and `iat` must be whole seconds since 1970, as must `nbf` where there is one",
    Cause.EXPIRED: "the claim `exp` has passed; compare the clocks if the token is fresh",
    Cause.EARLY: "the claim `iat` or `nbf` lies ahead; compare the clocks",
    Cause.LIFETIME: "`exp` is not after `iat`, or further from it than `max_lifetime_s`",
    Cause.AUDIENCE: "the claim `aud` is none of the addresses below",
    Cause.SUBJECT: "the claim `sub` must be a text",
    Cause.JTI: "the claim `jti` must be a text of 1 to 256 characters",
    Cause.TENANT: "the claim `tenant` is not in this entry's `tenants`",
    Cause.UNKNOWN_KEY: "none of the client's keys has the token's `kid` and suits its `alg`",
    Cause.SIGNATURE: "the signature was not made with the key of that `kid`, or the token was changed after it was signed",
}


class NoEntry(ValueError):
    """No client to check; the message is one sentence for the operator."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    good: bool
    words: str


@dataclass(frozen=True, slots=True)
class Entries:
    """The clients of a file, and the public address and the profile where the file says them."""

    clients: tuple[Client, ...]
    base_url: str | None = None
    profile: Profile | None = None


def entry(name: str) -> str:
    """A `[[clients]]` entry to start from. Raises NoEntry for a name that cannot be one."""
    try:
        Client(name=name, issuer="x", jwks_file=Path("x"))
    except ValidationError:
        raise NoEntry("A client's name is up to 64 letters, digits, blanks, dots, dashes and underscores.") from None
    return ENTRY.format(name=name, file=name.replace(" ", "-"))


def entries(file: Path) -> Entries:
    """The clients of a TOML file, which may hold nothing else. Raises NoEntry."""
    try:
        written = tomllib.loads(file.read_text(encoding="utf-8"))
        listed = written.get("clients")
        clients = tuple(_beside(file, Client.model_validate(each)) for each in (listed if isinstance(listed, list) else ()))
    except OSError:
        raise NoEntry(f"The file {file} cannot be read.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise NoEntry(f"The file {file} is not valid TOML: {wrong}.") from None
    except ValidationError as wrong:
        first = wrong.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise NoEntry(f"The entry is not valid: {place + ': ' if place else ''}{first['msg'].removeprefix('Value error, ')}.") from None
    if not clients:
        raise NoEntry(f"The file {file} holds no [[clients]] entry.")
    base, profile = written.get("public_base_url"), written.get("profile")
    return Entries(clients, base.rstrip("/") if isinstance(base, str) else None, profile if profile in get_args(Profile) else None)


def check(client: Client, profile: Profile, base_url: str, services: Iterable[str], token: str | None, now: datetime) -> list[Finding]:
    """Fetches the client's keys and, where a token is given, verifies it: as the service would, but telling what is wrong."""
    unfit = refused([client], profile)
    if unfit:
        return [Finding(False, unfit)]
    try:
        found = asyncio.run(_keys(client, profile))
    except (KeysUnreachable, NotKeys) as wrong:
        return [Finding(False, f"The keys at {client.jwks_url or client.jwks_file} cannot be used: {wrong}.")]
    findings = [Finding(False, f"A key is passed over: {each}.") for each in found.problems]
    findings += [Finding(True, f"Key {each.kid}: {' '.join(filter(None, (*each.kind, each.algorithm)))}.") for each in found.usable]
    if not found.usable:
        findings.append(Finding(False, "There is no key that can be used."))
    if token is not None:
        findings += _of_token(token, client, found, _audiences(base_url, services), now)
    return findings


def _of_token(token: str, client: Client, found: Keys, audiences: list[str], now: datetime) -> list[Finding]:
    verifier = Verifier({client.issuer: client}, {client.issuer: FileKeys(found)}, lambda: now)
    try:
        caller = asyncio.run(verifier.verify(f"Bearer {token}" if token else None, audiences))
    except Denied as wrong:
        allowed = f" Allowed: {', '.join([*audiences, *client.extra_audiences])}." if wrong.cause is Cause.AUDIENCE else ""
        return [Finding(False, f"The token is refused ({wrong.cause}): {ADVICE[wrong.cause]}.{allowed}")]
    meant_for = taken_apart(f"Bearer {token}").claims["aud"]
    return [Finding(True, f"The token is good until its time is up, for {meant_for}; jti {caller.jti}; tenant {caller.tenant or 'not said'}.")]


def _audiences(base_url: str, services: Iterable[str]) -> list[str]:
    """Of every endpoint: which one a token is for is its own business here."""
    base = f"{base_url}/cds-services"
    return [base, *(f"{base}/{each}{end}" for each in services for end in ("", "/feedback"))]


async def _keys(client: Client, profile: Profile) -> Keys:
    if client.jwks_file:
        return await asyncio.to_thread(read_file, client.jwks_file)
    return keys.read((await fetch(str(client.jwks_url), client.reach(profile))).body)


def _beside(file: Path, client: Client) -> Client:
    return client.model_copy(update={"jwks_file": file.parent / client.jwks_file}) if client.jwks_file else client
