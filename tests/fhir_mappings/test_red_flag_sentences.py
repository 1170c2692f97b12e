"""A problem given only in words: what the chart makes of it. Missing a red flag and raising a false one are both failures."""

from __future__ import annotations

import pytest
from charts import problem
from red_flag_sentences import ALL, MEANINGS

from cards.guidance.findings import Flag, Presence
from fhir_mappings import conditions
from fhir_mappings.terminology import terminology
from fhir_mappings.text import may_name_something

SHORT = {meaning: short for short, meaning in MEANINGS.items()}
ROWS = [pytest.param(sentence, meant, id=f"{topic}: {sentence}") for topic, rows in ALL.items() for sentence, meant in rows]


def said_of(sentence: str) -> set[str]:
    """Each red flag the sentence speaks of, with + (present), - (recorded absent) or ? (suspected)."""
    resource = {**problem("Numb foot", 3).resource, "code": {"text": sentence}}
    found = conditions.read(resource, terminology(), None).evidence
    return {SHORT[each.concept] + _mark(each) for each in found if each.concept in SHORT}


def _mark(evidence) -> str:
    if evidence.presence is Presence.ABSENT:
        return "-"
    return "?" if evidence.has(Flag.SUSPECTED) else "+"


@pytest.mark.parametrize(("sentence", "meant"), ROWS)
def test_red_flag_sentence(sentence: str, meant: str) -> None:
    wanted = set(meant.split())
    assert said_of(sentence) == wanted
    assert may_name_something(sentence) or not wanted, "the quick look must not lose what the matcher finds"
