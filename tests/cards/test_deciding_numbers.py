"""Which numbers decide on which rule, traced: each chart of the specification is judged while every number that is looked up is noted."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from itertools import product

import pytest
from charts import AS_OF, Chart, seen
from evaluating import evaluated
from spec.table import ROWS

from cards.guidance.attributes import ADDS, deciding
from cards.guidance.case import Case
from cards.guidance.derive import DERIVATIONS
from cards.guidance.findings import Finding
from cards.guidance.gaps import has_symptom_or_continence_finding
from cards.guidance.interpretations import INTERPRETATIONS, Numbers, numbers_in_force
from cards.guidance.rules import NOT_EVALUATED, RULES

SEPARATES = {"R04i": {"persistent_days"}}
"""Named on the card though nothing of the rule looks it up: beyond it another rule applies."""

EARLIER = AS_OF - timedelta(days=30)
"""A day on which most records of those charts still lie ahead."""


class Noted(dict[str, float]):
    """Numbers in force that know which of them were looked up."""

    def __init__(self) -> None:
        super().__init__(numbers_in_force().values)
        self.read: set[str] = set()

    def __getitem__(self, id: str) -> float:
        self.read.add(id)
        return super().__getitem__(id)


@cache
def looked_up() -> dict[Finding, set[str]]:
    read: dict[Finding, set[str]] = {finding: set() for finding in DERIVATIONS}
    charts = [*(row.chart() for row in ROWS), *(Chart(row.edge.facts, row.sources) for row in ROWS if row.edge)]
    for decision in filter(None, (evaluated(chart).decision for chart in charts)):
        for (finding, derivation), day in product(DERIVATIONS.items(), (AS_OF, EARLIER)):
            numbers = Noted()
            derivation(Case(decision.case.chart, day, Numbers(numbers)))
            read[finding] |= numbers.read
    return read


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_each_rule_tells_the_numbers_that_decide_on_it_and_no_others(rule) -> None:
    read = set().union(*(looked_up()[finding] for finding in rule.when.needs()))
    ages = set() if rule.red_flag else {"adult_years"}
    told = set(deciding(rule.id, rule.numbers, red_flag=rule.red_flag))
    assert told - set(ADDS.get(rule.id, ())) == (read | ages | SEPARATES.get(rule.id, set())) - set(ADDS.get(rule.id, ()))


def test_the_card_that_says_not_evaluated_tells_the_numbers_that_decide_on_it() -> None:
    read: set[str] = set()
    for row, day in product(ROWS, (AS_OF, EARLIER)):
        decision, numbers = evaluated(row.chart()).decision, Noted()
        if decision:
            has_symptom_or_continence_finding(Case(decision.case.chart, day, Numbers(numbers)))
            read |= numbers.read
    assert set(deciding(NOT_EVALUATED, (), red_flag=True)) == read


@pytest.mark.parametrize("facts", [(seen("MDS urinary continence", 1, 2),), (seen("Post-void residual", 0, 650, unit="mL"),)], ids=["item", "residual"])
def test_an_assessment_alone_is_enough_for_it(facts) -> None:
    """As its source attributes say."""
    assert [card.source.topic.code for card in evaluated(Chart(facts, {"Condition": "error"})).cards] == ["NotEvaluated"]


def test_every_number_bears_on_some_rule() -> None:
    assert {id for rule in RULES for id in deciding(rule.id, rule.numbers, red_flag=rule.red_flag)} == {each.id for each in INTERPRETATIONS}
