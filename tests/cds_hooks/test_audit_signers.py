"""Hosts of one log sign with one key: another is noticed before the service starts, and older public keys are missed when they are not there."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from stores import Store, an_entry

from cds_hooks import cli
from cds_hooks.audit import retention, verifying
from cds_hooks.audit.database import FILE
from cds_hooks.audit.signing import KEY_FILE, PUBLIC_FILE, NoKey
from cds_hooks.audit.store import prepare, signer
from cds_hooks.settings import Settings


def now() -> datetime:
    return datetime(2026, 11, 1, tzinfo=UTC)


def signed(store: Store) -> None:
    """An entry and its checkpoint."""
    writer = store.writer()
    writer.write(an_entry("signed"))
    writer.close()


def rotate(store: Store) -> None:
    retention.rotate(store.database, signer(store.settings, now), store.data_dir, now(), "rotated")


def another_host(store: Store, folder: Path) -> Settings:
    """Another data directory and key file, the same log."""
    folder.mkdir()
    url = store.url or f"sqlite:///{store.data_dir / FILE}"
    return Settings(data_dir=folder / "data", database_url=url, signing_key_file=folder / KEY_FILE)


def refused(settings: Settings) -> str:
    with pytest.raises(NoKey) as wrong:
        prepare(settings, now)
    return str(wrong.value)


def test_a_host_with_a_key_of_its_own_does_not_start_beside_the_first(store: Store, tmp_path: Path) -> None:
    """Each made one, as happens where nobody copied the first one's."""
    second = another_host(store, tmp_path / "second")
    assert prepare(store.settings, now) == []
    assert prepare(second, now) == []  # before anything is signed nobody can tell
    signed(store)
    assert prepare(store.settings, now) == []
    told = refused(second)
    assert f"is signed with the key {signer(store.settings, now).key()}, and the signing key here is {signer(second, now).key()}" in told
    assert "Copy audit-signing-key.pem" in told


def test_a_host_that_a_rotation_passed_by_does_not_start(store: Store, tmp_path: Path) -> None:
    signed(store)
    stale = another_host(store, tmp_path / "stale")
    shutil.copy(store.data_dir / KEY_FILE, tmp_path / "stale" / KEY_FILE)
    assert prepare(stale, now) == []
    rotate(store)
    assert "all hosts of one log sign with the same key" in refused(stale)  # the new key has signed nothing yet
    signed(store)
    assert "all hosts of one log sign with the same key" in refused(stale)
    assert prepare(store.settings, now) == []


def test_a_new_replica_takes_older_public_keys_from_beside_the_signing_key_and_misses_them_otherwise(store: Store, tmp_path: Path) -> None:
    signed(store)
    old = signer(store.settings, now).key()
    rotate(store)
    signed(store)
    replica, folder = another_host(store, tmp_path / "replica"), tmp_path / "replica"
    shutil.copy(store.data_dir / KEY_FILE, folder / KEY_FILE)
    log = store.url or store.data_dir / FILE
    assert prepare(replica, now) == [old]
    assert verifying.check(log, folder / "data" / PUBLIC_FILE).problem is not None
    shutil.copy(store.data_dir / PUBLIC_FILE, folder / PUBLIC_FILE)
    assert prepare(replica, now) == []
    assert verifying.check(log, folder / "data" / PUBLIC_FILE).problem is None


def test_a_key_that_was_lost_is_replaced_on_purpose_and_not_by_the_way(store: Store) -> None:
    signed(store)
    (store.data_dir / KEY_FILE).unlink()
    assert "only if it is lost for good" in refused(store.settings)
    rotate(store)
    assert prepare(store.settings, now) == []
    assert store.verified().problem is None


def test_serve_ends_with_that_sentence_or_goes_on_and_tells_what_is_missing(store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    signed(store)
    with pytest.raises(SystemExit, match="2"):
        cli._usable(another_host(store, tmp_path / "second"))
    told = capsys.readouterr().err
    assert (told.count("\n"), told.startswith("The audit log is signed with the key ")) == (1, True)
    old = signer(store.settings, now).key()
    rotate(store)
    replica = another_host(store, tmp_path / "replica")
    shutil.copy(store.data_dir / KEY_FILE, tmp_path / "replica" / KEY_FILE)
    assert cli._usable(replica) == [old]


def test_public_keys_that_are_none_are_said_in_one_sentence(store: Store) -> None:
    signed(store)
    (store.data_dir / PUBLIC_FILE).write_text("nothing")
    assert refused(store.settings).endswith("holds something other than Ed25519 public keys in PEM.")
