"""What the service counts of itself, for Prometheus. Every label has a closed set of values: nothing a caller or a chart says becomes one."""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count, product
from pathlib import Path
from typing import TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, values
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from cards.guidance.rules import NOT_EVALUATED, NOT_EVALUATED_TOPIC, RULES
from cards.model import Card
from cards.render import INDICATOR, OVERRIDE_REASONS
from cds_hooks.chart.prefetch import State
from cds_hooks.chart.transport import RESULTS
from cds_hooks.errors import KINDS, Refusal
from cds_hooks.evaluation import Evaluation, Outcome
from cds_hooks.feedback import NOT_STATED, OUTCOMES, Taken
from cds_hooks.quiet import SUGGESTION_ACCEPTED
from cds_hooks.trust.verify import Cause
from fhir_mappings.queries import QUERIES

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The library's own name for where the workers of one service keep their counts together."""
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.45, 0.75, 1.5, 3, 10, 30)
"""Of a call; 0.45 is the usual time budget."""
COMMIT_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 10)
REMINDER, OTHER, NONE = "reminder", "other", "none"
RULE_IDS = (*(rule.id for rule in RULES), NOT_EVALUATED)
REASONS = frozenset({code for code, _ in OVERRIDE_REASONS} | {SUGGESTION_ACCEPTED})
URGENCY = {rule.id: INDICATOR[rule.urgency] for rule in RULES}
CAUSES = frozenset(map(str, Cause))
WITH_CAUSE = {"unauthorized": sorted(CAUSES - {str(Cause.KEYS_UNAVAILABLE)}), "keys-unavailable": [str(Cause.KEYS_UNAVAILABLE)]}
REFUSED = tuple((each.code, str(each.status), cause) for each in KINDS.values() for cause in (NONE, *WITH_CAUSE.get(each.code, ())))
"""Counted from 0 on, like all that alerts look at: an increase is seen only of a series that was there before."""
C = TypeVar("C", Counter, Gauge)
disable_created_metrics()  # type: ignore[no-untyped-call]  # when each series began would double their number


@dataclass(frozen=True, slots=True)
class Counted:
    """What is counted of one call: was anything `read` from a FHIR server, the state of each source, rules that `fired` or `failed`, those of cards `sent`."""

    outcome: Outcome
    read: bool
    states: tuple[tuple[str, State], ...]
    fired: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    sent: tuple[str, ...] = ()


def counted(evaluation: Evaluation) -> Counted:
    decision, rules = evaluation.decision, {id(card): advice.rule.id for card, advice in evaluation.advised}
    return Counted(
        outcome=evaluation.outcome,
        read=bool(evaluation.arrived.read),
        states=tuple((key, answer.state) for key, answer in evaluation.arrived.answers.items() if key in QUERIES),
        fired=tuple(advice.rule.id for advice in decision.advice) if decision else (),
        failed=tuple(decision.failed) if decision else (),
        sent=tuple(rules.get(id(card)) or _without_advice(card) for card in evaluation.cards),
    )


