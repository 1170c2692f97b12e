"""What each value set means in the guidance's words, and how a recorded site completes a code that names none."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from cards.guidance.findings import Concept as C
from fhir_mappings.sites import Region as R

SITED: Mapping[str, Mapping[R, tuple[C, ...]]] = MappingProxyType(
    {
        "unsited-spasm": {R.LEG: (C.LEG_SPASM,), R.UNSTATED: (C.UNSITED_SPASM,)},
        "unsited-numbness": {R.LEG: (C.LEG_NUMBNESS,), R.SADDLE: (C.SADDLE_NUMBNESS,), R.BUTTOCK: (C.BUTTOCK_NUMBNESS,)},
        "unsited-tingling": {R.LEG: (C.LEG_TINGLING,), R.SADDLE: (C.SADDLE_NUMBNESS,), R.BUTTOCK: (C.BUTTOCK_NUMBNESS,)},
        "unsited-weakness": {R.LEG: (C.LEG_WEAKNESS,)},
        "limb-weakness": {R.LEG: (C.LEG_WEAKNESS,), R.UNSTATED: (C.LEG_WEAKNESS,)},
        "foot-or-wrist-drop": {R.LEG: (C.FOOT_DROP,)},
        "unsited-radiculopathy": {
            R.LUMBAR: (C.LUMBAR_RADICULOPATHY,),
            R.LEG: (C.LUMBAR_RADICULOPATHY,),
            R.BUTTOCK: (C.LUMBAR_RADICULOPATHY,),
            R.BACK: (C.UNSITED_RADICULOPATHY,),
            R.UNSTATED: (C.UNSITED_RADICULOPATHY,),
        },
        "pain-score": {R.LEG: (C.LEG_PAIN_SCORE,)},
        "leg-pain-score": {R.LEG: (C.LEG_PAIN_SCORE,)},
        "power": {R.LEG: (C.MUSCLE_POWER,)},
    }
)
"""Value sets (and text stems) whose meaning needs a site; a site that is not listed makes the record say nothing here."""

FIXED: Mapping[str, tuple[C, ...]] = MappingProxyType(
    {
        "leg-spasm": (C.LEG_SPASM,),
        "sleep-leg-cramp": (C.LEG_SPASM,),
        "leg-numbness": (C.LEG_NUMBNESS,),
        "leg-tingling": (C.LEG_TINGLING,),
        "saddle-numbness": (C.SADDLE_NUMBNESS,),
        "leg-weakness": (C.LEG_WEAKNESS,),
        "foot-drop": (C.FOOT_DROP,),
        "paraplegia": (C.PARAPLEGIA,),
        "leg-pain": (C.LEG_PAIN,),
        "radicular-pain": (C.RADICULAR_PAIN,),
        "lumbago-with-sciatica": (C.RADICULAR_PAIN, C.BACK_PAIN),
        "disc-with-leg-pain": (C.RADICULAR_PAIN, C.LUMBAR_DISC),
        "back-pain": (C.BACK_PAIN,),
        "lumbar-disc": (C.LUMBAR_DISC,),
        "lumbar-radiculopathy": (C.LUMBAR_RADICULOPATHY,),
        "lumbago-with-radiculopathy": (C.RADICULAR_PAIN, C.LUMBAR_RADICULOPATHY, C.BACK_PAIN),
        "lumbar-root-compression": (C.LUMBAR_ROOT_COMPRESSION,),
        "lumbar-stenosis": (C.LUMBAR_STENOSIS,),
        "nerve-root-disorder": (C.UNSITED_RADICULOPATHY,),
        "cauda-equina-syndrome": (C.CAUDA_EQUINA_SYNDROME,),
        "urinary-incontinence": (C.URINARY_INCONTINENCE,),
        "urinary-incontinence-own-mechanism": (C.URINARY_INCONTINENCE_OWN_MECHANISM,),
        "urinary-retention": (C.URINARY_RETENTION,),
        "urinary-retention-own-mechanism": (C.URINARY_RETENTION_OWN_MECHANISM,),
        "voiding-difficulty": (C.VOIDING_DIFFICULTY,),
        "urinary-hesitancy": (C.URINARY_HESITANCY,),
        "neurogenic-bladder": (C.NEUROGENIC_BLADDER,),
        "bowel-incontinence": (C.BOWEL_INCONTINENCE,),
        "bowel-incontinence-own-mechanism": (C.BOWEL_INCONTINENCE_OWN_MECHANISM,),
        "neurogenic-bowel": (C.NEUROGENIC_BOWEL,),
        "reduced-bowel-sensation": (C.REDUCED_BOWEL_SENSATION,),
        "reduced-anal-tone": (C.REDUCED_ANAL_TONE,),
        "sexual-dysfunction": (C.SEXUAL_DYSFUNCTION,),
        "sleep-disturbance": (C.SLEEP_DISTURBANCE,),
        "sleep-impact": (C.SLEEP_DISTURBANCE,),
        "pain-disturbs-sleep": (C.SLEEP_DISTURBANCE,),
        "activity-limitation": (C.ACTIVITY_LIMITATION,),
        "activity-impact": (C.ACTIVITY_LIMITATION,),
        "pain-limits-activity": (C.ACTIVITY_LIMITATION,),
        "cramp-frequency": (C.CRAMP_FREQUENCY,),
        "dehydration": (C.DEHYDRATION,),
        "hypokalaemia": (C.LOW_POTASSIUM,),
        "hyperkalaemia": (C.HIGH_POTASSIUM,),
        "hypomagnesaemia": (C.LOW_MAGNESIUM,),
        "magnesium-disorder": (C.MAGNESIUM_DISORDER,),
        "hypocalcaemia": (C.LOW_CALCIUM,),
        "hypercalcaemia": (C.HIGH_CALCIUM,),
        "calcium-disorder": (C.CALCIUM_DISORDER,),
        "overuse": (C.OVERUSE,),
        "static-posture": (C.STATIC_POSTURE,),
        "pregnancy": (C.PREGNANCY,),
        "chronic-neurological-cause": (C.CHRONIC_NEUROLOGICAL_CAUSE,),
        "prostate-cause": (C.PROSTATE_CAUSE,),
        "lumbar-mri": (C.LUMBAR_MRI,),
        "bladder-scan": (C.BLADDER_SCAN,),
        "potassium": (C.POTASSIUM,),
        "sodium": (C.SODIUM,),
        "magnesium": (C.MAGNESIUM,),
        "calcium-total": (C.CALCIUM,),
        "calcium-ionised": (C.IONISED_CALCIUM,),
        "albumin": (C.ALBUMIN,),
        "urea": (C.UREA,),
        "creatinine": (C.CREATININE,),
        "osmolality": (C.OSMOLALITY,),
    }
)

NOT_IN_THE_NECK = frozenset({"lumbar-root-compression", "lumbar-stenosis", "lumbar-disc", "radicular-pain", "leg-pain"})
"""Their codes do not always name the level: a site recorded elsewhere takes them out."""

LABORATORY = frozenset({C.POTASSIUM, C.SODIUM, C.MAGNESIUM, C.CALCIUM, C.IONISED_CALCIUM, C.ALBUMIN, C.UREA, C.CREATININE, C.OSMOLALITY})

CONTINENCE = frozenset(
    {C.URINARY_INCONTINENCE, C.BOWEL_INCONTINENCE, C.VOIDING_DIFFICULTY, C.URINARY_HESITANCY, C.URINARY_RETENTION, C.REDUCED_BOWEL_SENSATION}
)
"""What questionnaires ask about with answers such as 'a little' and 'almost always'."""

SET_ASIDE = frozenset({"spasm-elsewhere", "spine-elsewhere", "sexual-dysfunction-other-cause", "history-only", "not-for-these-rules"})
"""Recognised so that their text is not read, and then left alone."""

ASIDES = frozenset({"sleep-impact", "activity-impact", "cramp-frequency", "leg-pain-score", "power", "bladder-scan"})
"""Questions about a symptom's effect or size: the symptom they name is not itself asserted."""


