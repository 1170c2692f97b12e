"""Worked examples of the general rules."""

from __future__ import annotations

from charts import HL7, lab, part, person, problem, seen
from spec.rows import edge, row, section

CRAMP = seen("leg cramps", 5)
SCIATICA = problem("sciatica", 100)
VISIT = {"encounter": {"reference": "Encounter/e1"}}

NEUROLOGICAL = section(
    "R04 Spasm with nerve signs",
    row("Cramp with weakness of one leg", [CRAMP, problem("left leg weakness", 10)], "R04w", says=["bladder"]),
    row(
        "Cramp with numbness spanning two weeks",
        [CRAMP, seen("leg numbness", 24, "present"), seen("leg numbness", 10, "present")],
        "R04w",
        edge=edge("persistent_days", [CRAMP, seen("leg numbness", 23, "present"), seen("leg numbness", 10, "present")], "R04i"),
    ),
    row(
        "Tingling spanning weeks, last seen six weeks ago", [CRAMP, seen("pins and needles", 62, site="leg"), seen("pins and needles", 42, site="leg")], "R04w"
    ),
    row("Undated numbness on the problem list with undated cramps", [problem("leg cramps"), problem("leg numbness")], "R04w"),
    row("Chronic numbness in words", [CRAMP, seen("Chronic numbness of left foot", 4, "present")], "R04w"),
    row("Numbness with a recorded duration", [CRAMP, seen("leg numbness", 3, "present", parts=(part("Duration", 3, "wk"),))], "R04w"),
    row("Cramp with numbness once", [CRAMP, seen("leg tingling", 3)], "R04i", says=["tingling"]),
    row(
        "A negative in between starts the count again",
        [CRAMP, seen("leg numbness", 30, "present"), seen("leg numbness", 12, "absent"), seen("leg numbness", 2, "present")],
        "R04i",
    ),
    row("Weakness that an earlier condition explains", [problem("multiple sclerosis", 900), problem("left leg weakness", 300), CRAMP]),
    row(
        "Weakness too young to be explained",
        [problem("multiple sclerosis", 900), problem("left leg weakness", 14), CRAMP],
        "R04w",
        edge=edge("explained_days", [problem("multiple sclerosis", 900), problem("left leg weakness", 15), CRAMP]),
    ),
    row(
        "Explained numbness that is getting worse",
        [problem("polyneuropathy", 900), problem("foot numbness", 300, said="Worsening numbness of foot"), CRAMP],
        "R04w",
    ),
    row("Generalised weakness is no leg weakness", [CRAMP, problem("muscle weakness", 5)]),
    row(
        "Old weakness mentioned again lately",
        [CRAMP, problem("left leg weakness", 700, recorded=90)],
        "R04w",
        edge=edge("mention_days", [CRAMP, problem("left leg weakness", 700, recorded=91)]),
    ),
    row("Numbness of the hand", [CRAMP, seen("numbness", 3, site="forearm")]),
    row("Answer that cannot be read", [CRAMP, seen("leg numbness", 3, "see letter")]),
)

