"""JSON that means one thing to everybody: strict UTF-8, finite numbers, bounded depth and number of values, no member said twice where it matters."""

from __future__ import annotations

import json
import re
from typing import Any, TypeVar

import msgspec

from cds_hooks.errors import Refusal

T = TypeVar("T")

MAX_DEPTH = 64
LEAST_BYTES = 8
"""For each value, on average. Once read a value takes up to 80 bytes, whatever it took as text. The densest real charts have one in 18 bytes,
records of a word each one in 11."""
LARGE = 256 * 1024
"""Bytes; what is smaller may hold as many values as it can, and is not counted."""

_NOT_BRACKETS, _NOT_OPENINGS = (bytes(each for each in range(256) if each not in kept) for kept in (b'{}[]"', b'{[,"'))
_ONE_KIND = bytes.maketrans(b"[]", b"{}")
_LONG_NUMBER = b"0" * 309
_ANY_DIGIT = bytes.maketrans(b"123456789", b"000000000")
_plain = msgspec.json.Decoder()
_SINGULAR = (b'"context"', b'"patientId"', b'"prefetch"', b'"hook"')
_ESCAPED_LETTER = re.compile(rb"\\u00[4-7]")


def decode(body: bytes, shape: type[T]) -> T:
    """The body as `shape`. Raises Refusal for anything that is not strict JSON of that shape; no value of the body is repeated."""
    _check(body)
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError as wrong:
        raise Refusal("invalid-request", f"The request does not fit: {wrong}.") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refusal("malformed-json", "The body is not valid JSON.") from None


def _check(body: bytes) -> None:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        raise Refusal("malformed-json", "The body is not UTF-8.") from None
    if _is_deeper_than(body, MAX_DEPTH):
        raise Refusal("malformed-json", f"The body is nested more than {MAX_DEPTH} levels deep.")
    if _is_too_dense(body):
        raise Refusal("malformed-json", "The body holds more values than a chart of its size can.")
    _refuse_numbers_out_of_range(body)
    if any(body.count(each) > 1 for each in _SINGULAR) or _ESCAPED_LETTER.search(body):
        _refuse_repeated_members(body)


def _is_deeper_than(body: bytes, limit: int) -> bool:
    """Depth without parsing: innermost brackets are taken out, layer by layer."""
    brackets = _outside_strings(body, _NOT_BRACKETS).translate(_ONE_KIND)
    for _ in range(limit):
        inner = brackets.replace(b"{}", b"")
        if len(inner) == len(brackets):
            return len(brackets) > limit
        brackets = inner
    return bool(brackets)


def _is_too_dense(body: bytes) -> bool:
    """Values without parsing: each but the outermost comes after an opening bracket or a comma. Those within strings are left out only where they matter."""
    if len(body) <= LARGE:
        return False
    most = len(body) // LEAST_BYTES
    return sum(map(body.count, (b"{", b"[", b","))) > most and len(_outside_strings(body, _NOT_OPENINGS)) > most


def _outside_strings(body: bytes, others: bytes) -> bytes:
    """The body without these other characters and without what stands in strings."""
    if b"\\" in body:
        body = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    # Two quotes that meet end one string and begin the next, or are an empty one: either way nothing of interest stands between them.
    quoted = body.translate(None, others).replace(b'""', b"")
    return b"".join(quoted.split(b'"')[::2])


def _refuse_numbers_out_of_range(body: bytes) -> None:
    """Every number of the body, in members we know and in those we do not."""
    try:
        decoded = _plain.decode(body)
    except msgspec.ValidationError:
        raise Refusal("malformed-json", "The body holds a number out of range.") from None
    except (msgspec.DecodeError, RecursionError):
        return  # not JSON at all: said so by the decoder proper
    if _LONG_NUMBER in body.translate(_ANY_DIGIT) and _holds_huge_integer(decoded):
        raise Refusal("malformed-json", "The body holds a number out of range.")


def _holds_huge_integer(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_holds_huge_integer(each) for each in value.values())
    if isinstance(value, list):
        return any(_holds_huge_integer(each) for each in value)
    return isinstance(value, int) and value.bit_length() > 1024


def _refuse_repeated_members(body: bytes) -> None:
    """`context` twice, or `patientId` twice in it, would let two readers see two patients; `prefetch` twice, two charts."""
    try:
        top = json.loads(body, object_pairs_hook=list)
    except (ValueError, RecursionError):
        return  # not JSON at all: said so by the decoder proper
    for members, name in ((top, "context"), (top, "prefetch"), (top, "hook"), (_member(top, "context"), "patientId")):
        if isinstance(members, list) and sum(pair[0] == name for pair in members if isinstance(pair, tuple)) > 1:
            raise Refusal("malformed-json", f"The member {name} is given twice.")


def _member(members: Any, name: str) -> Any:
    return next((pair[1] for pair in members if isinstance(pair, tuple) and pair[0] == name), None) if isinstance(members, list) else None
