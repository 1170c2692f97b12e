"""The cards that were sent, kept beside the log for as long as an answer to one can matter."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

import msgspec
from sqlalchemy import Connection, Row, bindparam, delete, select, update

from cards.guidance.rule import Urgency
from cds_hooks.audit.database import PATIENCE_SECONDS, Database, Unavailable
from cds_hooks.audit.statements import prepared, run
from cds_hooks.audit.tables import entries, issued
from cds_hooks.audit.writing import Also
from cds_hooks.errors import Refusal
from cds_hooks.quiet import KEPT_FOR, Shown

T = TypeVar("T")
OF_ANSWERS = frozenset({"quiet_until", "reason", "overridden_at", "answered_in"})
_INFORMED = (issued.c.urgency == bindparam("seen_once")) & (issued.c.shown_at > bindparam("shown_since"))
TO = prepared(select(issued).where(issued.c.scope == bindparam("scope"), (issued.c.quiet_until > bindparam("now")) | _INFORMED))
ADDED = prepared(issued.insert().values({each.name: bindparam(each.name) for each in issued.c if each.name not in OF_ANSWERS}))
TOO_OLD = prepared(delete(issued).where(issued.c.shown_at < bindparam("before")))
EVERY = 100
"""Entries; so seldom is there a look at which cards are too old to matter."""
KNOWN = select(issued).where(issued.c.card.in_(bindparam("cards", expanding=True)))
FIRST = (
    update(issued)
    .where(issued.c.card == bindparam("answered"), issued.c.quiet_until.is_(None))
    .values(quiet_until=bindparam("until"), reason=bindparam("why"), overridden_at=bindparam("at"), answered_in=bindparam("entry"))
)


class IssuedCards(Protocol):
    """Looks up cards that were sent. Both raise Refusal 'audit-unavailable' when the store cannot say."""

    async def to(self, scope: bytes, rules: Collection[str], now: datetime, shown_since: datetime) -> list[Shown]:
        """The cards of these rules that were sent about one patient to one client and may keep others quiet: answered ones, and information of late."""

    async def known(self, cards: Collection[str]) -> dict[str, Shown]:
        """Those of these cards that were sent, by their uuid, with what the entries of their calls say of them."""


@dataclass(frozen=True, slots=True)
class Issued:
    """In the database of the log. `unreadable` is told when that cannot be reached."""

    database: Database
    unreadable: Callable[[], None] = lambda: None

    async def to(self, scope: bytes, rules: Collection[str], now: datetime, shown_since: datetime) -> list[Shown]:
        asked = {"scope": scope, "seen_once": str(Urgency.ROUTINE), "now": now.timestamp(), "shown_since": shown_since.timestamp()}
        return await self._read(lambda connection: _vouched(connection, [_shown(row) for row in run(connection, TO, asked) if row.rule in rules]))

    async def known(self, cards: Collection[str]) -> dict[str, Shown]:
        possible = {"cards": [each for each in cards if "\0" not in each]}
        found = await self._read(lambda connection: _with_calls(connection, [_shown(row) for row in connection.execute(KNOWN, possible)]))
        return {each.card: each for each in found}

    async def _read(self, look: Callable[[Connection], T]) -> T:
        """In a file at once: nobody who writes holds readers up, and waking another thread takes longer than looking. From a server aside."""

        def read() -> T:
            with self.database.reading() as connection:
                return look(connection)

        try:
            if self.database.file:
                return read()
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await asyncio.to_thread(read)
        except Unavailable:
            self.unreadable()
            raise Refusal("audit-unavailable", "Earlier answers could not be looked up, so the call was not answered.", {"Retry-After": "5"}) from None


def issue(shown: Iterable[Shown]) -> Also:
    """Keeps cards in the transaction of their call's entry; now and then those too old to matter go."""
    cards = list(shown)

    def write(connection: Connection, sequence: int) -> None:
        if sequence % EVERY == 0:
            run(connection, TOO_OLD, {"before": (cards[0].at - KEPT_FOR).timestamp()})
        run(connection, ADDED, [{**_row(each), "sequence": sequence} for each in cards])

    return write


