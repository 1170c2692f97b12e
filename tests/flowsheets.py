"""Nursing flowsheets and forms: a question with each answer it may get and what is read of the two, and lines with boxes to tick."""

CONTROL = {
    "recorded absent": (
        *("Yes", "WDL", "WNL", "intact", "normal", "continent", "within defined limits", "Always continent", "Never incontinent", "Not incontinent"),
        *("no accidents", "Denies loss of control", "no problems"),
    ),
    "present": (
        *("No", "impaired", "absent", "Incontinent", "not WDL", "exceptions to WDL", "WDL except", "Occasionally incontinent", "no longer continent"),
        *("Occasional accident", "leaks at night", "No control", "No - since Monday"),
    ),
    "could not be assessed": ("unable to assess", "N/A", "refused", "see note", "baseline", "X", "Catheterized"),
}
FEELING = {
    "recorded absent": ("intact", "WDL", "No numbness", "no loss", "not reduced", "Yes", "Full sensation"),
    "present": ("decreased", "absent", "numb", "impaired", "No", "WDL except decreased", "no sensation"),
    "could not be assessed": ("unable to assess", "refused"),
}
SYMPTOM = {
    "recorded absent": (
        *("No", "WDL", "Denies", "Pt denies", "patient denies", "none", "[ ] Yes [x] No", "Yes ☐ No ☑", "No, per patient", "No (patient report)"),
        *("pt reports none", "no longer present", "No/denies"),
    ),
    "present": (
        *("Yes", "new", "Yes - since Monday", "[x] Yes [ ] No", "☑ Yes ☐ No", "Yes [x] No [ ]", "X", "✓", "checked", "Patient states yes", "per pt: yes"),
        *("endorses", "improving", "not resolved", "possible", "unchanged"),
    ),
    "could not be assessed": ("unable to assess", "N/A", "[ ] Yes [ ] No", "refused", "WDL except", "☐"),
}
CHANGE = {"recorded absent": ("No", "no change", "unchanged", "No changes", "same as before", "at baseline"), "present": ("Yes", "new", "worse")}
ABLE = {"recorded absent": ("Yes", "WDL"), "present": ("No", "impaired")}
STRENGTH = {
    "recorded absent": ("full", "normal", "WDL"),
    "present": ("weak", "decreased", "moderate weakness", "no movement", "flaccid", "trace"),
    "could not be assessed": ("refused",),
}
QUESTIONS = (
    ("Bladder continence", "urinary incontinence", CONTROL),
    ("Continence of urine", "urinary incontinence", CONTROL),
    ("Continence of stool", "bowel incontinence", CONTROL),
    ("Saddle sensation", "saddle numbness", FEELING),
    ("Sensation RLE", "leg numbness", FEELING),
    ("Light touch, left foot", "leg numbness", FEELING),
    ("Lower extremity sensation", "leg numbness", FEELING),
    ("Saddle numbness (Y/N)", "saddle numbness", SYMPTOM),
    ("Urinary incontinence yes/no", "urinary incontinence", SYMPTOM),
    ("Leg weakness?", "leg weakness", SYMPTOM),
    ("Change in bladder function", "urinary incontinence", CHANGE),
    ("Able to void", "urinary retention", ABLE),
    ("Able to feel urge to void", "voiding difficulty", ABLE),
    ("Voids without difficulty", "voiding difficulty", ABLE),
    ("Strength LLE", "leg weakness", STRENGTH),
    ("Motor function of both legs", "leg weakness", STRENGTH),
)
"""The question, what it asks about, and what each answer says of that."""
ANSWERED = [(question, answer, f"{concept}, {read}") for question, concept, answers in QUESTIONS for read, every in answers.items() for answer in every]

