"""Findings become advice: every rule judged on its own, the ladder climbed, at most two cards, and a reason for each rule that stays silent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from types import MappingProxyType

from cards.guidance import criteria
from cards.guidance.case import Case
from cards.guidance.chart import Chart, Supplied
from cards.guidance.criteria import Look
from cards.guidance.derive import DERIVATIONS, Derivation, Findings, silent
from cards.guidance.findings import Concept, Evidence, Finding, Found, Status
from cards.guidance.interpretations import Numbers
from cards.guidance.rule import Lane, Rule, Urgency
from cards.guidance.rules import MENTIONED_ON, RULES

RED_FLAGS_FIRST = tuple(sorted(RULES, key=lambda each: not each.red_flag))


@dataclass(frozen=True, slots=True)
class Advice:
    """One recommendation for this chart: the rule, why it applies, and what is told along with it."""

    rule: Rule
    because: tuple[Found, ...]
    mentioned: tuple[Found, ...] = ()
    evidence: tuple[Evidence, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "evidence", criteria.facts(self.because))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one rule: shown, held back and by what, not met and why, switched off, or failed."""

    rule: str
    outcome: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """Everything decided about one chart on one day."""

    advice: tuple[Advice, ...]
    verdicts: tuple[Verdict, ...]
    findings: Findings
    case: Case

    @property
    def failed(self) -> tuple[str, ...]:
        """The rules that could not be judged in full."""
        if not self.findings.failed:
            return ()
        return tuple(rule.id for rule in RULES if set(rule.when.needs()) & set(self.findings.failed))


def decide(
    chart: Chart,
    as_of: date,
    numbers: Numbers,
    *,
    disabled: frozenset[str] = frozenset(),
    derivations: Mapping[Finding, Derivation] = DERIVATIONS,
) -> Decision:
    """The advice for `chart` as of `as_of`. Red-flag rules are judged first; a finding that fails never stops another."""
    case = Case(chart, as_of, numbers)
    findings = Findings(case, derivations)
    unheard = _unheard(chart.supplied, findings.recorded if findings.silent else None, disabled, case.is_adult())
    if len(unheard) == len(RULES):
        return Decision((), tuple(unheard.values()), findings, case)
    verdicts = dict(unheard)
    met: dict[str, Advice] = {}
    for rule in RED_FLAGS_FIRST:
        if rule.id in verdicts:
            continue
        verdicts[rule.id], because = _judge(rule, findings)
        if because:
            met[rule.id] = Advice(rule, because)
    shown = _show([met[rule.id] for rule in RULES if rule.id in met], verdicts)
    return Decision(shown, tuple([verdicts[rule.id] for rule in RULES]), findings, case)


def _judge(rule: Rule, findings: Findings) -> tuple[Verdict, tuple[Found, ...]]:
    because = rule.when.because(findings.__getitem__)
    if because:
        return Verdict(rule.id, "met"), because
    failed = [finding for finding in rule.when.needs() if finding in findings.failed]
    if failed:
        return Verdict(rule.id, "failed", f"could not work out: {', '.join(failed)}"), ()
    return Verdict(rule.id, "not met", _unmet(rule, findings.__getitem__)), ()


@lru_cache(maxsize=1_024)
def _unheard(supplied: Supplied, recorded: frozenset[Concept] | None, disabled: frozenset[str], is_adult: bool) -> Mapping[str, Verdict]:
    """The verdicts on rules that need not be judged: those that are barred, and those of which a chart with these concepts records nothing."""
    unspoken = silent(supplied, recorded) if recorded is not None else {}
    verdicts = {rule.id: _barred(rule, disabled, is_adult) or _silenced(rule, unspoken) for rule in RULES}
    return MappingProxyType({rule: verdict for rule, verdict in verdicts.items() if verdict})


def _barred(rule: Rule, disabled: frozenset[str], is_adult: bool) -> Verdict | None:
    """The verdict on a rule that is not judged at all, whatever the chart records."""
    if rule.id in disabled or rule.id.rstrip("ciw") in disabled:
        return Verdict(rule.id, "switched off")
    return None if rule.red_flag or is_adult else Verdict(rule.id, "not met", "general rules apply to adults")


def _unmet(rule: Rule, look: Look) -> str:
    """The findings the rule wanted and did not get, each with its state."""
    looked = map(look, rule.when.needs())
    return "; ".join([f"{found.finding}: {found.status}" for found in looked if found.status is not Status.PRESENT])


def _silenced(rule: Rule, unspoken: Mapping[Finding, Found]) -> Verdict | None:
    """The verdict on a rule of which the chart records nothing: the same for every such chart."""
    return Verdict(rule.id, "not met", _unmet(rule, unspoken.__getitem__)) if unspoken.keys() >= set(rule.when.needs()) else None


def _show(met: list[Advice], verdicts: dict[str, Verdict]) -> tuple[Advice, ...]:
    """The highest rule of the nerve lane, and the metabolic one beside it unless it is folded in; the most urgent first."""
    answered = next((each for each in met if each.rule.answers), None)
    standing = [each for each in met if not _answered(each, answered)]
    nerve = next((each for each in standing if each.rule.lane is Lane.NERVE), None)
    metabolic = _together([each for each in standing if each.rule.lane is Lane.METABOLIC])
    told = tuple(found for each in standing if each.rule.lane is Lane.MENTION for found in each.because if found.finding is Finding.OVERUSE_OR_POSTURE)
    if nerve and metabolic and _folds(nerve, metabolic):
        nerve, metabolic = _mention(nerve, metabolic.because), None
    if nerve and nerve.rule.id in MENTIONED_ON:
        nerve = _mention(nerve, told)
    shown = tuple(sorted((each for each in (nerve, metabolic) if each), key=lambda each: list(Urgency).index(each.rule.urgency)))
    for each in met:
        verdicts[each.rule.id] = _fate(each, shown, answered)
    return shown


def _answered(advice: Advice, answering: Advice | None) -> bool:
    """True when every reason of the advice is one that the work-up found already answers."""
    if answering is None or advice is answering or advice.rule.lane is not Lane.NERVE or not advice.rule.red_flag:
        return False
    return all(found.finding in answering.rule.answers for found in advice.because)


def _together(met: list[Advice]) -> Advice | None:
    """The graver of the metabolic rules, telling what the lesser one found too."""
    return _mention(met[0], tuple(found for each in met[1:] for found in each.because)) if met else None


def _folds(nerve: Advice, metabolic: Advice) -> bool:
    return nerve.rule.urgency is Urgency.IMMEDIATE and metabolic.rule.urgency is Urgency.ROUTINE


def _mention(advice: Advice, found: tuple[Found, ...]) -> Advice:
    extra = tuple(each for each in found if each.finding is not Finding.LEG_SPASM)
    return Advice(advice.rule, advice.because, (*advice.mentioned, *extra))


def _fate(advice: Advice, shown: tuple[Advice, ...], answered: Advice | None) -> Verdict:
    ids = [each.rule.id for each in shown]
    if advice.rule.id in ids:
        return Verdict(advice.rule.id, "shown")
    if _answered(advice, answered):
        return Verdict(advice.rule.id, "held back", "work-up under way")
    if not ids or advice.rule.lane is Lane.MENTION:
        return Verdict(advice.rule.id, "mentioned" if ids and ids[0] in MENTIONED_ON else "held back", "told on other cards only")
    return Verdict(advice.rule.id, "held back", f"{ids[0]} is shown")
