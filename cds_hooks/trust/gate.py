"""The gate every call passes: room, rate, media type, who is calling, the body in time, and last the token, used up only for a call that is worked on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from starlette.requests import Request

from cds_hooks.errors import Refusal
from cds_hooks.trust.channel import Channel
from cds_hooks.trust.limits import Buckets, Room, Share, neighbourhood
from cds_hooks.trust.replay import Replays
from cds_hooks.trust.verify import Caller, Cause, Denied, Verifier, unauthorized
from cds_hooks.wire import check_media_type, read_body


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """`token_required` is what tells the profiles apart: without it a caller whom no client vouches for is nobody in particular."""

    verifier: Verifier
    replays: Replays
    channel: Channel
    token_required: bool
    addresses: Buckets
    clients: Buckets
    arriving: Room
    working: Room
    held: Room
    max_body_bytes: int
    body_deadline_s: float
    accepted: Callable[[str], None] = lambda _: None

    def arrival(self, request: Request, audiences: tuple[str, ...]) -> Arrival:
        return Arrival(self, request, audiences, Share(self.held))

    async def identified(self, request: Request, audiences: tuple[str, ...]) -> Caller | None:
        """Who calls; None for nobody in particular. Raises Refusal, which says nothing of why."""
        caller = await self._verified(request.headers.getlist("authorization"), audiences)
        if caller:
            self.clients.take(caller.client.name)
        return caller

    def check_room(self, request: Request) -> None:
        """What can be said before anything is read. Raises Refusal."""
        self.working.check()
        self.addresses.take(neighbourhood(self.channel.address(request.scope)))

    def place(self) -> AbstractContextManager[None]:
        """A place among the calls that are worked on. Raises Refusal."""
        return self.working.place()

    async def use_up(self, caller: Caller | None) -> None:
        """Raises Refusal for a token that was used before."""
        if caller and not await self.replays.is_first_use(caller):
            raise unauthorized(Cause.REPLAYED)
        if caller:
            self.accepted(caller.client.name)

    async def body(self, request: Request, share: Share) -> bytes:
        with self.arriving.place():
            try:
                async with asyncio.timeout(self.body_deadline_s):
                    return await read_body(request, self.max_body_bytes, share.take)
            except TimeoutError:
                raise Refusal("body-too-slow", f"The body did not arrive within {self.body_deadline_s:g} s.", {"Connection": "close"}) from None

    async def _verified(self, authorization: list[str], audiences: tuple[str, ...]) -> Caller | None:
        try:
            return await self.verifier.verify(", ".join(authorization), audiences)
        except Denied as wrong:
            if wrong.issued_by is None and not self.token_required:
                return None
            if wrong.cause is Cause.KEYS_UNAVAILABLE:
                raise Refusal("keys-unavailable", "The caller's keys could not be fetched.", {"Retry-After": "5"}, wrong.cause, wrong.claimed) from None
            raise wrong.refusal() from None


@dataclass(frozen=True, slots=True)
class Arrival:
    """One request at the gate: first who calls, then what. `share` is the room that its body takes up until it leaves."""

    gate: Gate
    request: Request
    audiences: tuple[str, ...]
    share: Share

    async def caller(self) -> Caller | None:
        self.gate.check_room(self.request)
        check_media_type(self.request)
        return await self.gate.identified(self.request, self.audiences)

    async def body(self) -> bytes:
        return await self.gate.body(self.request, self.share)

    def leave(self) -> None:
        self.share.leave()
