"""Advice becomes a card: wording, order, limits and the links that go with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from cards import facts, suggestions
from cards.guidance import gaps
from cards.guidance.article import GUIDELINES, TITLE, URL
from cards.guidance.chart import Source
from cards.guidance.decide import Advice, Decision
from cards.guidance.findings import Finding, Found
from cards.guidance.interpretations import NUMBERS
from cards.guidance.rule import Lane, Rule, Urgency
from cards.guidance.rules import NOT_EVALUATED, NOT_EVALUATED_SUMMARY, NOT_EVALUATED_TOPIC, VERSION
from cards.model import MAX_SUMMARY, Action, Card, Coding, Link, Suggestion
from cards.model import Source as CardSource

INDICATOR = {Urgency.IMMEDIATE: "critical", Urgency.SOON: "warning", Urgency.ROUTINE: "info"}

OVERRIDE_REASONS = (
    ("examined-no-red-flag", "Examined today, no red flag found"),
    ("imaging-requested-or-done", "MRI requested or done"),
    ("emergency-pathway-started", "Emergency pathway started"),
    ("long-standing-or-explained", "Long-standing, or explained by another cause"),
    ("symptom-resolved", "Symptom resolved"),
    ("record-wrong", "Record wrong, or wrong patient"),
    ("already-treating", "Already treating"),
    ("patient-declines", "Patient declines"),
    ("goals-of-care", "Goals of care"),
    ("not-my-patient", "Not my patient"),
    ("other", "Other reason"),
)

_ASIDE = re.compile(r" \([^()]*\)")
SUGGESTION_ACCEPTED = "A suggestion was accepted"
WORKUP_FOUND_TOPIC = "RedFlagWorkupFound"

NOT_A_CLEARANCE = "This does not mean that red flags are absent. Consider asking about bladder, bowel and saddle sensation."


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a card needs besides the advice: who it is about, when and where it is made, and what to say of the data. `pages` is where rules have theirs."""

    patient: str
    evaluated_at: datetime
    new_uuid: Callable[[], str]
    canonical_base: str
    pages: str = ""
    critical_indicator: str = "critical"
    notes: tuple[str, ...] = ()
    unverified: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Answered:
    """An earlier answer to a card, by which its like is not repeated until then. `reason` is one of OVERRIDE_REASONS, or names an accepted suggestion."""

    at: datetime
    until: datetime
    reason: str


def cards(decision: Decision, shown: Sequence[Advice], setting: Setting) -> list[Card]:
    return [_card(decision, advice, setting) for advice in shown]


def answered_before(decision: Decision, advice: Advice, answered: Answered, setting: Setting) -> Card:
    """The one line that stands for a critical card which was answered, while nothing new is recorded."""
    at, until = (f"{each:%Y-%m-%d %H:%M} UTC" for each in (answered.at, answered.until))
    reason = dict(OVERRIDE_REASONS).get(answered.reason, SUGGESTION_ACCEPTED)
    found = [*(facts.line(decision.case, each) for each in facts.ordered(advice.evidence)), *facts.further_line(advice.evidence), *_mentioned(decision, advice)]
    missing = [*setting.notes, *_failures(decision)]
    said = [f"The card of rule {advice.rule.id} ({summary(advice)}) was answered on {at}: {reason}."]
    changes = [
        "A new record, or a change of code, status, date or value in one of these, shows the card again at once; a note does not.",
        f"Otherwise it is shown again from {until} on, if the record still says so.",
    ]
    sections = (("Answered", said), ("Found", found), ("Not recorded or not assessed", missing), ("What would change this", changes))
    body = "\n\n".join(f"**{title}**\n\n" + "\n".join(f"- {line}" for line in lines) for title, lines in sections if lines)
    return Card(
        uuid=setting.new_uuid(),
        summary=_fitted(f"Red-flag card answered {at} ({reason}); nothing new recorded since."),
        detail=f"{body}\n\n{_footer(advice.rule.id, advice.rule.marks, (), setting, decision)}",
        indicator="info",
        source=_source(WORKUP_FOUND_TOPIC, setting),
        overrideReasons=_reasons(setting.canonical_base),
        links=_rule_page(advice.rule.id, setting) or None,
    )


