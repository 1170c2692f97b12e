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
from threading import Barrier, Thread

import httpx2
import pytest
from calls import SERVICE, call
from commands import run
from keeping import entries
from serving import free_port, serving
from sqlalchemy import select
from stores import Store
from tokens import ISSUER, bearer, claims, production_options

from cds_hooks.audit.tables import used_tokens
from cds_hooks.errors import Refusal
from cds_hooks.trust.clients import Client
from cds_hooks.trust.replay import FILE, Replays, SqliteReplays, prepare
from cds_hooks.trust.shared_replay import SharedReplays
from cds_hooks.trust.verify import Caller

CLIENT = Client(name="hospital", issuer=ISSUER, jwks_file="x")
NOW = 1_800_000_000


def replays(store: Store, at: int = NOW) -> Replays:
    """As the service has them: a file of their own, or a table where hosts share a database."""
    now = lambda: datetime.fromtimestamp(at, UTC)  # noqa: E731
    return SharedReplays(store.database, now) if store.settings.shares_its_store() else SqliteReplays(store.data_dir, now)


def used(store: Store, *callers: Caller, at: int = NOW) -> list[bool]:
    async def story() -> list[bool]:
        keeping = replays(store, at)
        try:
            return [await keeping.is_first_use(each) for each in callers]
        finally:
            await keeping.close()

    return asyncio.run(story())


def kept(store: Store) -> int:
    if store.settings.shares_its_store():
        with store.database.reading() as connection:
            return len(connection.execute(select(used_tokens)).all())
    with closing(sqlite3.connect(store.data_dir / FILE)) as file:
        return int(file.execute("SELECT count(*) FROM jti").fetchone()[0])


def test_once(store) -> None:
    other = Client(name="other", issuer="https://other.example", jwks_file="x")
    one, two, theirs = (Caller(CLIENT, "one", NOW + 300), Caller(CLIENT, "two", NOW + 300), Caller(other, "one", NOW + 300))
    assert used(store, one, two, theirs, one, theirs) == [True, True, True, False, False]
    assert used(store, one, two) == [False, False]


def test_issuer_and_jti_do_not_run_together(store) -> None:
    one, two = (Caller(CLIENT.model_copy(update={"issuer": issuer}), jti, NOW + 300) for issuer, jti in (("ab", "c"), ("a", "bc")))
    assert used(store, one, two) == [True, True]


def test_what_has_expired_is_forgotten_and_nothing_else(store) -> None:
    used(store, Caller(CLIENT, "old", NOW), Caller(CLIENT, "young", NOW + 3600))
    assert used(store, Caller(CLIENT, "young", NOW + 3600), at=NOW + 601) == [False]
    assert kept(store) == 1
    if not store.settings.shares_its_store():
        assert (store.data_dir / FILE).stat().st_mode & 0o777 == 0o600


def test_many_at_once_from_two_workers_are_each_taken_once(store) -> None:
    """Every token twice at one worker and twice at the other."""
    callers = [Caller(CLIENT, str(number), NOW + 300) for number in range(60)]

    async def story() -> list[bool]:
        first, second = replays(store), replays(store)
        try:
            return await asyncio.gather(*(each.is_first_use(caller) for each in (first, second, first, second) for caller in callers))
        finally:
            await first.close()
            await second.close()

    answers = asyncio.run(story())
    assert [sum(answers[number :: len(callers)]) for number in range(len(callers))] == [1] * len(callers)


def test_workers_that_open_a_new_file_at_the_same_moment_wait_for_one_another(tmp_path) -> None:
    """SQLite refuses one of two that switch on the write-ahead log, without waiting."""
    refused: list[Exception] = []

    def opened(path: Path, together: Barrier) -> None:
        together.wait(30)
        try:
            prepare(path)
        except sqlite3.Error as wrong:
            refused.append(wrong)

    for number in range(60):
        together = Barrier(2)
        workers = [Thread(target=opened, args=(tmp_path / str(number), together)) for _ in range(2)]
        for each in workers:
            each.start()
        for each in workers:
            each.join()
    assert not refused


def test_a_database_that_goes_away_is_said_and_found_again(own_postgresql, tmp_path) -> None:
    with closing(Store(own_postgresql.new_database(), tmp_path)) as store:
        keeping = replays(store)

        async def story() -> None:
            assert await keeping.is_first_use(Caller(CLIENT, "one", NOW + 300))
            own_postgresql.stop("immediate")
            with pytest.raises(Refusal, match="replay-store-unavailable"):
                await keeping.is_first_use(Caller(CLIENT, "two", NOW + 300))
            own_postgresql.start()
            again = [await keeping.is_first_use(Caller(CLIENT, each, NOW + 300)) for each in ("one", "two")]
            assert again == [False, True]
            await keeping.close()

        asyncio.run(story())


def test_a_locked_store_is_given_up_by_all_who_wait(tmp_path, monkeypatch) -> None:
    """Not by one after the other: a hundred calls would be held for minutes, and answered long after anybody looked."""
    monkeypatch.setattr("cds_hooks.trust.replay.WAIT_SECONDS", 0.3)
    used(Store(None, tmp_path), Caller(CLIENT, "one", NOW + 300))

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
    assert used(Store(None, tmp_path), Caller(CLIENT, "7", NOW + 300)) == [True]


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
