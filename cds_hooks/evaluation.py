"""From chart to cards: pure steps, from the prefetch as sent to what is answered and everything the audit must tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from cards import facts, render
from cards.guidance import gaps
from cards.guidance.chart import Chart, Source, Supplied
from cards.guidance.decide import Advice, Decision, Verdict, decide
from cards.guidance.interpretations import Numbers
from cards.guidance.rule import Urgency
from cards.model import Card
from cards.render import Setting
from cds_hooks.chart.completeness import missing_keys, supplied
from cds_hooks.chart.prefetch import Answer, State
from cds_hooks.chart.reads import Completed
from cds_hooks.errors import Refusal
from cds_hooks.logs import logger
from cds_hooks.quiet import Quieted
from fhir_mappings import r4, reader
from fhir_mappings.queries import QUERIES, RESULTS_READ_DAYS
from fhir_mappings.reader import Reading
from fhir_mappings.resources import Resource
from fhir_mappings.terminology import terminology

log = logger()

MAX_VERIFIED = 12
"""Records cited on cards that are checked against R4B; each costs about 0.17 ms."""


class Outcome(StrEnum):
    CARDS = "cards"
    NO_CARDS = "rules ran, none fired"
    NOT_EVALUATED = "not evaluated"
    WRONG_PATIENT = "records of another patient"
    DECEASED = "patient recorded as deceased"
    QUIETED = "quieted cards"
    SILENT = "silent mode"
    DATA_MISSING = "data missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the deployer chose that bears on a decision. `pages` is the address under which each rule has its page."""

    numbers: Numbers
    canonical_base: str
    pages: str = ""
    critical_indicator: str = "critical"
    disabled: frozenset[str] = frozenset()
    silent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """The chart as it came: the state of each key, the resources, and what was read of them.

    `read` are the keys read from the EHR's FHIR server; `why_not` says why missing ones were not.
    """

    answers: Mapping[str, Answer]
    supplied: Supplied
    resources: Sequence[Resource]
    reading: Reading
    read: tuple[str, ...] = ()
    why_not: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What one call came to. `advised` are the cards that rest on an advice, `withheld` those that silent mode kept back."""

    outcome: Outcome
    cards: tuple[Card, ...]
    arrived: Arrived
    decision: Decision | None = None
    advised: tuple[tuple[Card, Advice], ...] = ()
    quieted: tuple[Quieted, ...] = ()
    withheld: tuple[Card, ...] = ()


def chart_of(came: Completed, patient_id: str, as_of: date) -> Arrived:
    """What was sent and read, as evidence and as a statement of how complete it is."""
    resources = [each for answer in came.answers.values() for each in answer.resources]
    reading = reader.read(resources, patient_id, terminology(), as_of - timedelta(days=RESULTS_READ_DAYS))
    answers = _with_strangers_marked(came.answers, reading)
    return Arrived(
        answers=answers,
        supplied=supplied(answers, as_of),
        resources=resources,
        reading=reading,
        read=came.read,
        why_not=came.why_not,
    )


def _with_strangers_marked(answers: Mapping[str, Answer], reading: Reading) -> Mapping[str, Answer]:
    """The keys that brought records of another patient are told from those that did not."""
    strangers = {each.raw for each in reading.of_others}
    if not strangers:
        return answers
    return {key: replace(each, state=State.WRONG_PATIENT) if any(one.raw in strangers for one in each.resources) else each for key, each in answers.items()}


def evaluate(arrived: Arrived, patient_id: str, now: datetime, policy: Policy, new_uuid: Callable[[], str]) -> Evaluation:
    """The answer to one call as of `now` (UTC), whatever was answered before."""
    return concluded(arrived, decided(arrived, now, policy), {}, patient_id, now, policy, new_uuid)


def decided(arrived: Arrived, now: datetime, policy: Policy) -> Decision | None:
    """What the rules make of the chart; None where they must not or cannot run."""
    if _barred(arrived, now):
        return None
    chart = Chart(evidence=arrived.reading.evidence, person=arrived.reading.person, supplied=arrived.supplied)
    return decide(chart, now.date(), policy.numbers, disabled=policy.disabled)


def concluded(
    arrived: Arrived,
    decision: Decision | None,
    quieted: Mapping[str, Quieted],
    patient_id: str,
    now: datetime,
    policy: Policy,
    new_uuid: Callable[[], str],
) -> Evaluation:
    """The answer to one call, but for cards that earlier answers keep quiet (`quieted`, by rule).

    With too little to say anything the outcome is DATA_MISSING, which `refusal` puts into words.
    """
    setting = Setting(
        patient=f"Patient/{patient_id}",
        evaluated_at=now,
        new_uuid=new_uuid,
        canonical_base=policy.canonical_base,
        pages=policy.pages,
        critical_indicator=policy.critical_indicator,
        notes=_notes(arrived),
    )
    if decision is None:
        return _not_judged(arrived, now, setting)
    return _silenced(_carded(_with_verdicts(decision, quieted), quieted, arrived, setting), policy)


def _barred(arrived: Arrived, now: datetime) -> Outcome | None:
    """Why the rules must not or cannot run, if so."""
    if arrived.reading.wrong_patient:
        return Outcome.WRONG_PATIENT
    if arrived.reading.person.has_died(now.date()):
        return Outcome.DECEASED
    return Outcome.DATA_MISSING if set(_sources(arrived)) == {Source.NOT_OBTAINED} else None


def _not_judged(arrived: Arrived, now: datetime, setting: Setting) -> Evaluation:
    outcome = _barred(arrived, now) or Outcome.DATA_MISSING
    if outcome is not Outcome.WRONG_PATIENT:
        return Evaluation(outcome=outcome, cards=(), arrived=arrived)
    card = render.not_evaluated("records of another patient supplied", ["The data supplied belong to more than one patient; none was used."], setting)
    return Evaluation(outcome=outcome, cards=(card,), arrived=arrived)


def _with_verdicts(decision: Decision, quieted: Mapping[str, Quieted]) -> Decision:
    """The decision with a verdict that says so for each rule kept quiet."""
    if not quieted:
        return decision
    verdicts = tuple(Verdict(each.rule, "quieted", quieted[each.rule].why) if each.rule in quieted else each for each in decision.verdicts)
    return replace(decision, verdicts=verdicts)


def _carded(decision: Decision, quieted: Mapping[str, Quieted], arrived: Arrived, setting: Setting) -> Evaluation:
    """Cards where a rule fired; otherwise silence only when the rules ran on a whole chart."""
    kept_quiet = tuple(quieted.values())
    standing = tuple(each for each in decision.advice if each.rule.id not in quieted)
    reminders = [render.answered_before(decision, each, _answered(quieted[each.rule.id]), setting) for each in decision.advice if _reminds(each, quieted)]
    if standing or reminders:
        shown = render.cards(decision, standing, replace(setting, unverified=_unverified(standing, arrived)))
        cards = tuple(map(_with_valid_drafts, shown))
        advised = tuple(zip(cards, standing, strict=True))
        return Evaluation(outcome=Outcome.CARDS, cards=(*cards, *reminders), arrived=arrived, decision=decision, advised=advised, quieted=kept_quiet)
    if decision.failed:
        lines = [f"Rules that could not be judged because of an internal error: {', '.join(decision.failed)}.", *setting.notes]
        return _not_evaluated("an internal error", lines, decision, kept_quiet, arrived, setting)
    symptomatic = gaps.has_symptom_or_continence_finding(decision.case)
    if symptomatic and setting.notes:
        reason = "part of the chart is missing" if not arrived.supplied.complete else "part of the chart could not be read"
        return _not_evaluated(reason, list(setting.notes), decision, kept_quiet, arrived, setting)
    if set(_sources(arrived)) <= {Source.OBTAINED, Source.PARTLY} and not _failed_to_read(arrived):
        outcome = Outcome.QUIETED if kept_quiet else Outcome.NO_CARDS
        return Evaluation(outcome=outcome, cards=(), arrived=arrived, decision=decision, quieted=kept_quiet)
    return Evaluation(outcome=Outcome.DATA_MISSING, cards=(), arrived=arrived, decision=decision)


def _reminds(advice: Advice, quieted: Mapping[str, Quieted]) -> bool:
    """A critical card that was answered is never followed by nothing."""
    return advice.rule.urgency is Urgency.IMMEDIATE and advice.rule.id in quieted


def _answered(quiet: Quieted) -> render.Answered:
    return render.Answered(quiet.since, quiet.until, quiet.reason)


def _failed_to_read(arrived: Arrived) -> bool:
    """Did a search for symptoms or continence fail that we made ourselves? Then what it may hold is not known to be nothing."""
    bearing = [key for key in arrived.read if QUERIES[key].carries_symptoms]
    return any(arrived.answers[key].state in {State.ERROR, State.WRONG_VERSION} for key in bearing)


def _with_valid_drafts(card: Card) -> Card:
    """The card without any draft that R4B rejects: a draft that cannot be trusted is not offered, and the card still goes out."""
    kept = tuple(each for each in card.suggestions or () if all(r4.is_valid_draft(action.resource) for action in each.actions))
    if len(kept) == len(card.suggestions or ()):
        return card
    log.error("a draft of ours was not valid R4 and was left out")
    return card.model_copy(update={"suggestions": kept or None, "selectionBehavior": "any" if kept else None})


def _not_evaluated(reason: str, lines: list[str], decision: Decision, quieted: tuple[Quieted, ...], arrived: Arrived, setting: Setting) -> Evaluation:
    card = render.not_evaluated(reason, lines, setting)
    return Evaluation(outcome=Outcome.NOT_EVALUATED, cards=(card,), arrived=arrived, decision=decision, quieted=quieted)


def _silenced(evaluation: Evaluation, policy: Policy) -> Evaluation:
    if not policy.silent or evaluation.outcome is Outcome.DATA_MISSING:
        return evaluation
    return replace(evaluation, outcome=Outcome.SILENT, cards=(), advised=(), withheld=evaluation.cards)


def _sources(arrived: Arrived) -> tuple[Source, Source]:
    return arrived.supplied.conditions, arrived.supplied.observations


def refusal(evaluation: Evaluation) -> Refusal | None:
    """What the client is told instead of cards: which keys did not come, and why they were not read either."""
    if evaluation.outcome is not Outcome.DATA_MISSING:
        return None
    arrived = evaluation.arrived
    states = ", ".join(f"{key} ({_state(arrived.answers[key])})" for key in missing_keys(arrived.answers))
    unread = f" They were not read from a FHIR server: {arrived.why_not}." if arrived.why_not else ""
    return Refusal("data-missing", f"Conditions and Observations are needed; these prefetch keys did not bring them: {states}.{unread}")


def _state(answer: Answer) -> str:
    return f"{answer.state}: {answer.reason}" if answer.reason else str(answer.state)


def _notes(arrived: Arrived) -> tuple[str, ...]:
    """The gap lines every card of this call carries."""
    lines = render.source_lines(*_sources(arrived))
    count = arrived.reading.unreadable + sum(each.broken for each in arrived.answers.values())
    return (*lines, f"{count} record{'s' if count > 1 else ''} could not be read and {'were' if count > 1 else 'was'} set aside.") if count else lines


def _unverified(shown: tuple[Advice, ...], arrived: Arrived) -> frozenset[str]:
    """The cited records that R4B rejects. They stay on the card, marked."""
    cited = dict.fromkeys(each.record.reference for advice in shown for each in facts.ordered(advice.evidence))
    ids = {each.partition("/")[2] for each in cited}
    named = {f"{each.type}/{each.id}": each for each in arrived.resources if each.id in ids}
    known = [each for each in cited if each in named][:MAX_VERIFIED]
    return frozenset(each for each in known if not r4.is_valid(named[each].body))
