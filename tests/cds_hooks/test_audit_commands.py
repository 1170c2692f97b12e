"""What an auditor does on the command line: verify, purge, rotate the key."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from commands import run_here
from typer.testing import Result

from cds_hooks.audit import store
from cds_hooks.audit.database import FILE
from cds_hooks.audit.log import writing
from cds_hooks.audit.record import kept
from cds_hooks.audit.signing import KEY_FILE, PUBLIC_FILE, signing_key
from cds_hooks.audit.writer import CHECKPOINT_FILE, Writer
from cds_hooks.audit.writing import Writing
from cds_hooks.settings import Settings

OLD, NEW = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)


def fill(data_dir: Path, *days: datetime) -> None:
    """One entry for each day, signed at the end."""
    fill_with(data_dir, *(writing(kept("call", day, f"c{number}", {"outcome": "cards"})) for number, day in enumerate(days)))


def fill_with(data_dir: Path, *entries: Writing) -> None:
    settings = Settings(data_dir=data_dir)
    writer = Writer(store.database_of(settings), store.signer(settings, lambda: NEW), data_dir)
    for each in entries:
        writer.write(each)
    writer.close()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    fill(tmp_path, OLD, OLD)
    fill(tmp_path, NEW, NEW)
    return tmp_path


def audit(data: Path, *words: str) -> Result:
    return run_here("audit", *words, "--data-dir", str(data))


def change(data: Path, statement: str) -> None:
    with closing(sqlite3.connect(data / "audit.sqlite3")) as connection, connection:
        connection.execute(statement)


def test_a_whole_log(data) -> None:
    told = audit(data, "verify")
    assert (told.exit_code, told.stdout) == (0, "Whole: 4 entries, 1 to 4, 2 checkpoints.\n")


@pytest.mark.parametrize(
    ("statement", "entry"),
    [
        ("UPDATE entries SET entry = CAST(replace(CAST(entry AS TEXT), 'cards', 'caxds') AS BLOB) WHERE sequence = 2", 2),
        ("UPDATE entries SET recorded = '2020' WHERE sequence = 3", 3),
        ("UPDATE entries SET hash = zeroblob(32) WHERE sequence = 1", 1),
        ("UPDATE entries SET entry = CAST(entry AS TEXT) WHERE sequence = 3", 3),
        ("DELETE FROM entries WHERE sequence = 3", 3),
        ("DELETE FROM entries WHERE sequence = 4", 4),
        ("DELETE FROM entries WHERE sequence <= 2", 1),
        ("DELETE FROM entries", 1),
        ("DELETE FROM checkpoints WHERE sequence = 2", 2),
        ("UPDATE checkpoints SET signature = zeroblob(64) WHERE sequence = 2", 2),
        ("UPDATE checkpoints SET sequence = 0 WHERE sequence = 2", 0),
        ("INSERT INTO entries SELECT 5, recorded, kind, correlation_id, entry, hash FROM entries WHERE sequence = 4", 5),
    ],
)
def test_tampering_is_named(data, statement, entry) -> None:
    change(data, statement)
    told = audit(data, "verify", "--json")
    assert told.exit_code == 1
    assert json.loads(told.stdout)["problem"]["sequence"] == entry


def test_an_export_verifies_by_itself_and_with_the_checkpoints_that_were_kept(data) -> None:
    lines = [json.dumps(each, separators=(",", ":")) for each in store.entries(store.database_of(Settings(data_dir=data)))]
    export = data / "export.ndjson"
    program = [
        sys.executable,
        "-m",
        "cds_hooks.audit.verifying",
        str(export),
        "--public-key",
        str(data / PUBLIC_FILE),
        "--checkpoints",
        str(data / CHECKPOINT_FILE),
    ]
    export.write_text("\n".join(lines))
    assert subprocess.run(program, check=False).returncode == 0
    export.write_text("\n".join([lines[0], lines[1].replace("cards", "silence"), *lines[2:]]))
    told = subprocess.run(program, capture_output=True, text=True, check=False)
    assert told.returncode == 1
    assert "entry 2" in told.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
def test_an_export_that_is_not_whole_is_not_said_to_be_the_logs_fault(data) -> None:
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-m", "cds_hooks.cli", "audit", "export", "--data-dir", str(data)]
        told = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert told.returncode == 2
    assert "The export is not whole" in told.stderr
    assert "cannot be opened" not in told.stderr


def exported(data: Path, *words: str) -> Path:
    path = data / "export.ndjson"
    path.write_bytes(audit(data, "export", *words).stdout_bytes)
    return path


def test_an_export_carries_its_proof_also_after_a_purge(data) -> None:
    assert audit(data, "purge", "--before", "2026-06-01").exit_code == 0
    fill(data, NEW)
    change(data, "DELETE FROM checkpoints WHERE sequence = 6")
    export = exported(data)
    told = audit(data, "verify", str(export))
    assert (told.exit_code, told.stdout) == (0, "Whole: 4 entries, 3 to 6, 4 checkpoints.\n")
    lines = export.read_bytes().splitlines()
    for number, tampered in enumerate(
        (lines[1:], [lines[0], *lines[2:]], [*lines[:3], *lines[4:]], [lines[1], lines[0], *lines[2:]], [*lines[:-1], lines[-1][:-9]])
    ):
        export.write_bytes(b"\n".join(tampered))
        assert audit(data, "verify", str(export)).exit_code == 1, number


def test_an_export_is_checked_with_the_key(data, tmp_path_factory) -> None:
    other = tmp_path_factory.mktemp("other")
    fill(other, NEW)
    told = audit(data, "verify", str(exported(data)), "--public-key", str(other / PUBLIC_FILE))
    assert (told.exit_code, "signed by a key that is not known" in told.stdout) == (1, True)


@pytest.mark.parametrize("purged", [False, True])
def test_entries_that_nothing_signs_are_not_called_whole(data, purged) -> None:
    """As exports of earlier versions are, and what is left of one whose checkpoints somebody cut off."""
    if purged:
        audit(data, "purge", "--before", "2026-06-01")
    export = exported(data)
    export.write_bytes(b"".join(each for each in export.read_bytes().splitlines(keepends=True) if b'"kind": "checkpoint"' not in each))
    told = audit(data, "verify", str(export), "--json")
    assert (told.exit_code, json.loads(told.stdout)["good"], json.loads(told.stdout)["signedThrough"]) == (2, False, 0)
    assert audit(data, "verify", str(export)).stdout.startswith("NOT SIGNED: ")
    told = audit(data, "verify", str(export), "--checkpoints", str(data / CHECKPOINT_FILE))
    assert (told.exit_code, told.stdout.startswith("Whole: ")) == (0, True)


def test_a_log_without_any_checkpoint_is_not_called_whole(data) -> None:
    change(data, "DELETE FROM checkpoints")
    (data / CHECKPOINT_FILE).unlink()
    told = audit(data, "verify")
    assert (told.exit_code, told.stdout.startswith("NOT SIGNED: 4 entries, 1 to 4")) == (2, True)


@pytest.mark.parametrize("content", [b"", b"sequence,recorded,kind\r\n1,2026,call\r\n", b'{"resourceType":"Bundle"}', b"\0" * 5000, b"just words\n"])
def test_a_file_that_is_no_log_is_not_called_tampered_with(data, content) -> None:
    (data / "other").write_bytes(content)
    told = audit(data, "verify", str(data / "other"))
    assert (told.exit_code, told.stdout) == (2, "")
    assert ("is no audit log" in told.stderr, "--format ndjson" in told.stderr) == (True, True)


def test_a_database_of_something_else_is_not_called_tampered_with(data) -> None:
    with closing(sqlite3.connect(data / "other.sqlite3")) as connection, connection:
        connection.execute("CREATE TABLE patients (name TEXT)")
    told = audit(data, "verify", str(data / "other.sqlite3"))
    assert (told.exit_code, "is a SQLite database, and no audit log" in told.stderr) == (2, True)
    change(data, "DROP TABLE entries")
    assert audit(data, "verify").exit_code == 1


def test_what_cannot_be_read(tmp_path, data) -> None:
    assert audit(tmp_path / "nowhere", "verify").exit_code == 2
    assert audit(data, "verify", "--public-key", str(data / CHECKPOINT_FILE)).exit_code == 2
    assert audit(data, "verify", str(data / "none.ndjson")).exit_code == 2


def test_a_purge_leaves_a_log_that_verifies(data) -> None:
    assert "2 entries would be removed" in audit(data, "purge", "--before", "2026-06-01", "--dry-run").stdout
    assert audit(data, "verify").stdout.startswith("Whole: 4 entries")
    assert audit(data, "purge", "--before", "2026-06-01").stdout == "2 entries removed, up to entry 2.\n"
    assert audit(data, "verify").stdout.startswith("Whole: 3 entries, 3 to 5")
    (*_, told) = store.entries(store.database_of(Settings(data_dir=data)))
    assert (told["kind"], told["through"], told["count"]) == ("purge", 2, 2)
    assert "Nothing" in audit(data, "purge", "--before", "2026-06-01").stdout


def test_cards_of_what_was_purged_are_forgotten(data) -> None:
    change(
        data,
        "INSERT INTO issued VALUES ('c', 1, '', x'00', 'R01', 'x', 'Practitioner/gone', '{}', 0, NULL, NULL, NULL, NULL), "
        "('d', 4, '', x'00', 'R01', 'x', 'Practitioner/stays', '{}', 0, NULL, NULL, NULL, NULL)",
    )
    audit(data, "purge", "--before", "2026-06-01")
    with closing(sqlite3.connect(data / "audit.sqlite3")) as connection:
        assert connection.execute("SELECT user FROM issued").fetchall() == [("Practitioner/stays",)]


def test_an_index_that_lacks_something_is_found_out(data) -> None:
    audit(data, "list")
    assert audit(data, "verify", "--index").exit_code == 0
    change(data, "DELETE FROM marks WHERE name = 'kind'")
    assert audit(data, "verify").exit_code == 0
    told = audit(data, "verify", "--index")
    assert (told.exit_code, "The search index does NOT match" in told.stdout) == (1, True)
    with closing(sqlite3.connect(data / "audit.sqlite3")) as connection:
        assert connection.execute("SELECT whole FROM verified").fetchall() == [(0,)]
    audit(data, "index", "--rebuild")
    assert json.loads(audit(data, "verify", "--index", "--json").stdout)["indexMatches"]


def test_the_index_of_a_copy_is_not_said_to_match(data) -> None:
    """Nobody compared it."""
    told = audit(data, "verify", str(data / FILE), "--index", "--json")
    assert (told.exit_code, told.stdout) == (2, "")
    assert "--index" in told.stderr


def test_nothing_of_what_was_purged_is_left_in_the_files(data) -> None:
    fill_with(data, writing(kept("call", OLD, "c", {"patient": "Patient/gone-canary", "outcome": "cards", "words": "gone-canary " * 2000})))
    audit(data, "list")
    with closing(sqlite3.connect(data / "audit.sqlite3")) as somebody:  # whose open connection keeps the write-ahead log from being removed
        somebody.execute("SELECT count(*) FROM entries").fetchall()
        assert audit(data, "purge", "--before", "2026-12-31").exit_code == 0
        assert b"gone-canary" not in b"".join(each.read_bytes() for each in data.glob("audit.sqlite3*"))


def test_entries_beyond_the_last_checkpoint_of_their_time_stay(tmp_path) -> None:
    fill(tmp_path, OLD, NEW)
    assert "Nothing" in audit(tmp_path, "purge", "--before", "2026-06-01").stdout


def test_a_made_up_purge_is_tampering(data) -> None:
    change(data, "DELETE FROM entries WHERE sequence <= 2")
    fill(data)
    settings = Settings(data_dir=data)
    writer = Writer(store.database_of(settings), store.signer(settings, lambda: NEW), data)
    writer.write(writing(kept("purge", NEW, "x", {"through": 2}))).result()
    unsigned = audit(data, "verify")
    writer.close()
    assert unsigned.exit_code == 1


def test_a_new_key_is_trusted_because_the_old_one_signed_for_it(data) -> None:
    old = (data / PUBLIC_FILE).read_text()
    assert audit(data, "rotate-key").exit_code == 0
    fill(data, NEW)
    first = data / "first.pem"
    first.write_text(old)
    assert audit(data, "verify", "--public-key", str(first)).stdout.startswith("Whole: 6 entries")
    second = data / "second.pem"
    second.write_text((data / PUBLIC_FILE).read_text().removeprefix(old))
    assert audit(data, "verify", "--public-key", str(second)).exit_code == 1


def test_a_key_that_cannot_be_used_is_said_in_one_sentence(data) -> None:
    (data / "audit-signing-key.pem").write_text("nothing")
    told = audit(data, "purge", "--before", "2026-06-01")
    assert (told.exit_code, told.stderr.count("\n")) == (2, 1)


@pytest.mark.parametrize("kind", ["purge", "rotate-key"])
def test_a_made_up_row_is_tampering_although_the_service_signs_it_along(data, kind) -> None:
    public = signing_key(data / KEY_FILE).public_key().public_bytes_raw().hex()
    said = {"purge": {"through": 2}, "rotate-key": {"oldKey": public, "newKey": public}}[kind]
    fill_with(data, writing(kept(kind, NEW, "x", said)))
    if kind == "purge":
        change(data, "DELETE FROM entries WHERE sequence <= 2")
    told = audit(data, "verify")
    assert (told.exit_code, told.stdout.startswith(f"TAMPERED at entry 5: it says {kind}")) == (1, True)
