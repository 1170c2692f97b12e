"""Short text: what it names, and whether it affirms, denies, suspects or only mentions it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.guidance.findings import Flag, Severity
from fhir_mappings import text
from fhir_mappings.text import Answer, answer, may_name_something, mentions

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
    ("", set()),
    ("leg cramps " * 60, set()),
]


@pytest.mark.parametrize(("sentence", "wanted"), SENTENCES, ids=[each[0][:60] for each in SENTENCES])
def test_sentence(sentence: str, wanted: set) -> None:
    found = mentions(sentence)
    assert {(each.kind, each.region.value, each.assertion.value) for each in found} == wanted
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
    ],
)
def test_side(said: str, side: str) -> None:
    leg = [each for each in mentions(said) if each.region.value == "leg"]
    assert {each.side.value for each in leg} == {side}


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
        ("see letter", None), ("", None), ("Nottingham", None), ("yesterday", None),
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
