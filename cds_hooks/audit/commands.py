"""The commands that keep the audit log: verify, purge, rotate-key."""

from __future__ import annotations

import typer

audit = typer.Typer(no_args_is_help=True, help="The audit log: look, verify, export, keep.")
