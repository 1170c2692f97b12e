"""The worker processes of one host, as uvicorn's supervisor keeps them: one that dies is missed at once, one that is busy is waited for."""

from __future__ import annotations

import os
from pathlib import Path

from uvicorn.supervisors import multiprocess


class Worker(multiprocess.Process):
    """Its death closes the pipe that the supervisor waits at.

    uvicorn leaves the worker's end of it open in the supervisor too, which then waits out its patience for the answer of a process that is gone.
    """

    def start(self) -> None:
        super().start()
        self.child_conn.close()


def heed_deaths() -> None:
    """From now on the supervisor's processes are such workers."""
    multiprocess.Process = Worker  # type: ignore[misc]


def leave_closed_folder() -> None:
    """Workers begin where the service was started. A folder that cannot be entered again, as root's by the service's user, would end each of them."""
    try:
        os.chdir(Path.cwd())
    except OSError:
        os.chdir("/")
