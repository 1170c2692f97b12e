"""What an Observation's value means: a code alone is not a symptom present."""

from __future__ import annotations

from dataclasses import replace

import pytest
from charts import AS_OF, HL7, LOINC, SCT, UCUM, lab, part, seen

from cards.guidance.findings import Concept, Flag, Kind, Presence, Reading, Record, Score, Severity, Side
from fhir_mappings import observations
from fhir_mappings.dates import interval
from fhir_mappings.outcome import Ignored
from fhir_mappings.terminology import terminology

RANGE = {"low": {"value": 3.4, "code": "mmol/L"}}
PREGNANT = {"low": {"value": 3.3, "code": "mmol/L"}, "appliesTo": [{"text": "pregnant"}]}
INFANT = {"low": {"value": 3.7, "code": "mmol/L"}, "age": {"high": {"value": 1, "code": "a"}}}
RESIDUALS = (
    "US Bladder post-void volume", "Urinary bladder Volume post void US", "Bladder volume post void", "Post-void bladder volume", "Post void volume",
    "Post-micturition residual volume", "Residual urine", "Residual volume of urine", "Volume of urine in bladder post micturition", "Bladder residual",
    "Bladder scanner volume", "Bladder scan pre void and post void",
)  # fmt: skip
PRESENT, ABSENT, NOT_ASSESSED = Presence.PRESENT, Presence.ABSENT, Presence.NOT_ASSESSED


def read(resource):
    return observations.read(resource, terminology())


def only(resource):
    (evidence,) = read(resource).evidence
    return evidence


@pytest.mark.parametrize(
    ("status", "ignored"),
    [
        ("final", None),
        ("amended", None),
        ("corrected", None),
        ("preliminary", None),
        ("unknown", None),
        ("entered-in-error", Ignored.ENTERED_IN_ERROR),
        ("cancelled", Ignored.CANCELLED),
        ("complete", Ignored.UNREADABLE),
    ],
)
def test_status(status, ignored) -> None:
    outcome = read(seen("leg cramps", 3, status=status).resource)
    assert outcome.ignored == ignored
    assert bool(outcome.evidence) is (ignored is None)


def test_missing_status_is_unreadable() -> None:
    resource = seen("leg cramps", 3).resource
    assert read({key: value for key, value in resource.items() if key != "status"}).ignored is Ignored.UNREADABLE


def test_focus_is_about_someone_else() -> None:
    assert read(seen("leg cramps", 3, focus=[{"reference": "Patient/fetus"}]).resource).ignored is Ignored.ABOUT_SOMEONE_ELSE


VALUES = [
    (True, PRESENT), (False, ABSENT), ("yes", PRESENT), ("present", PRESENT), ("no", ABSENT), ("absent", ABSENT), ("LA33-6", PRESENT), ("LA32-8", ABSENT), ("LA9633-4", PRESENT), ("LA9634-2", ABSENT),
    ("Yes - right calf", PRESENT), ("denies", ABSENT), ("WNL", ABSENT), ("none", ABSENT), ("not assessed", NOT_ASSESSED), ("see letter", NOT_ASSESSED), ("No change in leg cramps", PRESENT), ("Leg cramps at night", PRESENT),
    (3, PRESENT), (1, PRESENT), (0, NOT_ASSESSED), ("severe", PRESENT), ("possible leg cramps", PRESENT), ("LA11046-2", NOT_ASSESSED), ("LA0-0", NOT_ASSESSED),
]  # fmt: skip


@pytest.mark.parametrize(("value", "presence"), VALUES, ids=[str(each[0]) for each in VALUES])
def test_value(value, presence) -> None:
    assert only(seen("leg cramps", 3, value).resource).presence is presence


def test_a_doubtful_answer_is_a_doubt() -> None:
    assert only(seen("leg cramps", 3, "possible leg cramps").resource).has(Flag.SUSPECTED)
    assert not only(seen("leg cramps", 3, "leg cramps").resource).has(Flag.SUSPECTED)


@pytest.mark.parametrize(
    ("code", "severity"), [("255604002", Severity.MILD), ("6736007", Severity.MODERATE), ("24484000", Severity.SEVERE), ("449918009", None)]
)
def test_a_coded_answer_may_grade_the_symptom_or_name_it_again(code, severity) -> None:
    evidence = only(seen("leg cramps", 3, None, valueCodeableConcept={"coding": [{"system": SCT, "code": code}]}).resource)
    assert (evidence.presence, evidence.severity) == (PRESENT, severity)


def test_a_coded_answer_may_tell_the_side_in_its_words() -> None:
    evidence = only(seen("leg cramps", 3, None, valueCodeableConcept={"coding": [{"system": LOINC, "code": "LA33-6"}], "text": "Yes, left"}).resource)
    assert (evidence.presence, evidence.side) == (PRESENT, Side.LEFT)


