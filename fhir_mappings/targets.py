"""What a code names: the value sets its codings belong to, or the symptoms its text names, with site and side."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cards.guidance.findings import Concept, Flag, Severity, Side
from fhir_mappings import meanings, text
from fhir_mappings.elements import Element, all_words, codings, items, mapping, words
from fhir_mappings.remembered import Remembered
from fhir_mappings.sites import MAX_LENGTH, SIDE_SETS, SITE_SETS, Region, regions_in, side_of, together
from fhir_mappings.terminology import Coded, Terminology
from fhir_mappings.text_context import Assertion

STRENGTH = {each: rank for rank, each in enumerate((Assertion.ASKED, Assertion.NOT_NOW, Assertion.DENIED, Assertion.SUSPECTED, Assertion.AFFIRMED))}

DOUBTS = frozenset({Assertion.DENIED, Assertion.SUSPECTED, Assertion.NOT_NOW})


@dataclass(frozen=True, slots=True)
class Target:
    """One thing a code or text names. `assertion` is AFFIRMED for every code; text may also deny, doubt or merely mention."""

    kind: str
    concepts: tuple[Concept, ...]
    side: Side = Side.UNSTATED
    coded: str = ""
    assertion: Assertion = Assertion.AFFIRMED
    asks_function: bool = False
    flags: frozenset[Flag] = frozenset()
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Site:
    """The regions and the side a record names; several sites of one record all count."""

    regions: tuple[Region, ...] = ()
    side: Side = Side.UNSTATED


NOWHERE = Site()


def site(elements: object, terms: Terminology) -> Site:
    """Regions and side of one or several bodySite elements; several sides of one record add up to both."""
    return _site(elements, terms) if elements else NOWHERE


@Remembered
def _site(elements: object, terms: Terminology) -> Site:
    read = [one_site(each, terms) for each in items(elements)]
    return Site(tuple(dict.fromkeys(region for each in read for region in each.regions)), together([each.side for each in read]))


@Remembered
def is_readable(code: object, terms: Terminology) -> bool:
    """Does the element hold a code or short words at all? A long text without a known code is a note nobody read."""
    known = codings(code)
    said = all_words(code)
    short = [each for each in said if len(each) <= MAX_LENGTH]
    return bool(short) or (bool(known) if not said else any(terms.find(system, value) for system, value in known))


@Remembered
def targets(code: object, where: Site, terms: Terminology) -> tuple[Target, ...]:
    """What the code element names: by its recognised codings, or, without any, by its text and displays."""
    recognised = [found for system, value in codings(code) if (found := terms.find(system, value))]
    if recognised:
        said = words(code)
        place = where if where.regions else Site(regions_named(said), where.side)
        return _merged([_coded(found, place, said) for found in recognised])
    return _strongest([_from_text(mention, where, said) for said in all_words(code) for mention in text.mentions(said)])


@Remembered
def with_words(code: object, where: Site, terms: Terminology) -> tuple[Target, ...]:
    """What a problem's code names, and what its words name besides: 'Low back pain with saddle numbness', coded as the pain."""
    coded = targets.work(code, where, terms)
    return (*coded, *_besides(code, coded, where))


def _besides(code: object, coded: tuple[Target, ...], where: Site) -> tuple[Target, ...]:
    """What the words of a recognised code name that the code does not."""
    if not any(each.coded and each.concepts for each in coded):
        return ()
    told = _strongest([_from_text(mention, where, said) for said in all_words(code) for mention in text.mentions(said)])
    known = {concept for each in coded for concept in each.concepts}
    return tuple(each for each in told if each.assertion in {Assertion.AFFIRMED, Assertion.SUSPECTED} and _is_another(each, known))


def _is_another(target: Target, known: set[Concept]) -> bool:
    """Is it of a family, and nothing of any family of its own known?"""
    families = [each for each in meanings.FAMILIES if not each.isdisjoint(target.concepts)]
    return bool(families) and all(each.isdisjoint(known) for each in families)


