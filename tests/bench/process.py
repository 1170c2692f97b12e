"""What the kernel says of a process and its children: CPU, memory, threads, open files."""

from __future__ import annotations

import os
from pathlib import Path


def cpu_seconds(pid: int) -> float:
    return sum(_used(thread) for each in _tree(pid) for thread in _threads(each))


def writing_seconds(pid: int) -> float:
    """CPU of the thread that writes the audit log: the one, beside the main thread that answers, that has written most. The log is all that is written."""
    return _used(max((each for each in _threads(pid) if each.name != str(pid)), key=_written))


def memory_mib(pid: int) -> float:
    pages = sum(int(Path(f"/proc/{each}/statm").read_text().split()[1]) for each in _tree(pid))
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def descriptors(pid: int) -> int:
    return sum(len(os.listdir(f"/proc/{each}/fd")) for each in _tree(pid))


def threads(pid: int) -> int:
    return sum(len(_threads(each)) for each in _tree(pid))


def _threads(pid: int) -> list[Path]:
    return [*Path(f"/proc/{pid}/task").iterdir()]


def _used(thread: Path) -> float:
    return int((thread / "schedstat").read_text().split()[0]) / 1e9


def _written(thread: Path) -> int:
    """Bytes handed to write(2) and its like; nothing for a thread that has just ended."""
    try:
        return int((thread / "io").read_text().partition("wchar: ")[2].split()[0])
    except OSError:
        return 0


def _tree(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in children for each in _tree(int(child)))]
