"""Prefetch templates stay inside the recommended query subset, and ask for everything that is read."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

import pytest

from cards.guidance.interpretations import INTERPRETATIONS
from fhir_mappings import reader
from fhir_mappings.queries import LAB_LOOK_BACK_DAYS, MAX_TEMPLATE, QUERIES, SYMPTOM_LOOK_BACK_DAYS

SEARCHES = [each for each in QUERIES.values() if "?" in each.template]
ALLOWED = {"patient", "category", "code", "_sort", "_count"}


@pytest.mark.parametrize("query", QUERIES.values(), ids=lambda each: each.key)
def test_template_is_an_instance_read_or_a_plain_search(query) -> None:
    """PF-01 to PF-07."""
    assert len(query.template) <= MAX_TEMPLATE
    assert re.findall(r"\{\{(.+?)\}\}", query.template) == ["context.patientId"]
    assert query.template.startswith((f"{query.resource_type}/", f"{query.resource_type}?patient="))
    assert re.fullmatch(r"[a-z][A-Za-z]{2,19}", query.key)


@pytest.mark.parametrize("query", SEARCHES, ids=lambda each: each.key)
def test_each_parameter_once_and_none_beyond_the_subset(query) -> None:
    """I-21: the official sandbox merges a repeated parameter. PF-07: no modifiers, no _include, no chains."""
    names = [name for name, _ in parse_qsl(query.template.split("?", 1)[1], keep_blank_values=True)]
    assert len(names) == len(set(names))
    assert set(names) <= ALLOWED
    assert "status" not in query.template


@pytest.mark.parametrize(
    ("number", "look_back"), [("mention_days", SYMPTOM_LOOK_BACK_DAYS), ("symptom_days", SYMPTOM_LOOK_BACK_DAYS), ("lab_days", LAB_LOOK_BACK_DAYS)]
)
def test_no_number_may_look_further_back_than_is_asked(number, look_back) -> None:
    """A page that reaches back that far counts as whole."""
    assert next(each.most for each in INTERPRETATIONS if each.id == number) <= look_back


def test_conditions_are_not_filtered() -> None:
    """Some servers have no code search on Condition, and a status filter would make long-standing incontinence look new."""
    names = {name for name, _ in parse_qsl(QUERIES["conditions"].template.split("?", 1)[1])}
    assert names == {"patient", "_sort", "_count"}


def test_every_resource_type_that_is_read_is_asked_for() -> None:
    assert {each.resource_type for each in QUERIES.values()} == reader.CLINICAL | {"Patient"}
