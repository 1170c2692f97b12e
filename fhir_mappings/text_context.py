"""Does short text affirm a symptom here and now? Each cue reaches only as far as it does in speech: forwards, backwards, or to the next comma."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from fhir_mappings import text_cues as cues
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
class Line:
    """A short text made ready to be read: lower case, what it names, and the places at which its sentences, clauses and matters part."""

    lower: str
    hits: tuple[Hit, ...]
    sentence_ends: tuple[tuple[int, int], ...]
    breaks: tuple[tuple[int, int], ...]
    matters: tuple[tuple[int, int], ...]

    def sentence(self, start: int, end: int) -> tuple[int, int]:
        """The sentence around a stretch of the text, as start and end."""
        return _between(self.sentence_ends, start, end, len(self.lower))

    def matter(self, start: int, end: int) -> tuple[int, int]:
        return _between(self.matters, start, end, len(self.lower))

    def clause(self, start: int, end: int) -> tuple[int, int]:
        return _between(self.breaks, start, end, len(self.lower))


def line(lower: str, hits: list[Hit]) -> Line:
    sentence_ends = tuple(match.span() for match in cues.SENTENCE_ENDS.finditer(lower))
    breaks = tuple(match.span() for match in cues.BREAKS.finditer(lower) if not match["held"])
    return Line(lower, tuple(hits), sentence_ends, breaks, tuple(match.span() for match in cues.OTHER_SUBJECT.finditer(lower)))


def _between(breaks: tuple[tuple[int, int], ...], start: int, end: int, length: int) -> tuple[int, int]:
    first = max((done for _, done in breaks if done <= start), default=0)
    last = min((begun for begun, _ in breaks if begun >= end), default=length)
    return first, last


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The text around one hit: its sentence and clause before it, the part of each after the last comma, and what follows up to the next hit."""

    sentence: str
    phrase: str
    clause: str
    part: str
    after: str


def around(said: Line, hit: Hit) -> Surroundings:
    sentence_start, sentence_end = said.sentence(hit.start, hit.end)
    clause_start, _ = said.clause(hit.start, hit.end)
    following = min((each.start for each in said.hits if each.start >= hit.end), default=len(said.lower))
    more = _MORE if following < sentence_end else ""
    asked = said.lower[sentence_end : sentence_end + 1] == "?"
    sentence, clause = said.lower[sentence_start : hit.start], said.lower[clause_start : hit.start]
    return Surroundings(
        sentence=sentence,
        phrase=sentence[sentence.rfind(",") + 1 :],
        clause=clause,
        part=clause[clause.rfind(",") + 1 :],
        after=said.lower[hit.end : min(sentence_end + asked, following)] + more,
    )


def _governs(cue: cues.Cue, before: str, end: int | None = None) -> re.Match[str] | None:
    """The last such cue of the text before a hit (of its first `end` characters), unless its reach ends before the hit."""
    found = None
    for match in cue.says.finditer(before, 0, len(before) if end is None else end):
        found = match
    return None if found is None or cue.ends.search(before[found.end() :]) else found


def _leads_to(cue: cues.Cue, here: Surroundings) -> bool:
    """Does the cue stand beside the hit, or at the head of a list that holds it? 'Now', a date or a new person ends the list."""
    if _governs(cue, here.phrase):
        return True
    return here.phrase != here.sentence and _governs(cue, here.sentence) is not None and not cues.PRESENTLY.search(here.phrase + here.after)


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
    after = cues.UNTROUBLED.sub(" normal ", here.after)
    own = next((each for each in after.split(",") if each.strip()), "") if not after.endswith(_MORE) else after.rpartition(",")[0]
    is_bare = words.ORGAN.fullmatch(said.lower, fellows[-1].start, fellows[-1].end) is not None
    trouble = _governs(cues.TROUBLE_BEFORE, here.part)
    if trouble or _in_trouble(said, fellows, after):
        before = here.clause[: len(here.clause) - len(here.part) + trouble.start()] if trouble else here.clause
        denied = _governs(cues.DENY_BEFORE, before) or _says_no_after(own)
        of_control = words.CONTROL.search(said.lower, fellows[-1].start, fellows[-1].end) is not None
        return Judged(Assertion.DENIED if denied else Assertion.AFFIRMED, troubled=not of_control)
    if is_bare and not cues.KEPT.search(own) and (_governs(cues.DENY_BEFORE, here.part) or _says_no_after(own)):
        return Judged(Assertion.DENIED, troubled=True)
    return _kept_or_lost(here, own)


