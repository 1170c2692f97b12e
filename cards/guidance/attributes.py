"""The source attributes that 45 CFR 170.315(b)(11) asks of an evidence-based intervention, rule by rule. What is not used is said, not left blank."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

DEVELOPER = "The pinched-nerve-cds authors (open source, Apache License 2.0)"
FUNDING = "No funding of the technical implementation is recorded: neither grant, sponsor nor vendor"


@dataclass(frozen=True, slots=True)
class Use:
    """Whether a rule looks at something about the patient, and what for."""

    used: bool
    how: str


NOT_USED = Use(False, "not used")

PATIENT_ATTRIBUTES = MappingProxyType(
    {
        "race": "Race",
        "ethnicity": "Ethnicity",
        "language": "Language",
        "sexualOrientation": "Sexual orientation",
        "genderIdentity": "Gender identity",
        "sex": "Sex",
        "dateOfBirth": "Date of birth",
        "socialDeterminants": "Social determinants of health",
        "healthStatusAssessments": "Health status assessments",
    }
)
"""The nine of the thirteen that are about the patient; the others are the citation, the developer, the funding and the dates."""

DATED = "dates an onset that is given as an age; what is dated before birth is undated"
BORN_ADULTS = Use(True, f"the rule applies from adult_years; it also {DATED}")
BORN_CONTINENCE = Use(True, f"incontinence counts from continence_years, and below adult_years the card has words for children; it also {DATED}")
BORN_CHILDREN = Use(True, f"the rule applies at every age, with words for children below adult_years; it also {DATED}")
BORN_DATES = Use(True, f"it {DATED}; a patient recorded as deceased gets no card")

CONTINENCE = Use(True, "continence items (MDS 3.0, OASIS, three-day items, Barthel) and post-void residual; pregnancy adds a remark, and never decides")
POWER = Use(True, "muscle power (MRC grade), foot drop and recorded severity")
PAIN = Use(True, "pain score attributed to a leg, recorded severity, and cramps a week")
IMPACT = Use(True, "pain that disturbs sleep or limits activity, nights a week, recorded disability of walking")
SIGNS = Use(True, "muscle power (MRC grade); of continence items only whether there is one")
WHETHER_FOUND = Use(True, "whether a continence item, a post-void residual or muscle power tells of a symptom of late: then a chart cut short gets this card")
WHETHER_ASKED = Use(True, "of continence items (MDS 3.0, OASIS, three-day items, Barthel) only whether there is one since the onset")

# fmt: off
BIRTH: MappingProxyType[str, Use] = MappingProxyType(
    {
        "R01": BORN_CONTINENCE, "R02": BORN_CONTINENCE, "R03c": BORN_CHILDREN, "R03w": BORN_CHILDREN, "R11w": BORN_CHILDREN, "R11i": BORN_CONTINENCE,
        **dict.fromkeys(("R04w", "R04i", "R05w", "R05i", "R06", "R07w", "R07i", "R08", "R09", "R10"), BORN_ADULTS),
        "R12": BORN_DATES,
    }
)

ASSESSMENTS: MappingProxyType[str, Use] = MappingProxyType(
    {
        "R01": CONTINENCE, "R02": CONTINENCE, "R11i": CONTINENCE, "R11w": NOT_USED, "R03c": POWER, "R03w": POWER, "R04w": SIGNS, "R04i": WHETHER_ASKED,
        "R05w": PAIN, "R05i": WHETHER_ASKED, "R06": IMPACT, "R07w": NOT_USED, "R07i": NOT_USED, "R08": NOT_USED, "R09": WHETHER_ASKED, "R10": WHETHER_ASKED,
        "R12": WHETHER_FOUND,
    }
)
# fmt: on


def uses(rule: str) -> dict[str, Use]:
    """The nine attributes about the patient for a rule, by their names in PATIENT_ATTRIBUTES."""
    special = {"dateOfBirth": BIRTH[rule], "healthStatusAssessments": ASSESSMENTS[rule]}
    return {name: special.get(name, NOT_USED) for name in PATIENT_ATTRIBUTES}


CHANGES = ("grade_step", "denied_days", "explained_days", "known_syndrome_days", "continence_years")
ANCHORS = ("symptom_days", "resolved_days", "radiculopathy_days", "new_leg_days")
RECENT = ("symptom_days", "problem_days", "mention_days")
SPASM = (*RECENT, "radiculopathy_days")
RANGES = ("potassium_low", "potassium_high", "magnesium_low", "magnesium_high", "calcium_low", "calcium_high", "ionised_low", "ionised_high")

# fmt: off
ALSO_DECIDE: MappingProxyType[str, tuple[str, ...]] = MappingProxyType(
    {
        "R01": (*CHANGES, *ANCHORS), "R02": (*CHANGES, *ANCHORS, *RECENT), "R11i": (*CHANGES, *ANCHORS), "R11w": (),
        "R03c": (*RECENT, "power_drop", "rise_days"), "R03w": (*RECENT, "rise_days"),
        "R04w": (*SPASM, "explained_days", "power_drop", "rise_days"), "R04i": (*SPASM, "explained_days"),
        "R05w": SPASM, "R05i": SPASM, "R06": SPASM, "R08": SPASM, "R09": SPASM, "R10": (*SPASM, "explained_days"),
        "R07w": (*SPASM, "albumin_hours"), "R07i": (*SPASM, *RANGES, "albumin_hours"), "R12": ("symptom_days", "resolved_days"),
    }
)
"""By rule: numbers that decide whether it applies, besides those that its card names. A test traces them."""

ADDS: MappingProxyType[str, tuple[str, ...]] = MappingProxyType(
    {
        "R01": ("catheter_ml", "adult_years"), "R02": ("catheter_ml", "adult_years"), "R11i": ("catheter_ml", "adult_years"),
        "R11w": ("symptom_days", "adult_years"), "R03c": ("known_syndrome_days", "adult_years"), "R03w": ("known_syndrome_days", "adult_years"),
        "R04w": ("lab_days",), "R05w": ("lab_days",), "R09": ("known_syndrome_days",),
        "R07w": ("urea_ratio", "dehydration_days"), "R07i": ("urea_ratio", "severe_lab_days"),
    }
)
"""By rule: numbers that only bear on what its card offers or adds: a catheter, a panel, words for children, what is on record since long."""
# fmt: on


def deciding(rule: str, named: tuple[str, ...], *, red_flag: bool) -> tuple[str, ...]:
    """Every number that bears on a rule, those its card names first; general rules apply from adult_years, and no date may lie ahead of clock_skew_days."""
    every = (*(() if red_flag else ("adult_years",)), "clock_skew_days")
    return tuple(dict.fromkeys((*named, *ALSO_DECIDE[rule], *ADDS.get(rule, ()), *every)))