def not_evaluated(reason: str, lines: Sequence[str], setting: Setting) -> Card:
    """The card that says the rules could not run to the end. It repeats nothing of the patient."""
    said = [*(f"- {line}" for line in lines), "", NOT_A_CLEARANCE, "", _footer(NOT_EVALUATED, "safety", (), setting)]
    detail = "\n".join(said)
    return Card(
        uuid=setting.new_uuid(),
        summary=_fitted(NOT_EVALUATED_SUMMARY.format(reason=reason)),
        detail=detail,
        indicator="info",
        source=_source(NOT_EVALUATED_TOPIC, setting),
        overrideReasons=_reasons(setting.canonical_base),
        links=_rule_page(NOT_EVALUATED, setting) or None,
    )


def _card(decision: Decision, advice: Advice, setting: Setting) -> Card:
    offered = tuple(_suggestion(each, advice, setting) for each in gaps.offered(decision.case, advice))
    return Card(
        uuid=setting.new_uuid(),
        summary=summary(advice),
        detail=_detail(decision, advice, setting),
        indicator=_indicator(advice.rule, setting),
        source=_source(advice.rule.topic, setting),
        suggestions=offered or None,
        selectionBehavior="any" if offered else None,
        overrideReasons=_reasons(setting.canonical_base),
        links=(*_guidelines(advice.rule), *_rule_page(advice.rule.id, setting)) or None,
    )


# --- summary
def summary(advice: Advice) -> str:
    """The rule's sentence with its slots filled by our own words; a part in [brackets] goes when its slot stays empty.

    Where that is too long, what the slots say in round brackets goes: the sentence ends with what is to be done.
    """
    filled = {name: _slot(advice.because, wanted) for name, wanted in advice.rule.slots.items()}
    text = re.sub(r"\[([^\]]*\{(\w+)\}[^\]]*)\]", lambda part: part[1] if filled.get(part[2]) else "", advice.rule.summary)
    full = text.format_map(filled)
    return full if _fits(full) else _fitted(text.format_map({name: _ASIDE.sub("", said) for name, said in filled.items()}))


def _slot(because: tuple[Found, ...], wanted: tuple[Finding, ...]) -> str:
    by_name = {found.finding: found.label for found in because}
    return next((by_name[finding] for finding in wanted if finding in by_name), "")


def _fits(text: str) -> bool:
    return len(text.encode("utf-16-le")) // 2 <= MAX_SUMMARY


