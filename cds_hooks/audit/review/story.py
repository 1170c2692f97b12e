"""One entry's story as a reviewer reads it: the data, the findings and their records, the rules and their reasons, the cards, the answers, the seal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import select

from cds_hooks.audit import search
from cds_hooks.audit.database import Database
from cds_hooks.audit.dsi import NAMES, REASONS
from cds_hooks.audit.form import Checkpoint, digest
from cds_hooks.audit.marks import whose
from cds_hooks.audit.review.legible import legible
from cds_hooks.audit.search import Filter, Hit
from cds_hooks.audit.tables import checkpoints
from fhir_mappings.queries import QUERIES

Entry = Mapping[str, Any]
MOST_ANSWERS = 50
"""Answers to one card, and those of one entry that its page shows before it is asked for more."""
MOST_SHOWN = 5
"""Answers of one entry in a list of entries; its own page has all of them."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was done with one card: the item of the feedback, its entry, and the words of a reason of ours."""

    said: Entry
    entry: Entry

    @property
    def reason(self) -> str:
        code = str((self.said.get("reason") or {}).get("code", ""))
        return REASONS.get(code, code)


@dataclass(frozen=True, slots=True)
class Seal:
    """Where the entry stands in the chain. `whole` says that its bytes have its hash; `checkpoint` is the first that covers it."""

    hash: str
    previous: str
    whole: bool
    checkpoint: Checkpoint | None


@dataclass(frozen=True, slots=True)
class Story:
    """An entry, the call it belongs to (itself, where it is a call), and the answers to that call's cards."""

    sequence: int
    entry: Entry
    seal: Seal
    bytes: str
    call: Entry | None = None
    answers: tuple[Answer, ...] = ()
    others: tuple[Entry, ...] = field(default=())
    """Calls besides the first that the entry answers."""
    unsent: int = 0
    """The entry that says that the answer of this call was never sent."""

    def whose(self, name: str) -> list[str]:
        """The patients, users or encounters it is about; answers taken before they told so themselves are about those of their call."""
        return whose(self.entry, name) or whose(self.call or {}, name)

    @property
    def sources(self) -> dict[str, list[tuple[str, str, bool]]]:
        """By state, those with something in them first; of each source its key, why it failed, and whether it was read from the EHR's FHIR server."""
        call = self.call or {}
        states, reasons, read = call.get("sources") or {}, call.get("sourceReasons") or {}, call.get("keysRead") or ()
        found: dict[str, list[tuple[str, str, bool]]] = {}
        for key, state in sorted(states.items(), key=lambda each: each[1] != "data"):
            name = str(state) if key in QUERIES else "of other names"
            found.setdefault(name, []).append((key if key in QUERIES else str(state), reasons.get(key, ""), key in read))
        return found

    @property
    def rules(self) -> list[tuple[str, str, str, str]]:
        """Those that spoke first: id, name, outcome, reason."""
        told = [(each["rule"], NAMES.get(each["rule"], ""), each["outcome"], each.get("reason", "")) for each in (self.call or {}).get("rules") or ()]
        return sorted(told, key=lambda each: _RANK.get(each[2], 2))


_RANK = {"shown": 0, "quieted": 1, "not met": 3}


def story(database: Database, sequence: int) -> Story | None:
    """The story of an entry; None when there is none of that number."""
    hit = next(iter(search.those(database, [sequence])), None)
    if hit is None:
        return None
    entry = legible(hit)
    calls = [legible(each) for each in _calls(database, entry)]
    return Story(
        sequence=sequence,
        entry=entry,
        seal=_seal(database, hit, entry),
        bytes=hit.entry.decode("utf-8", "replace"),
        call=calls[0] if calls else None,
        answers=tuple(_answers(database, calls[0])) if calls else tuple(Answer(each, entry) for each in entry.get("feedback") or ()),
        others=tuple(calls[1:]),
        unsent=_unsent(database, entry) if entry.get("kind") == "call" else 0,
    )


def _calls(database: Database, entry: Entry) -> list[Hit]:
    """The call itself, or the calls whose cards the entry answers."""
    if entry.get("kind") == "call":
        return [Hit(entry["sequence"], msgspec.json.encode(entry), b"")]
    return search.those(database, _answered(entry))


def calls_answered(database: Database, entries: Sequence[Entry]) -> dict[int, Entry]:
    """By their sequence, the calls whose cards these entries answer."""
    named = {sequence for each in entries for sequence in _answered(each)[:MOST_SHOWN]}
    return {hit.sequence: legible(hit) for hit in search.those(database, sorted(named))}


def _answered(entry: Entry) -> list[int]:
    return [each["call"] for each in entry.get("feedback") or () if isinstance(each.get("call"), int)]


def _answers(database: Database, call: Entry) -> list[Answer]:
    """Every answer to a card of the call, oldest first."""
    cards = [each.get("uuid") for each in call.get("cards") or ()]
    found: dict[int, Entry] = {}
    for card in cards:
        page = search.page(database, Filter((("card", str(card)), ("kind", "feedback"))), size=MOST_ANSWERS)
        found.update({hit.sequence: legible(hit) for hit in page.hits})
    return [Answer(said, found[number]) for number in sorted(found) for said in found[number].get("feedback") or () if said.get("card") in cards]


def _unsent(database: Database, call: Entry) -> int:
    page = search.page(database, Filter((("correlationId", str(call.get("correlationId"))), ("kind", "unsent"))), size=1)
    return next((hit.sequence for hit in page.hits if legible(hit).get("of") == call.get("sequence")), 0)


def _seal(database: Database, hit: Hit, entry: Entry) -> Seal:
    covering = select(checkpoints).where(checkpoints.c.sequence >= hit.sequence).order_by(checkpoints.c.sequence).limit(1)
    with database.reading() as connection:
        row = connection.execute(covering).first()
    checkpoint = Checkpoint(row.sequence, row.hash, row.recorded, row.key, row.signature) if row else None
    return Seal(hit.hash.hex(), str(entry.get("previous", "")), digest(hit.entry) == hit.hash, checkpoint)


def headline(entry: Entry) -> str:
    """What happened, in a few words."""
    kind, outcome = str(entry.get("kind", "")), str(entry.get("outcome", ""))
    if kind == "call":
        return {"cards": "Cards shown", "rules ran, none fired": "No card: no rule applied"}.get(outcome, outcome.capitalize())
    if kind == "feedback":
        answers = [str(each.get("outcome", "")) for each in entry.get("feedback") or ()]
        return f"Card {answers[0]}" if len(answers) == 1 else f"{len(answers)} cards answered"
    if kind == "refused":
        return f"Refused: {outcome}"
    return {
        "review": f"Log looked at: {entry.get('action', '')}",
        "export": f"Log exported: {entry.get('format', '')}",
        "start": "Service started",
        "unsent": "Answer not sent",
    }.get(kind, outcome or kind)
