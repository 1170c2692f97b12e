"""Whoever changes the log is found out, and where: thousands of random tamperings, each of a kind of `tests/tampering.py`."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest
from commands import run
from sqlalchemy import Engine, NullPool, create_engine, text
from stores import Store, an_entry
from tampering import KINDS, Prepared, Tampering, rewritten_by

from cds_hooks.audit.database import FILE
from cds_hooks.audit.signing import KEY_FILE, PUBLIC_FILE, signing_key
from cds_hooks.audit.verify import Report
from cds_hooks.audit.verifying import check
from cds_hooks.audit.writer import CHECKPOINT_FILE

CHECKPOINTS, BETWEEN = 5, 24

Tried = Callable[[Tampering], Report]


def fill(store: Store) -> Prepared:
    """Some checkpoints, each with entries before it."""
    for part in range(CHECKPOINTS):
        writer = store.writer()
        for number in range(BETWEEN):
            writer.write(an_entry(f"{part}-{number}", words="x" * 200))
        writer.close()
    assert store.verified().problem is None
    return Prepared(*(tuple(dict(each._mapping) for each in store.rows(table)) for table in ("entries", "checkpoints")))


def somebody(file: Path) -> Engine:
    """Who writes to the file, and is not the service. Leaves nothing beside it."""
    return create_engine(f"sqlite:///{file}", poolclass=NullPool)


def change(engine: Engine, tampering: Tampering) -> None:
    with engine.begin() as connection:
        for each in tampering.statements:
            connection.execute(each)


@contextmanager
def on_sqlite(store: Store) -> Iterator[Tried]:
    """Each time on a new copy of the file, with the checkpoints that were shipped when it was whole."""
    key, shipped, copy = store.data_dir / PUBLIC_FILE, store.data_dir / CHECKPOINT_FILE, store.data_dir / "copy.sqlite3"

    def tried(tampering: Tampering) -> Report:
        shutil.copy(store.data_dir / FILE, copy)
        change(somebody(copy), tampering)
        return check(copy, key, shipped)

    yield tried


@contextmanager
def on_postgresql(store: Store) -> Iterator[Tried]:
    """Each time in the same tables, which are filled anew."""
    assert store.url
    key, shipped, engine = store.data_dir / PUBLIC_FILE, store.data_dir / CHECKPOINT_FILE, store.database.engine
    names = ("entries", "checkpoints")
    store.run(*(f"CREATE TABLE whole_{name} AS TABLE {name}" for name in names))
    anew = [text(f"{what} {name}") for name in names for what in ("TRUNCATE", f"INSERT INTO {name} SELECT * FROM whole_{name}; ANALYZE")]

    def tried(tampering: Tampering) -> Report:
        change(engine, tampering)
        report = check(store.url, key, shipped)
        change(engine, Tampering(tuple(anew), ()))
        return report

    yield tried


@pytest.mark.parametrize("sequence", [1, 3, BETWEEN, BETWEEN + 1, CHECKPOINTS * BETWEEN])
def test_whoever_holds_the_key_too_is_found_out_by_what_was_shipped(tmp_path, sequence) -> None:
    store = Store(None, tmp_path)
    log, key = fill(store), signing_key(tmp_path / KEY_FILE)
    with on_sqlite(store) as found:
        tampering = rewritten_by(log, sequence, key)
        problem = found(tampering).problem
    assert problem
    assert problem.sequence in tampering.right
    first, last = map(int, re.findall(r"among the entries (\d+) to (\d+)", problem.what)[0])
    assert first <= sequence <= last


@pytest.mark.parametrize("times", [300, pytest.param(10_000, marks=pytest.mark.heavy)])
def test_every_tampering_is_found_and_located(store, times, seed, tell) -> None:
    times = times // (10 if store.url else 1)
    chance, log, tried = Random(seed), fill(store), Counter()
    with on_postgresql(store) if store.url else on_sqlite(store) as found:
        for number in range(times):
            kind = KINDS[number % len(KINDS)]
            tampering = kind(log, chance)
            problem = found(tampering).problem
            assert problem is not None, (kind.__name__, [str(each) for each in tampering.statements], tampering.right)
            assert problem.sequence in tampering.right, (kind.__name__, problem, tampering.right)
            tried[kind.__name__] += 1
    tell(f"{times} tamperings, all found and located: {dict(tried)}")


@pytest.mark.parametrize("kind", KINDS[::3], ids=lambda each: each.__name__)
def test_the_command_says_so_too(tmp_path, kind) -> None:
    store = Store(None, tmp_path)
    tampering = kind(fill(store), Random(1))
    store.close()
    change(somebody(tmp_path / FILE), tampering)
    told = run("audit", "verify", "--json", "--data-dir", str(tmp_path))
    assert told.returncode == 1
    assert json.loads(told.stdout)["problem"]["sequence"] in tampering.right


@pytest.mark.parametrize("times", [60, pytest.param(3_000, marks=pytest.mark.heavy)])
def test_a_byte_of_the_file_itself(tmp_path: Path, times, seed, tell) -> None:
    """Either it is found, or it lay where no entry and no checkpoint is."""
    store = Store(None, tmp_path / "whole")
    whole = fill(store)
    content, chance, found = (store.data_dir / FILE).read_bytes(), Random(seed), 0
    copy = tmp_path / FILE
    for _ in range(times):
        place = chance.randrange(len(content))
        changed = bytearray(content)
        changed[place] ^= chance.randint(1, 255)
        copy.write_bytes(changed)
        if check(copy, store.data_dir / PUBLIC_FILE, store.data_dir / CHECKPOINT_FILE).problem:
            found += 1
        else:
            assert [dict(each._mapping) for each in Store(None, tmp_path).rows()] == list(whole.rows), place
    assert found
    tell(f"{times} bytes flipped in the file: {found} found, the others changed no entry")
