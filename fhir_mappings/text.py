"""Short free text: which symptoms it names, where, how bad, and whether it affirms, denies, suspects or only mentions them. Never for whole notes."""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass

from cards.guidance.findings import Flag, Severity, Side
from fhir_mappings import text_cues as cues
from fhir_mappings import text_words as words
from fhir_mappings.sites import MAX_LENGTH, Region
from fhir_mappings.text_context import Assertion, Hit, Line, judge_symptom, line
from fhir_mappings.text_forms import plain
from fhir_mappings.text_functions import judge_function, judge_kept
from fhir_mappings.text_places import places
from fhir_mappings.text_rewritten import NEW_HISTORY, rewritten
from fhir_mappings.text_spelling import spelt

_HEADS = re.compile(r"\b\w{1,4}")
_DECORATION = str.maketrans({**dict.fromkeys(map(chr, range(32)), " "), **dict.fromkeys('#*_~|<>"“”«»`•·', " "), "’": "'", "‘": "'"})
FAR_TOO_LONG = 20_000
"""Characters; however much of it is space, nobody reads it as a short text."""
SEVERAL = {
    "both-incontinence": ("urinary-incontinence", "bowel-incontinence"),
    "both-sensation": ("voiding-difficulty", "reduced-bowel-sensation"),
    "numb-below-waist": ("saddle-numbness", "unsited-numbness"),
}
"""Phrases that name two things at once."""


@dataclass(frozen=True, slots=True)
class Mention:
    """One symptom named in text. `kind` is the value set it stands for; `asks_function` when 'yes' or 'normal' would mean the symptom is absent."""

    kind: str
    assertion: Assertion
    region: Region = Region.UNSTATED
    side: Side = Side.UNSTATED
    asks_function: bool = False
    severity: Severity | None = None
    flags: frozenset[Flag] = frozenset()


def mentions(text: str) -> tuple[Mention, ...]:
    """The symptoms a short text names. Longer texts and look-alikes name none."""
    lower = normal(text)
    if not lower or len(lower) > MAX_LENGTH:
        return ()
    lower = rewritten(lower)
    symptoms = _symptom_hits(lower)
    functions = _function_hits(lower, symptoms)
    if not (symptoms or functions or any(pattern.search(lower) for _, pattern in cues.CONTINENT)):
        return ()
    said = line(lower, sorted([*symptoms, *functions], key=lambda each: each.start))
    where = places(said)
    found = [
        *_continent(said, symptoms),
        *(each for hit in symptoms for each in _symptom(said, hit, where[hit])),
        *(each for hit in functions if hit.kind != words.OTHER_ORGAN for each in _function(said, hit, where[hit])),
    ]
    return tuple(dict.fromkeys(found))


def may_name_something(text: str) -> bool:
    """A quick look: could `mentions` find anything in this text?"""
    if len(text) > MAX_LENGTH:
        return False
    return "/5" in text or not words.HEADS.isdisjoint(_HEADS.findall(normal(text)))


def is_unread_note(text: str) -> bool:
    """Is it too long to be read, and names a red flag all the same?"""
    return len(text) > MAX_LENGTH and cues.RED_FLAG.search(text) is not None


def is_about_past_or_others(text: str) -> bool:
    """True for a label that asks about history, relatives or advice."""
    lower = NEW_HISTORY.sub("", normal(text))
    return any(
        pattern.search(lower)
        for pattern in (cues.FAMILY_LABEL, cues.HISTORY_LIST.says, cues.HISTORY_OF.says, cues.PAST_LABEL, cues.ADVICE_BEFORE.says, cues.RISK_BEFORE.says)
    )


def asks_what_is_amiss(text: str) -> bool:
    """Does a short question ask whether something is lost, changed or in trouble, and not whether it is well?"""
    return len(text) <= MAX_LENGTH and cues.AMISS.search(normal(text)) is not None


def course_words(text: str) -> tuple[Severity | None, frozenset[Flag]]:
    """The severity and course said of the symptom in a record's own text; of a part that names another matter nothing is taken."""
    lower = normal(text)
    if len(lower) > MAX_LENGTH:
        return None, frozenset()
    hits = _symptom_hits(lower)
    return _course(_own_words(line(lower, hits), hits) if hits else lower)


def normal(text: str) -> str:
    """One form for comparison: compatibility characters folded, lower case, single spaces, straight quotes, no decoration. What is far too long stays."""
    if len(text) > FAR_TOO_LONG:
        return text
    text = plain(html.unescape(text) if "&" in text else text)
    return spelt(" ".join(unicodedata.normalize("NFKC", text).casefold().translate(_DECORATION).split()))


# --- finding
def _symptom_hits(lower: str) -> list[Hit]:
    return _longest(
        [Hit(kind, match.start(), match.end()) for kind, pattern in words.STEMS for match in pattern.finditer(lower) if _counts(kind, match[0], lower)]
    )


def _counts(kind: str, found: str, lower: str) -> bool:
    """Some short words name something only beside others."""
    needed = words.ONLY_BESIDE.get(found, words.ONLY_BESIDE.get(kind))
    return needed is None or needed.search(lower) is not None


