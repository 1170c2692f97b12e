"""Cards as a clinician reads them and as a client checks them, over every chart of the specification."""

from __future__ import annotations

import json
import re
from functools import cache
from itertools import product

import pytest
from charts import PATIENT, Chart, lab, order, person, problem, seen
from evaluating import evaluated, policy, said
from hypothesis import given
from hypothesis import strategies as st
from spec.table import ROWS

from cards.guidance.article import GUIDELINES
from cards.guidance.changes import CONTINENCE_CONCEPTS
from cards.guidance.decide import Advice
from cards.guidance.findings import Concept, Found, Status
from cards.guidance.interpretations import INTERPRETATIONS
from cards.guidance.rules import RULES
from cards.guidance.symptoms import LEG_SYMPTOMS, ROOT
from cards.model import MAX_SUMMARY, Card, Coding, Source
from cards.render import OVERRIDE_REASONS, summary
from cards.suggestions import DRAFTS, resource
from fhir_mappings import r4

evaluation_of = cache(lambda row: evaluated(row.chart()))

NEVER_SAID = [
    r"diagnosis of",
    r"ruled out",
    r"\bsafe\b",
    r"\bno incontinence\b",
    r"\bno red flags?\b(?! found)",
    r"probabilit",
    r"\brisk score\b",
    r"\bmust be\b",
    r"\byou should\b",
    r"\border now\b",
]
DATED = (
    r"(since|on|recorded|ordered) \d{4}-\d\d-\d\d, (today|\d+ days? ago)|since \d{4}(-\d\d)? \(counted from \d{4}-\d\d-\d\d, (today|\d+ days? ago)\)|"
    r"from \d{4}-\d\d-\d\d to (today|\d{4}-\d\d-\d\d)|timing not recorded|timing not trusted"
)
SECTIONS = ["Found", "Recorded absent", "Not recorded or not assessed", "Why this matters", "Options to consider", "What would change this"]


@pytest.fixture(params=[(row, place) for row in ROWS for place in range(len(row.gives))], ids=lambda each: f"{each[0].name}: {each[0].gives[each[1]]}")
def card(request) -> Card:
    """Each card of each chart of the specification."""
    row, place = request.param
    return evaluation_of(row).cards[place]


def test_summary_stands_alone_on_one_short_line(card: Card) -> None:
    """CARD-02, and short enough for a narrow pane."""
    assert "\n" not in card.summary
    assert len(card.summary) <= MAX_SUMMARY
    assert "{" not in card.summary
    assert "[" not in card.summary
    assert len(card.summary) <= 125


def test_wording(card: Card) -> None:
    text = f"{card.summary}\n{card.detail}"
    for pattern in NEVER_SAID:
        assert not re.search(pattern, text, re.IGNORECASE), pattern
    assert not re.search(r"\bnormal\b", re.sub(r"`[^`]*`", "", text), re.IGNORECASE)


def test_detail_has_its_sections_in_order(card: Card) -> None:
    found = list(re.findall(r"^\*\*(.+)\*\*$", card.detail, re.MULTILINE))
    assert found == [each for each in SECTIONS if each in found]
    assert {"Found", "Why this matters", "Options to consider"} <= set(found)
    assert not re.search(r"<(?!\d)", card.detail), "only a value may lie below a number"


def test_every_fact_is_dated_and_stands_somewhere(card: Card) -> None:
    facts = card.detail.split("**Found**")[1].split("\n\n**")[0].strip().splitlines()
    for fact in facts:
        if fact.startswith(
            (
                "- Cauda equina syndrome has been on record",
                "- Cauda equina syndrome is recorded as suspected since",
                "- Corrected for albumin",
                "- Not corrected for albumin",
            )
        ):
            continue
        assert re.search(DATED, fact), fact
        assert re.search(r"\(record `[^`]+`", fact), fact


def test_two_options_or_more_with_the_examination_first(card: Card) -> None:
    options = card.detail.split("**Options to consider**")[1].split("\n\n**")[0].strip().splitlines()
    assert len(options) >= 2
    assert re.match(r"- (Examine|Ask|Assess|Check that)", options[0])