COURSE = section(
    "R05 Course of spasm",
    row("Leg cramps coded as severe", [problem("cramp and spasm", 5, site="leg", severity="severe", said="Leg cramps")], "R05w"),
    row(
        "Pain of seven with a calf cramp",
        [CRAMP, seen("pain score", 5, 7, unit="{score}", site="calf")],
        "R05w",
        edge=edge("severe_pain", [CRAMP, seen("pain score", 5, 6, unit="{score}", site="calf")]),
    ),
    row("Pain score without a leg site is not about the leg", [CRAMP, seen("pain score", 5, 9, unit="{score}")]),
    row(
        "Pain rising by two",
        [seen("leg cramps", 20, parts=(part("pain score", 2),)), seen("leg cramps", 9, parts=(part("pain score", 4),))],
        "R05w",
        edge=edge("pain_rise", [seen("leg cramps", 20, parts=(part("pain score", 3),)), seen("leg cramps", 9, parts=(part("pain score", 4),))]),
    ),
    row(
        "Rise over six weeks",
        [seen("leg cramps", 43, parts=(part("pain score", 2),)), seen("leg cramps", 1, parts=(part("pain score", 5),))],
        "R05w",
        edge=edge("rise_days", [seen("leg cramps", 44, parts=(part("pain score", 2),)), seen("leg cramps", 1, parts=(part("pain score", 5),))], "R05i"),
    ),
    row(
        "Cramps half as frequent again",
        [CRAMP, seen("Leg cramp frequency", 20, 8, unit="/wk"), seen("Leg cramp frequency", 2, 12, unit="/wk")],
        "R05w",
        edge=edge("frequency_ratio", [CRAMP, seen("Leg cramp frequency", 20, 8, unit="/wk"), seen("Leg cramp frequency", 2, 11, unit="/wk")]),
    ),
    row(
        "Cramps two a week more",
        [CRAMP, seen("Leg cramp frequency", 20, 1, unit="/wk"), seen("Leg cramp frequency", 2, 3, unit="/wk")],
        "R05w",
        edge=edge("frequency_rise", [CRAMP, seen("Leg cramp frequency", 20, 1, unit="/wk"), seen("Leg cramp frequency", 2, 2, unit="/wk")]),
    ),
    row("Severity stepping up", [seen("leg cramps", 20, "mild"), seen("leg cramps", 9, "moderate")], "R05w"),
    row("Recurrence", [problem("leg cramps", 5, status="recurrence")], "R05w"),
    row("Worsening in words", [seen("Leg cramps getting worse", 3, "yes")], "R05w", says=["from text"]),
    row("Cramps recorded three times over weeks", [seen("leg cramps", 40), seen("Leg cramps", 20, "Yes - right calf"), seen("leg cramps", 3, True)], "R05i"),
    row(
        "Last of several cramps six weeks ago",
        [seen("leg cramps", 80), seen("leg cramps", 42)],
        "R05i",
        edge=edge("latest_days", [seen("leg cramps", 80), seen("leg cramps", 43)]),
    ),
    row("Active cramps for three weeks", [problem("leg cramps (ICD-10-CM)", 20)], "R05i"),
    row("Active cramps for two weeks", [problem("leg cramps", 14)], "R05i", says=["over 14 days"]),
    row("Active cramps for a year", [problem("leg cramps", 365)], "R05i", edge=edge("problem_days", [problem("leg cramps", 366)])),
    row("One cramp", [CRAMP]),
    row("Two cramps in three days", [seen("leg cramps", 3, said="Leg cramp"), seen("leg cramps", 1, said="Leg cramp")]),
    row("Severe cramps denied since", [seen("leg cramps", 10, "severe"), seen("leg cramps", 3, "no")]),
    row("Cramps denied", [seen("leg cramps", 20), seen("leg cramps", 3, "no")]),
    row("Code with the answer within normal limits", [seen("leg cramps", 20, "WNL"), seen("leg cramps", 1, "WNL")]),
    row("Code without a value", [seen("leg cramps", 20, None), seen("leg cramps", 1, None)]),
    row("Cancelled observation", [seen("leg cramps", 20, status="cancelled"), seen("leg cramps", 1)]),
    row("Spasm of unrecorded site for a month", [problem("cramp and spasm", 30, said="Muscle spasm")]),
    row("Menstrual cramps", [problem("Menstrual cramps", 30)]),
    row("A child with cramps for weeks", [person("2010-03-16"), problem("leg cramps", 20)]),
    row(
        "Sixteen on the day",
        [person("2010-03-15"), problem("leg cramps", 20)],
        "R05i",
        edge=edge("adult_years", [person("2010-03-16"), problem("leg cramps", 20)]),
    ),
    row("Charley horse in words", [problem("Charley horse", 20)]),
    row("Calf seizing up in words", [problem("Calf seizing up at night", 20)], "R05i"),
    row("History of leg cramps", [problem("History of leg cramps, resolved", 20)]),
)

