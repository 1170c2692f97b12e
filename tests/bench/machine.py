"""On what a bench ran, in one line."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path


def machine() -> str:
    names = (line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name"))
    return f"{os.cpu_count()} cores ({next(names, platform.machine())}), {_python()}, load {os.getloadavg()[0]:.1f} at the end"


def _python() -> str:
    """One built without profiling, as by hand from source, takes about a fifth longer than a distribution's."""
    whose = "a distribution's build" if sys.base_prefix == "/usr" else "not a distribution's build"
    return f"Python {platform.python_version()} ({whose})"