@pytest.mark.parametrize(
    ("coding", "presence"),
    [
        ({"system": SCT, "code": "10828004"}, PRESENT),
        ({"system": SCT, "code": "410515003"}, PRESENT),
        ({"system": SCT, "code": "410605003"}, PRESENT),
        ({"system": SCT, "code": "260385009"}, ABSENT),
        ({"system": SCT, "code": "410516002"}, ABSENT),
        ({"system": f"{HL7}/v2-0136", "code": "Y"}, PRESENT),
        ({"system": f"{HL7}/v2-0532", "code": "N"}, ABSENT),
        ({"code": "Y"}, PRESENT),
        ({"code": "N"}, ABSENT),
        ({"system": "urn:local", "code": "YES"}, PRESENT),
        ({"system": "urn:local", "code": "NOT_PRESENT"}, ABSENT),
        ({"system": "urn:local", "code": "UNABLE-TO-ASSESS"}, NOT_ASSESSED),
        ({"system": f"{HL7}/v3-NullFlavor", "code": "UNK"}, NOT_ASSESSED),
        ({"system": f"{HL7}/v3-NullFlavor", "code": "NA"}, NOT_ASSESSED),
        ({"system": "urn:local", "code": "1"}, NOT_ASSESSED),
        ({"system": "urn:local", "code": "0"}, NOT_ASSESSED),
    ],
    ids=str,
)
def test_a_coded_answer_without_words(coding, presence) -> None:
    assert only(seen("urinary incontinence", 3, None, valueCodeableConcept={"coding": [coding]}).resource).presence is presence


def test_no_value_at_all_is_present_and_flagged() -> None:
    evidence = only(seen("leg cramps", 3, None).resource)
    assert evidence.presence is PRESENT
    assert evidence.has(Flag.NO_VALUE)


@pytest.mark.parametrize("question", ["leg cramps", "No leg cramps", "Bladder continence"])
@pytest.mark.parametrize(
    "extra", [{"dataAbsentReason": {"text": "unknown"}}, {"valueTime": "10:00:00"}, {"valueRange": {}}, {"_valueBoolean": {"extension": []}}]
)
def test_absent_or_unmapped_value_is_not_assessed(question, extra) -> None:
    assert only(seen(question, 3, None, **extra).resource).presence is NOT_ASSESSED


@pytest.mark.parametrize(("code", "presence"), [("POS", PRESENT), ("NEG", ABSENT), ("DET", PRESENT), ("ND", ABSENT), ("N", NOT_ASSESSED), ("A", PRESENT)])
@pytest.mark.parametrize("system", [{"system": f"{HL7}/v3-ObservationInterpretation"}, {}])
def test_interpretation_without_value(code, presence, system) -> None:
    said = [{"coding": [{**system, "code": code}]}]
    assert only(seen("saddle numbness", 1, None, interpretation=said).resource).presence is presence


@pytest.mark.parametrize(("code", "presence"), [("N", ABSENT), ("A", PRESENT)])
def test_interpretation_of_a_function(code, presence) -> None:
    assert only(seen("Saddle sensation", 1, None, interpretation=[{"coding": [{"code": code}]}]).resource).presence is presence


@pytest.mark.parametrize(("said", "presence"), [("Negative", ABSENT), ("Positive", PRESENT), ("not detected", ABSENT), ("?", PRESENT)])
def test_interpretation_in_words(said, presence) -> None:
    assert only(seen("saddle numbness", 1, None, interpretation=[{"text": said}]).resource).presence is presence


