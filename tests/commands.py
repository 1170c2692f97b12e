"""Commands as a user types them."""

from __future__ import annotations

import os
import subprocess
import sys

from typer.testing import CliRunner, Result

WIDTH = "160"
os.environ["COLUMNS"] = WIDTH

from cds_hooks.cli import app  # noqa: E402 - a console has its width from the start


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """In this process where that makes no difference: starting another takes seconds on a busy machine."""
    if arguments[0] == "serve" or "COLUMNS" in environment:
        return _apart(arguments, environment)
    result = run_here(*arguments, **environment)
    return subprocess.CompletedProcess(arguments, result.exit_code, result.stdout, result.stderr)


def run_here(*arguments: str, **environment: str) -> Result:
    cleared = {name: None for name in os.environ if name.startswith("PNCDS_")}
    result = CliRunner().invoke(app, list(arguments), env={**cleared, **environment})
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def _apart(arguments: tuple[str, ...], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PNCDS_")}
    command = [sys.executable, "-m", "cds_hooks.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env={**clean, **environment}, check=False)
