"""Bytes in and out: the body read under a cap, answers written as JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from cds_hooks.errors import Refusal

JSON = "application/json"
FHIR_JSON = "application/fhir+json"
ACCEPTED = frozenset({JSON, FHIR_JSON})

encode = msgspec.json.Encoder().encode


def check_media_type(request: Request) -> None:
    """Raises Refusal unless the body is said to be plain JSON in UTF-8."""
    media_type, *parameters = request.headers.get("content-type", "").split(";")
    named = dict(each.strip().lower().partition("=")[::2] for each in parameters)
    charset = named.get("charset", "").strip('"')
    if media_type.strip().lower() not in ACCEPTED or charset not in ("", "utf-8", "utf8"):
        raise Refusal("wrong-media-type", "The body is not announced as JSON in UTF-8.")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Refusal("wrong-media-type", "Compressed bodies are not read.")


async def read_body(request: Request, most: int, take: Callable[[int], None]) -> bytes:
    """The whole body. Raises Refusal as soon as it is known to exceed `most` bytes; `take` is told of every byte before it is kept."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > most:
        raise _too_large(most)
    chunks, size = [], 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > most:
                raise _too_large(most)
            take(len(chunk))
            chunks.append(chunk)
    except ClientDisconnect:
        raise Refusal("invalid-request", "The body did not arrive whole.") from None
    return b"".join(chunks)


def json_response(body: dict[str, Any]) -> Response:
    return Response(encode(body), media_type=JSON)


def _too_large(most: int) -> Refusal:
    return Refusal("body-too-large", f"The body is larger than {most} bytes.")
