"""A client's keys through rotations, outages and bad answers, with a clock that the test moves."""

from __future__ import annotations

import asyncio
import json
import shutil
import ssl
from dataclasses import dataclass

import pytest
from calls import SERVICE, call
from sites import certificate, shown, site
from starlette.testclient import TestClient
from tokens import BASE, ISSUER, bearer, header, jwks, key

from cds_hooks.app import create_app
from cds_hooks.chart.servers import Reach
from cds_hooks.settings import Settings
from cds_hooks.trust.clients import Client
from cds_hooks.trust.fetch import Fetched, KeysUnreachable, fetch
from cds_hooks.trust.keysets import FetchedKeys, NoKeysYet, freshness

HERE = Reach(loopback_unlisted=True)
needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl to make a certificate")


@dataclass
class Publisher:
    """The client's side: what it publishes now, how slowly, and how often it was asked."""

    published: tuple[str, ...] = ("ES384",)
    cache_control: str = ""
    down: bool = False
    nonsense: bool = False
    slow: float = 0.0
    fetches: int = 0
    now: float = 1000.0

    async def fetch(self) -> Fetched:
        self.fetches += 1
        published, down = self.published, self.down
        await asyncio.sleep(self.slow)
        if down:
            raise KeysUnreachable("down")
        return Fetched(b"<html>" if self.nonsense else json.dumps(jwks(*published)).encode(), self.cache_control)


@pytest.fixture
def publisher() -> Publisher:
    return Publisher()


@pytest.fixture
def keys(publisher) -> FetchedKeys:
    return FetchedKeys(publisher.fetch, lambda: publisher.now)


async def found(keys: FetchedKeys, kid: str = "ES384") -> bool:
    answer = await keys.find(kid, kid.partition("-")[0]) is not None
    await asyncio.sleep(0)
    if keys.flight:
        await keys.flight
    return answer


def test_one_fetch_whoever_waits(publisher, keys) -> None:
    async def story() -> None:
        publisher.slow = 0.01
        assert all(await asyncio.gather(*(found(keys) for _ in range(100))))

    asyncio.run(story())
    assert publisher.fetches == 1


def test_rotation_under_load(publisher, keys) -> None:
    """No valid token is refused, and two fetches are enough."""

    async def story() -> None:
        publisher.slow = 0.01
        assert all(await asyncio.gather(*(found(keys) for _ in range(100))))
        publisher.published = ("ES384-next",)
        assert all(await asyncio.gather(*(found(keys, "ES384-next") for _ in range(400))))

    asyncio.run(story())
    assert publisher.fetches == 2


def test_ten_thousand_unknown_kids(publisher, keys) -> None:
    async def story() -> None:
        assert await found(keys)
        for number in range(10_000):
            assert not await found(keys, f"ES384-{number}")
            publisher.now += 29.9 / 10_000

    asyncio.run(story())
    assert publisher.fetches == 2


def test_an_outage_of_an_hour(publisher, keys) -> None:
    async def story() -> None:
        publisher.cache_control = "max-age=60"
        assert await found(keys)
        publisher.down = True
        for _ in range(3600):
            publisher.now += 1
            assert await found(keys)
        tried = publisher.fetches
        publisher.down = False
        publisher.published = ("ES384-next",)
        publisher.now += 31
        assert await found(keys)
        assert await found(keys, "ES384-next")
        assert not await found(keys)
        assert 100 < tried <= 122

    asyncio.run(story())


def test_a_key_taken_back_is_gone_after_its_time(publisher, keys) -> None:
    async def story() -> None:
        publisher.cache_control = "max-age=120"
        assert await found(keys)
        publisher.published = ("ES384-next",)
        publisher.now += 90
        assert await found(keys)
        publisher.now += 31
        assert not await found(keys)

    asyncio.run(story())
    assert publisher.fetches == 2


def test_renewed_ahead_without_waiting(publisher, keys) -> None:
    async def story() -> None:
        assert await found(keys)
        publisher.now += 0.81 * 600
        publisher.slow = 0.05
        assert await asyncio.wait_for(keys.find("ES384", "ES384"), 0.02)
        await keys.flight

    asyncio.run(story())
    assert publisher.fetches == 2


def test_nothing_ever_fetched(publisher, keys) -> None:
    async def story() -> None:
        publisher.down = True
        for _ in range(100):
            with pytest.raises(NoKeysYet):
                await keys.find("ES384", "ES384")
        assert publisher.fetches == 1
        publisher.down, publisher.now = False, publisher.now + 2
        assert await found(keys)

    asyncio.run(story())


