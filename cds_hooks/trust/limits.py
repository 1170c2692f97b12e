"""How much one caller may ask, and how much is worked on at once. Counted in each worker process."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil

from pydantic import BaseModel, ConfigDict, Field

from cds_hooks.errors import Refusal

PER_MINUTE = 6_000
"""Calls of one client, and from one address, unless the operator says otherwise; the sandbox profile has no such limit."""
MOST_CALLERS = 10_000
"""Remembered at a time; the one not heard of for longest is forgotten first, which only ever gives it a full bucket."""


class Limits(BaseModel):
    """`[limits]`. 0 switches a limit off; left out, the profile decides."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    per_client_per_minute: int | None = Field(None, ge=0)
    per_address_per_minute: int | None = Field(None, ge=0)
    in_flight: int = Field(128, ge=1, le=10_000)
    arriving: int = Field(2_000, ge=1, le=100_000)
    held_bytes: int = Field(256 * 1024 * 1024, ge=1024)
    body_deadline_s: float = Field(5.0, gt=0, le=300)
    drain_s: float = Field(0.5, ge=0, le=60)

    def per_minute(self, asked: int | None, profile: str) -> int:
        return asked if asked is not None else PER_MINUTE if profile == "production" else 0


@dataclass(slots=True)
class Room:
    """Places that calls take up. A call for which there is none is told to come again."""

    places: int
    taken: int = 0

    def check(self, wanted: int = 1) -> None:
        """Raises Refusal while there are not as many places left."""
        if self.taken + wanted > self.places:
            raise Refusal("overloaded", "The service has as many calls in hand as it takes at once.", {"Retry-After": "1"})

    @contextmanager
    def place(self) -> Iterator[None]:
        self.check()
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1


@dataclass(slots=True)
class Share:
    """The places of one call that takes up more and more of a room, until it leaves."""

    room: Room
    taken: int = 0

    def take(self, more: int) -> None:
        """Raises Refusal when the room is full."""
        self.room.check(more)
        self.room.taken += more
        self.taken += more

    def leave(self) -> None:
        self.room.taken -= self.taken
        self.taken = 0


@dataclass(slots=True)
class Buckets:
    """One token bucket for each caller: it holds what a minute allows and fills up evenly. `clock` in seconds."""

    per_minute: int
    clock: Callable[[], float]
    levels: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def take(self, caller: str) -> None:
        """Raises Refusal when this caller's bucket is empty."""
        if not self.per_minute:
            return
        now, rate = self.clock(), self.per_minute / 60
        level, since = self.levels.pop(caller, (float(self.per_minute), now))
        level = min(level + (now - since) * rate, float(self.per_minute))
        self.levels[caller] = (level - 1 if level >= 1 else level, now)
        if len(self.levels) > MOST_CALLERS:
            self.levels.popitem(last=False)
        if level < 1:
            raise Refusal("too-many-calls", "More calls came in a minute than one caller may make.", {"Retry-After": str(ceil((1 - level) / rate))})


@lru_cache(maxsize=256)
def neighbourhood(address: str) -> str:
    """Whom an address stands for: itself, or all of an IPv6 /64, which is what one subscriber gets."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or ip_network((found, 64), strict=False))
    return str(found)
