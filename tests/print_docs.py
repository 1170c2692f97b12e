"""Prints the pages under docs/ that come from code: rules, cards, errors, prefetch, and how to connect each EHR. With --check it only says which is stale."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import records  # noqa: E402
from charts import Chart  # noqa: E402
from connecting_docs import PAGES as CONNECTING  # noqa: E402
from evaluating import evaluated  # noqa: E402
from spec.rows import Edge, Row, Section  # noqa: E402
from spec.table import SECTIONS  # noqa: E402

from cards.guidance.article import GUIDELINES, STATEMENTS, TITLE, URL  # noqa: E402
from cards.guidance.attributes import PATIENT_ATTRIBUTES, deciding, uses  # noqa: E402
from cards.guidance.criteria import outline  # noqa: E402
from cards.guidance.definitions import DEFINITIONS  # noqa: E402
from cards.guidance.evidence import FIGURES, INFERENCE, LIMITS  # noqa: E402
from cards.guidance.history import CHANGES, REVIEWS  # noqa: E402
from cards.guidance.interpretations import INTERPRETATIONS  # noqa: E402
from cards.guidance.rule import Rule  # noqa: E402
from cards.guidance.rules import (  # noqa: E402
    NOT_EVALUATED,
    NOT_EVALUATED_CITES,
    NOT_EVALUATED_NAME,
    NOT_EVALUATED_SUMMARY,
    NOT_EVALUATED_TOPIC,
    NOT_EVALUATED_WHEN,
    NOT_EVALUATED_WHY,
    RULES,
    VERSION,
)
from cds_hooks.about.document import LEVEL, MARKS  # noqa: E402
from cds_hooks.about.form import schema  # noqa: E402
from cds_hooks.about.hazards import HAZARDS, SEVERITY_MEANS  # noqa: E402
from cds_hooks.about.pages import REGULATION  # noqa: E402
from cds_hooks.errors import KINDS  # noqa: E402
from cds_hooks.settings import Settings  # noqa: E402
from fhir_mappings.queries import QUERIES  # noqa: E402

SHOWN = 5
CANONICAL_BASE = Settings.model_fields["canonical_base"].default

SAID_OF_RULES = {line for rule in RULES for line in (*rule.why, *rule.options, *rule.changes)}


def rules_page() -> Iterator[str]:
    yield from (
        "# The rules",
        "",
        "Printed by `make docs` from the rule table and the worked examples that are its tests; do not edit by hand.",
        "",
        f"Rule set {VERSION}. Seed: [{TITLE}]({URL}), cited as A1 to A34. Marks: {'; '.join(f'{mark} {words}' for mark, words in MARKS.items())}.",
        "",
        "Of the rules that apply, the highest in this order makes the card; R07 may stand beside it, and R08 is only told on other cards. At most two cards are shown.",
        "A mild R07 folds into a critical card. Silence means that the rules ran on a whole chart and none applied; it does not mean that there is no risk.",
        "",
    )
    for rule in RULES:
        yield from _rule(rule)
    yield from _not_evaluated()
    yield from ("## What the words mean", "", "| Word | Meaning | Numbers |", "| --- | --- | --- |")
    yield from (f"| {each.word} | {each.meaning} | {', '.join(f'`{number}`' for number in each.numbers)} |" for each in DEFINITIONS)
    yield ""
    yield from ("## Worked examples", "", "Each line is a test. Ages are in days before the day of evaluation.", "")
    for section in SECTIONS:
        yield from _section(section)
    yield from _numbers()
    yield from _evidence()
    yield from _sources()


def _rule(rule: Rule) -> Iterator[str]:
    yield from (f"## {rule.id} {rule.name}", "", *_trigger(rule), f"- Urgency: {rule.urgency.value}", f"- Topic: `{rule.topic}`")
    if rule.summary:
        yield f"- Summary: {rule.summary}"
    yield f"- Rests on: {', '.join(rule.cites)} (marks {rule.marks})"
    yield f"- Numbers: {', '.join(f'`{each}`' for each in deciding(rule.id, rule.numbers, red_flag=rule.red_flag))}"
    yield f"- Ages: {'every age' if rule.red_flag else 'adults, by `adult_years`'}"
    for title, lines in (("Why", rule.why), ("Options", rule.options), ("Would change it", rule.changes)):
        yield from (f"- {title}: {line}" for line in lines)
    yield from _transparency(rule.id)
    yield from _examples(rule)
    yield ""


def _transparency(rule: str) -> Iterator[str]:
    """What it looks at of the patient, and when somebody last held it against its sources; the rest of the thirteen attributes is the same for every rule."""
    used = [f"{PATIENT_ATTRIBUTES[name].lower()} ({use.how})" for name, use in uses(rule).items() if use.used]
    review = REVIEWS[rule]
    yield f"- Of the patient's attributes it uses: {'; '.join(used) or 'none'}"
    yield f"- Reviewed: {review.on}, by {review.by}; due again {review.due}"


def _not_evaluated() -> Iterator[str]:
    yield from (f"## {NOT_EVALUATED} {NOT_EVALUATED_NAME}", "", "- Applies when", *(f"  - {each}" for each in NOT_EVALUATED_WHEN))
    yield from (
        f"- Topic: `{NOT_EVALUATED_TOPIC}`",
        f"- Summary: {NOT_EVALUATED_SUMMARY}",
        f"- Rests on: {', '.join(NOT_EVALUATED_CITES)}",
        f"- Why: {NOT_EVALUATED_WHY}",
    )
    yield from (*_transparency(NOT_EVALUATED), "")


def _trigger(rule: Rule) -> Iterator[str]:
    """The criterion read aloud, one condition a line."""
    (_, first), *more = outline(rule.when)
    yield "- Applies when" if more else f"- Applies when: {first}"
    if more:
        yield from (f"{'  ' * (depth + 1)}- {line}" for depth, line in outline(rule.when))


def _examples(rule: Rule) -> Iterator[str]:
    """Where the rule applies and, in the same part of the specification, where it stays quiet; the facts stand under worked examples."""
    mine = [section for section in SECTIONS if any(rule.id in row.gives for row in section.rows)]
    firing = [row.name for section in mine for row in section.rows if rule.id in row.gives]
    quiet = [row.name for section in mine for row in section.rows if rule.id not in row.gives]
    for title, names in (("Applies in", firing), ("Stays quiet in", quiet)):
        if names:
            more = f"; and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
            yield f"- {title}: {'; '.join(names[:SHOWN])}{more}"


def _section(section: Section) -> Iterator[str]:
    yield from (f"### {section.title}", "", "| Chart | Facts | Cards |", "| --- | --- | --- |")
    for row in section.rows:
        yield _row(row.name, row, row.gives)
        if row.edge:
            yield _row(f"... across the border of `{row.edge.number}`", row.edge, row.edge.gives)
    yield ""


def _row(name: str, row: Row | Edge, gives: tuple[str, ...]) -> str:
    facts = "; ".join(fact.words for fact in row.facts) or "nothing relevant"
    sources = "; ".join(f"{kind}s: {state}" for kind, state in getattr(row, "sources", {}).items())
    return f"| {name} | {'; '.join(filter(None, (facts, sources)))} | {', '.join(gives) or 'none'} |"


def cards_page() -> Iterator[str]:
    yield from ("# What the cards of the worked examples say", "", "Printed by `make docs` and compared by a test; do not edit by hand.", "")
    yield "Left out is what stands on every card of a rule and in [rules.md](rules.md): why it matters, the options, what would change it, the footer."
    for section in SECTIONS:
        yield from ("", f"## {section.title}")
        for row in section.rows:
            yield from ("", f"### {row.name}", "", *_cards(row))
            if row.edge:
                yield from ("", f"Across the border of `{row.edge.number}`:", "", *_cards(row.edge))


def _cards(row: Row | Edge) -> Iterator[str]:
    """The facts are numbered within their chart, so that a new example renumbers no other."""
    facts = tuple(replace(each, resource={**each.resource, "id": f"{number}"}) for number, each in enumerate(row.facts, 1))
    cards = evaluated(Chart(facts, getattr(row, "sources", {}))).cards
    for card in cards:
        yield f"- **{card.summary}** ({card.indicator}, {card.source.topic.code})"
        yield from (f"  {line}" for line in card.detail.splitlines() if line.startswith("- ") and line[2:] not in SAID_OF_RULES)
        if card.suggestions:
            yield f"  - Offered: {'; '.join(each.label for each in card.suggestions)}"
    if not cards:
        yield "No card."


def _numbers() -> Iterator[str]:
    yield from ("## Numbers", "", "Each can be changed under `[interpretations]` inside its bounds; a changed number shows on the card.", "")
    yield from ("| Number | Default | Bounds | Meaning | Reason | Source | Mark |", "| --- | --- | --- | --- | --- | --- | --- |")
    for each in INTERPRETATIONS:
        yield f"| `{each.id}` | {each.value:g} {each.unit} | {each.least:g} to {each.most:g} | {each.meaning} | {each.rationale} | {each.source} | {each.grade} |"
    yield ""


def _evidence() -> Iterator[str]:
    yield from ("## How strong the evidence is", "", "| Question | Figure | Source |", "| --- | --- | --- |")
    yield from (f"| {each.question} | {each.figure} | {each.source} |" for each in FIGURES)
    yield from ("", INFERENCE, "", *(f"- {line}" for line in LIMITS), "")


def _sources() -> Iterator[str]:
    yield from ("## The article, statement by statement", "", "| Id | Section | Statement | Used by |", "| --- | --- | --- | --- |")
    for each in STATEMENTS.values():
        users = ", ".join(rule.id for rule in RULES if each.id in rule.cites) or f"background: {each.background}"
        yield f"| {each.id} | {each.section} | {each.text} | {users} |"
    yield from ("", "## Guidelines", "")
    yield from ("Grades are five kinds of source, 1 the strongest; nobody appraised them by GRADE. The article itself is the last of them.", "")
    yield from ("| Id | Source | Note | Grade | Read |", "| --- | --- | --- | --- | --- |")
    for each in GUIDELINES.values():
        yield f"| {each.id} | [{each.label}]({each.url}) | {each.note} | {LEVEL[each.grade]}: {each.grade} | {each.read} |"
    yield from ("", "## Changes", "", "| Rule set | Date | Rules | What |", "| --- | --- | --- | --- |")
    yield from (f"| {each.version} | {each.on} | {', '.join(each.rules)} | {each.what} |" for each in CHANGES)


def errors_page() -> Iterator[str]:
    yield from ("# Errors", "", "Printed by `make docs`; do not edit by hand.", "")
    yield "Every answer that is not 2xx is a FHIR OperationOutcome (`application/fhir+json`). Its id, the `X-Correlation-Id` header and the audit entry's `correlationId` are the same value."
    yield "`issue[0].details.coding[0].code` is one of these codes; nothing of the request is repeated."
    yield from ("", "| Code | Status | Cause | What to do |", "| --- | --- | --- | --- |")
    yield from (f"| `{each.code}` | {each.status} | {each.cause} | {each.remedy} |" for each in sorted(KINDS.values(), key=lambda each: each.status))


def prefetch_page() -> Iterator[str]:
    yield from ("# Prefetch", "", "Printed by `make docs`; do not edit by hand.", "")
    yield "These are the templates that discovery publishes. Type them in where an EHR does not read discovery. Every key may be sent as data, as `null` or as an empty Bundle."
    yield "Conditions and Observations are needed; any one of the Observation keys that can carry symptoms counts. Orders, procedures and imaging are optional: without them the card says so."
    yield from ("", "| Key | Query | Needed for |", "| --- | --- | --- |")
    yield from (f"| `{each.key}` | `{each.template}` | {each.needed_for} |" for each in QUERIES.values())
    yield from ("", "Records that none of these searches returns are outside the data supplied.")


def hazards_page() -> Iterator[str]:
    yield from ("# Hazards", "", "Printed by `make docs` from `cds_hooks/about/hazards.py`, and served at `/about/hazards`; do not edit by hand.", "")
    yield "After ISO 14971, in brief. Each control names the tests that prove it. A test fails when one of them is not there, and a run of the tests fails when one was skipped or did not pass."
    yield from ("", SEVERITY_MEANS, "", "| Id | Hazard | Cause | Harm | Severity | What remains |", "| --- | --- | --- | --- | --- | --- |")
    yield from (f"| {each.id} | {each.hazard} | {each.cause} | {each.harm} | {each.severity} | {each.remains} |" for each in HAZARDS)
    yield from ("", "## Controls", "", "| Hazard | Control | Proved by |", "| --- | --- | --- |")
    for each in HAZARDS:
        yield from (f"| {each.id} | {control.what} | {'<br>'.join(f'`{test}`' for test in control.tests)} |" for control in each.controls)


def regulation_page() -> Iterator[str]:
    """The page as it is served, with links that lead somewhere in a working copy."""
    text = REGULATION.read_text(encoding="utf-8")
    for place, page in SERVED.items():
        text = text.replace(f"]({place})", f"]({page})")
    yield from text.splitlines()


SERVED = {"/about/hazards": "hazards.md", "/about.json": "about.md", "/about": "about.md", "/rules": "rules.md"}


def schema_page() -> Iterator[str]:
    yield from json.dumps(schema(CANONICAL_BASE), indent=1).splitlines()


PAGES = {"rules.md": rules_page, "cards.md": cards_page, "errors.md": errors_page, "connecting/prefetch.md": prefetch_page, **CONNECTING}
PAGES |= {"connecting/records.md": records.page, "hazards.md": hazards_page, "regulation.md": regulation_page, "about.schema.json": schema_page}


def is_current(name: str) -> bool:
    path = ROOT / "docs" / name
    return path.exists() and path.read_text(encoding="utf-8") == "\n".join(PAGES[name]()).rstrip("\n") + "\n"


def main(arguments: list[str]) -> int:
    stale = [name for name in PAGES if not is_current(name)]
    if "--check" not in arguments:
        for name in stale:
            (ROOT / "docs" / name).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / "docs" / name).write_text("\n".join(PAGES[name]()).rstrip("\n") + "\n", encoding="utf-8")
        return 0
    if stale:
        sys.stderr.write(f"docs/{stale[0]} is stale: run `make docs` and commit it.\n")
    return 1 if stale else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