def _function_hits(lower: str, symptoms: list[Hit]) -> list[Hit]:
    found = [
        Hit(kind, match.start(), match.end(), is_function=True)
        for kind, pattern in words.FUNCTIONS
        for match in pattern.finditer(lower)
        if _counts(kind, match[0], lower)
    ]
    for together in words.ORGANS_TOGETHER.finditer(lower):
        if not words.PELVIC_ORGAN.search(together[0]):
            continue
        found += [
            Hit(kind, match.start(), match.end(), is_function=True) for kind, pattern in words.ORGANS for match in pattern.finditer(lower, *together.span())
        ]
    return _longest([each for each in found if not any(each.start < other.end and other.start < each.end for other in symptoms)])


def _longest(hits: list[Hit]) -> list[Hit]:
    """Of overlapping matches the longest; 'stress incontinence' is not also 'incontinence'."""
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda each: (each.start - each.end, each.start)):
        if all(hit.end <= other.start or hit.start >= other.end or _separate(hit, other) for other in kept):
            kept.append(hit)
    return sorted(kept, key=lambda each: each.start)


def _separate(hit: Hit, other: Hit) -> bool:
    """What cramps do to sleep or activity is said besides the cramps themselves, not instead."""
    return (hit.kind in cues.SAID_BESIDES) != (other.kind in cues.SAID_BESIDES)


# --- reading
def _symptom(said: Line, hit: Hit, where: list[tuple[Region, Side]]) -> list[Mention]:
    assertion = _effect(said.lower, hit) or judge_symptom(said, hit)
    severity, flags = _course(_own_words(said, [hit]))
    graded = said.lower[hit.start : hit.end if hit.kind == "graded-weakness" else None]
    if hit.kind in {"unsited-weakness", "graded-weakness"} and cues.SEVERE_POWER.search(graded):
        severity = Severity.SEVERE
    return [Mention(kind, assertion, region, side, severity=severity, flags=flags) for region, side in where for kind in _kinds(hit.kind, region)]


def _effect(lower: str, hit: Hit) -> Assertion | None:
    """'Cramps do not limit walking' and 'wake him once a month' deny the effect; 'not sleeping because of cramps' affirms it."""
    if hit.kind not in cues.EFFECTS:
        return None
    if cues.NO_EFFECT.search(lower[hit.start :].split(".", maxsplit=1)[0]):
        return Assertion.DENIED
    return Assertion.AFFIRMED if cues.NO_SLEEP.search(lower[: hit.end]) else None


def _function(said: Line, hit: Hit, where: list[tuple[Region, Side]]) -> list[Mention]:
    judged = judge_function(said, hit)
    # 'Bladder problems' name no loss of control.
    kind = "voiding-difficulty" if judged.troubled and said.lower[hit.start : hit.end] in {"bladder", "urinary"} else hit.kind
    places = where if kind in words.FELT_SOMEWHERE else [(Region.UNSTATED, Side.UNSTATED)]
    return [Mention(each, judged.assertion, region, side, judged.asks_function) for region, side in places for each in _kinds(kind, region)]


def _continent(said: Line, symptoms: list[Hit]) -> list[Mention]:
    found, lower = [], said.lower
    for kind, pattern in cues.CONTINENT:
        for match in pattern.finditer(lower):
            before = lower[: match.start()]
            if any(each.start <= match.start() < each.end for each in symptoms):
                continue
            doubt = judge_kept(said, Hit(kind, *match.span()))
            if doubt:
                found += [Mention(kind, doubt, asks_function=True)] if doubt is Assertion.ASKED else []
            elif cues.NOT_CONTINENT.search(before) or cues.ANSWERED_NO.match(lower, match.end()) or cues.UNTIL.match(lower[match.end() :]):
                found.append(Mention(kind, Assertion.AFFIRMED))
            elif not cues.ONCE_CONTINENT.search(before):
                found.append(Mention(kind, Assertion.DENIED, asks_function=True))
    return found


def _kinds(kind: str, region: Region) -> tuple[str, ...]:
    if kind in SEVERAL:
        return SEVERAL[kind]
    if kind == "graded-weakness":
        return ("unsited-weakness",)
    if kind == "full-power":
        return ()
    if kind == "leg-only-spasm":
        return ("unsited-spasm",) if region is Region.LEG else ()
    return (kind,)


def _own_words(line: Line, hits: list[Hit]) -> str:
    """The words said of these hits: their stretch up to another matter, and bare qualifiers before or after a comma."""
    lower, said = line.lower, []
    for hit in hits:
        start, end = line.matter(hit.start, hit.end)
        first = max(start, lower.rfind(",", start, hit.start) + 1)
        last = lower.find(",", hit.end, end)
        said.append(lower[first : end if last == -1 else last])
        others = [*lower[start : max(first - 1, start)].split(","), *(lower[last + 1 : end].split(",") if last != -1 else [])]
        said += [each for each in others if cues.QUALIFIER_ALONE.fullmatch(each)]
    return " , ".join(said)


def _course(said: str) -> tuple[Severity | None, frozenset[Flag]]:
    flags = set()
    if cues.WORSE.search(said) and not cues.NOT_WORSE.search(said):
        flags.add(Flag.WORSENING)
    if cues.CHRONIC.search(said):
        flags.add(Flag.CHRONIC)
    return next((grade for grade, pattern in cues.SEVERE if pattern.search(said)), None), frozenset(flags)
