"""The audit log on both stores: order, chain, checkpoints, what happens when the store fails, and many processes at once."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import closing, contextmanager

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from appending import appended, figures
from calls import SERVICE, call
from charts import Chart, problem
from commands import run_here
from serving import free_port
from sqlalchemy import Connection, text
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient
from stores import Store, an_entry, unbroken

from cds_hooks.app import create_app, utc_now
from cds_hooks.audit import database, log, writer
from cds_hooks.audit import store as audit_store
from cds_hooks.audit.database import CHAIN_LOCK, FILE, UnsafeStore
from cds_hooks.audit.tables import metadata
from cds_hooks.audit.verify import Problem
from cds_hooks.audit.writer import CHECKPOINT_FILE
from cds_hooks.audit.writing import Writing
from cds_hooks.errors import Refusal

RED_FLAG = Chart((problem("leg cramps", 5), problem("urinary incontinence", 2)))


def write(store: Store, count: int) -> list[int]:
    """So many entries by one writer that is closed afterwards; the sequences it told, in the order handed over."""
    writing = store.writer()
    told = [writing.write(an_entry(number)) for number in range(count)]
    sequences = [each.result(timeout=30) for each in told]
    writing.close()
    return sequences


def soon(what: Callable[[], object], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not what():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_entries_lie_in_the_order_in_which_they_were_handed_over(store) -> None:
    assert write(store, 60) == list(range(1, 61))
    assert write(store, 3) == [61, 62, 63]
    rows = store.rows()
    assert unbroken(rows)
    assert [row.correlation_id for row in rows] == [*(f"c{number}" for number in range(60)), "c0", "c1", "c2"]


def test_the_columns_repeat_what_the_bytes_say(store) -> None:
    write(store, 3)
    for row in store.rows():
        said = json.loads(row.entry)
        assert (row.sequence, row.recorded, row.kind, row.correlation_id) == (said["sequence"], said["recorded"], said["kind"], said["correlationId"])


def test_a_checkpoint_every_thousand_entries_and_at_the_end(store) -> None:
    assert (writer.CHECKPOINT_ENTRIES, writer.CHECKPOINT_SECONDS) == (1000, 60)
    writing = store.writer()
    for number in range(1000):
        last = writing.write(an_entry(number))
    last.result(timeout=30)
    assert soon(lambda: [row.sequence for row in store.rows("checkpoints")] == [1000])
    writing.write(an_entry("last")).result(timeout=30)
    writing.close()
    assert [row.sequence for row in store.rows("checkpoints")] == [1000, 1001]
    report = store.verified()
    assert (report.problem, report.entries, report.checkpoints, report.signed_through) == (None, 1001, 2, 1001)


def test_a_checkpoint_after_some_time_without_any_more_entries(store, monkeypatch) -> None:
    monkeypatch.setattr(writer, "CHECKPOINT_SECONDS", 0.2)
    writing = store.writer()
    writing.write(an_entry(1)).result(timeout=30)
    assert soon(lambda: store.rows("checkpoints"))
    assert [row.sequence for row in store.rows("checkpoints")] == [1]
    writing.close()
    assert len((store.data_dir / CHECKPOINT_FILE).read_text().splitlines()) == 1


def test_a_torn_line_of_the_checkpoint_file_spoils_no_other(store) -> None:
    write(store, 1)
    file = store.data_dir / CHECKPOINT_FILE
    file.write_text(file.read_text()[:50])
    write(store, 1)
    assert len(file.read_text().splitlines()) == 2
    assert store.verified().problem is None
    store.run("DELETE FROM checkpoints WHERE sequence = 2")
    assert store.verified().problem == Problem(2, "its checkpoint was removed from the database")


def test_a_service_that_verifies_its_own_log_keeps_its_locks_on_it(tmp_path) -> None:
    """Opening the file of a SQLite database other than by SQLite ends all locks of the process; the next to leave then takes the log along."""
    somebody = [sys.executable, "-c", "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute('SELECT count(*) FROM entries').fetchone()[0])"]
    with closing(Store(None, tmp_path)) as store:
        writing = store.writer()
        for number in range(3):
            writing.write(an_entry(number)).result(timeout=30)
            assert store.verified().entries == number + 1
            seen = subprocess.run([*somebody, str(tmp_path / FILE)], check=True, capture_output=True, text=True).stdout
            assert int(seen) == number + 1
        writing.close()


@contextmanager
def service(store: Store) -> Iterator[TestClient]:
    with TestClient(create_app(store.settings), base_url="http://127.0.0.1:8000") as client:
        yield client


def test_a_store_that_fails_gives_no_card_and_comes_back_by_itself(store, monkeypatch) -> None:
    monkeypatch.setattr(writer, "RETRY_SECONDS", 0.1)
    with service(store) as client:
        assert client.get("/readyz").status_code == 200
        with store.broken():
            answer = client.post(SERVICE, json=call(RED_FLAG))
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
            assert answer.json()["issue"][0]["details"]["coding"][0]["code"] == "audit-unavailable"
            assert "card" not in answer.text
            refused = client.get("/readyz")
            assert (refused.status_code, refused.json()["issue"][0]["details"]["coding"][0]["code"]) == (503, "audit-unavailable")
            assert client.get("/livez").status_code == 200
        assert soon(lambda: client.get("/readyz").status_code == 200)
        answer = client.post(SERVICE, json=call(RED_FLAG))
        assert answer.json()["cards"]
    assert [row.correlation_id for row in store.rows() if row.kind == "call"] == [answer.headers["x-correlation-id"]]
    assert unbroken(store.rows())


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_writer_that_broke_is_not_ready_and_hangs_nobody(store) -> None:
    writing = store.writer()

    def breaks(*_: object) -> None:
        raise ZeroDivisionError

    entry = an_entry(1)
    broken = writing.write(type(entry)(entry.recorded, entry.kind, entry.correlation_id, entry.body, (breaks,)))
    with pytest.raises(OSError, match="could not be written"):
        broken.result(timeout=30)
    assert soon(lambda: writing.failing, seconds=5)
    with pytest.raises(OSError, match="closed"):
        writing.write(an_entry(2)).result(timeout=30)


@contextmanager
def held(store: Store) -> Iterator[None]:
    """Somebody else holds the end of the chain until the block ends."""
    with store.database.engine.connect() as connection:
        if store.url:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": CHAIN_LOCK})
            yield
        else:
            with closing(sqlite3.connect(store.data_dir / FILE)) as other:
                other.execute("BEGIN IMMEDIATE")
                yield


async def after(seconds: float, what: Coroutine[None, None, int]) -> int:
    await asyncio.sleep(seconds)
    return await what


def test_while_the_store_is_held_all_who_wait_are_told_together(store, monkeypatch) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 1)
    monkeypatch.setattr(log, "PATIENCE_SECONDS", 1.5)
    write(store, 1)

    logs = [store.log() for _ in range(3)]

    async def story() -> tuple[list[object], float]:
        began = time.monotonic()
        early = [each.append(json.loads(an_entry(0).body)) for each in logs]
        late = [after(0.3, each.append(json.loads(an_entry(number).body))) for number in range(20) for each in logs]
        answers = await asyncio.gather(*early, *late, return_exceptions=True)
        return answers, time.monotonic() - began

    with held(store):
        answers, took = asyncio.run(story())
    assert {type(each) for each in answers} == {Refusal}
    assert took < 2.3
    for each in logs:
        asyncio.run(each.close())
    write(store, 1)
    assert unbroken(store.rows())


def test_what_was_given_up_is_not_written_later(store, monkeypatch) -> None:
    """The caller was told that it failed and asks again: no entry may say that the first answer was sent."""
    with service(store) as client:
        monkeypatch.setattr(log, "PATIENCE_SECONDS", 0.3)
        with held(store):
            assert client.post(SERVICE, json=call(RED_FLAG)).status_code == 503
    assert "call" not in [each.kind for each in store.rows()]
    assert unbroken(store.rows())


def test_what_was_on_its_way_when_it_was_given_up_is_told_as_not_sent(store, monkeypatch) -> None:
    """And its card can neither be answered nor keep the next one quiet."""
    append, slow = writer.append, iter([1.5])

    def slowly(connection: Connection, batch: Sequence[Writing], known: writer.Known = writer.NOTHING) -> writer.Known:
        last = append(connection, batch, known)
        time.sleep(next(slow, 0) if batch and batch[0].kind == "call" else 0)
        return last

    monkeypatch.setattr(writer, "append", slowly)
    with service(store) as client:
        monkeypatch.setattr(log, "PATIENCE_SECONDS", 0.5)
        assert client.post(SERVICE, json=call(RED_FLAG)).status_code == 503
        monkeypatch.undo()
        assert soon(lambda: "unsent" in [each.kind for each in store.rows()])
        named, told = (next(json.loads(each.entry) for each in store.rows() if each.kind == kind) for kind in ("call", "unsent"))
        assert (told["of"], told["correlationId"], told["patient"]) == (named["sequence"], named["correlationId"], named["patient"])
        client.post(f"{SERVICE}/feedback", json={"feedback": [{"card": named["cards"][0]["uuid"], "outcome": "accepted"}]})
        assert not json.loads(store.rows()[-1].entry)["feedback"][0]["known"]
        page = client.get(f"/audit/entries/{named['sequence']}").text
        assert f'The caller was told that the call failed: <a href="/audit/entries/{told["sequence"]}"' in page
    assert unbroken(store.rows())


def test_a_commit_that_was_made_and_not_heard_of_is_told_as_not_sent(store, monkeypatch) -> None:
    """As when a server goes down between its disk and its answer."""
    with service(store) as client:
        commit, lost = DefaultDialect.do_commit, iter([True])

        def unheard(dialect, connection) -> None:
            commit(dialect, connection)
            if next(lost, False):
                raise OperationalError("COMMIT", {}, Exception("the connection was lost"))

        monkeypatch.setattr(DefaultDialect, "do_commit", unheard)
        assert client.post(SERVICE, json=call(RED_FLAG)).status_code == 503
        assert next(lost, None) is None
        assert client.post(SERVICE, json=call(RED_FLAG)).status_code == 200
        first, told, second = (json.loads(each.entry) for each in store.rows()[-3:])
        assert [first["kind"], told["kind"], second["kind"]] == ["call", "unsent", "call"]
        assert (told["of"], told["correlationId"]) == (first["sequence"], first["correlationId"])
        answered = [{"card": each["cards"][0]["uuid"], "outcome": "accepted"} for each in (first, second)]
        client.post(f"{SERVICE}/feedback", json={"feedback": answered})
        assert [each["known"] for each in json.loads(store.rows()[-1].entry)["feedback"]] == [False, True]
    assert unbroken(store.rows())


def test_that_an_answer_was_not_sent_is_told_as_soon_as_the_store_takes_it(store, monkeypatch) -> None:
    append, fails, slow = writer.append, iter([True]), iter([1.0])

    def slowly(connection: Connection, batch: Sequence[Writing], known: writer.Known = writer.NOTHING) -> writer.Known:
        if batch and batch[0].kind == "unsent" and next(fails, False):
            raise OSError
        last = append(connection, batch, known)
        time.sleep(next(slow, 0) if batch and batch[0].kind == "call" else 0)
        return last

    monkeypatch.setattr(writer, "append", slowly)
    monkeypatch.setattr(writer, "RETRY_SECONDS", 0.1)
    with service(store) as client:
        monkeypatch.setattr(log, "PATIENCE_SECONDS", 0.3)
        assert client.post(SERVICE, json=call(RED_FLAG)).status_code == 503
        assert soon(lambda: "unsent" in [each.kind for each in store.rows()])
    assert unbroken(store.rows())


DROPPED = {
    "sqlite": "CREATE TRIGGER other BEFORE INSERT ON entries BEGIN SELECT RAISE(IGNORE); END",
    "postgresql": "CREATE RULE other AS ON INSERT TO entries DO INSTEAD NOTHING",
}
REMOVED = {
    "sqlite": "CREATE TRIGGER other AFTER INSERT ON entries BEGIN DELETE FROM entries WHERE sequence = NEW.sequence; END",
    "postgresql": "CREATE RULE other AS ON INSERT TO entries DO ALSO DELETE FROM entries WHERE kind = 'call'",
}


@pytest.mark.parametrize(("by", "before_it_is_noticed"), [(DROPPED, 0), (REMOVED, 1)], ids=["dropped", "removed"])
def test_a_database_that_drops_entries_lets_no_answer_out(store, by, before_it_is_noticed, refused) -> None:
    """One that removes what it took is noticed at the next call, and from then on there is no answer."""
    with service(store) as client:
        before = len(store.rows())
        with store.database.engine.begin() as connection:
            connection.exec_driver_sql(by["postgresql" if store.url else "sqlite"])
        answers = [client.post(SERVICE, json=call(RED_FLAG)).status_code for _ in range(4)]
        assert answers == [200] * before_it_is_noticed + [503] * (4 - before_it_is_noticed)
        assert client.get("/readyz").status_code == 503
        assert len(store.rows()) == before
    assert "could change or drop entries" in refused()


VICTIM = {
    "sqlite": ("CREATE TRIGGER other AFTER INSERT ON entries WHEN NEW.correlation_id = 'c2' BEGIN DELETE FROM entries WHERE sequence = NEW.sequence; END",),
    "postgresql": (
        "CREATE FUNCTION gone() RETURNS trigger AS 'BEGIN DELETE FROM entries WHERE sequence = NEW.sequence; RETURN NULL; END' LANGUAGE plpgsql",
        "CREATE TRIGGER other AFTER INSERT ON entries FOR EACH ROW WHEN (NEW.correlation_id = 'c2') EXECUTE FUNCTION gone()",
    ),
}


def test_a_removed_entry_is_noticed_by_whoever_wrote_it_also_where_anothers_took_its_place(store) -> None:
    one, other = store.writer(), store.writer()
    try:
        assert [each.write(an_entry(number)).result(30) for number, each in enumerate((one, other))] == [1, 2]
        store.run(*VICTIM["postgresql" if store.url else "sqlite"])
        assert one.write(an_entry(2)).result(30) == 3
        assert other.write(an_entry(3)).result(30) == 3
        assert isinstance(one.write(an_entry(4)).exception(30), OSError)
        assert one.failing
    finally:
        one.close()
        other.close()


@pytest.mark.parametrize(
    "statements",
    [
        ("ALTER TABLE entries RENAME TO others", "CREATE VIEW entries AS SELECT * FROM others WHERE kind <> 'feedback'"),
        ("ALTER TABLE entries ENABLE ROW LEVEL SECURITY",),
    ],
    ids=["view", "row policies"],
)
def test_a_postgresql_that_may_hide_entries_is_refused(postgresql, tmp_path, statements) -> None:
    with closing(Store(postgresql.new_database(), tmp_path)) as store:
        write(store, 1)
        store.run(*statements)
        with pytest.raises(UnsafeStore, match="could change or drop entries"):
            audit_store.prepare(store.settings, utc_now)


@pytest.mark.parametrize(("version", "words"), [("0000", "a version that nobody knows"), ("9999", "a newer version of this service")])
def test_a_store_of_another_version_is_refused_in_one_sentence(store, version, words, refused) -> None:
    write(store, 1)
    store.run(f"UPDATE alembic_version SET version_num = '{version}'")
    assert words in refused()
    assert write_fails(store)


def test_somebody_elses_tables_are_left_alone(store, refused) -> None:
    store.run("CREATE TABLE entries (what TEXT)")
    assert "The audit store is not of this version." in refused()
    assert write_fails(store)


@pytest.fixture
def refused(store, monkeypatch) -> Callable[[], str]:
    """The one line that `serve` says, which must end with exit code 2 before anything is served."""
    monkeypatch.setattr("uvicorn.run", lambda *_, **__: pytest.fail("it serves"))
    settings = {"PNCDS_DATA_DIR": str(store.data_dir), "PNCDS_PUBLIC_BASE_URL": "http://127.0.0.1", **({"PNCDS_DATABASE_URL": store.url} if store.url else {})}

    def said() -> str:
        told = run_here("serve", "--port", str(free_port()), **settings)
        assert (told.exit_code, told.stdout) == (2, "")
        assert told.stderr.count("\n") == 1
        return told.stderr

    return said


def write_fails(store: Store) -> bool:
    writing = store.writer()
    failed = writing.write(an_entry(1)).exception(timeout=30)
    writing.close()
    return isinstance(failed, OSError)


def test_a_postgresql_that_may_lose_what_it_kept_is_refused(postgresql, tmp_path) -> None:
    with closing(Store(postgresql.new_database(), tmp_path)) as store:
        try:
            postgresql.set("fsync", "off")
            with pytest.raises(UnsafeStore, match="fsync off"):
                store.database.ready()
        finally:
            postgresql.set("fsync", "on")
        store.database.ready().close()


def test_the_migrations_make_the_tables_that_the_code_knows(store) -> None:
    write(store, 1)
    with store.database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata) == []


def test_only_the_owner_can_read_what_the_log_holds(sandbox) -> None:
    old = os.umask(0o022)
    try:
        store = Store(None, sandbox.data_dir)
        writing = store.writer()
        writing.write(an_entry(1)).result(timeout=30)
        modes = {each.name: each.stat().st_mode & 0o777 for each in sandbox.data_dir.iterdir()}
        writing.close()
    finally:
        os.umask(old)
    assert {f"{FILE}-wal", f"{FILE}-shm"} <= modes.keys()
    assert {mode for name, mode in modes.items() if name.startswith(FILE) or "signing-key" in name} == {0o600}


@pytest.mark.parametrize("seconds", [0.7, pytest.param(60, marks=pytest.mark.heavy)])
def test_processes_that_begin_at_once_make_one_store_and_one_chain(store, seconds, tell) -> None:
    """No gap, no fork, and each worker's entries in the order in which they were acknowledged to it."""
    told = appended(store, workers=4, seconds=seconds)
    rows = store.rows()
    assert unbroken(rows)
    assert store.verified().problem is None
    lying = {row.correlation_id: row.sequence for row in rows}
    assert len(lying) == len(rows) == sum(len(each) for each in told)
    for worker, entries in enumerate(told):
        sequences = [sequence for _, sequence, _ in entries]
        assert sequences == [lying[f"c{worker}-{number}"] for number in range(len(sequences))] == sorted(sequences)
    tell(figures(told, seconds))