IMPACT = section(
    "R06 Cramps that disturb",
    row(
        "Woken twice a week",
        [seen("rest cramps", 7, True), seen("Nights per week woken by leg cramps", 7, 2, unit="/wk")],
        "R06",
        edge=edge("nights_a_week", [seen("rest cramps", 7, True), seen("Nights per week woken by leg cramps", 7, 1, unit="/wk")]),
    ),
    row("Sleep-related cramps with insomnia at the same visit", [problem("sleep-related leg cramps", 9, **VISIT), problem("insomnia", 9, **VISIT)], "R06"),
    row("Insomnia that nobody tied to the cramps", [problem("sleep-related leg cramps", 9), problem("insomnia", 9)]),
    row("Insomnia with another trouble in words", [CRAMP, problem("insomnia", 9, said="Insomnia with numbness of the hand")]),
    row("Insomnia due to cramps in words", [CRAMP, problem("insomnia", 9, said="Insomnia due to leg cramps")], "R06"),
    row("Daily activity limited, in words", [CRAMP, seen("Leg cramps interfere with daily activities", 4, "LA33-6")], "R06"),
    row(
        "Walking disability at the visit of the cramp",
        [seen("leg cramps", 30, **VISIT), problem("walking disability", 30, **VISIT)],
        "R06",
        edge=edge("impact_days", [seen("leg cramps", 30, **VISIT), problem("walking disability", 31, **VISIT)]),
    ),
    row("Activity not limited", [CRAMP, seen("Leg cramps interfere with daily activities", 4, "LA32-8")]),
    row("Pain that limits activity, of the leg", [CRAMP, seen("pain limits activity", 3, "LA33-6", site="leg")], "R06"),
)

