"""A process that has imported the service, and forks `serve` with its workers: there within a second, when many starts are needed.

As a program it reads one command a line: a JSON list of a file for its output and of arguments starts the service in a process group of its own, whose id is answered;
a number kills that group with `kill -9`, and is answered when its leader is gone; a negative one asks the leader to stop, and is answered with its exit code. Only the way to a worker process differs from
`pinched-nerve-cds serve`: uvicorn forks it here, and would start a new interpreter there.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn._subprocess
from serving import free_port, wait_until_ready

from cds_hooks.chart.transport import certificates
from cds_hooks.cli import app
from fhir_mappings import r4
from fhir_mappings.terminology import terminology

PATH = os.pathsep.join(str(each) for each in (Path(__file__).parents[1], Path(__file__).parent))


@dataclass(frozen=True)
class Forked:
    """A running service with all its workers."""

    base: str
    group: int
    forge: Forge

    def kill(self) -> None:
        """`kill -9` for all of them at once."""
        self.forge.tell(self.group)

    def stop(self) -> int:
        """Ask it to stop, and wait until it has; its exit code."""
        return self.forge.tell(-self.group)

    def poll(self) -> int | None:
        try:
            os.kill(self.group, 0)
        except ProcessLookupError:
            return 1
        return None


@dataclass(frozen=True)
class Forge:
    process: subprocess.Popen[str]
    folder: Path

    def start(self, *options: str, port: int = 0, folder: Path | None = None) -> Forked:
        """In a folder of its own, where several services are to run at once."""
        port, folder = port or free_port(), folder or self.folder
        base = f"http://127.0.0.1:{port}"
        running = Forked(base, self.tell([str(folder / "output"), "serve", "--port", str(port), "--data-dir", str(folder / "data"), *options]), self)
        wait_until_ready(base, running)
        return running

    def tell(self, command: list[str] | int) -> int:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


@contextmanager
def forge(folder: Path) -> Iterator[Forge]:
    """Services that write to `folder / "data"` and `folder / "output"`; those that still run when the block ends are killed."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PNCDS_")}
    command = [sys.executable, __file__]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**clean, "PYTHONPATH": PATH}) as process:
        try:
            yield Forge(process, folder)
        finally:
            process.stdin.close()


def main() -> None:
    uvicorn._subprocess.spawn = multiprocessing.get_context("fork")
    for prepared in (terminology, r4.warm_up, certificates):
        prepared()
    groups: set[int] = set()
    for line in sys.stdin:
        command = json.loads(line)
        if isinstance(command, list):
            groups.add(answer := _fork(*command))
        else:
            answer = _end(command) if command > 0 else _leave(-command)
            groups.discard(abs(command))
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()
    for each in groups:
        _end(each)


def _fork(written_to: str, *arguments: str) -> int:
    child = os.fork()
    if child:
        return child
    os.setsid()
    output = os.open(written_to, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for each in (1, 2):
        os.dup2(output, each)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    code = 1
    try:
        app(list(arguments))
    except SystemExit as ended:
        code = int(ended.code or 0)
    finally:
        os._exit(code)


def _leave(group: int) -> int:
    os.kill(group, signal.SIGTERM)
    return os.waitstatus_to_exitcode(os.waitpid(group, 0)[1])


def _end(group: int) -> int:
    os.killpg(group, signal.SIGKILL)
    return os.waitpid(group, 0)[0]


if __name__ == "__main__":
    main()
