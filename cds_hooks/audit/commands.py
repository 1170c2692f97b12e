"""The commands that keep the audit log: migrate, verify, purge, rotate-key."""

from __future__ import annotations

import json
import uuid
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from cds_hooks.audit import retention, store, verifying
from cds_hooks.audit.database import FILE, VERSION, Unavailable, UnsafeStore
from cds_hooks.audit.found import CannotRead
from cds_hooks.audit.index import index_matches
from cds_hooks.audit.signing import PUBLIC_FILE, NoKey
from cds_hooks.audit.verified import Verified, note_verified
from cds_hooks.audit.verify import Report
from cds_hooks.audit.writer import CHECKPOINT_FILE
from cds_hooks.settings import Settings
from cds_hooks.terminal import AsJson, Config, DataDir, bar, settings_of, stop

NOT_FOUND = "The search index does NOT match the entries, so searches may miss some; make it anew with `audit index --rebuild`."
audit = typer.Typer(no_args_is_help=True, help="The audit log: look, verify, export, keep.")


@audit.command()
def migrate(data_dir: DataDir = None, config: Config = None) -> None:
    """Make the store, or bring it up to this version. Services do so when they start; an upgrade of many hosts does it once, before."""
    try:
        store.migrate(settings_of(config, data_dir))
    except UnsafeStore as wrong:
        stop(f"{wrong} Nothing was changed.")
    except (OSError, SQLAlchemyError):
        stop("The audit store cannot be opened or written to; nothing was changed.")
    typer.echo(f"The audit store is of version {VERSION}.")


@audit.command()
def verify(
    log: Annotated[Path | None, typer.Argument(help="A SQLite file or an NDJSON export; without one, the log that the settings name.")] = None,
    public_key: Annotated[Path | None, typer.Option(help="PEM file with the public keys; otherwise the one in the data directory.")] = None,
    checkpoints: Annotated[Path | None, typer.Option(help="Checkpoint file that was kept elsewhere; otherwise the one in the data directory.")] = None,
    index: Annotated[bool, typer.Option("--index", help="Compare the search index of the service's own log too: what it lacks no search finds.")] = False,
    data_dir: DataDir = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Check every entry, the chain and every checkpoint. Exit codes: 0 whole, 1 tampered with (or its index), 2 cannot be read, or nothing of it is signed."""
    if index and log is not None:
        stop("--index is for the service's own log: a copy's index is not compared.")
    settings = settings_of(config, data_dir)
    url = settings.database_url
    where = log or (url if url and url.startswith("postgresql") else Path(url.partition(":///")[2]) if url else settings.data_dir / FILE)
    kept = settings.data_dir / CHECKPOINT_FILE
    report = _verified(where, public_key or settings.data_dir / PUBLIC_FILE, checkpoints or (kept if kept.exists() and log is None else None))
    found = _compared(settings) if index else True
    if log is None:
        with suppress(*Unavailable):  # whoever may only read the log can verify it all the same
            _note(settings, whole=report.whole and found)
    told = {**report.as_json(), **({"indexMatches": found} if index else {})}
    typer.echo(json.dumps(told) if as_json else verifying.sentence(report) + ("" if found else f" {NOT_FOUND}"))
    raise typer.Exit(verifying.code(report) or (0 if found else 1))


@audit.command()
def purge(
    before: Annotated[str, typer.Option(help="A day, YYYY-MM-DD (UTC): entries recorded before it go, up to the last checkpoint among them.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    data_dir: DataDir = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Remove old entries. What remains still verifies, and the purge is itself an entry."""
    settings, day = settings_of(config, data_dir), _day(before)
    try:
        log = store.existing(settings)
        if dry_run:
            with log.reading() as connection:
                found = retention.purgeable(connection, day)
        else:
            with bar("Removing") as told:
                found = retention.purge(log, store.signer(settings, _now), settings.data_dir, day, _now(), str(uuid.uuid4()), told)
    except NoKey as wrong:
        stop(str(wrong))
    except (OSError, SQLAlchemyError):
        stop("The audit log cannot be opened or written to. What was removed until now is in its entry; the same command goes on from there.")
    count, through = (found.count, found.through) if found else (0, 0)
    done = "would be removed" if dry_run else "removed"
    said = f"{count} entries {done}, up to entry {through}." if found else "Nothing to remove: no signed checkpoint lies before that day."
    typer.echo(json.dumps({"removed": 0 if dry_run else count, "removable": count, "through": through}) if as_json else said)


@audit.command("rotate-key")
def rotate_key(data_dir: DataDir = None, config: Config = None, as_json: AsJson = False) -> None:
    """Make a new signing key. The old key signs the entry that tells of the new one; running services take it up by themselves."""
    settings = settings_of(config, data_dir)
    try:
        key = retention.rotate(store.existing(settings), store.signer(settings, _now), settings.data_dir, _now(), str(uuid.uuid4()))
    except NoKey as wrong:
        stop(str(wrong))
    except (OSError, SQLAlchemyError):
        stop("The audit log or the key file cannot be opened or written to; the old key stays in force.")
    typer.echo(json.dumps({"key": key}) if as_json else f"Checkpoints are signed with the key {key} from now on. Give verifiers the new {PUBLIC_FILE}.")


def _verified(where: Path | str, key_file: Path, checkpoint_file: Path | None) -> Report:
    try:
        with bar("Verifying") as told:
            return verifying.check(where, key_file, checkpoint_file, told)
    except CannotRead as wrong:
        stop(str(wrong))


def _note(settings: Settings, *, whole: bool) -> None:
    """Raises OSError or SQLAlchemyError."""
    log = store.database_of(settings)
    try:
        note_verified(log, Verified(_now().timestamp(), whole))
    finally:
        log.engine.dispose()


def _compared(settings: Settings) -> bool:
    """Does the search index hold what the entries say?"""
    log = store.database_of(settings)
    try:
        with bar("Comparing the search index") as told:
            return index_matches(log, told)
    except (OSError, SQLAlchemyError):
        stop("The search index cannot be read.")
    finally:
        log.engine.dispose()


def _day(said: str) -> str:
    try:
        return datetime.strptime(said, "%Y-%m-%d").date().isoformat()  # noqa: DTZ007 - only its day is used
    except ValueError:
        stop("--before must be a day written YYYY-MM-DD.")


def _now() -> datetime:
    return datetime.now(UTC)