def _strongest(named: list[Target]) -> tuple[Target, ...]:
    """Of several statements about one thing the strongest: an affirmed one is never hidden by a denied, doubted or past one, wherever either stands."""
    strongest: dict[object, Target] = {}
    for each in named:
        key = (each.concepts or each.kind, each.kind in meanings.ASIDES, each.side)
        if key not in strongest or STRENGTH[each.assertion] > STRENGTH[strongest[key].assertion]:
            strongest[key] = each
    positive = {concept for each in strongest.values() if STRENGTH[each.assertion] > STRENGTH[Assertion.DENIED] for concept in each.concepts}
    return tuple(each for each in strongest.values() if each.assertion is not Assertion.DENIED or positive.isdisjoint(each.concepts))


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
    severity, course = text.course_words(said)
    flags = set(course)
    if found.valueset == "sleep-leg-cramp":
        flags.add(Flag.SLEEP_RELATED)
    if _tied(found.valueset, place, said):
        flags.add(Flag.LEG_TIED)
    concepts = _concepts(found.valueset, place.regions)
    if _is_doubted(said, concepts):
        flags.add(Flag.SUSPECTED)
    named = _side_in(said)
    side = place.side or (named if named is Side.BOTH else found.side or named)
    return Target(found.valueset, concepts, side, found.shown, flags=frozenset(flags), severity=severity)


def _is_doubted(said: str, concepts: tuple[Concept, ...]) -> bool:
    """Do the words of a coded record deny or doubt what its code says, 'Rule out urinary incontinence'? Then it is neither believed nor dropped."""
    mine = {concept for family in meanings.FAMILIES if not family.isdisjoint(concepts) for concept in family}
    told = {each.assertion for each in text.mentions(said) if not mine.isdisjoint(_concepts(each.kind, (each.region,)))}
    return bool(told) and told <= DOUBTS


def _concepts(kind: str, regions: tuple[Region, ...]) -> tuple[Concept, ...]:
    """What a kind means at all of these sites together."""
    return tuple(dict.fromkeys(concept for region in regions or (Region.UNSTATED,) for concept in meanings.concepts(kind, region)))


def _from_text(mention: text.Mention, where: Site, said: str) -> Target:
    regions = where.regions or ((mention.region,) if mention.region else ())
    flags = {Flag.FROM_TEXT, *mention.flags}
    if mention.assertion is Assertion.SUSPECTED:
        flags.add(Flag.SUSPECTED)
    if _tied(mention.kind, Site(regions), said):
        flags.add(Flag.LEG_TIED)
    side = where.side or mention.side
    concepts = _concepts(mention.kind, regions)
    return Target(mention.kind, concepts, side, "", mention.assertion, mention.asks_function, frozenset(flags), mention.severity)


def _tied(kind: str, place: Site, said: str) -> bool:
    """Is disturbed sleep or limited activity said to come from the leg or its cramps?"""
    if kind not in meanings.IMPACTS:
        return False
    return Region.LEG in place.regions or kind in meanings.ASIDES or any(each.kind == "unsited-spasm" for each in text.mentions(said))


def one_site(element: Element, terms: Terminology) -> Site:
    """The regions and side of one bodySite, with what its extensions qualify it by, or of an answer; nothing of it is remembered."""
    stated = [element, *(mapping(each.get("valueCodeableConcept")) for each in items(element.get("extension")))]
    known = [found for part in stated for system, value in codings(part) if (found := terms.find(system, value))]
    regions = tuple(SITE_SETS[each.valueset] for each in known if each.valueset in SITE_SETS)
    sides = [SIDE_SETS[each.valueset] for each in known if each.valueset in SIDE_SETS] + [each.side for each in known]
    said = " ".join(each for part in stated for each in all_words(part))
    return Site(regions or regions_named(said), together([*sides, side_of(said)]))


def regions_named(said: str) -> tuple[Region, ...]:
    """The sites that words name; a longer text is a note and names none."""
    return tuple(dict.fromkeys(region for _, _, region in regions_in(text.normal(said)))) if len(said) <= MAX_LENGTH else ()


def _side_in(said: str) -> Side:
    """The side of the symptoms that words name; without any, every side they name."""
    named = [each for each in text.mentions(said) if each.region in {Region.LEG, Region.UNSTATED}]
    return together([each.side for each in named]) if named else side_of(said)
