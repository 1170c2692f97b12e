"""A sample of `make fuzz`."""

from __future__ import annotations

import asyncio
import random

import fuzz


def test_hostile_bodies_are_answered() -> None:
    """400 of them; the seed stands in what is printed. Memory is judged in the long form."""
    assert asyncio.run(fuzz.run(400, random.randrange(10**9), most_growth=2)) == 0
