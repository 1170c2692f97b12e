"""Electrolytes and dehydration: by the laboratory's own flag, then the result's own range, then the default range; by unit, never by guess."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from math import inf, nextafter
from types import MappingProxyType

from cards.guidance.case import Case, per_case
from cards.guidance.findings import Concept, Evidence, Flag, Presence, Reading

# 1 mmol/L of magnesium is 2.43 mg/dL and of calcium 4.008 mg/dL (atomic masses 24.305 and 40.078); magnesium and calcium carry two charges.
_MAGNESIUM_UNITS = MappingProxyType({"mg/dL": 1.0, "mmol/L": 2.4305, "meq/L": 1.21525, "mEq/L": 1.21525})
_CALCIUM_UNITS = MappingProxyType({"mg/dL": 1.0, "mmol/L": 4.0078})
_IONISED_UNITS = MappingProxyType({"mmol/L": 1.0, "mg/dL": 1 / 4.0078})
_MONOVALENT_UNITS = MappingProxyType({"mmol/L": 1.0, "meq/L": 1.0, "mEq/L": 1.0})
_ALBUMIN_UNITS = MappingProxyType({"g/dL": 1.0, "g/L": 0.1})
_OSMOLALITY_UNITS = MappingProxyType({"mosm/kg": 1.0, "mOsm/kg": 1.0})
_UREA_UNITS = MappingProxyType({"mg/dL": 1.0, "mmol/L": 1 / 0.357})
_CREATININE_UNITS = MappingProxyType({"mg/dL": 1.0, "umol/L": 1 / 88.4})

DEFAULT_UNITS = MappingProxyType({Concept.POTASSIUM: "mmol/L", Concept.MAGNESIUM: "mg/dL", Concept.CALCIUM: "mg/dL", Concept.IONISED_CALCIUM: "mmol/L"})
"""The unit of each default range."""

UNITS: Mapping[Concept, Mapping[str, float]] = MappingProxyType(
    {
        Concept.POTASSIUM: _MONOVALENT_UNITS,
        Concept.SODIUM: _MONOVALENT_UNITS,
        Concept.MAGNESIUM: _MAGNESIUM_UNITS,
        Concept.CALCIUM: _CALCIUM_UNITS,
        Concept.IONISED_CALCIUM: _IONISED_UNITS,
        Concept.ALBUMIN: _ALBUMIN_UNITS,
        Concept.OSMOLALITY: _OSMOLALITY_UNITS,
        Concept.UREA: _UREA_UNITS,
        Concept.CREATININE: _CREATININE_UNITS,
    }
)
"""UCUM unit -> factor to the unit of the default range. A unit not listed is not read."""

# Corrected total calcium (mg/dL) = measured + 0.8 x (4.0 - albumin in g/dL): the usual bedside formula.
CORRECTION, REFERENCE_ALBUMIN = 0.8, 4.0


@dataclass(frozen=True, slots=True)
class Analyte:
    """What is looked at: the diagnoses it may appear as, and the numbers of its default range and of its severe values, by id."""

    concept: Concept
    disorders: tuple[Concept, ...]
    low: str
    high: str
    severe_low: str
    severe_high: str = ""


_CALCIUM_DISORDERS = (Concept.LOW_CALCIUM, Concept.HIGH_CALCIUM, Concept.CALCIUM_DISORDER)
ANALYTES = (
    Analyte(
        Concept.POTASSIUM, (Concept.LOW_POTASSIUM, Concept.HIGH_POTASSIUM), "potassium_low", "potassium_high", "potassium_severe_low", "potassium_severe_high"
    ),
    Analyte(Concept.MAGNESIUM, (Concept.LOW_MAGNESIUM, Concept.MAGNESIUM_DISORDER), "magnesium_low", "magnesium_high", "magnesium_severe_low"),
    Analyte(Concept.CALCIUM, _CALCIUM_DISORDERS, "calcium_low", "calcium_high", "calcium_severe_low"),
    Analyte(Concept.IONISED_CALCIUM, _CALCIUM_DISORDERS, "ionised_low", "ionised_high", "ionised_severe_low"),
)
SALTS = tuple(each.concept for each in ANALYTES)


def abnormal_electrolytes(case: Case) -> tuple[Evidence, ...]:
    """Abnormal results, and diagnoses that no newer result of the same salt has overtaken."""
    results = [each for analyte in ANALYTES for each in _newest(case, analyte.concept, "lab_days") if _is_abnormal(case, analyte, each)]
    diagnosed = [each for analyte in ANALYTES for each in case.positives(*analyte.disorders) if _recorded_lately(case, each, "lab_days")]
    return (*results, *dict.fromkeys(each for each in diagnosed if not _overtaken(case, each)))


def _overtaken(case: Case, diagnosis: Evidence) -> bool:
    """A newer result that is in range speaks louder than the diagnosis."""
    day = case.positive_day(diagnosis)
    mine = [analyte for analyte in ANALYTES if diagnosis.concept in analyte.disorders]
    newer = [(analyte, each) for analyte in mine for each in _newest(case, analyte.concept, "lab_days") if day and _after(case, each, day)]
    return any(not _is_abnormal(case, analyte, each) for analyte, each in newer)


def _after(case: Case, result: Evidence, day: date) -> bool:
    found = case.positive_day(result)
    return found is not None and found > day


def severe_electrolytes(case: Case) -> tuple[Evidence, ...]:
    return tuple(each for analyte in ANALYTES for each in _newest(case, analyte.concept, "severe_lab_days") if _is_severe(case, analyte, each))


def dehydration(case: Case) -> tuple[Evidence, ...]:
    diagnosed = [each for each in case.positives(Concept.DEHYDRATION) if _recorded_lately(case, each, "dehydration_days")]
    measured = [
        each
        for concept, limit in ((Concept.OSMOLALITY, "osmolality_high"), (Concept.SODIUM, "sodium_high"))
        for each in _newest(case, concept, "dehydration_days")
        if (value := canonical(each)) is not None and value > case.numbers[limit]
    ]
    return (*diagnosed, *measured)


def unread(case: Case) -> tuple[Evidence, ...]:
    """The newest result of each salt inside the window, where its value or its unit could not be read and no result of that day or later could."""
    newest = [max(_dated_unread(case, analyte.concept), key=lambda pair: pair[0], default=None) for analyte in ANALYTES]
    return tuple(each for day, each in filter(None, newest) if not _could_be_read_since(case, each.concept, day))


def _could_be_read_since(case: Case, concept: Concept, day: date) -> bool:
    return any(later >= day and canonical(each) is not None for later, results in _by_day(case, concept).items() for each in results)


def _dated_unread(case: Case, concept: Concept) -> list[tuple[date, Evidence]]:
    unread = [each for each in case.facts(concept) if each.presence is Presence.NOT_ASSESSED]
    return [(day, each) for each in unread if (day := case.positive_day(each)) is not None and case.within(day, "lab_days")]


def urea_ratio(case: Case) -> float | None:
    """Urea nitrogen to creatinine in mg/dL each, from the newest results, when above the mentioned ratio."""
    urea, creatinine = (_newest(case, concept, "dehydration_days") for concept in (Concept.UREA, Concept.CREATININE))
    if not urea or not creatinine:
        return None
    top, bottom = canonical(urea[0]), canonical(creatinine[0])
    return top / bottom if top and bottom and top / bottom > case.numbers["urea_ratio"] else None


def canonical(evidence: Evidence) -> float | None:
    """The value in the unit of the default range to two decimals, as laboratories report it; None when the unit is missing or unknown.

    '<2.5' lies just below 2.5.
    """
    reading = evidence.reading
    factor = UNITS[evidence.concept].get(reading.unit) if reading else None
    if reading is None or factor is None:
        return None
    value = round(reading.value * factor, 2)
    return nextafter(value, {"<": -inf, ">": inf}[reading.comparator]) if reading.comparator else value


def corrected_calcium(case: Case, evidence: Evidence) -> float | None:
    """Total calcium in mg/dL corrected for albumin drawn close by; None without such an albumin."""
    total, day = canonical(evidence), case.positive_day(evidence)
    albumins = [(apart, each) for each in case.facts(Concept.ALBUMIN) if (apart := _hours_apart(case.positive_day(each), day)) <= case.numbers["albumin_hours"]]
    nearest = min(albumins, key=lambda pair: pair[0], default=None)
    albumin = canonical(nearest[1]) if nearest else None
    return None if total is None or albumin is None else total + CORRECTION * (REFERENCE_ALBUMIN - albumin)


def _hours_apart(one: date | None, other: date | None) -> float:
    return abs((one - other).days) * 24 if one and other else inf


def _newest(case: Case, concept: Concept, window: str) -> tuple[Evidence, ...]:
    """The newest valid result inside the window, as a tuple of none or one; a haemolysed one only where there is no other."""
    otherwise: list[Evidence] = []
    for day, results in _by_day(case, concept).items():
        if not case.within(day, window):
            break
        valid = [each for each in results if canonical(each) is not None]
        if sound := [each for each in valid if not each.has(Flag.HAEMOLYSED)]:
            return (max(sound, key=_moment),)
        otherwise = otherwise or valid
    return (max(otherwise, key=_moment),) if otherwise else ()


@per_case
def _by_day(case: Case, concept: Concept) -> Mapping[date, list[Evidence]]:
    """The results whose day is known, the newest day first."""
    days: dict[date, list[Evidence]] = {}
    for each in case.facts(concept):
        if day := case.positive_day(each):
            days.setdefault(day, []).append(each)
    return dict(sorted(days.items(), reverse=True))


def _moment(evidence: Evidence) -> float:
    """Seconds since 1970 of a result with a time of day, to tell results of one day apart; 0 without one."""
    try:
        at = datetime.fromisoformat(evidence.record.shown_date)
    except ValueError:
        return 0.0
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def _is_abnormal(case: Case, analyte: Analyte, evidence: Evidence) -> bool:
    reading = evidence.reading
    if reading is None:
        return False
    if reading.flag:
        return reading.flag != "normal"
    value = _judged(case, evidence)
    low, high = _range(case, analyte, reading)
    return value is not None and (value < low or value > high)


def limits(case: Case, evidence: Evidence) -> tuple[float, float, bool] | None:
    """Low and high limit in the unit of the default range, and whether they are the defaults; None for what has no limits here."""
    analyte = next((each for each in ANALYTES if each.concept is evidence.concept), None)
    if analyte is None or evidence.reading is None or evidence.reading.unit not in UNITS[analyte.concept]:
        return None
    stated = evidence.reading.low is not None or evidence.reading.high is not None
    return (*_range(case, analyte, evidence.reading), not stated)


def _range(case: Case, analyte: Analyte, reading: Reading) -> tuple[float, float]:
    """The result's own limits where it states any, in the default unit; else the defaults."""
    if reading.low is None and reading.high is None:
        return case.numbers[analyte.low], case.numbers[analyte.high]
    factor = UNITS[analyte.concept][reading.unit]
    low = round(reading.low * factor, 2) if reading.low is not None else -inf
    high = round(reading.high * factor, 2) if reading.high is not None else inf
    return low, high


def _is_severe(case: Case, analyte: Analyte, evidence: Evidence) -> bool:
    """Total calcium is severe only by its corrected value."""
    value = corrected_calcium(case, evidence) if analyte.concept is Concept.CALCIUM else canonical(evidence)
    if value is None:
        return False
    return value < case.numbers[analyte.severe_low] or bool(analyte.severe_high and value >= case.numbers[analyte.severe_high])


def _judged(case: Case, evidence: Evidence) -> float | None:
    corrected = corrected_calcium(case, evidence) if evidence.concept is Concept.CALCIUM else None
    return canonical(evidence) if corrected is None else corrected


def _recorded_lately(case: Case, evidence: Evidence, window: str) -> bool:
    """A current diagnosis dated inside the window; one without any date is taken as current."""
    if evidence.has(Flag.SUSPECTED) or not case.holds(evidence) or case.later_denied(evidence):
        return False
    day = case.positive_day(evidence)
    return day is None or case.within(day, window)
