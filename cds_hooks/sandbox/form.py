"""What a visitor filled in: one form, read whole and within the limits of a call, from our own pages only."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import ImmutableMultiDict, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from cds_hooks.errors import Refusal
from cds_hooks.trust.gate import Gate
from cds_hooks.trust.limits import Share

MOST_FIELDS = 400
"""Far more than the busiest of our pages sends."""


class _InMemory(MultiPartParser):
    """A chart that was dropped here is never written to a temporary file."""

    spool_max_size = sys.maxsize


@dataclass(frozen=True, slots=True)
class Form:
    """The fields by name, and the file that was dropped or chosen, if any."""

    fields: ImmutableMultiDict[str, str]
    file: bytes = b""

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "").strip()


async def read_form(request: Request, gate: Gate) -> Form:
    """Raises Refusal for another site's page, for a form that is too large or too slow, and for what is no form."""
    check_own_page(request)
    gate.check_room(request)
    share = Share(gate.held)
    try:
        return await _parsed(request, await gate.body(request, share))
    finally:
        share.leave()


def check_own_page(request: Request) -> None:
    """Raises Refusal unless one of our own pages asked: no other may have servers read, or cards answered, in the visitor's name."""
    try:
        origin = urlsplit(request.headers.get("origin", "")).netloc
    except ValueError:
        origin = ""
    if not origin or origin != request.headers.get("host"):
        raise Refusal("not-permitted", "Another site asked for it, or a browser that does not say which did.")


async def _parsed(request: Request, body: bytes) -> Form:
    async def stream() -> AsyncGenerator[bytes, None]:
        yield body

    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "multipart/form-data":
        raise Refusal("wrong-media-type", "The body is not announced as a form of this page.")
    try:
        parsed = await _InMemory(request.headers, stream(), max_files=1, max_fields=MOST_FIELDS, max_part_size=len(body)).parse()
    except (MultiPartException, UnicodeError, LookupError, KeyError):  # the last three from a boundary or a character set that is none
        raise Refusal("invalid-request", "The form cannot be read.") from None
    files = [each for _, each in parsed.multi_items() if isinstance(each, UploadFile)]
    content = await files[0].read() if files else b""
    await parsed.close()
    return Form(ImmutableMultiDict([(name, each) for name, each in parsed.multi_items() if isinstance(each, str)]), content)
