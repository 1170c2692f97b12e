"""What is not worked out, because the chart records nothing of it, is what working it out would give: for every chart, person, day and number."""

from __future__ import annotations

from datetime import timedelta

import pytest
from charts import AS_OF, Chart
from evaluating import evaluated
from hypothesis import given
from hypothesis import strategies as st
from spec.table import ROWS

from cards.guidance.case import Case
from cards.guidance.chart import Chart as Facts
from cards.guidance.chart import Person, Source, Supplied
from cards.guidance.decide import Decision, decide
from cards.guidance.derive import DERIVATIONS, silences
from cards.guidance.findings import Concept, Evidence, Flag, Interval, Kind, Presence, Record, Side
from cards.guidance.interpretations import INTERPRETATIONS, ORDERED, numbers_in_force
from cards.guidance.rules import RULES

days = st.none() | st.integers(-3, 500).map(lambda ago: Interval(AS_OF - timedelta(days=ago), AS_OF - timedelta(days=ago)))
records = st.builds(Record, reference=st.sampled_from(["Observation/1", "Condition/2"]), kind=st.sampled_from(Kind), onset=days, recorded=days, ended=days)
facts = st.builds(
    Evidence,
    concept=st.sampled_from(Concept),
    record=records,
    presence=st.sampled_from(Presence),
    side=st.sampled_from(Side),
    flags=st.frozensets(st.sampled_from(Flag), max_size=2),
)
people = st.builds(Person, born=st.none() | st.integers(-10, 40_000).map(lambda ago: Interval(AS_OF - timedelta(days=ago), AS_OF - timedelta(days=ago))))
supplies = st.builds(Supplied, st.sampled_from(Source), st.sampled_from(Source), st.booleans())
paired = {each for pair in ORDERED for each in pair}
numbers = st.fixed_dictionaries({}, optional={each.id: st.floats(each.least, each.most) for each in INTERPRETATIONS if each.id not in paired}).map(
    numbers_in_force
)
charts = st.builds(Facts, evidence=st.lists(facts, max_size=5).map(tuple), person=people, supplied=supplies)


def told(decision: Decision) -> tuple:
    """Everything that is said or recorded of a decision."""
    noted = [found for found in decision.findings.looked_at().values() if found.present or found.evidence]
    return decision.advice, decision.verdicts, decision.failed, noted


def worked_out(chart: Facts, as_of, numbers) -> Decision:
    """The long way: every finding from the start."""
    return decide(chart, as_of, numbers, derivations=dict(DERIVATIONS))


@given(charts, st.integers(-30, 400), numbers)
def test_every_verdict_is_what_working_it_out_gives(chart, later, numbers) -> None:
    day = AS_OF + timedelta(days=later)
    assert told(decide(chart, day, numbers)) == told(worked_out(chart, day, numbers))


@pytest.mark.parametrize("row", ROWS)
def test_the_worked_examples(row) -> None:
    decision = evaluated(Chart(row.facts, row.sources)).decision
    if decision is not None:
        chart, day = decision.case.chart, decision.case.as_of
        assert told(decide(chart, day, numbers_in_force())) == told(worked_out(chart, day, numbers_in_force()))


@pytest.mark.parametrize("concept", Concept)
def test_one_fact_alone(concept) -> None:
    """For each concept a positive, a negative and an unread record: no finding that looks at it is taken for silent."""
    for presence in Presence:
        for side in (Side.UNSTATED, Side.BOTH):
            record = Record(reference="Observation/1", kind=Kind.OBSERVATION, onset=Interval(AS_OF, AS_OF))
            chart = Facts(evidence=(Evidence(concept=concept, record=record, presence=presence, side=side),))
            assert told(decide(chart, AS_OF, numbers_in_force())) == told(worked_out(chart, AS_OF, numbers_in_force()))


@given(people, supplies, st.integers(-30, 400), numbers)
def test_silence_depends_on_nothing_but_how_the_chart_came(who, supplied, later, numbers) -> None:
    """Neither on the person nor on the day nor on the numbers: what holds of the empty chart it was learnt from holds of every empty chart."""
    case = Case(Facts(person=who, supplied=supplied), AS_OF + timedelta(days=later), numbers)
    for finding, each in silences(supplied).items():
        assert DERIVATIONS[finding](case) == type(each.found)(each.found.status)


def test_no_rule_is_met_by_silence() -> None:
    for supplied in (Supplied(), Supplied(Source.PARTLY, Source.NOT_OBTAINED)):
        known = silences(supplied)
        assert not any(each.found.present or each.found.evidence for each in known.values())
        assert all(each.concepts or supplied != Supplied() for each in known.values())
        assert {finding for rule in RULES for finding in rule.when.needs()} <= set(known)
