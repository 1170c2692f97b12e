"""Time that passes only where nothing is left to do: what is due in an hour comes at once, on any machine, at its exact second."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class StandingTime(asyncio.SelectorEventLoop):
    """An event loop whose time leaps to the next timer when all else waits."""

    def __init__(self) -> None:
        self.now = 0.0
        super().__init__(_Leaping(self))

    def time(self) -> float:
        return self.now

    def run(self, story: Coroutine[Any, Any, T]) -> T:
        with asyncio.Runner(loop_factory=lambda: self) as runner:
            return runner.run(story)


class _Leaping(selectors.SelectSelector):
    def __init__(self, loop: StandingTime) -> None:
        super().__init__()
        self.loop = loop

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(None if timeout is None else 0)
        if timeout and not ready:
            self.loop.now += timeout
        return ready