@pytest.mark.parametrize(
    ("question", "value", "concept", "presence"),
    [
        ("Bladder continence", True, Concept.URINARY_INCONTINENCE, ABSENT),
        ("Bladder continence", False, Concept.URINARY_INCONTINENCE, PRESENT),
        ("Urinary incontinence", True, Concept.URINARY_INCONTINENCE, PRESENT),
        ("Bowel continence", "Continent of faeces", Concept.BOWEL_INCONTINENCE, ABSENT),
        ("Bowel continence", "incontinent", Concept.BOWEL_INCONTINENCE, PRESENT),
        ("Saddle sensation", "Normal", Concept.SADDLE_NUMBNESS, ABSENT),
        ("Saddle sensation", "reduced on the left", Concept.SADDLE_NUMBNESS, PRESENT),
        ("Saddle sensation", "absent", Concept.SADDLE_NUMBNESS, PRESENT),
        ("Saddle sensation", None, Concept.SADDLE_NUMBNESS, NOT_ASSESSED),
        ("Anal tone", "normal", Concept.REDUCED_ANAL_TONE, ABSENT),
        ("Urinary incontinence", "2-3 times per day", Concept.URINARY_INCONTINENCE, PRESENT),
        ("Urinary incontinence", "one episode yesterday", Concept.URINARY_INCONTINENCE, PRESENT),
        ("Urinary incontinence", "getting worse", Concept.URINARY_INCONTINENCE, PRESENT),
        ("Urinary incontinence", "no episodes", Concept.URINARY_INCONTINENCE, ABSENT),
        ("Urinary incontinence", "0 episodes", Concept.URINARY_INCONTINENCE, NOT_ASSESSED),
        ("Urinary incontinence", "not for 2 years", Concept.URINARY_INCONTINENCE, NOT_ASSESSED),
        ("Perianal sensation", "equivocal", Concept.SADDLE_NUMBNESS, NOT_ASSESSED),
        ("Perianal sensation", "reduced L, normal R", Concept.SADDLE_NUMBNESS, PRESENT),
        ("Can you feel toilet paper when you wipe?", False, Concept.SADDLE_NUMBNESS, PRESENT),
        ("Can you feel toilet paper when you wipe?", True, Concept.SADDLE_NUMBNESS, ABSENT),
        ("Sensation S3-S5", "reduced", Concept.SADDLE_NUMBNESS, PRESENT),
        ("Sensation S3-S5", "intact", Concept.SADDLE_NUMBNESS, ABSENT),
        ("Urinary elimination", "Retention", Concept.URINARY_RETENTION, PRESENT),
        ("Reason for referral", "?CES", Concept.CAUDA_EQUINA_SYNDROME, PRESENT),
        ("No leg cramps", True, Concept.LEG_SPASM, ABSENT),
        ("No leg cramps", False, Concept.LEG_SPASM, NOT_ASSESSED),
        ("No leg cramps", "no", Concept.LEG_SPASM, NOT_ASSESSED),
        ("No leg cramps", None, Concept.LEG_SPASM, ABSENT),
        ("Bladder continence", "yes", Concept.URINARY_INCONTINENCE, ABSENT),
        ("Bladder continence", "no", Concept.URINARY_INCONTINENCE, PRESENT),
        ("Bladder continence", "LA11042-1", Concept.URINARY_INCONTINENCE, ABSENT),
        ("Bladder continence", "LA6332-6", Concept.URINARY_INCONTINENCE, PRESENT),
        ("Bladder continence", "LA11046-2", Concept.URINARY_INCONTINENCE, NOT_ASSESSED),
        ("Bladder continence", 1, Concept.URINARY_INCONTINENCE, NOT_ASSESSED),
        ("Urinary incontinence?", "yes", Concept.URINARY_INCONTINENCE, PRESENT),
        ("Urinary incontinence?", "no", Concept.URINARY_INCONTINENCE, ABSENT),
        ("Tingling of leg", "present", Concept.LEG_TINGLING, PRESENT),
    ],
)
def test_polarity_follows_the_question(question, value, concept, presence) -> None:
    evidence = only(seen(question, 0, value).resource)
    assert (evidence.concept, evidence.presence, evidence.has(Flag.FROM_TEXT)) == (concept, presence, True)


@pytest.mark.parametrize(
    ("item", "value", "presence", "score"),
    [
        ("MDS urinary continence", "LA11042-1", ABSENT, Score("mds-urinary-continence", 0)),
        ("MDS urinary continence", "LA11045-4", PRESENT, Score("mds-urinary-continence", 3)),
        ("MDS urinary continence", 2, PRESENT, Score("mds-urinary-continence", 2)),
        ("MDS urinary continence", "LA11046-2", NOT_ASSESSED, None),
        ("MDS urinary continence", 9, NOT_ASSESSED, None),
        ("MDS urinary continence", "-", NOT_ASSESSED, None),
        ("MDS urinary continence", "2", PRESENT, Score("mds-urinary-continence", 2)),
        ("MDS urinary continence", 2.5, NOT_ASSESSED, None),
        ("MDS bowel continence", "LA11048-8", PRESENT, Score("mds-bowel-continence", 1)),
        ("OASIS urinary incontinence", "LA6339-1", NOT_ASSESSED, None),
        ("OASIS bowel incontinence", "LA6302-9", PRESENT, Score("oasis-bowel-continence", 1)),
        ("3-day bladder continence", 5, NOT_ASSESSED, None),
        ("Barthel bladder", 10, ABSENT, Score("barthel-bladder", 0, "0-100")),
        ("Barthel bladder", 2, ABSENT, Score("barthel-bladder", 0, "0-20")),
        ("Barthel bladder", 1, PRESENT, Score("barthel-bladder", 1, "0-20")),
        ("Barthel bladder", 5, PRESENT, Score("barthel-bladder", 1, "0-100")),
        ("Barthel bladder", 0, PRESENT, Score("barthel-bladder", 2)),
        ("Barthel bowel", "LA31627-5", PRESENT, Score("barthel-bowel", 2, "coded")),
        ("Barthel bowel", None, NOT_ASSESSED, None),
    ],
)
def test_scales(item, value, presence, score) -> None:
    evidence = only(seen(item, 4, value).resource)
    assert (evidence.presence, evidence.score) == (presence, score)


def test_a_survey_item_looks_back() -> None:
    assert only(seen("MDS urinary continence", 4, "LA11045-4").resource).record.onset == interval_of("2026-03-04", "2026-03-11")