NAMED_IN_THE_ANSWER = (
    ("Bowel", "Incontinent", "bowel incontinence, present"),
    ("Bowel", "Continent", "bowel incontinence, recorded absent"),
    ("Bowel movement", "incontinent", "bowel incontinence, present"),
    ("Bladder", "Loss of control", "urinary incontinence, present"),
    ("Bladder", "continent", "urinary incontinence, recorded absent"),
    ("Continence", "incontinent bowel and bladder", "urinary incontinence, present; bowel incontinence, present"),
    ("Perineum", "numb", "saddle numbness, present"),
    ("RLE neurovascular", "Numbness; tingling", "leg numbness, present, right; leg tingling, present, right"),
    ("Denies", "leg cramps, saddle numbness", "leg spasm, recorded absent; saddle numbness, recorded absent"),
    ("Bladder symptoms", "Urinary retention", "voiding difficulty, could not be assessed; urinary retention, present"),
    ("Sensation RLE", "Numbness;Tingling", "leg numbness, present, right; leg tingling, present, right"),
    ("Sensation RLE", "No numbness;No tingling", "leg numbness, recorded absent, right; leg tingling, recorded absent, right"),
    ("Urinary incontinence", "Stress incontinence", "urinary incontinence (named type), present"),
    ("Bladder continence", "Urge incontinence", "urinary incontinence (named type), present"),
    ("Urinary incontinence type", "Functional", "urinary incontinence (named type), present"),
    ("Urinary incontinence type", "Overflow", "urinary incontinence, present"),
)
"""Answers that say more than yes or no, or more than they were asked."""

GRADED = [
    ("0/5", "0 MRC"),
    ("4-/5", "4 MRC"),
    ("3 out of 5", "3 MRC"),
    ("3 - against gravity", "3 MRC"),
    ("4+ (against resistance)", "4 MRC"),
    ("Grade 2", "2 MRC"),
    ("5/5 except EHL 4/5", "4 MRC"),
]
FULL = ("5/5", "5/5 throughout", "5 - normal power", "5 out of 5")
"""Grades of muscle power."""

OF_NO_CONCERN = (
    ("Sensation, left hand", "decreased"),
    ("Strength right arm", "weak"),
    ("Grip strength", "weak"),
    ("Sensory perception", "slightly limited"),
    ("Pain sensation", "present"),
    ("Taste sensation", "lost"),
    ("Bowel sounds", "absent"),
    ("Bladder", "Non-distended"),
    ("Patient education", "incontinence"),
    ("Goal", "Continent"),
    ("Skin", "incontinence associated dermatitis"),
)
"""Of which nothing is read."""