METABOLIC = section(
    "R07 Electrolytes and dehydration",
    row(
        "Potassium flagged low",
        [CRAMP, lab("potassium", 3.1, "mmol/L", 30, flag="L")],
        "R07i",
        says=["3.1"],
        edge=edge("lab_days", [CRAMP, lab("potassium", 3.1, "mmol/L", 31, flag="L")]),
    ),
    row(
        "Severely low potassium, a week old",
        [CRAMP, lab("potassium", 2.3, "mmol/L", 7, flag="LL")],
        "R07w",
        edge=edge("severe_lab_days", [CRAMP, lab("potassium", 2.3, "mmol/L", 8, flag="LL")], "R07i"),
    ),
    row(
        "Potassium below the severe limit",
        [CRAMP, lab("potassium", 2.49, "mmol/L", flag="L")],
        "R07w",
        edge=edge("potassium_severe_low", [CRAMP, lab("potassium", 2.5, "mmol/L", flag="L")], "R07i"),
    ),
    row(
        "Potassium at the severe upper limit",
        [CRAMP, lab("potassium", 6.0, "mmol/L", flag="H")],
        "R07w",
        edge=edge("potassium_severe_high", [CRAMP, lab("potassium", 5.9, "mmol/L", flag="H")], "R07i"),
    ),
    row(
        "Unflagged potassium below the default range",
        [CRAMP, lab("potassium", 3.4, "mmol/L")],
        "R07i",
        edge=edge("potassium_low", [CRAMP, lab("potassium", 3.5, "mmol/L")]),
    ),
    row(
        "Unflagged potassium above the default range",
        [CRAMP, lab("potassium", 5.1, "mmol/L")],
        "R07i",
        edge=edge("potassium_high", [CRAMP, lab("potassium", 5.0, "mmol/L")]),
    ),
    row("The laboratory's own range decides", [CRAMP, lab("potassium", 3.4, "mmol/L", limits=(3.3, 4.9))]),
    row("The laboratory's own flag decides before the range", [CRAMP, lab("potassium", 3.4, "mmol/L", flag="N", limits=(3.5, 5.0))]),
    row("The newest result wins", [CRAMP, lab("potassium", 3.0, "mmol/L", 6, flag="L"), lab("potassium", 4.2, "mmol/L", 2, flag="N")]),
    row(
        "Magnesium below its default range",
        [CRAMP, lab("magnesium", 1.45, "mg/dL", 10)],
        "R07i",
        edge=edge("magnesium_low", [CRAMP, lab("magnesium", 1.46, "mg/dL", 10)]),
    ),
    row(
        "Magnesium above its default range",
        [CRAMP, lab("magnesium", 2.7, "mg/dL")],
        "R07i",
        edge=edge("magnesium_high", [CRAMP, lab("magnesium", 2.68, "mg/dL")]),
    ),
    row("Molar magnesium at the border, to two decimals", [CRAMP, lab("magnesium (molar)", 0.6, "mmol/L")]),
    row("A range that states only its upper limit", [CRAMP, lab("potassium", 5.3, "mmol/L", referenceRange=[{"high": {"value": 5.2}}])], "R07i"),
    row("A range that states only its lower limit", [CRAMP, lab("potassium", 5.3, "mmol/L", referenceRange=[{"low": {"value": 3.5}}])]),
    row("Molar magnesium is converted", [CRAMP, lab("magnesium (molar)", 0.59, "mmol/L")], "R07i"),
    row(
        "Severely low magnesium",
        [CRAMP, lab("magnesium", 0.9, "mg/dL", flag="LL")],
        "R07w",
        edge=edge("magnesium_severe_low", [CRAMP, lab("magnesium", 1.0, "mg/dL", flag="LL")], "R07i"),
    ),
    row("Calcium below its default range", [CRAMP, lab("calcium", 8.4, "mg/dL")], "R07i", edge=edge("calcium_low", [CRAMP, lab("calcium", 8.5, "mg/dL")])),
    row("Calcium above its default range", [CRAMP, lab("calcium", 10.6, "mg/dL")], "R07i", edge=edge("calcium_high", [CRAMP, lab("calcium", 10.5, "mg/dL")])),
    row("Low calcium explained by low albumin of the same day", [CRAMP, lab("calcium", 8.1, "mg/dL", 4), lab("albumin", 2.8, "g/dL", 4)]),
    row(
        "Albumin of the next day still corrects",
        [CRAMP, lab("calcium", 8.1, "mg/dL", 4), lab("albumin", 2.8, "g/dL", 3)],
        edge=edge("albumin_hours", [CRAMP, lab("calcium", 8.1, "mg/dL", 4), lab("albumin", 2.8, "g/dL", 2)], "R07i"),
    ),
    row(
        "Severely low corrected calcium",
        [CRAMP, lab("calcium", 7.4, "mg/dL", flag="LL")],
        "R07w",
        edge=edge("calcium_severe_low", [CRAMP, lab("calcium", 7.5, "mg/dL", flag="LL")], "R07i"),
    ),
    row(
        "Ionised calcium below its default range",
        [CRAMP, lab("ionised calcium", 1.11, "mmol/L")],
        "R07i",
        edge=edge("ionised_low", [CRAMP, lab("ionised calcium", 1.12, "mmol/L")]),
    ),
    row(
        "Ionised calcium above its default range",
        [CRAMP, lab("ionised calcium", 1.33, "mmol/L")],
        "R07i",
        edge=edge("ionised_high", [CRAMP, lab("ionised calcium", 1.32, "mmol/L")]),
    ),
    row(
        "Severely low ionised calcium",
        [CRAMP, lab("ionised calcium", 0.89, "mmol/L", flag="LL")],
        "R07w",
        edge=edge("ionised_severe_low", [CRAMP, lab("ionised calcium", 0.9, "mmol/L", flag="LL")], "R07i"),
    ),
    row(
        "Dehydration diagnosed two weeks ago",
        [CRAMP, problem("dehydration", 14)],
        "R07i",
        says=["ehydration"],
        edge=edge("dehydration_days", [CRAMP, problem("dehydration", 15)]),
    ),
    row(
        "High measured osmolality", [CRAMP, lab("osmolality", 301, "mosm/kg")], "R07i", edge=edge("osmolality_high", [CRAMP, lab("osmolality", 300, "mosm/kg")])
    ),
    row("High sodium", [CRAMP, lab("sodium", 146, "mmol/L", flag="H")], "R07i", edge=edge("sodium_high", [CRAMP, lab("sodium", 145, "mmol/L", flag="H")])),
    row(
        "Urea to creatinine ratio is only mentioned",
        [CRAMP, problem("dehydration", 3), lab("urea nitrogen", 42, "mg/dL"), lab("creatinine", 2.0, "mg/dL")],
        "R07i",
        says=["ratio 21"],
        edge=edge("urea_ratio", [CRAMP, problem("dehydration", 3), lab("urea nitrogen", 40, "mg/dL"), lab("creatinine", 2.0, "mg/dL")], "R07i"),
    ),
    row("Hypokalaemia, and a newer potassium in range", [CRAMP, problem("hypokalaemia", 10), lab("potassium", 4.2, "mmol/L", 2)]),
    row("Hypokalaemia, and an older potassium in range", [CRAMP, problem("hypokalaemia", 10), lab("potassium", 4.2, "mmol/L", 12)], "R07i"),
    row("Hypokalaemia, and a potassium in range of the same day", [CRAMP, problem("hypokalaemia", 10), lab("potassium", 4.2, "mmol/L", 10)], "R07i"),
    row("Hypokalaemia, and a newer potassium that is low too", [CRAMP, problem("hypokalaemia", 10), lab("potassium", 3.0, "mmol/L", 2)], "R07i"),
    row("Hypokalaemia, and a newer magnesium in range", [CRAMP, problem("hypokalaemia", 10), lab("magnesium", 2.0, "mg/dL", 2)], "R07i"),
    row(
        "Haemolysed potassium beside a sound one",
        [CRAMP, lab("potassium", 6.2, "mmol/L", 1, note=[{"text": "haemolysed"}]), lab("potassium", 4.2, "mmol/L", 3)],
    ),
    row("Value given as below a limit", [CRAMP, lab("potassium", 2.5, "mmol/L", valueQuantity={"value": 2.5, "code": "mmol/L", "comparator": "<"})], "R07w"),
    row("Low calcium and high albumin of the same day", [CRAMP, lab("calcium", 8.6, "mg/dL", 4), lab("albumin", 4.6, "g/dL", 4)], "R07i", says=["8.1 mg/dL"]),
    row("Dehydration that has ended", [CRAMP, problem("dehydration", 5, status="resolved", ended=1)]),
    row("Potassium of today", [CRAMP, lab("potassium", 3.1, "mmol/L", 0)], "R07i", says=["3.1 mmol/L, today"]),
    row("Potassium of yesterday", [CRAMP, lab("potassium", 3.1, "mmol/L", 1)], "R07i", says=["3.1 mmol/L, 1 day ago"]),
    row("Hypokalaemia without a date", [CRAMP, problem("hypokalaemia")], "R07i", says=["date not recorded"]),
    row("Hypokalaemia as a diagnosis", [CRAMP, problem("hypokalaemia", 10)], "R07i"),
    row("Potassium in urine is another thing", [CRAMP, lab("potassium in urine", 12, "mmol/L")]),
    row("A unit that is not ours is not guessed", [CRAMP, lab("potassium", 3.1, "mg/L")]),
    row("Low potassium without a leg symptom", [lab("potassium", 3.2, "mmol/L", 2, flag="L")]),
    row(
        "Mild finding folds into the critical card",
        [problem("leg cramps", 3), problem("urinary incontinence", 1), lab("magnesium", 1.3, "mg/dL", 4, flag="L")],
        "R01",
        says=["agnesium"],
    ),
    row(
        "Severe finding stands beside the critical card",
        [problem("leg cramps", 3), problem("urinary incontinence", 1), lab("potassium", 2.2, "mmol/L", 1, flag="LL")],
        "R01",
        "R07w",
    ),
    row("A finding beside a warning card", [CRAMP, problem("left leg weakness", 10), lab("potassium", 3.1, "mmol/L", 5, flag="L")], "R04w", "R07i"),
    row("Haemolysed sample says so", [CRAMP, lab("potassium", 6.2, "mmol/L", flag="H", note=[{"text": "Sample haemolysed"}])], "R07w", says=["haemolysis"]),
    row("Preliminary result says so", [CRAMP, lab("potassium", 3.1, "mmol/L", flag="L", status="preliminary")], "R07i", says=["preliminary"]),
)

