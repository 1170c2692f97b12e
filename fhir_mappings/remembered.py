"""What a code or a site means is worked out once. Remembered by a digest of it as it was written, never by its words: nothing of a chart outlives its call."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

import msgspec

P = ParamSpec("P")
T = TypeVar("T")
MOST = 4_096
"""Meanings of one kind; when there are as many, remembering begins anew. EHRs have some thousand codes, and charts use a few hundred of them."""
LONGEST = 1_024
"""Bytes of JSON, so that what is remembered stays small too. Codes take a quarter of that."""

_written = msgspec.json.Encoder().encode


class Remembered(Generic[P, T]):
    """`work` that depends on nothing but an element as decoded from JSON and on further arguments, which are keys; it never gives None.

    Used for codes and sites, never for answers, dates or notes. What the work gives must hold none of the element's words.
    """

    def __init__(self, work: Callable[Concatenate[Any, P], T]) -> None:
        self.work = work
        self.known: dict[Any, T] = {}

    def __call__(self, element: Any, /, *args: P.args, **kwargs: P.kwargs) -> T:
        written = _written(element)
        if kwargs or len(written) > LONGEST:
            return self.work(element, *args, **kwargs)
        key = (blake2b(written, digest_size=16).digest(), *args)
        meaning = self.known.get(key)
        if meaning is None:
            if len(self.known) >= MOST:
                self.known.clear()
            meaning = self.known[key] = self.work(element, *args, **kwargs)
        return meaning
