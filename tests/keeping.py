"""An audit log in memory, and the entries of one on disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fhir_server import SECRETS

from cds_hooks.audit import store
from cds_hooks.audit.database import database
from cds_hooks.audit.identifiers import Clear
from cds_hooks.quiet import Shown


class NoCards:
    """No card was ever sent."""

    async def to(self, *_: Any) -> list[Shown]:
        return []

    async def known(self, *_: Any) -> dict[str, Shown]:
        return {}


class Kept:
    """Every entry as it would be written, the latest last. None may tell a secret."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []

    @property
    def latest(self) -> dict[str, Any]:
        return self.entries[-1]

    failing = False
    issued = NoCards()
    identifiers = Clear()

    async def append(self, entry: dict[str, Any], *_: Any) -> int:
        written = json.dumps(entry)
        assert not [each for each in SECRETS if each in written]
        self.entries.append(json.loads(written))
        return len(self.entries)

    async def sign(self) -> None: ...

    async def close(self) -> None: ...


def entries(data_dir: Path) -> list[tuple[int, dict[str, Any]]]:
    """Every entry of the log in a data directory with its sequence, oldest first."""
    return [(each["sequence"], each) for each in store.entries(database(None, data_dir))]