FORMS = [
    ("[x] leg weakness [ ] saddle anesthesia", "LW+"),
    ("[ ] leg weakness [x] saddle anesthesia", "SN+"),
    ("( ) bladder incontinence (x) leg weakness", "LW+"),
    ("☐ saddle numbness ☑ leg weakness", "LW+"),
    ("☒ saddle numbness ☐ urinary incontinence", "SN+"),
    ("saddle anesthesia [ ] urinary retention [x]", "UR+"),
    ("Leg symptoms: [x] weakness [ ] numbness", "LW+"),
    ("Denies: [x] saddle numbness [x] incontinence [ ] retention", "SN- UI-"),
    ("[ ] saddle numbness. Has urinary retention", "UR+"),
    ("[ ] saddle numbness", ""),
    ("Bladder incontinence [ ] Yes [x] No", "UI-"),
    ("Bladder incontinence [x] Yes [ ] No", "UI+"),
    ("Bladder incontinence [x] Yes [x] No", "UI+"),
    ("Bladder incontinence [ ] Yes [ ] No", ""),
    ("Bladder incontinence: [X]Yes []No", "UI+"),
    ("Bladder incontinence: [*] Yes", "UI+"),
    ("Saddle numbness ☐ Yes ☑ No, urinary retention ☑ Yes ☐ No", "SN- UR+"),
    ("Saddle numbness: Yes [x] No [ ]", "SN+"),
    ("Saddle numbness: Yes [ ] No [x]", "SN-"),
    ("Saddle anesthesia (Y/N): N", "SN-"),
    ("Saddle anesthesia (Y/N/NA)? y", "SN+"),
    ("Saddle anesthesia Y/N", ""),
    ("Bowel/bladder incontinence: ___", ""),
    ("Return precautions: saddle numbness, incontinence, leg weakness", ""),
    ("Goal: patient will have no incontinence", ""),
    ("Denies b/b incontinence", "UI- BI-"),
    ("new b&b dysfunction", "VD+ BI+"),
    ("bowel & bladder incontinence", "UI+ BI+"),
    ("neurogenic bladder", "NG+"),
    ("flaccid bladder, no neurogenic bowel", "NG+ NB-"),
    ("post-prostatectomy incontinence", "OM+"),
    ("dribbling of urine since Friday", "UI+"),
    ("not yet able to void", "UR+"),
    ("cannot feel urge to void", "VD+"),
    ("voiding spontaneously", "VD-"),
    ("strength reduced in left leg", "LW+"),
    ("strength reduced in left arm", ""),
    ("incontinence of bowel and bladder", "UI+ BI+"),
    ("hasn't been able to feel herself wipe", "SN+"),
    ("numbness in private area", "SN+"),
    ("legs gave out", "LW+"),
    ("right foot slapping", "FD+"),
    ("No incontinence\nSaddle numbness", "UI- SN+"),
    ("no incontinence\n\nsaddle numbness", "UI- SN+"),
    ("No fever\r\nUrinary retention\r\nLeg weakness", "UR+ LW+"),
    ("- no incontinence\n- saddle numbness\n- leg weakness", "UI- SN+ LW+"),
    ("1. No incontinence\n2. Perineal numbness", "UI- SN+"),
    ("• no incontinence • saddle numbness", "UI- SN+"),
    ("no incontinence | saddle numbness", "UI- SN+"),
    ("No fever\\.br\\Saddle numbness", "SN+"),
    ("<p>No incontinence</p><p>Saddle numbness</p>", "UI- SN+"),
    ("no leg pain<br/>urinary retention", "UR+"),
    ("Neuro exam:\nNo weakness\nSaddle numbness", "SN+"),
    ("Patient denies any saddle numbness or\nincontinence", "SN- UI-"),
    ("He has no incontinence and\ndenies saddle\nnumbness", "UI- SN-"),
    ("Denies:\n- Saddle numbness\n- Incontinence\nReports:\n- leg weakness", "SN- UI- LW+"),
    ("Return precautions:\n- saddle numbness\n- incontinence", ""),
    ("Bladder: incontinent\nBowel: continent\nSaddle: numb", "UI+ BI- SN+"),
    ("[x] No saddle numbness [ ] Saddle numbness", "SN-"),
    ("[x] Denies incontinence [x] Saddle numbness", "UI- SN+"),
    ("Bladder incontinence [ ] Yes [x] No Saddle numbness [x] Yes [ ] No", "UI- SN+"),
    ("Bladder: [ ] Continent [x] Incontinent", "UI+"),
    ("Bladder function: ☑ Normal ☐ Impaired", "UI-"),
    ("Saddle sensation: ☐ Intact ☑ Decreased ☐ Absent", "SN+"),
    ("Weakness: ☐ None ☑ Left leg ☐ Right leg", "LW+"),
    ("Numbness: [ ] left leg [ ] right leg [x] saddle", "SN+"),
    ("✓ leg weakness ✗ incontinence", "LW+"),
    ("Urinary incontinence .... no", "UI-"),
    ("Incontinence (circle one) Yes / No", ""),
    ("incontinence: not documented", ""),
    ("incontinent of both bowel and bladder", "UI+ BI+"),
    ("trouble starting stream", "UH+"),
    ("passing stool without knowing", "BI+"),
]

RUN_TOGETHER = [
    ("Saddle anesthesia: N Urinary retention: Y", "SN- UR+"),
    ("Saddle anesthesia: denies Bladder incontinence: endorses", "SN- UI+"),
    ("Incontinence: No Saddle anesthesia: No Leg weakness: Yes", "UI- SN- LW+"),
    ("Weakness: none Numbness: saddle area", "SN+"),
    ("Urinary symptoms: none Bowel symptoms: none Saddle anesthesia: present", "SN+"),
    ("Bladder control: lost Bowel control: intact", "UI+ BI-"),
    ("Saddle sensation: intact Rectal tone: decreased", "SN- AT+"),
    ("Saddle sensation: decreased Rectal tone: normal", "SN+ AT-"),
    ("Bladder: continent Bowel: incontinent Saddle: normal", "UI- BI+"),
    ("Leg weakness = none Saddle numbness = present", "LW- SN+"),
    ("Saddle numbness - no Urinary retention - yes", "SN- UR+"),
]
"""Labels with their answers that were lines once."""

