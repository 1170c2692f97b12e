"""On what a bench ran, in one line."""

from __future__ import annotations

import os
import platform
import sysconfig
from pathlib import Path


def machine() -> str:
    names = (line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name"))
    built = "" if "--enable-optimizations" in (sysconfig.get_config_var("CONFIG_ARGS") or "") else " built without --enable-optimizations"
    return f"{os.cpu_count()} cores ({next(names, platform.machine())}), Python {platform.python_version()}{built}, load {os.getloadavg()[0]:.1f} at the end"
