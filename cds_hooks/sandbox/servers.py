"""A patient's chart from any FHIR server that the visitor names, as the call that an EHR would make with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from cds_hooks.chart.access import Access
from cds_hooks.chart.patients import People
from cds_hooks.chart.prefetch import Answer, State
from cds_hooks.chart.servers import NotAServer, Reach, server
from cds_hooks.chart.transport import ReadFailed
from cds_hooks.chart.visiting import people, visit
from cds_hooks.errors import Refusal
from cds_hooks.protocol import bare_id
from cds_hooks.sandbox.given import Call
from cds_hooks.services import HOOK
from cds_hooks.wire import encode
from fhir_mappings.queries import QUERIES


class Unread(ValueError):
    """Nothing could be read. The message says what and what to do, and repeats nothing of the server's answer."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One search: its key, what was asked, what came, and whether that was all."""

    key: str
    search: str
    came: str
    well: bool


@dataclass(frozen=True, slots=True)
class Read:
    server: str
    call: Call
    asked: Sequence[Asked]
    remark: str


async def read(url: str, patient: str, now: datetime, new_id: Callable[[], str], most: int) -> Read:
    """The chart as a call whose prefetch is what was read; the page can carry `most` bytes. Raises Unread."""
    allowed = _access(url)
    try:
        patient_id = bare_id(patient, "Patient")
    except Refusal:
        raise Unread("The patient is not an id: give what stands after Patient/ in the server's addresses, or search by name.") from None
    found = await visit(allowed, patient_id, now)
    if found.unread:
        raise Unread(found.unread)
    answers = [found.came.answers[key] for key in QUERIES]
    context = {"userId": "Practitioner/example", "patientId": patient_id}
    body = encode({"hook": HOOK, "hookInstance": new_id(), "context": context, "prefetch": {each.key: _as_sent(each) for each in answers}})
    if len(body) > most:
        raise Unread("This patient has more records than the page can carry (max_body_bytes). `pinched-nerve-cds check --fhir-server` takes them all.")
    return Read(allowed.server.base, msgspec.json.decode(body), [_asked(each) for each in answers], found.remark)


async def named(url: str, name: str) -> People:
    """The server's patients of that name, some of them where there is none. Raises Unread."""
    try:
        return await people(_access(url), name)
    except ReadFailed as wrong:
        raise Unread(str(wrong)) from None


def _access(url: str) -> Access:
    """Leave to read the one server that was named; addresses that no FHIR server has stay out of reach."""
    try:
        wanted = server(url)
    except NotAServer as wrong:
        raise Unread(f"The server's address cannot be used: {wrong}. Give its base, such as https://hapi.fhir.org/baseR4.") from None
    return Access(wanted, Reach(servers=(wanted,), loopback_unlisted=True, private_network=True))


def _as_sent(answer: Answer) -> Any:
    """What an EHR would send along: the records, null for none, a failure as a failure."""
    if answer.state is State.EMPTY:
        return None
    if answer.state is not State.TRUNCATED and not answer.resources:
        issue = {"severity": "error", "code": "exception", "diagnostics": answer.reason or str(answer.state)}
        return {"resourceType": "OperationOutcome", "issue": [issue]}
    entries = [{"resource": msgspec.Raw(each.raw), **({"fullUrl": each.full_url} if each.full_url else {})} for each in answer.resources]
    link = [] if answer.state is State.DATA else [{"relation": "next", "url": "urn:not-read"}]
    return {"resourceType": "Bundle", "type": "searchset", "entry": entries, **({"link": link} if link else {})}


def _asked(answer: Answer) -> Asked:
    count = f"{len(answer.resources)} record{'' if len(answer.resources) == 1 else 's'}"
    came = f"{answer.state}, {count}" if answer.resources else str(answer.state)
    well = answer.state in {State.DATA, State.EMPTY}
    return Asked(answer.key, QUERIES[answer.key].template, f"{came} ({answer.reason})" if answer.reason else came, well)
