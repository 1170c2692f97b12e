"""Short free text: which symptoms it names, where, and whether it affirms, denies, suspects or only mentions them. Never for whole notes."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from cards.guidance.findings import Flag, Severity, Side
from fhir_mappings import text_words as words
from fhir_mappings.sites import Region, regions_in, side_of

MAX_LENGTH = 280
"""Longer text is a note, not a coding, and is not read."""


_PUNCTUATION = str.maketrans(dict.fromkeys("-/,.;:()[]&+'", " "))


class Assertion(StrEnum):
    AFFIRMED = "affirmed"
    DENIED = "denied"
    SUSPECTED = "suspected"
    NOT_NOW = "history, family or advice"
    ASKED = "asked"


class Answer(StrEnum):
    YES = "yes"
    NO = "no"
    NOT_ASSESSED = "not assessed"


@dataclass(frozen=True, slots=True)
class Mention:
    """One symptom named in text. `kind` is the value set it stands for; `asks_function` when 'normal' would mean the symptom is absent."""

    kind: str
    assertion: Assertion
    region: Region = Region.UNSTATED
    side: Side = Side.UNSTATED
    asks_function: bool = False


def mentions(text: str) -> tuple[Mention, ...]:
    """The symptoms a short text names. Longer texts and look-alikes name none."""
    lower = normal(text)
    if not lower or len(lower) > MAX_LENGTH:
        return ()
    lower = words.BLURRED.sub(lambda match: "_" * len(match[0]), lower)
    lower = words.PSEUDO.sub(lambda match: "_" * len(match[0]) if "longer" not in match[0] else match[0], lower)
    found = [*_continent(lower), *_symptoms(lower), *_functions(lower)]
    return tuple(dict.fromkeys(found))


def may_name_something(text: str) -> bool:
    """A quick look: could `mentions` find anything in this text?"""
    if len(text) > MAX_LENGTH:
        return False
    return not words.HEADS.isdisjoint([each[:4] for each in normal(text).translate(_PUNCTUATION).split()])


def answer(text: str, *, asks_function: bool = False) -> Answer | None:
    """What a short answer means for the symptom asked about; None when it cannot be read. For a function 'yes' and 'normal' both mean no symptom."""
    lower = normal(text)
    if words.UNASKED.search(lower):
        return Answer.NOT_ASSESSED
    if asks_function:
        return _function_answer(lower)
    if words.NO_CHANGE.search(lower):
        return Answer.YES
    if words.NO.search(lower):
        return Answer.NO
    return Answer.YES if words.YES.search(lower) else None


def _function_answer(lower: str) -> Answer | None:
    if re.match(r"(?:in|not )\s*continent|incontinen|no\b|absent|lost|reduced|impaired|altered|decreased|abnormal|poor|diminished|numb", lower):
        return Answer.YES
    return Answer.NO if re.match(r"continent|normal|intact|yes\b|present|preserved|full|good|wnl|within normal limits|unimpaired|nad", lower) else None


def is_about_past_or_others(text: str) -> bool:
    """True for a label that asks about history, relatives or advice."""
    lower = normal(text)
    return any(pattern.search(lower) for pattern in (words.FAMILY, words.HISTORY, words.HYPOTHETICAL))


def qualifiers(text: str) -> frozenset[Flag]:
    """Course words that stand in the record's own text."""
    lower = normal(text)
    flags = set()
    if words.WORSE.search(lower) and not words.NOT_WORSE.search(lower):
        flags.add(Flag.WORSENING)
    if words.CHRONIC.search(lower):
        flags.add(Flag.CHRONIC)
    return frozenset(flags)


def severity(text: str) -> Severity | None:
    lower = normal(text)
    return next((grade for grade, pattern in words.SEVERE if pattern.search(lower)), None)


