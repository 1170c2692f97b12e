"""Commands as a user types them."""

from __future__ import annotations

import os
import subprocess
import sys

from typer.testing import CliRunner, Result

from cds_hooks.cli import app


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PNCDS_")}
    return subprocess.run(
        [sys.executable, "-m", "cds_hooks.cli", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env={**clean, "COLUMNS": "160", **environment},
        check=False,
    )


def run_here(*arguments: str) -> Result:
    """In this process, which is quicker."""
    return CliRunner().invoke(app, list(arguments))
