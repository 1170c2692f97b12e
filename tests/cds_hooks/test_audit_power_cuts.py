"""The power goes while the log is written: what was acknowledged is there afterwards, and the chain is whole."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest
from power import Disk, on
from stores import Store, an_entry

from cds_hooks.app import utc_now
from cds_hooks.audit.signing import KEY_FILE, PUBLIC_FILE
from cds_hooks.audit.store import signer
from cds_hooks.audit.writer import CHECKPOINT_FILE, Writer

LIVES = 25
"""Cuts that one log goes through, each time found as the last one left it."""


@dataclass
class Machine:
    """A service that writes until its power is cut, and what its successor finds."""

    folder: Path
    chance: Random
    synchronous: str | None = None
    life: int = 0
    promised: set[str] = field(default_factory=set)
    """Correlation ids of the entries that were acknowledged in all lives so far, and not lost by an earlier cut."""
    acknowledged: list[str] = field(default_factory=list)

    def lives(self) -> set[str]:
        """Until the next cut. Returns the acknowledged entries that are lost."""
        store, self.life, self.acknowledged, at_cut = Store(None, self.folder / str(self.life)), self.life + 1, [], []
        following = Store(None, self.folder / str(self.life))
        following.data_dir.mkdir(parents=True)

        def power_goes() -> None:
            at_cut.extend(self.acknowledged)
            for name in (CHECKPOINT_FILE, KEY_FILE, PUBLIC_FILE):
                with suppress(FileNotFoundError):
                    shutil.copy(store.data_dir / name, following.data_dir)

        disk = Disk(self.chance, self.chance.randint(1, 120), power_goes)
        self._write(Writer(on(disk, store.database, self.synchronous), signer(store.settings, utc_now), store.data_dir))
        if disk.left is None:
            disk.cut()
        for name, content in disk.left.items():
            (following.data_dir / name).write_bytes(content)
        shutil.rmtree(store.data_dir)
        self.promised |= set(at_cut)
        lost = self._found(following)
        for each in (store, following):
            each.close()
        return lost

    def _write(self, writer: Writer) -> None:
        for burst in range(12):
            told = [
                writer.write(an_entry(f"{self.life}-{burst}-{number}", words="x" * self.chance.randint(0, 3000))) for number in range(self.chance.randint(1, 4))
            ]
            for number, each in enumerate(told):
                each.add_done_callback(lambda done, name=f"c{self.life}-{burst}-{number}": self._told(done, name))
            told[-1].exception(timeout=30)
        writer.close()

    def _told(self, done: Future[int], name: str) -> None:
        if done.exception() is None:
            self.acknowledged.append(name)

    def _found(self, store: Store) -> set[str]:
        there = {row.correlation_id for row in store.rows()} if store.database.file.exists() and store.has_tables() else set()
        lost = self.promised - there
        self.promised -= lost
        if not self.synchronous and there:
            assert store.verified().problem is None
        return lost


def cut(folder: Path, cuts: int, seed: int, tell: Callable[[str], None], synchronous: str | None = None) -> int:
    """How many acknowledged entries are lost in so many cuts."""
    chance, lost, machines = Random(seed), 0, []
    for number in range(cuts):
        if number % LIVES == 0:
            machines.append(Machine(folder / str(number), chance, synchronous))
        lost += len(machines[-1].lives())
    tell(f"{cuts} power cuts with synchronous={synchronous or 'FULL'}: {sum(len(each.promised) for each in machines) + lost} acknowledged, {lost} lost")
    return lost


@pytest.mark.parametrize("cuts", [30, pytest.param(1000, marks=pytest.mark.heavy)])
def test_nothing_acknowledged_is_lost_when_the_power_goes(tmp_path, cuts, seed, tell) -> None:
    assert cut(tmp_path, cuts, seed, tell) == 0


@pytest.mark.parametrize("cuts", [15, pytest.param(100, marks=pytest.mark.heavy)])
def test_the_same_cuts_cost_entries_when_sqlite_does_not_sync_each_commit(tmp_path, cuts, seed, tell) -> None:
    assert cut(tmp_path, cuts, seed, tell, synchronous="NORMAL") > 0
