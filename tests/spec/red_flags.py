"""Worked examples of the red-flag rules."""

from __future__ import annotations

from charts import day, done, order, part, person, problem, seen
from spec.rows import edge, row, section

LEG = problem("leg cramps", 5)
SCIATICA = problem("sciatica", 6)
LEAK = problem("urinary incontinence", 2)

RED_FLAGS = section(
    "R01 Cauda equina red flags",
    row(
        "Bladder control newly lost with leg spasm",
        [problem("spasm", 5, site="leg"), problem("urinary incontinence", 14)],
        "R01",
        edge=edge("new_days", [problem("spasm", 5, site="leg"), problem("urinary incontinence", 15)], "R02"),
    ),
    row("Bowel control newly lost with sciatica", [problem("left sciatica", 10), problem("bowel incontinence", 1)], "R01", says=["bowel incontinence"]),
    row("Retention today beside an old root diagnosis", [problem("disc disorder with radiculopathy", 400), problem("urinary retention", recorded=0)], "R01"),
    row(
        "Post-void residual at the retention volume",
        [SCIATICA, seen("post-void residual volume", 0, 200, unit="mL")],
        "R01",
        says=["200 mL"],
        edge=edge("retention_ml", [SCIATICA, seen("post-void residual volume", 0, 199, unit="mL")]),
    ),
    row(
        "Post-void residual that asks about a catheter",
        [LEG, seen("Post-void residual (bladder scan)", 1, 600, unit="mL")],
        "R01",
        says=["catheterisation"],
        edge=edge("catheter_ml", [LEG, seen("Post-void residual (bladder scan)", 1, 599, unit="mL")], "R01"),
    ),
    row("Residual in litres is converted", [SCIATICA, seen("Post-void residual", 0, 0.35, unit="L")], "R01", says=["350 mL"]),
    row("Hesitancy beside a prostate condition that is only suspected", [problem("urinary hesitancy", 5), problem("Possible BPH", 900), SCIATICA], "R01"),
    row("Lost bladder sensation with leg tingling", [seen("leg tingling", 3), seen("absent bladder sensation", 1)], "R01"),
    row("Saddle numbness with leg numbness", [seen("leg numbness", 3, "present"), seen("saddle numbness", 1, True)], "R01", says=["saddle numbness"]),
    row("Numbness with a perineal body site", [SCIATICA, seen("numbness", 1, site="perineum")], "R01"),
    row("Saddle numbness with back pain only", [problem("low back pain", 10), seen("Numbness in the saddle area", 2, "Present")], "R01", says=["from text"]),
    row("Bowel control lost with a lumbar disc prolapse only", [problem("lumbar disc prolapse", 30), problem("bowel incontinence", 3)], "R01"),
    row("Reduced anal tone with leg weakness", [problem("left leg weakness", 3), seen("reduced anal tone", 0)], "R01"),
    row("Control lost beside new paraplegia", [problem("paraplegia", 5), LEAK], "R01", says=["urinary incontinence with paraplegia"]),
    row(
        "The name of what is alongside is long: what is to be done stays in the summary",
        [problem("radiculopathy, level unknown", 30), LEAK],
        "R01",
        says=["urinary incontinence with nerve root disorder. Guidelines advise emergency assessment."],
    ),
    row("Everything undated is taken as new", [problem("leg cramps"), problem("urinary incontinence")], "R01", says=["timing not recorded"]),
    row("Incontinence dated only by month, recorded lately", [LEG, problem("urinary incontinence", "2026-03")], "R01"),
    row("Spasm of unrecorded site still anchors", [problem("spasm", 4, said="Muscle spasm"), LEAK], "R01", says=["site not recorded"]),
    row(
        "Leg pain resolved as control was lost",
        [problem("sciatica", 40, status="resolved", ended=14), LEAK],
        "R01",
        edge=edge("resolved_days", [problem("sciatica", 40, status="resolved", ended=15), LEAK]),
    ),
    row(
        "Observed leg symptom at the end of its window",
        [seen("leg numbness", 42, "present"), LEAK],
        "R01",
        edge=edge("symptom_days", [seen("leg numbness", 43, "present"), LEAK]),
    ),
    row(
        "Subacute change with new leg numbness",
        [problem("urinary incontinence", 40), problem("numbness", 14, site="leg")],
        "R01",
        edge=edge("new_leg_days", [problem("urinary incontinence", 40), problem("numbness", 15, site="leg")], "R02"),
    ),
    row(
        "Long-standing incontinence, worse grade on the next survey",
        [
            problem("urinary incontinence", 1100),
            seen("MDS urinary continence", 95, "LA11043-9"),
            seen("MDS urinary continence", 4, "LA11044-7"),
            problem("sciatica", 30),
        ],
        "R01",
        edge=edge(
            "grade_step",
            [
                problem("urinary incontinence", 1100),
                seen("MDS urinary continence", 95, "LA11043-9"),
                seen("MDS urinary continence", 4, "LA11043-9"),
                problem("sciatica", 30),
            ],
        ),
    ),
    row("Barthel bowel item falls on the same form", [seen("Barthel bowel", 60, 10), seen("Barthel bowel", 5, 5), SCIATICA], "R01"),
    row(
        "OASIS: no incontinence before, incontinent now",
        [seen("OASIS urinary incontinence", 70, "LA6278-1"), seen("OASIS urinary incontinence", 3, "LA6332-6"), LEG],
        "R01",
    ),
    row(
        "Incontinent again years after a dated recovery",
        [problem("urinary incontinence", 1500, status="resolved", ended=1200), problem("urinary incontinence", 3), SCIATICA],
        "R01",
    ),
    row("Relapse of old incontinence on a day nobody recorded", [problem("urinary incontinence", 800, status="relapse"), SCIATICA], "R01"),
    row("Relapse of old incontinence, recorded lately", [problem("urinary incontinence", 800, recorded=3, status="relapse"), SCIATICA], "R01"),
    row(
        "Worse than the old incontinence, in a problem of its own",
        [problem("urinary incontinence", 700), problem("Worsening urinary incontinence", 3), SCIATICA],
        "R01",
    ),
    row(
        "The same, not dated", [problem("urinary incontinence", 700), problem("Worsening urinary incontinence"), SCIATICA], "R01", says=["timing not recorded"]
    ),
    row(
        "Spasm noted over a span whose end was filled in with a far day",
        [seen("leg cramps", None, effectivePeriod={"start": day(80), "end": "9999-12-31"}), LEAK],
        "R01",
        says=["to today"],
    ),
    row(
        "Incontinence with an end that lies ahead has not ended",
        [LEG, problem("urinary incontinence", 3, abatementPeriod={"start": day(1), "end": "9999-12-31"})],
        "R01",
    ),
    row("An end known only by its year lies after the onset", [problem("sciatica", 5, status="resolved", ended="2026"), LEAK], "R01"),
    row("Weak legs beside it change nothing on top", [SCIATICA, LEAK, problem("leg weakness", 2, side="both")], "R01"),
    row(
        "An old record of the leg lowers nothing",
        [problem("urinary incontinence", 40), problem("leg numbness", 14), problem("foot numbness", 300)],
        "R01",
    ),
    row(
        "Numbness there and gone on one day and back on the next",
        [
            problem("urinary incontinence", 40),
            *(seen("leg numbness", 15, each) for each in ("present", "absent")),
            seen("leg numbness", 14, "present"),
        ],
        "R01",
    ),
    row("Leg numbness that lasted until lately", [seen("leg numbness", None, "present", effectivePeriod={"start": day(60), "end": day(5)}), LEAK], "R01"),
    row("Denied on the very day it was recorded", [LEG, LEAK, seen("urinary incontinence", 2, "no")], "R01"),
    row(
        "Retention denied since, the residual volume not",
        [SCIATICA, problem("urinary retention", 5), seen("Post-void residual", 4, 300, unit="mL"), seen("urinary retention", 2, "no")],
        "R01",
    ),
    row("Onset dated weeks ahead is no date, though the record has one", [LEG, problem("urinary incontinence", -20, recorded=100)], "R01"),
    row("Neurogenic bladder recorded on one day with its cause", [problem("multiple sclerosis", 3), problem("neurogenic bladder", 3), SCIATICA], "R01"),
    row(
        "What speaks against it is shown and lowers nothing",
        [SCIATICA, LEAK, seen("Post-void residual", 0, 30, unit="mL"), problem("No urinary incontinence", 0)],
        "R01",
        says=["Also recorded: Post-void residual 30 mL", "Urinary incontinence, recorded absent"],
    ),
    row("New neurogenic bladder with no earlier cause", [problem("neurogenic bladder", 3), SCIATICA], "R01"),
    row("Old incontinence observed to get worse", [problem("urinary incontinence", 800), seen("Worsening urinary incontinence", 3, "yes"), SCIATICA], "R01"),
    row("Provisional incontinence counts, and says so", [LEG, problem("urinary incontinence (ICD)", 3, verified="provisional")], "R01", says=["provisional"]),
    row("Finding code without a value counts for red flags", [SCIATICA, seen("saddle numbness", 1, None)], "R01", says=["without a value"]),
    row(
        "Known cauda equina syndrome with a new change",
        [problem("cauda equina syndrome", 200), problem("bowel incontinence", 3), LEG],
        "R01",
        says=["has been on record since"],
    ),
    row(
        "Pregnancy explains nothing away",
        [problem("pregnancy", 200), problem("sciatica", 5), problem("urinary incontinence (ICD)", 3)],
        "R01",
        says=["Pregnancy is recorded", "gadolinium"],
    ),
    row("Multiple sclerosis does not excuse a new change", [problem("multiple sclerosis", 3000), LEG, LEAK], "R01"),
    row("A child of ten", [person("2015-09-01"), LEG, LEAK], "R01", says=["child"]),
    row(
        "A child old enough for continence items",
        [person("2021-03-15"), LEG, problem("bowel incontinence", 3)],
        "R01",
        edge=edge("continence_years", [person("2021-03-16"), LEG, problem("bowel incontinence", 3)]),
    ),
    row(
        "Observations failed, Conditions carry the red flag", [LEG, LEAK], "R01", sources={"Observation": "error"}, says=["Observations could not be obtained"]
    ),
    row(
        "Routine MRI order is no work-up, but no second one is offered",
        [SCIATICA, LEAK, order("lumbar MRI", 1, priority="routine")],
        "R01",
        says=["A lumbar MRI is already ordered (active order, routine, of 2026-03-14)"],
    ),
    row("MRI from before the change is no work-up", [SCIATICA, LEAK, done("lumbar MRI", 3)], "R01"),
    row("Of several older MRIs the last is told", [SCIATICA, LEAK, done("lumbar MRI", 300), done("lumbar MRI", 30)], "R01", says=[f"MRI of {day(30)}"]),
    row(
        "An MRI order from before the change answers nothing, and a new one is offered",
        [SCIATICA, LEAK, order("lumbar MRI", 800, priority="routine")],
        "R01",
        says=["An older lumbar MRI order (active order, routine, of 2024-01-05) is not known to answer what is reported here."],
    ),
    row("Stat MRI does not cover an undated change", [SCIATICA, problem("urinary incontinence"), order("lumbar MRI", 0)], "R01"),
    row("Birth date not recorded: adult rules run, and the card says so", [person(None), LEG, LEAK], "R01", says=["Age is not recorded"]),
    row(
        "Incontinence dated tomorrow by a fast clock",
        [SCIATICA, problem("urinary incontinence", -1)],
        "R01",
        says=["today"],
        edge=edge("clock_skew_days", [SCIATICA, problem("urinary incontinence", -2)], "R01"),
    ),
)

