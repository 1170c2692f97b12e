"""Parts of a call that cannot be seen from outside, timed by themselves."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from evaluating import policy

from cds_hooks.chart.prefetch import answers
from cds_hooks.chart.reads import Completed
from cds_hooks.evaluation import chart_of, decided
from cds_hooks.protocol import read_call

TIMES = 50


def rules_ms(sent: bytes) -> float:
    """CPU of judging the chart of this call once it is read: the median of many, in milliseconds."""
    now = datetime.now(UTC)
    call = read_call(sent, "patient-view")
    arrived = chart_of(Completed(answers(call.prefetch)), call.patient_id, now.date())
    took = []
    for _ in range(TIMES):
        began = time.thread_time()
        decided(arrived, now, policy())
        took.append(time.thread_time() - began)
    return sorted(took)[TIMES // 2] * 1000
