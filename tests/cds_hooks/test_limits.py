"""How much one caller may ask, how slowly, and what becomes of a flood in the audit log."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx2
import pytest
from calls import SERVICE, call
from evaluating import NOW
from keeping import NoCards, entries
from starlette.testclient import TestClient
from tokens import bearer
from tokens import production_settings as settings

from cds_hooks.app import create_app
from cds_hooks.audit.identifiers import Clear
from cds_hooks.audit.refusals import ONE_BY_ONE, Refusals
from cds_hooks.errors import Refusal
from cds_hooks.settings import Settings
from cds_hooks.trust.limits import MOST_CALLERS, Buckets, Limits, neighbourhood

JSON = {"content-type": "application/json"}


class HeldLog:
    """An audit log that holds calls back until it is let go."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.waiting = 0
        self.kinds: Counter[str] = Counter()

    failing = False
    issued = NoCards()
    identifiers = Clear()

    async def append(self, entry: dict[str, Any], *_: Any) -> None:
        self.kinds[entry["kind"]] += 1
        if entry["kind"] == "call":
            self.waiting += 1
            await self.go.wait()

    async def sign(self) -> None: ...

    async def close(self) -> None: ...


def told(chosen: Settings, story: Callable[[httpx2.AsyncClient], Awaitable[None]], **how: Any) -> None:
    """Runs the story against the service in process, with real concurrency."""

    async def run() -> None:
        transport = httpx2.ASGITransport(app=create_app(chosen, **how), raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            await story(client)

    asyncio.run(run())


def test_a_call_too_many_is_sent_away_and_its_token_stays_good(tmp_path) -> None:
    log = HeldLog()

    async def story(client: httpx2.AsyncClient) -> None:
        held = [asyncio.create_task(client.post(SERVICE, json=call(), headers=bearer())) for _ in range(2)]
        while log.waiting < 2:
            await asyncio.sleep(0.01)
        headers = bearer()
        shed = await client.post(SERVICE, json=call(), headers=headers)
        assert (shed.status_code, shed.headers["retry-after"]) == (503, "1")
        assert (await client.get("/livez")).status_code == 200
        log.go.set()
        assert [answer.status_code for answer in await asyncio.gather(*held)] == [200, 200]
        assert (await client.post(SERVICE, json=call(), headers=headers)).status_code == 200

    told(settings(tmp_path, limits=Limits(in_flight=2)), story, audit=log)
    assert log.kinds == {"call": 3, "refused": 1}


def test_bodies_on_their_way_take_no_place_from_calls_that_are_here(tmp_path) -> None:
    async def drip() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(5)

    async def story(client: httpx2.AsyncClient) -> None:
        slow = [asyncio.create_task(client.post(SERVICE, content=drip(), headers=JSON)) for _ in range(20)]
        await asyncio.sleep(0.05)
        assert (await client.post(SERVICE, json=call())).status_code == 200
        answers = await asyncio.gather(*slow)
        assert {(each.status_code, each.headers["connection"]) for each in answers} == {(408, "close")}

    told(Settings(data_dir=tmp_path, limits=Limits(in_flight=1, body_deadline_s=0.3)), story)


def test_more_bodies_than_can_be_held(tmp_path) -> None:
    async def story(client: httpx2.AsyncClient) -> None:
        async def drip() -> AsyncIterator[bytes]:
            await asyncio.sleep(0.2)
            yield b"{}"

        answers = await asyncio.gather(*(client.post(SERVICE, content=drip(), headers=JSON) for _ in range(5)))
        assert Counter(each.status_code for each in answers) == {400: 3, 503: 2}

    told(Settings(data_dir=tmp_path, limits=Limits(arriving=3)), story)


def test_more_bytes_than_can_be_held(tmp_path) -> None:
    """Two thousand bodies of 10 MiB on their way would be 20 GB. The room is given back, whatever became of the call."""
    half = 600_000

    async def story(client: httpx2.AsyncClient) -> None:
        async def drip(body: bytes) -> AsyncIterator[bytes]:
            yield b" " * half
            await asyncio.sleep(0.2)
            yield body

        good = json.dumps(call()).encode()
        answers = await asyncio.gather(*(client.post(SERVICE, content=drip(good), headers=JSON) for _ in range(3)))
        assert Counter(each.status_code for each in answers) == {200: 1, 503: 2}
        assert {each.headers.get("retry-after") for each in answers} == {None, "1"}
        for body, status in ((good, 200), (b"{", 400), (b" " * half, 413), (good, 200)):
            assert (await client.post(SERVICE, content=drip(body), headers=JSON)).status_code == status

    told(Settings(data_dir=tmp_path, max_body_bytes=2**20, limits=Limits(held_bytes=2**20)), story)


@pytest.mark.parametrize("name", ["per_client_per_minute", "per_address_per_minute"])
def test_more_calls_than_allowed(tmp_path, name) -> None:
    passed = [0.0]
    app = create_app(settings(tmp_path, limits=Limits(**{name: 3})), seconds=lambda: passed[0])
    with TestClient(app, base_url="https://cds.example") as client:

        def status() -> tuple[int, str | None]:
            answer = client.post(SERVICE, json=call(), headers=bearer())
            return answer.status_code, answer.headers.get("retry-after")

        assert [status() for _ in range(4)] == [(200, None)] * 3 + [(429, "20")]
        passed[0] = 21.0
        assert [status() for _ in range(2)] == [(200, None), (429, "19")]


def test_the_address_behind_a_trusted_proxy_is_the_callers(tmp_path) -> None:
    app = create_app(settings(tmp_path, trusted_proxies=("10.0.0.0/8",), limits=Limits(per_address_per_minute=1)))
    with TestClient(app, base_url="https://cds.example", client=("10.0.0.7", 5000)) as client:

        def status(forwarded: str) -> int:
            return client.post(SERVICE, json=call(), headers={**bearer(), "x-forwarded-for": forwarded, "x-forwarded-proto": "https"}).status_code

        assert [status(each) for each in ("203.0.113.1", "203.0.113.2", "203.0.113.1", "1.2.3.4, 203.0.113.2", "203.0.113.3, 10.0.0.9")] == [
            200,
            200,
            429,
            429,
            200,
        ]


def test_callers_behind_a_proxy_on_this_machine_do_not_share_one_rate(tmp_path) -> None:
    """Otherwise a stranger with garbage would have every hospital sent away."""
    app = create_app(settings(tmp_path, limits=Limits(per_address_per_minute=1)))
    with TestClient(app, base_url="http://cds.example", client=("127.0.0.1", 5000)) as client:

        def status(forwarded: str) -> int:
            return client.post(SERVICE, json=call(), headers={**bearer(), "x-forwarded-for": forwarded, "x-forwarded-proto": "https"}).status_code

        assert [status(each) for each in ("203.0.113.1", "203.0.113.2", "203.0.113.1", "6.6.6.6, 203.0.113.2")] == [200, 200, 429, 429]


@pytest.mark.parametrize(
    ("forwarded", "statuses"),
    [
        (("203.0.113.1:1000", "203.0.113.1:1001", "203.0.113.1"), [200, 429, 429]),
        (("[2001:db8::1]:1000", "[2001:db8::2]", "2001:db8::3"), [200, 429, 429]),
        (("::ffff:203.0.113.1", "203.0.113.1"), [200, 429]),
        (("203.0.113.1", "203.0.113.1, 10.0.0.9:4000"), [200, 429]),
    ],
)
def test_an_address_is_the_same_however_a_proxy_writes_it(tmp_path, forwarded, statuses) -> None:
    """Some add the caller's port, which is another one for each connection."""
    app = create_app(settings(tmp_path, trusted_proxies=("10.0.0.0/8",), limits=Limits(per_address_per_minute=1)))
    with TestClient(app, base_url="https://cds.example", client=("10.0.0.7", 5000)) as client:
        answers = [client.post(SERVICE, json=call(), headers={**bearer(), "x-forwarded-for": each, "x-forwarded-proto": "https"}) for each in forwarded]
        assert [each.status_code for each in answers] == statuses


def test_the_sandbox_has_no_rate_unless_asked() -> None:
    assert Limits().per_minute(None, "sandbox") == 0
    assert Limits().per_minute(None, "production") > 0
    assert Limits().per_minute(0, "production") == 0
    assert Limits().per_minute(5, "sandbox") == 5


def test_buckets_fill_up_and_are_forgotten() -> None:
    now = [0.0]
    buckets = Buckets(60, lambda: now[0])
    for _ in range(60):
        buckets.take("a")
    with pytest.raises(Refusal):
        buckets.take("a")
    now[0] = 1.0
    buckets.take("a")
    for number in range(MOST_CALLERS + 5):
        buckets.take(str(number))
    assert len(buckets.levels) == MOST_CALLERS


@pytest.mark.parametrize(
    ("address", "whom"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8::1", "2001:db8::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
    ],
)
def test_neighbourhood(address, whom) -> None:
    assert neighbourhood(address) == whom


def test_a_flood_is_counted(tmp_path) -> None:
    chosen = settings(tmp_path)
    with TestClient(create_app(chosen), base_url="https://cds.example") as client:
        for number in range(ONE_BY_ONE + 140):
            client.post(SERVICE, json=call(), headers={"authorization": "Bearer x"} if number % 2 else {})
    kept = [entry for _, entry in entries(chosen.data_dir) if entry["kind"] == "refused"]
    counted = [entry for entry in kept if "count" in entry]
    assert sum(entry.get("count", 1) for entry in kept) == ONE_BY_ONE + 140
    assert {entry["cause"] for entry in counted} == {"no token", "not a signed JWT"}
    assert len(kept) <= 2 * (ONE_BY_ONE + 2)
    assert all(entry["minute"] and entry["correlationId"] for entry in counted)


def test_counts_outlast_a_log_that_is_down() -> None:
    class Log(HeldLog):
        down = True

        async def append(self, entry: dict[str, Any], *_: Any) -> None:
            if self.down:
                raise Refusal("audit-unavailable", "down")
            self.kinds[f"{entry['outcome']} x {entry['count']}"] += 1

    async def story() -> None:
        log = Log()
        told: list[str] = []
        refusals = Refusals(log, lambda: NOW, lambda: "id", told=lambda each: told.append(each.cause))
        refusals.alone[NOW.replace(second=0, microsecond=0)] = ONE_BY_ONE
        for _ in range(3):
            await refusals.note(Refusal("unauthorized", "x", cause="expired"), correlation_id="id")
        with pytest.raises(Refusal):
            await refusals.flush()
        log.down = False
        await refusals.flush()
        assert log.kinds == {"unauthorized x 3": 1}
        assert told == ["expired"] * 3

    asyncio.run(story())


@pytest.mark.parametrize(
    ("method", "path", "headers", "outcome"),
    [
        ("GET", SERVICE, {}, "method-not-allowed"),
        ("POST", "/cds-services/other", {}, "unknown-path"),
        ("POST", SERVICE, {"host": "evil.example"}, "wrong-host"),
        ("GET", "/", {"host": "evil.example"}, "wrong-host"),
        ("POST", SERVICE, {"content-type": "text/plain"}, "wrong-media-type"),
    ],
)
def test_every_refused_caller_is_in_the_log(client, sandbox, method, path, headers, outcome) -> None:
    answer = client.request(method, path, content=b"{}" if method == "POST" else None, headers=headers)
    (entry,) = [entry for _, entry in entries(sandbox.data_dir) if entry["kind"] == "refused"]
    assert (entry["outcome"], entry["correlationId"]) == (outcome, answer.headers["x-correlation-id"])
    assert "evil" not in json.dumps(entry)


def test_a_page_that_is_not_there_is_nobodys_call(client, sandbox) -> None:
    client.get("/favicon.ico")
    assert [entry["kind"] for _, entry in entries(sandbox.data_dir)] == ["start"]
