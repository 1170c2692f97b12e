"""What the soft words of the rules mean, in a sentence each, with the numbers that settle them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Definition:
    word: str
    meaning: str
    numbers: tuple[str, ...] = ()


# fmt: off
DEFINITIONS: tuple[Definition, ...] = (
    Definition("day of a fact", "calendar days between the day of evaluation (UTC) and the date as written; a partial date takes its latest day for a positive, not after it was recorded, and its earliest for a negative or an end", ("clock_skew_days",)),
    Definition("current leg symptom", "an active problem, an observation inside the window and not denied since, or a problem resolved very recently; the general rules also want a recent onset or mention", ("symptom_days", "problem_days", "mention_days", "resolved_days")),
    Definition("new change", "a bladder, bowel or saddle function whose first record since it was last recorded intact is this young, or a dated worsening; an undated active record is new, with its timing not recorded", ("new_days",)),
    Definition("worsening of continence", "a worse grade than the assessment before on the same form, a higher severity than before, a relapse, or words that say so, dated by the later record; survey items look back 7 days (3 for the three-day items)", ("grade_step",)),
    Definition("subacute and long-standing", "older than new and up to the border, or beyond it, counted from the first record of any status; a dated end of an earlier episode starts the count again, unless the problem was closed on the day it was opened, as visits' diagnoses are", ("long_standing_days",)),
    Definition("later denied", "an explicit negative of the same function, or the dated end of the problem, after the last positive: a question while it is recent, cleared after; a continence answer never speaks for retention, sensation or saddle", ("denied_days",)),
    Definition("survey without a baseline", "a routine score with no comparable earlier answer is a question, not an alarm"),
    Definition("named mechanism", "stress, urge, mixed, functional, drug-induced and postoperative codes name their own cause: new, they are a question"),
    Definition("neurogenic bladder or bowel", "counts as a new loss unless a long-term neurological condition was recorded before it"),
    Definition("retention", "the diagnosis, or a post-void residual at or above the volume; a lower volume lowers nothing", ("retention_ml", "catheter_ml")),
    Definition("saddle", "a code for it, or numbness or tingling with a perineal, perianal or genital site; the buttock alone is a question"),
    Definition("alongside", "for an older change: an active leg problem, or an observed leg symptom near it in time", ("alongside_days",)),
    Definition("both legs", "a record that says both, or current records of left and right; new from the day the second side joined; never from a side that has resolved", ("new_leg_days",)),
    Definition("new leg symptom beside an older change", "by the record's own day: an older record of the leg lowers no alarm", ("new_leg_days",)),
    Definition("severe weakness", "foot drop, muscle power at or below the grade, or a record that says severe, inside the window", ("severe_power", "weakness_days", "power_drop")),
    Definition("persistent", "records far enough apart without a negative between, an active problem old enough or undated, a stated duration, or words that say chronic", ("persistent_days", "latest_days")),
    Definition("severe spasm", "a record that says severe, or leg-attributed pain at or above the score", ("severe_pain",)),
    Definition("worsening spasm", "pain, severity or frequency risen between two records, a relapse, or words that say so", ("pain_rise", "rise_days", "frequency_ratio", "frequency_rise")),
    Definition("explained", "an unchanged finding older than the border with a long-term neurological condition recorded no later; never excuses R01 with a change, nor both legs weak", ("explained_days",)),
    Definition("sleep often disturbed", "nights a week as recorded, or a sleep-related cramp with insomnia tied to it", ("nights_a_week", "impact_days")),
    Definition("abnormal electrolyte", "by the laboratory's flag, then the result's own range, then the default range; known UCUM unit and blood only; total calcium corrected for albumin of the same time", ("lab_days", "severe_lab_days", "albumin_hours")),
    Definition("known cauda equina syndrome", "first recorded as confirmed longer ago than a fresh record; what began no later is part of it", ("known_syndrome_days",)),
    Definition("work-up covers", "lumbar MRI done, or ordered stat, asap or urgent, on or after the last change; an undated change is covered by nothing"),
    Definition("unspecified leg pain", "counts as back pain does: an anchor for the strong features only (our reading; the article's leg symptoms are spasm, radicular pain, numbness, tingling and weakness)"),
)
# fmt: on
