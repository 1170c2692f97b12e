"""The rules that look for danger: cauda equina red flags, weak legs, and the work-up already under way."""

from __future__ import annotations

from cards.guidance.criteria import all_of, any_of, has
from cards.guidance.findings import Finding as F
from cards.guidance.rule import EXAMINE_LEGS, Rule, Urgency

NEW_CHANGES = (F.NEW_URINARY_INCONTINENCE, F.NEW_RETENTION, F.NEW_VOIDING_CHANGE, F.NEW_BOWEL_LOSS, F.NEW_SADDLE_NUMBNESS)
STRONG_CHANGES = (F.NEW_SADDLE_NUMBNESS, F.NEW_RETENTION, F.NEW_BOWEL_LOSS)
DOUBTFUL_CHANGES = (
    F.SUBACUTE_CHANGE_ALONGSIDE,
    F.CHANGE_LATER_DENIED,
    F.OWN_MECHANISM_CHANGE,
    F.SURVEY_WITHOUT_BASELINE,
    F.HESITANCY_WITH_PROSTATE_CAUSE,
    F.SUSPECTED_CHANGE,
)
DOUBTFUL_WITH_BACK_PAIN = (F.CHANGE_LATER_DENIED, F.SURVEY_WITHOUT_BASELINE, F.SUSPECTED_CHANGE, F.SUBACUTE_CHANGE_WITH_BACK_PAIN)
LEG_ANCHORS = (F.LEG_SYMPTOM, F.LUMBAR_ROOT_DIAGNOSIS)

RED_FLAGS = any_of(
    all_of(any_of(*NEW_CHANGES), any_of(*LEG_ANCHORS)),
    all_of(F.SUBACUTE_CHANGE, F.NEW_LEG_NEUROLOGY),
    all_of(any_of(*STRONG_CHANGES), F.BACK_PAIN_ONLY),
)

NEWNESS = ("new_days", "long_standing_days", "retention_ml", "symptom_days")

EXAMINE_ALL = "Examine power of both legs and perineal and perianal sensation; ask about bladder and bowel control."
ASK_FIVE = "Ask about and record urine control, urine sensation or hesitancy, bowel control, saddle sensation and sexual function; examine power of both legs."
LOCAL_PATHWAY = "Other urgency, imaging or observation as your examination and the local pathway suggest."

