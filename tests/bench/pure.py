"""Parts of a call that cannot be seen from outside, timed by themselves in this process, with its memory settled as the service settles its own."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from itertools import count
from uuid import UUID

from evaluating import policy

from cds_hooks.audit import record
from cds_hooks.audit.log import encode
from cds_hooks.chart.prefetch import answers
from cds_hooks.chart.reads import Completed
from cds_hooks.evaluation import Arrived, chart_of, decided, evaluate
from cds_hooks.memory import settle_memory
from cds_hooks.protocol import HookCall, read_call

TIMES = 20
POLICY = policy()
_numbers = count(1)


def judged_ms(sent: bytes) -> float:
    """CPU of judging the chart of this call, just read as in a call: the median of many, in milliseconds."""
    now = datetime.now(UTC)
    settle_memory()
    charts = (arrives(sent, now) for _ in range(TIMES))
    return statistics.median(cpu_ms(partial(decided, each, now, POLICY)) for each in charts)


def answered(sent: bytes) -> None:
    """A call without its way in and out: from its bytes to those of its answer and of its audit entry."""
    now = datetime.now(UTC)
    call = read_call(sent, "patient-view")
    evaluation = evaluate(_chart(call, now), call.patient_id, now, POLICY, lambda: str(UUID(int=next(_numbers))))
    encode(record.called(call, evaluation, correlation_id="x", at=now, latency_ms=1.0))
    encode({"cards": [card.on_the_wire() for card in evaluation.cards]})


def arrives(sent: bytes, now: datetime) -> Arrived:
    return _chart(read_call(sent, "patient-view"), now)


def _chart(call: HookCall, now: datetime) -> Arrived:
    return chart_of(Completed(answers(call.prefetch)), call.patient_id, now.date())


def cpu_ms(work: Callable[[], object]) -> float:
    began = time.thread_time()
    work()
    return (time.thread_time() - began) * 1000
