"""What no service can be faster than: F0 reads the body and answers a constant, F1 also decodes it with orjson. `python tests/bench/floors.py F0 PORT`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import orjson
import uvicorn

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cds_hooks.memory import settle_memory

HEAD = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json"), (b"content-length", b"12")]}
ANSWER = {"type": "http.response.body", "body": b'{"cards":[]}'}


class Floor:
    """`decodes`: the body is decoded, and nothing is done with it."""

    def __init__(self, *, decodes: bool) -> None:
        self.decodes = decodes

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        chunks, more = [], True
        while more:
            message = await receive()
            chunks.append(message.get("body", b""))
            more = message.get("more_body", False)
        if self.decodes and scope["method"] == "POST":
            orjson.loads(b"".join(chunks))
        await send(HEAD)
        await send(ANSWER)

    async def _live(self, receive: Any, send: Any) -> None:
        await receive()
        settle_memory()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})


if __name__ == "__main__":
    uvicorn.run(Floor(decodes=sys.argv[1] == "F1"), port=int(sys.argv[2]), loop="uvloop", http="httptools", access_log=False, log_level="warning")
