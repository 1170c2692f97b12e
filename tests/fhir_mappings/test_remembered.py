"""What is remembered of codes: the same as worked out anew, never much, and no word of a chart."""

from __future__ import annotations

import json
import sys

import pytest
from charts import CODES, SITES, concept
from hypothesis import given
from hypothesis import strategies as st
from spec.table import ROWS

from fhir_mappings import observations, reader, remembered, resources, targets
from fhir_mappings.remembered import LONGEST, MOST, Remembered
from fhir_mappings.sites import Region
from fhir_mappings.targets import Site
from fhir_mappings.terminology import terminology

TERMS = terminology()
KINDS = (targets.targets, targets.is_readable, targets._site, reader._is_worth_reading)
SAID = ["leg cramps", "no leg cramps", "numbness of the left foot", "?incontinence", "family history of sciatica", "Potassium", "x" * 400, "", " "]
odd = st.recursive(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from(SAID), st.lists, max_leaves=3)
codings = st.fixed_dictionaries(
    {},
    optional={
        "system": st.sampled_from(["http://snomed.info/sct", "http://loinc.org", "", "urn:x"]) | odd,
        "code": odd,
        "display": st.sampled_from(SAID) | odd,
    },
)
known = st.sampled_from([each for name in CODES for each in concept(name)["coding"]])
codes = st.fixed_dictionaries({}, optional={"coding": st.lists(codings | known, max_size=3) | odd, "text": st.sampled_from(SAID) | odd}) | odd
places = st.builds(Site, st.lists(st.sampled_from(Region), max_size=2).map(tuple), st.sampled_from([each.side for each in TERMS]))


def as_decoded(element):
    return json.loads(json.dumps(element))


@given(codes, places)
def test_what_is_remembered_is_what_is_worked_out(code, where) -> None:
    code = as_decoded(code)
    for _ in range(2):
        assert targets.targets(code, where, TERMS) == targets.targets.work(code, where, TERMS)
        assert targets.is_readable(code, TERMS) == targets.is_readable.work(code, TERMS)
        if code:
            assert targets.site(code, TERMS) == targets._site.work(code, TERMS)


@given(codes, codes)
def test_what_is_written_differently_is_told_apart(one, other) -> None:
    one, other = as_decoded(one), as_decoded(other)
    named = Remembered(json.dumps)
    assert (named(one), named(other)) == (json.dumps(one), json.dumps(other))


def test_the_place_and_the_value_sets_are_part_of_what_is_remembered() -> None:
    spasm = concept("spasm")
    at = {region: targets.targets(spasm, Site((region,)), TERMS)[0].concepts for region in (Region.LEG, Region.UNSTATED, Region.ELSEWHERE)}
    assert len(set(at.values())) == 3
    assert targets.targets(spasm, Site((Region.LEG,)), type(TERMS)([])) == ()


def test_no_word_of_a_chart_is_kept() -> None:
    """Not in what stands for a code, and not in what it means."""
    for code in ({"text": "Canaryname has leg cramps"}, {"coding": [{"system": "urn:canary", "code": "canary-1", "display": "Canary leg numbness"}]}):
        observation = {"status": "final", "code": code, "bodySite": {"text": "canary calf"}, "valueString": "canary says yes, right calf"}
        assert observations.read(observation, TERMS).evidence
        assert reader.Glancing(TERMS)(resources.Resource.of({"resourceType": "Observation", **observation}))
    held = [(key, meaning) for kind in KINDS for key, meaning in kind.known.items()]
    assert held
    assert "canary" not in repr(held).casefold()
    assert {type(part) for key, _ in held for part in key} <= {bytes, Site, type(TERMS)}


def test_an_answer_is_not_remembered() -> None:
    before = [len(kind.known) for kind in KINDS]
    question = next(fact.resource["code"] for row in ROWS for fact in row.facts if fact.resource["resourceType"] == "Observation")
    for each in range(3):
        observations.read({"status": "final", "code": question, "valueString": f"yes, {each} times at night, left leg"}, TERMS)
        observations.read({"status": "final", "code": question, "valueCodeableConcept": {"text": f"yes, {each}"}}, TERMS)
    assert sum(len(kind.known) for kind in KINDS) <= sum(before) + len(KINDS)


def test_so_much_and_no_more() -> None:
    """Whatever clients send: a few megabytes at the most."""
    for each in range(MOST + 100):
        targets.targets({"coding": [{"system": "http://snomed.info/sct", "code": "449918009"}], "text": f"cramps, number {each}"}, Site(), TERMS)
    known = targets.targets.known
    assert 0 < len(known) <= MOST
    key, meaning = next(iter(known.items()))
    assert sys.getsizeof(key) + sum(map(sys.getsizeof, (*key[:2], *meaning))) + sum(sys.getsizeof(each.flags) for each in meaning) < 2_000


@pytest.mark.parametrize("site", list(SITES))
def test_what_is_long_is_worked_out_each_time(site) -> None:
    long = {"coding": [{"system": "http://snomed.info/sct", "code": SITES[site]}] * (LONGEST // 50)}
    before = len(targets._site.known)
    assert targets.site(long, TERMS).regions
    assert len(targets._site.known) == before


def test_remembering_begins_anew_when_it_is_full(monkeypatch) -> None:
    monkeypatch.setattr(remembered, "MOST", 2)
    doubled = Remembered(lambda each: each * 2)
    assert [doubled(each) for each in (1, 2, 3, 1)] == [2, 4, 6, 2]
    assert len(doubled.known) == 2