NO_RED_FLAG = section(
    "R01 kept quiet",
    row("New incontinence in somebody who has long lived with paraplegia, and no other leg symptom", [problem("paraplegia", 400), LEAK]),
    row("Long-standing stress incontinence with a single cramp", [problem("stress incontinence", 1100), seen("leg cramps", 2)]),
    row(
        "Incontinence at the long-standing border",
        [problem("urinary incontinence", 90), LEG],
        "R02",
        edge=edge("long_standing_days", [problem("urinary incontinence", 91), LEG]),
    ),
    row(
        "Visits' diagnoses, each closed on its own day, make it long-standing too",
        [
            problem("urinary incontinence", 500, status="resolved", ended=500),
            problem("urinary incontinence", 300, status="resolved", ended=300),
            problem("urinary incontinence", 3),
            problem("leg cramps", 5),
        ],
    ),
    row(
        "Older encounter records make it long-standing",
        [problem("urinary incontinence", recorded=700, status="inactive"), problem("urinary incontinence", recorded=2), seen("leg cramps", 3)],
    ),
    row(
        "Worse grade on a survey of two months ago",
        [
            problem("urinary incontinence", 1100),
            seen("MDS urinary continence", 160, "LA11043-9"),
            seen("MDS urinary continence", 60, "LA11044-7"),
            problem("sciatica", 100),
        ],
    ),
    row("Refuted incontinence", [problem("urinary incontinence", 3, verified="refuted"), seen("spasm", 3, site="leg")]),
    row("Incontinence entered in error", [problem("urinary incontinence", 3, verified="entered-in-error"), seen("leg cramps", 3)]),
    row("Incontinence resolved two years ago", [problem("urinary incontinence", 900, status="resolved", ended=730), seen("leg cramps", 3)]),
    row("Forearm cramp is no leg symptom", [problem("cramp", 2, site="forearm"), problem("urinary incontinence (ICD)", 2)]),
    row("Back spasm is no leg symptom", [problem("back muscle spasm", 2), problem("urinary incontinence", 2)]),
    row("Incontinence alone", [LEAK]),
    row("Continent since, long enough ago to clear", [problem("urinary incontinence", 40), seen("urinary incontinence", 20, "no"), seen("leg cramps", 3)]),
    row(
        "Known cauda equina syndrome, unchanged",
        [problem("cauda equina syndrome", 200), problem("urinary incontinence", 200), seen("leg cramps", 25), seen("leg cramps", 10)],
        "R05i",
        says=["no change since"],
    ),
    row(
        "Known cauda equina syndrome for two months, incontinent since",
        [problem("cauda equina syndrome", 60), problem("urinary incontinence", 60), seen("leg cramps", 3)],
    ),
    row("Incontinence no longer active, never said when it ended", [problem("urinary incontinence", 30, status="inactive"), seen("leg cramps", 3)]),
    row("Suspected weeks ago and never again", [problem("Possible urinary incontinence", 40), seen("leg cramps", 3)]),
    row(
        "Older incontinence that an earlier condition explains",
        [problem("multiple sclerosis", 400), problem("urinary incontinence", 40), problem("sciatica", 100)],
    ),
    row("Family history in words", [problem("Family history of urinary incontinence", 3), seen("leg cramps", 3)]),
    row("Safety-netting advice in words", [problem("Return immediately if loss of bladder control develops", 1), seen("leg cramps", 3)]),
    row("Saddle embolus is no saddle numbness", [problem("Saddle embolus of pulmonary artery", 2), seen("leg cramps", 2)]),
    row("Catheter on a survey cannot be rated", [seen("MDS urinary continence", 4, "LA11046-2"), seen("leg cramps", 2)]),
    row("Deceased", [person(deceasedBoolean=True), LEG, LEAK]),
)

