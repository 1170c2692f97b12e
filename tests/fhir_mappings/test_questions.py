"""A question and its yes or no: which of them says that something is wrong."""

from __future__ import annotations

import pytest
from charts import PATIENT, seen
from questions import ASKING_HEALTH, ASKING_TROUBLE, FLOWSHEET_ROWS, FUNCTIONS, OF_FUNCTION, OF_TROUBLE, REMARKS, SCREENING_ROWS
from records import OBSERVATION, said

from cards.guidance.findings import Presence
from fhir_mappings import observations, text_answers
from fhir_mappings.terminology import terminology

PRESENT, ABSENT = Presence.PRESENT, Presence.ABSENT


def presences(question: str, answer: object) -> set[Presence]:
    found = observations.read(seen(question, 0, answer).resource, terminology())
    return {each.presence for each in found.evidence}


@pytest.mark.parametrize("question", OF_TROUBLE)
def test_yes_to_a_question_about_trouble_is_a_yes(question: str) -> None:
    assert presences(question, True) == presences(question, "Yes") == {PRESENT}
    assert presences(question, False) == presences(question, "No") == {ABSENT}


@pytest.mark.parametrize("question", OF_FUNCTION)
def test_yes_to_a_question_about_a_function_denies_its_loss(question: str) -> None:
    assert presences(question, True) == presences(question, "Yes") == {ABSENT}
    assert presences(question, False) == presences(question, "No") == {PRESENT}


@pytest.mark.parametrize("question", [each for each in (*OF_TROUBLE, *OF_FUNCTION) if each.endswith("?") or " your " in each])
def test_a_question_without_an_answer_says_nothing(question: str) -> None:
    found = observations.read(seen(question, 0, None).resource, terminology())
    assert PRESENT not in {each.presence for each in found.evidence}


@pytest.mark.parametrize(("way", "yes"), [*((each, PRESENT) for each in ASKING_TROUBLE), *((each, ABSENT) for each in ASKING_HEALTH)])
def test_however_it_is_asked(way: str, yes: Presence) -> None:
    """Each way to ask, of each function."""
    for function in FUNCTIONS:
        question = way.format(function)
        assert presences(question, True) == {yes}, question
        assert presences(question, False) == {PRESENT, ABSENT} - {yes}, question


@pytest.mark.parametrize(
    ("question", "yes", "no"),
    [
        ("Has the incontinence resolved?", ABSENT, PRESENT),
        ("Has the leg numbness gone?", ABSENT, PRESENT),
        ("Has the urinary retention settled since the operation?", ABSENT, PRESENT),
        ("Is the saddle numbness better?", PRESENT, PRESENT),
        ("Incontinence improved?", PRESENT, PRESENT),
        ("Leg cramps better since last visit?", PRESENT, PRESENT),
        ("Any improvement in leg weakness?", PRESENT, PRESENT),
        ("Has the saddle numbness got worse?", PRESENT, Presence.NOT_ASSESSED),
        ("Are leg cramps getting worse?", PRESENT, Presence.NOT_ASSESSED),
        ("Is incontinence still present?", PRESENT, ABSENT),
    ],
)
def test_questions_about_the_course_of_what_is_there(question: str, yes: Presence, no: Presence) -> None:
    """A symptom that is not better is still there; one that is no worse may be there or not."""
    assert presences(question, True) == presences(question, "Yes") == {yes}
    assert presences(question, False) == presences(question, "No") == {no}
    assert presences(question, "No, denies numbness, weakness, cramps, retention and incontinence") <= {ABSENT, Presence.NOT_ASSESSED}


@pytest.mark.parametrize(("question", "answer", "wanted"), [*FLOWSHEET_ROWS, *SCREENING_ROWS, *REMARKS])
def test_row_of_a_flowsheet(question: str, answer: str, wanted: str) -> None:
    told = said({**OBSERVATION, "subject": {"reference": f"Patient/{PATIENT}"}, "code": {"text": question}, "valueString": answer}).replace(", from text", "")
    for state, mark in (
        (", present", " +"),
        (", recorded absent", " -"),
        (", could not be assessed", " ?"),
        ("not among our codes and words: counted", "nothing"),
    ):
        told = told.replace(state, mark)
    assert told.replace("; ", ", ") == wanted


@pytest.mark.parametrize(
    "title",
    [
        "Cauda equina assessment",
        "Cauda equina red flag assessment",
        "Incontinence assessment",
        "Urinary incontinence severity score",
        "Fecal incontinence severity index",
        "Saddle anaesthesia assessment",
        "Leg weakness assessment",
        "Leg cramps questionnaire",
        "Incontinence diary",
    ],
)
@pytest.mark.parametrize("answer", [None, True, False, "Yes", "Completed", 12])
def test_the_name_of_a_form_says_nothing(title: str, answer: object) -> None:
    """Neither that it was filled in, nor with how many points, nor its parts, which speak for themselves."""
    assert presences(title, answer) <= {Presence.NOT_ASSESSED}
    part = {"code": {"text": "Comment"}, "valueString": "done"}
    found = observations.read({**seen(title, 0, None).resource, "component": [part]}, terminology())
    assert {each.presence for each in found.evidence} <= {Presence.NOT_ASSESSED}


@pytest.mark.parametrize("label", ["Saddle numbness location", "Incontinence onset date", "Onset of leg weakness", "Fall risk: incontinence"])
def test_the_name_of_a_detail_says_nothing_without_an_answer(label: str) -> None:
    assert presences(label, None) <= {Presence.NOT_ASSESSED}


def test_a_score_of_ours_in_words_is_a_score() -> None:
    for question in ("Leg pain score", "Calf cramp pain score"):
        (evidence,) = observations.read(seen(question, 0, "8/10").resource, terminology()).evidence
        assert evidence.reading is not None
        assert evidence.reading.value == 8


@pytest.mark.parametrize(
    ("title", "answer", "presence"),
    [
        ("Cauda equina screen", "Positive", PRESENT),
        ("Cauda equina screen", "Negative", ABSENT),
        ("Incontinence screen", "Positive", PRESENT),
        ("Saddle anaesthesia assessment", "Absent", ABSENT),
        ("Incontinence assessment", "Incontinent of urine", PRESENT),
        ("Leg weakness assessment", "4/5 left", PRESENT),
        ("Reduced anal tone on PR exam", "Yes", PRESENT),
        ("Neuro exam: leg weakness", "Yes", PRESENT),
        ("Saddle numbness reported on questionnaire", "Yes", PRESENT),
        ("Incontinence screen positive", "Yes", PRESENT),
    ],
)
def test_what_a_form_found(title: str, answer: str, presence: Presence) -> None:
    assert presences(title, answer) == {presence}


@pytest.mark.parametrize("label", ["Allergies", "Family history", "Goals", "Discharge instructions", "Consent discussion", "Complications discussed"])
def test_what_a_label_says_is_not_of_now(label: str) -> None:
    assert presences(label, "Urinary incontinence and saddle numbness") == set()


def test_a_long_label_is_no_title_and_soon_told() -> None:
    """Short labels only: what a title is takes longer with each word."""
    assert not text_answers.is_title("on " * 100_000 + "screen")
    assert not text_answers.is_question("type! " * 100_000)
