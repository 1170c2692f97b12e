"""Numbers out of range: refused wherever they stand in a body that is looked through, and taken for no number in records of larger ones."""

from __future__ import annotations

import json

import msgspec
import pytest
from charts import PATIENT, lab
from hypothesis import given
from hypothesis import strategies as st

from cards.guidance.findings import Presence
from cds_hooks import strict_json
from cds_hooks.chart.prefetch import answers
from cds_hooks.errors import Refusal
from fhir_mappings import reader
from fhir_mappings.terminology import terminology

digits = st.text("0123456789", min_size=1, max_size=5) | st.sampled_from(["9" * 199, "9" * 200, "9" * 308, "9" * 309, "9" * 400, "0"])
numbers = st.builds(
    lambda sign, whole, part, power: f"{sign}{whole.lstrip('0') or '0'}{part}{power}",
    st.sampled_from(["", "-"]),
    digits,
    st.just("") | digits.map(lambda each: f".{each}"),
    st.just("")
    | st.builds(
        "{}{}{}".format, st.sampled_from("eE"), st.sampled_from(["", "+", "-"]), st.sampled_from(["0", "5", "99", "100", "109", "308", "309", "400", "0999"])
    ),
)
texts = st.sampled_from(["", "e999", "4e123-1e999", 'said "1e999"', "\\", "\\\\", '\\"', "[[{{", "1,2,3", "Ünï\u2028"]) | st.text(max_size=10)
written = st.recursive(
    numbers | texts.map(json.dumps) | st.sampled_from(["true", "false", "null"]),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda each: f"[{', '.join(each)}]")
        | st.lists(st.tuples(texts.map(json.dumps), inner), max_size=3).map(lambda each: "{" + ",".join(f"{name}: {value}" for name, value in each) + "}")
    ),
    max_leaves=6,
)


def refused(body: bytes) -> bool:
    try:
        strict_json.decode(body, msgspec.Raw)
    except Refusal:
        return True
    return False


@given(written)
def test_a_body_is_refused_as_if_every_number_had_been_looked_at(text) -> None:
    body = text.encode()
    try:
        value = msgspec.json.decode(body)
    except msgspec.ValidationError:
        value = 10**400
    assert refused(body) == strict_json._holds_huge_integer(value)


def brackets(value) -> str:
    """Those that a value is written with, told by the standard library."""
    if isinstance(value, list):
        return f"[{''.join(map(brackets, value))}]"
    return "{" + "".join(map(brackets, value.values())) + "}" if isinstance(value, dict) else ""


@given(written)
def test_strings_are_left_out_whatever_they_hold(text) -> None:
    every = json.loads(text, parse_int=str, object_pairs_hook=lambda pairs: dict(enumerate(value for _, value in pairs)))
    assert strict_json._outside_strings(text.encode()).translate(None, strict_json._NO_BRACKETS).decode() == brackets(every)


@pytest.mark.parametrize(("depth", "fits"), [(64, True), (65, False)])
def test_depth_is_counted_outside_strings(depth, fits) -> None:
    body = b'["[[[[", ' + b"[" * (depth - 1) + b"1.5e3" + b"]" * depth
    assert refused(body) is not fits


@pytest.mark.parametrize("odd", ["1e999", "-1e999", "9" * 400, "9" * 5_000])
@pytest.mark.parametrize("before", ["", '"total": 1e999, '], ids=["record", "envelope"])
def test_in_a_large_body_such_a_number_says_nothing(odd, before) -> None:
    """The record stays, its number does not; neither does it cost the others."""
    sound, broken = (lab("potassium", 2.4, "mmol/L").resource for _ in range(2))
    odd_one = json.dumps(broken).replace("2.4", odd)
    bundle = f'{{"resourceType": "Bundle", {before}"entry": [{{"resource": {json.dumps(sound)}}}, {{"resource": {odd_one}, "search": {{"score": {odd}}}}}]}}'
    body = f'{{"filling": "{"x" * strict_json.LOOKED_THROUGH}", "labs": {bundle}}}'.encode()
    arrived = answers({"labs": strict_json.decode(body, dict[str, msgspec.Raw])["labs"]})["labs"]
    reading = reader.read(arrived.resources, PATIENT, terminology())
    assert [(each.presence, bool(each.reading)) for each in reading.evidence] == [(Presence.PRESENT, True), (Presence.NOT_ASSESSED, False)]