@pytest.mark.parametrize(
    ("fact", "reading"),
    [
        (lab("potassium", 3.1, "mmol/L", flag="L", limits=(3.5, 5.1)), Reading(3.1, "mmol/L", "low", 3.5, 5.1)),
        (lab("potassium", 3.1, "meq/L", flag="LL"), Reading(3.1, "meq/L", "low")),
        (lab("potassium", 4.1, "mmol/L", flag="N"), Reading(4.1, "mmol/L", "normal")),
        (lab("magnesium", 1.2, "mg/dL", flag="A"), Reading(1.2, "mg/dL", "abnormal")),
        (lab("potassium", 3.1, "mg/L"), None),
        (lab("potassium", -3.1, "mmol/L"), None),
        (lab("potassium", 6.1, "mmol/L", flag="HH"), Reading(6.1, "mmol/L", "high")),
        (lab("potassium", 3.1, "mmol/L", interpretation=[{"coding": [{"code": "L"}]}]), Reading(3.1, "mmol/L", "low")),
        (lab("potassium", 3.1, "mmol/L", referenceRange=[{"low": {"value": 3.5, "code": "mmol/L"}}]), Reading(3.1, "mmol/L", "", 3.5)),
        (lab("potassium", 3.1, "mmol/L", referenceRange=[{"high": {"value": 5.1}}]), Reading(3.1, "mmol/L", "", None, 5.1)),
        (lab("potassium", 3.1, "mmol/L", referenceRange=[{"low": {"value": 137, "code": "mg/L"}}]), Reading(3.1, "mmol/L")),
        (lab("potassium", 3.1, "mmol/L", referenceRange=[{**RANGE, "type": {"coding": [{"code": "normal", "system": "x"}]}}]), Reading(3.1, "mmol/L", "", 3.4)),
        (lab("potassium", 3.1, "mmol/L", referenceRange=[PREGNANT]), Reading(3.1, "mmol/L", "", 3.3)),
        (lab("potassium", 3.1, "mmol/L", referenceRange=[PREGNANT, RANGE]), Reading(3.1, "mmol/L", "", 3.4)),
        (lab("potassium", 3.1, "mmol/L", referenceRange=[PREGNANT, INFANT]), Reading(3.1, "mmol/L")),
        (lab("potassium", 3.1, "mmol/L", valueQuantity={"value": 2.5, "code": "mmol/L", "comparator": "<"}), Reading(2.5, "mmol/L", comparator="<")),
        (lab("potassium", 3.1, "mmol/L", valueQuantity={"value": 6, "code": "mmol/L", "comparator": ">="}), Reading(6, "mmol/L", comparator=">")),
        (lab("potassium", 3.1, "mmol/L", specimen={"display": "Venous blood"}), Reading(3.1, "mmol/L")),
        (lab("potassium", 3.1, "mmol/L", specimen={"display": "24 h Urine"}), None),
        (lab("potassium", 3.1, "mmol/L", status="unknown"), None),
    ],
    ids=lambda each: getattr(each, "words", str(each)),
)
def test_laboratory_value(fact, reading) -> None:
    evidence = only(fact.resource)
    assert evidence.reading == reading
    assert evidence.presence is (PRESENT if reading else NOT_ASSESSED)


@pytest.mark.parametrize(
    ("note", "doubted"),
    [("Sample haemolysed", True), ("Hemolyzed specimen", True), ("Not haemolysed", False), ("Hemolysis: none", False), ("Repeat in a week", False)],
)
def test_haemolysis_is_read_from_the_notes(note, doubted) -> None:
    assert only(lab("potassium", 6.1, "mmol/L", note=[{"text": note}]).resource).has(Flag.HAEMOLYSED) is doubted


@pytest.mark.parametrize(
    "quantity",
    [{"value": 3.1}, {"value": 3.1, "unit": "mmol/L", "system": "http://other.example"}, {"value": "low", "code": "mmol/L"}, {"code": "mmol/L"}, {}],
)
def test_a_laboratory_value_is_never_guessed(quantity) -> None:
    assert only({**lab("potassium", 3.1, "mmol/L").resource, "valueQuantity": quantity}).presence is NOT_ASSESSED


