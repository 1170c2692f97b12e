"""One patient of a FHIR server that a person named: the chart as it could be read, and friendly words for what kept it from being read.

`check --fhir-server` and the try-it page read through here, so that both bring the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter

from cds_hooks.chart.access import Access
from cds_hooks.chart.completeness import reaches_back
from cds_hooks.chart.patients import People, find_patients
from cds_hooks.chart.prefetch import Answer, State, answers
from cds_hooks.chart.reads import Allowance, Completed, Reader, Seen
from cds_hooks.chart.transport import ReadFailed, Transport
from cds_hooks.chart.version import version_of
from fhir_mappings.queries import QUERIES

SECONDS = 30.0
"""For reading a chart while somebody looks on."""
PEOPLE_SECONDS, VERSION_SECONDS = 15.0, 5.0
BASES = "many servers have it at a path such as /fhir, /r4 or /baseR4"
UNHEARD = frozenset({"no connection", "no answer in time", "no time was left"})
"""Of a server that was not heard at all no more is asked."""
SIGN_IN = "`pinched-nerve-cds check --fhir-server` takes a file with a bearer token: --token-file."
SLOW = "The server did not answer in time. Public test servers are often slow: try once more, or another server."
EXPLAINED = (
    ("not one that may be contacted", "The address belongs to a network that is never contacted, such as a cloud's own metadata service."),
    ("no connection", "The server could not be reached. Check the address, whether https or http is right, and that this machine may reach it."),
    ("no answer in time", SLOW),
    ("no time was left", SLOW),
    ("answered 3", f"The server sends its callers to another address, which is not followed. Give that one; often https:// is missing, and {BASES}."),
    ("answered 401", f"The server wants a sign-in, or does not take the token. {SIGN_IN}"),
    ("answered 403", f"The server does not allow this to be read. {SIGN_IN}"),
    ("answered 429", "The server has had enough questions for now. Wait a minute and try once more."),
    (
        "knows no such patient",
        "The server knows no patient of this id. Copy what follows Patient/ in its addresses, or search by name on the try-it page.",
    ),
    ("answered 404", f"There is no FHIR server at this address. Give its base: {BASES}."),
    ("answered 410", "The patient was deleted from the server. Choose another."),
    ("answered 400", f"The server does not take these searches. Is this the base of an R4 server? If not: {BASES}."),
    ("answered 5", "The server is in trouble and answers with an error of its own. Try again later, or another server."),
    ("something other than FHIR JSON", f"What answers there is no FHIR server, or does not speak JSON. Give the base: {BASES}."),
    ("not valid JSON", f"What answers there is no FHIR server, or is broken. Give the base: {BASES}."),
    ("not a FHIR resource", f"What answers there is no FHIR server. Give the base: {BASES}."),
    ("not a Bundle", f"What answers there is no FHIR server, or does not search. Give the base: {BASES}."),
    ("members that R4 never had", f"The server speaks another version of FHIR, and R4 is needed: {BASES}."),
    ("too large", "The server sent more than can be read. Choose a patient with fewer records."),
)
"""What a reason of ours means to whoever typed the address, and what to do; looked through from the top."""
NOTHING_RECORDED = (
    "The server answers, but holds no records of this patient that the rules look at. "
    "Choose another patient, or put the invented ones there: `pinched-nerve-cds samples --load` with the server's address."
)


@dataclass(frozen=True, slots=True)
class Visit:
    """What came of each key. `unread` says why nothing could be read, `remark` what to know about a chart that could; both say what to do."""

    came: Completed
    unread: str = ""
    remark: str = ""


async def visit(allowed: Access, patient_id: str, now: datetime, seen: Seen | None = None) -> Visit:
    """Every search of ours for one patient, within SECONDS; `seen` is told of each key as it is read."""
    transport = Transport(perf_counter)
    try:
        came = await _read(transport, allowed, patient_id, now, seen)
        if not _is_unread(came.answers):
            return Visit(came, remark=_remark(came.answers))
        return Visit(came, unread=await _with_version(transport, allowed, _reason(came.answers)))
    finally:
        await transport.close()


async def people(allowed: Access, name: str) -> People:
    """The server's patients of that name. Raises ReadFailed with friendly words."""
    transport = Transport(perf_counter)
    try:
        return await find_patients(transport, allowed, name, perf_counter() + PEOPLE_SECONDS)
    except ReadFailed as wrong:
        raise ReadFailed(await _with_version(transport, allowed, str(wrong))) from None
    finally:
        await transport.close()


def explained(reason: str) -> str:
    """A reason of ours as one or two sentences for whoever typed the address."""
    return next((meaning for said, meaning in EXPLAINED if said in reason), f"Nothing could be read: {reason or 'the server sent nothing'}.")


async def _read(transport: Transport, allowed: Access, patient_id: str, now: datetime, seen: Seen | None) -> Completed:
    def enough(found: Answer) -> bool:
        return reaches_back(found, now.date())

    reader = Reader(
        transport=transport,
        access=allowed,
        patient_id=patient_id,
        until=perf_counter() + SECONDS,
        allowance=Allowance.within(SECONDS),
        enough=enough,
        seen=seen,
    )
    return await reader.complete(answers(None))


async def _with_version(transport: Transport, allowed: Access, reason: str) -> str:
    """The reason explained; where the server was heard and says that it speaks another FHIR, that is the reason."""
    if any(each in reason for each in UNHEARD):
        return explained(reason)
    other = await version_of(transport, allowed, perf_counter() + VERSION_SECONDS)
    return f"The server speaks FHIR {other}, and R4 is needed: {BASES}." if other else explained(reason)


def _is_unread(answers: Mapping[str, Answer]) -> bool:
    return all(answers[key].state in {State.ERROR, State.WRONG_VERSION} for key, query in QUERIES.items() if query.carries_symptoms)


def _remark(answers: Mapping[str, Answer]) -> str:
    """What explains a chart of which little came; single failures are for the card to say."""
    records = [each for key, each in answers.items() if key != "patient"]
    if all(each.state is State.EMPTY for each in records):
        return NOTHING_RECORDED
    return next((explained(each.reason) for each in records if each.state is State.WRONG_VERSION), "")


def _reason(answers: Mapping[str, Answer]) -> str:
    """Why the Conditions did not come, for they are asked for everywhere alike; that there is no such patient is known from the others too."""
    reasons = [answers["conditions"].reason, *(each.reason for each in answers.values())]
    return next((each for each in reasons if "knows no such patient" in each), next(filter(None, reasons), ""))
