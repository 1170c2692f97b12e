"""What all commands share: where they write, their common options, and how they end with one sentence."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.progress import Progress

from cds_hooks.settings import BadSettings, Settings, config_file, load

out, err = Console(highlight=False), Console(stderr=True, highlight=False)

Config = Annotated[Path | None, typer.Option("--config", help="TOML file with settings; the environment wins over it.")]
DataDir = Annotated[Path | None, typer.Option("--data-dir", help="Where the audit log lives.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def settings_of(config: Path | None, data_dir: Path | None = None) -> Settings:
    """As `serve` would have them; the option wins over all. Ends the command when they are not valid."""
    try:
        return load(config or config_file(), data_dir)
    except BadSettings as wrong:
        stop(str(wrong))


@contextmanager
def bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """Shown on a terminal while long work lasts; told how much of how much is done."""
    with Progress(console=err, transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, count: progress.update(task, completed=done, total=count)


def one_line(path: Path) -> str:
    """The only line of a file with a bearer token. Ends the command when there is none."""
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        stop("The token file cannot be read as one line that holds a bearer token.")


def stop(sentence: str, code: int = 2) -> NoReturn:
    """Ends the command with one sentence."""
    err.print(sentence, soft_wrap=True, markup=False)
    raise SystemExit(code)