def test_a_treatment_range_is_not_the_normal_range() -> None:
    resource = lab("potassium", 3.1, "mmol/L", limits=(1, 2)).resource
    resource["referenceRange"][0]["type"] = {"coding": [{"code": "treatment", "system": f"{HL7}/referencerange-meaning"}]}
    assert only(resource).reading == Reading(3.1, "mmol/L")


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        (seen("Post-void residual volume (bladder scan)", 0, 320, unit="mL"), 320),
        (seen("PVR", 0, 0.3, unit="L"), 300),
        (seen("PVR", 0, 320, unit="cm3"), 320),
        (seen("PVR", 0, 320, unit="cc"), 320),
        (seen("PVR", 0, 3.2, unit="dL"), 320),
        (seen("PVR", 0, 0.32, unit="l"), 320),
        (seen("PVR", 0, None, valueQuantity={"value": 320, "unit": "milliliters"}), 320),
        (seen("PVR", 0, None, valueQuantity={"value": 320, "code": "ML", "system": UCUM}), 320),
        (seen("PVR", 0, None, valueQuantity={"value": 320, "code": "mL", "system": "https://unitsofmeasure.org/"}), 320),
        (seen("PVR", 0, None, valueQuantity={"value": 320, "code": "mL", "system": "urn:oid:2.16.840.1.113883.6.8"}), 320),
        (seen("PVR", 0, None, valueQuantity={"value": 320, "code": "118", "unit": "mL", "system": "urn:local"}), None),
        (seen("Bladder scan volume (mL)", 0, None, valueQuantity={"value": 320}), 320),
        (seen("Post-void residual, mL", 0, None, valueInteger=320), 320),
        (seen("Post-void residual [mL]", 0, "320"), 320),
        (seen("Post-void residual (mL)", 0, None, valueQuantity={"value": 0.32, "unit": "L"}), 320),
        (seen("Post-void residual (mL)", 0, None, valueQuantity={"value": 3, "unit": "hours"}), None),
        (seen("Post-void residual (mL)", 0, "320?"), None),
        (seen("Post Void Cath Residual (mL)", 0, "300"), 300),
        (seen("bladder scan", 0, 250, unit="mL"), 250),
        (seen("Post-void residual", 0, 320, unit="cm"), None),
        (seen("PVR", 0, 0, unit="mL"), 0),
        (seen("PVR", 0, -1, unit="mL"), None),
        (seen("PVR", 0, 20, unit="L"), 20_000),
        (seen("PVR", 0, 20_001, unit="mL"), None),
        (seen("PVR", 0, "320 mL"), 320),
        (seen("PVR", 0, "0.3 L"), 300),
        (seen("PVR", 0, "about 320"), None),
        (seen("PVR", 0, None, valueQuantity={"value": 600, "comparator": ">", "code": "mL"}), 600),
        (seen("PVR", 0, None, valueQuantity={"value": 600, "comparator": "<", "code": "mL"}), None),
        (seen("PVR", 0, "450 cc"), 450),
        (seen("PVR", 0, ">500ml"), 500),
        (seen("PVR", 0, "approx 450mls"), 450),
        (seen("bladder scan", 0, "600 mls post void"), 600),
        *((seen(said, 0, 450, unit="mL"), 450) for said in RESIDUALS),
        (seen("PVR", 0, "1,200 mL"), 1200),
        (seen("PVR", 0, "400-500 mL"), 400),
        (seen("PVR", 0, 450, unit="mLs"), 450),
        (seen("PVR", 0, "<50ml"), None),
        (seen("PVR", 0, "450"), None),
    ],
    ids=lambda each: getattr(each, "words", str(each)),
)
def test_post_void_residual(fact, value) -> None:
    evidence = only(fact.resource)
    assert evidence.concept is Concept.POST_VOID_RESIDUAL
    assert (evidence.reading.value if evidence.reading else None) == value


@pytest.mark.parametrize(
    ("whole", "part", "answer", "concept"),
    [
        ("bladder scan", "Volume", {"valueQuantity": {"value": 450, "code": "mL"}}, Concept.POST_VOID_RESIDUAL),
        ("bladder scan", "Post-void volume", {"valueQuantity": {"value": 450, "code": "mL"}}, Concept.POST_VOID_RESIDUAL),
        ("Saddle numbness", "Result", {"valueString": "Present"}, Concept.SADDLE_NUMBNESS),
        ("Bladder control", "Finding", {"valueString": "Lost"}, Concept.URINARY_INCONTINENCE),
    ],
)
def test_a_part_without_a_name_of_its_own_answers_the_whole(whole, part, answer, concept) -> None:
    evidence = [each for each in read(seen(whole, 0, None, component=[{"code": {"text": part}, **answer}]).resource).evidence if each.presence is PRESENT]
    assert [each.concept for each in evidence] == [concept]


@pytest.mark.parametrize(
    "said",
    [
        "Bladder scan volume pre-void",
        "Pre-void bladder scan",
        "Bladder scan volume before voiding",
        "Bladder scan (pre void) mL",
        "Void volume prior to bladder scan",
        "Voided volume",
        "Urine output",
        "Gastric residual volume",
        "Bladder volume",
    ],
)
def test_what_the_bladder_holds_before_it_is_emptied_is_no_residual(said: str) -> None:
    assert not read(seen(said, 0, 450, unit="mL").resource).evidence


@pytest.mark.parametrize(
    ("said", "power", "presence"),
    [
        ("2/5", 2, PRESENT),
        ("0", 0, PRESENT),
        ("4-/5", 4, PRESENT),
        (0, 0, PRESENT),
        (-1, None, NOT_ASSESSED),
        ("6/5", None, NOT_ASSESSED),
        ("4+/5", 4, PRESENT),
        ("5/5", 5, ABSENT),
        (3, 3, PRESENT),
        ("refused 3 times", None, NOT_ASSESSED),
        (7, None, NOT_ASSESSED),
    ],
)
def test_muscle_power(said, power, presence) -> None:
    evidence = only(seen("MRC muscle power, left ankle dorsiflexion", 5, said).resource)
    assert (evidence.concept, evidence.side, evidence.presence) == (Concept.MUSCLE_POWER, Side.LEFT, presence)
    assert (evidence.reading.value if evidence.reading else None) == power


def test_power_of_the_arm_is_not_ours() -> None:
    assert read(seen("MRC muscle power, left wrist", 5, "2/5").resource).evidence == ()


