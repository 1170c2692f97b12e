"""Every number and soft word the article leaves open: its value, unit, reason, source and the bounds a deployer may not cross."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpretation:
    """One number. `grade`: A rests on the article, G on a guideline or study, E is an expert default without a published threshold."""

    id: str
    value: float
    unit: str
    meaning: str
    rationale: str
    source: str
    grade: str
    least: float
    most: float


class UnsafeInterpretation(ValueError):
    """An override that would lower safety or is not a number; the message is one sentence for the operator."""


def _number(id: str, value: float, unit: str, grade: str, bounds: tuple[float, float], meaning: str, rationale: str, source: str) -> Interpretation:
    return Interpretation(id=id, value=value, unit=unit, grade=grade, least=bounds[0], most=bounds[1], meaning=meaning, rationale=rationale, source=source)


LOCAL_CHOICE = "local choice"
EXPERT = "no published threshold found; expert default, not yet reviewed by a clinician"
GIRFT = "GIRFT national suspected cauda equina syndrome pathway 2023; BMJ Best Practice 3000164"
SIX_WEEKS = "six-week radiculopathy horizon of the ACR low back pain criteria 2021, used by analogy"
STATPEARLS = "StatPearls hypokalaemia and hypomagnesaemia chapters"
LAB_PAGES = "secondary laboratory reference pages; needs the local laboratory's confirmation"

# fmt: off
INTERPRETATIONS: tuple[Interpretation, ...] = (
    # --- newness of bladder, bowel and saddle changes
    _number("new_days", 14, "d", "G", (14, 42), "a bladder, bowel or saddle change is new up to this age", "red flags are those under two weeks old or deteriorating", GIRFT),
    _number("long_standing_days", 90, "d", "E", (42, 365), "older than this without a worse grade is long-standing", "three months is the usual border to chronic", EXPERT),
    _number("alongside_days", 42, "d", "E", (42, 90), "an older change counts with a leg symptom observed within this distance", "one course of radiculopathy", SIX_WEEKS),
    _number("denied_days", 14, "d", "E", (14, 90), "a later negative this recent lowers a red flag to a question instead of clearing it", "bladder function may fluctuate in incomplete cauda equina syndrome", EXPERT),
    _number("grade_step", 1, "grade", "G", (1, 1), "steps worse between two assessments that count as changed continence", "the scales are coarse; one step is a clinical change", "CMS MDS 3.0, Barthel guides"),
    _number("retention_ml", 200, "mL", "G", (50, 300), "post-void residual at or above this is retention", "sensitivity about 82 % in the pooled studies; a lower value lowers nothing", "Bone Joint J 2023;105-B:487; Venkatesan, Spine 2019"),
    _number("catheter_ml", 600, "mL", "E", (300, 1000), "post-void residual at or above this adds catheterisation as an option", "threshold of one local UK pathway", "local UK pathway 2021"),
    _number("known_syndrome_days", 14, "d", "E", (7, 14), "confirmed cauda equina syndrome older than this is known", "a fresh record may be the first alarm", EXPERT),
    # --- leg symptoms
    _number("symptom_days", 42, "d", "E", (42, 90), "an observed leg symptom is current up to this age", "one course of radiculopathy", SIX_WEEKS),
    _number("resolved_days", 14, "d", "E", (14, 42), "a leg problem resolved this recently still anchors a red flag", "sudden loss of leg pain with a bladder change is not reassuring", EXPERT),
    _number("problem_days", 365, "d", "E", (90, 1825), "a leg problem with an onset up to this age counts in the general rules", "an old problem list entry is not today's symptom", EXPERT),
    _number("mention_days", 90, "d", "E", (42, 90), "a leg problem recorded again up to this age counts in the general rules", "a recent mention makes an old problem current", EXPERT),
    _number("new_leg_days", 14, "d", "G", (14, 42), "a leg symptom or weakness is new up to this age", "same border as for the red flags", GIRFT),
    _number("radiculopathy_days", 42, "d", "E", (42, 90), "radiculopathy is also a symptom up to this age", "one course of radiculopathy", SIX_WEEKS),
    _number("unassessed_days", 42, "d", "E", (14, 90), "new leg neurology asks for a continence record up to this age", "one course of radiculopathy", SIX_WEEKS),
    _number("explained_days", 14, "d", "E", (14, 90), "a finding older than this may be explained by an earlier neurological condition", "a new finding is never explained away", EXPERT),
    # --- weakness
    _number("weakness_days", 42, "d", "E", (42, 90), "severe weakness counts up to this age", "one course of radiculopathy", SIX_WEEKS),
    _number("severe_power", 3, "MRC grade", "E", (3, 4), "muscle power at or below this is severe", "foot-drop type criteria of spinal pathways", EXPERT),
    _number("power_drop", 1, "MRC grade", "E", (1, 1), "grades lost between two examinations that count as worsening", "the scale is coarse", EXPERT),
    # --- course of spasms, numbness and tingling
    _number("persistent_days", 14, "d", "E", (7, 42), "a symptom spanning at least this long is persistent", "the article gives no duration", EXPERT),
    _number("latest_days", 42, "d", "E", (14, 90), "the latest record of a persistent symptom is at most this old", "otherwise it is history", SIX_WEEKS),
    _number("severe_pain", 7, "of 10", "E", (6, 8), "leg-attributed pain at or above this is severe", "back and musculoskeletal pain studies place severe at 6 to 8", "Palos 2006; Boonstra 2016"),
    _number("pain_rise", 2, "of 10", "E", (1, 3), "rise in leg-attributed pain that counts as worsening", "common size of a clinically important change", EXPERT),
    _number("rise_days", 42, "d", "E", (14, 90), "two measurements are compared up to this distance", "one course of radiculopathy", SIX_WEEKS),
    _number("frequency_ratio", 1.5, "times", "E", (1.25, 2), "cramps this many times as frequent count as worsening", "half as many again is noticed by patients", EXPERT),
    _number("frequency_rise", 2, "a week", "E", (1, 4), "and at least this many more a week", "keeps small counts from looking like a trend", EXPERT),
    _number("nights_a_week", 2, "nights", "E", (1, 7), "cramps on this many nights a week disturb sleep often", "once or twice weekly was the commonest frequency in stenosis patients", "Matsumoto, Spine 2009;34:E189"),
    _number("impact_days", 30, "d", "E", (14, 90), "disturbed sleep or limited activity counts up to this age", "a month is the usual recall period", EXPERT),
    _number("contributor_days", 30, "d", "E", (14, 90), "overuse or long static posture is mentioned up to this age", "a month is the usual recall period", EXPERT),
    # --- laboratory
    _number("lab_days", 30, "d", "E", (7, 30), "a laboratory result counts up to this age", "electrolytes change quickly", EXPERT),
    _number("severe_lab_days", 7, "d", "E", (3, 30), "a severe laboratory value warns up to this age", "older values were acted on or have changed", EXPERT),
    _number("dehydration_days", 14, "d", "E", (3, 30), "dehydration counts up to this age", "it resolves within days", EXPERT),
    _number("albumin_hours", 24, "h", "E", (6, 72), "albumin this close corrects total calcium", "same draw or day", LAB_PAGES),
    _number("potassium_low", 3.5, "mmol/L", "G", (3.3, 3.8), "default lower limit of potassium", "used only without the laboratory's own flag and range", STATPEARLS),
    _number("potassium_high", 5.0, "mmol/L", "E", (4.8, 5.5), "default upper limit of potassium", "used only without the laboratory's own flag and range", LAB_PAGES),
    _number("potassium_severe_low", 2.5, "mmol/L", "G", (2.5, 3.0), "potassium below this is severe", "severe hypokalaemia", STATPEARLS),
    _number("potassium_severe_high", 6.0, "mmol/L", "E", (5.5, 6.5), "potassium at or above this is severe", "common alert value", EXPERT),
    _number("magnesium_low", 1.46, "mg/dL", "G", (1.4, 1.8), "default lower limit of magnesium", "used only without the laboratory's own flag and range", STATPEARLS),
    _number("magnesium_high", 2.68, "mg/dL", "G", (2.2, 3.0), "default upper limit of magnesium", "used only without the laboratory's own flag and range", STATPEARLS),
    _number("magnesium_severe_low", 1.0, "mg/dL", "E", (1.0, 1.2), "magnesium below this is severe", "symptoms are usual below this", EXPERT),
    _number("calcium_low", 8.5, "mg/dL", "E", (8.2, 8.8), "default lower limit of total calcium", "used only without the laboratory's own flag and range", LAB_PAGES),
    _number("calcium_high", 10.5, "mg/dL", "E", (10.2, 10.8), "default upper limit of total calcium", "used only without the laboratory's own flag and range", LAB_PAGES),
    _number("calcium_severe_low", 7.5, "mg/dL", "E", (7.5, 8.0), "corrected calcium below this is severe", "common alert value", EXPERT),
    _number("ionised_low", 1.12, "mmol/L", "E", (1.05, 1.2), "default lower limit of ionised calcium", "used only without the laboratory's own flag and range", LAB_PAGES),
    _number("ionised_high", 1.32, "mmol/L", "E", (1.28, 1.4), "default upper limit of ionised calcium", "used only without the laboratory's own flag and range", LAB_PAGES),
    _number("ionised_severe_low", 0.9, "mmol/L", "E", (0.9, 1.0), "ionised calcium below this is severe", "common alert value", EXPERT),
    _number("osmolality_high", 300, "mosm/kg", "G", (295, 305), "measured osmolality above this suggests dehydration", "295 has sensitivity 85 % and specificity 59 %", "BMJ Open 2015;5:e008846"),
    _number("sodium_high", 145, "mmol/L", "E", (143, 150), "sodium above this suggests dehydration", "upper reference limit", EXPERT),
    _number("urea_ratio", 20, "ratio", "E", (15, 30), "urea nitrogen to creatinine above this is mentioned, never decides", "weak sign of dehydration", "BMJ Open 2015;5:e008846"),
    # --- age
    _number("adult_years", 16, "a", "G", (16, 18), "general rules apply from this age", "scope of the guidelines", "NICE NG59, NG127"),
    _number("continence_years", 5, "a", "E", (4, 6), "continence items are used from this age", "continence is still being learnt", EXPERT),
    # --- time
    _number("clock_skew_days", 1, "d", "E", (0, 2), "a date this far in the future is read as today", "time zones and clocks differ", EXPERT),
)
# fmt: on
NUMBERS: Mapping[str, Interpretation] = MappingProxyType({each.id: each for each in INTERPRETATIONS})


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers in force: the table above with a deployer's overrides."""

    values: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({each.id: each.value for each in INTERPRETATIONS}))

    def __getitem__(self, id: str) -> float:
        return self.values[id]

    def overridden(self) -> dict[str, float]:
        return {each.id: self.values[each.id] for each in INTERPRETATIONS if self.values[each.id] != each.value}

    def basis(self, number: Interpretation) -> tuple[str, str]:
        """The grade and source of what is in force: a number that was changed rests on neither of the default's."""
        if self.values[number.id] == number.value:
            return number.grade, number.source
        return LOCAL_CHOICE, f"chosen here; the default, {number.value:g} {number.unit}, has the mark {number.grade}: {number.source}"


