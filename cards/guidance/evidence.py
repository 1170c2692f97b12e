"""What is known about how well these signs work, with figures, and what is not known. Shown to whoever reviews the rules."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """`bears_on` are the rules whose strength it tells of."""

    question: str
    figure: str
    source: str
    bears_on: tuple[str, ...]


EVERY_RULE = ("R01", "R02", "R03c", "R03w", "R04w", "R04i", "R05w", "R05i", "R06", "R07w", "R07i", "R09", "R10", "R11w", "R11i")
"""But R08, which makes no card, and R12, which asks for nothing."""

# fmt: off
FIGURES: tuple[Figure, ...] = (
    Figure("Do red flags find cauda equina syndrome on MRI?", "7 studies, 569 patients: sensitivity 0.19-0.43, specificity 0.62-0.88", "Dionne 2019, Musculoskelet Sci Pract 42:125", ("R01", "R02", "R11w", "R11i")),
    Figure("Which signs help most?", "334 urgent MRIs, 25 with the syndrome: bilateral leg pain 0.60/0.70 (odds ratio 5.0), leg weakness 0.68/0.72 (5.4), perianal change 0.60/0.67, bladder 0.72/0.36, back pain 0.92/0.13", "one UK series, abstract only", ("R01", "R02", "R03c", "R03w")),
    Figure("What do people with nerve-root pain report?", "281 people, 1 with the syndrome: a quarter reported a new bladder or bowel change or numbness; each specificity 0.73", "SBPR abstract 2013", ("R01", "R02")),
    Figure("Post-void residual of 200 mL or more?", "sensitivity 82 % (72-90), specificity 65 %; an earlier abstract of the same review gave 93.5 % specificity: unstable", "Boktor, BJJ 2023;105-B:487", ("R01",)),
    Figure("Does a low residual exclude it?", "no: 13 of 26 confirmed cases with a recorded residual had 200 mL or less, all incomplete", "Todd 2022, PMC9117366", ("R01",)),
    Figure("How often is MRI positive after clinical suspicion?", "28 %, 16 %, 6-11 %, 4-7 % in four series", "Hoeritzauer 2018; Gibson 2017; Fraig; EMJ 2023", ("R01", "R11w")),
    Figure("Does timing matter?", "incomplete syndrome operated within 24 h: 11.1 % bladder dysfunction against 46.6 % later (retrospective, 200 patients); another cohort of 33 found no effect", "Srikandarajah 2015; Qureshi 2007", ("R01", "R11w")),
    Figure("How common is the syndrome?", "1 to 3 per 100,000 a year; about 8,000 suspected a year in England", "GIRFT 2023", ("R01", "R10")),
    Figure("How common is incontinence?", "61.8 % of US women any, 32.4 % at least monthly", "NHANES 2015-18, PMID 35030139", ("R01", "R02")),
    Figure("How common are cramps?", "24-25 % of US adults mild, 6 % moderate to severe in a month; up to 60 % ever", "Grandner 2017; Allen and Kirby 2012", ("R05w", "R05i", "R06")),
    Figure("Do pinched nerves cause cramps?", "cramps in 70.8 % with lumbar stenosis against 37.2 % (odds ratio 4.6); a community study found 33.0 % against 35.5 %", "Matsumoto 2009; Handa 2022", ("R04w", "R04i", "R09")),
    Figure("Do electrolytes cause cramps?", "likelier muscle fatigue and nerve dysfunction; laboratory work usually unnecessary", "Allen and Kirby, AFP 2012;86:350", ("R07w", "R07i", "R08")),
    Figure("How often are alerts overridden?", "46-96 % of medication alerts", "JMIR Med Inform 2020;8:e15653", EVERY_RULE),
)
# fmt: on

INFERENCE = (
    "If cramps (30 % in a month) and monthly leakage (32 %) were independent, about one adult woman in ten would have both, while the syndrome affects a few in 100,000. "
    "Together they predict almost nothing; whether the change is new decides. The predictive value of R01 from a chart alone will be low."
)

LIMITS = (
    "The seed is one consumer article. Guideline texts were read in part: abstracts, opening sections and summaries.",
    "No clinician has reviewed these rules, and nothing was validated on patients.",
    "Most time windows are expert defaults without a published threshold; each is marked E.",
    "Records that no listed search returns, local codes without words, and notes longer than a line are outside what is read.",
)
