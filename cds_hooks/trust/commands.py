"""The commands for registered clients: a first entry for a new one, and what is wrong with one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cds_hooks import show
from cds_hooks.services import SERVICE_ID
from cds_hooks.settings import Settings
from cds_hooks.terminal import Config, one_line, out, settings_of, stop
from cds_hooks.trust.checking import Entries, NoEntry, check, entries, entry

clients = typer.Typer(no_args_is_help=True, help="Registered clients: a first entry for a new one, and what is wrong with one.")


@clients.command("new")
def client_new(name: Annotated[str, typer.Argument(help="What to call the client in the audit log.")]) -> None:
    """Print a [[clients]] entry to start from."""
    try:
        typer.echo(entry(name), nl=False)
    except NoEntry as wrong:
        stop(str(wrong))


@clients.command("check")
def client_check(
    which: Annotated[str, typer.Argument(metavar="FILE|NAME", help="A TOML file with [[clients]], or the name of a client in the configuration.")],
    token_file: Annotated[Path | None, typer.Option(help="File with one of the client's tokens, to be verified.")] = None,
    config: Config = None,
) -> None:
    """Fetch a client's keys, verify a token, and say exactly what is wrong."""
    settings = settings_of(config)
    found = _entries(which, settings)
    profile, base_url = found.profile or settings.profile, found.base_url or settings.public_base_url
    token = one_line(token_file).removeprefix("Bearer ").strip() if token_file else None
    report = {each.name: check(each, profile, base_url, [SERVICE_ID], token, datetime.now(UTC)) for each in found.clients}
    show.clients(out, report)
    raise typer.Exit(0 if all(each.good for findings in report.values() for each in findings) else 1)


def _entries(which: str, settings: Settings) -> Entries:
    """The clients of a file, or the one of that name in the configuration."""
    if not Path(which).is_file():
        named = tuple(each for each in settings.clients if each.name == which)
        if not named:
            stop(f"There is neither a file nor a client in the configuration named {which}.")
        return Entries(named)
    try:
        return entries(Path(which))
    except NoEntry as wrong:
        stop(str(wrong), 1)
