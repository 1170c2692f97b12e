"""What operators do to the store: migrate it, and the drill of deploy/drill.sh: back up, restore, verify, on SQLite and PostgreSQL."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from commands import run_here
from drill import drill, shipped
from stores import Store, an_entry

from cds_hooks.audit.database import VERSION
from cds_hooks.audit.signing import KEY_FILE
from cds_hooks.audit.store import migrate
from cds_hooks.audit.verified import last_verified

needed = ("sqlite3", "psql", "pg_dump", "pg_restore")
needs_programs = pytest.mark.skipif(not all(map(shutil.which, needed)), reason=f"needs {', '.join(needed)}")


@needs_programs
def test_back_up_restore_and_verify(store: Store, tmp_path: Path) -> None:
    checkpoints = shipped(store)
    writer = store.writer()
    writer.write(an_entry("later")).result(timeout=20)
    answer = drill(store, checkpoints, tmp_path / "backup")
    writer.close()
    assert (answer.returncode, answer.stderr) == (0, "")
    assert "Whole: 2 entries, 1 to 2, 1 checkpoint; chained and not signed yet: the newest 1." in answer.stdout
    assert (tmp_path / "backup").stat().st_mode & 0o777 == 0o700
    with store.database.reading() as connection:
        assert last_verified(connection) is None, "what was found of a copy is nothing that was found of the log"


@needs_programs
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


@pytest.mark.skipif(os.geteuid() != 0, reason="needs to be root, to be somebody else")
@pytest.mark.parametrize("missing", ["folder", "checkpoints"])
def test_what_the_services_user_may_not_use_is_said_before_anything_is_done(missing) -> None:
    """pytest's own folders are closed to others."""
    with tempfile.TemporaryDirectory() as place:
        top = Path(place)
        top.chmod(0o755)
        checkpoints, folder = top / "shipped.ndjson", top / "backups" / "pinched-nerve-cds"
        checkpoints.write_text("")
        script = Path(shutil.copy(Path(__file__).parents[2] / "deploy" / "drill.sh", top / "drill.sh"))
        if missing == "checkpoints":
            folder.mkdir(parents=True)
            shutil.chown(folder, "nobody")
            checkpoints.chmod(0o600)
        given = {"PATH": os.environ["PATH"], "PNCDS_DATA_DIR": str(top), "PROGRAM": "false"}
        answer = subprocess.run(
            ["sh", script, checkpoints, folder], capture_output=True, text=True, timeout=60, env=given, cwd=top, check=False, user="nobody", extra_groups=[]
        )
    said = {
        "folder": f"nobody cannot write to {folder}: make it once, as root, with install -d -o nobody",
        "checkpoints": f"nobody cannot read the checkpoints in {checkpoints}",
    }
    assert (answer.returncode, answer.stdout, answer.stderr.startswith(said[missing])) == (2, "", True)


def test_migrating_before_any_service_starts(store: Store) -> None:
    """As the chart's Job does it: by the database's address alone, without keys."""
    known = {"PNCDS_CONFIG": "", "PNCDS_DATA_DIR": str(store.data_dir), **({"PNCDS_DATABASE_URL": store.url} if store.url else {})}
    for _ in range(2):
        told = run_here("audit", "migrate", **known)
        assert (told.exit_code, told.stdout) == (0, f"The audit store is of version {VERSION}.\n")
    assert store.has_tables()
    assert not (store.data_dir / KEY_FILE).exists()
    store.run("UPDATE alembic_version SET version_num = '9999'")
    told = run_here("audit", "migrate", **known)
    assert (told.exit_code, told.stderr) == (2, "The audit store was made by a newer version of this service. Nothing was changed.\n")


def test_an_older_store_is_brought_up_to_this_version_as_it_is(store: Store) -> None:
    """As an earlier version left it: without the table of verdicts, without the entry that told of an answer, and with cards found by patient and rule."""
    writer = store.writer()
    writer.write(an_entry("kept"))
    writer.close()
    store.run("DROP TABLE verified", "ALTER TABLE issued DROP COLUMN answered_in", "UPDATE alembic_version SET version_num = '0002'")
    store.run("DROP INDEX issued_answered", "DROP INDEX issued_seen", "CREATE INDEX issued_scope ON issued (scope, rule)")
    migrate(store.settings)
    with store.database.reading() as connection:
        assert last_verified(connection) is None
    assert [row.correlation_id for row in store.rows()] == ["ckept"]
    assert store.verified().problem is None
