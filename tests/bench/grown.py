"""What grows in use, made larger: value sets, rules, and an audit log with the cards it has sent."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

from many_entries import Plan, fill

from cards.guidance import decide
from cards.guidance.rules import RULES
from cds_hooks import evaluation
from cds_hooks.audit.database import database
from cds_hooks.audit.tables import issued
from cds_hooks.quiet import KEPT_FOR
from fhir_mappings.terminology import Terminology

VALUESETS = Path(__file__).resolve().parents[2] / "fhir_mappings" / "valuesets"
CARDS = 0.2
"""A card for every so many entries."""
AT_ONCE = 10_000


@contextmanager
def knowing(terms: Terminology) -> Iterator[None]:
    """Calls are read with these value sets."""
    with patch.object(evaluation, "terminology", lambda: terms):
        yield


def swollen(times: int) -> Terminology:
    """Our value sets with so many times their codes of SNOMED CT and LOINC, the new ones of a form that no chart holds."""
    return Terminology(_swollen(json.loads(each.read_text()), times) for each in sorted(VALUESETS.glob("*.json")))


def _swollen(valueset: dict[str, Any], times: int) -> dict[str, Any]:
    parts = [_more(part, times) if "concept" in part and "icd" not in part["system"] else part for part in valueset["compose"]["include"]]
    return {**valueset, "compose": {**valueset["compose"], "include": parts}}


def _more(part: dict[str, Any], times: int) -> dict[str, Any]:
    made = [{**each, "code": f"{each['code']}x{again}"} for again in range(1, times) for each in part["concept"]]
    return {**part, "concept": [*part["concept"], *made]}


@contextmanager
def judging(times: int) -> Iterator[None]:
    """Every rule is there so many times, under names of its own. What was remembered of the others is forgotten."""
    every = tuple(replace(rule, id=rule.id if not again else f"{rule.id}-{again}") for again in range(times) for rule in RULES)
    first = tuple(sorted(every, key=lambda each: not each.red_flag))
    with patch.object(decide, "RULES", every), patch.object(decide, "RED_FLAGS_FIRST", first):
        _forget()
        try:
            yield
        finally:
            _forget()


def _forget() -> None:
    for each in vars(decide).values():
        forget: Callable[[], None] | None = getattr(each, "cache_clear", None)
        if forget:
            forget()


def filled(folder: Path, count: int) -> None:
    """An audit log of so many entries in the folder, and the cards of which an answer may still matter."""
    folder.mkdir(parents=True)
    if not count:
        return
    store, now = database(None, folder), datetime.now(UTC)
    fill(store, Plan(count, end=now))
    draw = random.Random(count)
    connection = store.ready()
    for begun in range(0, int(count * CARDS), AT_ONCE):
        with store.writing(connection):
            connection.execute(issued.insert(), [_sent(draw, now) for _ in range(min(AT_ONCE, int(count * CARDS) - begun))])
    connection.close()
    store.engine.dispose()


def _sent(draw: random.Random, now: datetime) -> dict[str, Any]:
    """A card to another patient, within the time for which cards are kept."""
    return {
        "card": str(UUID(int=draw.getrandbits(128), version=4)),
        "sequence": 1,
        "client": "/",
        "scope": draw.randbytes(32),
        "rule": draw.choice(RULES).id,
        "urgency": "immediate",
        "user": f"Practitioner/{draw.randrange(400)}",
        "evidence": "{}",
        "shown_at": now.timestamp() - draw.random() * (KEPT_FOR.total_seconds() - 86_400),
        "quiet_until": None,
        "reason": None,
        "overridden_at": None,
    }
