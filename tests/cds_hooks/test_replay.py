"""A token is good once: in one process, in several at the same moment, and after the store was tidied up."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest
from calls import SERVICE, call
from commands import run
from keeping import entries
from serving import free_port, serving
from tokens import ISSUER, bearer, claims, production_options

from cds_hooks.trust.clients import Client
from cds_hooks.trust.replay import FILE, SqliteReplays
from cds_hooks.trust.verify import Caller

CLIENT = Client(name="hospital", issuer=ISSUER, jwks_file="x")
NOW = 1_800_000_000


def used(folder: Path, *callers: Caller, at: int = NOW) -> list[bool]:
    async def story() -> list[bool]:
        store = SqliteReplays(folder, lambda: datetime.fromtimestamp(at, UTC))
        try:
            return [await store.is_first_use(each) for each in callers]
        finally:
            await store.close()

    return asyncio.run(story())


def test_once(tmp_path) -> None:
    other = Client(name="other", issuer="https://other.example", jwks_file="x")
    one, two, theirs = (Caller(CLIENT, "one", NOW + 300), Caller(CLIENT, "two", NOW + 300), Caller(other, "one", NOW + 300))
    assert used(tmp_path, one, two, theirs, one, theirs) == [True, True, True, False, False]
    assert used(tmp_path, one, two) == [False, False]


def test_issuer_and_jti_do_not_run_together(tmp_path) -> None:
    one, two = (Caller(CLIENT.model_copy(update={"issuer": issuer}), jti, NOW + 300) for issuer, jti in (("ab", "c"), ("a", "bc")))
    assert used(tmp_path, one, two) == [True, True]


def test_what_has_expired_is_forgotten_and_nothing_else(tmp_path) -> None:
    used(tmp_path, Caller(CLIENT, "old", NOW), Caller(CLIENT, "young", NOW + 3600))
    assert used(tmp_path, Caller(CLIENT, "young", NOW + 3600), at=NOW + 601) == [False]
    with closing(sqlite3.connect(tmp_path / FILE)) as store:
        assert store.execute("SELECT count(*) FROM jti").fetchone() == (1,)
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


def test_a_locked_store_is_given_up_by_all_who_wait(tmp_path, monkeypatch) -> None:
    """Not by one after the other: a hundred calls would be held for minutes, and answered long after anybody looked."""
    monkeypatch.setattr("cds_hooks.trust.replay.WAIT_SECONDS", 0.3)
    used(tmp_path, Caller(CLIENT, "one", NOW + 300))

    async def story() -> list[object]:
        store = SqliteReplays(tmp_path, lambda: datetime.fromtimestamp(NOW, UTC))
        try:
            return await asyncio.gather(*(store.is_first_use(Caller(CLIENT, str(each), NOW + 300)) for each in range(30)), return_exceptions=True)
        finally:
            await store.close()

    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        begun = time.monotonic()
        answers = asyncio.run(story())
        took = time.monotonic() - begun
    assert {getattr(each, "code", each) for each in answers} == {"replay-store-unavailable"}
    assert took < 3
    assert used(tmp_path, Caller(CLIENT, "7", NOW + 300)) == [True]


def test_a_store_that_cannot_be_used_stops_the_start(tmp_path) -> None:
    """Otherwise it would say that it is ready, and refuse every call."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / FILE).write_bytes(b"no database" * 500)
    answer = run("serve", "--data-dir", str(tmp_path / "data"), *production_options(tmp_path, 1))
    assert answer.returncode == 2
    assert answer.stderr.startswith("The record of used tokens in ")
    assert answer.stderr.count("\n") == 1


@pytest.mark.parametrize(("uses", "workers"), [(200, 2), pytest.param(1000, 4, marks=pytest.mark.heavy)])
def test_a_thousand_uses_at_once_on_four_workers(tmp_path, uses, workers) -> None:
    port = free_port()
    headers = bearer(claims(aud=f"http://127.0.0.1:{port}{SERVICE}"))

    async def story(base: str) -> Counter[int]:
        limits = httpx2.Limits(max_connections=200)
        async with httpx2.AsyncClient(limits=limits, timeout=60, trust_env=False) as client:
            answers = await asyncio.gather(*(client.post(f"{base}{SERVICE}", json=call(), headers=headers) for _ in range(uses)))
        return Counter(each.status_code for each in answers)

    with serving(tmp_path, *production_options(tmp_path, port), "--workers", str(workers), port=port) as running:
        statuses = asyncio.run(story(running.base))
        assert f"Tokens must be meant for {running.base}{SERVICE}" in running.output.read_text()
    assert statuses[200] == 1
    assert set(statuses) <= {200, 401, 503}
    assert statuses[401] >= uses / 4
    told = [entry for _, entry in entries(running.data_dir) if entry["kind"] != "start"]
    assert sum(entry["kind"] == "call" for entry in told) == 1
    assert sum(entry.get("count", 1) for entry in told) == uses
    assert headers["authorization"] not in json.dumps(told)


def test_production_on_an_open_address_needs_its_public_name(tmp_path) -> None:
    options = production_options(tmp_path, 1)
    config = tmp_path / "service.toml"
    config.write_text(config.read_text().partition("\n")[2])
    answer = run("serve", "--host", "0.0.0.0", "--data-dir", str(tmp_path / "data"), *options)
    assert answer.returncode == 2
    assert answer.stderr == "The production profile needs a public_base_url: it is what the audience of every token is compared with.\n"
