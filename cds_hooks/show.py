"""Words on a terminal: cards, the rule table, the samples, and what to try first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console, Group
from rich.markdown import Markdown
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from cards.guidance.attributes import deciding
from cards.guidance.findings import Flag
from cards.guidance.interpretations import INTERPRETATIONS, Numbers
from cards.guidance.rules import RULES, VERSION
from cards.model import Card
from cds_hooks.chart.prefetch import Answer
from cds_hooks.evaluation import Arrived, Evaluation
from cds_hooks.offline import Checked
from cds_hooks.sandbox.samples import Sample
from cds_hooks.services import SERVICE_ID
from cds_hooks.trust.checking import Finding
from fhir_mappings.queries import QUERIES
from fhir_mappings.reader import Reading

MAX_SHOWN = 90
MAX_FACTS = 25
COLOURS = {"critical": "red", "warning": "yellow", "info": "blue"}


def welcome(console: Console, base: str, profile: str, public_base: str) -> None:
    console.print(f"Serving at {base} ({profile} profile; stop with Ctrl+C).", markup=False)
    if profile == "production":
        console.print(f"Tokens must be meant for {public_base}/cds-services/{SERVICE_ID}: the public_base_url, to the letter.", markup=False, soft_wrap=True)
        return
    console.print(f"Open    {base}/", markup=False, soft_wrap=True)
    console.print(
        f"or try  curl -s {base}/samples/cauda-equina/request | curl -s -H 'Content-Type: application/json' -d @- {base}/cds-services/{SERVICE_ID}",
        markup=False,
        soft_wrap=True,
    )


def clients(console: Console, report: Mapping[str, Sequence[Finding]]) -> None:
    for name, findings in report.items():
        console.print(f"Client {name}", markup=False)
        for each in findings:
            console.print(f"  {'good ' if each.good else 'WRONG'}  {each.words}", markup=False, soft_wrap=True)


def checked(console: Console, result: Checked) -> None:
    """What is wrong comes last: after a long table that is where somebody looks."""
    console.rule(Text(result.name))
    if result.evaluation:
        if result.evaluation.arrived.read:
            console.print(_asked(result.evaluation))
        if result.evaluation.arrived.reading.evidence:
            console.print(_facts(result.evaluation.arrived.reading))
        for card in result.evaluation.cards:
            console.print(_panel(card))
        console.print(_records(result.evaluation.arrived), markup=False)
        console.print(f"Outcome: {result.evaluation.outcome}.", markup=False)
    for each in filter(None, (result.problem, result.remark)):
        console.print(each, markup=False)


def _facts(reading: Reading) -> Table:
    """What was read, symptoms before measurements."""
    table = Table(title="What was read of the records", show_lines=False)
    for heading in ("Record", "Read as", "Date"):
        table.add_column(heading, overflow="fold")
    for each in sorted(reading.evidence, key=lambda each: each.reading is not None)[:MAX_FACTS]:
        doubts = sorted(str(flag) for flag in each.flags - {Flag.CONFIRMED})
        state = f"{each.reading.value:g} {each.reading.unit}" if each.reading else each.presence
        said = ", ".join(filter(None, (each.concept, state, each.side, each.severity, *doubts)))
        table.add_row(Text(each.record.reference), Text(said), Text(each.record.shown_date or "undated"))
    if len(reading.evidence) > MAX_FACTS:
        table.add_row("", f"and {len(reading.evidence) - MAX_FACTS} more: see --json", "")
    return table


def _records(arrived: Arrived) -> str:
    """How many records came, how many of them say something here, and how many were set aside, by why."""
    reading = arrived.reading
    spoke = len({each.record.reference for each in reading.evidence})
    aside = "".join(f"; {many} set aside ({why})" for why, many in reading.ignored.items())
    return f"Records: {len(arrived.resources)}; {spoke} say something here{aside}."


def arrived(console: Console, key: str, answer: Answer) -> None:
    """One line as soon as a search has come back."""
    console.print(f"{key:14} {_state(answer)}", markup=False)


def _asked(evaluation: Evaluation) -> Table:
    table = Table(title="What was asked of the FHIR server, and what came", show_lines=False)
    for heading in ("Key", "Search", "Came"):
        table.add_column(heading, overflow="fold")
    for key in evaluation.arrived.read:
        template = QUERIES[key].template
        shown = template if len(template) <= MAX_SHOWN else f"{template[:MAX_SHOWN]}…"
        table.add_row(key, Text(shown.replace("{{context.patientId}}", "…")), Text(_state(evaluation.arrived.answers[key])))
    return table


def _state(answer: Answer) -> str:
    came = f"{answer.state}, {len(answer.resources)} record{'' if len(answer.resources) == 1 else 's'}"
    others = f", {answer.passed_over} of other patients passed over" if answer.passed_over else ""
    return f"{came}{others}{f' ({answer.reason})' if answer.reason else ''}"


def _panel(card: Card) -> Panel:
    colour = COLOURS[card.indicator]
    offered = [f"- {each.label}" for each in card.suggestions or ()]
    extra = "\n\n**Suggestions (drafts)**\n\n" + "\n".join(offered) if offered else ""
    heading = Text(f"{card.indicator.upper()}: {card.summary}\n", style=f"bold {colour}")
    return Panel(Group(heading, Markdown(card.detail + extra)), border_style=colour)


def rules(console: Console, numbers: Numbers) -> None:
    table = Table(title=f"Rules, set {VERSION}; the highest that applies makes the card", show_lines=True)
    for heading in ("Rule", "Topic", "When", "Urgency", "Rests on"):
        table.add_column(heading, overflow="fold")
    for rule in RULES:
        table.add_row(rule.id, rule.topic, str(rule.when), rule.urgency.value, f"{rule.marks}: {', '.join(rule.cites)}")
    console.print(table)
    console.print(_numbers(numbers))


def _numbers(numbers: Numbers) -> Table:
    table = Table(title="Numbers in force", show_lines=False)
    for heading in ("Id", "Value", "Meaning", "Grade", "Source"):
        table.add_column(heading, overflow="fold")
    for each in INTERPRETATIONS:
        changed = "" if numbers[each.id] == each.value else f" (default {each.value:g})"
        table.add_row(each.id, f"{numbers[each.id]:g} {each.unit}{changed}", each.meaning, *numbers.basis(each))
    return table


def rule_table(numbers: Numbers) -> dict[str, Any]:
    """The rule table and the numbers in force, for machines."""
    return {
        "version": VERSION,
        "rules": [
            {
                "id": rule.id,
                "topic": rule.topic,
                "name": rule.name,
                "urgency": rule.urgency.value,
                "when": str(rule.when),
                "summary": rule.summary,
                "marks": rule.marks,
                "cites": list(rule.cites),
                "numbers": list(deciding(rule.id, rule.numbers, red_flag=rule.red_flag)),
            }
            for rule in RULES
        ],
        "interpretations": [
            {
                "id": each.id,
                "value": numbers[each.id],
                "default": each.value,
                "unit": each.unit,
                "meaning": each.meaning,
                "rationale": each.rationale,
                **dict(zip(("grade", "source"), numbers.basis(each), strict=True)),
                "least": each.least,
                "most": each.most,
            }
            for each in INTERPRETATIONS
        ],
    }


def sample_list(console: Console, known: Iterable[Sample]) -> None:
    for sample in known:
        console.print(f"{sample.name:28} {sample.title}", markup=False)


def loaded(console: Console, patient_id: str, sample: Sample) -> None:
    """One line as soon as the server has the patient."""
    console.print(f"{patient_id:36} {sample.title}", markup=False, soft_wrap=True)


def after_loading(console: Console, url: str, patient_id: str, *, with_token: bool) -> None:
    token = " --token-file FILE" if with_token else ""
    console.print("Their dates count from today; load again another day. Loading again replaces them. Next:", markup=False, soft_wrap=True)
    console.print(f"pinched-nerve-cds check --fhir-server {url} --patient {patient_id}{token}", markup=False, soft_wrap=True)
