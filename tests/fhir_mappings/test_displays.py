"""A problem given by the display of a code alone says what the code says: many charts hold the words and a code of their own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from charts import problem

from cards.guidance.findings import Flag
from fhir_mappings import conditions, terminology
from fhir_mappings.targets import NOWHERE, targets, with_words

SETS = Path(terminology.__file__).parent / "valuesets"
SYMPTOMS = ("leg-", "foot-", "radicular", "lumb", "saddle", "urinary", "bowel", "voiding", "neurogenic", "reduced", "cauda", "sexual-dysfunction")
OTHERWISE = {
    "Anal sphincter tear (healed) (nontraumatic) (old)": "as words nobody says of it what the code is kept for",
    "Bowel incontinence, mechanism named": "our words for codes whose own may not be printed",
    "Cauda equina syndrome with neurogenic bladder": "the words name both",
    "Erectile dysfunction due to diseases classified elsewhere": "as words it has its own cause",
    "Intervertebral disc disorders with myelopathy, lumbar region": "as words it is one of the cord",
    "Intervertebral disc disorders with myelopathy, thoracolumbar region": "the same",
    "Lumbago and sciatica from lumbar disc": "the code says more than its words",
    "Lumbar disc prolapse with radiculopathy": "the words name both",
    "Monoparesis of lower limb": "not looked for: 'mono' begins too many other words of a chart",
    "Monoplegia of lower limb affecting unspecified side": "the same",
    "Sexual dysfunction, other cause": "our words for codes whose own may not be printed",
    "Urinary incontinence, mechanism named": "our words for codes whose own may not be printed",
    "Urinary retention, mechanism named": "our words for codes whose own may not be printed",
}
ALIKE = {"lumbar root compression": "lumbar radiculopathy"}
"""Both are a diagnosis of a lumbar root."""


def displays() -> list[tuple[str, str, str]]:
    read = [json.loads(path.read_text()) for path in sorted(SETS.glob("*.json")) if path.stem.startswith(SYMPTOMS)]
    return [(part["system"], each["code"], each["display"]) for valueset in read for part in valueset["compose"]["include"] for each in part.get("concept", ())]


def said(code: dict) -> set[str]:
    found = conditions.read({**problem("Numb foot", 3).resource, "code": code}, terminology.terminology(), None).evidence
    return {ALIKE.get(each.concept.value, each.concept.value) for each in found}


@pytest.mark.parametrize(("system", "code", "display"), displays(), ids=lambda each: None if each.startswith("http") else each)
def test_a_display_says_what_its_code_says(system, code, display) -> None:
    alike = said({"text": display}) == said({"coding": [{"system": system, "code": code}]})
    assert alike is (display not in OTHERWISE)


@pytest.mark.parametrize(("system", "code", "display"), displays(), ids=lambda each: None if each.startswith("http") else each)
def test_a_display_adds_nothing_to_its_own_code(system, code, display) -> None:
    """The words of a coded record may add what its code does not say; those of the code system itself never do, nor put it in doubt."""
    coded = {"coding": [{"system": system, "code": code}]}
    shown = {"coding": [{"system": system, "code": code, "display": display}]}
    named = with_words(shown, NOWHERE, terminology.terminology())
    assert named == targets(shown, NOWHERE, terminology.terminology())
    assert not any(Flag.SUSPECTED in each.flags for each in named)
    assert said(shown) == said(coded)
