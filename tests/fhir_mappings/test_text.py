"""Short text: what it names, and whether it affirms, denies, suspects or only mentions it."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.guidance.findings import Flag, Severity
from fhir_mappings import text, text_words
from fhir_mappings.text import may_name_something, mentions
from fhir_mappings.text_answers import Answer, answer

AFFIRMED, DENIED, SUSPECTED, NOT_NOW, ASKED = (each.value for each in text.Assertion)

SENTENCES = [
    # --- who says what of whom
    ("Patient denies numbness or tingling", {("unsited-numbness", "", DENIED), ("unsited-tingling", "", DENIED)}),
    ("No saddle anesthesia", {("saddle-numbness", "saddle area", DENIED)}),
    ("Denies pain but has urinary retention", {("urinary-retention", "", AFFIRMED)}),
    ("Family history of sciatica", {("radicular-pain", "", NOT_NOW)}),
    ("Mother has sciatica", {("radicular-pain", "", NOT_NOW)}),
    ("History of leg cramps, resolved", {("unsited-spasm", "leg", NOT_NOW)}),
    (
        "Return immediately if loss of bladder control or saddle numbness develops",
        {("urinary-incontinence", "", NOT_NOW), ("saddle-numbness", "saddle area", NOT_NOW)},
    ),
    ("Rule out cauda equina syndrome", {("cauda-equina-syndrome", "", SUSPECTED)}),
    ("Cannot rule out cauda equina syndrome", {("cauda-equina-syndrome", "", SUSPECTED)}),
    ("Cauda equina syndrome ruled out", {("cauda-equina-syndrome", "", DENIED)}),
    ("No change in leg weakness", {("unsited-weakness", "leg", AFFIRMED)}),
    ("Incontinence: No", {("urinary-incontinence", "", DENIED)}),
    ("Saddle anesthesia - absent; leg cramps (-)", {("saddle-numbness", "saddle area", DENIED), ("unsited-spasm", "leg", DENIED)}),
    ("Leg cramps: denies", {("unsited-spasm", "leg", DENIED)}),
    ("Not only leg cramps but also numbness", {("unsited-spasm", "leg", AFFIRMED), ("unsited-numbness", "leg", AFFIRMED)}),
    ("Leg cramps not resolved", {("unsited-spasm", "leg", AFFIRMED)}),
    ("Query urinary retention", {("urinary-retention", "", SUSPECTED)}),
    ("?cauda equina syndrome", {("cauda-equina-syndrome", "", SUSPECTED)}),
    ("Previous sciatica", {("radicular-pain", "", NOT_NOW)}),
    ("Leg cramps resolved", {("unsited-spasm", "leg", NOT_NOW)}),
    ("Risk of urinary retention", {("urinary-retention", "", NOT_NOW)}),
    ("Mother has sciatica. Leg cramps at night", {("radicular-pain", "", NOT_NOW), ("unsited-spasm", "leg", AFFIRMED)}),
    ("Leg cramps at night. Denies numbness", {("unsited-spasm", "leg", AFFIRMED), ("unsited-numbness", "", DENIED)}),
    ("Leg cramps, no numbness, tingling", {("unsited-spasm", "leg", AFFIRMED), ("unsited-numbness", "leg", DENIED), ("unsited-tingling", "leg", DENIED)}),
    (
        "Denies leg cramps, numbness, tingling or weakness",
        {("unsited-spasm", "leg", DENIED), ("unsited-numbness", "leg", DENIED), ("unsited-tingling", "leg", DENIED), ("unsited-weakness", "leg", DENIED)},
    ),
    ("Denies leg cramps, has numbness of foot", {("unsited-spasm", "leg", DENIED), ("unsited-numbness", "leg", AFFIRMED)}),
    ("Leg cramps: none, numbness: present", {("unsited-spasm", "leg", DENIED), ("unsited-numbness", "leg", AFFIRMED)}),
    ("Numbness of leg absent", {("unsited-numbness", "leg", DENIED)}),
    ("No numbness until surgery", {("unsited-numbness", "", AFFIRMED)}),
    ("Known sciatica with leg cramps now", {("radicular-pain", "leg", AFFIRMED), ("unsited-spasm", "leg", AFFIRMED)}),
    ("Cramps do not limit walking", {("activity-impact", "", DENIED), ("unsited-spasm", "", AFFIRMED)}),
    ("Leg cramps do not wake him", {("sleep-impact", "leg", DENIED), ("unsited-spasm", "leg", AFFIRMED)}),
    ("Not sleeping because of leg cramps", {("sleep-impact", "leg", AFFIRMED), ("unsited-spasm", "leg", AFFIRMED)}),
    ("Leg&nbsp;cramps", {("unsited-spasm", "leg", AFFIRMED)}),
    ("\uff4c\uff45\uff47 cramps", {("unsited-spasm", "leg", AFFIRMED)}),
    # --- where
    ("Numbness in left leg and saddle area", {("unsited-numbness", "leg", AFFIRMED), ("unsited-numbness", "saddle area", AFFIRMED)}),
    ("Cramps in hands and feet", {("unsited-spasm", "elsewhere", AFFIRMED), ("unsited-spasm", "leg", AFFIRMED)}),
    ("Perianal numbness", {("unsited-numbness", "saddle area", AFFIRMED)}),
    ("Numbness between the legs", {("unsited-numbness", "saddle area", AFFIRMED)}),
    ("Cannot feel wiping", {("saddle-numbness", "", AFFIRMED)}),
    ("Nocturnal leg cramps", {("unsited-spasm", "leg", AFFIRMED)}),
    ("Calf seizing up", {("unsited-spasm", "leg", AFFIRMED)}),
    ("Chest tightening", set()),
    ("Charley horse", {("unsited-spasm", "", AFFIRMED)}),
    ("Dead leg", {("unsited-numbness", "leg", AFFIRMED)}),
    ("Pins and needles in foot", {("unsited-tingling", "leg", AFFIRMED)}),
    ("Right foot drop", {("foot-drop", "leg", AFFIRMED)}),
    ("Keeps tripping over his toes", {("foot-drop", "leg", AFFIRMED)}),
    ("Leg gives way", {("unsited-weakness", "leg", AFFIRMED)}),
    ("Shooting pain down left leg", {("radicular-pain", "leg", AFFIRMED)}),
    ("Cervical radiculopathy", {("unsited-radiculopathy", "elsewhere", AFFIRMED)}),
    ("L5 radiculopathy", {("unsited-radiculopathy", "lumbar region", AFFIRMED)}),
    ("Slipped disc", {("lumbar-disc", "", AFFIRMED)}),
    # --- bladder, bowel, saddle
    ("Lost control of bladder", {("urinary-incontinence", "", AFFIRMED)}),
    ("New trouble controlling bladder", {("urinary-incontinence", "", AFFIRMED)}),
    ("Difficulty controlling her bowels", {("bowel-incontinence", "", AFFIRMED)}),
    ("Problems controlling bladder or bowels", {("urinary-incontinence", "", AFFIRMED), ("bowel-incontinence", "", AFFIRMED)}),
    ("Struggling to hold urine", {("urinary-incontinence", "", AFFIRMED)}),
    ("No trouble controlling bladder", {("urinary-incontinence", "", DENIED)}),
    ("Trouble controlling blood pressure", set()),
    ("Loss of bladder and bowel control", {("urinary-incontinence", "", AFFIRMED), ("bowel-incontinence", "", AFFIRMED)}),
    ("No loss of bladder control", {("urinary-incontinence", "", DENIED)}),
    ("Bladder control intact", {("urinary-incontinence", "", DENIED)}),
    ("Wet myself", {("urinary-incontinence", "", AFFIRMED)}),
    ("Soiled himself", {("bowel-incontinence", "", AFFIRMED)}),
    ("Leaking urine", {("urinary-incontinence", "", AFFIRMED)}),
    ("Incontinent of urine and faeces", {("urinary-incontinence", "", AFFIRMED), ("bowel-incontinence", "", AFFIRMED)}),
    ("Continent of urine", {("urinary-incontinence", "", DENIED)}),
    ("Not continent of urine", {("urinary-incontinence", "", AFFIRMED)}),
    ("Previously continent of urine", set()),
    ("Isn't continent of urine", {("urinary-incontinence", "", AFFIRMED)}),
    ("No bladder or bowel control", {("urinary-incontinence", "", AFFIRMED), ("bowel-incontinence", "", AFFIRMED)}),
    ("Double incontinence", {("urinary-incontinence", "", AFFIRMED), ("bowel-incontinence", "", AFFIRMED)}),
    ("Incontinent of urine and faeces denied", {("urinary-incontinence", "", DENIED), ("bowel-incontinence", "", DENIED)}),
    (
        "Bladder, bowel and saddle sensation normal",
        {("urinary-incontinence", "", DENIED), ("bowel-incontinence", "", DENIED), ("saddle-numbness", "", DENIED)},
    ),
    (
        "Bladder, bowel and saddle sensation not normal",
        {("urinary-incontinence", "", AFFIRMED), ("bowel-incontinence", "", AFFIRMED), ("saddle-numbness", "", AFFIRMED)},
    ),
    (
        "Loss of bladder, bowel and saddle sensation",
        {("urinary-incontinence", "", AFFIRMED), ("bowel-incontinence", "", AFFIRMED), ("saddle-numbness", "", AFFIRMED)},
    ),
    (
        "No loss of bladder, bowel or saddle sensation",
        {("urinary-incontinence", "", DENIED), ("bowel-incontinence", "", DENIED), ("saddle-numbness", "", DENIED)},
    ),
    ("Problems with bladder control", {("urinary-incontinence", "", AFFIRMED)}),
    ("No problems with bladder control", {("urinary-incontinence", "", DENIED)}),
    ("Bladder problems", {("voiding-difficulty", "", AFFIRMED)}),
    ("Bladder problems denied", {("voiding-difficulty", "", DENIED)}),
    ("No bladder problems", {("voiding-difficulty", "", DENIED)}),
    ("Saddle sensation intact, anal tone normal", {("saddle-numbness", "", DENIED), ("reduced-anal-tone", "", DENIED)}),
    ("No loss of control of bladder; bowels normal", {("urinary-incontinence", "", DENIED)}),
    ("Continent of faeces", {("bowel-incontinence", "", DENIED)}),
    ("Stress incontinence", {("urinary-incontinence-own-mechanism", "", AFFIRMED)}),
    ("Cannot pass urine", {("urinary-retention", "", AFFIRMED)}),
    ("Unable to pee", {("urinary-retention", "", AFFIRMED)}),
    ("No urge to void", {("voiding-difficulty", "", AFFIRMED)}),
    ("Reduced anal tone", {("reduced-anal-tone", "", AFFIRMED)}),
    ("No anal tone", {("reduced-anal-tone", "", AFFIRMED)}),
    ("Anal tone normal", {("reduced-anal-tone", "", DENIED)}),
    ("Saddle sensation", {("saddle-numbness", "", ASKED)}),
    ("Perianal sensation reduced", {("saddle-numbness", "", AFFIRMED)}),
    # --- look-alikes
    ("Menstrual cramps", {("unsited-spasm", "elsewhere", AFFIRMED)}),
    ("Abdominal cramps", {("unsited-spasm", "elsewhere", AFFIRMED)}),
    ("Writer's cramp", {("unsited-spasm", "elsewhere", AFFIRMED)}),
    ("Bladder spasm", {("unsited-spasm", "elsewhere", AFFIRMED)}),
    ("Leg bag in place", set()),
    ("CES treatment", set()),
    ("UI bug reported", set()),
    ("Spastic colon", set()),
    ("Skin numbed with lidocaine", set()),
    ("Saddle embolus", set()),
    ("What number best describes your pain", set()),
    ("Hypertension", set()),
    # --- how far a cue reaches
    ("Saddle numbness, negative SLR", {("saddle-numbness", "saddle area", AFFIRMED)}),
    ("Urinary retention, no pain", {("urinary-retention", "", AFFIRMED)}),
    ("Urinary incontinence, no dysuria", {("urinary-incontinence", "", AFFIRMED)}),
    ("Bilateral leg weakness, absent reflexes", {("unsited-weakness", "leg", AFFIRMED)}),
    ("Foot drop, no pain", {("foot-drop", "leg", AFFIRMED)}),
    ("Leg numbness, no weakness", {("unsited-numbness", "leg", AFFIRMED), ("unsited-weakness", "leg", DENIED)}),
    ("Leg cramps, no numbness", {("unsited-numbness", "leg", DENIED), ("unsited-spasm", "leg", AFFIRMED)}),
    ("Urinary incontinence for the past 2 days", {("urinary-incontinence", "", AFFIRMED)}),
    ("Saddle numbness for the past week", {("saddle-numbness", "saddle area", AFFIRMED)}),
    ("Leg cramps for the past month", {("unsited-spasm", "leg", AFFIRMED)}),
    ("New urinary incontinence, previously continent", {("urinary-incontinence", "", AFFIRMED)}),
    ("Foot drop after previous back surgery", {("foot-drop", "leg", AFFIRMED), ("foot-drop", "back", AFFIRMED)}),
    ("Urinary retention – advised A&E", {("urinary-retention", "", AFFIRMED)}),
    ("Leg weakness, at risk of falls", {("unsited-weakness", "leg", AFFIRMED)}),
    ("Son reports new leg weakness", {("unsited-weakness", "leg", AFFIRMED)}),
    ("Son/daughter reports new leg weakness", {("unsited-weakness", "leg", AFFIRMED)}),
    ("Daughter reports incontinence", {("urinary-incontinence", "", AFFIRMED)}),
    ("Per daughter, incontinent of urine", {("urinary-incontinence", "", AFFIRMED)}),
    ("?saddle anaesthesia", {("saddle-numbness", "saddle area", SUSPECTED)}),
    ("? saddle anaesthesia", {("saddle-numbness", "saddle area", SUSPECTED)}),
    ("?cauda equina", {("cauda-equina-syndrome", "", SUSPECTED)}),
    ("?CES", {("cauda-equina-syndrome", "", SUSPECTED)}),
    ("Saddle numbness?", {("saddle-numbness", "saddle area", SUSPECTED)}),
    ("#saddle anaesthesia", {("saddle-numbness", "saddle area", AFFIRMED)}),
    ("“saddle anaesthesia”", {("saddle-numbness", "saddle area", AFFIRMED)}),
    ("_urinary retention_", {("urinary-retention", "", AFFIRMED)}),
    ("Urinary incontinence, possible UTI", {("urinary-incontinence", "", AFFIRMED)}),
    ("Urinary incontinence ?UTI", {("urinary-incontinence", "", AFFIRMED)}),
    ("Saddle numbness, rule out cauda equina", {("cauda-equina-syndrome", "", SUSPECTED), ("saddle-numbness", "saddle area", AFFIRMED)}),
    ("Leg cramps, likely dehydration", {("dehydration", "leg", SUSPECTED), ("unsited-spasm", "leg", AFFIRMED)}),
    ("Left leg weakness ?stroke", {("chronic-neurological-cause", "leg", SUSPECTED), ("unsited-weakness", "leg", AFFIRMED)}),
    ("Heat stroke", set()),
    ("Stroke prevention clinic", set()),
    ("Saddle sensation not intact", {("saddle-numbness", "", AFFIRMED)}),
    ("Numbness between legs", {("unsited-numbness", "saddle area", AFFIRMED)}),
    ("Numb bum", {("unsited-numbness", "saddle area", AFFIRMED)}),
    ("Vaginal numbness", {("unsited-numbness", "saddle area", AFFIRMED)}),
    ("Cant pass urine", {("urinary-retention", "", AFFIRMED)}),
    ("can't wee", {("urinary-retention", "", AFFIRMED)}),
    ("Not passing urine", {("urinary-retention", "", AFFIRMED)}),
    ("Can't control bladder", {("urinary-incontinence", "", AFFIRMED)}),
    ("Cannot hold urine", {("urinary-incontinence", "", AFFIRMED)}),
    ("Bladder leakage", {("urinary-incontinence", "", AFFIRMED)}),
    ("Wet the bed", {("urinary-incontinence", "", AFFIRMED)}),
    ("Can't control bowels", {("bowel-incontinence", "", AFFIRMED)}),
    ("Bilateral LE weakness", {("unsited-weakness", "leg", AFFIRMED)}),
    ("LLE weakness", {("unsited-weakness", "leg", AFFIRMED)}),
    ("Paralysis of legs", {("unsited-weakness", "leg", AFFIRMED)}),
    ("Can't move legs", {("unsited-weakness", "leg", AFFIRMED)}),
    ("Pain down both legs", {("radicular-pain", "leg", AFFIRMED)}),
    ("Parasthesia of foot", {("unsited-tingling", "leg", AFFIRMED)}),
    ("Power 2/5 left ankle dorsiflexion", {("unsited-weakness", "leg", AFFIRMED)}),
    ("Reduced power left leg", {("unsited-weakness", "leg", AFFIRMED)}),
    ("No bladder or bowel symptoms", {("bowel-incontinence", "", DENIED), ("voiding-difficulty", "", DENIED)}),
    ("No bladder or bowel disturbance", {("bowel-incontinence", "", DENIED), ("voiding-difficulty", "", DENIED)}),
    ("No problems with bladder control", {("urinary-incontinence", "", DENIED)}),
    ("Bladder or bowel dysfunction", {("bowel-incontinence", "", AFFIRMED), ("voiding-difficulty", "", AFFIRMED)}),
    ("Bladder/bowel dysfunction", {("bowel-incontinence", "", AFFIRMED), ("voiding-difficulty", "", AFFIRMED)}),
    ("Bowel or bladder problems", {("bowel-incontinence", "", AFFIRMED), ("voiding-difficulty", "", AFFIRMED)}),
    ("Difficulty with bladder control", {("urinary-incontinence", "", AFFIRMED)}),
    ("Change in bladder control", {("urinary-incontinence", "", AFFIRMED)}),
    ("Change in saddle sensation", {("saddle-numbness", "", AFFIRMED)}),
    ("Sciatica w/o incontinence", {("radicular-pain", "", AFFIRMED), ("urinary-incontinence", "", DENIED)}),
    ("Risk for urinary incontinence", {("urinary-incontinence", "", NOT_NOW)}),
    ("At risk for urinary retention", {("urinary-retention", "", NOT_NOW)}),
    ("Fear of incontinence", {("urinary-incontinence", "", NOT_NOW)}),
    ("Incontinence pads", {("urinary-incontinence", "", NOT_NOW)}),
    ("Trapezius spasm", {("unsited-spasm", "elsewhere", AFFIRMED)}),
    ("Paraspinal muscle spasm", {("unsited-spasm", "back", AFFIRMED)}),
    ("Cramps with diarrhoea", {("unsited-spasm", "elsewhere", AFFIRMED)}),
    ("Ureteric spasm", {("unsited-spasm", "elsewhere", AFFIRMED)}),
    ("C6 radiculopathy", {("unsited-radiculopathy", "elsewhere", AFFIRMED)}),
    ("Bulging disc C5-6", {("lumbar-disc", "elsewhere", AFFIRMED)}),
    ("No numbness, tingling, weakness", {("unsited-numbness", "", DENIED), ("unsited-tingling", "", DENIED), ("unsited-weakness", "", DENIED)}),
    ("No fever, leg cramps", {("unsited-spasm", "leg", AFFIRMED)}),
    ("No saddle numbness, urinary retention since Friday", {("saddle-numbness", "saddle area", DENIED), ("urinary-retention", "", AFFIRMED)}),
    (
        "Denies leg weakness, numbness, incontinence",
        {("unsited-numbness", "leg", DENIED), ("unsited-weakness", "leg", DENIED), ("urinary-incontinence", "", DENIED)},
    ),
    ("Not sleeping because of leg cramps", {("sleep-impact", "leg", AFFIRMED), ("unsited-spasm", "leg", AFFIRMED)}),
    ("No relief from leg cramps", {("unsited-spasm", "leg", AFFIRMED)}),
    ("No longer continent of urine", {("urinary-incontinence", "", AFFIRMED)}),
    ("No control of bladder since yesterday", {("urinary-incontinence", "", AFFIRMED)}),
    ("No leg weakness until yesterday", {("unsited-weakness", "leg", AFFIRMED)}),
    ("Sciatica 3 years ago", {("radicular-pain", "", NOT_NOW)}),
    ("Previous urinary retention", {("urinary-retention", "", NOT_NOW)}),
    ("PMH urinary incontinence", {("urinary-incontinence", "", NOT_NOW)}),
    ("Leg cramps in mother", {("unsited-spasm", "leg", NOT_NOW)}),
    ("Cauda equina syndrome not excluded", {("cauda-equina-syndrome", "", SUSPECTED)}),
    ("MRI cervical spine without contrast", set()),
    ("MRI thoracic spine", set()),
    ("Urgent referral to Mr Smith, lumbar spine clinic", set()),
    ("MRI lumbar spine", {("lumbar-mri", "lumbar region", AFFIRMED)}),
    ("MR Lumbar spine WO contrast", {("lumbar-mri", "lumbar region", AFFIRMED)}),
    ("Lumbar spine MRI urgent", {("lumbar-mri", "lumbar region", AFFIRMED)}),
    ("Hypokalaemia", {("hypokalaemia", "", AFFIRMED)}),
    ("Leg cramps do not limit walking", {("activity-impact", "leg", DENIED), ("unsited-spasm", "leg", AFFIRMED)}),
    ("Leg cramps, sleep not disturbed", {("sleep-impact", "leg", DENIED), ("unsited-spasm", "leg", AFFIRMED)}),
    ("Leg cramps wake him once a month", {("sleep-impact", "leg", DENIED), ("unsited-spasm", "leg", AFFIRMED)}),
    ("Cramps of hands and legs", {("unsited-spasm", "elsewhere", AFFIRMED), ("unsited-spasm", "leg", AFFIRMED)}),
    ("Numbness of leg and saddle area", {("unsited-numbness", "leg", AFFIRMED), ("unsited-numbness", "saddle area", AFFIRMED)}),
    ("New onset bladder and bowel incontinence", {("bowel-incontinence", "", AFFIRMED), ("urinary-incontinence", "", AFFIRMED)}),
    ("Bladder and bowel function normal", {("bowel-incontinence", "", DENIED), ("urinary-incontinence", "", DENIED)}),
    ("Bladder and bowels normal", {("bowel-incontinence", "", DENIED), ("urinary-incontinence", "", DENIED)}),
    (
        "No red flags: denies saddle numbness, bladder or bowel incontinence",
        {("bowel-incontinence", "", DENIED), ("saddle-numbness", "saddle area", DENIED), ("urinary-incontinence", "", DENIED)},
    ),
    # --- more than one mention: each keeps its own assertion, the chart takes the strongest (see red_flag_sentences)
    ("No urinary incontinence at first but now urinary incontinence", {("urinary-incontinence", "", DENIED), ("urinary-incontinence", "", AFFIRMED)}),
    ("Previous urinary retention. Urinary retention today", {("urinary-retention", "", NOT_NOW), ("urinary-retention", "", AFFIRMED)}),
    ("left sciatica, right shoulder numbness", {("radicular-pain", "", AFFIRMED), ("unsited-numbness", "elsewhere", AFFIRMED)}),
    # --- a root's level after what was examined is the leg
    ("Decreased sensation L5", {("unsited-numbness", "leg", AFFIRMED)}),
    ("Loss of pinprick S1 left", {("unsited-numbness", "leg", AFFIRMED)}),
    ("soles numb", {("unsited-numbness", "leg", AFFIRMED)}),
    ("sole carer, numb hand", {("unsited-numbness", "elsewhere", AFFIRMED)}),
    ("", set()),
    ("leg cramps " * 60, set()),
]


def _depends_on_site(kind: str) -> bool:
    return not kind.startswith(("urinary", "bowel", "voiding", "cauda", "reduced"))


@pytest.mark.parametrize(("sentence", "wanted"), SENTENCES, ids=[each[0][:60] for each in SENTENCES])
def test_sentence(sentence: str, wanted: set) -> None:
    found = mentions(sentence)
    said = {(each.kind, each.region.value if _depends_on_site(each.kind) else "", each.assertion.value) for each in found}
    assert said == {(kind, region if _depends_on_site(kind) else "", assertion) for kind, region, assertion in wanted}
    if wanted:
        assert may_name_something(sentence), "the quick look must not lose what the matcher finds"


@pytest.mark.parametrize(
    ("said", "side"),
    [
        ("Left leg cramps", "left"),
        ("Cramps of right calf", "right"),
        ("Weakness of both legs", "both sides"),
        ("Bilateral foot numbness", "both sides"),
        ("L leg weak", "left"),
        ("L5 leg weakness", ""),
        ("Left arm pain, right leg weakness", "right"),
        ("Right leg weakness, left leg normal", "right"),
        ("Left arm and right leg weakness", "right"),
        ("Numbness right leg, none in left leg", "right"),
        ("Weakness left leg, right leg", "left, right"),
        ("Leg cramps, left", "left"),
        ("Numbness of left and right legs", "both sides"),
        ("Weakness of right and left leg", "both sides"),
        ("Bilateral LE weakness", "both sides"),
        ("LLE weakness", "left"),
        ("Both legs weak", "both sides"),
        ("Left-sided leg numbness", "left"),
        ("Numbness of leg (right)", "right"),
        ("bilat leg weakness", "both sides"),
        ("bilat sciatica with leg numbness", "both sides"),
        ("can't move either leg", "both sides"),
        ("paraparesis", "both sides"),
        ("Paraplegia, acute", "both sides"),
        ("no weakness right leg, weakness left leg", "left, right"),
        ("EHL power left 2/5", "left"),
        ("left leg weakness, right shoulder pain", "left"),
    ],
)
def test_side(said: str, side: str) -> None:
    leg = [each for each in mentions(said) if each.region.value == "leg"]
    assert ", ".join(sorted({each.side.value for each in leg})) == side


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("Numbness of left leg, right foot and saddle", [("numbness", "leg", "left"), ("numbness", "leg", "right"), ("numbness", "saddle area", "")]),
        ("Cramps, left calf", [("spasm", "leg", "left")]),
        ("Cramps in left calf, right thigh", [("spasm", "leg", "left"), ("spasm", "leg", "right")]),
        ("Cramps in left calf, right thigh, both feet", [("spasm", "leg", "left"), ("spasm", "leg", "right"), ("spasm", "leg", "both sides")]),
        ("Right leg, cramps and numbness", [("spasm", "leg", "right"), ("numbness", "leg", "right")]),
        ("Left leg numbness and right leg weakness", [("numbness", "leg", "left"), ("weakness", "leg", "right")]),
        ("Left: numbness of leg. Right: weakness of leg", [("numbness", "leg", "left"), ("weakness", "leg", "right")]),
        ("Numbness, tingling of both legs", [("numbness", "leg", ""), ("tingling", "leg", "both sides")]),
        ("Bilateral leg cramps, left foot numbness", [("spasm", "leg", "both sides"), ("numbness", "leg", "left")]),
        ("Leg numbness, bilateral", [("numbness", "leg", "both sides")]),
        ("Numbness bilaterally", [("numbness", "", "both sides")]),
        ("Weakness in left leg, numbness in right", [("weakness", "leg", "left"), ("numbness", "leg", "right")]),
        ("Left ankle dorsiflexion weakness", [("weakness", "leg", "left")]),
        ("Cramps in legs, worse on left", [("spasm", "leg", "left")]),
        ("Numbness left", [("numbness", "", "left")]),
        ("B/L LE weakness", [("weakness", "leg", "both sides")]),
        ("leg-cramps", [("spasm", "leg", "")]),
    ],
)
def test_each_symptom_keeps_its_own_site_and_side(said: str, wanted: list) -> None:
    assert [(each.kind.removeprefix("unsited-"), each.region.value, each.side.value) for each in mentions(said)] == wanted


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("Severe leg cramps, mild numbness of foot", [Severity.SEVERE, Severity.MILD]),
        ("Leg cramps, severe", [Severity.SEVERE]),
        ("Severe, leg cramps", [Severity.SEVERE]),
        ("Severe headache, leg cramps", [None]),
        ("Leg weakness, power 2/5", [Severity.SEVERE]),
        ("LLE strength 4/5, RLE strength 2/5", [None, Severity.SEVERE]),
        ("Leg weakness 4/5", [None]),
    ],
)
def test_each_symptom_keeps_its_own_severity(said: str, wanted: list) -> None:
    assert [each.severity for each in mentions(said)] == wanted


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Yes", Answer.YES), ("Yes - right calf", Answer.YES), ("present", Answer.YES), ("+", Answer.YES), ("severe", Answer.YES), ("No change", Answer.YES), ("ongoing", Answer.YES),
        ("No", Answer.NO), ("none", Answer.NO), ("WNL", Answer.NO), ("denies", Answer.NO), ("not present", Answer.NO), ("absent", Answer.NO), ("(-)", Answer.NO), ("normal", Answer.NO), ("nil", Answer.NO),
        ("not assessed", Answer.NOT_ASSESSED), ("patient declined", Answer.NOT_ASSESSED), ("unknown", Answer.NOT_ASSESSED), ("n/a", Answer.NOT_ASSESSED),
        ("2-3 times per day", Answer.YES), ("one episode yesterday", Answer.YES), ("getting worse", Answer.YES), ("bilat", Answer.YES), ("equivocal", Answer.NOT_ASSESSED),
        ("perineum", Answer.YES), ("both legs and the saddle area", Answer.YES), ("legs at night", Answer.YES), ("arm", None), ("no leg", None), ("leg brace", None),
        ("see letter", None), ("a doctor", None), ("0 times", None), ("", None), ("Nottingham", None), ("yesterday", None),
    ],
)  # fmt: skip
def test_answer(said: str, meant: Answer | None) -> None:
    assert answer(said) == meant


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("normal", Answer.NO),
        ("intact", Answer.NO),
        ("yes", Answer.NO),
        ("continent", Answer.NO),
        ("present", Answer.NO),
        ("reduced", Answer.YES),
        ("absent", Answer.YES),
        ("no", Answer.YES),
        ("incontinent", Answer.YES),
        ("not tested", Answer.NOT_ASSESSED),
        ("blue", None),
    ],
)
def test_answer_about_a_function(said: str, meant: Answer | None) -> None:
    assert answer(said, asks_function=True) == meant


@pytest.mark.parametrize(
    ("said", "flags", "severity"),
    [
        ("Worsening leg cramps", {Flag.WORSENING}, None),
        ("Leg cramps not worse", set(), None),
        ("Chronic severe leg cramps", {Flag.CHRONIC}, Severity.SEVERE),
        ("Mild cramps", set(), Severity.MILD),
        ("Moderately severe cramps", set(), Severity.SEVERE),
    ],
)
def test_course_words(said: str, flags: set, severity: Severity | None) -> None:
    assert text.course_words(said) == (severity, flags)


@given(st.text(max_size=300))
def test_any_text_is_read_without_failing(said: str) -> None:
    mentions(said)
    answer(said)
    text.course_words(said)


@given(st.lists(st.sampled_from([each[0] for each in SENTENCES if len(each[0]) < 100]), min_size=1, max_size=3).map(". ".join))
def test_the_quick_look_never_loses_a_mention(said: str) -> None:
    assert may_name_something(said) or not mentions(said)


@pytest.mark.parametrize("between", [*"\x7f-–—‐/·…;→⇒|", "\u200b", "\u2028", "\xad"])
def test_whatever_parts_two_words_parts_them_for_the_quick_look_too(between) -> None:
    said = f"new{between}incontinence"
    assert may_name_something(said) or not mentions(said)


@pytest.mark.parametrize(("kind", "stem"), [*text_words.STEM_WORDS, *text_words.FUNCTION_WORDS], ids=lambda each: str(each)[:30])
@given(data=st.data())
def test_the_quick_look_knows_every_stem(kind, stem, data) -> None:
    said = data.draw(st.from_regex(re.sub(r"\(\?[=!<][^()]*(?:\([^()]*\)[^()]*)*\)|\\b", "", stem), fullmatch=True, alphabet=st.characters(codec="utf-8")))
    assert may_name_something(said) or not mentions(said)


def vocabulary() -> list[str]:
    """Every word that a pattern of the reader speaks of."""
    said = " ".join(path.read_text() for path in Path(text.__file__).parent.glob("text_*.py"))
    return sorted(set(re.findall(r"(?<![\\\w])[a-z']{2,}", said)))


def hangs(work, said: str) -> bool:
    """Does it run for seconds? A backtracking pattern would run for years."""

    def stop(*_) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(10)
    try:
        work(said)
    except TimeoutError:
        return True
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    return False


@pytest.mark.parametrize("share", [pytest.param(1, marks=pytest.mark.heavy), 40])
def test_no_repeated_word_keeps_the_reader_busy(share: int) -> None:
    """Written once, each word is quickly read; patterns whose parts overlap would take twice as long with every repetition."""
    words = ["any", "side of the", *vocabulary()[::share]]
    said = [f"{lead}{f'{word} ' * 140}"[:276] + end for word in words for lead in ("", "no ") for end in (" zz", "")]
    assert [each for each in said for work in (mentions, answer, text.course_words) if hangs(work, each)] == []


@pytest.mark.parametrize(
    "word",
    ["continence", "inconsistent", "inconvenience", "attention", "intention", "detention", "anesthesiologist", "numbers", "numbered", "weeks", "weekends", "wellness", "parathyroid", "parenthesis", "bowling", "controls"],
)  # fmt: skip
def test_other_words_are_not_taken_for_misspellings(word: str) -> None:
    assert text.normal(word) == word


def test_every_misspelling_is_mended() -> None:
    assert (
        text.normal("sadle numness, bowl incontinance, parathesias, wkness & dificulty")
        == "saddle numbness, bowel incontinence, paraesthesia, weakness and difficulty"
    )


def test_a_text_far_too_long_is_not_even_tidied() -> None:
    """Nobody reads it, so nothing is done with it."""
    far = "Saddle numbness " * 10_000
    assert text.normal(far) is far
    assert text.mentions(far) == ()
