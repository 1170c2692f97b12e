"""Who patients and users are, in the log: as they were sent, or as tokens that only the holder of a key can look up."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

KEY_FILE = "identifier-key"
KEY_BYTES = 32
IDENTIFYING = ("patient", "user", "encounter")
_PEOPLE = {"Patient", "Practitioner", "PractitionerRole", "RelatedPerson", "Person"}
KINDS = frozenset({*_PEOPLE, "Encounter", "Condition", "Observation", "ServiceRequest", "Procedure", "ImagingStudy"})
"""The types of resources that stay readable; whatever else stands before a slash may be a name."""


class Identifiers(Protocol):
    def token(self, reference: str) -> str:
        """What the log calls a reference such as `Patient/123`."""

    def hide(self, entry: dict[str, Any]) -> dict[str, Any]:
        """The entry as the log may hold it."""


class Clear:
    """As they were sent."""

    def token(self, reference: str) -> str:
        return reference

    def hide(self, entry: dict[str, Any]) -> dict[str, Any]:
        return entry


@dataclass(frozen=True, slots=True)
class Keyed:
    """HMAC-SHA-256 under a key of this deployment; the kind of resource stays readable."""

    key: bytes

    def token(self, reference: str) -> str:
        kind = reference.rpartition("/")[0].rpartition("/")[2]
        keyed = hmac.new(self.key, reference.encode(), hashlib.sha256).hexdigest()[:32]
        return f"{kind}/keyed-{keyed}" if kind in KINDS else f"keyed-{keyed}"

    def hide(self, entry: dict[str, Any]) -> dict[str, Any]:
        """Every reference to the patient, the user, the encounter or a record, wherever it stands, also inside the words of a card; no comments."""
        entry = _without_comments(entry)
        whose = {name: self.token(entry[name]) for name in IDENTIFYING if name in entry}
        known = sorted({each for each in _references(entry) if "/" in each}, key=len, reverse=True)
        if not known:
            return {**entry, **whose}
        either = re.compile(rf"(?<![\w.-])({'|'.join(map(re.escape, known))})(?![\w-])")
        hidden: dict[str, Any] = _replaced(entry, either, self)
        return {**hidden, **whose}


def identifiers(kind: str, key_file: Path) -> Identifiers:
    """As the setting says. A key is made where there is no file; raises OSError when it cannot be read or made."""
    return Keyed(_key(key_file)) if kind == "keyed" else Clear()


def _without_comments(entry: dict[str, Any]) -> dict[str, Any]:
    """Free text may name anybody, and no key would find the name in it: of a comment only its length in characters stays."""
    if "feedback" not in entry:
        return entry
    return {**entry, "feedback": [_measured(each) for each in entry["feedback"]]}


def _measured(answer: dict[str, Any]) -> dict[str, Any]:
    return {("commentLength" if name == "comment" else name): (len(said) if name == "comment" else said) for name, said in answer.items()}


def _references(entry: dict[str, Any]) -> Iterator[str]:
    yield from (str(entry[name]) for name in IDENTIFYING if name in entry)
    for finding in entry.get("findings", ()):
        yield from (str(each["record"]) for each in finding["records"] if "record" in each)
    for card in (*entry.get("cards", ()), *entry.get("cardsWithheld", ())):
        for suggestion in card.get("suggestions", ()):
            for action in suggestion["actions"]:
                yield from _pointed_at(action["resource"])


def _pointed_at(resource: Any) -> Iterator[str]:
    if isinstance(resource, dict):
        if isinstance(resource.get("reference"), str):
            yield resource["reference"]
        resource = list(resource.values())
    if isinstance(resource, list | tuple):
        for each in resource:
            yield from _pointed_at(each)


def _replaced(value: Any, either: re.Pattern[str], keyed: Keyed) -> Any:
    if isinstance(value, str):
        return either.sub(lambda found: keyed.token(found[0]), value)
    if isinstance(value, dict):
        return {name: _replaced(each, either, keyed) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_replaced(each, either, keyed) for each in value]
    return value


def _key(path: Path) -> bytes:
    """Whoever comes second finds the first one's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError), os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(os.urandom(KEY_BYTES))
    key = path.read_bytes()
    if len(key) < KEY_BYTES:
        raise OSError(f"the identifier key {path} is too short")
    return key
