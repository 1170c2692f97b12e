"""What somebody asks the log for, in the words of a form or of a command line, and the filter that it comes to."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from cards.guidance.rules import RULES
from cards.render import OVERRIDE_REASONS
from cds_hooks.audit.marks import LONGEST, SLOW_MS, Mark
from cds_hooks.audit.search import Filter
from cds_hooks.errors import KINDS
from cds_hooks.evaluation import Outcome

Choice = tuple[str, str]
AsStored = Callable[[str], str]
"""How a reference such as Patient/123 stands in the log: as it is, or as a keyed token."""

KINDS_OF_ENTRY: tuple[Choice, ...] = (
    ("clinical", "Calls, feedback and refusals"),
    ("call", "Calls"),
    ("feedback", "Feedback"),
    ("refused", "Refusals"),
    ("keeping", "What was done with the log and the service"),
    ("review", "Looks at the log"),
    ("export", "Exports of the log"),
    ("unsent", "Answers not sent"),
    ("start", "Start-ups"),
    ("purge", "Purges"),
    ("rotate-key", "New signing keys"),
)
ANSWERS: tuple[Choice, ...] = (("accepted", "Accepted"), ("overridden", "Overridden"), ("not stated", "Answered without saying which"))
OUTCOMES = (*map(str, Outcome), "feedback taken", *KINDS)
_RULES = (*sorted({rule.id[:3] for rule in RULES} | {"R12"}), *(rule.id for rule in RULES if len(rule.id) > 3))


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to ask for: its name in addresses and options, its label, the mark it looks for, and what may be chosen."""

    name: str
    label: str
    mark: str = ""
    hint: str = ""
    choices: tuple[Choice, ...] = ()
    identifying: bool = False
    """Who somebody is, which the log may keep as a keyed token."""
    refers_to: str = ""
    """The type of resource that an id without one means."""


FIELDS = (
    Field("since", "From", hint="UTC, such as 2026-11-21 or 2026-11-21T14:30"),
    Field("until", "To", hint="UTC; a day counts to its end"),
    Field("kind", "Kind of entry", "kind", choices=KINDS_OF_ENTRY),
    Field("client", "Client", "client", "as it is registered"),
    Field("user", "User", "user", "such as Practitioner/7; 7 alone is a Practitioner", identifying=True, refers_to="Practitioner"),
    Field("patient", "Patient", "patient", "such as Patient/123 or 123", identifying=True, refers_to="Patient"),
    Field("service", "Service", "service"),
    Field("rule", "Rule", "rule", choices=tuple((each, each) for each in _RULES)),
    Field("card", "Card", "card", "its uuid"),
    Field("indicator", "Indicator", "indicator", choices=(("critical", "Critical"), ("warning", "Warning"), ("info", "Info"))),
    Field("outcome", "Outcome", "outcome", choices=tuple((each, each) for each in OUTCOMES)),
    Field("answer", "Clinician's answer", "answer", choices=ANSWERS),
    Field("reason", "Override reason", "reason", choices=OVERRIDE_REASONS),
    Field("slow", "Took at least", "slow", choices=tuple((str(each), f"{each} ms") for each in SLOW_MS)),
    Field("topic", "Topic", "topic", "the code of the card's topic"),
    Field("quieted", "Rule kept quiet", "quieted", choices=tuple((each, each) for each in _RULES)),
    Field("tenant", "Tenant", "tenant"),
    Field("encounter", "Encounter", "encounter", "as the EHR sent it", identifying=True),
    Field("hook_instance", "Hook instance", "hookInstance"),
    Field("correlation", "Correlation id", "correlationId"),
    Field("reviewer", "Reviewer", "reviewer"),
)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class Unclear(ValueError):
    """A request that cannot be understood; the message is one sentence for whoever asked."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The filter, and how the log tells of it: references as they are stored, so that a review keeps no more than the log does."""

    filter: Filter
    told: Mapping[str, str]


def asked(words: Mapping[str, str], stored: AsStored = str) -> Asked:
    """What the words ask for. Raises Unclear."""
    given = {each: words[each.name].strip() for each in FIELDS if words.get(each.name, "").strip()}
    told = {field.name: _as_stored(field, said, stored) for field, said in given.items()}
    since, until = _moment(told.get("since"), "From"), _moment(told.get("until"), "To", to_its_end=True)
    if since and until and since >= until:
        raise Unclear("The time ends before it begins.")
    found: tuple[Mark, ...] = tuple((field.mark, told[field.name]) for field in given if field.mark)
    return Asked(Filter(found, since, until), told)


def _as_stored(field: Field, said: str, stored: AsStored) -> str:
    if len(said) > LONGEST:
        raise Unclear(f"{field.label} is too long.")
    if field.choices and said not in dict(field.choices):
        raise Unclear(f"{field.label} must be one of those offered.")
    if not field.identifying:
        return said
    return stored(f"{field.refers_to}/{said}" if field.refers_to and "/" not in said else said)


def _moment(said: str | None, label: str, *, to_its_end: bool = False) -> datetime | None:
    """A day or a time; without an offset it is UTC."""
    if said is None:
        return None
    try:
        if _DAY.fullmatch(said):
            day = datetime.combine(datetime.fromisoformat(said), time(), UTC)
            return day + timedelta(days=1) if to_its_end else day
        moment = datetime.fromisoformat(said)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise Unclear(f"{label} must be a day or a time, such as 2026-11-21 or 2026-11-21T14:30.") from None
