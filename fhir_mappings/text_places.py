"""Where a symptom named in short text sits: the sites that belong to it, and the side of each."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cards.guidance.findings import Side
from fhir_mappings import text_words as words
from fhir_mappings.sites import Region, regions_in, side_of, sides_in, together
from fhir_mappings.text_context import Hit, span


@dataclass(frozen=True, slots=True)
class Part:
    """The text between two commas of a clause, and the hits in it. A bare part names only sites and sides: it goes with its neighbour."""

    start: int
    end: int
    hits: tuple[Hit, ...]
    bare: bool

    def holds(self, place: int) -> bool:
        return self.start <= place < self.end


def places(lower: str, hit: Hit, hits: list[Hit]) -> list[tuple[Region, Side]]:
    """Each site of this symptom with its side; one unstated site when none is named."""
    parts = _parts(lower, hit, hits)
    own = _with_neighbours(parts, next(each for each in parts if each.holds(hit.start)))
    regions = regions_in(lower)
    mine = [each for each in regions if any(part.holds(each[0]) and _nearest(part, each) in {hit, None} for part in own)]
    chosen = mine or _shared(lower, hit, regions)
    named = [(region, _side(lower, hit, (start, end), own)) for start, end, region in chosen]
    sided = {region for region, side in named if side}
    # 'Left ankle dorsiflexion' is one place: the name without a side adds nothing.
    kept = dict.fromkeys((region, side) for region, side in named if side or region not in sided)
    return list(kept) or [(Region.UNSTATED, _side(lower, hit, None, own))]


def _parts(lower: str, hit: Hit, hits: list[Hit]) -> list[Part]:
    first, last = span(lower, hit.start, hit.end, words.BREAKS)
    inside = [match.start() for match in re.finditer(",", lower[first:last])]
    # A comma inside the name of a symptom parts nothing.
    commas = [first + each for each in inside if not any(other.start < first + each < other.end for other in hits)]
    borders = zip([first, *(each + 1 for each in commas)], [*commas, last], strict=True)
    return [_part(lower, start, end, hits) for start, end in borders]


def _part(lower: str, start: int, end: int, hits: list[Hit]) -> Part:
    own = tuple(each for each in hits if start <= each.start < end)
    return Part(start, end, own, not own and words.BARE_SITE.fullmatch(lower[start:end]) is not None)


def _with_neighbours(parts: list[Part], own: Part) -> list[Part]:
    at = parts.index(own)
    after = [each for index, each in enumerate(parts) if index > at and all(part.bare for part in parts[at + 1 : index + 1])]
    before = [parts[at - 1]] if at and parts[at - 1].bare else []
    return [*before, own, *after]


def _nearest(part: Part, region: tuple[int, int, Region]) -> Hit | None:
    return min(part.hits, key=lambda each: max(region[0] - each.end, each.start - region[1], 0), default=None)


def _shared(lower: str, hit: Hit, regions: list[tuple[int, int, Region]]) -> list[tuple[int, int, Region]]:
    """The nearest site of the clause, or of the sentence, when the symptom has none of its own."""
    for breaks in (words.BREAKS, words.SENTENCE_ENDS):
        first, last = span(lower, hit.start, hit.end, breaks)
        near = [each for each in regions if first <= each[0] < last]
        if near:
            return [min(near, key=lambda each: max(each[0] - hit.end, hit.start - each[1], 0))]
    return []


def _side(lower: str, hit: Hit, region: tuple[int, int] | None, own: list[Part]) -> Side:
    """The side said of this site, else of the symptom, else in a bare part beside it, else of everything in the clause."""
    part = next((each for each in own if each.holds(region[0] if region else hit.start)), own[0])
    anchors = [(each.start, each.end) for each in part.hits] + [(start, end) for start, end, _ in regions_in(lower) if part.holds(start)]
    said = [(_anchor(lower, place, anchors), side) for place, side in sides_in(lower) if part.holds(place[0])]
    for wanted in (region, (hit.start, hit.end)):
        mine = [side for anchor, side in said if anchor == wanted or (anchor and wanted and _overlap(anchor, wanted))]
        if mine:
            return together(mine)
    beside = together([side_of(lower[each.start : each.end]) for each in own if each.bare and each is not part])
    first, last = span(lower, hit.start, hit.end, words.BREAKS)
    clause = side_of(lower[first:last])
    return beside or (clause if clause is Side.BOTH and "bilat" in lower[first:last] else Side.UNSTATED)


def _anchor(lower: str, place: tuple[int, int], anchors: list[tuple[int, int]]) -> tuple[int, int] | None:
    """What a side word goes with: the name it stands right before, else the one it follows."""
    following = min((each for each in anchors if each[0] >= place[1]), default=None)
    leading = max((each for each in anchors if each[1] <= place[0]), default=None)
    inside = next((each for each in anchors if each[0] <= place[0] and place[1] <= each[1]), None)
    if inside:
        return inside
    if following and (leading is None or words.SIDE_LINK.fullmatch(lower[place[1] : following[0]])):
        return following
    return leading or following


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]
