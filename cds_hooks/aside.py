"""Large pieces of work are done aside, so that others are answered meanwhile."""

from __future__ import annotations

from asyncio import get_running_loop
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar

LARGE = 1024 * 1024
"""Bytes of JSON; up to here reading takes less time than would be noticed."""
T = TypeVar("T")


async def worked(size: int, work: Callable[[], T], thread: Executor | None = None) -> T:
    """What `work` makes of `size` bytes of the chart: at once when it is little, on another thread when it is much."""
    return await get_running_loop().run_in_executor(thread, work) if size > LARGE else work()