def test_card_says_what_it_rests_on(card: Card) -> None:
    footer = card.detail.splitlines()[-1]
    assert re.search(r"Rule R\d\d\w?; basis [AGE+]+; cites .+; rule set 2026", footer)
    assert "evaluated 2026-03-15 09:00 UTC" in footer


def test_contract_members(card: Card) -> None:
    assert card.source.topic.system == "https://example.org/pinched-nerve-cds/CodeSystem/guidance-topic"
    assert [each.code for each in card.overrideReasons] == [code for code, _ in OVERRIDE_REASONS]
    assert all(each.display and each.system.endswith("/CodeSystem/override-reason") for each in card.overrideReasons)
    assert {link.url for link in card.links or ()} <= {each.url for each in GUIDELINES.values()}


def test_suggestions_are_drafts_about_this_patient_for_these_reasons(card: Card) -> None:
    """SUG, ACT: one create action each, status draft, intent proposal, valid R4."""
    for suggestion in card.suggestions or ():
        (action,) = suggestion.actions
        body = action.resource
        assert r4.is_valid(body)
        assert (body["status"], body["intent"]) == ("draft", "proposal")
        assert (body.get("subject") or body["for"])["reference"] == f"Patient/{PATIENT}"
        assert body["reasonReference"]
    assert bool(card.suggestions) == (card.selectionBehavior == "any")


def test_nothing_empty_leaves(card: Card) -> None:
    """GEN-03."""

    def empties(value, path="card"):
        if value in (None, "", [], {}) or (isinstance(value, str) and not value.strip()):
            yield path
        for key, each in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list | tuple) else ():
            yield from empties(each, f"{path}.{key}")

    assert not list(empties(json.loads(json.dumps(card.on_the_wire()))))


def test_uuids_are_unique() -> None:
    for evaluation in map(evaluation_of, ROWS):
        ids = [card.uuid for card in evaluation.cards] + [each.uuid for card in evaluation.cards for each in card.suggestions or ()]
        assert len(ids) == len(set(ids))


def test_no_imaging_is_offered_for_the_link_card() -> None:
    (card,) = evaluated(Chart((problem("lumbar radiculopathy", 60), seen("leg cramps", 5)))).cards
    assert not [each.label for each in card.suggestions if re.search(r"MRI|imaging", each.label)]


def test_nothing_is_offered_that_is_already_ordered() -> None:
    facts = (problem("sciatica", 6), problem("urinary incontinence", 2), order("lumbar MRI", 1, priority="routine"), order("bladder scan", 0))
    labels = [each.label for each in evaluated(Chart(facts)).cards[0].suggestions]
    assert not [each for each in labels if re.search(r"MRI|[Bb]ladder scan", each)]
    assert labels


def test_an_order_from_before_the_change_takes_nothing_from_what_is_offered() -> None:
    facts = (problem("sciatica", 6), problem("urinary incontinence", 2), order("lumbar MRI", 800, priority="routine"), order("bladder scan", 60))
    labels = [each.label for each in evaluated(Chart(facts)).cards[0].suggestions]
    assert {"MRI of lumbosacral spine, stat", "Bladder scan for post-void residual, stat"} <= set(labels)


def test_a_problem_that_names_an_mri_is_no_order() -> None:
    facts = (problem("sciatica", 6), problem("urinary incontinence", 2), problem("Awaiting MRI lumbar spine", 1))
    assert "MRI of lumbosacral spine, stat" in [each.label for each in evaluated(Chart(facts)).cards[0].suggestions]


def test_a_residual_measured_today_is_not_asked_for_again() -> None:
    facts = (problem("sciatica", 6), seen("PVR", 0, 650, unit="mL"))
    assert not [each.label for each in evaluated(Chart(facts)).cards[0].suggestions if "Bladder scan" in each.label]


