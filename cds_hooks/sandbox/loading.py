"""The sample patients put on a FHIR server: one transaction each, under ids that stay, so that loading again replaces and never doubles."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

import httpx2

from cds_hooks.chart.access import Token
from cds_hooks.chart.servers import NotAServer, Reach, Server, refused, server
from cds_hooks.chart.transport import certificates
from cds_hooks.chart.visiting import BASES, explained
from cds_hooks.errors import Refusal
from cds_hooks.sandbox.samples import Sample
from cds_hooks.strict_json import decode
from fhir_mappings.elements import items, mapping, string

SECONDS = 60.0
"""For one patient; public servers index as they store."""
MAX_BYTES = 1024 * 1024
FHIR = "application/fhir+json"
REFUSED = "The server does not take the records as they are. It must be R4 and let its callers choose ids (update as create); public test servers mostly do."
SIGN_IN = "The server takes records only from those who sign in: give a file with a bearer token as --token-file, or choose another server."
REFUSALS = {
    401: SIGN_IN,
    403: SIGN_IN,
    404: f"There is no FHIR server at this address that takes a transaction. Give its base: {BASES}.",
    405: f"The server takes no transaction at this address. Give its base: {BASES}.",
    **dict.fromkeys((400, 409, 412, 415, 422, 501), REFUSED),
}


class NotLoaded(Exception):
    """A patient whom the server did not take; the message says why and what to do, and repeats nothing of the server's answer."""


def patient_id(sample: Sample) -> str:
    """The id the patient has on every server."""
    return next(string(each["resource"]["id"]) for each in sample.bundle["entry"] if each["resource"]["resourceType"] == "Patient")


def transaction(sample: Sample, day: date) -> dict[str, Any]:
    """The sample as of that day. Every record says that it is invented, and replaces what the server has under its id."""
    moved = sample.as_of(day)
    tags = {"meta": {"tag": moved["meta"]["tag"]}}
    entries = [(f"{each['resource']['resourceType']}/{each['resource']['id']}", {**each["resource"], **tags}) for each in moved["entry"]]
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [{"resource": resource, "request": {"method": "PUT", "url": url}} for url, resource in entries],
    }


def load(url: str, samples: Iterable[Sample], day: date, token: Token | None, loaded: Callable[[Sample], None]) -> None:
    """Puts the samples on the server at `url`, one after another; `loaded` is told of each. Raises NotAServer, NotLoaded."""
    there = server(url)
    if _is_out_of_reach(there):
        raise NotAServer("it leads to a network that is never contacted")
    asyncio.run(_load(there, samples, day, token, loaded))


def _is_out_of_reach(there: Server) -> bool:
    """Metadata services and the like. A name that leads nowhere is left for the connection to tell."""
    try:
        found = socket.getaddrinfo(there.host, there.port, type=socket.SOCK_STREAM)
    except OSError:
        return False
    return refused((str(address[0]) for *_, address in found), Reach(anywhere=True))


async def _load(there: Server, samples: Iterable[Sample], day: date, token: Token | None, loaded: Callable[[Sample], None]) -> None:
    headers = {"Content-Type": FHIR, "Accept": FHIR, **({"Authorization": token.header()} if token else {})}
    async with httpx2.AsyncClient(verify=certificates(), trust_env=False, headers=headers, timeout=SECONDS) as client:
        for sample in samples:
            await _put(client, there, transaction(sample, day))
            loaded(sample)


async def _put(client: httpx2.AsyncClient, there: Server, bundle: dict[str, Any]) -> None:
    try:
        async with asyncio.timeout(SECONDS), client.stream("POST", there.base, json=bundle) as response:
            if response.status_code not in {200, 201}:
                raise NotLoaded(REFUSALS.get(response.status_code) or explained(f"the server answered {response.status_code}"))
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > MAX_BYTES:
                    raise NotLoaded(explained("something other than FHIR JSON"))
    except (TimeoutError, httpx2.TimeoutException):
        raise NotLoaded(explained("no answer in time")) from None
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError, UnicodeError):
        raise NotLoaded(explained("no connection")) from None
    if not _is_taken(bytes(body), len(bundle["entry"])):
        raise NotLoaded(explained("something other than FHIR JSON"))


def _is_taken(body: bytes, entries: int) -> bool:
    """Does the answer say of every entry that it was stored?"""
    try:
        said = decode(body, dict[str, Any])
    except Refusal:
        return False
    stored = [string(mapping(each.get("response")).get("status")).startswith("20") for each in items(said.get("entry"))]
    return said.get("resourceType") == "Bundle" and len(stored) == entries and all(stored)
