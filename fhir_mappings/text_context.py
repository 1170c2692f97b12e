"""Does short text affirm a symptom here and now? Each cue reaches only as far as it does in speech: forwards, backwards, or to the next comma."""

from __future__ import annotations

import re
from bisect import bisect_right
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


MORE = "\N{HORIZONTAL ELLIPSIS}"
"""Stands at the end of what follows a hit when the sentence goes on with another one."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A symptom or function named at one place of the text."""

    kind: str
    start: int
    end: int
    is_function: bool = False


Stretch = tuple[int, int]
"""Start and end of a piece of the text."""


@dataclass(frozen=True, slots=True)
class Line:
    """A short text made ready to be read: lower case, what it names, the places at which its sentences, clauses and matters part, and its cues."""

    lower: str
    hits: tuple[Hit, ...]
    sentence_ends: tuple[Stretch, ...]
    breaks: tuple[Stretch, ...]
    matters: tuple[Stretch, ...]
    cued: dict[cues.Cue, tuple[Stretch, ...]]

    def sentence(self, start: int, end: int) -> Stretch:
        """The sentence around a stretch of the text."""
        return _between(self.sentence_ends, start, end, len(self.lower))

    def matter(self, start: int, end: int) -> Stretch:
        return _between(self.matters, start, end, len(self.lower))

    def clause(self, start: int, end: int) -> Stretch:
        return _between(self.breaks, start, end, len(self.lower))


def line(lower: str, hits: list[Hit]) -> Line:
    breaks = tuple(match.span() for match in cues.BREAKS.finditer(lower) if not match["held"])
    cued = {cue: _spans(cue.says, lower) for cue in cues.EVERY_CUE}
    return Line(lower, tuple(hits), _spans(cues.SENTENCE_ENDS, lower), breaks, _spans(cues.OTHER_SUBJECT, lower), cued)


def _spans(pattern: re.Pattern[str], lower: str) -> tuple[Stretch, ...]:
    return tuple(match.span() for match in pattern.finditer(lower))