ANSWERED_AS_A_LIST = [
    ("Saddle numbness, bladder incontinence, bowel incontinence: No", "SN- UI- BI-"),
    ("Bowel/bladder incontinence, saddle anesthesia: denies", "BI- UI- SN-"),
    ("Saddle anesthesia/urinary retention: no", "SN- UR-"),
    ("saddle anesthesia or incontinence - denied", "SN- UI-"),
    ("saddle anesthesia and urinary retention: none", "SN- UR-"),
    ("red flag symptoms (saddle anesthesia, urinary retention) absent", "SN- UR-"),
    ("saddle anesthesia, incontinence, leg weakness are absent", "SN- UI- LW-"),
    ("saddle numbness, incontinence and retention: present", "SN+ UI+ UR+"),
    # what may stand for itself is not denied
    ("urinary retention, saddle numbness: no", "UR+ SN-"),
    ("urinary retention, leg weakness, saddle numbness - no", "UR+ LW+ SN-"),
    ("leg weakness, saddle anesthesia absent", "LW+ SN-"),
    ("has urinary retention and saddle numbness absent", "UR+ SN-"),
]

WHAT_WAS_LOST = [
    ("incontinent bowel and bladder", "UI+ BI+"),
    ("incontinent of B/B", "UI+ BI+"),
    ("bowel and bladder incontinent", "UI+ BI+"),
    ("unable to control bowel or bladder", "UI+ BI+"),
    ("incontinent bowel", "BI+"),
    ("incontinent of BM", "BI+"),
    ("incontinent of loose stool x2", "BI+"),
    ("flatus incontinence", "BI+"),
    ("Bowel: Incontinent", "BI+"),
    ("Bladder: Incontinent", "UI+"),
    ("continent of bowel and bladder", "UI- BI-"),
    ("continent B&B", "UI- BI-"),
    ("not continent of bowel or bladder", "UI+ BI+"),
    ("lost ability to urinate", "UR+"),
    ("not voiding", "UR+"),
    ("not urinating at night", ""),
    ("numb when wiping", "SN+"),
    ("decreased sensation when wiping", "SN+"),
    ("absent bulbocavernosus reflex", "AT+"),
]

POWER_IN_NOTES = [
    ("Strength RLE 3/5", "LW+"),
    ("Motor: RLE 5/5, LLE 3/5", "LW+"),
    ("Motor: BUE 5/5, BLE 4/5", "LW+"),
    ("Motor: BUE 5/5, BLE 5/5", ""),
    ("Strength: RUE 5/5 LUE 5/5 RLE 5/5 LLE 4/5", "LW+"),
    ("Strength: RUE 4/5 LUE 5/5 RLE 5/5 LLE 5/5", ""),
    ("Strength 5/5 in all extremities except left leg 4/5", "LW+"),
    ("strength 5/5 UE and 3/5 LE", "LW+"),
    ("strength 4/5 left arm and 5/5 left leg", ""),
    ("left EHL 2/5", "LW+"),
    ("dorsiflexion 2/5 right", "LW+"),
    ("Power: hip flexion 5/5, knee extension 5/5, ankle dorsiflexion 2/5 on the left", "LW+"),
    ("MRC grade 4 left ankle dorsiflexion", "LW+"),
    ("grade 2 power left leg", "LW+"),
    ("muscle strength right leg 3 out of 5", "LW+"),
    ("Strength 5/5 bilateral lower extremities", ""),
    ("power 5/5 left EHL", ""),
    ("strength 5/5 in legs, no weakness", "LW-"),
    # other numbers of five
    ("pain 4/5 left leg, strength normal", ""),
    ("Motor vehicle accident 4/5, left leg pain", ""),
    ("left leg strength normal, L4/5 disc bulge", ""),
    ("left leg strength improving since 3/5", ""),
]