def test_of_many_records_each_kind_is_shown_and_the_others_are_counted() -> None:
    """Nine visits' diagnoses of incontinence do not push the leg symptom off the card."""
    facts = (*(problem("urinary incontinence", 9 - day) for day in range(9)), problem("sciatica", 6))
    detail = evaluated(Chart(facts)).cards[0].detail
    assert "- Radicular leg pain; since" in detail
    assert detail.count("- Urinary incontinence; since") == 7
    assert "- And 2 more records of the same kinds, not listed here." in detail


@pytest.mark.parametrize(("chosen", "indicator"), [("critical", "critical"), ("warning", "warning")])
def test_colour_may_be_lowered_words_never(chosen: str, indicator: str) -> None:
    chart = Chart((problem("leg cramps", 5), problem("urinary incontinence", 2)))
    lowered = policy()
    object.__setattr__(lowered, "critical_indicator", chosen)
    (card,) = evaluated(chart, chosen=lowered).cards
    assert card.indicator == indicator
    assert card.summary.startswith("Possible cauda equina red flags")


def test_a_changed_number_shows_on_the_card() -> None:
    chart = Chart((problem("leg cramps", 5), problem("urinary incontinence", 20)))
    text = said(evaluated(chart, chosen=policy(new_days=21)))
    assert "new 21 d (site setting, default 14)" in text


def test_four_states_are_kept_apart() -> None:
    facts = (
        problem("sciatica", 10),
        problem("leg cramps", 10),
        seen("Bowel continence", 2, "Continent of faeces"),
        seen("MDS urinary continence", 2, "LA11046-2"),
    )
    text = said(evaluated(Chart(facts)))
    assert re.search(r"\*\*Recorded absent\*\*\n\n- Bowel incontinence, recorded absent", text)
    assert "Could not be assessed, bladder" in text
    assert "Could not assess saddle sensation: no such record on or after 2026-03-05" in text
    assert "This does not mean that function is intact." in text


UNREAD = [
    ((lab("potassium", 2.1, "furlong"),), ["Potassium"]),
    ((lab("potassium", 2.1, "", 3), lab("magnesium", 2.1, "furlong", 3), lab("potassium", 4.1, "mmol/L", 1)), ["Magnesium"]),
    ((lab("potassium", 4.1, "mmol/L", 3), lab("potassium", 2.1, "", 1)), ["Potassium"]),
    ((lab("potassium", 2.1, "furlong", 31),), []),
    ((lab("potassium", 4.1, "mmol/L"),), []),
]


@pytest.mark.parametrize(("results", "told"), UNREAD)
def test_a_result_that_cannot_be_read_is_not_taken_for_none(results, told) -> None:
    evaluation = evaluated(Chart((problem("leg cramps", 20), *results)))
    assert re.findall(r"Could not be read \(no value, or a unit that is not known here\): (\w+); on ", said(evaluation)) == told
    reasons = {each.rule: each.reason for each in evaluation.decision.verdicts}
    assert ("could not be assessed" in reasons["R07w"]) == any(each.resource["valueQuantity"]["unit"] != "mmol/L" for each in results)


def test_a_red_flag_card_says_nothing_of_results_that_cannot_be_read() -> None:
    chart = Chart((problem("leg cramps", 5), problem("urinary incontinence", 2), lab("potassium", 2.1, "furlong")))
    assert "Could not be read" not in said(evaluated(chart))


def test_older_incontinence_is_context() -> None:
    text = said(evaluated(Chart((problem("stress incontinence", 1100), problem("leg cramps", 20)))))
    assert "Recorded earlier, before the leg symptom began: Urinary incontinence (named type)" in text


def test_a_record_that_r4_rejects_stays_on_the_card_and_is_marked() -> None:
    broken = problem("urinary incontinence", 2, unheardOf=True)
    assert "unverified: the record is malformed" in said(evaluated(Chart((problem("leg cramps", 5), broken))))


