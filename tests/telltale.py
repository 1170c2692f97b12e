"""Words that stand for a patient in the tests, and must be nowhere but on cards and in the audit log."""

from __future__ import annotations

import re
from pathlib import Path

from charts import PATIENT

WORDS = re.compile(rf"(?i)canary|(?:%2f|(?<![\w-])){PATIENT}(?![\w-])")
"""The first stands where a chart, a token or a caller may say what they like, in whatever case a library writes it; the second is the id of the patient
whom nearly all invented charts are about, alone or in a reference, also one that was written for an address."""


def found(told: str) -> list[str]:
    """Those of the words that are told, each with what stands around it."""
    return [f"{each[0]} in ...{told[max(0, each.start() - 80) : each.end() + 80]}..." for each in WORDS.finditer(told)]


def check(file: Path) -> None:
    """What a service wrote to its standard output and error."""
    assert found(file.read_text(errors="replace")) == []
