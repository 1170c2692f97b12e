"""A service process on a free loopback port, ended by its pid."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Running:
    base: str
    data_dir: Path
    output: Path
    process: subprocess.Popen[bytes]


@contextmanager
def serving(folder: Path, *options: str, port: int = 0) -> Iterator[Running]:
    """`pinched-nerve-cds serve` until the block ends; it must then stop by itself with success."""
    port = port or free_port()
    base, data_dir, output_file = f"http://127.0.0.1:{port}", folder / "data", folder / "output"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PNCDS_")}
    command = [sys.executable, "-m", "cds_hooks.cli", "serve", "--port", str(port), "--data-dir", str(data_dir), *options]
    with output_file.open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env={**clean, "PYTHONUNBUFFERED": "1"})
        try:
            wait_until_ready(base, process)
            yield Running(base, data_dir, output_file, process)
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=20) == 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_ready(base: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"{base}/readyz", timeout=1)
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the service did not start")
