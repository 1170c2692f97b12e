"""One recorded fact, one line: what, in which words, when, how certain, and where it stands in the chart."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from math import isfinite

from cards.escape import plain, quoted
from cards.guidance import gaps, labs
from cards.guidance.case import Case
from cards.guidance.decide import Advice
from cards.guidance.findings import IN_WORDS, Evidence, Flag, Kind, Presence, Record, Status
from cards.guidance.found import COMPARED, days_ago
from cards.guidance.interpretations import Interpretation

Domains = tuple[gaps.Domain, ...]
MAX_FACTS = 8
_WHOLE_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_DATE_OR_AGE = re.compile(r"\d{4}(-\d\d){0,2}|age \d+(\.\d+)?")
SAID_FLAGS = tuple(flag for flag in Flag if flag not in {Flag.CONFIRMED, Flag.UNCONFIRMED, Flag.COMPLETED, Flag.COVERING_ORDER, Flag.LEG_TIED})


def ordered(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Each fact once, at most MAX_FACTS: of each kind the first, for the rules put what decides first, and of the others some from either end."""
    facts = tuple(dict.fromkeys(evidence))
    if len(facts) <= MAX_FACTS:
        return facts
    first = tuple({each.concept: each for each in reversed(facts)}.values())[::-1][:MAX_FACTS]
    rest = [each for each in facts if each not in first]
    early, late = (MAX_FACTS - len(first)) // 2, (MAX_FACTS - len(first) + 1) // 2
    kept = {*first, *rest[:early], *rest[len(rest) - late :]}
    return tuple(each for each in facts if each in kept)


def further_line(evidence: Iterable[Evidence]) -> list[str]:
    """How many facts more there are than are shown."""
    more = len(set(evidence)) - MAX_FACTS
    return [f"And {more} more {'record' if more == 1 else 'records'} of the same kinds, not listed here."] if more > 0 else []


def line(case: Case, evidence: Evidence, unverified: bool = False) -> str:
    said = [_what(evidence), _when(case, evidence), _limits(case, evidence), *_how(case, evidence)]
    if unverified and Flag.MALFORMED not in evidence.flags:
        said.append(Flag.MALFORMED.value)
    return f"{'; '.join(each for each in said if each)} ({_where(evidence)})"


def number(interpretation: Interpretation, value: float) -> str:
    """A number in force: by its id, with the default where the site changed it."""
    name = re.sub(r"_(?:days|hours|years|ml)$", "", interpretation.id).replace("_", " ")
    changed = "" if value == interpretation.value else f" (site setting, default {interpretation.value:g})"
    return f"{name} {value:g} {interpretation.unit}{changed}"


def denied_lines(case: Case, domains: Domains) -> list[str]:
    """Bladder, bowel and saddle function recorded as intact of late, also where something else says that it is lost."""
    return [line(case, each) for domain in domains for each in domain.evidence if each.presence is Presence.ABSENT]


def beside_lines(case: Case, domains: Domains) -> list[str]:
    """What else is recorded of bladder, bowel and saddle sensation of late: it answers the question, and raises nothing by itself."""
    said = [each for domain in domains for each in domain.evidence if each.presence is Presence.PRESENT]
    return [f"Also recorded: {line(case, each)}" for each in said[:MAX_FACTS]]


def unassessed_lines(case: Case, advice: Advice, domains: Domains) -> list[str]:
    """Bladder, bowel and saddle sensation since the leg symptom began: what could not be read, and what nobody recorded."""
    unread = [f"Could not be assessed, {domain.name}: {line(case, domain.evidence[-1])}" for domain in domains if domain.status is Status.NOT_ASSESSABLE]
    open_ones = [domain.name for domain in domains if domain.status is Status.NOT_RECORDED]
    return [*unread, *([_not_recorded(open_ones, gaps.window(case, advice))] if open_ones else [])]


def unread_result_lines(case: Case) -> list[str]:
    """Salts that were measured of late, of which nothing can be said."""
    return [f"Could not be read (no value, or a unit that is not known here): {line(case, each)}" for each in labs.unread(case)]


def earlier_lines(case: Case, advice: Advice) -> list[str]:
    return [f"Recorded earlier, before the leg symptom began: {line(case, each)}" for each in gaps.older_continence(case, advice)]


