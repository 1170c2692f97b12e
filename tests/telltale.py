"""Words that stand for a patient in the tests, and must be nowhere but on cards and in the audit log."""

from __future__ import annotations

from pathlib import Path

from charts import PATIENT

WORDS = ("CANARY", "Canaryname", f"Patient/{PATIENT}")
"""Tests put the first two where a chart, a token or a caller may say what they like; the third is whom nearly all invented charts are about."""


def found(told: str) -> list[str]:
    """Those of the words that are told, each with what stands around it."""
    places = [(word, told.find(word)) for word in WORDS]
    return [f"{word} in ...{told[max(0, at - 80) : at + 80]}..." for word, at in places if at >= 0]


def check(file: Path) -> None:
    """What a service wrote to its standard output and error."""
    assert found(file.read_text(errors="replace")) == []
