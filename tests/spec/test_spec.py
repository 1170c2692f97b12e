"""The specification: each chart gives exactly the cards its row names, and each number has a pair of charts at its border."""

from __future__ import annotations

from dataclasses import replace

import pytest
from charts import Chart, Fact, order, person, problem, seen
from evaluating import evaluated, policy, said, shown
from print_docs import is_current
from spec.rows import Row
from spec.table import ROWS

from cards.guidance.article import GUIDELINES, STATEMENTS
from cards.guidance.decide import Verdict
from cards.guidance.findings import Finding as F
from cards.guidance.findings import Status
from cards.guidance.interpretations import INTERPRETATIONS, Numbers, UnsafeInterpretation, numbers_in_force
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


@pytest.mark.parametrize("value", [True, "14", None, float("nan"), float("inf"), 13, 43])
def test_an_unsafe_number_is_refused(value: object) -> None:
    with pytest.raises(UnsafeInterpretation, match=r"^interpretations\.new_days must [^.]+\.$"):
        numbers_in_force({"new_days": value})


def test_a_number_may_lie_on_its_bounds() -> None:
    assert numbers_in_force({"new_days": 14}).overridden() == {}
    assert numbers_in_force({"new_days": 42}).overridden() == {"new_days": 42}


def test_the_table_is_more_than_moved_numbers() -> None:
    charts = len(ROWS) + len(EDGES)
    assert charts >= 120
    assert len(EDGES) <= charts / 3


def test_every_rule_is_shown_firing_and_kept_quiet() -> None:
    """On charts with a leg symptom or continence finding, so that quiet is a decision and not an empty chart."""
    decisions = [evaluated(row.chart()).decision for row in ROWS if len(row.facts) > 1]
    verdicts = [{each.rule: each.outcome for each in decision.verdicts} for decision in decisions if decision]
    for rule in RULES:
        outcomes = {each[rule.id] for each in verdicts}
        assert "not met" in outcomes, rule.id
        assert outcomes - {"not met"}, rule.id


def test_every_statement_is_cited_or_background() -> None:
    cited = {each for rule in RULES for each in rule.cites}
    assert cited <= STATEMENTS.keys() | GUIDELINES.keys()
    assert {each.id for each in STATEMENTS.values() if each.id not in cited} == {each.id for each in STATEMENTS.values() if each.background}
    assert len(STATEMENTS) == 34


STATES = {
    F.NEW_URINARY_INCONTINENCE: "urinary incontinence",
    F.NEW_RETENTION: "urinary retention",
    F.NEW_VOIDING_CHANGE: "urinary hesitancy",
    F.NEW_BOWEL_LOSS: "bowel incontinence",
    F.NEW_SADDLE_NUMBNESS: "saddle numbness",
    F.SUBACUTE_CHANGE: "saddle numbness",
    F.SUBACUTE_CHANGE_ALONGSIDE: "bowel incontinence",
    F.SUBACUTE_CHANGE_WITH_BACK_PAIN: "bowel incontinence",
    F.OWN_MECHANISM_CHANGE: "stress incontinence",
    F.SURVEY_WITHOUT_BASELINE: "urinary incontinence",
    F.HESITANCY_WITH_PROSTATE_CAUSE: "urinary hesitancy",
    F.CHANGE_LATER_DENIED: "urinary incontinence",
    F.SUSPECTED_CHANGE: "urinary incontinence",
    F.SADDLE_NUMBNESS_ALONE: "saddle numbness",
    F.BUTTOCK_NUMBNESS: "Numbness of buttock",
    F.NEW_SEXUAL_DYSFUNCTION: "erectile dysfunction",
    F.BILATERAL_LEG_SYMPTOM: "leg numbness",
    F.LEG_SYMPTOM: "leg cramps",
    F.LUMBAR_ROOT_DIAGNOSIS: "lumbar stenosis",
    F.BACK_PAIN_ONLY: "low back pain",
    F.NEW_LEG_NEUROLOGY: "sciatica",
    F.RADICULAR_SYMPTOM: "sciatica",
    F.BOTH_LEGS_WEAK_URGENT: "leg weakness",
    F.LEG_WEAKNESS_SEVERE: "foot drop",
    F.LEG_SPASM: "leg cramps",
    F.LEG_WEAKNESS: "leg weakness",
    F.PERSISTENT_SENSORY: "leg numbness",
    F.RECENT_SENSORY: "leg tingling",
    F.SEVERE_SPASM: "leg cramps",
    F.WORSENING_SPASM: "leg cramps",
    F.PERSISTENT_SPASM: "leg cramps",
    F.SLEEP_DISTURBED: "insomnia",
    F.ACTIVITY_LIMITED: "walking disability",
    F.OVERUSE_OR_POSTURE: "overexertion",
    F.ROOT_LINK: "lumbar stenosis",
    F.NEUROLOGY_WITHOUT_CONTINENCE_RECORD: "sciatica",
    F.WORKUP_COVERS_CHANGE: "lumbar MRI",
    F.CAUDA_EQUINA_SUSPECTED: "cauda equina syndrome",
}


