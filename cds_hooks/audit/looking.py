"""The commands that look at the audit log: list, show, export, stats, index. Each look is itself an entry."""

from __future__ import annotations

import functools
import getpass
import inspect
import json
import os
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import msgspec
import typer
from rich.table import Table
from sqlalchemy.exc import SQLAlchemyError

from cds_hooks.audit import index, search, store
from cds_hooks.audit.asked import FIELDS, Unclear, asked
from cds_hooks.audit.commands import audit
from cds_hooks.audit.database import Database
from cds_hooks.audit.exports import FORMATS
from cds_hooks.audit.log import writing
from cds_hooks.audit.marks import rules_shown, whose
from cds_hooks.audit.record import Entry
from cds_hooks.audit.reviewed import Reviewer, exported, looked, viewed
from cds_hooks.audit.signing import NoKey
from cds_hooks.audit.tally import RULE_IDS, Tally, tallies, total
from cds_hooks.audit.visible import visible
from cds_hooks.audit.writer import append, sign
from cds_hooks.settings import Settings
from cds_hooks.terminal import AsJson, Config, DataDir, bar, err, out, settings_of, stop

Words = dict[str, str]
STATS_DAYS = 90
MOST_TOLD = 5
"""Patients, users or answers of one entry in a line of a list; `show` has all of them."""


def filtered(command: Callable[..., None]) -> Callable[..., None]:
    """The command with one option for each thing that can be asked for; they reach it together, as `words`."""

    @functools.wraps(command)
    def wrapped(**given: Any) -> None:
        command(words={each.name: given.pop(each.name) or "" for each in FIELDS}, **given)

    own = [each for each in inspect.signature(command, eval_str=True).parameters.values() if each.name != "words"]
    options = [_option(each.name, each.label, each.hint or ", ".join(value for value, _ in each.choices)) for each in FIELDS]
    parameters = [*own, *options]
    wrapped.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    wrapped.__annotations__ = {each.name: each.annotation for each in parameters}
    del wrapped.__wrapped__
    return wrapped


def _option(name: str, label: str, hint: str) -> inspect.Parameter:
    told = typer.Option(f"--{name.replace('_', '-')}", help=f"{label}: {hint}." if hint else f"{label}.", rich_help_panel="Filters")
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[str | None, told])