class Metrics:
    """The counts of one worker. `clients` are the registered ones, by the names the operator gave them; `disabled` are rules that do not run."""

    def __init__(self, version: str, rules: str, clients: Iterable[str] = (), disabled: frozenset[str] = frozenset()) -> None:
        self.registry = registry = CollectorRegistry()
        running = [rule for rule in URGENCY if not disabled & {rule, rule.rstrip("ciw")}]
        self._build = Gauge("pncds_build", "1; the labels say what runs.", ("version", "rules"), registry=registry, multiprocess_mode="max")
        self._build.labels(version, rules).set(1)
        self._calls = _counter("pncds_calls", "Calls answered, by what they came to.", registry, outcome=[each.name.lower() for each in Outcome])
        self._seconds = Histogram("pncds_call_seconds", "From the arrival of a call to its answer.", ("read",), registry=registry, buckets=SECONDS)
        self._times = {read: self._seconds.labels("yes" if read else "no") for read in (True, False)}
        self._cards = Counter("pncds_cards", "Cards sent, by rule and urgency.", ("rule", "urgency"), registry=registry)
        self._sent = {(rule, URGENCY.get(rule, "info")): self._cards.labels(rule, URGENCY.get(rule, "info")) for rule in (*RULE_IDS, REMINDER)}
        self._advice = _counter("pncds_advice", "Times a rule fired, whether its card was sent, quieted or withheld.", registry, rule=URGENCY)
        self._fired = _gauge("pncds_rule_fired_timestamp_seconds", "When a rule that runs last fired; 0: not since the service began.", registry, rule=running)
        self._failures = _counter("pncds_rule_failures", "Times a rule could not be judged because of an internal error.", registry, rule=URGENCY)
        self._states = Counter("pncds_source_states", "State of each data source of the calls answered.", ("source", "state"), registry=registry)
        self._sources = {(key, state): self._states.labels(key, state.replace(" ", "_")) for key in QUERIES for state in State}
        self._unsettled: dict[tuple[str, State], int] = defaultdict(int)
        self._reads = Histogram("pncds_fhir_read_seconds", "Reads from FHIR servers, by result.", ("result",), registry=registry, buckets=SECONDS)
        self._read = {result: self._reads.labels(result) for result in RESULTS}
        self._refusals = _begun(Counter("pncds_refusals", "Calls refused, by code and cause.", ("code", "status", "cause"), registry=registry), REFUSED)
        self._tokens = _counter("pncds_tokens_accepted", "Tokens used up.", registry, client=clients)
        answers = Counter("pncds_feedback", "Answers to cards.", ("rule", "outcome", "reason"), registry=registry)
        self._feedback = _begun(answers, product(RULE_IDS, OUTCOMES, (NONE,)))
        self._appends = Histogram("pncds_audit_append_seconds", "From handing an entry over to its commit.", registry=registry, buckets=COMMIT_SECONDS)

    def called(self, call: Counted, seconds: float, at: float) -> None:
        """A call that was answered, at `at` (epoch seconds)."""
        self._calls[call.outcome.name.lower()].inc()
        self._times[call.read].observe(seconds)
        for source in call.states:
            self._unsettled[source] += 1
        for rule in call.fired:
            self._advice[rule].inc()
            self._fired[rule].set(at)
        for rule in call.failed:
            self._failures[rule].inc()
        for rule in call.sent:
            self._sent[rule, URGENCY.get(rule, "info")].inc()

    def settle(self) -> None:
        """Counts what gathered of the sources: thirteen a call are too many to be written down one by one."""
        gathered, self._unsettled = self._unsettled, defaultdict(int)
        for source, times in gathered.items():
            self._sources[source].inc(times)

    async def settle_each_second(self) -> None:
        """Runs until cancelled."""
        while True:
            await asyncio.sleep(1)
            self.settle()

    def answered(self, takes: Sequence[Taken]) -> None:
        """What clinicians did with cards, as far as it is told in words of ours."""
        for each in takes:
            rule = each.shown.rule if each.shown else NONE
            rule = NOT_EVALUATED if rule == NOT_EVALUATED_TOPIC else rule
            outcome = each.feedback.outcome if each.feedback.outcome in OUTCOMES else NOT_STATED
            reason = each.reason if each.reason in REASONS else OTHER if each.feedback.reasons or each.reason else NONE
            self._feedback.labels(rule if rule in RULE_IDS or rule == NONE else REMINDER, outcome, reason).inc()

    def refused(self, refusal: Refusal) -> None:
        cause = str(refusal.cause) or NONE
        self._refusals.labels(refusal.code, str(refusal.kind.status), cause if cause in CAUSES or cause == NONE else OTHER).inc()

    def accepted(self, client: str) -> None:
        """A token of a registered client was used up."""
        self._tokens[client].inc()

    def read(self, result: str, seconds: float) -> None:
        self._read[result].observe(seconds)

    def appended(self, seconds: float) -> None:
        self._appends.observe(seconds)

    def all_workers(self) -> Collector:
        """What all workers of this service counted together, those that have ended too."""
        together: Collector = MultiProcessCollector(None, os.environ[FOLDER]) if _shared() else self.registry  # type: ignore[no-untyped-call]
        return together


def _begun(counter: Counter, series: Iterable[tuple[str, ...]]) -> Counter:
    """Counts these from 0 on."""
    for labels in series:
        counter.labels(*labels)
    return counter


def _counter(name: str, says: str, registry: CollectorRegistry, **label: Iterable[str]) -> dict[str, Counter]:
    return _each(Counter(name, says, tuple(label), registry=registry), label)


def _gauge(name: str, says: str, registry: CollectorRegistry, **label: Iterable[str]) -> dict[str, Gauge]:
    return _each(Gauge(name, says, tuple(label), registry=registry, multiprocess_mode="max"), label)


def _each(metric: C, label: dict[str, Iterable[str]]) -> dict[str, C]:
    """The metric for each value of its one label, there from the start: what never happened is 0 and not missing."""
    return {value: metric.labels(value) for (values_,) in (label.values(),) for value in values_}


def _without_advice(card: Card) -> str:
    """Which of the two sorts of card that rest on no advice."""
    return NOT_EVALUATED if card.source.topic.code == NOT_EVALUATED_TOPIC else REMINDER


def share(folder: Path) -> None:
    """From now on this worker counts in `folder`, in a place of its own: that of a worker that died, where there is one, whose counts go on."""
    for number in count():
        place = os.open(folder / f"worker-{number}", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(place)
        else:
            break  # held until the process ends
    os.environ[FOLDER] = str(folder)
    values.ValueClass = values.MultiProcessValue(lambda: number)  # type: ignore[no-untyped-call]


def _shared() -> bool:
    return bool(getattr(values.ValueClass, "_multiprocess", False))
