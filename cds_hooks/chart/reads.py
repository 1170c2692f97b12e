"""What the EHR did not send is read from its FHIR server: only the missing keys, all at once, page after page, until the time is up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import TypeVar
from urllib.parse import quote

import msgspec

from cds_hooks.aside import worked
from cds_hooks.chart.access import Access, NoAccess, access
from cds_hooks.chart.completeness import reaches_back
from cds_hooks.chart.joining import joined, reasons, with_page, without_more
from cds_hooks.chart.prefetch import MORE_PAGES, Answer, State, answer, is_bundle
from cds_hooks.chart.servers import Reach
from cds_hooks.chart.transport import NO_TIME, TOO_LARGE, Breaker, NotAsked, NotThere, ReadFailed, Rejected, Transport, Unreachable
from cds_hooks.errors import Refusal
from cds_hooks.protocol import HookCall
from cds_hooks.strict_json import decode
from fhir_mappings.queries import QUERIES, Query

READING_SHARE = 0.9
"""Of the time budget; the rest is for the rules and the audit."""
MAX_PAGES = 10
MAX_ENTRIES = 2_000
"""Of one search; no further page is asked for."""
BYTES_PER_SECOND, RECORD_BYTES = 16 * 1024 * 1024, 1024
"""Of the time budget: what all searches of a call may bring, each record counting so much on top; about 3,600 records in 450 ms."""
MAX_PAGE_ENTRIES = 5_000
"""Of one page; the rest is not looked at. EHRs send 1,000 at the most."""
MAX_PIECES = 200_000
"""Objects, lists and commas of one page, counted before it is decoded: dense records of real EHRs have half as many in the largest page taken."""
UNSORTED = "more pages, in no order"
NOT_READ_AGAIN = "OperationOutcome"
"""The reason of an answer in which the EHR itself said that the search failed."""

Enough = Callable[[Answer], bool]
Seen = Callable[[str, Answer], None]
Failure = type[ReadFailed] | None
"""What kind of failure it was. Not the exception: its traceback would keep the pages in memory."""
T = TypeVar("T")


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


@dataclass(slots=True)
class Allowance:
    """How much more all searches of one call may bring: no more than can be read and judged in the time it has."""

    left: float

    @classmethod
    def within(cls, seconds: float) -> Allowance:
        return cls(seconds * BYTES_PER_SECOND)

    def take(self, size: int) -> None:
        if size > self.left:
            raise ReadFailed("the server sent more than can be read in the time")
        self.left -= size


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Reads for one patient from one server until `until` (seconds on the transport's clock)."""

    transport: Transport
    access: Access
    patient_id: str
    until: float
    allowance: Allowance
    enough: Enough
    seen: Seen | None = None

    async def complete(self, answers: Mapping[str, Answer]) -> Completed:
        """The answers with what could be read in place of what was missing."""
        keys = await worked(weight(answers), partial(self._worth_reading, answers))
        breaker = self.transport.breaker(self.access)
        if not keys or not breaker.lets_through():
            return Completed(answers, why_not="the FHIR server failed repeatedly and is left alone for a while" if keys else "")
        begun = self.transport.clock()
        results = await asyncio.gather(*(self._read(answers[key], QUERIES[key]) for key in keys))
        failures = {found.key: failure for found, failure in results}
        _tell(breaker, begun, failures.values())
        read = {found.key: found for found, _ in results}
        whole = await worked(weight(read), partial(joined, answers, read, self.patient_id, known=failures.get("patient") is not NotThere))
        return Completed(whole, tuple(key for key in keys if failures[key] is not NotAsked))

    def _worth_reading(self, answers: Mapping[str, Answer]) -> tuple[str, ...]:
        return tuple(key for key in missing(answers) if answers[key].state is not State.TRUNCATED or not self.enough(answers[key]))

    async def _read(self, came: Answer, query: Query) -> tuple[Answer, Failure]:
        """What is known of one key now, and what kind of failure there was in reading it."""
        found, failure = came, None
        try:
            if not self.access.covers(query):
                raise NotAsked("the scopes do not cover this search")
            found = await self._linked(came, query)
            if found.resources == came.resources:
                found = await self._searched(query)
        except ReadFailed as wrong:
            found, failure = without_more(found, str(wrong)), type(wrong)
        if self.seen:
            self.seen(found.key, found)
        return found, failure

    async def _linked(self, came: Answer, query: Query) -> Answer:
        """What was sent and what its own link leads to, where that may be followed and has not expired."""
        follows = came.next_page and self.access.server.page(came.next_page, self._base)
        return await self._followed(came, query, self._base) if follows else came

    async def _searched(self, query: Query) -> Answer:
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
        for _ in range(MAX_PAGES - 1):
            try:
                url = await self._next(found, current)
                if url is None:
                    return found
                following = await self._page(query.key, url)
                both = await self._worked(found.weight + following.weight, partial(with_page, found, following))
            except ReadFailed as failure:
                return replace(found, reason=reasons(found.reason, str(failure)))
            if both is found:
                return found
            found, current = both, url
        return found

    async def _next(self, found: Answer, current: str) -> str | None:
        """The address of the next page, where there is one that is worth reading and may be read."""
        url = self.access.server.page(found.next_page, current) if found.next_page else None
        if url is None or found.state is not State.TRUNCATED or len(found.resources) >= MAX_ENTRIES:
            return None
        return None if await self._worked(found.weight, partial(self.enough, found)) else url

    async def _page(self, key: str, url: str) -> Answer:
        body = await self.transport.get(self.access, url, self.until)
        self.allowance.take(len(body))
        came = await self._worked(len(body), partial(understood, key, body))
        self.allowance.take(came.entries * RECORD_BYTES)
        return came

    async def _worked(self, size: int, work: Callable[[], T]) -> T:
        """What is made of `size` bytes. What waits until the time is up, or would not be done by then, is not begun: nothing can stop it afterwards."""

        def begun() -> T:
            if self.transport.clock() + size / BYTES_PER_SECOND > self.until:
                raise ReadFailed(NO_TIME)
            return work()

        try:
            async with asyncio.timeout(self.until - self.transport.clock()):
                return await worked(size, begun, self.transport.thread)
        except TimeoutError:
            raise ReadFailed(NO_TIME) from None


