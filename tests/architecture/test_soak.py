"""What a soak makes of its samples, and that calls by the clock count those that fail and those that wait."""

from __future__ import annotations

import asyncio
from itertools import repeat

import pytest
from bench.paced import Paced
from bench.steady import Sample, wrong
from serving import free_port

FLAT, FILES = [150.0] * 12, [30] * 12
REQUEST, LIMIT = b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 30


def samples(memory: list[float], descriptors: list[int], failed: int = 0) -> list[Sample]:
    return [Sample(number * 15.0, mib, files, 9, 100.0, 5.0, 20.0, failed) for number, (mib, files) in enumerate(zip(memory, descriptors, strict=True))]


@pytest.mark.parametrize(
    ("memory", "descriptors", "failed", "told"),
    [
        (FLAT, FILES, 0, []),
        ([100, 140, *FLAT[2:]], FILES, 0, []),
        ([150.0 + each for each in range(12)], FILES, 0, []),
        ([150.0] * 8 + [165.0] * 4, FILES, 0, []),
        ([150.0] * 8 + [166.0] * 4, FILES, 0, ["Memory grew from 150 to 166 MiB."]),
        ([200.0 - 5 * each for each in range(12)], FILES, 0, []),
        (FLAT, [30] * 8 + [38] * 4, 0, []),
        (FLAT, [30] * 8 + [39] * 4, 0, ["Open file descriptors grew from 30 to 39."]),
        (FLAT, [30, 60, *FILES[2:]], 0, []),
        (FLAT, [*FILES[1:], 62], 0, []),
        (FLAT, FILES, 1, ["12 calls failed."]),
        (
            [150.0] * 8 + [300.0] * 4,
            [30] * 8 + [90] * 4,
            1,
            ["12 calls failed.", "Memory grew from 150 to 300 MiB.", "Open file descriptors grew from 30 to 90."],
        ),
        ([150.0], [30], 0, []),
    ],
)
def test_growth_is_told_from_warming_up(memory, descriptors, failed, told) -> None:
    assert wrong(samples(memory, descriptors, failed)) == told


async def _served(answer: bytes, seconds: float) -> Paced:
    """Ten calls, one each 10 ms, over a single connection, each of which is answered after so many seconds."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                await asyncio.sleep(seconds)
                writer.write(answer)
        except (EOFError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", port := free_port())
    paced = Paced(port, connections=1, per_second=100)
    async with server, asyncio.timeout(LIMIT):
        await paced.run(repeat(REQUEST), 0.1)
    return paced


def test_a_call_that_waits_for_others_waits_in_its_time() -> None:
    paced = asyncio.run(_served(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", 0.05))
    assert (len(paced.times), paced.failed) == (10, 0)
    assert max(paced.times) > 0.4  # the last is due after 0.09 s, and answered after ten times 0.05


@pytest.mark.parametrize("answer", [b"HTTP/1.1 503 Busy\r\nContent-Length: 2\r\n\r\n{}", b"HTTP/1.1 200 OK\r\n\r\n"], ids=["refused", "without a length"])
def test_an_answer_that_is_none_is_a_failure(answer) -> None:
    paced = asyncio.run(_served(answer, 0))
    assert (paced.times, paced.failed) == ([], 10)


def test_nobody_there_is_a_failure() -> None:
    paced = Paced(free_port(), connections=4, per_second=100)
    asyncio.run(asyncio.wait_for(paced.run(repeat(REQUEST), 0.1), LIMIT))
    assert (paced.times, paced.failed) == ([], 10)