@pytest.mark.parametrize("hostile", ["<img src=x onerror=alert(1)>", "[go](https://evil.example)", "`x` **y**\n# z", "x" * 5000])
def test_chart_words_on_a_card_are_harmless(hostile: str) -> None:
    facts = (problem("leg cramps", 5, said=hostile), problem("urinary incontinence", 2, said=hostile))
    (card,) = evaluated(Chart(facts)).cards
    assert "<" not in card.detail
    assert "](https" not in re.sub(r"`[^`]*`", "", card.detail)
    assert len(card.detail) < 6000


@pytest.mark.parametrize("draft", DRAFTS.values(), ids=list(DRAFTS))
def test_every_draft_is_valid_r4(draft) -> None:
    assert r4.is_valid(resource(draft, "Patient/x", ["Condition/a", "Observation/b"]))
    assert r4.is_valid(resource(draft, "Patient/x", []))


@pytest.mark.parametrize(
    "broken",
    [
        {"summary": "x" * 140},
        {"summary": "a\nb"},
        {"summary": "😀" * 70},
        {"summary": " "},
        {"indicator": "hard-stop"},
        {"selectionBehavior": "any"},
        {"overrideReasons": [{"system": "s", "code": "c"}]},
        {"uuid": "X"},
        {"detail": ""},
    ],
    ids=str,
)
def test_an_invalid_card_cannot_be_made(broken) -> None:
    good = {
        "uuid": "00000000-0000-0000-0000-000000000001",
        "summary": "s",
        "detail": "d",
        "indicator": "info",
        "source": {"label": "l", "topic": {"system": "s", "code": "c"}},
    }
    assert Card(**good)
    with pytest.raises(ValueError, match="validation error"):
        Card(**{**good, **broken})


@given(st.lists(st.sampled_from([fact for row in ROWS for fact in row.facts if fact.resource["resourceType"] != "Patient"]), max_size=12))
def test_any_mixture_of_facts_gives_sound_cards(facts) -> None:
    evaluation = evaluated(Chart((person(), *facts)))
    assert len(evaluation.cards) <= 2
    for card in evaluation.cards:
        assert 0 < len(card.summary) <= MAX_SUMMARY
    ranks = [["critical", "warning", "info"].index(card.indicator) for card in evaluation.cards]
    assert ranks == sorted(ranks)


CHANGED = {"post-void residual above 20000 mL", *(each.value for each in (*CONTINENCE_CONCEPTS, Concept.BUTTOCK_NUMBNESS, Concept.SEXUAL_DYSFUNCTION))}
NEURAL = {*LEG_SYMPTOMS, *ROOT, Concept.UNSITED_RADICULOPATHY, Concept.CAUDA_EQUINA_SYNDROME, Concept.PARAPLEGIA, Concept.BACK_PAIN, Concept.LUMBAR_DISC}
BESIDE = {"reduced leg muscle power", *(each.value for each in NEURAL)}


@pytest.mark.parametrize("rule", [each for each in RULES if {"feature", "finding"} & set(each.slots)], ids=lambda each: each.id)
def test_a_red_flag_summary_keeps_its_last_words_whatever_it_names(rule) -> None:
    """What is to be done stands at the end, and is never cut off by the names before it."""
    ends = re.split(r"[{}\[\]]+", rule.summary)[-1]
    feature, symptom = (findings[0] for findings in rule.slots.values())
    for changed, beside in product(CHANGED, BESIDE):
        said = summary(Advice(rule, (Found(Status.PRESENT, (), changed, None, feature), Found(Status.PRESENT, (), beside, None, symptom))))
        assert said.endswith((f"with {beside}{ends}", f"with {beside.partition(' (')[0]}{ends}"))
        assert len(said) <= MAX_SUMMARY


def test_all_numbers_are_reachable_by_override() -> None:
    for each in INTERPRETATIONS:
        if each.most != each.least:
            assert policy(**{each.id: each.value}).numbers[each.id] == each.value


def test_wire_models_refuse_unknown_members() -> None:
    with pytest.raises(ValueError, match="extra"):
        Source(label="x", topic=Coding(system="s", code="c"), icon="http://x")