@pytest.mark.parametrize(("finding", "what"), STATES.items(), ids=list(STATES))
def test_denied_not_assessed_and_not_recorded_are_kept_apart(finding: F, what: str) -> None:
    charts = (Chart((seen(what, 2, "no"),)), Chart((seen(what, 2, "not assessed"),)), Chart((seen("hypertension", 2, "no"),)))
    assert [evaluated(chart).decision.findings[finding].status for chart in charts] == [Status.ABSENT, Status.NOT_ASSESSABLE, Status.NOT_RECORDED]


CRAMPS = problem("leg cramps", 20)
COVERED = (problem("sciatica", 6), problem("urinary incontinence", 2), order("lumbar MRI", 0))
VERDICTS = [
    ("R05i", "shown", "", (CRAMPS,), frozenset()),
    ("R05i", "switched off", "", (CRAMPS,), frozenset({"R05i"})),
    ("R05i", "switched off", "", (CRAMPS,), frozenset({"R05"})),
    ("R05i", "not met", "general rules apply to adults", (CRAMPS, person("2010-03-16")), frozenset()),
    ("R05i", "held back", "R04w is shown", (CRAMPS, problem("left leg weakness", 10)), frozenset()),
    ("R01", "held back", "work-up under way", COVERED, frozenset()),
    ("R08", "mentioned", "told on other cards only", (CRAMPS, seen("overexertion", 2)), frozenset()),
    ("R08", "held back", "told on other cards only", (seen("leg cramps", 1), seen("overexertion", 2)), frozenset()),
    ("R08", "held back", "told on other cards only", (problem("leg cramps", 5), problem("urinary incontinence", 2), seen("overexertion", 2)), frozenset()),
    ("R09", "not met", "active lumbar root diagnosis or sciatica: recorded absent", (CRAMPS, seen("lumbar stenosis", 2, "no")), frozenset()),
]


@pytest.mark.parametrize(("rule", "outcome", "reason", "facts", "disabled"), VERDICTS, ids=[f"{each[0]} {each[1]} {each[2]}" for each in VERDICTS])
def test_every_rule_says_what_became_of_it(rule: str, outcome: str, reason: str, facts: tuple[Fact, ...], disabled: frozenset[str]) -> None:
    decision = evaluated(Chart(facts), chosen=replace(policy(), disabled=disabled)).decision
    assert [each.rule for each in decision.verdicts] == [each.id for each in RULES]
    assert Verdict(rule, outcome, reason) in decision.verdicts


SAID_OF_FINDINGS = [
    (F.HESITANCY_WITH_PROSTATE_CAUSE, (problem("urinary hesitancy", 5), problem("prostatic hyperplasia", 900)), Status.PRESENT),
    (F.HESITANCY_WITH_PROSTATE_CAUSE, (problem("urinary hesitancy", 5),), Status.NOT_RECORDED),
    (F.HESITANCY_WITH_PROSTATE_CAUSE, (problem("prostatic hyperplasia", 900),), Status.NOT_RECORDED),
    (
        F.OWN_MECHANISM_CHANGE,
        (problem("stress incontinence", 900, status="resolved", ended=500), problem("urinary incontinence", 3)),
        Status.NOT_RECORDED,
    ),
    (F.NEW_VOIDING_CHANGE, (problem("urinary hesitancy", 5), problem("prostatic hyperplasia", 900)), Status.NOT_RECORDED),
    (F.SUBACUTE_CHANGE, (problem("urinary hesitancy", 50), problem("prostatic hyperplasia", 900)), Status.NOT_RECORDED),
]


@pytest.mark.parametrize(("finding", "facts", "status"), SAID_OF_FINDINGS, ids=[f"{each[0]} {each[2]} {index}" for index, each in enumerate(SAID_OF_FINDINGS)])
def test_what_a_chart_says_of_a_finding(finding: F, facts: tuple[Fact, ...], status: Status) -> None:
    """Where no card shows it because a higher one is shown."""
    assert evaluated(Chart(facts)).decision.findings[finding].status is status


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