def understood(key: str, body: bytes) -> Answer:
    """What a server's answer means. Unlike a client, a server says 'nothing' with a Bundle only."""
    if sum(map(body.count, (b"{", b"[", b","))) > MAX_PIECES:
        raise ReadFailed(TOO_LARGE)
    try:
        raw = bytes(decode(body, msgspec.Raw))
    except Refusal:
        raise ReadFailed("the server's answer is not valid JSON") from None
    came = answer(key, raw, MAX_PAGE_ENTRIES)
    if came.state is State.EMPTY and not is_bundle(raw):
        raise ReadFailed("the server's answer is not a Bundle")
    return came


def _tell(breaker: Breaker, begun: float, failures: Iterable[Failure]) -> None:
    """A server that answered one search works; one that was never asked has shown nothing."""
    asked = [each for each in failures if each is not NotAsked]
    if asked:
        breaker.failed(begun) if all(each is Unreachable for each in asked) else breaker.worked()


def weight(answers: Mapping[str, Answer]) -> int:
    return sum(each.weight for each in answers.values())


def _plainer(url: str) -> str:
    """The same search without an order, for servers that know none for it."""
    address, _, parameters = url.partition("?")
    kept = "&".join(each for each in parameters.split("&") if not each.startswith("_sort="))
    return f"{address}?{kept}" if kept else address


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
        reader = Reader(
            transport=self.transport,
            access=allowed,
            patient_id=call.patient_id,
            until=until,
            allowance=Allowance.within(self.budget_seconds),
            enough=lambda found: reaches_back(found, as_of),
        )
        return await reader.complete(answers)
