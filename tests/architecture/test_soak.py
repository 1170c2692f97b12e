"""What a soak makes of its samples."""

from __future__ import annotations

import pytest
from bench.soak import Sample, grew


def samples(memory: list[float], descriptors: list[int]) -> list[Sample]:
    return [Sample(number * 15.0, mib, files, 100.0, 5.0, 20.0) for number, (mib, files) in enumerate(zip(memory, descriptors, strict=True))]


FLAT, FILES = [150.0] * 12, [30] * 12


@pytest.mark.parametrize(
    ("memory", "descriptors", "told"),
    [
        (FLAT, FILES, []),
        ([100, 140, *FLAT[2:]], FILES, []),
        ([150.0 + each for each in range(12)], FILES, []),
        ([150.0 + 10 * each for each in range(12)], FILES, ["Memory grew from 180 to 250 MiB."]),
        (FLAT, [30 + each * 5 for each in range(12)], ["Open file descriptors grew from 50 to 85."]),
        (FLAT, [30, 60, *FILES[2:]], []),
    ],
)
def test_growth_is_told_from_warming_up(memory, descriptors, told) -> None:
    assert grew(samples(memory, descriptors)) == told