def _fellows(said: Line, hit: Hit) -> tuple[Hit, ...]:
    """The functions named in one breath with this one: 'bladder, bowel and saddle sensation'."""
    hits = said.hits
    first = last = hits.index(hit)
    while first > 0 and cues.LINK.fullmatch(said.lower[hits[first - 1].end : hits[first].start]):
        first -= 1
    while last + 1 < len(hits) and cues.LINK.fullmatch(said.lower[hits[last].end : hits[last + 1].start]):
        last += 1
    return hits[first : last + 1]


def _in_trouble(said: Line, fellows: tuple[Hit, ...], after: str) -> bool:
    """'Bladder, bowel or gait disturbance': the noun after the last of them is said of all; it may be part of that one's own name."""
    return bool(cues.TROUBLE_AFTER.match(after) or cues.TROUBLE_AT_END.search(said.lower, fellows[-1].start, fellows[-1].end))


def _kept_or_lost(here: Surroundings, after: str) -> Judged:
    lost = [each for each in cues.LOST.finditer(here.clause) if each[0] != "no"]
    if lost:
        denied = _governs(cues.DENY_BEFORE, here.clause[: lost[-1].start()]) or _says_no_after(here.after)
        return Judged(Assertion.DENIED if denied else Assertion.AFFIRMED)
    kept = cues.KEPT.search(here.clause) or cues.KEPT.search(after)
    if cues.NO_FUNCTION.search(here.clause) or cues.NOT_KEPT.search(after) or cues.LOST.search(after) or (kept and cues.UNTIL.match(after)):
        return Judged(Assertion.AFFIRMED)
    return Judged(Assertion.DENIED if kept else Assertion.ASKED, asks_function=True)


def _not_plainly_here(here: Surroundings) -> Assertion | None:
    """Somebody else's, only advice, a possibility, or somebody's past."""
    if _leads_to(cues.FAMILY_BEFORE, here) or cues.FAMILY_AFTER.match(here.after):
        return Assertion.NOT_NOW
    if _is_advice(here):
        return Assertion.NOT_NOW
    if _governs(cues.SUSPECT_BEFORE, here.part) or cues.SUSPECT_AFTER.match(here.after):
        return Assertion.SUSPECTED
    if cues.STILL.search(here.after):
        return None
    if _governs(cues.HISTORY_LIST, here.clause) and not cues.NOW.search(here.part + here.after):
        return Assertion.NOT_NOW
    if cues.FORMER_BEFORE.search(here.part) or cues.OVER_AFTER.match(here.after):
        return Assertion.NOT_NOW
    return None


def _is_advice(here: Surroundings) -> bool:
    beside = _governs(cues.CONDITION_BEFORE, here.phrase) or _governs(cues.RISK_BEFORE, here.part)
    return bool(_leads_to(cues.ADVICE_BEFORE, here) or beside or cues.ADVICE_AFTER.match(here.after))


def _is_denied(said: Line, hit: Hit, here: Surroundings) -> bool:
    if cues.UNTIL.match(here.after):
        return False
    return bool(_governs(cues.DENY_BEFORE, here.part)) or _carries_on(said, hit, here) or _says_no_after(here.after)


def _carries_on(said: Line, hit: Hit, here: Surroundings) -> bool:
    """'Denies numbness, tingling, weakness': a denial reaches over commas when it leads a list, and a new statement ends the list."""
    led = len(here.clause) - len(here.part)
    if not _governs(cues.DENY_BEFORE, here.clause, led) or cues.AFFIRM_AFTER.match(here.after):
        return False
    own = said.lower[hit.start - len(here.part) : hit.end] + here.after.split(",")[0]
    if cues.OR.search(here.part) or cues.OR_NEXT.match(here.after):
        return True
    if cues.DENY_LIST.search(here.clause[:led]):
        return not cues.SINCE.search(own)
    start = hit.start - len(here.clause)
    named = [each.kind for each in said.hits if start <= each.start < hit.start - len(here.part)]
    other_side = hit.kind in named and cues.ONE_SIDE.search(own)
    return bool(named) and not other_side and not cues.NOW.search(own)


def _says_no_after(after: str) -> bool:
    return cues.NOT_ANY_MORE.match(after) is not None or cues.DENY_AFTER.match(cues.WHERE_AFTER.sub(" ", after)) is not None
