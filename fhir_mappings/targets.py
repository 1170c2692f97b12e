"""What a code names: the value sets its codings belong to, or the symptoms its text names, with site and side."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cards.guidance.findings import Concept, Flag, Side
from fhir_mappings import meanings, text
from fhir_mappings.elements import Element, codings, items, mapping, string, words
from fhir_mappings.sites import SIDE_SETS, SITE_SETS, Region, region_of, regions_in, side_of, together
from fhir_mappings.terminology import Coded, Terminology


@dataclass(frozen=True, slots=True)
class Target:
    """One thing a code or text names. `assertion` is AFFIRMED for every code; text may also deny, doubt or merely mention."""

    kind: str
    concepts: tuple[Concept, ...]
    side: Side = Side.UNSTATED
    coded: str = ""
    assertion: text.Assertion = text.Assertion.AFFIRMED
    asks_function: bool = False
    flags: frozenset[Flag] = frozenset()


@dataclass(frozen=True, slots=True)
class Site:
    region: Region = Region.UNSTATED
    side: Side = Side.UNSTATED


def site(elements: object, terms: Terminology) -> Site:
    """Region and side of one or several bodySite elements; several sides of one record add up to both."""
    read = [_one_site(each, terms) for each in items(elements)]
    regions = [each.region for each in read if each.region]
    return Site(regions[0] if regions else Region.UNSTATED, together([each.side for each in read]))


def targets(code: object, where: Site, terms: Terminology) -> tuple[Target, ...]:
    """What the code element names: by its recognised codings, or, without any, by its text."""
    said = words(code)
    recognised = [found for system, value in codings(code) if (found := terms.find(system, value))]
    if recognised:
        place = where if where.region else Site(_region_in(said), where.side)
        return _merged([_coded(found, place, said) for found in recognised])
    return tuple(_from_text(mention, where, said) for mention in text.mentions(said))


def _merged(coded: list[Target]) -> tuple[Target, ...]:
    """Several codings of one meaning are one target that cites them all."""
    merged: dict[object, Target] = {}
    for each in coded:
        key = each.concepts or each.kind
        same = merged.get(key)
        if same is None:
            merged[key] = each
        elif each.coded not in same.coded:
            merged[key] = replace(same, coded=f"{same.coded}, {each.coded}", side=same.side or each.side, flags=same.flags | each.flags)
    return tuple(merged.values())


def _coded(found: Coded, place: Site, said: str) -> Target:
    flags = set(text.qualifiers(said))
    if found.valueset == "sleep-leg-cramp":
        flags.add(Flag.SLEEP_RELATED)
    if _tied(found.valueset, place, said):
        flags.add(Flag.LEG_TIED)
    side = place.side or found.side or side_of(said)
    return Target(found.valueset, meanings.concepts(found.valueset, place.region), side, found.shown, flags=frozenset(flags))


def _from_text(mention: text.Mention, where: Site, said: str) -> Target:
    region = where.region or mention.region
    flags = {Flag.FROM_TEXT, *text.qualifiers(said)}
    if mention.assertion is text.Assertion.SUSPECTED:
        flags.add(Flag.SUSPECTED)
    if _tied(mention.kind, Site(region), said):
        flags.add(Flag.LEG_TIED)
    concepts = meanings.concepts(mention.kind, region)
    return Target(mention.kind, concepts, where.side or mention.side, "", mention.assertion, mention.asks_function, frozenset(flags))


def _tied(kind: str, place: Site, said: str) -> bool:
    """Is disturbed sleep or limited activity said to come from the leg or its cramps?"""
    about = {"sleep-disturbance", "pain-disturbs-sleep", "activity-limitation", "pain-limits-activity", "sleep-impact", "activity-impact"}
    if kind not in about:
        return False
    return place.region is Region.LEG or kind in meanings.ASIDES or any(each.kind == "unsited-spasm" for each in text.mentions(said))


def _one_site(element: Element, terms: Terminology) -> Site:
    known = [found for system, value in codings(element) if (found := terms.find(system, value))]
    region = next((SITE_SETS[each.valueset] for each in known if each.valueset in SITE_SETS), Region.UNSTATED)
    sides = [SIDE_SETS[each.valueset] for each in known if each.valueset in SIDE_SETS] + [each.side for each in known]
    said = " ".join(filter(None, (string(element.get("text")), words({"coding": mapping(element).get("coding")}))))
    return Site(region or region_of(said), together([*sides, side_of(said)]))


def _region_in(said: str) -> Region:
    hits = regions_in(text.normal(said)) if len(said) <= text.MAX_LENGTH else []
    return hits[0][2] if hits else Region.UNSTATED
