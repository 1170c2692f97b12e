"""What a worker does with the memory that calls took."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

FAULTS = """
import resource, sys
from cds_hooks.memory import settle_memory

if sys.argv[1] == "settled":
    settle_memory()

def call():
    return [bytes(bytearray(500_000)) for _ in range(40)]

for _ in range(3):
    call()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    call()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(how: str) -> int:
    """Page faults of ten rounds that take 20 MB each and give it back."""
    done = subprocess.run([sys.executable, "-c", FAULTS, how], capture_output=True, text=True, timeout=60, check=True)
    return int(done.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can be told")
def test_memory_of_one_large_call_is_there_for_the_next() -> None:
    assert faults("settled") < 100 < faults("as it comes")
