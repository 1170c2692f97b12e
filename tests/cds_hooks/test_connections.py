"""What arrives on a connection and is no call at all: refused in our words, without filling memory or the log."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from calls import SERVICE
from serving import Running, serving

from cds_hooks.connection import MAX_HEAD

POST = f"POST {SERVICE} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n".encode()
GET = b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\n"
TOO_MUCH = b"a" * (MAX_HEAD + 1)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes
    ended: bool


@pytest.fixture(scope="module")
def running(tmp_path_factory) -> Iterator[Running]:
    with serving(tmp_path_factory.mktemp("connections")) as service:
        yield service


def sent(running: Running, *pieces: bytes) -> Answer:
    """The answer to these bytes; `ended` when the connection is closed after it."""
    with socket.create_connection(("127.0.0.1", int(running.base.rpartition(":")[2])), timeout=2) as connection:
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(0.05)  # what arrives together with an end is not counted
        received = b""
        try:
            while piece := connection.recv(65536):
                received += piece
            ended = True
        except ConnectionResetError:  # so ends a connection on which bytes were still on their way when it was closed
            ended = True
        except TimeoutError:
            ended = False
    head, _, body = received.partition(b"\r\n\r\n")
    first, *others = head.decode().split("\r\n")
    return Answer(int(first.split()[1]), {name.lower(): value for name, _, value in (each.partition(": ") for each in others)}, body, ended)


BROKEN = {
    "no http": (b"\x00\x01garbage\r\n\r\n",),
    "a greeting in TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"a" * 100,),
    "no method of http": (b"FOO /livez HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",),
    "two lengths": (POST, b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef"),
    "a length and chunks": (POST, b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n"),
    "a length below nothing": (POST, b"Content-Length: -1\r\n\r\n"),
    "a chunk without a size": (POST, b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"),
    "another transfer encoding": (POST, b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
    "a blank before the colon": (b"GET /livez HTTP/1.1\r\nHost : 127.0.0.1\r\n\r\n",),
    "one header without an end": (GET, b"X: ", TOO_MUCH),
    "headers without an end": (GET, b"X: a\r\n" * (MAX_HEAD // 6 + 1)),
    "an address without an end": (b"GET /", TOO_MUCH),
    "trailers without an end": (GET, b"Transfer-Encoding: chunked\r\n\r\n0\r\nX: ", TOO_MUCH),
}


@pytest.mark.parametrize("pieces", BROKEN.values(), ids=list(BROKEN))
def test_what_is_no_call_is_refused_and_the_connection_closed(running, pieces) -> None:
    answer = sent(running, *pieces)
    told = answer.body.rpartition(b"\r\n\r\n")[2] or answer.body  # after the answer to the call whose trailers they are
    assert answer.ended
    if answer.status == 400:
        assert answer.headers["content-type"] == "application/fhir+json"
        assert answer.headers["x-content-type-options"] == "nosniff"
        document = json.loads(told)
        assert document["id"] == answer.headers["x-correlation-id"]
        assert document["issue"][0]["details"]["coding"][0]["code"] == "malformed-request"
    else:
        assert b"malformed-request" in answer.body


def test_large_but_ordinary_heads_are_taken(running) -> None:
    head = GET + b"".join(b"X-%d: %s\r\n" % (number, b"a" * 1000) for number in range(50))
    assert sent(running, head + b"Connection: close\r\n\r\n").status == 200


def test_long_bodies_in_small_pieces_are_taken(running) -> None:
    pieces = [b"5\r\n     \r\n"] * 20_000
    answer = sent(running, POST + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n", b"".join(pieces), b"2\r\n{}\r\n0\r\n\r\n")
    assert (answer.status, b"invalid-request" in answer.body) == (400, True)


@pytest.mark.parametrize("protocol", [b"websocket", b"h2c"])
def test_no_other_protocol_is_spoken(running, protocol) -> None:
    asked = b"Connection: Upgrade, close\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\nUpgrade: " + protocol
    assert sent(running, GET + asked + b"\r\n\r\n").status == 200


def test_strangers_write_nothing_to_the_log(running) -> None:
    for pieces in (*BROKEN.values(), (GET + b"Connection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n",)):
        sent(running, *pieces)
    assert [line for line in running.output.read_text().splitlines() if "WARNING" in line or "ERROR" in line] == []
