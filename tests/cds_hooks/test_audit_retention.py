"""Old entries leave while calls come in, and the log verifies at every moment; new keys come one at a time."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import insert, select
from stores import Store, an_entry

from cds_hooks.app import utc_now
from cds_hooks.audit import index, retention
from cds_hooks.audit import store as audit_store
from cds_hooks.audit.signing import key_id, raw, signing_key
from cds_hooks.audit.tables import entries, marks
from cds_hooks.settings import Settings

PARTS, EACH = 6, 10


def fill(store: Store) -> None:
    """Some checkpoints, each over a few entries."""
    for part in range(PARTS):
        writer = store.writer()
        for number in range(EACH):
            writer.write(an_entry(f"{part}-{number}", patient="Patient/1"))
        writer.close()
    index.bring_up_to_date(store.database)


def purged(store: Store, told: retention.Told) -> retention.Purge | None:
    signer = audit_store.signer(store.settings, utc_now)
    before = (utc_now() + timedelta(days=1)).isoformat()
    return retention.purge(store.database, signer, store.data_dir, before, utc_now(), "p", told)


@pytest.fixture
def short_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "STRETCH", 2 * EACH)


@pytest.mark.usefixtures("short_stretches")
def test_a_purge_leaves_a_whole_log_at_every_moment_and_lets_others_write(store: Store) -> None:
    fill(store)
    writer, told = store.writer(), []

    def look(done: int, count: int) -> None:
        told.append((done, count, store.verified().whole))
        writer.write(an_entry(f"while {done}")).result(timeout=10)

    found = purged(store, look)
    writer.close()
    assert found
    assert told == [(20, 50, True), (40, 50, True), (50, 50, True), (50, 50, True)]
    assert [row.sequence for row in store.rows()][:2] == [51, 52]
    assert store.verified().whole
    assert index.bring_up_to_date(store.database).complete
    assert index.index_matches(store.database)


@pytest.mark.usefixtures("short_stretches")
def test_a_purge_that_was_interrupted_is_finished_by_the_next(store: Store) -> None:
    fill(store)

    def stop(*_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        purged(store, stop)
    assert (store.rows()[0].sequence, store.verified().whole) == (21, True)
    found = purged(store, lambda *_: None)
    assert found
    assert (found.count, store.verified().whole) == (found.through - 20, True)


def test_more_than_the_purge_told_of_must_not_be_missing(store: Store) -> None:
    fill(store)
    purged(store, lambda *_: None)
    writer = store.writer()
    writer.write(an_entry("later"))
    writer.close()
    last = store.rows("checkpoints")[-2].sequence
    store.run(f"DELETE FROM entries WHERE sequence <= {last}", f"DELETE FROM checkpoints WHERE sequence < {last}")
    report = store.verified()
    assert report.problem
    assert "are missing" in report.problem.what


def test_a_purge_whose_entry_was_cut_off_is_not_blamed_for_it(store: Store) -> None:
    fill(store)
    purged(store, lambda *_: None)
    last = store.rows()[-1].sequence
    store.run(f"DELETE FROM entries WHERE sequence = {last}", f"DELETE FROM checkpoints WHERE sequence = {last}")
    report = store.verified()
    assert report.problem
    assert (report.problem.sequence, f"the entries {last} to {last} are missing" in report.problem.what) == (last, True)


def test_marks_that_no_entry_explains_go_too(store: Store) -> None:
    """Such as those of an entry that somebody changed after it was indexed."""
    fill(store)
    with store.database.engine.begin() as connection:
        connection.execute(insert(marks).values(name="patient", value="Patient/changed", sequence=5))
    purged(store, lambda *_: None)
    with store.database.reading() as connection:
        first = connection.execute(select(entries.c.sequence).order_by(entries.c.sequence)).scalars().first()
        assert connection.execute(select(marks).where(marks.c.sequence < first)).all() == []


def test_of_two_rotations_at_once_each_gives_a_key_that_verifies(tmp_path) -> None:
    store = Store(None, tmp_path)
    fill(store)
    signer, gate, made, failed = audit_store.signer(Settings(data_dir=tmp_path), utc_now), threading.Barrier(4), [], []

    def rotate() -> None:
        gate.wait(timeout=10)
        try:
            made.append(retention.rotate(store.database, signer, tmp_path, utc_now(), "r"))
        except OSError as wrong:
            failed.append(wrong)

    threads = [threading.Thread(target=rotate) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(timeout=30)
    assert (failed, len(set(made))) == ([], 4)
    assert key_id(raw(signing_key(signer.file).public_key())) == made[-1]
    writer = store.writer()
    writer.write(an_entry("later"))
    writer.close()
    assert store.verified().whole
