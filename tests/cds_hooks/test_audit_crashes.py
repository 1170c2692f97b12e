"""The service, or the database server under it, dies in the middle of its work: what was acknowledged is there, and the chain is whole."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from random import Random

import pytest
from calls import SERVICE, call
from charts import Chart, problem
from forking import forge
from starlette.testclient import TestClient
from stores import Server, Store, an_entry, unbroken

from cds_hooks.app import create_app
from cds_hooks.audit import writer

CALL = json.dumps(call(Chart((problem("leg cramps", 5), problem("urinary incontinence", 2)))))
CLIENTS = 6


@contextmanager
def at_once(count: int, work: Callable[[], None]) -> Iterator[None]:
    """So many threads at work while the block lasts; the end of the block makes their work end."""
    threads = [threading.Thread(target=work) for _ in range(count)]
    for each in threads:
        each.start()
    yield
    for each in threads:
        each.join(timeout=60)
        assert not each.is_alive()


def calling(base: str, answered: list[str]) -> None:
    """Calls, one after another, until nobody answers any more; keeps the correlation id of each answer."""
    with closing(HTTPConnection(base.removeprefix("http://"), timeout=30)) as connection:
        while True:
            try:
                connection.request("POST", SERVICE, CALL, {"Content-Type": "application/json"})
                answer = connection.getresponse()
                answer.read()
            except (OSError, HTTPException):
                return
            assert answer.status == 200
            answered.append(answer.headers["x-correlation-id"])


@pytest.mark.parametrize("kills", [5, pytest.param(200, marks=pytest.mark.heavy)])
def test_nothing_answered_is_lost_when_the_service_is_killed(tmp_path, kills, seed, tell) -> None:
    chance, store, checked, answered = Random(seed), Store(None, tmp_path / "data"), 0, 0
    with forge(tmp_path) as services:
        for _ in range(kills):
            running, told, least = services.start("--workers", "2"), [], chance.randint(1, 80)
            with at_once(CLIENTS, lambda base=running.base, told=told: calling(base, told)):
                wait_until(lambda told=told, least=least: len(told) >= least)
                running.kill()
            rows = [row for row in store.rows() if row.sequence > checked]
            assert set(told) <= {row.correlation_id for row in rows}
            checked, answered = rows[-1].sequence, answered + len(told)
    assert store.verified().problem is None
    assert unbroken(store.rows())
    store.close()
    tell(f"{kills} times kill -9: {answered} answers, {checked} entries, none lost")


class Appending:
    """One writer like that of a worker; goes on through failures, and keeps what was acknowledged."""

    def __init__(self, store: Store, number: int) -> None:
        self.writer, self.number, self.stop = store.writer(), number, False
        self.acknowledged: list[tuple[str, int]] = []
        self.failures = 0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        handed_over = 0
        while not self.stop:
            names = [f"{self.number}-{handed_over + each}" for each in range(8)]
            handed_over += len(names)
            for name, done in [(name, self.writer.write(an_entry(name, words="x" * 1000))) for name in names]:
                if done.exception(timeout=60) is None:
                    self.acknowledged.append((f"c{name}", done.result()))
                else:
                    self.failures += 1

    def end(self) -> None:
        self.stop = True
        self._thread.join(timeout=60)
        self.writer.close()


@pytest.mark.parametrize("stops", [2, pytest.param(20, marks=pytest.mark.heavy)])
def test_nothing_acknowledged_is_lost_when_postgresql_stops_at_once(own_postgresql: Server, tmp_path: Path, stops, seed, tell) -> None:
    chance, store = Random(seed), Store(own_postgresql.new_database(), tmp_path)
    writers = [Appending(store, number) for number in range(3)]
    known = 0
    for _ in range(stops):
        wait_for_more(writers)
        time.sleep(chance.uniform(0.1, 1))
        own_postgresql.stop("immediate")
        acknowledged = {entry for each in writers for entry in each.acknowledged}
        own_postgresql.start()
        there = {(row.correlation_id, row.sequence) for row in store.rows()}
        assert acknowledged <= there
        known = len(acknowledged)
    wait_for_more(writers)
    for each in writers:
        each.end()
    report = store.verified()
    assert (report.problem, report.entries) == (None, report.last)
    tell(f"{stops} times pg_ctl stop -m immediate: {known} acknowledged, {sum(each.failures for each in writers)} refused, none lost")
    store.close()


def test_while_postgresql_is_away_no_card_is_shown(own_postgresql: Server, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(writer, "RETRY_SECONDS", 0.1)
    store = Store(own_postgresql.new_database(), tmp_path)
    with TestClient(create_app(store.settings), base_url="http://127.0.0.1:8000") as client:
        assert post(client) == 200
        own_postgresql.stop("immediate")
        assert post(client) == 503
        assert client.get("/readyz").status_code == 503
        own_postgresql.start()
        wait_until(lambda: client.get("/readyz").status_code == 200)
        assert post(client) == 200
    assert [row.kind for row in store.rows()] == ["start", "call", "call"]
    store.close()


def post(client: TestClient) -> int:
    return client.post(SERVICE, content=CALL, headers={"Content-Type": "application/json"}).status_code


def wait_for_more(writers: list[Appending]) -> None:
    """Until each of them has been served again."""
    before = [len(each.acknowledged) for each in writers]
    wait_until(lambda: all(len(each.acknowledged) > count for each, count in zip(writers, before, strict=True)))


def wait_until(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.01)
