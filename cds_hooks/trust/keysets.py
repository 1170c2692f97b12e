"""Where a client's keys are kept: read once from a file, or fetched from its address and kept through rotations and outages."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from cds_hooks.logs import logger
from cds_hooks.trust import keys
from cds_hooks.trust.clients import Client, Profile
from cds_hooks.trust.fetch import Fetched, KeysUnreachable, fetch
from cds_hooks.trust.keys import Key, Keys, NotKeys

log = logger()

LEAST_SECONDS, USUAL_SECONDS, MOST_SECONDS = 60.0, 600.0, 86_400.0
"""How long a fetched set is fresh: what Cache-Control says within these bounds, or the usual."""
AHEAD = 0.8
"""Of that time; from then on the next call has the set fetched anew without waiting for it."""
APART_SECONDS = 30.0
"""Between fetches for keys that the set does not hold, and between tries while the address does not answer."""
FIRST_APART_SECONDS = 2.0
"""Between tries while no set was ever fetched and no call can be answered."""
MAX_FILE_BYTES = 64 * 1024
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age=\"?(\d{1,9})")

Clock = Callable[[], float]


class NoKeysYet(Exception):
    """None of the client's keys was ever fetched: whether a token is good cannot be said."""


class KeySet(Protocol):
    async def find(self, kid: str, algorithm: str) -> Key | None:
        """The key to verify with, or None when the client has none of that name for that algorithm. Raises NoKeysYet."""


@dataclass(frozen=True, slots=True)
class FileKeys:
    """Keys that were exchanged out of band."""

    keys: Keys

    async def find(self, kid: str, algorithm: str) -> Key | None:
        return self.keys.find(kid, algorithm)


@dataclass(slots=True)
class FetchedKeys:
    """Keys behind an address. One fetch at a time, whoever waits; the last good set stays through an outage."""

    fetch: Callable[[], Awaitable[Fetched]]
    clock: Clock
    name: str = ""
    keys: Keys | None = None
    fetched: float = 0.0
    fresh_for: float = 0.0
    tried: float = float("-inf")
    asked_for_unknown: float = float("-inf")
    failing: bool = False
    flight: asyncio.Task[None] | None = field(default=None, repr=False)

    async def find(self, kid: str, algorithm: str) -> Key | None:
        just_fetched = await self._refreshed()
        if self.keys is None:
            raise NoKeysYet
        found = self.keys.find(kid, algorithm)
        if found is None and not just_fetched and self._may_ask_for_unknown():
            await self._fetched()
            found = self.keys.find(kid, algorithm)
        return found

    async def _refreshed(self) -> bool:
        """Waits for a fetch only when there is nothing to go by: no set at all, or one out of date at an address that answered last time."""
        age, since = self.clock() - self.fetched, self.clock() - self.tried
        first = self.keys is None and (self.flight is not None or since >= FIRST_APART_SECONDS)
        if first or (self.keys and age >= self.fresh_for and not self.failing):
            await self._fetched()
            return True
        if self.keys and age >= AHEAD * self.fresh_for and since >= APART_SECONDS:
            self._start()
        return False

    def _may_ask_for_unknown(self) -> bool:
        """Once in a while; a fetch that is under way is waited for in any case."""
        if self.flight:
            return True
        now = self.clock()
        if now - self.asked_for_unknown < APART_SECONDS or (self.failing and now - self.tried < APART_SECONDS):
            return False
        self.asked_for_unknown = now
        return True

    async def _fetched(self) -> None:
        await asyncio.shield(self._start())

    def _start(self) -> asyncio.Task[None]:
        if self.flight is None:
            self.tried = self.clock()
            self.flight = asyncio.get_running_loop().create_task(self._fetch())
        return self.flight

    async def _fetch(self) -> None:
        try:
            answer = await self.fetch()
            self.keys = keys.read(answer.body)
            self.fetched, self.fresh_for, self.failing = self.clock(), freshness(answer.cache_control), False
        except (KeysUnreachable, NotKeys) as wrong:
            self.failing = True
            log.warning("the keys of a client could not be fetched", client=self.name, why=str(wrong))
        finally:
            self.flight = None


def freshness(cache_control: str) -> float:
    """For how many seconds a set is fresh."""
    said = cache_control.casefold()
    if "no-store" in said or "no-cache" in said:
        return LEAST_SECONDS
    found = _MAX_AGE.search(said)
    return min(max(float(found[1]), LEAST_SECONDS), MOST_SECONDS) if found else USUAL_SECONDS


def read_file(path: Path) -> Keys:
    """The keys of a file. Raises NotKeys when it cannot be read or a single key in it cannot be used."""
    try:
        with path.open("rb") as file:
            document = file.read(MAX_FILE_BYTES + 1)
    except (OSError, ValueError) as wrong:  # the latter from a name that no file can have
        raise NotKeys(f"the file cannot be read: {(getattr(wrong, 'strerror', None) or 'its name is not one').lower()}") from None
    if len(document) > MAX_FILE_BYTES:
        raise NotKeys(f"it is larger than {MAX_FILE_BYTES} bytes")
    found = keys.read(document)
    if found.problems:
        raise NotKeys(found.problems[0])
    if not found.usable:
        raise NotKeys("it holds no key")
    return found


def key_set(client: Client, profile: Profile, clock: Clock) -> KeySet:
    """The keys of one client. Raises NotKeys for a file that cannot be used."""
    if client.jwks_file:
        return FileKeys(read_file(client.jwks_file))
    url, reach = str(client.jwks_url), client.reach(profile)
    return FetchedKeys(lambda: fetch(url, reach), clock, client.name)
