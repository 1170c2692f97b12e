"""A chart four times as long costs about four times as much. Work is counted in function calls, so that no clock decides."""

from __future__ import annotations

import sys

import pytest
from charts import CM, Chart, lab, part, problem, seen
from evaluating import evaluated

SMALL = 60
LARGE = 4 * SMALL

GROWING = {
    "the same symptom again and again": lambda count: [seen("leg cramps", ago % 80) for ago in range(count)],
    "spasms left and right": lambda count: [problem("spasm", ago, site="calf", side=("left", "right")[ago % 2]) for ago in range(count)],
    "continence charted day by day": lambda count: [seen("Bladder continence", ago, ("continent", "incontinent")[ago % 2]) for ago in range(count)],
    "power charted day by day": lambda count: [seen("MRC muscle power, left ankle dorsiflexion", ago, f"{ago % 6}/5") for ago in range(count)],
    "results": lambda count: [lab("potassium", 3.0 + ago % 3, "mmol/L", ago=ago) for ago in range(count)],
    "problems of other kinds": lambda count: [problem("hypertension", ago) for ago in range(count)],
    "problems in words": lambda count: [problem(f"left leg weakness, no cramps, day {ago}", ago) for ago in range(count)],
    "components": lambda count: [seen("leg cramps", 2, "yes", parts=tuple(part("pain score", each % 10) for each in range(min(count, 200))))],
    "codings of one record": lambda count: [problem("leg cramps", 3, code={"coding": [{"system": CM, "code": f"Z{each}"} for each in range(count)]})],
}


def work(facts) -> int:
    """How many Python functions an evaluation calls."""
    chart, calls = Chart(tuple(facts)), 0

    def counting(_frame, event, _argument) -> None:
        nonlocal calls
        calls += event == "call"

    evaluated(chart)
    sys.setprofile(counting)
    try:
        evaluated(chart)
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("facts", GROWING.values(), ids=GROWING)
def test_cost_grows_with_the_chart_and_not_with_its_square(facts) -> None:
    nothing = work([])
    small, large = (max(work(facts(count)) - nothing, 1) for count in (SMALL, LARGE))
    assert large <= 6 * small + 500