def _between(breaks: tuple[Stretch, ...], start: int, end: int, length: int) -> Stretch:
    first = max((done for _, done in breaks if done <= start), default=0)
    last = min((begun for begun, _ in breaks if begun >= end), default=length)
    return first, last


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The text around one hit: where its sentence and clause begin, and the part of each behind the last comma; what follows up to the next hit."""

    said: Line
    sentence: int
    phrase: int
    clause: int
    part: int
    at: int
    after: str

    def since(self, start: int) -> str:
        """The text from there to the hit."""
        return self.said.lower[start : self.at]


def around(said: Line, hit: Hit) -> Surroundings:
    sentence, sentence_end = said.sentence(hit.start, hit.end)
    clause, _ = said.clause(hit.start, hit.end)
    following = min((each.start for each in said.hits if each.start >= hit.end), default=len(said.lower))
    more = MORE if following < sentence_end else ""
    asked = said.lower[sentence_end : sentence_end + 1] == "?"
    comma = said.lower.rfind(",", 0, hit.start) + 1
    after = said.lower[hit.end : min(sentence_end + asked, following)] + more
    return Surroundings(said, sentence, max(sentence, comma), clause, max(clause, comma), hit.start, after)


def _governs(cue: cues.Cue, here: Surroundings, start: int, end: int | None = None) -> Stretch | None:
    """The last such cue between two places before the hit, unless its reach ends before the hit."""
    spans = here.said.cued[cue]
    at = bisect_right(spans, here.at if end is None else end, key=lambda each: each[1]) - 1
    if at < 0 or spans[at][0] < start or cue.ends.search(here.said.lower, spans[at][1], here.at):
        return None
    return spans[at]


def _leads_to(here: Surroundings, *known: cues.Cue) -> bool:
    """Does a cue stand beside the hit, or at the head of a list that holds it? 'Now', a date or a new person ends the list."""
    if any(_governs(cue, here, here.phrase) for cue in known):
        return True
    listed = here.phrase != here.sentence and any(_governs(cue, here, here.sentence) for cue in known)
    return listed and not cues.PRESENTLY.search(here.since(here.phrase) + here.after)


def judge_symptom(said: Line, hit: Hit) -> Assertion:
    here = around(said, hit)
    doubt = not_plainly_here(here)
    if doubt:
        return doubt
    return Assertion.DENIED if _is_denied(here, hit) else Assertion.AFFIRMED


def not_plainly_here(here: Surroundings) -> Assertion | None:
    """Somebody else's, only advice, a possibility, or somebody's past; or the question was not put."""
    if _leads_to(here, cues.FAMILY_BEFORE, cues.FAMILY_BESIDE) or cues.FAMILY_AFTER.match(here.after) or _is_advice(here):
        return Assertion.NOT_NOW
    if cues.UNASKED_AFTER.match(here.after) or _governs(cues.UNASKED_BEFORE, here, here.part):
        return Assertion.ASKED
    doubted = _governs(cues.SUSPECT_BEFORE, here, here.part) and not cues.SETTLED.match(here.after)
    if doubted or cues.SUSPECT_AFTER.match(here.after):
        return Assertion.SUSPECTED
    return Assertion.NOT_NOW if _is_past(here) else None


def _is_past(here: Surroundings) -> bool:
    if cues.STILL.search(here.after):
        return False
    history = _governs(cues.HISTORY_LIST, here, here.clause) or _governs(cues.HISTORY_OF, here, here.part)
    if history and not cues.NOW.search(here.since(here.part) + here.after):
        return True
    return bool(cues.FORMER_BEFORE.search(here.since(here.part)) or cues.OVER_AFTER.match(here.after))


def _is_advice(here: Surroundings) -> bool:
    beside = _governs(cues.CONDITION_BEFORE, here, here.phrase) or _governs(cues.RISK_BEFORE, here, here.part)
    return bool(beside or _leads_to(here, cues.ADVICE_BEFORE, cues.ADVICE_BESIDE) or cues.ADVICE_AFTER.match(here.after))


def _is_denied(here: Surroundings, hit: Hit) -> bool:
    if cues.UNTIL.match(here.after):
        return False
    return is_denied_before(here, hit) or says_no_after(here.after) or is_denied_with_its_list(here, hit)


def is_denied_with_its_list(here: Surroundings, hit: Hit) -> bool:
    """'Saddle numbness, retention and incontinence: no' answers for each. Of two things parted by a comma the first may stand for itself."""
    hits, lower = here.said.hits, here.said.lower
    first = last = hits.index(hit)
    while first > 0 and cues.LIST_LINK.fullmatch(lower[hits[first - 1].end : hits[first].start]):
        first -= 1
    while last + 1 < len(hits) and cues.LIST_LINK.fullmatch(lower[hits[last].end : hits[last + 1].start]):
        last += 1
    begin, end = here.said.sentence(hits[last].start, hits[last].end)
    after = lower[hits[last].end : end]
    answers_all = cues.ANSWERS_LIST.match(cues.WHERE_AFTER.sub("", after))
    if last == first or not says_no_after(after) or not (answers_all or not lower[begin : hits[first].start].strip()):
        return False
    named = sum(1 + (each.kind == "both-incontinence") for each in hits[first : last + 1])
    return "," not in lower[hits[first].end : hits[last].start] or (answers_all is not None and (named > 2 or answers_all[0].strip() in {")", "?"}))


def linked(lower: str, one: Hit, other: Hit) -> bool:
    return cues.LINK.fullmatch(lower[one.end : other.start]) is not None


def is_denied_before(here: Surroundings, hit: Hit) -> bool:
    return any(_governs(cue, here, here.part) for cue in (cues.DENY_BEFORE, cues.DENY_BESIDE)) or _carries_on(here, hit)


def _carries_on(here: Surroundings, hit: Hit) -> bool:
    """'Denies numbness, tingling, weakness': a denial reaches over commas when it leads a list, and a new statement ends the list."""
    denial = _governs(cues.DENY_BEFORE, here, here.clause, here.part)
    if not denial or cues.AFFIRM_AFTER.match(here.after):
        return False
    lower = here.said.lower
    own = lower[here.part : hit.end] + here.after.split(",")[0]
    items = lower[here.clause : here.part - 1].split(",")
    if any(cues.NOT_DENIED.match(each) for each in (own, *items[1:])):
        return False
    if cues.OR.search(here.since(here.part)) or cues.OR_NEXT.match(here.after):
        return True
    sided = cues.ONE_SIDE.search(own) and not cues.ONE_SIDE.search(lower, denial[1], here.part)
    listed = cues.DENY_LIST.search(lower, here.clause, here.part)
    if listed:
        return not (cues.SINCE.search(own) or (sided and "red flag" in listed[0]))
    comma = lower.find(",", denial[1])
    led = {each.kind for each in here.said.hits if denial[1] <= each.start < comma}
    ended = len(items) > 1 and (all(cues.OWN_NO.search(each) for each in items) or any(cues.SOUND.search(each) for each in items[1:]))
    other_side = cues.ONE_SIDE.search(own) and any(each.kind == hit.kind and here.clause <= each.start < here.part for each in here.said.hits)
    anew = cues.OWN_STATEMENT.match(own)
    parallel = anew is not None and f" {anew[0].strip()} " in lower[denial[1] : here.part]
    goes_on = cues.OR.search(lower, hit.end, here.said.clause(hit.start, hit.end)[1]) is not None
    # 'No fever, weight loss, incontinence': two items that every review of systems asks for make a list of denials.
    general = len(items) > 1 and all(map(cues.GENERAL.search, items[:2])) and not any(cues.CLOSES.match(each) for each in items[1:])
    if not (led or general or (goes_on and not hit.is_function)) or ((ended or (led and led <= words.PAINS and hit.kind in words.PELVIC)) and not goes_on):
        return False
    return not (other_side or sided) and (anew is None or parallel) and not cues.NOW.search(own)


def says_no_after(after: str) -> bool:
    answer = cues.ANSWER_BEHIND.match(after)
    if answer and cues.NO.fullmatch(answer[1].strip()):
        return True
    return cues.NOT_ANY_MORE.match(after) is not None or cues.DENY_AFTER.match(cues.WHERE_AFTER.sub(" ", after)) is not None
