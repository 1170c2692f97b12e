"""What the EHR did not send is read from its FHIR server: only the missing keys, all at once, page after page, until the time is up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import quote

import msgspec

from cds_hooks.aside import worked
from cds_hooks.chart.access import Access, NoAccess, access
from cds_hooks.chart.completeness import reaches_back
from cds_hooks.chart.prefetch import MORE_PAGES, Answer, State, answer, is_bundle
from cds_hooks.chart.servers import Reach
from cds_hooks.chart.transport import Breaker, NotAsked, NotThere, ReadFailed, Rejected, Transport, Unreachable
from cds_hooks.errors import Refusal
from cds_hooks.protocol import HookCall
from cds_hooks.strict_json import decode
from fhir_mappings.elements import items, mapping, reference
from fhir_mappings.queries import QUERIES, Query
from fhir_mappings.resources import Resource

READING_SHARE = 0.9
"""Of the time budget; the rest is for the rules and the audit."""
MAX_PAGES = 10
MAX_ENTRIES = 2_000
MAX_BYTES = 8 * 1024 * 1024
"""Of one search; what lies beyond is said to be incomplete."""
UNSORTED = "more pages, in no order"
NOT_READ_AGAIN = "OperationOutcome"
"""The reason of an answer in which the EHR itself said that the search failed."""

Enough = Callable[[Answer], bool]
Seen = Callable[[str, Answer], None]


@dataclass(frozen=True, slots=True)
class Completed:
    """The state of each key after our own reads, and which of them we read."""

    answers: Mapping[str, Answer]
    read: tuple[str, ...] = ()
    why_not: str = ""


def missing(answers: Mapping[str, Answer]) -> tuple[str, ...]:
    """The keys worth reading: not sent, not a FHIR answer, or cut short. A search that the EHR says failed is not made again."""
    return tuple(key for key in QUERIES if _is_worth_reading(answers[key]))


def _is_worth_reading(found: Answer) -> bool:
    if found.state is State.ERROR:
        return found.reason != NOT_READ_AGAIN
    return found.state in {State.ABSENT, State.WRONG_VERSION} or (found.state is State.TRUNCATED and found.reason == MORE_PAGES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Reads for one patient from one server until `until` (seconds on the transport's clock)."""

    transport: Transport
    access: Access
    patient_id: str
    until: float
    enough: Enough
    seen: Seen | None = None

    async def complete(self, answers: Mapping[str, Answer]) -> Completed:
        """The answers with what could be read in place of what was missing."""
        keys = tuple(key for key in missing(answers) if answers[key].state is not State.TRUNCATED or not self.enough(answers[key]))
        breaker = self.transport.breaker(self.access)
        if not keys or not breaker.lets_through():
            return Completed(answers, why_not="the FHIR server failed repeatedly and is left alone for a while" if keys else "")
        results = await asyncio.gather(*(self._read(answers[key], QUERIES[key]) for key in keys))
        failures = {found.key: failure for found, failure in results}
        _tell(breaker, failures.values())
        found = {found.key: found for found, _ in results}
        if isinstance(failures.get("patient"), NotThere) or _is_of_nobody({**answers, **found}):
            found = {key: _of_nobody(each) for key, each in found.items()}
        asked = tuple(key for key in keys if not isinstance(failures[key], NotAsked))
        mine = _ids(self.patient_id, {**answers, **found}.values())
        return Completed({**answers, **{key: _with_what_was_sent(answers[key], each, mine) for key, each in found.items()}}, asked)

    async def _read(self, came: Answer, query: Query) -> tuple[Answer, ReadFailed | None]:
        """What is known of one key now, and what went wrong in reading it."""
        failure: ReadFailed | None = None
        try:
            found = await self._searched(came, query)
        except ReadFailed as wrong:
            found, failure = _kept(came, str(wrong)), wrong
        if self.seen:
            self.seen(found.key, found)
        return found, failure

    async def _searched(self, came: Answer, query: Query) -> Answer:
        if not self.access.covers(query):
            raise NotAsked("the scopes do not cover this search")
        if came.next_page and self.access.server.page(came.next_page, self._base):
            found = await self._followed(came, query, self._base)
            if found.resources != came.resources:
                return found
        first, url = await self._first(query)
        return await self._followed(first, query, url)

    @property
    def _base(self) -> str:
        return f"{self.access.server.base}/"

    async def _first(self, query: Query) -> tuple[Answer, str]:
        """The first page and its address; of a server that knows no order for the search, in none."""
        url = self._base + query.template.replace("{{context.patientId}}", quote(self.patient_id, safe=""))
        try:
            return await self._page(query.key, url), url
        except Rejected:
            if _plainer(url) == url:
                raise
        found = await self._page(query.key, _plainer(url))
        return (replace(found, reason=UNSORTED) if found.reason == MORE_PAGES else found), _plainer(url)

    async def _followed(self, found: Answer, query: Query, current: str) -> Answer:
        """Further pages, until there are none, or enough, or too many. What could be read stays, whatever happens to the next page."""
        known = {each.identity() for each in found.resources}
        for _ in range(MAX_PAGES - 1):
            url = self.access.server.page(found.next_page, current) if found.next_page else None
            if found.state is not State.TRUNCATED or url is None or _is_much(found) or self.enough(found):
                return found
            try:
                following = await self._page(query.key, url)
            except ReadFailed as failure:
                return replace(found, reason=f"{MORE_PAGES}; {failure}")
            new = tuple(each for each in following.resources if each.identity() not in known)
            if following.resources and not new:
                return found
            found, current = _joined(found, replace(following, resources=new)), url
            known.update(each.identity() for each in new)
        return found

    async def _page(self, key: str, url: str) -> Answer:
        body = await self.transport.get(self.access, url, self.until)
        try:
            async with asyncio.timeout(self.until - self.transport.clock()):
                return await worked(len(body), lambda: _understood(key, body))
        except TimeoutError:
            raise ReadFailed("no time was left") from None