IMPACTS = frozenset({"sleep-disturbance", "pain-disturbs-sleep", "activity-limitation", "pain-limits-activity", "sleep-impact", "activity-impact"})
"""What a symptom disturbs: counted only where it is said to come from the leg."""


FAMILIES = (
    frozenset({C.URINARY_INCONTINENCE, C.URINARY_INCONTINENCE_OWN_MECHANISM}),
    frozenset({C.URINARY_RETENTION, C.URINARY_RETENTION_OWN_MECHANISM, C.VOIDING_DIFFICULTY, C.URINARY_HESITANCY, C.NEUROGENIC_BLADDER}),
    frozenset({C.BOWEL_INCONTINENCE, C.BOWEL_INCONTINENCE_OWN_MECHANISM, C.NEUROGENIC_BOWEL, C.REDUCED_BOWEL_SENSATION, C.REDUCED_ANAL_TONE}),
    frozenset({C.SADDLE_NUMBNESS, C.BUTTOCK_NUMBNESS}),
    frozenset({C.CAUDA_EQUINA_SYNDROME, C.NEUROGENIC_BLADDER, C.NEUROGENIC_BOWEL}),
    frozenset({C.LEG_WEAKNESS, C.FOOT_DROP, C.MUSCLE_POWER, C.PARAPLEGIA}),
    frozenset({C.LEG_NUMBNESS, C.LEG_TINGLING}),
    frozenset({C.LEG_SPASM, C.UNSITED_SPASM}),
)
"""Red flags and leg symptoms by what they are about: the words of a coded record may add one of another family than its code, 'Low back pain with saddle
numbness', and never a second one of the same."""


OWN_MECHANISM: Mapping[C, C] = MappingProxyType(
    {
        C.URINARY_INCONTINENCE: C.URINARY_INCONTINENCE_OWN_MECHANISM,
        C.URINARY_RETENTION: C.URINARY_RETENTION_OWN_MECHANISM,
        C.BOWEL_INCONTINENCE: C.BOWEL_INCONTINENCE_OWN_MECHANISM,
    }
)
"""An answer that names the mechanism, 'stress incontinence', is that and not the plain symptom asked about."""


LABELS: Mapping[C, str] = MappingProxyType({C.URINARY_INCONTINENCE: "incontinence", C.BOWEL_INCONTINENCE: "bowel incontinence"})
"""What a bare answer to a question about continence is about: 'incontinent', 'stress'."""


def concepts(kind: str, region: R) -> tuple[C, ...]:
    """The concepts a value set or text stem stands for at this site; none when it says nothing here."""
    if kind in SITED:
        return SITED[kind].get(region, ())
    if kind in NOT_IN_THE_NECK and region is R.ELSEWHERE:
        return ()
    return FIXED.get(kind, ())
