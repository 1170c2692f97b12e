"""An audit log in memory."""

from __future__ import annotations

import json
from typing import Any

from fhir_server import SECRETS


class Kept:
    """Every entry as it would be written, the latest last. None may tell a secret."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []

    @property
    def latest(self) -> dict[str, Any]:
        return self.entries[-1]

    async def append(self, entry: dict[str, Any]) -> None:
        written = json.dumps(entry)
        assert not [each for each in SECRETS if each in written]
        self.entries.append(json.loads(written))

    async def close(self) -> None: ...