def _understood(key: str, body: bytes) -> Answer:
    """What a server's answer means. Unlike a client, a server says 'nothing' with a Bundle only."""
    try:
        raw = bytes(decode(body, msgspec.Raw))
    except Refusal:
        raise ReadFailed("the server's answer is not valid JSON") from None
    came = answer(key, raw)
    if came.state is State.EMPTY and not is_bundle(raw):
        raise ReadFailed("the server's answer is not a Bundle")
    return came


def _tell(breaker: Breaker, failures: Iterable[ReadFailed | None]) -> None:
    """A server that answered one search works; one that was never asked has shown nothing."""
    asked = [each for each in failures if not isinstance(each, NotAsked)]
    if asked:
        breaker.failed() if all(isinstance(each, Unreachable) for each in asked) else breaker.worked()


def _is_much(found: Answer) -> bool:
    return len(found.resources) >= MAX_ENTRIES or sum(len(each.raw) for each in found.resources) >= MAX_BYTES


def _ids(patient_id: str, answers: Iterable[Answer]) -> frozenset[str]:
    """The patient's ids: the one in context, and those that his record says are his too."""
    patients = [each for answer in answers for each in answer.resources if each.type == "Patient" and each.id == patient_id]
    linked = [reference(mapping(each.get("other"))) for patient in patients for each in items(patient.body.get("link"))]
    return frozenset({patient_id, *(each.rpartition("/")[2] for each in linked if each)})


def _with_what_was_sent(came: Answer, found: Answer, mine: frozenset[str]) -> Answer:
    """What was read, and every record that had been sent: reading more never takes one away.

    Some servers ignore the patient in a search: of what we read, records of others are passed over. What such a server left out
    is known only where it says how many there are.
    """
    sent = frozenset(came.resources)
    kept = [each for each in found.resources if each in sent or not _is_anothers(each, mine)]
    known = {each.identity() for each in kept}
    others = len(found.resources) - len(kept)
    resources = (*kept, *(each for each in came.resources if each.identity() not in known))
    if others and found.state is State.DATA and found.total != found.entries:
        found = replace(found, state=State.TRUNCATED, reason="the server did not search for this patient alone")
    return replace(found, resources=resources, passed_over=others)


def _is_anothers(resource: Resource, mine: frozenset[str]) -> bool:
    """Another patient under his own id is a matter for the evaluation."""
    owner, _, id = resource.subject.rpartition("/")
    return resource.type != "Patient" and owner.rpartition("/")[2] == "Patient" and id not in mine


def _plainer(url: str) -> str:
    """The same search without an order, for servers that know none for it."""
    address, _, parameters = url.partition("?")
    kept = "&".join(each for each in parameters.split("&") if not each.startswith("_sort="))
    return f"{address}?{kept}" if kept else address


def _is_of_nobody(answers: Mapping[str, Answer]) -> bool:
    """Neither a Patient nor a single record: nothing shows that the server knows this patient at all."""
    return not any(each.resources for each in answers.values())


def _of_nobody(found: Answer) -> Answer:
    """An empty answer about a patient whom the server does not know says nothing."""
    return replace(found, state=State.ERROR, reason="the server knows no such patient") if found.state is State.EMPTY else found


def _kept(came: Answer, reason: str) -> Answer:
    """A read that failed leaves what had been sent, and says why there is no more."""
    if came.state is State.TRUNCATED:
        return replace(came, reason=f"{MORE_PAGES}; {reason}")
    return Answer(came.key, State.ERROR, came.resources, reason, came.broken)


def _joined(found: Answer, following: Answer) -> Answer:
    """Two pages as one answer: whole when nothing follows the second and no more was promised."""
    joined = replace(
        found,
        resources=(*found.resources, *following.resources),
        broken=found.broken + following.broken,
        next_page=following.next_page,
        reason=following.reason if following.state is State.ERROR else found.reason,
    )
    failed = following.state in {State.ERROR, State.WRONG_VERSION} or following.reason not in {"", MORE_PAGES}
    if failed or joined.next_page or joined.entries < found.total:
        return joined
    return replace(joined, state=State.DATA if joined.resources else State.EMPTY, reason="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reads:
    """Everything the service needs to complete a call's chart: what its callers may have read, within which time."""

    transport: Transport
    reach: Reach
    budget_seconds: float

    def until(self, begun: float) -> float:
        """When to stop reading for a call that began then, on the transport's clock: a little before the EHR loses patience."""
        return begun + self.budget_seconds * READING_SHARE

    async def complete(self, call: HookCall, answers: Mapping[str, Answer], as_of: date, until: float) -> Completed:
        """The answers as sent when nothing is missing or nothing may be read; otherwise with what was read."""
        if not missing(answers):
            return Completed(answers)
        allowed = access(call.fhirServer, call.fhirAuthorization, call.patient_id, self.reach)
        if isinstance(allowed, NoAccess):
            return Completed(answers, why_not=allowed.reason)
        reader = Reader(transport=self.transport, access=allowed, patient_id=call.patient_id, until=until, enough=lambda found: reaches_back(found, as_of))
        return await reader.complete(answers)
