"""Every threshold in force, as /about tells it: the numbers of the rules, how far back searches count, and how long answered cards stay quiet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from cards.guidance.attributes import deciding
from cards.guidance.interpretations import EXPERT, INTERPRETATIONS, LOCAL_CHOICE, Interpretation, Numbers
from cards.guidance.rule import Lane, Rule, Urgency
from cds_hooks.about import form
from cds_hooks.quiet import KEPT_FOR, QUIET_FOR
from cds_hooks.settings import QUIET_INFO_DAYS, Settings
from fhir_mappings.queries import CONTINENCE_LOOK_BACK_DAYS, LAB_LOOK_BACK_DAYS, RESULTS_READ_DAYS, SYMPTOM_LOOK_BACK_DAYS
from fhir_mappings.scales import SCALES

DAY = timedelta(days=1)
QUIET = {Urgency.IMMEDIATE: "quiet_critical_days", Urgency.SOON: "quiet_warning_days", Urgency.ROUTINE: "quiet_information_days"}
QUIETS = "feedback with a reason that says somebody has seen to it keeps {} quiet for so long, as long as no record that bears on it is new or changed"
CUT = "a search for {} whose answer was cut, newest first, counts as whole when it reaches back further"
LOOK_BACKS = ("symptom_look_back_days", "continence_look_back_days")
ITEMS = "CMS MDS 3.0 item specifications"
FIXED: tuple[tuple[str, float, str, str, str, str], ...] = (
    (
        "quiet_critical_days",
        QUIET_FOR[Urgency.IMMEDIATE] / DAY,
        QUIETS.format("a critical card"),
        "an emergency is asked about again the next day",
        EXPERT,
        "E",
    ),
    ("quiet_warning_days", QUIET_FOR[Urgency.SOON] / DAY, QUIETS.format("a warning"), "the change may be followed up within days", EXPERT, "E"),
    ("quiet_information_days", QUIET_FOR[Urgency.ROUTINE] / DAY, QUIETS.format("an information card"), "a month is the usual recall period", EXPERT, "E"),
    ("card_kept_days", KEPT_FOR / DAY, "a card shown longer ago can be answered, and quiets nothing", "longer than any card stays quiet", EXPERT, "E"),
    (
        "symptom_look_back_days",
        SYMPTOM_LOOK_BACK_DAYS,
        CUT.format("leg symptoms"),
        "longer than any current leg symptom counts",
        EXPERT,
        "E",
    ),
    (
        "continence_look_back_days",
        CONTINENCE_LOOK_BACK_DAYS,
        CUT.format("continence records or a whole category"),
        "what was lost a year ago must not look new",
        EXPERT,
        "E",
    ),
    ("laboratory_look_back_days", LAB_LOOK_BACK_DAYS, CUT.format("laboratory results"), "the longest that any result counts", EXPERT, "E"),
    (
        "results_read_days",
        RESULTS_READ_DAYS,
        "laboratory results older than this are counted and passed over",
        "an albumin may be drawn some days before the calcium it corrects",
        EXPERT,
        "E",
    ),
    (
        "mds_look_back_days",
        SCALES["mds-urinary-continence"].looks_back_days,
        "a continence item of MDS speaks of so many days before it",
        "its own definition",
        ITEMS,
        "G",
    ),
    (
        "three_day_look_back_days",
        SCALES["three-day-bladder-continence"].looks_back_days,
        "a three-day continence item speaks of so many days before it",
        "its own definition",
        ITEMS,
        "G",
    ),
)
"""What no setting changes: id, value, meaning, reason, source, grade; in days."""


def thresholds(settings: Settings) -> dict[str, form.Number]:
    """By id, the numbers of the rules first."""
    numbers = settings.numbers()
    told = [*(_of_the_rules(each, numbers) for each in INTERPRETATIONS), *(_fixed(*each) for each in FIXED), _shown_once(settings)]
    return {each.id: each for each in told}


def of(rule: Rule, known: Mapping[str, form.Number]) -> tuple[form.Number, ...]:
    """Those that bear on a rule, on its words, or on whether its card is shown again."""
    listed = [*deciding(rule.id, rule.numbers, red_flag=rule.red_flag), *_read(rule)]
    if rule.lane is not Lane.MENTION:
        once = ("quiet_info_days",) if rule.urgency is Urgency.ROUTINE and not rule.red_flag else ()
        listed += [QUIET[rule.urgency], "card_kept_days", *once]
    return tuple(known[each] for each in listed)


def _read(rule: Rule) -> tuple[str, ...]:
    """How much of the chart the rule can rest on."""
    if rule.lane is Lane.METABOLIC:
        return ("laboratory_look_back_days", "results_read_days")
    graded = "grade_step" in deciding(rule.id, rule.numbers, red_flag=rule.red_flag)
    return (*LOOK_BACKS, "mds_look_back_days", "three_day_look_back_days") if graded else LOOK_BACKS


def _of_the_rules(number: Interpretation, numbers: Numbers) -> form.Number:
    said = {name: getattr(number, name) for name in ("id", "unit", "least", "most", "meaning")}
    grade, source = numbers.basis(number)
    overridden = number.id in numbers.overridden()
    return form.Number(**said, value=numbers[number.id], default=number.value, overridden=overridden, reason=number.rationale, grade=grade, source=source)


def _fixed(id: str, value: float, meaning: str, reason: str, source: str, grade: str) -> form.Number:
    said = {"meaning": meaning, "reason": reason, "source": source, "grade": grade}
    return form.Number(id=id, value=value, unit="d", default=value, overridden=False, least=value, most=value, **said)


def _shown_once(settings: Settings) -> form.Number:
    value, default = settings.quiet_days(), QUIET_INFO_DAYS[settings.profile]
    changed = value != default
    return form.Number(
        id="quiet_info_days",
        value=value,
        unit="d",
        default=default,
        overridden=changed,
        least=0,
        most=KEPT_FOR / DAY,
        meaning="an information card is shown to one user once in so many days on the same evidence; 0: each time",
        reason="what was seen need not be said again each day",
        source=f"chosen here; the default, {default} d, has the mark E: {EXPERT}" if changed else EXPERT,
        grade=LOCAL_CHOICE if changed else "E",
    )
