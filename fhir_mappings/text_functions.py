"""Is a function lost, kept, in trouble or only asked about: 'bladder control intact', 'no bladder control', 'problems with bladder control'?"""

from __future__ import annotations

from dataclasses import dataclass, replace

from fhir_mappings import text_cues as cues
from fhir_mappings import text_words as words
from fhir_mappings.text_context import (
    MORE,
    Assertion,
    Hit,
    Line,
    Surroundings,
    around,
    is_denied_before,
    is_denied_with_its_list,
    linked,
    not_plainly_here,
    says_no_after,
)


@dataclass(frozen=True, slots=True)
class Judged:
    """What text says of a function. `asks_function`: 'yes' and 'normal' would mean it is kept; `troubled`: it speaks of problems, not of control."""

    assertion: Assertion
    asks_function: bool = False
    troubled: bool = False


def judge_function(said: Line, hit: Hit) -> Judged:
    """A function is lost, kept, in trouble or only asked about: 'bladder control intact', 'no bladder control', 'problems with bladder control'."""
    fellows = _fellows(said, hit)
    if _parted(said, fellows):
        fellows = (hit,)
    here = around(said, Hit(hit.kind, fellows[0].start, fellows[-1].end))
    doubt = not_plainly_here(here)
    if doubt and doubt is not Assertion.SUSPECTED:
        return Judged(doubt)
    judged = _judged(said, fellows, here)
    return replace(judged, assertion=doubt) if doubt else judged


def _judged(said: Line, fellows: tuple[Hit, ...], here: Surroundings) -> Judged:
    after = cues.UNTROUBLED.sub(" normal ", here.after)
    own = _said_of_it(after)
    trouble = cues.TROUBLE_BEFORE.search(here.since(here.part))
    if trouble or _in_trouble(said, fellows, after):
        subject = replace(here, at=here.part + trouble.start()) if trouble else here
        denied = is_denied_before(subject, fellows[0]) or says_no_after(cues.TROUBLE_AFTER.sub("", own)) or is_denied_with_its_list(here, fellows[-1])
        of_control = words.CONTROL.search(said.lower, fellows[-1].start, fellows[-1].end) is not None
        return Judged(Assertion.DENIED if denied else Assertion.AFFIRMED, troubled=not of_control)
    if not all(words.ORGAN.fullmatch(said.lower, each.start, each.end) for each in fellows):
        return _kept_or_lost(here, fellows[0], own)
    if cues.CONTINENT_BEFORE.search(here.since(here.part)) or cues.CONTINENT_AFTER.match(own):
        return _kept_or_lost(here, fellows[0], own)
    # Of organs alone 'no' denies trouble with them, so 'yes' affirms it.
    if cues.AFFIRM_AFTER.match(own) and not cues.WELL_AFTER.search(here.after):
        return Judged(Assertion.AFFIRMED, troubled=True)
    if not cues.KEPT.search(own) and (is_denied_before(here, fellows[0]) or says_no_after(own)):
        return Judged(Assertion.DENIED, troubled=True)
    judged = _kept_or_lost(here, fellows[0], own)
    return Judged(Assertion.ASKED, troubled=True) if judged.assertion is Assertion.ASKED else judged


def _said_of_it(after: str) -> str:
    """What follows a function and is about it: up to the first comma, and where another hit follows up to the last comma or 'but' before that."""
    if not after.endswith(MORE):
        return next((each for each in after.split(",") if each.strip()), "")
    return after.rpartition(",")[0] or cues.AND_THEN.split(after)[0].rstrip(MORE) * bool(cues.AND_THEN.search(after))


def _fellows(said: Line, hit: Hit) -> tuple[Hit, ...]:
    """The functions named in one breath with this one: 'bladder, bowel and saddle sensation'; the last may be a symptom: 'and sexual dysfunction'."""
    hits = said.hits
    first = last = hits.index(hit)
    while first > 0 and hits[first - 1].is_function and linked(said.lower, hits[first - 1], hits[first]):
        first -= 1
    while last + 1 < len(hits) and hits[last].is_function and linked(said.lower, hits[last], hits[last + 1]):
        last += 1
    return hits[first : last + 1]


def _parted(said: Line, fellows: tuple[Hit, ...]) -> bool:
    """'No bladder control, bowel control intact': two functions, the first with its own loss before it and the last with its own state behind it."""
    first, last = fellows[0], fellows[-1]
    if first is last or words.ORGAN.fullmatch(said.lower, first.start, first.end) or said.lower[first.end : last.start].strip() != ",":
        return False
    clause, end = said.clause(first.start, last.end)
    return cues.NO_FUNCTION.search(said.lower[clause : first.start]) is not None and cues.KEPT.match(said.lower[last.end : end].lstrip()) is not None


def _in_trouble(said: Line, fellows: tuple[Hit, ...], after: str) -> bool:
    """'Bladder, bowel or gait disturbance': the noun behind is said of all; it may be part of the name of one."""
    return bool(cues.TROUBLE_AFTER.match(after)) or any(cues.TROUBLE_AT_END.search(said.lower, each.start, each.end) for each in fellows)


def _kept_or_lost(here: Surroundings, hit: Hit, after: str) -> Judged:
    begin = _own_beginning(here)
    clause = here.since(begin)
    lost = [each for each in cues.LOST.finditer(clause) if each[0] != "no"]
    if lost:
        begun = begin + lost[-1].start()
        subject = replace(here, at=begun, part=max(here.clause, here.said.lower.rfind(",", 0, begun) + 1))
        denied = is_denied_before(subject, hit) or says_no_after(here.after)
        return Judged(Assertion.DENIED if denied else Assertion.AFFIRMED)
    kept = cues.KEPT.search(clause) or cues.KEPT.search(after)
    if cues.NO_FUNCTION.search(clause) or cues.NOT_KEPT.search(after) or cues.LOST.search(after) or (kept and cues.UNTIL.match(after)):
        return Judged(Assertion.AFFIRMED)
    if kept and cues.LOST_ELSEWHERE.search(here.after):
        return Judged(Assertion.AFFIRMED)
    if kept:
        return Judged(Assertion.DENIED, asks_function=True)
    named = here.said.lower[hit.start : hit.end]
    return Judged(Assertion.ASKED, asks_function=not cues.AMISS.search(here.since(here.part) + named + after))


def _own_beginning(here: Surroundings) -> int:
    """Where the words said of a function begin: of those behind another hit what stands before the next comma or 'and' is said of that one."""
    begin = max([here.clause, *(each.end for each in here.said.hits if each.end <= here.at)])
    return begin if begin == here.clause else max(begin, *(match.end() for match in cues.NEXT_ONE.finditer(here.said.lower, begin, here.at)), begin)


def judge_kept(said: Line, hit: Hit) -> Assertion | None:
    """Of words for a function that is kept, 'continent': nothing where they are said of this person as it is now, and asked where a question mark follows."""
    doubt = not_plainly_here(around(said, hit))
    return Assertion.ASKED if doubt is Assertion.SUSPECTED else doubt
