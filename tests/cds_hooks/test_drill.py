"""deploy/drill.sh: a backup that can be restored and verified, on either store, and one that lacks something and is found out."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from drill import drill, shipped
from stores import Store, an_entry

needed = ("sqlite3", "psql", "pg_dump", "pg_restore")
pytestmark = pytest.mark.skipif(not all(map(shutil.which, needed)), reason=f"needs {', '.join(needed)}")


def test_back_up_restore_and_verify(store: Store, tmp_path: Path) -> None:
    checkpoints = shipped(store)
    writer = store.writer()
    writer.write(an_entry("later")).result(timeout=20)
    answer = drill(store, checkpoints, tmp_path / "backup")
    writer.close()
    assert (answer.returncode, answer.stderr) == (0, "")
    assert "Whole: 2 entries, 1 to 2, 1 checkpoint; chained and not signed yet: the newest 1." in answer.stdout
    assert (tmp_path / "backup").stat().st_mode & 0o777 == 0o700


def test_a_backup_without_what_a_checkpoint_signed(tmp_path: Path) -> None:
    store = Store(None, tmp_path / "data")
    store.data_dir.mkdir()
    checkpoints = shipped(store)
    writer = store.writer()
    writer.write(an_entry("the only one left"))
    writer.close()
    store.run("DELETE FROM entries WHERE sequence = 1", "DELETE FROM checkpoints WHERE sequence = 1")
    answer = drill(store, checkpoints, tmp_path / "backup")
    store.close()
    assert (answer.returncode, "TAMPERED" in answer.stdout) == (1, True)
