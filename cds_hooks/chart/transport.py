"""One HTTP exchange with a FHIR server: to a checked address, bounded in time and bytes, retried once. No redirects, cookies or proxies."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from ipaddress import ip_address

import httpx2

from cds_hooks.chart.access import Access
from cds_hooks.chart.servers import refused

Resolve = Callable[[str, int], Awaitable[list[str]]]
Clock = Callable[[], float]

CONNECTIONS, KEPT = 100, 32
"""To one server at a time, over all calls of a worker, and how many are kept open. Each request looks at all that are idle: 100 took a third of its time."""
CONNECT_SECONDS = 2.0
FAIR_SECONDS = 0.2
"""A server that had less time than this to answer has not failed."""
MAX_PAGE_BYTES = 4 * 1024 * 1024
"""Room for 1,000 records of 4 KiB; records of real EHRs have 1 to 2."""
TOO_LARGE, NO_TIME = "the server's answer is too large", "no time was left"
PASSING = frozenset({429, 502, 503, 504})
"""Statuses that may be gone a moment later."""
FAILING = PASSING | {500}
"""Statuses that say that the server as a whole is in trouble; 501 speaks of one search only."""
FAILURES, FAILURE_SECONDS, OPEN_SECONDS = 5, 30.0, 15.0
"""So many failures in so many seconds, and the server is left alone for so many seconds; then one call tries it."""

# At DEBUG the library tells every header of an answer, and a header may name the patient. A filter outlives every set-up of logging.
logging.getLogger("httpcore2.http11").addFilter(lambda record: record.levelno > logging.DEBUG)


class ReadFailed(Exception):
    """A read that brought nothing; the message is ours and short."""


class NotAsked(ReadFailed):
    """A read that was not made: the server was not asked."""


class Rejected(ReadFailed):
    """The server does not take this search as it is."""


class NotThere(ReadFailed):
    """The server holds nothing under this address."""


class Unreachable(ReadFailed):
    """The server itself failed: no connection, no answer in time, or an answer that says so."""


RESULTS = {"ok": None, "failed": ReadFailed, "not_asked": NotAsked, "rejected": Rejected, "not_there": NotThere, "unreachable": Unreachable}
"""What a read came to, as it is counted."""


@dataclass(slots=True)
class Breaker:
    """Leaves a server alone that keeps failing."""

    clock: Clock
    failures: list[float] = field(default_factory=list)
    open_until: float = 0.0

    def lets_through(self) -> bool:
        """Not while the server is left alone; the first call after that is let through as a probe."""
        now = self.clock()
        if now < self.open_until:
            return False
        if self.open_until:
            self.open_until = now + OPEN_SECONDS
        return True

    def failed(self, begun: float) -> None:
        """A call that began then failed. Calls that were under way together and failed together are one failure."""
        now = self.clock()
        if self.failures and begun < self.failures[-1]:
            return
        self.failures = [each for each in self.failures if now - each < FAILURE_SECONDS] + [now]
        if len(self.failures) >= FAILURES:
            self.open_until = now + OPEN_SECONDS

    def worked(self) -> None:
        self.failures.clear()
        self.open_until = 0.0


@dataclass(slots=True)
class Line:
    """What is kept for one server between calls: its connections and its breaker. Nothing of any patient."""

    transport: httpx2.AsyncBaseTransport
    breaker: Breaker
    looking: asyncio.Task[list[str]] | None = None


@cache
def certificates() -> ssl.SSLContext:
    """The public certificate authorities, read once: at start-up, for that takes longer than a call may."""
    return httpx2.create_ssl_context(trust_env=False)


def connections() -> httpx2.AsyncBaseTransport:
    """A pool of connections for one server."""
    limits = httpx2.Limits(max_connections=CONNECTIONS, max_keepalive_connections=KEPT)
    return httpx2.AsyncHTTPTransport(verify=certificates(), trust_env=False, limits=limits)


@dataclass(slots=True)
class Transport:
    """Reads for all calls of one worker. Large pages are worked on one after another: two at once would only hold each other up."""

    clock: Clock
    resolve: Resolve | None = None
    pool: Callable[[], httpx2.AsyncBaseTransport] = connections
    lines: dict[tuple[tuple[str, str, int], bool, bool], Line] = field(default_factory=dict)
    told: Callable[[str, float], None] = lambda *_: None
    thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(max_workers=1))

    async def get(self, access: Access, url: str, until: float) -> bytes:
        """The body of a 200 answer as FHIR JSON. `until`: seconds on the clock. Raises ReadFailed."""
        begun, failure = self.clock(), None
        try:
            return await self._got(access, url, until)
        except ReadFailed as failed:
            failure = type(failed)
            raise
        finally:
            self.told(next(name for name, kind in RESULTS.items() if kind is failure), self.clock() - begun)

    async def _got(self, access: Access, url: str, until: float) -> bytes:
        left = until - self.clock()
        if left <= 0:
            raise NotAsked(NO_TIME)
        try:
            async with asyncio.timeout(left):
                return await self._twice(access, url, until)
        except httpx2.PoolTimeout:
            raise NotAsked("too many reads of this server were under way") from None
        except (TimeoutError, httpx2.TimeoutException):
            raise (Unreachable if left >= FAIR_SECONDS else NotAsked)("no answer in time") from None
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, UnicodeError):  # the last from a name that no name server can be asked for
            raise Unreachable("no connection") from None

    def breaker(self, access: Access) -> Breaker:
        return self._line(access).breaker

    async def close(self) -> None:
        for line in self.lines.values():
            await line.transport.aclose()
        self.lines.clear()
        self.thread.shutdown(wait=False, cancel_futures=True)

    def _line(self, access: Access) -> Line:
        """One pool per server and reach, so that no connection made under one rule serves another."""
        key = (access.server.origin, access.reach.private_network, access.reach.anywhere)
        if key not in self.lines:
            self.lines[key] = Line(self.pool(), Breaker(self.clock))
        return self.lines[key]

    async def _twice(self, access: Access, url: str, until: float) -> bytes:
        """One try, and one more where the first failed in passing; at the server's last address, should it have several."""
        addresses = await self._addresses(access)
        try:
            status, headers, body = await self._once(access, url, addresses[0], until, tries=len({addresses[0], addresses[-1]}))
            if status not in PASSING or not await self._pause(headers, until):
                return _checked(status, headers, body)
        except (httpx2.NetworkError, httpx2.ConnectTimeout, httpx2.RemoteProtocolError):
            pass
        return _checked(*await self._once(access, url, addresses[-1], until))

    async def _addresses(self, access: Access) -> list[str]:
        """Every address of the server's name, looked up once and checked; the connection goes to one of these and nowhere else."""
        try:
            found = [str(ip_address(access.server.host))]
        except ValueError:
            found = await self._looked_up(access)
        if refused(found, access.reach):
            raise NotAsked("the server's address is not one that may be contacted")
        return found

    async def _looked_up(self, access: Access) -> list[str]:
        """Reads that begin together share one look-up, so that a name server that hangs holds up one thread and not all."""
        line = self._line(access)
        if line.looking is None or line.looking.done():
            found = asyncio.ensure_future((self.resolve or look_up)(access.server.host, access.server.port))
            found.add_done_callback(lambda done: done.cancelled() or done.exception())  # its readers may have left by then
            line.looking = found
        return await asyncio.shield(line.looking)

    async def _once(self, access: Access, url: str, address: str, until: float, tries: int = 1) -> tuple[int, httpx2.Headers, bytes]:
        left = max(until - self.clock(), 0.001)
        target = httpx2.URL(url).copy_with(host=address)
        headers = {"Host": access.server.netloc, "Accept": "application/fhir+json", "Accept-Encoding": "identity", "Prefer": "handling=lenient"}
        if access.token:
            headers["Authorization"] = access.token.header()
        seconds = {"connect": min(left / tries, CONNECT_SECONDS), "read": left, "write": left, "pool": left}
        request = httpx2.Request("GET", target, headers=headers, extensions={"timeout": seconds, "sni_hostname": access.server.host})
        response = await self._line(access).transport.handle_async_request(request)
        try:
            return response.status_code, response.headers, await _body(response)
        finally:
            await response.aclose()

    async def _pause(self, headers: httpx2.Headers, until: float) -> bool:
        """Waits as long as the server asks, where there is time for that; a date is further off than any of our calls lasts."""
        asked = headers.get("retry-after", "0")
        seconds = float(asked) if asked.isdecimal() else float("inf")
        if self.clock() + seconds >= until:
            return False
        await asyncio.sleep(seconds)
        return True


def _checked(status: int, headers: httpx2.Headers, body: bytes) -> bytes:
    if status in FAILING:
        raise Unreachable(f"the server answered {status}")
    if status == 400:
        raise Rejected(f"the server answered {status}")
    if status in {404, 410}:
        raise NotThere(f"the server answered {status}")
    if status != 200:
        raise ReadFailed(f"the server answered {status}")
    if "json" not in headers.get("content-type", "") or headers.get("content-encoding", "identity") != "identity":
        raise ReadFailed("the server answered something other than FHIR JSON")
    return body


async def _body(response: httpx2.Response) -> bytes:
    chunks, size = [], 0
    async for chunk in response.aiter_raw():
        size += len(chunk)
        if size > MAX_PAGE_BYTES:
            raise ReadFailed(TOO_LARGE)
        chunks.append(chunk)
    return b"".join(chunks)


async def look_up(host: str, port: int) -> list[str]:
    """Every address of a name."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))
