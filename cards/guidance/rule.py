"""The shape of a rule: what a row of the rule table holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from cards.guidance.criteria import Criterion
from cards.guidance.findings import Finding


class Urgency(StrEnum):
    IMMEDIATE = "immediate evaluation"
    SOON = "review soon"
    ROUTINE = "for information"


class Lane(StrEnum):
    """At most one card a lane. MENTION makes no card: its facts are told on another."""

    NERVE = "nerve"
    METABOLIC = "metabolic"
    MENTION = "mention"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`marks`: A rests on the article, G on a guideline or study, E on expert default. In `summary` a part in [brackets] goes when its slot is empty."""

    id: str
    topic: str
    name: str
    when: Criterion
    urgency: Urgency
    summary: str
    slots: Mapping[str, tuple[Finding, ...]] = field(default_factory=dict)
    why: tuple[str, ...]
    options: tuple[str, ...] = ()
    suggests: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    cites: tuple[str, ...]
    marks: str
    numbers: tuple[str, ...] = ()
    lane: Lane = Lane.NERVE
    red_flag: bool = False
    answers: tuple[Finding, ...] = ()


# --- options that several rules offer
EXAMINE_LEGS = "Examine power, sensation and reflexes of both legs; ask about bladder, bowel and saddle sensation."
MEDICINE_REVIEW = "Consider a medicine review: diuretics, long-acting beta agonists, oestrogens, raloxifene, teriparatide, naproxen, intravenous iron sucrose."
