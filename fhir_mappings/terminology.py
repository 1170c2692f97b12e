"""Which value set a code belongs to. Loaded once from the ValueSet files; a code claimed by two of them is refused."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from cards.guidance.findings import Side

SNOMED, LOINC, ICD10CM, ICD10 = "http://snomed.info/sct", "http://loinc.org", "http://hl7.org/fhir/sid/icd-10-cm", "http://hl7.org/fhir/sid/icd-10"
CPT, HPO = "http://www.ama-assn.org/go/cpt", "http://human-phenotype-ontology.org"
YES_NO, EXPANDED_YES_NO = "http://terminology.hl7.org/CodeSystem/v2-0136", "http://terminology.hl7.org/CodeSystem/v2-0532"
SYSTEM_NAMES = MappingProxyType(
    {
        SNOMED: "SNOMED CT",
        LOINC: "LOINC",
        ICD10CM: "ICD-10-CM",
        ICD10: "ICD-10",
        CPT: "CPT",
        HPO: "HPO",
        YES_NO: "HL7 v2-0136",
        EXPANDED_YES_NO: "HL7 v2-0532",
    }
)

ALIASES = MappingProxyType(
    {
        "snomed-ct": SNOMED,
        "urn:oid:2.16.840.1.113883.6.96": SNOMED,
        "urn:oid:2.16.840.1.113883.6.1": LOINC,
        "urn:oid:2.16.840.1.113883.6.90": ICD10CM,
        "urn:oid:2.16.840.1.113883.12.136": YES_NO,
    }
    | {written.casefold(): system for system in SYSTEM_NAMES for written in (system, system.replace("http:", "https:", 1))}
)
"""Other names these systems go by in real data: their OIDs, a word that some senders use, and their own with a slip of case or scheme."""

SIDES = MappingProxyType({"left": Side.LEFT, "right": Side.RIGHT, "both": Side.BOTH})


_EDITIONS = (f"{SNOMED}/", "https://snomed.info/sct/")
_TERMED = re.compile(r"(\d+)\s*\|[^|]*\|")
MAX_ICD = 8
"""Letters and digits of the longest ICD-10-CM code, and one to spare."""


class DisputedCode(ValueError):
    """A code that two value sets claim."""


@dataclass(frozen=True, slots=True)
class Coded:
    """A recognised code: its value set, its own label, and the side it names."""

    valueset: str
    system: str
    code: str
    display: str
    side: Side = Side.UNSTATED

    @property
    def shown(self) -> str:
        return f"{SYSTEM_NAMES.get(self.system, self.system)} {self.code}"


class Terminology:
    """The index of all value sets. ICD headers match by prefix, the longest first; a code is never matched by its display."""

    def __init__(self, valuesets: Iterable[Mapping[str, Any]]) -> None:
        exact: dict[tuple[str, str], Coded] = {}
        headers: dict[tuple[str, str], Coded] = {}
        self.versions: dict[str, str] = {}
        for valueset in valuesets:
            self.versions[valueset["id"]] = valueset["version"]
            for coded, is_header in _codes(valueset):
                _claim(headers if is_header else exact, coded)
        self.version = _fingerprint(self.versions)
        self._exact = MappingProxyType(exact)
        self._headers = MappingProxyType(headers)

    def find(self, system: object, code: object) -> Coded | None:
        """The value set entry for a coding as it stands in a resource; None when it is not ours."""
        if not isinstance(system, str) or not isinstance(code, str | int) or isinstance(code, bool):
            return None
        named = _system(system)
        written = _normal(named, str(code))
        found = self._exact.get((named, written))
        if found is not None or named not in {ICD10CM, ICD10}:
            return found
        return self._find_icd(named, written)

    def _find_icd(self, system: str, written: str) -> Coded | None:
        """ICD codes turn up under the other edition's URI: exact in either edition first, then the longest header of their own.

        The editions number below their shared headers differently (M48.02 is cervical in one), so a header never reaches into the other.
        """
        if len(written) > MAX_ICD:
            return None
        other = ICD10 if system == ICD10CM else ICD10CM
        exact = self._exact.get((other, written)) or self._headers.get((other, written))
        if exact is not None:
            return exact
        prefixes = ((system, written[:size]) for size in range(len(written), 2, -1))
        return next((self._headers[each] for each in prefixes if each in self._headers), None)

    def codes(self, *valuesets: str, system: str) -> list[str]:
        """The codes of these value sets in one system, as published."""
        return [coded.code for coded in self._exact.values() if coded.valueset in valuesets and coded.system == system]

    def __iter__(self) -> Iterator[Coded]:
        return iter((*self._exact.values(), *self._headers.values()))


@cache
def terminology() -> Terminology:
    """The shipped value sets, read once."""
    folder = files("fhir_mappings") / "valuesets"
    return Terminology(json.loads(each.read_text(encoding="utf-8")) for each in sorted(folder.iterdir(), key=lambda each: each.name))


def _codes(valueset: Mapping[str, Any]) -> Iterator[tuple[Coded, bool]]:
    for include in valueset["compose"]["include"]:
        for concept in include.get("concept", ()):
            yield Coded(valueset["id"], include["system"], concept["code"], concept["display"], _side(concept)), False
        for each in include.get("filter", ()):
            yield Coded(valueset["id"], include["system"], each["value"], _extension(include, "display") or valueset["title"], _side(include)), True


def _claim(index: dict[tuple[str, str], Coded], coded: Coded) -> None:
    key = (coded.system, _normal(coded.system, coded.code))
    if index.setdefault(key, coded).valueset != coded.valueset:
        raise DisputedCode(f"{coded.shown} is claimed by both {index[key].valueset} and {coded.valueset}")


def _fingerprint(versions: Mapping[str, str]) -> str:
    """One short name for exactly these versions of exactly these value sets."""
    listed = "\n".join(f"{id}|{version}" for id, version in sorted(versions.items()))
    return hashlib.sha256(listed.encode()).hexdigest()[:12]


def _system(system: str) -> str:
    """The system's URI: spaces and slips of case and scheme mended, version suffix and other names resolved."""
    tidy = "".join(system.split()).rstrip("/")
    folded = tidy.casefold()
    if folded.startswith(_EDITIONS):
        return SNOMED
    return ALIASES.get(folded, tidy)


def _normal(system: str, code: str) -> str:
    """A code in one spelling: ICD without dots, blanks and the marks of dagger, asterisk and 'more digits follow'; SNOMED CT without the term in pipes."""
    tidy = code.strip()
    if system in {ICD10CM, ICD10}:
        return "".join(tidy.split()).upper().replace(".", "").rstrip("-+*!\u2020")
    termed = _TERMED.fullmatch(tidy) if system == SNOMED and "|" in tidy else None
    return termed[1] if termed else tidy


def _side(element: Mapping[str, Any]) -> Side:
    return SIDES.get(_extension(element, "laterality"), Side.UNSTATED)


def _extension(element: Mapping[str, Any], name: str) -> str:
    found = (each for each in element.get("extension", ()) if each["url"].endswith(f"/{name}"))
    return next((str(each.get("valueCode") or each.get("valueString")) for each in found), "")
