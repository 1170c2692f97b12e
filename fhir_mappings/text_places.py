"""Where the symptoms named in short text sit: the sites that belong to each, and the side of each site."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cards.guidance.findings import Side
from fhir_mappings import text_cues as cues
from fhir_mappings import text_words as words
from fhir_mappings.sites import Region, regions_in, side_of, sides_in, together
from fhir_mappings.text_context import Hit, Line, Stretch


@dataclass(frozen=True, slots=True)
class Part:
    """The text between two commas of a clause, and the hits in it. A bare part names only sites and sides: it goes with its neighbour."""

    start: int
    end: int
    hits: tuple[Hit, ...]
    bare: bool

    def holds(self, place: int) -> bool:
        return self.start <= place < self.end


Place = tuple[int, int, Region]
"""A site named from one character to another."""


@dataclass(frozen=True, slots=True)
class Map:
    """The sites of a text and the parts its commas make of each clause; which hit is next to each site, which sites hurt by themselves
    ('neck pain'), and what each side word of a part goes with."""

    line: Line
    regions: tuple[Place, ...]
    parts: dict[Stretch, tuple[Part, ...]]
    nearest: dict[Place, Hit | None]
    aching: frozenset[Place]
    sides: dict[Part, tuple[tuple[Stretch | None, Side], ...]]


def places(line: Line) -> dict[Hit, list[tuple[Region, Side]]]:
    """For each hit its sites, each with its side; one unstated site where none is named."""
    clauses = {hit: line.clause(hit.start, hit.end) for hit in line.hits}
    here = _map(line, {clause: _parts(line, *clause) for clause in set(clauses.values())})
    return {hit: _places(here, hit, clause) for hit, clause in clauses.items()}


def _map(line: Line, parts: dict[Stretch, tuple[Part, ...]]) -> Map:
    regions, sides = tuple(regions_in(line.lower)), sides_in(line.lower)
    every = [part for own in parts.values() for part in own]
    nearest = {each: _nearest(part, each) for part in every for each in regions if part.holds(each[0])}
    aching = frozenset(each for each in regions if cues.PAIN_THERE.match(line.lower, each[1]) and not any(hit.start <= each[0] < hit.end for hit in line.hits))
    return Map(line, regions, parts, nearest, aching, {part: _sides_of(part, line.lower, regions, sides) for part in every})


def _places(here: Map, hit: Hit, clause: Stretch) -> list[tuple[Region, Side]]:
    own = _with_neighbours(here.parts[clause], hit)
    regions = [each for each in here.regions if not _is_anothers(here, hit, each, clause)]
    mine = [each for each in regions if here.nearest.get(each) in {hit, None} and any(part.holds(each[0]) for part in own)]
    named = [(region, _side(here, hit, (start, end), own)) for start, end, region in mine or _shared(here.line, hit, regions)]
    sided = {region for region, side in named if side}
    # 'Left ankle dorsiflexion' is one place: the name without a side adds nothing.
    kept = dict.fromkeys((region, side) for region, side in named if side or region not in sided)
    return list(kept) or [(Region.UNSTATED, _side(here, hit, None, own))]


# --- parts
def _parts(line: Line, first: int, last: int) -> tuple[Part, ...]:
    hits = [each for each in line.hits if first <= each.start < last]
    inside = [first + match.start() for match in re.finditer(",", line.lower[first:last])]
    # A comma inside the name of a symptom parts nothing.
    commas = [each for each in inside if not any(hit.start < each < hit.end for hit in hits)]
    borders = zip([first, *(each + 1 for each in commas)], [*commas, last], strict=True)
    return tuple(_part(line.lower, start, end, hits) for start, end in borders)


def _part(lower: str, start: int, end: int, hits: list[Hit]) -> Part:
    own = tuple(each for each in hits if start <= each.start < end)
    return Part(start, end, own, not own and cues.BARE_SITE.fullmatch(lower[start:end]) is not None)


def _with_neighbours(parts: tuple[Part, ...], hit: Hit) -> list[Part]:
    """The part that holds the hit, the bare part before it, and all bare parts right after it."""
    at = next(index for index, part in enumerate(parts) if part.holds(hit.start))
    end = next((index for index in range(at + 1, len(parts)) if not parts[index].bare), len(parts))
    begin = at - 1 if at and parts[at - 1].bare else at
    return list(parts[begin:end])


def _nearest(part: Part, region: Place) -> Hit | None:
    return min(part.hits, key=lambda each: max(region[0] - each.end, each.start - region[1], 0), default=None)


def _is_anothers(here: Map, hit: Hit, region: Place, clause: Stretch) -> bool:
    """Sciatica and foot drop say themselves where they are: a site that hurts by itself, or in a comma part with other matter, moves them nowhere."""
    if hit.kind not in words.SAYS_WHERE or hit.start <= region[0] < hit.end:
        return False
    part = next((each for each in here.parts[clause] if each.holds(region[0])), None)
    return region in here.aching or part is None or not (part.bare or part.holds(hit.start))


def _shared(line: Line, hit: Hit, regions: list[Place]) -> list[Place]:
    """The nearest site of the clause, or of the sentence, when the symptom has none of its own."""
    for first, last in (line.clause(hit.start, hit.end), line.sentence(hit.start, hit.end)):
        near = [each for each in regions if first <= each[0] < last]
        if near:
            return [min(near, key=lambda each: max(each[0] - hit.end, hit.start - each[1], 0))]
    return []


# --- sides
def _side(here: Map, hit: Hit, region: Stretch | None, own: list[Part]) -> Side:
    """The side said of this site, else of the symptom, else in a bare part beside it, else of everything in the clause."""
    part = next((each for each in own if each.holds(region[0] if region else hit.start)), own[0])
    for wanted in (region, (hit.start, hit.end)):
        mine = [side for anchor, side in here.sides[part] if anchor == wanted or (anchor and wanted and _overlap(anchor, wanted))]
        if mine:
            return together(mine)
    beside = together([side_of(here.line.lower[each.start : each.end]) for each in own if each.bare and each is not part])
    first, last = here.line.clause(hit.start, hit.end)
    clause = here.line.lower[first:last]
    return beside or (Side.BOTH if "bilat" in clause and side_of(clause) is Side.BOTH else Side.UNSTATED)


def _sides_of(part: Part, lower: str, regions: tuple[Place, ...], sides: list[tuple[Stretch, Side]]) -> tuple[tuple[Stretch | None, Side], ...]:
    anchors = [(each.start, each.end) for each in part.hits] + [(start, end) for start, end, _ in regions if part.holds(start)]
    return tuple((_anchor(lower, place, anchors), side) for place, side in sides if part.holds(place[0]))


def _anchor(lower: str, place: Stretch, anchors: list[Stretch]) -> Stretch | None:
    """What a side word goes with: the name it stands right before, else the one it follows."""
    following = min((each for each in anchors if each[0] >= place[1]), default=None)
    leading = max((each for each in anchors if each[1] <= place[0]), default=None)
    inside = next((each for each in anchors if each[0] <= place[0] and place[1] <= each[1]), None)
    if inside:
        return inside
    if following and (leading is None or cues.SIDE_LINK.fullmatch(lower[place[1] : following[0]])):
        return following
    return leading or following


def _overlap(one: Stretch, other: Stretch) -> bool:
    return one[0] < other[1] and other[0] < one[1]
