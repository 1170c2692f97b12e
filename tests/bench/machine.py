"""On what a bench ran, in one line."""

from __future__ import annotations

import os
import platform
import sys
import sysconfig
from pathlib import Path


def machine() -> str:
    names = (line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name"))
    python = f"Python {platform.python_version()} {built(sysconfig.get_config_var('CONFIG_ARGS') or '', sys.base_prefix)}"
    return f"{os.cpu_count()} cores ({next(names, platform.machine())}), {python}, load {os.getloadavg()[0]:.1f} at the end"


def built(configured: str, prefix: str) -> str:
    """How the interpreter was compiled. Debian's is optimised by its profile without being configured so: its changelog tells, `sysconfig` does not."""
    if "--enable-optimizations" in configured:
        return "built with --enable-optimizations"
    if prefix == "/usr":
        return "as the distribution builds it"
    return "built without --enable-optimizations (which costs about 20 %)"
