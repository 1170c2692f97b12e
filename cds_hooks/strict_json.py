"""JSON that means one thing to everybody: strict UTF-8, finite numbers, bounded depth and number of values, no member said twice where it matters."""

from __future__ import annotations

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
LOOKED_THROUGH = 16 * 1024
"""Bytes; up to here every number is looked at. Of larger bodies only those that are read: one out of range in a record says nothing there."""

_NO_BRACKETS, _NO_STRUCTURE = (bytes(each for each in range(256) if each not in kept) for kept in (b"{}[]", b'{}[],"'))
_ONE_KIND = bytes.maketrans(b"[]", b"{}")
_LONG_NUMBER = b"0" * 309
_ANY_DIGIT = bytes.maketrans(b"123456789", b"000000000")
_plain = msgspec.json.Decoder()


class Once(str):
    """A text of which two readers must not see two: its member may not be given twice."""

    __slots__ = ()
    member = ""


def decode(body: bytes, shape: type[T]) -> T:
    """The body as `shape`. Raises Refusal for anything that is not strict JSON of that shape; no value of the body is repeated."""
    _check(body)
    given: set[type[Once]] = set()
    twice: set[type[Once]] = set()

    def taken(kind: type[Once], value: object) -> Once:
        """Called for each time that such a member is given."""
        (twice if kind in given else given).add(kind)
        if isinstance(value, str):
            return kind(value)
        raise msgspec.ValidationError("Expected `str`")

    try:
        decoded = msgspec.json.decode(body, type=shape, dec_hook=taken)
    except msgspec.ValidationError as wrong:
        raise Refusal("invalid-request", f"The request does not fit: {wrong}.") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refusal("malformed-json", "The body is not valid JSON.") from None
    for kind in twice:
        raise Refusal("malformed-json", f"The member {kind.member} is given twice.")
    return decoded


def _check(body: bytes) -> None:
    if not body.isascii():
        _refuse_other_encodings(body)
    structure = _outside_strings(body)
    if _is_deeper_than(structure, MAX_DEPTH):
        raise Refusal("malformed-json", f"The body is nested more than {MAX_DEPTH} levels deep.")
    most = len(body) // LEAST_BYTES
    if len(body) > LARGE and len(structure) > most and sum(map(structure.count, (b"{", b"[", b","))) > most:
        raise Refusal("malformed-json", "The body holds more values than a chart of its size can.")
    if len(body) <= LOOKED_THROUGH:
        _refuse_numbers_out_of_range(body)


def _refuse_other_encodings(body: bytes) -> None:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        raise Refusal("malformed-json", "The body is not UTF-8.") from None


def _is_deeper_than(structure: bytes, limit: int) -> bool:
    """Depth without parsing: innermost brackets are taken out, layer by layer."""
    brackets = structure.translate(_ONE_KIND, _NO_BRACKETS)
    for _ in range(limit):
        inner = brackets.replace(b"{}", b"")
        if len(inner) == len(brackets):
            return len(brackets) > limit
        brackets = inner
    return bool(brackets)


def _outside_strings(body: bytes) -> bytes:
    """The brackets and commas outside strings. A value comes after each comma and opening bracket."""
    if b"\\" in body:
        body = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    # Two quotes that meet end one string and begin the next, or are an empty one: either way nothing of interest stands between them.
    # Four at once, as they stand around most members, and then two; blanked before they are taken out: the same, in half the time.
    quoted = body.translate(None, _NO_STRUCTURE).replace(b'""""', b"    ").replace(b'""', b"  ").translate(None, b" ")
    return b"".join(quoted.split(b'"')[::2]) if b'"' in quoted else quoted


def _refuse_numbers_out_of_range(body: bytes) -> None:
    """Every number of the body, in members we know and in those we do not."""
    try:
        decoded = _plain.decode(body)
    except msgspec.ValidationError:
        raise Refusal("malformed-json", "The body holds a number out of range.") from None
    except (msgspec.DecodeError, RecursionError):
        return  # not JSON at all: said so by the decoder proper
    if len(body) > len(_LONG_NUMBER) and _LONG_NUMBER in body.translate(_ANY_DIGIT) and _holds_huge_integer(decoded):
        raise Refusal("malformed-json", "The body holds a number out of range.")


def _holds_huge_integer(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_holds_huge_integer(each) for each in value.values())
    if isinstance(value, list):
        return any(_holds_huge_integer(each) for each in value)
    return isinstance(value, int) and value.bit_length() > 1024