LINK = section(
    "R08 and R09 Link and contributors",
    row("Spasm with lumbar radiculopathy", [problem("lumbar radiculopathy", 60), seen("Leg spasm", 10, "present")], "R09", says=["continence"]),
    row("Spasm with an old root diagnosis", [problem("lumbar stenosis", 3000), CRAMP], "R09"),
    row(
        "Spasm with sciatica, continence recorded intact",
        [
            problem("right sciatica", 5),
            seen("spasm", 5, True, site="thigh"),
            seen("Bladder continence", 0, "continent"),
            seen("Bowel continence", 0, "Continent of faeces"),
            seen("Saddle sensation", 0, "Normal"),
        ],
        "R09",
        says=["ontinent of faeces"],
    ),
    row("Radiculopathy of unknown level is no lumbar diagnosis", [problem("radiculopathy, level unknown", 60), CRAMP]),
    row("Root diagnosis without a leg symptom", [problem("lumbar stenosis", 700)]),
    row("Spasm of unrecorded site counts beside sciatica", [problem("cramp and spasm", 5, said="Muscle spasm"), SCIATICA], "R09", says=["site not recorded"]),
    row(
        "Overuse is told on another card",
        [problem("leg cramps", 20), seen("overexertion", 30)],
        "R05i",
        says=["Overuse"],
        edge=edge("contributor_days", [problem("leg cramps", 20), seen("overexertion", 31)], "R05i"),
    ),
    row(
        "Posture is told on another card",
        [problem("leg cramps", 20), problem("prolonged awkward posture", recorded=2)],
        "R05i",
        says=["Prolonged standing or sitting"],
    ),
    row("Overuse and one cramp alone", [problem("prolonged awkward posture", recorded=2), seen("overexertion", 2), seen("leg cramps", 1)]),
    row("Cauda equina syndrome is no root link", [problem("cauda equina syndrome", 400), CRAMP]),
)