def answer(card: str, reason: str, at: datetime, until: datetime) -> Also:
    """Keeps the like of a card quiet until then. The first answer counts: repeating it does not prolong anything."""

    def write(connection: Connection, sequence: int) -> None:
        connection.execute(FIRST, {"answered": card, "until": until.timestamp(), "why": reason, "at": at.timestamp(), "entry": sequence})

    return write


class _Answer(msgspec.Struct):
    quietUntil: datetime | None = None  # noqa: N815 - the entry's name
    quietSeal: str = ""  # noqa: N815 - the entry's name


class _Feedback(msgspec.Struct):
    kind: str = ""
    feedback: list[_Answer] = []


def _vouched(connection: Connection, shown: list[Shown]) -> list[Shown]:
    """Answers count as far as their entries in the log tell of them: what a hand in this table wrote keeps no card quiet."""
    named = {each.answered_in for each in shown if each.quiet_until}
    if not named:
        return shown
    wanted = select(entries.c.sequence, entries.c.entry).where(entries.c.sequence.in_(named))
    told = {row.sequence: _feedback(row.entry) for row in connection.execute(wanted)}
    return [each if each.quiet_until is None else _as_told(each, told.get(each.answered_in, {})) for each in shown]


def _as_told(shown: Shown, told: Mapping[str, datetime]) -> Shown:
    """Until when the entry says, and no longer."""
    until = told.get(shown.seal)
    return replace(shown, quiet_until=min(until, shown.quiet_until) if until and shown.quiet_until else None)


def _feedback(entry: bytes) -> dict[str, datetime]:
    """Until when the like of each card is quiet, by the card's seal, as the entry of an answer tells."""
    try:
        read = msgspec.json.decode(entry, type=_Feedback)
    except (msgspec.MsgspecError, RecursionError):
        return {}
    return {each.quietSeal: each.quietUntil for each in read.feedback if each.quietUntil and each.quietUntil.tzinfo} if read.kind == "feedback" else {}


class _Suggestion(msgspec.Struct):
    uuid: str = ""


class _Card(msgspec.Struct):
    uuid: str = ""
    suggestions: list[_Suggestion] = []


class _Call(msgspec.Struct):
    """What an answer to a card takes from the entry of its call: references as they stand there, in clear or keyed."""

    patient: str = ""
    user: str = ""
    encounter: str = ""
    cards: list[_Card] = []

    def of(self, shown: Shown) -> Shown:
        whose = {name: said for name, said in (("patient", self.patient), ("user", self.user), ("encounter", self.encounter)) if said}
        return replace(shown, whose=whose, offered=frozenset(one.uuid for card in self.cards if card.uuid == shown.card for one in card.suggestions))


def _with_calls(connection: Connection, shown: Collection[Shown]) -> list[Shown]:
    """Of a card whose call was purged, or was tampered with, no more is known than was kept beside the log."""
    wanted = select(entries.c.sequence, entries.c.entry).where(entries.c.sequence.in_({each.sequence for each in shown}))
    calls = {row.sequence: _call(row.entry) for row in connection.execute(wanted)}
    return [calls.get(each.sequence, _Call()).of(each) for each in shown]


def _call(entry: bytes) -> _Call:
    try:
        return msgspec.json.decode(entry, type=_Call)
    except (msgspec.MsgspecError, RecursionError):
        return _Call()


def _row(shown: Shown) -> dict[str, Any]:
    said = {name: getattr(shown, name) for name in ("card", "client", "scope", "rule", "user")}
    return {**said, "urgency": str(shown.urgency), "evidence": json.dumps(shown.evidence), "shown_at": shown.at.timestamp()}


def _shown(row: Row[Any]) -> Shown:
    return Shown(
        card=row.card,
        sequence=row.sequence,
        client=row.client,
        scope=row.scope,
        rule=row.rule,
        urgency=Urgency(row.urgency),
        user=row.user,
        evidence=Counter(json.loads(row.evidence)),
        at=_moment(row.shown_at),
        quiet_until=_moment(row.quiet_until) if row.quiet_until else None,
        reason=row.reason or "",
        overridden_at=_moment(row.overridden_at) if row.overridden_at else None,
        answered_in=row.answered_in or 0,
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
