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

_WORDS, _ALL_BUT_BRACKETS = (bytes(each for each in range(256) if each not in kept) for kept in (b'{}[],+-.eE0123456789"', b"{}[]"))
_ONE_KIND = bytes.maketrans(b"[]", b"{}")
_LONG_NUMBER = b"0" * 309
_ANY_DIGIT = bytes.maketrans(b"123456789.E", b"0000000000e")
_MANY_DIGITS, _LARGE_EXPONENT = b"0" * 200, b"0e000"
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
    structure = _outside_strings(body)
    if _is_deeper_than(structure, MAX_DEPTH):
        raise Refusal("malformed-json", f"The body is nested more than {MAX_DEPTH} levels deep.")
    if len(body) > LARGE and sum(map(structure.count, (b"{", b"[", b","))) > len(body) // LEAST_BYTES:
        raise Refusal("malformed-json", "The body holds more values than a chart of its size can.")
    if _may_hold_huge_numbers(structure):
        _refuse_numbers_out_of_range(body)
    if any(body.count(each) > 1 for each in _SINGULAR) or (b"\\u00" in body and _ESCAPED_LETTER.search(body)):
        _refuse_repeated_members(body)


def _is_deeper_than(structure: bytes, limit: int) -> bool:
    """Depth without parsing: innermost brackets are taken out, layer by layer."""
    brackets = structure.translate(_ONE_KIND, _ALL_BUT_BRACKETS)
    for _ in range(limit):
        inner = brackets.replace(b"{}", b"")
        if len(inner) == len(brackets):
            return len(brackets) > limit
        brackets = inner
    return bool(brackets)


def _outside_strings(body: bytes) -> bytes:
    """What stands outside strings: brackets, commas, and the characters of numbers. A value comes after each opening bracket and comma."""
    if b"\\" in body:
        body = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    # Two quotes that meet end one string and begin the next, or are an empty one: either way nothing of interest stands between them.
    quoted = body.translate(None, _WORDS).replace(b'""', b"")
    return b"".join(quoted.split(b'"')[::2])


def _may_hold_huge_numbers(structure: bytes) -> bool:
    """No number is out of range without 200 digits or an exponent of three."""
    digits = structure.translate(_ANY_DIGIT, b"+")
    return _MANY_DIGITS in digits or _LARGE_EXPONENT in digits


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