def normal(text: str) -> str:
    """One form for comparison: compatibility characters folded, lower case, single spaces, straight quotes."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'").replace("‘", "'")
    return " ".join(folded.split())


# --- finding and judging
@dataclass(frozen=True, slots=True)
class _Hit:
    kind: str
    start: int
    end: int


def _symptoms(lower: str) -> list[Mention]:
    hits = _longest([_Hit(kind, match.start(), match.end()) for kind, pattern in words.STEMS for match in pattern.finditer(lower)])
    return [
        Mention(kind, _judge(lower, hit.start, hit.end), region, side)
        for hit in hits
        for region, side in _places(lower, hit, hits)
        for kind in _kinds(hit.kind, region)
    ]


def _kinds(kind: str, region: Region) -> tuple[str, ...]:
    if kind == "both-incontinence":
        return ("urinary-incontinence", "bowel-incontinence")
    if kind == "leg-only-spasm":
        return ("unsited-spasm",) if region is Region.LEG else ()
    return (kind,)


def _longest(hits: list[_Hit]) -> list[_Hit]:
    """Of overlapping matches the longest; 'stress incontinence' is not also 'incontinence'."""
    kept: list[_Hit] = []
    for hit in sorted(hits, key=lambda each: (each.start - each.end, each.start)):
        if all(hit.end <= other.start or hit.start >= other.end or _separate(hit, other) for other in kept):
            kept.append(hit)
    return sorted(kept, key=lambda each: each.start)


def _separate(hit: _Hit, other: _Hit) -> bool:
    """What cramps do to sleep or activity is said besides the cramps themselves, not instead."""
    asides = {"sleep-impact", "activity-impact", "cramp-frequency", "lumbar-mri"}
    return (hit.kind in asides) != (other.kind in asides)


def _places(lower: str, hit: _Hit, hits: list[_Hit]) -> list[tuple[Region, Side]]:
    """The sites this symptom has: those nearest to it in its clause, or else the nearest one in the sentence."""
    clause = _span(lower, hit.start, hit.end, words.BREAKS)
    nearby = [each for each in regions_in(lower) if clause[0] <= each[0] < clause[1]]
    peers = [each for each in hits if clause[0] <= each.start < clause[1]]
    own = [each for each in nearby if min(peers, key=lambda peer: _gap(peer, each)) is hit]
    sentence = _span(lower, hit.start, hit.end, words.SEGMENTS)
    shared = nearby or [each for each in regions_in(lower) if sentence[0] <= each[0] < sentence[1]]
    chosen = own or ([min(shared, key=lambda each: _gap(hit, each))] if shared else [])
    return [(region, _side_near(lower, start, clause)) for start, _, region in chosen] or [(Region.UNSTATED, side_of(lower[clause[0] : clause[1]]))]


def _gap(hit: _Hit, region: tuple[int, int, Region]) -> int:
    return max(region[0] - hit.end, hit.start - region[1], 0)


def _side_near(lower: str, place: int, clause: tuple[int, int]) -> Side:
    """The side named between the commas around a site, else anywhere in the clause."""
    start, end = max(lower.rfind(",", 0, place) + 1, clause[0]), lower.find(",", place)
    return side_of(lower[start : end if end != -1 else clause[1]]) or side_of(lower[clause[0] : clause[1]])


def _functions(lower: str) -> list[Mention]:
    stems = [(match.start(), match.end()) for _, pattern in words.STEMS for match in pattern.finditer(lower)]
    found = []
    for kind, pattern in words.FUNCTIONS:
        for match in pattern.finditer(lower):
            if not any(start <= match.start() and match.end() <= end for start, end in stems):
                judged = _judge_function(lower, match.start(), match.end())
                found.append(Mention(kind, judged, asks_function=judged is Assertion.ASKED))
    return found


def _continent(lower: str) -> list[Mention]:
    found = []
    for kind, pattern in words.CONTINENT:
        for match in pattern.finditer(lower):
            clause = lower[_span(lower, match.start(), match.end(), words.BREAKS)[0] : match.start()]
            denied = bool(words.DENY_BEFORE.search(clause))
            found.append(Mention(kind, Assertion.AFFIRMED if denied else Assertion.DENIED))
    return found


def _judge(lower: str, start: int, end: int) -> Assertion:
    elsewhere = _not_here(lower, start, end)
    if elsewhere:
        return elsewhere
    clause = _span(lower, start, end, words.BREAKS)
    after = re.sub(r"^\s+(?:in|of|at|over|to) (?:[\w-]+\s?){1,4}", " ", lower[end : _span(lower, start, end, words.SEGMENTS)[1]])
    if words.DENY_BEFORE.search(lower[clause[0] : start]) or words.DENY_AFTER.search(after):
        return Assertion.DENIED
    return Assertion.AFFIRMED


def _judge_function(lower: str, start: int, end: int) -> Assertion:
    elsewhere = _not_here(lower, start, end)
    if elsewhere:
        return elsewhere
    clause = _span(lower, start, end, words.BREAKS)
    before, after = lower[clause[0] : start], lower[end : clause[1]]
    lost = [each for each in words.LOST.finditer(before) if each[0] != "no"]
    if lost:
        return Assertion.DENIED if words.DENY_BEFORE.search(before[: lost[-1].start()]) else Assertion.AFFIRMED
    if re.search(r"\bno\b", before) or words.LOST.search(after):
        return Assertion.AFFIRMED
    return Assertion.DENIED if words.KEPT.search(before) or words.KEPT.search(after) else Assertion.ASKED


def _not_here(lower: str, start: int, end: int) -> Assertion | None:
    """Somebody else's, somebody's past, or only a possibility. 'Cannot rule out' keeps the alarm, so doubt comes before denial."""
    sentence = lower[slice(*_span(lower, start, end, words.SEGMENTS))]
    clause = lower[slice(*_span(lower, start, end, words.BREAKS))]
    if words.FAMILY.search(sentence) or words.HYPOTHETICAL.search(sentence):
        return Assertion.NOT_NOW
    if words.SUSPECT.search(clause):
        return Assertion.SUSPECTED
    if words.HISTORY.search(sentence) and not words.NOT_RESOLVED.search(sentence):
        return Assertion.NOT_NOW
    return None


def _span(lower: str, start: int, end: int, breaks: re.Pattern[str]) -> tuple[int, int]:
    """The stretch around a place between two breaks."""
    first = max((match.end() for match in breaks.finditer(lower) if match.end() <= start), default=0)
    last = min((match.start() for match in breaks.finditer(lower) if match.start() >= end), default=len(lower))
    return first, last