@pytest.mark.parametrize(
    ("fact", "concept", "value"),
    [
        (seen("pain score", 2, 7, unit="{score}", site="calf"), Concept.LEG_PAIN_SCORE, 7),
        (seen("Pain severity, calf cramp", 2, 6), Concept.LEG_PAIN_SCORE, 6),
        (seen("Nights per week woken by leg cramps", 2, 4, unit="/wk"), Concept.CRAMP_NIGHTS, 4),
        (seen("Number of leg cramps", 2, 8, unit="/wk"), Concept.CRAMP_FREQUENCY, 8),
        (seen("pain score", 2, 10, unit="{score}", site="calf"), Concept.LEG_PAIN_SCORE, 10),
        (seen("pain score", 2, 0, unit="{score}", site="calf"), Concept.LEG_PAIN_SCORE, 0),
        (seen("pain score", 2, 10.5, unit="{score}", site="calf"), Concept.LEG_PAIN_SCORE, None),
        (seen("pain score", 2, 7, unit="mm", site="calf"), Concept.LEG_PAIN_SCORE, None),
        (seen("pain score", 2, "8 out of 10", site="calf"), Concept.LEG_PAIN_SCORE, 8),
        (seen("pain score", 2, None, valueDecimal=7.5, site="calf"), Concept.LEG_PAIN_SCORE, 7.5),
        (seen("Number of leg cramps", 2, 2, unit="/d"), Concept.CRAMP_FREQUENCY, 14),
        (seen("Number of leg cramps per day", 2, 3), Concept.CRAMP_FREQUENCY, 21),
        (seen("Number of leg cramps in the last week", 2, 3), Concept.CRAMP_FREQUENCY, 3),
        (seen("Number of leg cramps", 2, 3), Concept.CRAMP_FREQUENCY, None),
        (seen("Number of leg cramps", 2, 200, unit="/wk"), Concept.CRAMP_FREQUENCY, 200),
        (seen("Number of leg cramps", 2, 201, unit="/wk"), Concept.CRAMP_FREQUENCY, None),
        (seen("Nights per week woken by leg cramps", 2, 0, unit="/wk"), Concept.CRAMP_NIGHTS, 0),
    ],
    ids=lambda each: getattr(each, "words", str(each)),
)
def test_counts_and_scores(fact, concept, value) -> None:
    evidence = only(fact.resource)
    assert (evidence.concept, evidence.reading.value if evidence.reading else None) == (concept, value)
    assert evidence.presence is (NOT_ASSESSED if value is None else PRESENT)


def test_pain_score_without_a_leg_says_nothing() -> None:
    assert read(seen("pain score", 2, 9, unit="{score}").resource).evidence == ()


def test_components_are_judged_alone_and_details_reach_the_whole() -> None:
    fact = seen(
        "leg cramps", 2, "yes", parts=(part("pain score", 7), part("Duration", 3, "wk"), part("urinary incontinence", "no"), part("Laterality", "Left"))
    )
    by_concept = {each.concept: each for each in read(fact.resource).evidence}
    assert by_concept[Concept.LEG_SPASM].duration_days == 21
    assert by_concept[Concept.LEG_PAIN_SCORE].reading == Reading(7, "of 10")
    assert by_concept[Concept.URINARY_INCONTINENCE].presence is ABSENT


def test_a_component_shares_the_side_and_tells_whose_part_it_is() -> None:
    whole = seen("leg cramps", 2, "yes", site="calf", side="left", parts=(part("pain score", 7), part("urinary incontinence", "Yes, twice")))
    spasm, pain, leak = read(whole.resource).evidence
    assert (spasm.side, pain.side, leak.concept) == (Side.LEFT, Side.LEFT, Concept.URINARY_INCONTINENCE)
    assert leak.record == replace(spasm.record, words=leak.record.words)
    assert leak.coded == "SNOMED CT 165232002"
    named = seen("Leg cramps", 2, "yes", parts=({"code": {"text": "Urinary incontinence"}, "valueString": "Yes, twice"},))
    assert read(named.resource).evidence[1].record.words == "Leg cramps / Urinary incontinence: Yes, twice"


def test_a_component_takes_the_site_only_of_a_leg_symptom() -> None:
    pain = (part("pain score", 7),)
    sided = read(seen("leg cramps", 2, "yes", side="left", parts=pain).resource).evidence
    assert [(each.concept, each.side) for each in sided] == [(Concept.LEG_SPASM, Side.LEFT), (Concept.LEG_PAIN_SCORE, Side.LEFT)]
    assert [each.concept for each in read(seen("low back pain", 2, "yes", parts=pain).resource).evidence] == [Concept.BACK_PAIN]
    assert [each.concept for each in read(seen("leg cramps", 2, "yes", site="forearm", parts=pain).resource).evidence] == [Concept.LEG_SPASM]


def test_the_severity_of_another_symptom_says_nothing_of_this_one() -> None:
    severe = {"valueCodeableConcept": {"coding": [{"system": SCT, "code": "24484000"}]}}
    for other in ("Back pain", "Headache", "Urinary incontinence"):
        assert read(seen("leg cramps", 2, parts=({"code": {"text": other}, **severe},)).resource).evidence[0].severity is None


