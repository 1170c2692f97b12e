"""Codes: verified, licensed, claimed once, and found however the system and code are written."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest

from cards.guidance.findings import Side
from fhir_mappings import answers, meanings, r4
from fhir_mappings.scales import SCALES
from fhir_mappings.sites import SIDE_SETS, SITE_SETS
from fhir_mappings.terminology import CPT, HPO, ICD10, ICD10CM, LOINC, SNOMED, YES_NO, DisputedCode, Terminology, terminology

VALUESETS = [json.loads(each.read_text()) for each in sorted((files("fhir_mappings") / "valuesets").iterdir(), key=lambda each: each.name)]
LICENCES = {"ips-free", "snomed-affiliate", "us-public", "who-code-only", "loinc", "hpo", "hl7", "ama-code-only"}


@pytest.mark.parametrize("valueset", VALUESETS, ids=lambda each: each["id"])
def test_value_set_is_r4_and_every_code_has_source_and_licence(valueset) -> None:
    assert r4.is_valid(valueset)
    for include in valueset["compose"]["include"]:
        for element in include.get("concept", [include]):
            said = {each["url"].rsplit("/", 1)[-1]: each.get("valueString") or each.get("valueCode") for each in element["extension"]}
            assert said["code-source"]
            assert said["code-licence"] in LICENCES


def test_every_value_set_means_something() -> None:
    used = {*meanings.SITED, *meanings.FIXED, *meanings.SET_ASIDE, *SCALES, *SITE_SETS, *SIDE_SETS, *answers.SEVERITY_SETS, *answers.YES_SETS, *answers.NO_SETS}
    assert {each["id"] for each in VALUESETS} <= used | {"answer-not-assessable"}


def test_a_code_claimed_twice_is_refused() -> None:
    one, other = ({**VALUESETS[0], "id": name} for name in ("one", "other"))
    with pytest.raises(DisputedCode, match="claimed by both one and other"):
        Terminology([one, other])


@pytest.mark.parametrize("coded", [each for each in terminology() if each.system == SNOMED], ids=lambda each: each.code)
def test_snomed_check_digit(coded) -> None:
    assert verhoeff(coded.code) == 0


@pytest.mark.parametrize("coded", [each for each in terminology() if each.system == LOINC and not each.code.startswith("LA")], ids=lambda each: each.code)
def test_loinc_check_digit(coded) -> None:
    digits, check = coded.code.split("-")
    doubled = [int(each) * 2 if index % 2 == 0 else int(each) for index, each in enumerate(reversed(digits))]
    assert (10 - sum(each // 10 + each % 10 for each in doubled) % 10) % 10 == int(check)


@pytest.mark.parametrize(
    ("system", "code", "valueset", "side"),
    [
        (SNOMED, "449918009", "leg-spasm", ""),
        (SNOMED, 449918009, "leg-spasm", ""),
        (f"{SNOMED}/731000124108", "449918009", "leg-spasm", ""),
        ("SNOMED-CT", "449918009", "leg-spasm", ""),
        ("urn:oid:2.16.840.1.113883.6.96", " 449918009 ", "leg-spasm", ""),
        ("http: //snomed.info/sct", "449918009", "leg-spasm", ""),
        ("https://snomed.info/sct", "449918009", "leg-spasm", ""),
        ("https://snomed.info/sct/731000124108", "449918009", "leg-spasm", ""),
        ("HTTP://SNOMED.info/SCT/", "449918009", "leg-spasm", ""),
        (SNOMED, "449918009 |Cramp in lower limb|", "leg-spasm", ""),
        (ICD10CM, "R 32", "urinary-incontinence", ""),
        (ICD10CM, "R32-", "urinary-incontinence", ""),
        (ICD10, "R32+", "urinary-incontinence", ""),
        (ICD10, "R32\u2020", "urinary-incontinence", ""),
        (YES_NO, "Y", "answer-yes", ""),
        ("urn:oid:2.16.840.1.113883.12.136", "N", "answer-no", ""),
        (SNOMED, "32153003", "site-leg", "left"),
        (ICD10CM, "M54.32", "radicular-pain", "left"),
        (ICD10CM, "M5432", "radicular-pain", "left"),
        (ICD10CM, "m54.32", "radicular-pain", "left"),
        (ICD10, "M54.31", "radicular-pain", "right"),
        (ICD10, "M54.3", "radicular-pain", ""),
        (ICD10CM, "M21.376", "foot-drop", ""),
        (ICD10CM, "R33.0", "urinary-retention-own-mechanism", ""),
        (ICD10CM, "R33", "urinary-retention", ""),
        (ICD10CM, "R15.9", "bowel-incontinence", ""),
        (ICD10CM, "M51.361", "disc-with-leg-pain", ""),
        (ICD10CM, "M51.369", "lumbar-disc", ""),
        (ICD10CM, "S34.3XXD", "cauda-equina-syndrome", ""),
        (ICD10, "M21.3", "foot-or-wrist-drop", ""),
        (SNOMED, "16018391000119104", "leg-weakness", "left"),
    ],
)
def test_found_however_written(system, code, valueset, side) -> None:
    found = terminology().find(system, code)
    assert found is not None
    assert (found.valueset, found.side) == (valueset, Side(side))


@pytest.mark.parametrize(
    ("system", "code"),
    [
        (SNOMED, "1.56399E+16"),
        (SNOMED, "38341003"),
        (SNOMED, "449918009 |Cramp|: 408729009 = 410516002"),
        (SNOMED, "449918009|Cramp|+38341003|Hypertension|"),
        (None, "449918009"),
        (SNOMED, None),
        (SNOMED, True),
        ("ICD-10", "M54.32"),
        (LOINC, "449918009"),
        (CPT, "99213"),
        (HPO, ""),
        ("", ""),
    ],
)
def test_not_ours(system, code) -> None:
    assert terminology().find(system, code) is None


def verhoeff(number: str) -> int:
    d = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
        [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
        [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
        [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
    ]
    d += [
        [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
        [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
        [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
        [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
        [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
    ]
    p = [list(range(10)), [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]]
    for _ in range(6):
        p.append([p[-1][each] for each in p[1]])
    check = 0
    for index, digit in enumerate(reversed(number)):
        check = d[check][p[index % 8][int(digit)]]
    return check
