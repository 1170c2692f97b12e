"""An audit log in memory."""

from __future__ import annotations

import json
from typing import Any


class Kept:
    """Every entry as it would be written, the latest last."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []

    @property
    def latest(self) -> dict[str, Any]:
        return self.entries[-1]

    async def append(self, entry: dict[str, Any]) -> None:
        self.entries.append(json.loads(json.dumps(entry)))

    async def close(self) -> None: ...