@pytest.mark.parametrize(("count", "ignored"), [(200, None), (201, Ignored.UNREADABLE)])
def test_a_form_longer_than_any_of_ours_is_counted_as_unread(count, ignored) -> None:
    outcome = read(seen("leg cramps", 2, parts=(part("urinary incontinence", "yes"),) * count).resource)
    assert (len(outcome.evidence), outcome.ignored) == (2, ignored)


def test_coded_side_and_severity_in_components() -> None:
    sides = {"code": {"text": "Laterality"}, "valueCodeableConcept": {"coding": [{"system": "http://snomed.info/sct", "code": "51440002"}]}}
    severe = {"code": {"text": "Severity"}, "valueCodeableConcept": {"coding": [{"system": "http://snomed.info/sct", "code": "24484000"}]}}
    evidence = read(seen("leg cramps", 2, parts=(sides, severe)).resource).evidence[0]
    assert (evidence.side, evidence.severity) == (Side.BOTH, Severity.SEVERE)


def test_site_in_the_answer() -> None:
    evidence = only(seen("Cramps", 2, "Yes - right calf").resource)
    assert (evidence.concept, evidence.side) == (Concept.LEG_SPASM, Side.RIGHT)
    assert only(seen("Cramps of calf", 2, "Yes, in the hands too").resource).concept is Concept.LEG_SPASM


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("perineum", {Concept.SADDLE_NUMBNESS: PRESENT}),
        ("saddle area", {Concept.SADDLE_NUMBNESS: PRESENT}),
        ("around the anus", {Concept.SADDLE_NUMBNESS: PRESENT}),
        ("left calf", {Concept.LEG_NUMBNESS: PRESENT}),
        ("perineum and left leg", {Concept.SADDLE_NUMBNESS: PRESENT, Concept.LEG_NUMBNESS: PRESENT}),
        ("arm and leg", {Concept.LEG_NUMBNESS: PRESENT}),
        ("hands", {}),
        ("perineum normal", {}),
        ("yes, left leg; perineum normal", {Concept.LEG_NUMBNESS: PRESENT}),
        ("left leg, sparing perineum", {Concept.LEG_NUMBNESS: PRESENT}),
        ("see the note about his leg", {}),
    ],
)
@pytest.mark.parametrize("question", ["Numbness", "Location of numbness"])
@pytest.mark.parametrize("is_coded", [False, True])
def test_a_site_answers_where(question, answer, found, is_coded) -> None:
    resource = seen(question, 2, None, valueCodeableConcept={"text": answer}).resource if is_coded else seen(question, 2, answer).resource
    assert {each.concept: each.presence for each in read(resource).evidence if each.presence is PRESENT} == found


@pytest.mark.parametrize(
    ("question", "code", "found"),
    [
        ("Numbness", "38864007", {Concept.SADDLE_NUMBNESS: PRESENT}),
        ("Numbness", "32153003", {Concept.LEG_NUMBNESS: PRESENT}),
        ("Numbness", "40983000", {}),
        ("Saddle sensation", "38864007", {}),
    ],
)
def test_the_code_of_a_site_answers_where(question, code, found) -> None:
    resource = seen(question, 2, None, valueCodeableConcept={"coding": [{"system": SCT, "code": code}]}).resource
    assert {each.concept: each.presence for each in read(resource).evidence if each.presence is PRESENT} == found


@pytest.mark.parametrize(
    ("question", "value", "presence"),
    [
        ("Chief complaint", "leg cramps at night", PRESENT),
        ("Symptoms", "denies leg cramps", ABSENT),
        ("Family history", "leg cramps", None),
        ("Past medical history", "leg cramps", None),
        ("Plan", "return if leg cramps worsen", None),
        ("Symptoms", "mother has sciatica; leg cramps at night", PRESENT),
    ],
)
def test_symptom_named_in_the_answer(question, value, presence) -> None:
    evidence = [each for each in read(seen(question, 2, value).resource).evidence if each.concept is Concept.LEG_SPASM]
    assert [each.presence for each in evidence] == ([presence] if presence else [])


@pytest.mark.parametrize("question", ["History of present illness", "History of presenting complaint", "HPI", "Presenting complaint"])
def test_the_present_illness_is_no_history(question) -> None:
    said = "Back pain 3/7 radiating both legs. Saddle numbness since this am, not passed urine 10h"
    found = {each.concept: each.presence for each in read(seen(question, 0, said).resource).evidence}
    assert found == {**dict.fromkeys((Concept.RADICULAR_PAIN, Concept.SADDLE_NUMBNESS, Concept.URINARY_RETENTION), PRESENT), **found}
    assert set(found.values()) == {PRESENT}


def test_a_queried_diagnosis_is_suspected() -> None:
    assert only(seen("Reason for referral", 0, "?CES").resource).has(Flag.SUSPECTED)


@pytest.mark.parametrize("said", ["bilat", "both legs", "b/l"])
def test_both_sides_in_the_answer(said) -> None:
    evidence = only(seen("Leg weakness", 0, said).resource)
    assert (evidence.presence, evidence.side) == (PRESENT, Side.BOTH)