def is_reference(reference: str) -> bool:
    """True for a literal reference another system can follow."""
    return bool(re.fullmatch(r"[A-Z][A-Za-z]+/[A-Za-z0-9.\-]{1,64}", reference))


def _not_recorded(names: list[str], since: date) -> str:
    """All three functions in the words of the specification; fewer by their names."""
    listed = f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else names[0]
    plain_names = listed.replace("bladder", "bladder control").replace("bowel", "bowel control")
    what = f"continence: no {listed} record" if len(names) == len(gaps.DOMAINS) else f"{plain_names}: no such record"
    searched = f"on or after {since.isoformat()} in the data supplied (Conditions, Observations)"
    return f"Could not assess {what} {searched}. This does not mean that function is intact."


def _what(evidence: Evidence) -> str:
    name = evidence.concept.value[0].upper() + evidence.concept.value[1:]
    side = f", {evidence.side.value}" if evidence.side else ""
    severity = f", {evidence.severity.value}" if evidence.severity else ""
    absent = ", recorded absent" if evidence.presence is Presence.ABSENT else ""
    said = f"{name}{side}{severity}{absent}{_value(evidence)}"
    words = evidence.record.words
    return f"{said}: {quoted(words)}" if words and words.casefold() != name.casefold() else said


def _value(evidence: Evidence) -> str:
    reading = evidence.reading
    if reading is None:
        return f", answer grade {evidence.score.grade} (0 is best)" if evidence.score and evidence.score.scale != IN_WORDS else ""
    flag = f", flagged {reading.flag} by the laboratory" if reading.flag in {"low", "high", "abnormal"} else ""
    unit = f" {plain(reading.unit)}" if reading.unit else ""
    return f" {COMPARED.get(reading.comparator, '')}{reading.value:g}{unit}{flag}"


def _limits(case: Case, evidence: Evidence) -> str:
    """The range a result was judged by when the laboratory gave no verdict."""
    found = labs.limits(case, evidence)
    if found is None or (evidence.reading and evidence.reading.flag):
        return ""
    low, high, default = found
    span = f"{low:g} to {high:g}" if isfinite(low) and isfinite(high) else f"from {low:g}" if isfinite(low) else f"up to {high:g}"
    return f"judged by {'the default range' if default else 'its own range'} {span} {labs.DEFAULT_UNITS[evidence.concept]}"


def _when(case: Case, evidence: Evidence) -> str:
    record = evidence.record
    if case.is_ahead(record.onset):
        return f"dated in the future ({_written(record)}): timing not trusted"
    day = case.positive_day(evidence)
    if day is None:
        return "timing not recorded"
    verb = _verb(evidence)
    if record.until:
        last = case.last_day(evidence)
        return f"from {day.isoformat()} to {'today' if last == case.as_of else last}"
    if record.onset and record.onset.earliest != record.onset.latest and not _WHOLE_DATE.match(record.shown_date):
        return f"{verb} {_written(record)} (counted from {day.isoformat()}, {days_ago(case, day)})"
    return f"{verb} {day.isoformat()}, {days_ago(case, day)}"


def _verb(evidence: Evidence) -> str:
    record = evidence.record
    if record.kind is Kind.ORDER:
        return "ordered"
    if record.kind is not Kind.CONDITION or evidence.presence is Presence.ABSENT:
        return "on"
    return "since" if record.onset else "recorded"


def _written(record: Record) -> str:
    """The onset as it was recorded, as far as that was a date or an age."""
    if _DATE_OR_AGE.fullmatch(record.shown_date):
        return record.shown_date
    return f"{record.onset.earliest} to {record.onset.latest}" if record.onset else "no date"


def _how(case: Case, evidence: Evidence) -> list[str]:
    # The status of a problem says where the problem stands; one that is denied has no such place.
    status = [plain(evidence.record.status)] if evidence.record.status and evidence.presence is not Presence.ABSENT else []
    day = case.ended_day(evidence)
    ended = [f"ended {day.isoformat()}"] if day else ["over, end not dated"] if not case.holds(evidence) else []
    lasting = [f"lasting {evidence.duration_days:.0f} days"] if evidence.duration_days else []
    return [*status, *ended, *lasting, *(flag.value for flag in SAID_FLAGS if evidence.has(flag))]


def _where(evidence: Evidence) -> str:
    coded = f", {plain(evidence.coded)}" if evidence.coded else ""
    return f"record {quoted(evidence.record.reference)}{coded}"
