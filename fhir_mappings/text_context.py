"""Does short text affirm a symptom here and now? Each cue reaches only as far as it does in speech: forwards, backwards, or to the next comma."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fhir_mappings import text_cues as cues


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
class Line:
    """A short text made ready to be read: lower case, what it names and where, and the places at which its sentences and clauses break."""

    lower: str
    hits: tuple[Hit, ...]
    sentence_ends: tuple[tuple[int, int], ...]
    breaks: tuple[tuple[int, int], ...]

    def sentence(self, start: int, end: int) -> tuple[int, int]:
        """The sentence around a stretch of the text, as start and end."""
        return _between(self.sentence_ends, start, end, len(self.lower))

    def clause(self, start: int, end: int) -> tuple[int, int]:
        return _between(self.breaks, start, end, len(self.lower))


def line(lower: str, hits: list[Hit]) -> Line:
    sentence_ends, breaks = (tuple(match.span() for match in pattern.finditer(lower)) for pattern in (cues.SENTENCE_ENDS, cues.BREAKS))
    return Line(lower, tuple(hits), sentence_ends, breaks)


def _between(breaks: tuple[tuple[int, int], ...], start: int, end: int, length: int) -> tuple[int, int]:
    first = max((done for _, done in breaks if done <= start), default=0)
    last = min((begun for begun, _ in breaks if begun >= end), default=length)
    return first, last


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The text around one hit: its sentence and clause before it, the part after the last comma, and what follows up to the next hit."""

    sentence: str
    clause: str
    part: str
    after: str


def around(said: Line, hit: Hit) -> Surroundings:
    sentence_start, sentence_end = said.sentence(hit.start, hit.end)
    clause_start, _ = said.clause(hit.start, hit.end)
    following = min((each.start for each in said.hits if each.start >= hit.end), default=len(said.lower))
    more = _MORE if following < sentence_end else ""
    clause = said.lower[clause_start : hit.start]
    return Surroundings(
        sentence=said.lower[sentence_start : hit.start],
        clause=clause,
        part=clause[clause.rfind(",") + 1 :],
        after=said.lower[hit.end : min(sentence_end, following)] + more,
    )


def judge_symptom(said: Line, hit: Hit) -> Assertion:
    here = around(said, hit)
    doubt = _not_plainly_here(here)
    if doubt:
        return doubt
    return Assertion.DENIED if _is_denied(said, hit, here) else Assertion.AFFIRMED


@dataclass(frozen=True, slots=True)
class Judged:
    """What text says of a function. `asks_function`: 'yes' and 'normal' would mean it is kept; `troubled`: it speaks of problems, not of control."""

    assertion: Assertion
    asks_function: bool = False
    troubled: bool = False


def judge_function(said: Line, hit: Hit) -> Judged:
    """A function is lost, kept, in trouble or only asked about: 'bladder control intact', 'no bladder control', 'problems with bladder control'."""
    fellows = _fellows(said, hit)
    here = around(said, Hit(hit.kind, fellows[0].start, fellows[-1].end))
    doubt = _not_plainly_here(here)
    if doubt:
        return Judged(doubt)
    after = here.after.rpartition(",")[0] if here.after.endswith(_MORE) else here.after
    trouble = cues.TROUBLE_BEFORE.search(here.part)
    if trouble or cues.TROUBLE_AFTER.match(after):
        before = here.clause[: len(here.clause) - len(here.part) + trouble.start()] if trouble else here.clause
        denied = cues.DENY_BEFORE.search(before) or _says_no_after(after)
        return Judged(Assertion.DENIED if denied else Assertion.AFFIRMED, troubled=True)
    return _kept_or_lost(here, after)


def _fellows(said: Line, hit: Hit) -> tuple[Hit, ...]:
    """The functions named in one breath with this one: 'bladder, bowel and saddle sensation'."""
    hits = said.hits
    first = last = hits.index(hit)
    while first > 0 and cues.LINK.fullmatch(said.lower[hits[first - 1].end : hits[first].start]):
        first -= 1
    while last + 1 < len(hits) and cues.LINK.fullmatch(said.lower[hits[last].end : hits[last + 1].start]):
        last += 1
    return hits[first : last + 1]


def _kept_or_lost(here: Surroundings, after: str) -> Judged:
    lost = [each for each in cues.LOST.finditer(here.clause) if each[0] != "no"]
    if lost:
        return Judged(Assertion.DENIED if cues.DENY_BEFORE.search(here.clause[: lost[-1].start()]) else Assertion.AFFIRMED)
    if cues.NO_FUNCTION.search(here.clause) or cues.NOT_KEPT.search(after) or cues.LOST.search(after):
        return Judged(Assertion.AFFIRMED)
    kept = cues.KEPT.search(here.clause) or cues.KEPT.search(after)
    return Judged(Assertion.DENIED if kept else Assertion.ASKED, asks_function=True)


def _not_plainly_here(here: Surroundings) -> Assertion | None:
    """Somebody else's, only advice, a possibility, or somebody's past."""
    if cues.FAMILY_BEFORE.search(here.sentence) or cues.FAMILY_AFTER.match(here.after):
        return Assertion.NOT_NOW
    if cues.ADVICE_BEFORE.search(here.sentence) or cues.RISK_BEFORE.search(here.part) or cues.ADVICE_AFTER.match(here.after):
        return Assertion.NOT_NOW
    if cues.SUSPECT_BEFORE.search(here.part) or cues.SUSPECT_AFTER.match(here.after):
        return Assertion.SUSPECTED
    if cues.STILL.search(here.after):
        return None
    if cues.HISTORY_LIST.search(here.clause) and not cues.NOW.search(here.part + here.after):
        return Assertion.NOT_NOW
    if cues.FORMER_BEFORE.search(here.part) or cues.OVER_AFTER.match(here.after):
        return Assertion.NOT_NOW
    return None


def _is_denied(said: Line, hit: Hit, here: Surroundings) -> bool:
    if cues.UNTIL.match(here.after):
        return False
    return bool(cues.DENY_BEFORE.search(here.part)) or _carries_on(said, hit, here) or _says_no_after(here.after)


def _carries_on(said: Line, hit: Hit, here: Surroundings) -> bool:
    """'Denies numbness, tingling, weakness': a denial reaches over commas when it leads a list, and a new statement ends the list."""
    earlier = here.clause[: len(here.clause) - len(here.part)]
    if not cues.DENY_BEFORE.search(earlier) or cues.AFFIRM_AFTER.match(here.after):
        return False
    if cues.DENY_LIST.search(earlier) or cues.OR.search(here.part) or cues.OR_NEXT.match(here.after):
        return True
    start = hit.start - len(here.clause)
    names_ours = any(start <= each.start < hit.start - len(here.part) for each in said.hits)
    own = said.lower[hit.start - len(here.part) : hit.end] + here.after.split(",")[0]
    return names_ours and not cues.NOW.search(own)


def _says_no_after(after: str) -> bool:
    return cues.DENY_AFTER.match(cues.WHERE_AFTER.sub(" ", after)) is not None