@pytest.mark.parametrize(
    ("said", "power", "side"),
    [
        ("L 5/5, R 2/5", 2, Side.RIGHT),
        ("L 3/5, R 3/5", 3, Side.BOTH),
        ("RLE 3/5 LLE 3/5", 3, Side.BOTH),
        ("R 3/5; L 4/5", 3, Side.BOTH),
        ("3/5 left, 4/5 right", 3, Side.BOTH),
        ("3/5 left, 5/5 right", 3, Side.LEFT),
        ("3/5 bilaterally", 3, Side.BOTH),
        ("3 out of 5 both legs", 3, Side.BOTH),
        ("3/5 L=R", 3, Side.BOTH),
        ("hip flexion 4/5 bilaterally, ankle dorsiflexion 2/5 left", 2, Side.BOTH),
        ("3/5", 3, Side.UNSTATED),
        ("5/5 bilaterally", 5, Side.UNSTATED),
    ],
)
def test_power_of_each_leg_in_one_answer(said: str, power: float, side: Side) -> None:
    """The lowest grade, and the legs that are short of full power."""
    evidence = only(seen("Leg power", 0, said).resource)
    assert (evidence.concept, evidence.reading.value, evidence.side) == (Concept.MUSCLE_POWER, power, side)


def test_symptom_coded_in_the_answer() -> None:
    coded = {"valueCodeableConcept": {"coding": [{"system": "http://snomed.info/sct", "code": "449918009"}]}}
    assert only(seen("Symptom", 2, None, **coded).resource).concept is Concept.LEG_SPASM


@pytest.mark.parametrize(
    ("times", "onset"),
    [
        ({"effectiveDateTime": "2026-03-10T23:59:00-10:00", "issued": "2026-03-12T00:00:00Z"}, interval("2026-03-10")),
        ({"effectiveInstant": "2026-03-10T10:00:00Z"}, interval("2026-03-10")),
        ({"effectivePeriod": {"start": "2026-03-08", "end": "2026-03-10"}}, interval("2026-03-08")),
        ({"effectiveTiming": {"event": ["2026-03-09"]}}, interval("2026-03-09")),
        ({"effectiveTiming": {"event": ["2026-03-09", "2025-02-08"]}}, interval("2026-03-09")),
        ({"issued": "2026-03-12T00:00:00Z"}, interval("2026-03-12")),
        ({"effectiveDateTime": "2026-02-30", "issued": "2026-03-12T00:00:00Z"}, interval("2026-03-12")),
        ({}, "undated"),
    ],
)
def test_when(times, onset) -> None:
    found = only(seen("leg cramps", None, **times).resource).record.onset
    assert found == (None if onset == "undated" else onset)


@pytest.mark.parametrize(("end", "until"), [("2026-03-10", interval("2026-03-10")), (None, None)])
def test_a_span_keeps_its_last_day(end, until) -> None:
    record = only(seen("leg cramps", None, effectivePeriod={"start": "2026-03-08", **({"end": end} if end else {})}).resource).record
    assert record.onset == interval("2026-03-08")
    assert (record.until == until) if end else record.until.latest >= AS_OF


def test_the_record_behind_a_fact() -> None:
    resource = seen("Leg cramps", 3, "yes, left", status="amended", issued="2026-03-13", encounter={"reference": "Encounter/e1/_history/2"}).resource
    assert only(resource).record == Record(
        reference=f"Observation/{resource['id']}",
        kind=Kind.OBSERVATION,
        onset=interval("2026-03-12"),
        recorded=interval("2026-03-13"),
        label="Leg cramps",
        words="Leg cramps: yes, left",
        status="amended",
        encounter="Encounter/e1",
        shown_date="2026-03-12",
    )
    assert only({**resource, "id": None}).record.reference == "Observation"


@pytest.mark.parametrize(
    ("times", "shown"),
    [
        ({"effectiveInstant": "2026-03-10T10:00:00Z"}, "2026-03-10T10:00:00Z"),
        ({"effectivePeriod": {"start": "2026-03-08"}}, "2026-03-08"),
        ({"issued": "2026-03-12"}, "2026-03-12"),
        ({}, ""),
    ],
)
def test_the_date_as_written(times, shown) -> None:
    assert only(seen("leg cramps", None, **times).resource).record.shown_date == shown


@pytest.mark.parametrize(("value", "words"), [(True, "Leg cramps: yes"), (False, "Leg cramps: no"), (3, "Leg cramps"), (None, "Leg cramps")])
def test_the_words_of_question_and_answer(value, words) -> None:
    assert only(seen("Leg cramps", 3, value).resource).record.words == words


def test_the_words_of_a_coded_answer() -> None:
    assert only(seen("Leg cramps", 3, None, valueCodeableConcept={"text": "sometimes"}).resource).record.words == "Leg cramps: sometimes"


def test_an_undated_survey_item_stays_undated() -> None:
    assert only(seen("MDS urinary continence", None, "LA11045-4").resource).record.onset is None


def test_preliminary_is_flagged() -> None:
    assert only(lab("potassium", 3.1, "mmol/L", status="preliminary").resource).has(Flag.PRELIMINARY)


def interval_of(first: str, last: str):
    one, other = interval(first), interval(last)
    return type(one)(one.earliest, other.latest)