ASK_NOW = section(
    "R02 Ask about red flags now",
    row(
        "A first survey answer some weeks ago is no complaint",
        [seen("MDS urinary continence", 40, "LA11044-7"), problem("leg numbness", 3)],
        "R02",
    ),
    row(
        "What was denied since is shown with its date",
        [problem("urinary incontinence", 13), seen("urinary incontinence", 1, "no"), LEG],
        "R02",
        says=["Urinary incontinence, recorded absent; on 2026-03-14, 1 day ago"],
    ),
    row(
        "Newly suspected incontinence after an old episode that ended",
        [problem("urinary incontinence", 1900, status="resolved", ended=1800), problem("Possible urinary incontinence", 2), LEG],
        "R02",
    ),
    row("Foot drop beside sciatica of both legs", [problem("bilateral sciatica", 5), problem("left foot drop", 5)], "R02"),
    row("Subacute incontinence with active sciatica", [problem("urinary incontinence", 40), problem("sciatica", 60)], "R02"),
    row(
        "Subacute incontinence near an observed leg symptom",
        [problem("urinary incontinence", 80), seen("leg numbness", 38, "present")],
        "R02",
        edge=edge("alongside_days", [problem("urinary incontinence", 81), seen("leg numbness", 38, "present")], "R10"),
    ),
    row("New stress incontinence names its own mechanism", [problem("stress incontinence", 5), SCIATICA], "R02"),
    row("New overactive bladder with leg cramps", [problem("overactive bladder", 5), LEG], "R02"),
    row("Drug-induced retention", [problem("drug-induced urinary retention", 2), SCIATICA], "R02"),
    row("First survey answer without a baseline", [seen("MDS urinary continence", 4, "LA11044-7"), SCIATICA], "R02"),
    row("Barthel scores of two forms are never compared", [seen("Barthel bladder", 60, 10), seen("Barthel bladder", 3, 1), SCIATICA], "R02"),
    row("Hesitancy with a recorded prostate condition", [problem("urinary hesitancy", 5), problem("prostatic hyperplasia", 900), SCIATICA], "R02"),
    row(
        "Later recorded continent, two weeks ago at most",
        [problem("urinary incontinence", 18), seen("urinary incontinence", 14, "no"), LEG],
        "R02",
        edge=edge("denied_days", [problem("urinary incontinence", 18), seen("urinary incontinence", 15, "no"), LEG]),
    ),
    row("Incontinence ended the day before yesterday", [problem("urinary incontinence", 9, status="resolved", ended=2), SCIATICA], "R02"),
    row("Incontinence lately no longer active, its end not dated", [problem("urinary incontinence", 5, status="inactive"), LEG], "R02"),
    row("Undated incontinence beside known cauda equina syndrome", [problem("cauda equina syndrome", 200), problem("urinary incontinence"), LEG], "R02"),
    row("Suspected in words, undated", [problem("Possible urinary incontinence"), LEG], "R02"),
    row("Suspected in words", [problem("Possible urinary incontinence", 2), LEG], "R02", says=["suspected"]),
    row("New bilateral sciatica", [problem("bilateral sciatica", 5)], "R02"),
    row("Both feet numb for months, worse now", [problem("foot numbness", 300, side="both", said="Worsening numbness of both feet")], "R02"),
    row(
        "Sciatica of the second side is new, its numbness is not",
        [problem("left sciatica", 60), problem("right sciatica", 5), problem("foot numbness", 60, side="right")],
        "R02",
    ),
    row(
        "Numbness of one leg and tingling of the other",
        [seen("leg numbness", 3, "present", side="left"), seen("leg tingling", 4, "present", side="right")],
        "R02",
        says=["both legs"],
    ),
    row("Second side newly affected", [problem("left sciatica", 60), problem("right sciatica", 5)], "R02", says=["both legs"]),
    row("Bilateral leg pain without a date", [problem("left leg pain"), problem("right leg pain")], "R02"),
    row("Saddle numbness alone", [seen("saddle numbness", 2)], "R02"),
    row("Buttock numbness alone", [problem("numbness", 3, site="buttock")], "R02"),
    row("New erectile dysfunction with sciatica", [SCIATICA, problem("erectile dysfunction", 4)], "R02"),
    row("Incontinence with back pain only", [problem("low back pain", 10), LEAK], "R02"),
    row("Incontinence with back pain that is years old", [problem("low back pain", 800), LEAK], "R02"),
    row("Incontinence with unspecified leg pain only", [problem("left leg pain", 10), LEAK], "R02"),
    row("Neurogenic bladder the day after its cause", [problem("multiple sclerosis", 4), problem("neurogenic bladder", 3), SCIATICA], "R02"),
    row("Neurogenic bladder after multiple sclerosis", [problem("multiple sclerosis", 2000), problem("neurogenic bladder", 3), SCIATICA], "R02"),
)