def test_an_answer_that_is_no_key_set_changes_nothing(publisher, keys) -> None:
    async def story() -> None:
        assert await found(keys)
        publisher.nonsense = True
        publisher.now += 700
        assert await found(keys)

    asyncio.run(story())


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("", 600),
        ("max-age=300", 300),
        ("public, max-age=5", 60),
        ("max-age=9999999", 86_400),
        ("no-store", 60),
        ("no-cache, max-age=900", 60),
        ("s-maxage=900", 600),
        ("max-age=x", 600),
    ],
)
def test_freshness(said, seconds) -> None:
    assert freshness(said) == seconds


def test_fetched_over_the_wire() -> None:
    with site() as told:
        told.headers["Cache-Control"] = "max-age=77"
        answer = asyncio.run(fetch(told.url, HERE))
    assert (json.loads(answer.body), answer.cache_control, told.asked) == (jwks(), "max-age=77", ["/jwks.json?v=1"])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"status": 404}, "answered 404"),
        ({"status": 302, "headers": {"Location": "http://127.0.0.1:1/"}}, "answered 302"),
        ({"status": 500}, "answered 500"),
        ({"body": b"x" * 70_000}, "larger than 65536 bytes"),
    ],
)
def test_answers_that_bring_nothing(change, words) -> None:
    with site() as told:
        for name, value in change.items():
            setattr(told, name, value)
        with pytest.raises(KeysUnreachable, match=words):
            asyncio.run(fetch(told.url, HERE))


@pytest.mark.parametrize(("name", "trusted", "brings"), [("ehr.example", True, True), ("other.example", True, False), ("ehr.example", False, False)])
@needs_openssl
def test_only_a_trusted_certificate_for_the_name_is_accepted(tmp_path, monkeypatch, name, trusted, brings) -> None:
    """Though the connection goes to an address that was looked up before."""
    made, key_file = certificate(tmp_path, name)

    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    if trusted:
        monkeypatch.setattr("cds_hooks.trust.fetch.certificates", lambda: ssl.create_default_context(cafile=str(made)))
    with site(shown(made, key_file)) as told:
        url = told.url.replace("127.0.0.1", "ehr.example")
        if brings:
            assert json.loads(asyncio.run(fetch(url, HERE, resolve)).body) == jwks()
        else:
            with pytest.raises(KeysUnreachable, match="no connection"):
                asyncio.run(fetch(url, HERE, resolve))
            assert told.asked == []


@pytest.mark.parametrize("trusted", [True, False])
@needs_openssl
def test_production_with_keys_over_tls(tmp_path, monkeypatch, trusted) -> None:
    made, key_file = certificate(tmp_path, "127.0.0.1")
    if trusted:
        monkeypatch.setattr("cds_hooks.trust.fetch.certificates", lambda: ssl.create_default_context(cafile=str(made)))
    with site(shown(made, key_file)) as told:
        client = Client(name="hospital", issuer=ISSUER, jwks_url=told.url, allow_private_network=True)
        chosen = Settings(profile="production", data_dir=tmp_path / "data", public_base_url=BASE, clients=(client,))
        with TestClient(create_app(chosen), base_url="https://cds.example") as service:
            assert service.post(SERVICE, json=call(), headers=bearer()).status_code == (200 if trusted else 503)
            assert len(told.asked) == trusted


def test_the_next_address_of_the_name_is_tried_where_nobody_listens() -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.2", "127.0.0.1"]

    with site() as told:
        assert json.loads(asyncio.run(fetch(told.url.replace("127.0.0.1", "ehr.example"), HERE, resolve)).body) == jwks()


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "64:ff9b::7f00:1", "::ffff:127.0.0.1"])
def test_addresses_that_are_never_contacted(address) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return ["93.184.216.34", address]

    with pytest.raises(KeysUnreachable, match="not one that may be contacted"):
        asyncio.run(fetch("https://ehr.example/jwks.json", Reach(), resolve))


def test_a_service_that_rotates_and_goes_down(tmp_path) -> None:
    """Over the wire: 503 before the first fetch, then rotation, then an outage of an hour."""
    passed = [0.0]
    with site() as told:
        client = Client(name="hospital", issuer=ISSUER, jwks_url=told.url)
        chosen = Settings(data_dir=tmp_path, public_base_url=BASE, clients=(client,))
        with TestClient(create_app(chosen, seconds=lambda: passed[0]), base_url="http://127.0.0.1:8000") as service:

            def status(name: str = "ES384") -> int:
                return service.post(SERVICE, json=call(), headers=bearer(head=header(kid=name), by=key(name))).status_code

            told.status = 500
            answer = service.post(SERVICE, json=call(), headers=bearer())
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
            told.status, passed[0] = 200, 5.0
            assert (status(), status("ES384-next"), len(told.asked)) == (200, 401, 3)
            told.body, passed[0] = json.dumps(jwks("ES384", "ES384-next")).encode(), 40.0
            assert (status("ES384-next"), status(), len(told.asked)) == (200, 200, 4)
            told.status, passed[0] = 503, 3700.0
            assert (status(), status("ES384-next"), status("ES384-evil")) == (200, 200, 401)