RED_FLAG_RULES: tuple[Rule, ...] = (
    Rule(
        id="R01",
        topic="CaudaEquinaRedFlags",
        name="Cauda equina red flags",
        red_flag=True,
        when=RED_FLAGS,
        urgency=Urgency.IMMEDIATE,
        summary="Possible cauda equina red flags: {feature} with {symptom}. Guidelines advise emergency assessment.",
        slots={"feature": (*NEW_CHANGES, F.SUBACUTE_CHANGE), "symptom": (*LEG_ANCHORS, F.NEW_LEG_NEUROLOGY, F.BACK_PAIN_ONLY)},
        why=(
            "The article asks for immediate evaluation when bladder or bowel control is lost alongside leg symptoms (A30, A31).",
            "GIRFT 2023 treats changes under 14 days old or deteriorating as an emergency: MRI as soon as possible, within 4 hours of request.",
            "Red flags alone are weak: pooled sensitivity 0.19-0.43 against MRI (Dionne 2019). This card prompts an examination; it is not a finding.",
        ),
        options=(
            EXAMINE_ALL,
            "Consider emergency MRI of the lumbosacral spine and referral to the spinal surgery or emergency team.",
            "Consider a bladder scan for post-void residual; it must not delay MRI, and a low volume does not exclude the syndrome.",
            LOCAL_PATHWAY,
        ),
        suggests=("examine-cauda-equina", "mri-lumbosacral-stat", "bladder-scan-stat", "refer-spinal-emergency"),
        changes=(
            "Long-standing or otherwise explained symptoms: choose that reason.",
            "A later record that the lost function is intact lowers this to a question; a low residual volume, or free text about a coded fact, does not.",
        ),
        cites=("A30", "A31", "GIRFT", "ACR", "HSSIB"),
        marks="A+G+E",
        numbers=NEWNESS,
    ),
    Rule(
        id="R03c",
        topic="LegWeaknessUrgent",
        name="Both legs weak",
        red_flag=True,
        when=has(F.BOTH_LEGS_WEAK_URGENT),
        urgency=Urgency.IMMEDIATE,
        summary="New, worsening or severe weakness of both legs recorded. Guidelines advise same-day emergency assessment.",
        why=(
            "Weakness belongs to a pinched nerve's symptoms (A8), and significant weakness with spasm deserves advice (A27); both legs together is a guideline extension.",
            "Weakness of both legs can also come from the spinal cord, from Guillain-Barré syndrome or from stroke.",
            "In one series of 334 urgent MRIs, leg weakness had sensitivity 0.68 and specificity 0.72 for cauda equina syndrome.",
        ),
        options=(
            "Examine power, reflexes, sensory level and perineal sensation; ask about bladder and bowel control.",
            "Consider same-day emergency referral, and MRI of the whole or lumbosacral spine as the examination suggests.",
            LOCAL_PATHWAY,
        ),
        suggests=("examine-neurology", "refer-emergency", "mri-whole-spine-stat"),
        changes=("Long-standing, unchanged weakness: choose that reason.",),
        cites=("A8", "A27", "NG127", "ACR"),
        marks="A+G+E",
        numbers=("new_leg_days", "severe_power", "weakness_days"),
    ),
    Rule(
        id="R11w",
        topic="RedFlagWorkupFound",
        name="Suspected cauda equina syndrome without imaging",
        red_flag=True,
        when=has(F.CAUDA_EQUINA_SUSPECTED),
        urgency=Urgency.SOON,
        summary="{syndrome} in the data supplied.",
        slots={"syndrome": (F.CAUDA_EQUINA_SUSPECTED,)},
        why=(
            "Cauda equina syndrome is recorded as unconfirmed, or lately for the first time or again.",
            "GIRFT 2023: MRI as soon as possible, within 4 hours of request.",
        ),
        options=(EXAMINE_ALL, "Consider emergency MRI of the lumbosacral spine if none has been done.", LOCAL_PATHWAY),
        suggests=("examine-cauda-equina", "mri-lumbosacral-stat", "bladder-scan-stat"),
        changes=("A lumbar MRI, done or ordered urgently, on or after the record.",),
        cites=("A30", "A31", "GIRFT"),
        marks="G+E",
        numbers=("known_syndrome_days",),
    ),
    Rule(
        id="R02",
        topic="AskRedFlagsNow",
        name="Ask about red flags now",
        red_flag=True,
        when=any_of(
            all_of(any_of(*DOUBTFUL_CHANGES), any_of(*LEG_ANCHORS)),
            all_of(any_of(F.NEW_URINARY_INCONTINENCE, F.NEW_VOIDING_CHANGE, *DOUBTFUL_WITH_BACK_PAIN), F.BACK_PAIN_ONLY),
            F.SADDLE_NUMBNESS_ALONE,
            F.BILATERAL_LEG_SYMPTOM,
            F.BUTTOCK_NUMBNESS,
            all_of(F.NEW_SEXUAL_DYSFUNCTION, F.RADICULAR_SYMPTOM),
        ),
        urgency=Urgency.SOON,
        summary="Check bladder, bowel and saddle sensation now: {finding} recorded[ with {symptom}].",
        slots={
            "finding": (
                *DOUBTFUL_CHANGES,
                F.SUBACUTE_CHANGE_WITH_BACK_PAIN,
                F.NEW_URINARY_INCONTINENCE,
                F.NEW_VOIDING_CHANGE,
                F.SADDLE_NUMBNESS_ALONE,
                F.BILATERAL_LEG_SYMPTOM,
                F.BUTTOCK_NUMBNESS,
                F.NEW_SEXUAL_DYSFUNCTION,
            ),
            "symptom": (*LEG_ANCHORS, F.RADICULAR_SYMPTOM, F.BACK_PAIN_ONLY),
        },
        why=(
            "A weaker or less certain red flag is recorded. The article speaks of lost bladder or bowel control (A30, A31); both-sided symptoms, saddle and sexual function are guideline extensions.",
            "In 281 people with nerve-root pain about a quarter reported a new bladder or bowel change or numbness when asked, and one had the syndrome: asking comes first.",
        ),
        options=(ASK_FIVE, "Consider a bladder scan for post-void residual if any answer is unclear.", "Consider urgent MRI if the examination supports it."),
        suggests=("ask-five-items", "bladder-scan-urgent", "mri-lumbosacral-urgent"),
        changes=(
            "A new or worse bladder, bowel or saddle change raises this to emergency level.",
            "Long-standing or otherwise explained symptoms: choose that reason.",
        ),
        cites=("A30", "A31", "GIRFT"),
        marks="A+G+E",
        numbers=(*NEWNESS, "alongside_days", "denied_days"),
    ),
    Rule(
        id="R03w",
        topic="LegWeaknessUrgent",
        name="Severe weakness of a leg",
        red_flag=True,
        when=has(F.LEG_WEAKNESS_SEVERE),
        urgency=Urgency.SOON,
        summary="{weakness}. Consider urgent spinal or neurological assessment.",
        slots={"weakness": (F.LEG_WEAKNESS_SEVERE,)},
        why=(
            "Weakness is a symptom of a pinched nerve (A8); with spasm, significant weakness deserves advice (A27). Foot drop and MRC grade 3 or less are the expert reading of significant.",
            "A motor deficit that is severe or getting worse is a reason for early imaging and surgical opinion in spinal pathways.",
        ),
        options=(EXAMINE_LEGS, "Consider urgent spinal or neurological referral.", "Consider urgent MRI of the lumbosacral spine."),
        suggests=("examine-neurology", "refer-spinal-urgent", "mri-lumbosacral-urgent"),
        changes=(
            "New weakness of both legs, or a bladder, bowel or saddle change, raises this to emergency level.",
            "Long-standing, unchanged weakness: choose that reason.",
        ),
        cites=("A8", "A27", "NG127", "ACR"),
        marks="A+G+E",
        numbers=("severe_power", "power_drop", "weakness_days", "explained_days"),
    ),
    Rule(
        id="R11i",
        topic="RedFlagWorkupFound",
        name="Red flags with work-up under way",
        red_flag=True,
        when=all_of(RED_FLAGS, F.WORKUP_COVERS_CHANGE),
        urgency=Urgency.ROUTINE,
        summary="Red flag {feature} with {symptom}: lumbar MRI or order after onset found. See detail.",
        slots={"feature": (*NEW_CHANGES, F.SUBACUTE_CHANGE), "symptom": (*LEG_ANCHORS, F.NEW_LEG_NEUROLOGY, F.BACK_PAIN_ONLY)},
        answers=(
            *NEW_CHANGES,
            F.SUBACUTE_CHANGE,
            *DOUBTFUL_CHANGES,
            *LEG_ANCHORS,
            F.NEW_LEG_NEUROLOGY,
            F.BACK_PAIN_ONLY,
            F.SADDLE_NUMBNESS_ALONE,
            F.CAUDA_EQUINA_SUSPECTED,
        ),
        why=("Red flags are recorded (A30, A31); a lumbar MRI was done, or ordered stat, asap or urgent, on or after the change.",),
        options=(
            EXAMINE_ALL,
            "Check that the imaging answers the change and that its result is known.",
            "Consider escalation if the picture has changed since the order.",
        ),
        changes=("A new or worse change after the imaging or order raises this to emergency level again.",),
        cites=("A30", "A31", "GIRFT"),
        marks="G+E",
        numbers=NEWNESS,
    ),
)
