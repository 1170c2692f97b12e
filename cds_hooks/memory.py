"""How a worker keeps its memory: what was loaded is no garbage, and what one large call took is there for the next."""

from __future__ import annotations

import ctypes
import gc

GC_THRESHOLDS = (50_000, 20, 1_000)
"""Python's cyclic collector made most of the tail: 18 times on p99 in the measurements this follows."""
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""Parameters of glibc's `mallopt`: how many free bytes it keeps, and from how many on it asks the kernel for a piece of memory of its own."""
MOST_FREE_BYTES = 64 * 1024 * 1024
LARGEST_PIECE_BYTES = 32 * 1024 * 1024
"""As much as glibc would allow itself once such a piece was given back."""


def settle_memory() -> None:
    """For a worker that has loaded all it needs."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
    _keep_what_calls_take()


def _keep_what_calls_take() -> None:
    """Else glibc gives the memory of a large call back to the kernel and asks for it again, page by page, for the next: a tenth of a call of 500 KB."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # other C libraries have none
    if mallopt:
        mallopt(M_MMAP_THRESHOLD, LARGEST_PIECE_BYTES)
        mallopt(M_TRIM_THRESHOLD, MOST_FREE_BYTES)
