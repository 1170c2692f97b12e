"""One recorded fact, one line: what, in which words, when, how certain, and where it stands in the chart."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from cards.escape import plain, quoted
from cards.guidance import gaps
from cards.guidance.case import Case
from cards.guidance.decide import Advice
from cards.guidance.findings import Course, Evidence, Flag, Kind, Status
from cards.guidance.interpretations import Interpretation

MAX_FACTS = 8
SAID_FLAGS = tuple(flag for flag in Flag if flag not in {Flag.CONFIRMED, Flag.UNCONFIRMED, Flag.COMPLETED, Flag.COVERING_ORDER, Flag.LEG_TIED})


def ordered(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Each fact once, the first MAX_FACTS; the rules put what decides first."""
    return tuple(dict.fromkeys(evidence))[:MAX_FACTS]


def line(case: Case, evidence: Evidence, unverified: bool = False) -> str:
    said = [_what(evidence), _when(case, evidence), *_how(evidence)]
    if unverified and Flag.MALFORMED not in evidence.flags:
        said.append(Flag.MALFORMED.value)
    return f"{'; '.join(each for each in said if each)} ({_where(evidence)})"


def number(interpretation: Interpretation, value: float) -> str:
    """A number in force: by its id, with the default where the site changed it."""
    name = re.sub(r"_(?:days|hours|years|ml)$", "", interpretation.id).replace("_", " ")
    changed = "" if value == interpretation.value else f" (site setting, default {interpretation.value:g})"
    return f"{name} {value:g} {interpretation.unit}{changed}"


def continence_lines(case: Case, advice: Advice) -> list[str]:
    """Bladder, bowel and saddle since the leg symptom began: what is recorded absent, and what nobody recorded."""
    since = gaps.onset(case, advice)
    domains = gaps.continence(case, since)
    denied = [f"Recorded absent: {line(case, each)}" for domain in domains if domain.status is Status.ABSENT for each in domain.evidence]
    unread = [f"Could not be assessed, {domain.name}: {line(case, domain.evidence[-1])}" for domain in domains if domain.status is Status.NOT_ASSESSABLE]
    open_ones = [domain.name for domain in domains if domain.status is Status.NOT_RECORDED]
    older = [f"Recorded earlier, not counted as new: {line(case, each)}" for each in gaps.older_continence(case, since)]
    return [*denied, *unread, *([_not_recorded(open_ones, since)] if open_ones else []), *older]


def is_reference(reference: str) -> bool:
    """True for a literal reference another system can follow."""
    return bool(re.fullmatch(r"[A-Z][A-Za-z]+/[A-Za-z0-9.\-]{1,64}", reference))


def _not_recorded(names: list[str], since: date | None) -> str:
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
    window = f" on or after {since.isoformat()}" if since else ""
    return (
        f"Could not assess continence: no {listed} record{window} in the data supplied (Conditions, Observations). This does not mean that function is intact."
    )


def _what(evidence: Evidence) -> str:
    name = evidence.concept.value[0].upper() + evidence.concept.value[1:]
    side = f", {evidence.side.value}" if evidence.side else ""
    severity = f", {evidence.severity.value}" if evidence.severity else ""
    said = f"{name}{side}{severity}{_value(evidence)}"
    words = evidence.record.words
    return f"{said}: {quoted(words)}" if words and words.casefold() != name.casefold() else said


def _value(evidence: Evidence) -> str:
    reading = evidence.reading
    if reading is None:
        return ""
    flag = f", flagged {reading.flag} by the laboratory" if reading.flag in {"low", "high", "abnormal"} else ""
    unit = f" {plain(reading.unit)}" if reading.unit and not reading.unit.startswith("{") else ""
    return f" {reading.value:g}{unit}{flag}"


def _when(case: Case, evidence: Evidence) -> str:
    day = case.positive_day(evidence)
    if day is None:
        return "timing not recorded"
    verb = "since" if evidence.record.kind is Kind.CONDITION else "on"
    return f"{verb} {day.isoformat()}, {_age(case, day)}"


def _age(case: Case, day: date) -> str:
    age = (case.as_of - day).days
    return "today" if age == 0 else "1 day ago" if age == 1 else f"{age} days ago"


def _how(evidence: Evidence) -> list[str]:
    status = [plain(evidence.record.status)] if evidence.record.status else []
    ended = ["no longer active"] if evidence.record.course is Course.ENDED else []
    return [*status, *ended, *(flag.value for flag in SAID_FLAGS if evidence.has(flag))]


def _where(evidence: Evidence) -> str:
    coded = f", {plain(evidence.record.coded)}" if evidence.record.coded else ""
    return f"record {quoted(evidence.record.reference)}{coded}"