def _fitted(text: str) -> str:
    return text if _fits(text) else text[: MAX_SUMMARY // 2 - 1].rstrip() + "… See detail."


# --- detail
def _detail(decision: Decision, advice: Advice, setting: Setting) -> str:
    case = decision.case
    domains = gaps.continence(case, advice) if advice.rule.lane is Lane.NERVE else ()
    found = [facts.line(case, each, each.record.reference in setting.unverified) for each in facts.ordered(advice.evidence)]
    background = [*facts.beside_lines(case, domains), *facts.earlier_lines(case, advice)] if domains else []
    met = "; ".join(dict.fromkeys(each.finding.value for each in advice.because if each.finding))
    sections = (
        ("Found", [*found, *facts.further_line(advice.evidence), *gaps.calcium_lines(case, advice), *_mentioned(decision, advice), *background]),
        ("Recorded absent", facts.denied_lines(case, domains)),
        ("Not recorded or not assessed", _missing(decision, advice, domains, setting)),
        ("Why this matters", [f"Criteria met: {met}.", *advice.rule.why]),
        ("Options to consider", [*advice.rule.options, *gaps.remarks(case, advice)]),
        ("What would change this", list(advice.rule.changes)),
    )
    body = "\n\n".join(f"**{title}**\n\n" + "\n".join(f"- {line}" for line in lines) for title, lines in sections if lines)
    return f"{body}\n\n{_footer(advice.rule.id, advice.rule.marks, advice.rule.numbers, setting, decision, advice.rule.cites)}"


def _mentioned(decision: Decision, advice: Advice) -> list[str]:
    also = "Also recorded; it does not explain the red flags" if advice.rule.urgency is Urgency.IMMEDIATE else "Also recorded, a possible contributing cause"
    shown = facts.ordered(advice.evidence)
    others = dict.fromkeys(each for found in advice.mentioned for each in found.evidence if each not in shown)
    told = [f"{also}: {facts.line(decision.case, each)}" for each in others]
    return [*told, *(gaps.context(decision.case) if advice.rule.lane is Lane.NERVE and not advice.rule.red_flag else ())]


def _missing(decision: Decision, advice: Advice, domains: facts.Domains, setting: Setting) -> list[str]:
    case, supplied = decision.case, decision.case.chart.supplied
    lines = list(setting.notes)
    if domains:
        lines += facts.unassessed_lines(case, advice, domains)
    if advice.rule.red_flag and not supplied.orders:
        lines.append("Orders and imaging were not supplied: work-up already under way could not be looked for.")
    if not advice.rule.red_flag:
        lines += facts.unread_result_lines(case)
    if case.years() is None:
        lines.append("Age is not recorded; the rules for adults were used.")
    return [*lines, *_failures(decision)]


def _failures(decision: Decision) -> list[str]:
    failed = ", ".join(decision.failed)
    return [f"Some rules could not be judged because of an internal error ({failed}); treat them as not evaluated."] if failed else []


def _footer(rule: str, marks: str, numbers: tuple[str, ...], setting: Setting, decision: Decision | None = None, cites: tuple[str, ...] = ()) -> str:
    in_force = decision.case.numbers if decision else None
    shown = [facts.number(NUMBERS[each], in_force[each]) for each in dict.fromkeys((*numbers, *in_force.overridden()))] if in_force else []
    parts = [f"Rule {rule}", f"basis {marks}", *([f"cites {', '.join(cites)}"] if cites else []), f"rule set {VERSION}", *shown]
    return f"_{'; '.join(parts)}; evaluated {setting.evaluated_at:%Y-%m-%d %H:%M} UTC. For clinicians: a prompt to examine, not a finding._"


# --- the rest of the card
def _indicator(rule: Rule, setting: Setting) -> str:
    return setting.critical_indicator if rule.urgency is Urgency.IMMEDIATE else INDICATOR[rule.urgency]


def _source(topic: str, setting: Setting) -> CardSource:
    return CardSource(
        label=f"{TITLE} (article), with guidelines", url=URL, topic=Coding(system=f"{setting.canonical_base}/CodeSystem/guidance-topic", code=topic)
    )


def _guidelines(rule: Rule) -> tuple[Link, ...]:
    return tuple(Link(label=GUIDELINES[each].label, url=GUIDELINES[each].url, type="absolute") for each in rule.cites if each in GUIDELINES)


def _rule_page(rule: str, setting: Setting) -> tuple[Link, ...]:
    """Where the rule is told in full, where there is such a place."""
    return (Link(label=f"About this rule ({rule})", url=f"{setting.pages}/rules/{rule}", type="absolute"),) if setting.pages else ()


@cache
def _reasons(canonical_base: str) -> tuple[Coding, ...]:
    return tuple(Coding(system=f"{canonical_base}/CodeSystem/override-reason", code=code, display=display) for code, display in OVERRIDE_REASONS)


def _suggestion(id: str, advice: Advice, setting: Setting) -> Suggestion:
    draft = suggestions.DRAFTS[id]
    reasons = list(dict.fromkeys(each.record.reference for each in facts.ordered(advice.evidence) if facts.is_reference(each.record.reference)))
    action = Action(type="create", description=draft.description, resource=suggestions.resource(draft, setting.patient, reasons))
    return Suggestion(label=draft.label, uuid=setting.new_uuid(), actions=(action,))


SOURCE_WORDS = {
    Source.NOT_OBTAINED: "{type}s could not be obtained: what they may hold was not evaluated.",
    Source.PARTLY: "{type}s are incomplete: some of their searches failed, and what they may hold was not evaluated.",
    Source.INCOMPLETE: "{type}s are incomplete: not all pages were supplied, and earlier history was not supplied.",
}


def source_lines(conditions: Source, observations: Source) -> tuple[str, ...]:
    """The gap lines: which resource type could not be obtained or is incomplete."""
    return tuple(SOURCE_WORDS[state].format(type=name) for name, state in (("Condition", conditions), ("Observation", observations)) if state in SOURCE_WORDS)