NOT_ASKED = section(
    "R02 kept quiet",
    row("The other side is of long ago", [problem("left sciatica", 3), problem("right sciatica", 400), seen("urinary incontinence", 1, "no")]),
    row("Bilateral sciatica unchanged for two years", [problem("lumbar stenosis", 730), problem("right sciatica", 730), problem("left sciatica", 730)]),
    row("One side resolved long ago", [problem("left sciatica", 400, status="resolved", ended=300), problem("right sciatica", 400)]),
    row("Psychogenic erectile dysfunction", [problem("sciatica", 100), problem("psychogenic erectile dysfunction", 4)]),
    row("Undated erectile dysfunction", [problem("sciatica", 100), problem("erectile dysfunction")]),
    row("Bilateral numbness explained by polyneuropathy", [problem("polyneuropathy", 500), problem("foot numbness", 300, side="both")]),
)

WEAK_LEGS = section(
    "R03 Weak legs",
    row("Both legs newly weak", [problem("leg weakness", 14, said="Weakness of both legs")], "R03c"),
    row("Left and right recorded apart", [problem("left leg weakness", 3), problem("right leg weakness", 8)], "R03c"),
    row("Both legs weak for a month, worse now", [problem("leg weakness", 30, said="Worsening weakness of both legs")], "R03c"),
    row(
        "Both legs weak, one severely on examination",
        [problem("leg weakness", 100, side="both"), seen("MRC muscle power, left ankle dorsiflexion", 5, "3/5")],
        "R03c",
    ),
    row("New paraplegia", [problem("paraplegia", 5)], "R03c"),
    row("Paraplegia of last month, in words only", [problem("Incomplete paraplegia", 30)], "R03c"),
    row("Paraplegia that somebody lives with, recorded again at a visit", [problem("paraplegia", 400), problem("paraplegia", recorded=2)]),
    row("Paraplegia that somebody lives with", [problem("paraplegia", 43)], edge=edge("symptom_days", [problem("paraplegia", 42)], "R03c")),
    row("Both legs graded in one answer", [seen("Leg power", 2, "L 3/5, R 3/5")], "R03c"),
    row("One grade for both legs", [seen("Motor exam", 2, "Lower extremities 2/5 bilaterally"), seen("Leg power", 2, "3/5 bilaterally")], "R03c"),
    row("One leg of full power", [seen("Leg power", 2, "L 3/5, R 5/5")], "R03w"),
    row("Both legs weak without a date", [problem("leg weakness", said="Weakness of both legs")], "R03w"),
    row("Foot drop within six weeks", [problem("left foot drop", 42)], "R03w", edge=edge("weakness_days", [problem("left foot drop", 43)])),
    row(
        "Severe muscle power loss on one side",
        [seen("MRC muscle power, right hip flexion", 10, "3/5")],
        "R03w",
        edge=edge("severe_power", [seen("MRC muscle power, right hip flexion", 10, "4/5")], "R10"),
    ),
    row(
        "Power falling by a grade",
        [seen("Muscle power left knee extension", 20, "5/5"), seen("Muscle power left knee extension", 2, "4/5")],
        "R03w",
        edge=edge("power_drop", [seen("Muscle power left knee extension", 20, "4+/5"), seen("Muscle power left knee extension", 2, "4/5")], "R10"),
    ),
    row("Weakness coded as severe", [problem("right leg weakness", 20, severity="severe")], "R03w"),
    row("Two grades in one answer: the lower counts", [seen("MRC muscle power, left leg", 4, "5/5 hip flexion, 2/5 ankle dorsiflexion")], "R03w"),
    row("Severe weakness stands above spasm with signs", [problem("left foot drop", 10), problem("leg cramps", 20)], "R03w"),
    row("Foot drop in a child", [person("2018-01-01"), problem("foot drop", 5)], "R03w"),
    row("Wrist or foot drop needs a site", [problem("foot or wrist drop", 5)]),
    row("Wrist or foot drop of the foot", [problem("foot or wrist drop", 5, site="foot")], "R03w"),
    row("Foot drop that polyneuropathy explains", [problem("polyneuropathy", 600), problem("left foot drop", 40)]),
    row(
        "No power at two examinations, explained by an earlier condition",
        [
            problem("multiple sclerosis", 900),
            seen("Muscle power left knee extension", 40, "0/5"),
            seen("Muscle power left knee extension", 2, "0/5"),
        ],
    ),
    row("Unchanged weakness of both legs for months", [problem("leg weakness", 100, side="both")]),
    row("Both legs weak beside covered red flags", [SCIATICA, LEAK, order("lumbar MRI", 1), problem("leg weakness", 2, side="both")], "R03c"),
)