ORDERED = (
    ("new_days", "long_standing_days"),
    ("new_leg_days", "long_standing_days"),
    ("retention_ml", "catheter_ml"),
    ("severe_lab_days", "lab_days"),
    ("potassium_severe_low", "potassium_low"),
    ("potassium_low", "potassium_high"),
    ("potassium_high", "potassium_severe_high"),
    ("magnesium_severe_low", "magnesium_low"),
    ("magnesium_low", "magnesium_high"),
    ("calcium_severe_low", "calcium_low"),
    ("calcium_low", "calcium_high"),
    ("ionised_severe_low", "ionised_low"),
    ("ionised_low", "ionised_high"),
    ("continence_years", "adult_years"),
)
"""Pairs that must stay in this order, lower first."""


def numbers_in_force(overrides: Mapping[str, object] | None = None) -> Numbers:
    """The table with `overrides` applied. Raises UnsafeInterpretation with one sentence for the first that is unknown, no number or out of bounds."""
    values = {each.id: each.value for each in INTERPRETATIONS}
    for id, value in (overrides or {}).items():
        if id not in NUMBERS:
            raise UnsafeInterpretation(f"interpretations.{id} is not a known number; `pinched-nerve-cds rules` lists them.")
        values[id] = _within_bounds(NUMBERS[id], value)
    for lower, higher in ORDERED:
        if values[lower] > values[higher]:
            raise UnsafeInterpretation(f"interpretations.{lower} must not be above interpretations.{higher}.")
    return Numbers(MappingProxyType(values))


def _within_bounds(number: Interpretation, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise UnsafeInterpretation(f"interpretations.{number.id} must be a number in {number.unit}.")
    if not number.least <= value <= number.most:
        raise UnsafeInterpretation(f"interpretations.{number.id} must lie between {number.least:g} and {number.most:g} {number.unit}: {number.meaning}.")
    return value
