"""Questions of flowsheets with their answers."""

from __future__ import annotations

import pytest
from charts import PATIENT
from flowsheets import ANSWERED, FULL, GRADED, NAMED_IN_THE_ANSWER, OF_NO_CONCERN, QUESTIONS
from records import OBSERVATION, said
from where_denials_end import ONE_ANSWER, SEVERAL_ANSWERED

from fhir_mappings import observations
from fhir_mappings.terminology import terminology

ASKED = {**OBSERVATION, "subject": {"reference": f"Patient/{PATIENT}"}}


def read(question: str, answer: str) -> str:
    """What is read, without the side and what else is told of it."""
    told = said({**ASKED, "code": {"text": question}, "valueString": answer})
    return ", ".join(told.split(", ")[:2])


@pytest.mark.parametrize(("question", "answer", "wanted"), ANSWERED)
@pytest.mark.parametrize("mark", ["", "?"])
def test_answer(question, answer, wanted, mark) -> None:
    assert read(question + mark * (not question.endswith("?")), answer) == wanted


@pytest.mark.parametrize(("question", "answer", "wanted"), ONE_ANSWER)
def test_one_answer(question, answer, wanted) -> None:
    assert read(question, answer) == wanted


@pytest.mark.parametrize(("question", "answer", "wanted"), SEVERAL_ANSWERED)
def test_several_things_answered_at_once(question, answer, wanted) -> None:
    told = said({**ASKED, "code": {"text": question}, "valueString": answer}).replace(", from text", "")
    marks = {", present": " +", ", recorded absent": " -", ", could not be assessed": " ?"}
    for state, mark in marks.items():
        told = told.replace(state, mark)
    assert told == wanted.replace(", ", "; ")


@pytest.mark.parametrize(("question", "answer", "wanted"), NAMED_IN_THE_ANSWER)
@pytest.mark.parametrize("written", ["valueString", "valueCodeableConcept"])
def test_what_an_answer_names(question, answer, wanted, written) -> None:
    value = answer if written == "valueString" else {"text": answer}
    assert said({**ASKED, "code": {"text": question}, written: value}).replace(", from text", "") == wanted


@pytest.mark.parametrize(("answer", "wanted"), [*((each, f"present, {grade}") for each, grade in GRADED), *((each, "recorded absent, 5 MRC") for each in FULL)])
@pytest.mark.parametrize("question", ["Strength LLE", "Muscle strength - left hip flexors", "MRC grade left ankle"])
def test_power(question, answer, wanted) -> None:
    assert said({**ASKED, "code": {"text": question}, "valueString": answer}) == f"leg muscle power, {wanted}, left, from text"


@pytest.mark.parametrize(("question", "answer"), OF_NO_CONCERN)
def test_what_is_felt_elsewhere_says_nothing(question, answer) -> None:
    assert read(question, answer) == "nothing"


@pytest.mark.parametrize("question", [question for question, _, _ in QUESTIONS])
def test_a_boolean_answers_as_yes_and_no_do(question) -> None:
    for value, word in ((True, "Yes"), (False, "No")):
        told = said({**ASKED, "code": {"text": question}, "valueBoolean": value})
        assert ", ".join(told.split(", ")[:2]) == read(question, word)


def test_a_blank_is_no_answer() -> None:
    """A question that ends in a blank, and no value besides."""
    assert said({**ASKED, "code": {"text": "Saddle numbness: ____"}}) == "saddle numbness, could not be assessed, from text"


@pytest.mark.parametrize(
    ("question", "answer", "ticked"),
    [
        ("How often do you leak urine?", "all the time", True),
        ("How often do you leak urine?", "about once a week or less often", True),
        ("Bowel incontinence frequency", "Less than once weekly", True),
        ("Weak stream", "Almost always", True),
        ("Urinary incontinence", "Yes", False),
        ("Urinary incontinence", "a lot since yesterday", False),
        ("Urinary incontinence", "Occasional", False),
        ("Numbness in your legs?", "Quite a bit", False),
    ],
)
def test_what_is_ticked_on_a_questionnaire_about_continence_is_a_score(question, answer, ticked) -> None:
    """Without an earlier answer it is a routine item and no complaint (specification, section 3)."""
    (said,) = observations.read({**ASKED, "code": {"text": question}, "valueString": answer}, terminology()).evidence
    assert (said.score is not None) is ticked
