"""A patient's chart from any FHIR server that the visitor names, and friendly words for whatever keeps it from being read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from cds_hooks.chart.access import Access
from cds_hooks.chart.prefetch import Answer, State
from cds_hooks.chart.servers import NotAServer, Reach, Server, server
from cds_hooks.errors import Refusal
from cds_hooks.offline import SECONDS, read_chart
from cds_hooks.protocol import bare_id
from cds_hooks.sandbox.given import Call
from cds_hooks.services import HOOK
from cds_hooks.wire import encode
from fhir_mappings.queries import QUERIES

NO_SERVER = "The server's address cannot be used: {}. Give its base, such as https://hapi.fhir.org/baseR4."
EXPLAINED = (
    ("no connection", "The server could not be reached. Is the address right, does it run, and can this machine reach it?"),
    ("no answer in time", f"The server did not answer within {SECONDS:.0f} s. Public test servers are often slow; try once more, or another server."),
    ("no time was left", f"The server did not answer within {SECONDS:.0f} s. Public test servers are often slow; try once more, or another server."),
    ("the server answered 401", "The server wants a sign-in. This page has no token to send; use pinched-nerve-cds check --fhir-server with --token-file."),
    ("the server answered 403", "The server does not allow this to be read without a sign-in."),
    ("the server answered 404", "The server answers, but knows no such patient, or its FHIR base is at another path (often /fhir, /r4 or /baseR4)."),
    ("the server answered 410", "The patient was deleted from the server."),
    ("the server knows no such patient", "The server answers, but knows no such patient. Search by name, or copy the id from the server."),
    ("something other than FHIR JSON", "The server answers, but not with FHIR as JSON. Its FHIR base may be at another path (often /fhir, /r4 or /baseR4)."),
    ("not one that may be contacted", "The address belongs to a network that is never contacted, such as a cloud's own metadata."),
    ("members that R4 never had", "The server speaks another version of FHIR. R4 is needed; many servers have it at another path, such as /r4 or /baseR4."),
)
"""What a reason of ours means for whoever typed the address."""


class Unread(ValueError):
    """Nothing could be read. The message says what and what to do, and repeats nothing of the server's answer."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One search: its key, what was asked, and what came."""

    key: str
    search: str
    came: str


@dataclass(frozen=True, slots=True)
class Read:
    server: str
    call: Call
    asked: Sequence[Asked]


@dataclass(frozen=True, slots=True)
class Person:
    """One patient to choose from."""

    id: str
    name: str
    about: str


async def read(url: str, patient: str, now: datetime, new_id: Callable[[], str], most: int) -> Read:
    """The chart as a call whose prefetch is what was read. `most` bytes of it can be kept in the page. Raises Unread."""
    allowed = _access(url)
    try:
        patient_id = bare_id(patient, "Patient")
    except Refusal:
        raise Unread("The patient is not an id: give what stands after Patient/ in the server's addresses.") from None
    came = await read_chart(allowed, patient_id, now)
    answers = {key: came.answers[key] for key in QUERIES}
    if all(answers[key].state in {State.ERROR, State.WRONG_VERSION} for key, query in QUERIES.items() if query.carries_symptoms):
        raise Unread(_explained(answers))
    call = {
        "hook": HOOK,
        "hookInstance": new_id(),
        "context": {"userId": "Practitioner/example", "patientId": patient_id},
        "prefetch": {key: _as_sent(each) for key, each in answers.items()},
    }
    if len(encode(call)) > most // 2:
        raise Unread("This patient's records are more than the page can carry. Use pinched-nerve-cds check --fhir-server, which can.")
    return Read(allowed.server.base, msgspec.json.decode(encode(call)), [_asked(each) for each in answers.values()])


async def people(url: str, name: str) -> Sequence[Person]:
    """The server's patients of that name. Raises Unread."""
    _access(url)
    if not name:
        raise Unread("Give the patient's id, or a name to search for.")
    raise Unread("Give the patient's id.")


def _access(url: str) -> Access:
    """Leave to read the one server that was named; addresses that no FHIR server has stay out of reach."""
    try:
        named: Server = server(url)
    except NotAServer as wrong:
        raise Unread(NO_SERVER.format(wrong)) from None
    return Access(named, Reach(servers=(named,), loopback_unlisted=True, private_network=True))


def _explained(answers: Mapping[str, Answer]) -> str:
    """The first reason that says something to a visitor; that of the Patient counts most."""
    reasons = [answers["patient"].reason, *(each.reason for each in answers.values())]
    for reason in reasons:
        for said, meaning in EXPLAINED:
            if said in reason:
                return meaning
    return f"Nothing could be read: {next(filter(None, reasons), 'the server sent nothing')}."


def _as_sent(answer: Answer) -> Any:
    """What an EHR would send along: the records, null for none, a failure as a failure."""
    if answer.state is State.EMPTY:
        return None
    if not answer.resources and answer.state is not State.TRUNCATED:
        diagnostics = answer.reason or str(answer.state)
        return {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception", "diagnostics": diagnostics}]}
    entries = [{"resource": msgspec.Raw(each.raw), **({"fullUrl": each.full_url} if each.full_url else {})} for each in answer.resources]
    bundle: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset", "entry": entries}
    if answer.state is not State.DATA:
        bundle["link"] = [{"relation": "next", "url": answer.next_page or "urn:not-read"}]
    return bundle


def _asked(answer: Answer) -> Asked:
    count = f"{len(answer.resources)} record{'' if len(answer.resources) == 1 else 's'}"
    came = f"{answer.state}, {count}" if answer.resources else str(answer.state)
    return Asked(answer.key, QUERIES[answer.key].template, f"{came} ({answer.reason})" if answer.reason else came)