@audit.command("list")
@filtered
def list_entries(
    words: Words,
    size: Annotated[int, typer.Option("--size", min=1, max=10_000, help="How many, newest first.")] = 20,
    before: Annotated[int | None, typer.Option(help="Only entries with a lower sequence: the next page.")] = None,
    data_dir: DataDir = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Find entries, newest first."""
    settings = settings_of(config, data_dir)
    with _opened(settings) as log:
        wanted = asked(words, store.identifiers_of(settings).token)
        found = search.page(log, wanted.filter, before, size)
        _note(log, looked(_somebody(), "search", _now(), _new_id(), asked=wanted.told, before=before))
    if as_json:
        entries = [json.loads(each.entry) for each in found.hits]
        typer.echo(json.dumps({"entries": entries, "older": found.older}))
        return
    out.print(_table([msgspec.json.decode(each.entry) for each in found.hits]))
    if found.older:
        err.print(f"There are more: --before {found.older}")


@audit.command()
def show(
    sequence: Annotated[int, typer.Argument(min=1, help="The number of the entry.")],
    data_dir: DataDir = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Show one entry: its exact bytes with --json, otherwise laid out with its hash."""
    with _opened(settings_of(config, data_dir)) as log:
        hit = next(iter(search.those(log, [sequence])), None)
        if hit is None:
            stop(f"There is no entry {sequence}.", 1)
        entry = json.loads(hit.entry)
        _note(log, viewed(_somebody(), _now(), _new_id(), sequence=sequence, about=whose(entry, "patient")))
    if as_json:
        typer.echo(hit.entry)
        return
    typer.echo(visible(json.dumps(entry, indent=2, ensure_ascii=False)))
    typer.echo(f"hash {hit.hash.hex()}")


@audit.command()
@filtered
def export(
    words: Words,
    format: Annotated[
        str,
        typer.Option(
            "--format", help="ndjson (the exact bytes, which `verify` takes), csv, dsi-feedback (clinicians' answers, CSV), or auditevent (a FHIR Bundle)."
        ),
    ] = "ndjson",
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Write entries to standard output, oldest first."""
    if format not in FORMATS:
        stop(f"--format must be one of {', '.join(FORMATS)}.")
    settings = settings_of(config, data_dir)
    with _opened(settings) as log, bar("Exporting") as told:
        wanted = asked(words, store.identifiers_of(settings).token)
        with suppress(NoKey):
            sign(log, store.signer(settings, _now), settings.data_dir)
        head = index.bring_up_to_date(log).head
        _note(log, exported(_somebody(), format, _now(), _new_id(), asked=wanted.told, through=head))
        checkpoints = [] if wanted.told else search.checkpoints_through(log, head)
        hits = _told(search.walk(log, wanted.filter, head), lambda sequence: told(sequence, head))
        _write(FORMATS[format].made(hits, settings.canonical_base, functools.partial(search.those, log), checkpoints))


def _write(pieces: Iterator[bytes]) -> None:
    """To standard output. Ends the command when that takes no more: the log is not to blame."""
    try:
        for piece in pieces:
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nothing is left to be written when Python ends
        stop("The export is not whole: what should take it did not take all of it.")


@audit.command()
def stats(
    days: Annotated[int, typer.Option(min=1, max=36_600, help="How many days back.")] = STATS_DAYS,
    data_dir: DataDir = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Count entries, and how each rule's cards fared."""
    now = _now()
    with _opened(settings_of(config, data_dir)) as log:
        kinds, outcomes = search.counted(log, "kind"), search.counted(log, "outcome")
        span = timedelta(days=days)
        rules = {rule: total(tallies(log, rule, now - span, now, span)) for rule in RULE_IDS}
        _note(log, looked(_somebody(), "stats", now, _new_id(), asked={"days": str(days)}))
    told = {rule: _as_json(tally) for rule, tally in rules.items() if tally.shown or tally.accepted or tally.overrides}
    if as_json:
        typer.echo(json.dumps({"kinds": kinds, "outcomes": outcomes, "days": days, "rules": told}))
        return
    for heading, counts in (("Kind", kinds), ("Outcome", outcomes)):
        out.print(_columns(heading, "Entries", rows=[(visible(name), f"{count:,}") for name, count in counts.items()]))
    headings = ("Rule", "Shown", "Accepted", "Overridden", "No answer", "Again within 24 h", "Median ms", "95 % ms")
    out.print(_columns(*headings, rows=[(rule, *map(str, (each[name] for name in _ORDER))) for rule, each in told.items()]))


@audit.command("index")
def check_index(
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Make it anew; while the old one is removed, calls wait.")] = False,
    data_dir: DataDir = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Compare the search index with the entries. Exit codes: 0 it matches, 1 it does not."""
    with _opened(settings_of(config, data_dir)) as log, bar("Rebuilding" if rebuild else "Comparing") as told:
        reached = index.rebuild(log, told) if rebuild else index.coverage_of(log)
        matches = rebuild or index.index_matches(log, told)
        _note(log, looked(_somebody(), "index", _now(), _new_id(), asked={"rebuild": "yes"} if rebuild else None))
    words = "The search index matches the entries" if matches else "The search index does NOT match the entries; make it anew with --rebuild"
    typer.echo(json.dumps({"matches": matches, "through": reached.through}) if as_json else f"{words}, up to entry {reached.through}.")
    raise typer.Exit(0 if matches else 1)


_ORDER = ("shown", "accepted", "overridden", "unanswered", "repeatedWithin24h", "medianMs", "p95Ms")


def _as_json(tally: Tally) -> dict[str, Any]:
    counts = {"shown": tally.shown, "accepted": tally.accepted, "overridden": tally.overrides, "notStated": tally.not_stated, "unanswered": tally.unanswered}
    return {
        **counts,
        "reasons": dict(tally.overridden),
        "repeatedWithin24h": tally.repeats,
        "medianMs": round(tally.latency(0.5), 1),
        "p95Ms": round(tally.latency(0.95), 1),
    }


@contextmanager
def _opened(settings: Settings) -> Iterator[Database]:
    """The log with its index up to date, a bar shown while that takes long. Ends the command when the log cannot be used."""
    try:
        log = store.existing(settings)
        with bar("Indexing") as told:
            index.bring_up_to_date(log, told=told)
        yield log
        log.engine.dispose()
    except Unclear as wrong:
        stop(str(wrong))
    except (OSError, SQLAlchemyError):
        stop("The audit log cannot be opened or written to, and nobody looks at it without an entry.")


def _somebody() -> Reviewer:
    return Reviewer(getpass.getuser(), "operator", "command line")


def _note(log: Database, entry: Entry) -> None:
    """In the chain before anything is shown."""
    connection = log.ready()
    try:
        with log.writing(connection):
            append(connection, [writing(entry)])
    finally:
        connection.close()


def _told(hits: Iterator[search.Hit], told: Callable[[int], None]) -> Iterator[search.Hit]:
    for hit in hits:
        told(hit.sequence)
        yield hit


def _table(entries: list[Entry]) -> Table:
    rows = [
        (
            str(each["sequence"]),
            each["recorded"][:19].replace("T", " "),
            each["kind"],
            str(each.get("outcome", "")),
            _few(whose(each, "patient")),
            _few(whose(each, "user")) or str((each.get("reviewer") or {}).get("name", "")),
            _few(list(_what(each))),
            str(each.get("latencyMs", "")),
        )
        for each in entries
    ]
    return _columns("Entry", "Time (UTC)", "Kind", "Outcome", "Patient", "User", "What", "ms", rows=[tuple(map(visible, row)) for row in rows])


def _what(entry: Entry) -> Iterator[str]:
    """The rules shown and answered; of a refusal what was asked for, why it was refused, and who it was said to be from."""
    yield from rules_shown(entry)
    yield from (f"{answer.get('rule', '?')} {answer.get('outcome')}" for answer in entry.get("feedback") or ())
    if entry["kind"] == "refused":
        claimed, count = entry.get("claimedClient"), entry.get("count")
        said = (entry.get("path"), entry.get("cause"), entry.get("reason"), f"claimed: {claimed}" if claimed else "", f"{count} times" if count else "")
        yield from (str(each) for each in said if each)


def _few(said: list[str]) -> str:
    more = len(said) - MOST_TOLD
    return ", ".join([*said[:MOST_TOLD], *([f"{more} more"] if more > 0 else [])])


def _columns(*headings: str, rows: list[tuple[str, ...]]) -> Table:
    table = Table()
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(each.replace("[", "\\[") for each in row))
    return table


def _now() -> datetime:
    return datetime.now(UTC)


def _new_id() -> str:
    return str(uuid.uuid4())
