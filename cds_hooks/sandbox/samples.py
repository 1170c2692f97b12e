"""Invented patients, shipped as FHIR Bundles whose dates move with the day they are used."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(T.*)?")


@dataclass(frozen=True, slots=True)
class Sample:
    """One patient: `anchor` is the day the Bundle was written for."""

    name: str
    title: str
    anchor: date
    bundle: dict[str, Any]

    @property
    def person(self) -> str:
        """The patient's name, as it is said."""
        name = self.bundle["entry"][0]["resource"]["name"][0]
        return f"{' '.join(name['given'])} {name['family']}"

    def as_of(self, day: date) -> dict[str, Any]:
        """The Bundle with every date moved so that `day` stands where the anchor stood."""
        moved: dict[str, Any] = _moved(self.bundle, day - self.anchor)
        return moved


@cache
def samples() -> dict[str, Sample]:
    """All samples by name."""
    folder = files("cds_hooks.sandbox") / "samples"
    bundles = [json.loads(each.read_text(encoding="utf-8")) for each in sorted(folder.iterdir(), key=lambda each: each.name)]
    return {each["id"]: Sample(each["id"], each["meta"]["tag"][0]["display"], date.fromisoformat(each["timestamp"][:10]), each) for each in bundles}


def _moved(value: Any, by: timedelta) -> Any:
    if isinstance(value, dict):
        return {key: each if key == "birthDate" else _moved(each, by) for key, each in value.items()}
    if isinstance(value, list):
        return [_moved(each, by) for each in value]
    match = _DATE.fullmatch(value) if isinstance(value, str) else None
    return f"{date.fromisoformat(match[1]) + by}{match[2] or ''}" if match else value
