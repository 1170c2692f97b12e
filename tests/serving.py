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
from typing import Protocol

import telltale


@dataclass(frozen=True)
class Running:
    base: str
    data_dir: Path
    output: Path
    process: subprocess.Popen[bytes]

    def kill(self) -> None:
        """`kill -9` for the service and all its workers at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=20)


@contextmanager
def serving(folder: Path, *options: str, port: int = 0) -> Iterator[Running]:
    """`pinched-nerve-cds serve` until the block ends; it must then stop by itself with success."""
    running = _started(folder, options, port or free_port())
    try:
        wait_until_ready(running.base, running.process)
        yield running
    finally:
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(timeout=20) == 0
        telltale.check(running.output)


@contextmanager
def killed(folder: Path, *options: str) -> Iterator[Running]:
    """`pinched-nerve-cds serve` that is killed with all its workers when the block ends, or before."""
    running = _started(folder, options, free_port())
    try:
        wait_until_ready(running.base, running.process)
        yield running
    finally:
        if running.process.returncode is None:
            running.kill()
        telltale.check(running.output)


def _started(folder: Path, options: tuple[str, ...], port: int) -> Running:
    """In a process group of its own."""
    data_dir, output_file = folder / "data", folder / "output"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PNCDS_")}
    command = [sys.executable, "-m", "cds_hooks.cli", "serve", "--port", str(port), "--data-dir", str(data_dir), *options]
    with output_file.open("w") as output:
        environment = {**clean, "PYTHONUNBUFFERED": "1"}
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=environment, start_new_session=True)
    return Running(f"http://127.0.0.1:{port}", data_dir, output_file, process)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Pollable(Protocol):
    def poll(self) -> int | None:
        """None as long as it runs."""


def wait_until_ready(base: str, process: Pollable, path: str = "/readyz") -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(base + path, timeout=1)
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the service did not start")