WORKUP = section(
    "R11 Work-up under way, or cauda equina syndrome suspected",
    row(
        "Suspected anew after the syndrome was known and imaged",
        [problem("cauda equina syndrome", 200), done("lumbar MRI", 199), problem("cauda equina syndrome", 1, verified="provisional")],
        "R11w",
    ),
    row(
        "The suspicion stands above what it asks about", [problem("cauda equina syndrome", 1, verified="provisional"), problem("bilateral sciatica", 3)], "R11w"
    ),
    row("Stat MRI ordered after the change", [SCIATICA, LEAK, order("lumbar MRI", 0)], "R11i"),
    row("MRI done on the day of the change", [SCIATICA, LEAK, done("lumbar MRI", 2)], "R11i"),
    row("Imaging study available after the change", [SCIATICA, LEAK, done("MR lumbar spine", 1, kind="ImagingStudy", status="available")], "R11i"),
    row(
        "MRI covers the first change, not the second",
        [SCIATICA, problem("urinary incontinence", 6), order("lumbar MRI", 4), problem("bowel incontinence", 1)],
        "R01",
    ),
    row("Draft order is no order", [SCIATICA, LEAK, order("lumbar MRI", 0, status="draft")], "R01"),
    row("Proposed order is no order", [SCIATICA, LEAK, order("lumbar MRI", 0, intent="proposal")], "R01"),
    row("Cauda equina syndrome suspected in words", [problem("Rule out cauda equina syndrome", 1)], "R11w"),
    row("Cauda equina syndrome as a differential", [problem("cauda equina syndrome", 1, verified="differential")], "R11w"),
    row(
        "Cauda equina syndrome first confirmed lately",
        [problem("cauda equina syndrome (ICD)", 14)],
        "R11w",
        edge=edge("known_syndrome_days", [problem("cauda equina syndrome (ICD)", 15)]),
    ),
    row("Suspected since an older MRI", [problem("cauda equina syndrome", 3, verified="provisional"), done("lumbar MRI", 100)], "R11w", says=["since then"]),
    row("Known cauda equina syndrome, recorded again", [problem("cauda equina syndrome", 200, recorded=3)]),
    row(
        "A suspicion that was imaged is told beside what the imaging leaves open",
        [problem("cauda equina syndrome", 3, verified="differential"), SCIATICA, order("lumbar MRI", 1)],
        "R10",
        says=["Cauda equina syndrome is recorded as suspected since 2026-03-12; a lumbar MRI was done or ordered on or after that day."],
    ),
    row("Suspected, but MRI done since", [problem("cauda equina syndrome", 3, verified="provisional"), done("lumbar MRI", 2)]),
    row("Cramp with pain component stays general", [seen("leg cramps", 2, parts=(part("pain score", 7),))], "R05w"),
)
