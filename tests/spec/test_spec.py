"""The specification: each chart gives exactly the cards its row names, and each number has a pair of charts at its border."""

from __future__ import annotations

import pytest
from charts import Chart
from evaluating import evaluated, policy, said, shown
from print_docs import is_current
from spec.rows import Row
from spec.table import ROWS

from cards.guidance.article import GUIDELINES, STATEMENTS
from cards.guidance.interpretations import INTERPRETATIONS, Numbers, numbers_in_force
from cards.guidance.rules import RULES
from cds_hooks.evaluation import Policy

EDGES = [row for row in ROWS if row.edge]


def named(row: Row) -> str:
    return row.name


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_chart_gives_the_cards_of_its_row(row: Row) -> None:
    evaluation = evaluated(row.chart())
    assert shown(evaluation) == row.gives
    assert evaluation.decision is None or not evaluation.decision.failed
    for words in row.says:
        assert words in said(evaluation)


@pytest.mark.parametrize("page", ["rules.md", "cards.md"])
def test_the_printed_pages_are_current(page: str) -> None:
    """Every word of the cards of this specification, as a clinician reviews them: run `make docs` and read what changed."""
    assert is_current(page)


@pytest.mark.parametrize("row", EDGES, ids=named)
def test_border_is_where_the_number_says(row: Row) -> None:
    beyond = Chart(row.edge.facts, row.sources)
    evaluation = evaluated(beyond)
    assert shown(evaluation) == row.edge.gives
    assert evaluation.decision is None or not evaluation.decision.failed
    assert says_otherwise(row.chart(), beyond), "the two sides of the border must differ"


@pytest.mark.parametrize("row", EDGES, ids=named)
def test_border_moves_with_its_number(row: Row) -> None:
    """With the number moved up or down, a side of the border is decided otherwise: the pair tests this number."""
    pair = (row.chart(), Chart(row.edge.facts, row.sources))
    usual = numbers_in_force()
    moved = [policy_with({**usual.values, row.edge.number: usual[row.edge.number] * factor}) for factor in (0.5, 2)]
    outlines = [[outline(evaluated(chart, chosen=chosen)) for chart in pair] for chosen in (policy(), *moved)]
    assert any(each != outlines[0] for each in outlines[1:])


def test_every_number_has_its_border() -> None:
    assert {row.edge.number for row in EDGES} == {each.id for each in INTERPRETATIONS}


def test_the_table_is_more_than_moved_numbers() -> None:
    charts = len(ROWS) + len(EDGES)
    assert charts >= 120
    assert len(EDGES) <= charts / 3


def test_every_rule_is_shown_firing_and_kept_quiet() -> None:
    firing = {rule for row in ROWS for rule in row.gives}
    told_elsewhere = {"R08"}
    assert firing | told_elsewhere == {rule.id for rule in RULES}
    assert any(not row.gives for row in ROWS)


def test_every_statement_is_cited_or_background() -> None:
    cited = {each for rule in RULES for each in rule.cites}
    assert cited <= STATEMENTS.keys() | GUIDELINES.keys()
    assert {each.id for each in STATEMENTS.values() if each.id not in cited} == {each.id for each in STATEMENTS.values() if each.background}
    assert len(STATEMENTS) == 34


def says_otherwise(one: Chart, other: Chart) -> bool:
    return outline(evaluated(one)) != outline(evaluated(other))


def outline(evaluation) -> tuple:
    """What a clinician would notice: the cards, their facts' number, the remarks and suggestions."""
    return tuple(
        (
            advice.rule.id,
            len(advice.evidence),
            len(advice.mentioned),
            tuple(line for line in card.detail.splitlines() if line.startswith("- Consider cath") or "ratio" in line or "timing" in line),
        )
        for advice, card in zip(evaluation.decision.advice if evaluation.decision else (), evaluation.cards, strict=False)
    )


def policy_with(values: dict[str, float]) -> Policy:
    """A policy with numbers that start-up would refuse."""
    return Policy(numbers=Numbers(values), canonical_base="https://example.org")
