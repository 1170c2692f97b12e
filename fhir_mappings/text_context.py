"""Does short text affirm a symptom here and now? Each cue reaches only as far as it does in speech: forwards, backwards, or to the next comma."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from fhir_mappings import text_words as words


class Assertion(StrEnum):
    AFFIRMED = "affirmed"
    DENIED = "denied"
    SUSPECTED = "suspected"
    NOT_NOW = "history, family or advice"
    ASKED = "asked"


_MORE = "\N{HORIZONTAL ELLIPSIS}"
"""Stands at the end of what follows a hit when the sentence goes on with another one."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A symptom or function named at one place of the text."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The text around one hit: its sentence and clause before it, the part after the last comma, and what follows up to the next hit."""

    sentence: str
    clause: str
    part: str
    after: str


def around(lower: str, hit: Hit, hits: list[Hit]) -> Surroundings:
    sentence_start, sentence_end = span(lower, hit.start, hit.end, words.SENTENCE_ENDS)
    clause_start, _ = span(lower, hit.start, hit.end, words.BREAKS)
    following = min((each.start for each in hits if each.start >= hit.end), default=len(lower))
    more = _MORE if following < sentence_end else ""
    clause = lower[clause_start : hit.start]
    return Surroundings(
        sentence=lower[sentence_start : hit.start],
        clause=clause,
        part=clause[clause.rfind(",") + 1 :],
        after=lower[hit.end : min(sentence_end, following)] + more,
    )


def span(lower: str, start: int, end: int, breaks: re.Pattern[str]) -> tuple[int, int]:
    """The stretch around a place between two breaks."""
    first = max((match.end() for match in breaks.finditer(lower) if match.end() <= start), default=0)
    last = min((match.start() for match in breaks.finditer(lower) if match.start() >= end), default=len(lower))
    return first, last


def judge_symptom(lower: str, hit: Hit, hits: list[Hit]) -> Assertion:
    here = around(lower, hit, hits)
    doubt = _not_plainly_here(here)
    if doubt:
        return doubt
    return Assertion.DENIED if _is_denied(lower, hit, hits, here) else Assertion.AFFIRMED


@dataclass(frozen=True, slots=True)
class Judged:
    """What text says of a function. `asks_function`: 'yes' and 'normal' would mean it is kept; `troubled`: it speaks of problems, not of control."""

    assertion: Assertion
    asks_function: bool = False
    troubled: bool = False


def judge_function(lower: str, hit: Hit, hits: list[Hit]) -> Judged:
    """A function is lost, kept, in trouble or only asked about: 'bladder control intact', 'no bladder control', 'problems with bladder control'."""
    fellows = _fellows(lower, hit, hits)
    here = around(lower, Hit(hit.kind, fellows[0].start, fellows[-1].end), [each for each in hits if each not in fellows])
    doubt = _not_plainly_here(here)
    if doubt:
        return Judged(doubt)
    after = here.after.rpartition(",")[0] if here.after.endswith(_MORE) else here.after
    trouble = words.TROUBLE_BEFORE.search(here.part)
    if trouble or words.TROUBLE_AFTER.match(after):
        before = here.clause[: len(here.clause) - len(here.part) + trouble.start()] if trouble else here.clause
        denied = words.DENY_BEFORE.search(before) or _says_no_after(after)
        return Judged(Assertion.DENIED if denied else Assertion.AFFIRMED, troubled=True)
    return _kept_or_lost(here, after)


def _fellows(lower: str, hit: Hit, hits: list[Hit]) -> list[Hit]:
    """The functions named in one breath with this one: 'bladder, bowel and saddle sensation'."""
    at = hits.index(hit)
    first = last = at
    while first > 0 and words.LINK.fullmatch(lower[hits[first - 1].end : hits[first].start]):
        first -= 1
    while last + 1 < len(hits) and words.LINK.fullmatch(lower[hits[last].end : hits[last + 1].start]):
        last += 1
    return hits[first : last + 1]


def _kept_or_lost(here: Surroundings, after: str) -> Judged:
    lost = [each for each in words.LOST.finditer(here.clause) if each[0] != "no"]
    if lost:
        return Judged(Assertion.DENIED if words.DENY_BEFORE.search(here.clause[: lost[-1].start()]) else Assertion.AFFIRMED)
    if words.NO_FUNCTION.search(here.clause) or words.NOT_KEPT.search(after) or words.LOST.search(after):
        return Judged(Assertion.AFFIRMED)
    kept = words.KEPT.search(here.clause) or words.KEPT.search(after)
    return Judged(Assertion.DENIED if kept else Assertion.ASKED, asks_function=True)


def _not_plainly_here(here: Surroundings) -> Assertion | None:
    """Somebody else's, only advice, a possibility, or somebody's past."""
    if words.FAMILY_BEFORE.search(here.sentence) or words.FAMILY_AFTER.match(here.after):
        return Assertion.NOT_NOW
    if words.ADVICE_BEFORE.search(here.sentence) or words.RISK_BEFORE.search(here.part) or words.ADVICE_AFTER.match(here.after):
        return Assertion.NOT_NOW
    if words.SUSPECT_BEFORE.search(here.part) or words.SUSPECT_AFTER.match(here.after):
        return Assertion.SUSPECTED
    if words.STILL.search(here.after):
        return None
    if words.HISTORY_LIST.search(here.clause) and not words.NOW.search(here.part + here.after):
        return Assertion.NOT_NOW
    if words.FORMER_BEFORE.search(here.part) or words.OVER_AFTER.match(here.after):
        return Assertion.NOT_NOW
    return None


def _is_denied(lower: str, hit: Hit, hits: list[Hit], here: Surroundings) -> bool:
    if words.UNTIL.match(here.after):
        return False
    return bool(words.DENY_BEFORE.search(here.part)) or _carries_on(lower, hit, hits, here) or _says_no_after(here.after)


def _carries_on(lower: str, hit: Hit, hits: list[Hit], here: Surroundings) -> bool:
    """'Denies numbness, tingling, weakness': a denial reaches over commas when it leads a list, and a new statement ends the list."""
    earlier = here.clause[: len(here.clause) - len(here.part)]
    if not words.DENY_BEFORE.search(earlier) or words.AFFIRM_AFTER.match(here.after):
        return False
    if words.DENY_LIST.search(earlier) or words.OR.search(here.part) or words.OR_NEXT.match(here.after):
        return True
    start = hit.start - len(here.clause)
    names_ours = any(start <= each.start < hit.start - len(here.part) for each in hits)
    own = lower[hit.start - len(here.part) : hit.end] + here.after.split(",")[0]
    return names_ours and not words.NOW.search(own)


def _says_no_after(after: str) -> bool:
    return words.DENY_AFTER.match(words.WHERE_AFTER.sub(" ", after)) is not None
