"""One connection: heads of bounded size, and our own words for what is no HTTP request."""

from __future__ import annotations

import logging
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from cds_hooks.edge import Edge

MAX_HEAD = 64 * 1024
"""Bytes of a request line, headers or trailers that are still without an end; a token may have 8 KiB."""
NOISE = ("Invalid HTTP request", "Unsupported upgrade", "No supported WebSocket")
"""Lines that any stranger could fill the log with."""

logging.getLogger("uvicorn.error").addFilter(lambda record: not record.getMessage().startswith(NOISE))


class Connection(HttpToolsProtocol):
    """uvicorn's connection keeps heads of any size, and answers what is no HTTP in words of its own."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unended = 0
        self.in_head = True

    def data_received(self, data: bytes) -> None:
        self.unended += len(data)
        super().data_received(data)
        if self.unended > MAX_HEAD and not self.transport.is_closing():
            self.send_400_response("")

    def on_message_begin(self) -> None:
        self.in_head = True
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Trailers are passed over."""
        if self.in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self.unended, self.in_head = 0, False
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self.unended = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self.unended = 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the library's words
        edge: Edge = self.config.loaded_app
        headers, body = edge.malformed()
        lines = [b"%b: %b\r\n" % header for header in (*headers, (b"connection", b"close"))]
        self.transport.write(b"".join((STATUS_LINE[400], *lines, b"\r\n", body)))
        self.transport.close()