GAP = section(
    "R10 Red flags not recorded",
    row("New sciatica, nothing said of bladder or bowel", [problem("sciatica", 42)], "R10", edge=edge("unassessed_days", [problem("sciatica", 43)])),
    row(
        "Radiculopathy young enough to be a symptom",
        [problem("lumbar radiculopathy", 42)],
        "R10",
        edge=edge("radiculopathy_days", [problem("lumbar radiculopathy", 43)]),
    ),
    row("Continence asked since the onset", [problem("sciatica", 10), seen("urinary incontinence", 9, "no")]),
    row("Continence asked on the day of the onset", [problem("sciatica", 10), seen("urinary incontinence", 10, "no")]),
    row("Old sciatica, and Observations failed", [problem("sciatica", 800)], sources={"Observation": "error"}, says=["could not be obtained"]),
    row("Continence asked before the onset", [problem("sciatica", 10), seen("urinary incontinence", 11, "no")], "R10"),
    row("Any residual volume answers", [problem("sciatica", 10), seen("Post-void residual", 3, 20, unit="mL")]),
    row("Catheter does not answer", [problem("sciatica", 10), seen("MDS urinary continence", 3, "LA11046-2")], "R10", says=["Could not be assessed"]),
    row(
        "Three functions lost long before: the last two are told",
        [problem("urinary incontinence", 900), problem("bowel incontinence", 800), problem("urinary retention", 700), problem("sciatica", 5)],
        "R10",
        says=["Recorded earlier"],
    ),
    row("Undated sciatica is not called new", [problem("sciatica")]),
    row("Old sciatica", [problem("sciatica", 300)]),
    row("New numbness that an earlier condition explains", [problem("polyneuropathy", 500), problem("foot numbness", 40)]),
    row("A child is left to the red-flag rules", [person("2014-01-01"), problem("sciatica", 10)]),
    row("Nothing at all", []),
    row("Unrelated problems only", [problem("hypertension", 900)]),
    row("Old record filed as history", [problem("sciatica", 10, category=[{"text": "Past medical history"}])]),
    row(
        "Interpretation says negative",
        [
            problem("sciatica", 10),
            seen("saddle numbness", 2, None, interpretation=[{"coding": [{"system": f"{HL7}/v3-ObservationInterpretation", "code": "NEG"}]}]),
        ],
    ),
)
