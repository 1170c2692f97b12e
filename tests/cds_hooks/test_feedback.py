"""What clinicians do with cards: taken in every dialect, and only a real answer to a real card quiets anything."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from calls import SERVICE, call
from charts import AS_OF, PATIENT, Chart, lab, order, problem, seen
from evaluating import NOW, policy, raw, uuids
from keeping import entries
from starlette.testclient import TestClient
from tokens import BASE, SERVICE_URL, bearer, claims, jwks_file
from tokens import production_settings as production

from cards.guidance.case import Case
from cards.guidance.chart import Chart as GuidanceChart
from cards.guidance.decide import decide
from cards.guidance.derive import DERIVATIONS
from cards.guidance.findings import Finding, Found
from cards.guidance.rules import RULES
from cards.render import OVERRIDE_REASONS
from cds_hooks.app import create_app
from cds_hooks.audit.database import Database, database
from cds_hooks.audit.issued import Issued, answer
from cds_hooks.chart.prefetch import answers
from cds_hooks.chart.reads import Completed
from cds_hooks.evaluation import chart_of, concluded
from cds_hooks.quiet import MANAGED, QUIET_FOR, Quieted, Shown, Why
from cds_hooks.settings import Settings
from cds_hooks.trust.clients import Client

FEEDBACK = f"{SERVICE}/feedback"
REASONS = "https://example.org/pinched-nerve-cds/CodeSystem/override-reason"
RED_FLAG = Chart((problem("leg cramps", 5), problem("urinary incontinence", 2)))
WARNING = Chart((problem("leg cramps", 5), problem("left leg weakness", 10)))


class Clinic:
    """A chart that is opened again and again, at a time that the test moves on."""

    def __init__(self, settings: Settings, **how: Any) -> None:
        self.now: datetime = NOW
        self.settings = settings
        self.client = TestClient(create_app(settings, clock=lambda: self.now), base_url=how.pop("base", "http://127.0.0.1:8000"), **how)

    def opened(self, chart: Chart = RED_FLAG, headers: dict[str, str] | None = None, **members: Any) -> list[dict[str, Any]]:
        answer = self.client.post(SERVICE, json=call(chart, **members), headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()["cards"]

    def answered(self, card: dict[str, Any], reason: str | None = "imaging-requested-or-done", headers: dict[str, str] | None = None, **members: Any) -> None:
        override = {"overrideReason": {"reason": {"system": REASONS, "code": reason}}} if reason else {}
        self.told({"card": card["uuid"], "outcome": "overridden", **override, **members}, headers=headers)

    def told(self, *items: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        answer = self.client.post(FEEDBACK, json={"feedback": list(items)}, headers=headers)
        assert (answer.status_code, answer.json()) == (200, {})

    @property
    def latest(self) -> dict[str, Any]:
        return entries(self.settings.data_dir)[-1][1]


@pytest.fixture
def clinic(sandbox) -> Iterator[Clinic]:
    clinic = Clinic(sandbox)
    with clinic.client:
        yield clinic


def topics(cards: list[dict[str, Any]]) -> list[str]:
    return [each["source"]["topic"]["code"] for each in cards]


def test_an_answered_red_flag_is_one_line_for_a_day(clinic) -> None:
    (card,) = clinic.opened()
    clinic.answered(card)
    clinic.now += timedelta(hours=23)
    (reminder,) = clinic.opened()
    assert (reminder["indicator"], topics([reminder])) == ("info", ["RedFlagWorkupFound"])
    assert "MRI requested or done" in reminder["summary"]
    assert NOW.strftime("%Y-%m-%d %H:%M") in reminder["summary"]
    (quieted,) = clinic.latest["quieted"]
    assert (quieted["rule"], quieted["reason"], quieted["card"]) == ("R01", "imaging-requested-or-done", card["uuid"])
    assert {each["rule"]: each["outcome"] for each in clinic.latest["rules"]}["R01"] == "quieted"
    clinic.now += timedelta(hours=2)
    assert topics(clinic.opened()) == ["CaudaEquinaRedFlags"]


@pytest.mark.parametrize("more", [problem("urinary incontinence", 1), problem("bowel incontinence", 1), problem("leg cramps", 5), seen("foot drop", 1)])
def test_a_new_record_shows_the_red_flag_again_at_once(clinic, more) -> None:
    (card,) = clinic.opened()
    clinic.answered(card)
    assert "CaudaEquinaRedFlags" in topics(clinic.opened(Chart((*RED_FLAG.facts, more))))


def test_a_changed_record_shows_it_again_and_a_new_id_alone_does_not(clinic) -> None:
    (card,) = clinic.opened()
    clinic.answered(card)
    changed = Chart((problem("leg cramps", 5), problem("urinary incontinence", 2, status="recurrence")))
    assert topics(clinic.opened(changed)) == ["CaudaEquinaRedFlags"]
    again = call(RED_FLAG)
    for entry in again["prefetch"]["conditions"]["entry"]:
        entry["resource"]["id"] += "-copy"
    assert topics(clinic.client.post(SERVICE, json=again).json()["cards"]) == ["RedFlagWorkupFound"]


def test_what_is_no_evidence_shows_nothing_again(clinic) -> None:
    """A note is not read, so it cannot change what was answered; the card and the documents say so."""
    (card,) = clinic.opened()
    clinic.answered(card)
    again = call(RED_FLAG)
    for entry in again["prefetch"]["conditions"]["entry"]:
        entry["resource"]["note"] = [{"text": "much worse today"}]
    (reminder,) = clinic.client.post(SERVICE, json=again).json()["cards"]
    assert topics([reminder]) == ["RedFlagWorkupFound"]
    assert "a note does not" in reminder["detail"]


@pytest.mark.parametrize("reason", [code for code, _ in OVERRIDE_REASONS])
def test_only_managed_reasons_quiet(clinic, reason) -> None:
    (card,) = clinic.opened()
    clinic.answered(card, reason)
    assert (topics(clinic.opened()) == ["RedFlagWorkupFound"]) == (reason in MANAGED)
    assert ("quietUntil" in entries(clinic.settings.data_dir)[-2][1]["feedback"][0]) == (reason in MANAGED)


def test_already_treating_quiets_electrolytes_only(clinic) -> None:
    chart = Chart((seen("leg cramps", 3), lab("potassium", 2.2, "mmol/L", 1)))
    before = clinic.opened(chart)
    for card in before:
        clinic.answered(card, "already-treating")
    assert topics(before) == ["MetabolicContributor"]
    assert clinic.opened(chart) == []


def test_a_warning_is_quiet_for_a_week_and_says_nothing_meanwhile(clinic) -> None:
    (card,) = clinic.opened(WARNING)
    assert card["indicator"] == "warning"
    clinic.answered(card, "examined-no-red-flag")
    clinic.now += timedelta(days=6)
    assert clinic.opened(WARNING) == []
    assert clinic.latest["outcome"] == "quieted cards"
    clinic.now += timedelta(days=2)
    assert clinic.opened(WARNING)


def test_an_accepted_suggestion_quiets(clinic) -> None:
    (card,) = clinic.opened()
    clinic.told({"card": card["uuid"], "outcome": "accepted", "acceptedSuggestions": [{"id": card["suggestions"][0]["uuid"]}]})
    assert topics(clinic.opened()) == ["RedFlagWorkupFound"]
    assert clinic.latest["quieted"][0]["reason"] == "suggestion-accepted"


@pytest.mark.parametrize("named", ["made up", "c0ffee00-0000-4000-8000-000000000000", "of another card"])
def test_a_suggestion_that_the_card_did_not_offer_quiets_nothing(clinic, named) -> None:
    (card,), (other,) = clinic.opened(), clinic.opened(WARNING)
    named = other["suggestions"][0]["uuid"] if named == "of another card" else named
    clinic.told({"card": card["uuid"], "outcome": "accepted", "acceptedSuggestions": [{"id": named}]})
    (told,) = clinic.latest["feedback"]
    assert (told["acceptedSuggestions"], told["notOffered"], "quietUntil" in told) == ([named], [named], False)
    assert topics(clinic.opened()) == ["CaudaEquinaRedFlags"]


def test_one_suggestion_that_was_offered_is_enough_however_it_is_spelled(clinic) -> None:
    (card,) = clinic.opened()
    clinic.told({"card": card["uuid"], "outcome": "accepted", "acceptedSuggestions": [{"id": "x"}, {"id": card["suggestions"][0]["uuid"].upper()}]})
    assert clinic.latest["feedback"][0]["notOffered"] == ["x"]
    assert topics(clinic.opened()) == ["RedFlagWorkupFound"]


@pytest.mark.parametrize("system", [REASONS, ""])
def test_an_override_reason_that_only_sounds_like_an_accepted_suggestion_quiets_nothing(clinic, system) -> None:
    (card,) = clinic.opened()
    clinic.told({"card": card["uuid"], "outcome": "overridden", "overrideReason": {"reason": {"system": system, "code": "suggestion-accepted"}}})
    assert topics(clinic.opened()) == ["CaudaEquinaRedFlags"]


@pytest.mark.parametrize(("code", "quiet"), [("record-wrong", False), ("imaging-requested-or-done", True)])
def test_a_reason_beside_an_accepted_suggestion_must_say_that_somebody_has_seen_to_it(clinic, code, quiet) -> None:
    (card,) = clinic.opened()
    accepted = {"outcome": "accepted", "acceptedSuggestions": [{"id": card["suggestions"][0]["uuid"]}]}
    clinic.told({"card": card["uuid"], **accepted, "overrideReason": {"reason": {"system": REASONS, "code": code}}})
    assert topics(clinic.opened()) == ["RedFlagWorkupFound" if quiet else "CaudaEquinaRedFlags"]


def test_an_accepted_suggestion_of_a_purged_call_quiets_nothing(clinic) -> None:
    """Nobody can say any more what was offered; the answer is kept, and the card is shown."""
    (card,) = clinic.opened()
    clinic.opened()
    with sqlite3.connect(clinic.settings.data_dir / "audit.sqlite3") as store:
        store.execute("DELETE FROM entries WHERE sequence < (SELECT max(sequence) FROM entries)")
    clinic.told({"card": card["uuid"], "outcome": "accepted", "acceptedSuggestions": [{"id": card["suggestions"][0]["uuid"]}]})
    assert ("patient" in clinic.latest["feedback"][0], "quietUntil" in clinic.latest["feedback"][0]) == (False, False)


def test_an_answer_names_the_patient_and_the_user_who_was_shown_the_card(clinic) -> None:
    context = {"userId": "Practitioner/seven", "patientId": PATIENT, "encounterId": "enc-5"}
    (card,) = clinic.opened(context=context)
    clinic.told({"card": card["uuid"], "outcome": "overridden"}, {"card": "unknown", "outcome": "overridden"})
    known, unknown = clinic.latest["feedback"]
    assert [known.get(each) for each in ("patient", "user", "encounter")] == [f"Patient/{PATIENT}", "Practitioner/seven", "enc-5"]
    assert not {"patient", "user", "encounter"} & unknown.keys()
    sequence = clinic.latest["sequence"]
    for asked in (f"patient={PATIENT}", "user=seven", "encounter=enc-5"):
        assert f"/audit/entries/{sequence}" in clinic.client.get(f"/audit?kind=feedback&{asked}").text
    assert f"/audit/entries/{sequence}" not in clinic.client.get("/audit?kind=feedback&patient=another").text
    (row,) = csv.DictReader(io.StringIO(clinic.client.get("/audit/export/csv?kind=feedback").text))
    assert (row["patient"], row["user"]) == (f"Patient/{PATIENT}", "Practitioner/seven")


@pytest.mark.parametrize(
    "elsewhere",
    [{"context": {"userId": "Practitioner/example", "patientId": "another"}, "prefetch": ...}, {"fhirServer": "https://other.example/fhir"}],
    ids=["another patient", "another server"],
)
def test_an_answer_counts_where_the_card_was_shown(clinic, elsewhere) -> None:
    (card,) = clinic.opened()
    clinic.answered(card)
    if elsewhere.get("prefetch") is ...:
        elsewhere = {**elsewhere, "prefetch": _about(RED_FLAG, "another")}
    assert topics(clinic.opened(**elsewhere)) == ["CaudaEquinaRedFlags"]


def _about(chart: Chart, patient: str) -> dict[str, Any]:
    return json.loads(json.dumps(chart.prefetch()).replace(f"Patient/{PATIENT}", f"Patient/{patient}").replace(f'"id": "{PATIENT}"', f'"id": "{patient}"'))


def test_another_user_sees_the_answer_too(clinic) -> None:
    (card,) = clinic.opened()
    clinic.answered(card)
    other = call(RED_FLAG)["context"] | {"userId": "Practitioner/other"}
    assert topics(clinic.opened(context=other)) == ["RedFlagWorkupFound"]


def test_repeating_an_answer_prolongs_nothing(clinic) -> None:
    (card,) = clinic.opened()
    clinic.answered(card)
    clinic.now += timedelta(hours=20)
    clinic.answered(card)
    assert clinic.latest["feedback"][0]["repeat"]
    clinic.now += timedelta(hours=5)
    assert topics(clinic.opened()) == ["CaudaEquinaRedFlags"]


def test_of_two_answers_at_once_the_first_counts(clinic) -> None:
    (card,) = clinic.opened()
    reasons = [{"overrideReason": {"reason": {"code": code}}} for code in ("goals-of-care", "examined-no-red-flag")]
    clinic.told(*({"card": card["uuid"], "outcome": "overridden", **each} for each in reasons))
    assert [each.get("repeat", False) for each in clinic.latest["feedback"]] == [False, True]
    clinic.opened()
    assert clinic.latest["quieted"][0]["reason"] == "goals-of-care"


async def _both(issued: Database, card: str) -> list[Shown]:
    connection = issued.ready()
    for reason in ("goals-of-care", "examined-no-red-flag"):
        with issued.writing(connection):
            answer(card, reason, NOW, NOW + timedelta(hours=24))(connection, 0)
    connection.close()
    return list((await Issued(issued).known([card])).values())


def test_of_two_workers_at_once_the_first_counts(clinic) -> None:
    (card,) = clinic.opened()
    (shown,) = asyncio.run(_both(database(None, clinic.settings.data_dir), card["uuid"]))
    assert shown.reason == "goals-of-care"


def test_the_reminder_itself_quiets_nothing(clinic) -> None:
    (card,) = clinic.opened()
    clinic.answered(card)
    (reminder,) = clinic.opened()
    clinic.answered(reminder, "goals-of-care")
    (told,) = clinic.latest["feedback"]
    assert (told["known"], "quietUntil" in told) == (True, False)
    assert topics(clinic.opened()) == ["RedFlagWorkupFound"]
    clinic.now += timedelta(hours=25)
    assert topics(clinic.opened()) == ["CaudaEquinaRedFlags"]


def test_a_not_evaluated_card_is_never_quiet(clinic) -> None:
    for _ in range(2):
        (card,) = clinic.opened(context={"userId": "u", "patientId": "someone-else"})
        assert topics([card]) == ["NotEvaluated"]
        clinic.answered(card, "examined-no-red-flag")
        assert clinic.latest["feedback"][0]["known"]


def test_a_quiet_card_does_not_hide_that_part_of_the_chart_is_missing(clinic) -> None:
    (card,) = clinic.opened(WARNING)
    clinic.answered(card, "examined-no-red-flag")
    without = {key: value for key, value in call(WARNING)["prefetch"].items() if key in {"patient", "conditions"}}
    assert topics(clinic.opened(prefetch=without)) == ["NotEvaluated"]


EPIC = {
    "card": "123456",
    "outcome": "overridden",
    "overrideReasons": {"reason": {"system": " urn:oid:1.2 ", "code": "1"}, "userComment": "<script>alert(1)</script>", "extension": {"x": 1}},
    "outcomeTimestamp": "2020-12-11T00:00:00Z",
}


def test_dialects_and_unknown_cards_are_taken(clinic) -> None:
    odd = [
        EPIC,
        {"card": "x", "outcome": "overridden", "overrideReasons": [{"userComment": "y" * 5000}]},
        {"card": "y"},
        {"card": "z", "outcome": "accepted", "acceptedSuggestions": "no list", "overrideReason": 7},
    ]
    clinic.told(*odd)
    first, second, third, fourth = clinic.latest["feedback"]
    assert (first["known"], first["reason"], first["comment"]) == (False, {"system": "urn:oid:1.2", "code": "1"}, "<script>alert(1)</script>")
    assert len(second["comment"]) == 1000
    assert (third["outcome"], fourth["outcome"]) == ("not stated", "accepted")
    assert clinic.latest["kind"] == "feedback"


READ = [
    ({"overrideReason": {"reason": {"code": "1"}}, "overrideReasons": [{"reason": {"code": "2"}, "userComment": "b"}]}, ["1", "2"], "b", []),
    ({"overrideReasons": [{"reason": {"code": x}, "userComment": f"of {x}"} for x in ("1", "2")]}, ["1", "2"], "of 1; of 2", []),
    ({"overrideReason": {"reason": {"coding": [{"system": "urn:x", "code": "1"}], "text": "Seen"}}}, ["1"], None, []),
    ({"overrideReason": {"code": "1", "system": "urn:x"}}, ["1"], None, []),
    ({"overrideReason": {"reason": {"text": "Seen already"}, "userComment": "yes"}}, [], "Seen already; yes", []),
    ({"overrideReason": "Seen already"}, [], "Seen already", []),
    ({"userComment": "at the top"}, [], "at the top", []),
    ({"overrideReason": 7}, [], None, ["overrideReasons"]),
    ({"overrideReasons": [{"reason": {"code": str(x)}} for x in range(11)]}, [str(x) for x in range(10)], None, ["overrideReasons"]),
]


HANDS = {
    "an answer nobody gave": "UPDATE issued SET quiet_until = 4102444800, overridden_at = {now}, reason = 'examined-no-red-flag'",
    "one that names the call's entry": "UPDATE issued SET quiet_until = 4102444800, overridden_at = {now}, reason = 'other', answered_in = sequence",
}


@pytest.mark.parametrize("statement", HANDS.values(), ids=HANDS)
def test_a_hand_in_the_database_quiets_no_red_flag(clinic, statement) -> None:
    clinic.opened()
    with closing(sqlite3.connect(clinic.settings.data_dir / "audit.sqlite3")) as store:
        store.execute(statement.format(now=NOW.timestamp()))
        store.commit()
    assert topics(clinic.opened()) == ["CaudaEquinaRedFlags"]


@pytest.mark.parametrize("changed", ["rule = 'R02'", "scope = x'00'", "evidence = '{}'", "urgency = 'for information'", "client = 'other'"])
def test_an_answer_counts_for_the_card_it_was_given_to_and_no_other(clinic, changed) -> None:
    """Also when the card that was sent is made to look like another one afterwards."""
    (card,) = clinic.opened()
    clinic.answered(card)
    assert topics(clinic.opened()) == ["RedFlagWorkupFound"]
    with closing(sqlite3.connect(clinic.settings.data_dir / "audit.sqlite3")) as store:
        before = store.execute("SELECT rule, scope, evidence, urgency, client FROM issued WHERE card = ?", (card["uuid"],)).fetchone()
        store.execute(f"UPDATE issued SET {changed} WHERE card = ?", (card["uuid"],))
        assert store.execute("SELECT rule, scope, evidence, urgency, client FROM issued WHERE card = ?", (card["uuid"],)).fetchone() != before
        store.commit()
    assert topics(clinic.opened()) == ["CaudaEquinaRedFlags"]


@pytest.mark.parametrize(("said", "codes", "comment", "unread"), READ)
def test_every_reason_and_every_word_is_kept(clinic, said, codes, comment, unread) -> None:
    clinic.told({"card": "x", "outcome": "overridden", **said})
    (kept,) = clinic.latest["feedback"]
    reasons = [kept.get("reason", {}), *kept.get("furtherReasons", [])]
    assert ([each["code"] for each in reasons if each], kept.get("comment"), kept.get("notUnderstood", [])) == (codes, comment, unread)


def test_suggestions_told_as_bare_ids_are_read(clinic) -> None:
    (card,) = clinic.opened()
    clinic.told({"card": card["uuid"].upper(), "outcome": "accepted", "acceptedSuggestions": [card["suggestions"][0]["uuid"]]})
    (kept,) = clinic.latest["feedback"]
    assert (kept["known"], kept["card"], "quietUntil" in kept) == (True, card["uuid"], True)


@pytest.mark.parametrize(
    ("codes", "quiet"),
    [
        (["examined-no-red-flag", "imaging-requested-or-done"], True),
        (["examined-no-red-flag", "record-wrong"], False),
        (["record-wrong", "examined-no-red-flag"], False),
        (["examined-no-red-flag", "other"], False),
    ],
)
def test_several_reasons_quiet_a_card_only_if_each_says_that_somebody_has_seen_to_it(clinic, codes, quiet) -> None:
    (card,) = clinic.opened()
    clinic.told({"card": card["uuid"], "outcome": "overridden", "overrideReasons": [{"reason": {"code": each}} for each in codes]})
    (kept,) = clinic.latest["feedback"]
    assert ("quietUntil" in kept, kept.get("dataQuality", False)) == (quiet, "record-wrong" in codes)
    assert (topics(clinic.opened()) != ["CaudaEquinaRedFlags"]) is quiet


@pytest.mark.parametrize("beside", [{"reason": {"text": "Record wrong"}}, "Record wrong", 7])
def test_a_reason_that_could_not_be_understood_quiets_nothing_whatever_stands_beside_it(clinic, beside) -> None:
    (card,) = clinic.opened()
    clinic.told({"card": card["uuid"], "outcome": "overridden", "overrideReasons": [{"reason": {"code": "examined-no-red-flag"}}, beside]})
    assert clinic.latest["feedback"][0]["notUnderstood"] == ["overrideReasons"]
    assert topics(clinic.opened()) == ["CaudaEquinaRedFlags"]


OURS, ALSO_OURS = {"system": REASONS, "code": "examined-no-red-flag"}, {"system": REASONS, "code": "record-wrong"}
CONTRADICTIONS = {
    "a code beside the reason": {"code": "other", "reason": OURS},
    "a code beside the coding": {"reason": {"code": "other", "coding": [OURS]}},
    "two codings of ours": {"reason": {"coding": [OURS, ALSO_OURS]}},
    "a coding beside the reason": {"coding": [ALSO_OURS], "reason": OURS},
    "a system that is no text": {"reason": {**OURS, "system": 5}},
}


@pytest.mark.parametrize("said", CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_a_reason_that_says_two_things_quiets_nothing(clinic, said) -> None:
    (card,) = clinic.opened()
    clinic.told({"card": card["uuid"], "outcome": "overridden", "overrideReason": said})
    assert clinic.latest["feedback"][0]["notUnderstood"] == ["overrideReasons"]
    assert topics(clinic.opened()) == ["CaudaEquinaRedFlags"]


def test_a_coding_of_another_system_beside_ours_says_the_same(clinic) -> None:
    (card,) = clinic.opened()
    reason = {"coding": [OURS, {"system": "urn:oid:1.2", "code": "17"}], "text": "Examined"}
    clinic.told({"card": card["uuid"], "outcome": "overridden", "overrideReason": {"reason": reason}})
    assert "notUnderstood" not in clinic.latest["feedback"][0]
    assert topics(clinic.opened()) == ["RedFlagWorkupFound"]


@pytest.mark.parametrize("said", [{"userComment": ["words"]}, {"overrideReason": {"reason": OURS, "userComment": {"text": "words"}}}])
def test_words_that_are_no_text_are_told_as_not_understood(clinic, said) -> None:
    clinic.told({"card": "x", "outcome": "overridden", **said})
    assert clinic.latest["feedback"][0]["notUnderstood"] == ["userComment"]


@pytest.mark.parametrize(
    "body",
    [
        '{"feedback": [{"card": "CANARY", "outcome": "accepted"}], "feedback": [{"card": "y"}]}',
        '{"feedback": [{"card": "CANARY", "outcome": "accepted", "outc\\u006fme": "overridden"}]}',
        '{"feedback": [{"card": "x", "z": 1' + "0" * 5_000 + ', "w": "' + "x" * 20_000 + '"}]}',
    ],
)
def test_an_answer_that_two_readers_would_read_differently_is_refused(clinic, body) -> None:
    answer = clinic.client.post(FEEDBACK, content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["resourceType"]) == (400, "OperationOutcome")
    assert "CANARY" not in answer.text


def test_a_comment_beside_a_reason_is_no_reason(clinic) -> None:
    (card,) = clinic.opened()
    clinic.told({"card": card["uuid"], "outcome": "overridden", "overrideReasons": [{"reason": {"code": "examined-no-red-flag"}}, {"userComment": "at 10:00"}]})
    assert topics(clinic.opened()) == ["RedFlagWorkupFound"]


def test_a_foreign_code_that_sounds_like_ours_quiets_nothing(clinic) -> None:
    (card,) = clinic.opened()
    clinic.told({"card": card["uuid"], "outcome": "overridden", "overrideReason": {"reason": {"system": "http://else", "code": "goals-of-care"}}})
    assert topics(clinic.opened()) == ["CaudaEquinaRedFlags"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"feedback": {}},
        {"feedback": [{}]},
        {"feedback": [{"card": " "}]},
        {"feedback": [{"card": 5}]},
        {"feedback": ["CANARY"]},
        {"feedback": [{"card": "x"}] * 501},
    ],
)
def test_what_is_no_feedback(clinic, body) -> None:
    answer = clinic.client.post(FEEDBACK, json=body)
    assert (answer.status_code, answer.json()["resourceType"]) == (400, "OperationOutcome")
    assert "CANARY" not in answer.text
    assert (clinic.latest["kind"], clinic.latest["correlationId"]) == ("refused", answer.json()["id"])


def test_no_such_service(clinic) -> None:
    assert clinic.client.post("/cds-services/other/feedback", json={"feedback": []}).status_code == 404
    assert clinic.client.get(FEEDBACK).status_code == 405


def test_a_batch_is_one_entry_and_answers_each_card(clinic) -> None:
    first, second = clinic.opened()[0], clinic.opened(WARNING, fhirServer="https://b.example")[0]
    clinic.told(*({"card": each["uuid"], "outcome": "overridden", "overrideReason": {"reason": {"code": "goals-of-care"}}} for each in (first, second)))
    assert [each["rule"] for each in clinic.latest["feedback"]] == ["R01", "R04w"]


def test_a_wrong_record_is_marked_for_whoever_looks_after_data(clinic) -> None:
    (card,) = clinic.opened()
    clinic.answered(card, "record-wrong")
    assert clinic.latest["feedback"][0]["dataQuality"]


def test_an_information_card_is_not_repeated_to_the_same_user(sandbox) -> None:
    chart = Chart((problem("sciatica", 20), seen("leg numbness", 3)))
    clinic = Clinic(sandbox.model_copy(update={"quiet_info_days": 30}))
    with clinic.client:
        (card,) = clinic.opened(chart)
        assert card["indicator"] == "info"
        assert clinic.opened(chart) == []
        assert (clinic.latest["outcome"], clinic.latest["quieted"][0]["why"]) == ("quieted cards", "shown before to the same user")
        assert clinic.opened(chart, context=call(chart)["context"] | {"userId": "Practitioner/other"})
        assert [topics(clinic.opened(RED_FLAG)) for _ in range(2)] == [["CaudaEquinaRedFlags"]] * 2


def test_in_production_feedback_is_signed_and_only_the_client_that_got_the_card_quiets_it(tmp_path) -> None:
    settings = production(tmp_path)
    other = Client(name="clinic", issuer="https://other.example", jwks_file=jwks_file(tmp_path, "ES384", "RS384"))
    clinic = Clinic(settings.model_copy(update={"clients": (*settings.clients, other)}), base=BASE, client=("203.0.113.9", 5000))
    clinic.now = datetime.now(UTC)
    ago = (clinic.now.date() - AS_OF).days
    today = Chart((problem("leg cramps", 5 - ago), problem("urinary incontinence", 2 - ago)))
    with clinic.client:
        (card,) = clinic.opened(chart=today, headers=bearer(claims()))
        assert clinic.client.post(FEEDBACK, json={"feedback": []}).status_code == 401
        assert clinic.client.post(FEEDBACK, json={"feedback": []}, headers=bearer(claims(aud=BASE))).status_code == 401
        clinic.answered(card, headers=bearer(claims(iss="https://other.example", aud=f"{SERVICE_URL}/feedback")))
        assert clinic.latest["feedback"][0]["ofAnotherClient"]
        assert "patient" not in clinic.latest["feedback"][0]
        assert topics(clinic.opened(chart=today, headers=bearer(claims()))) == ["CaudaEquinaRedFlags"]
        clinic.answered(card, headers=bearer(claims(aud=f"{SERVICE_URL}/feedback", tenant="another")))
        assert clinic.latest["feedback"][0]["ofAnotherClient"]
        token = bearer(claims(aud=f"{SERVICE_URL}/feedback"))
        clinic.answered(card, headers=token)
        assert clinic.client.post(FEEDBACK, json={"feedback": []}, headers=token).status_code == 401
        assert topics(clinic.opened(chart=today, headers=bearer(claims()))) == ["RedFlagWorkupFound"]


def test_every_rule_has_a_time_of_its_urgency() -> None:
    assert {rule.urgency for rule in RULES} <= set(QUIET_FOR)


LATE = {"outcomeTimestamp": (NOW + timedelta(minutes=5)).isoformat().replace("+00:00", "Z")}


def test_an_answer_told_late_quiets_from_when_it_was_given(clinic) -> None:
    (card,) = clinic.opened()
    clinic.now += timedelta(hours=20)
    clinic.answered(card, **LATE)
    (reminder,) = clinic.opened()
    assert (NOW + timedelta(minutes=5)).strftime("%Y-%m-%d %H:%M") in reminder["summary"]
    clinic.now += timedelta(hours=5)
    assert topics(clinic.opened()) == ["CaudaEquinaRedFlags"]


def test_an_answer_told_when_its_time_is_over_quiets_nothing(clinic) -> None:
    (card,) = clinic.opened()
    clinic.now += timedelta(hours=30)
    clinic.answered(card, **LATE)
    assert "quietUntil" not in clinic.latest["feedback"][0]
    assert topics(clinic.opened()) == ["CaudaEquinaRedFlags"]


@pytest.mark.parametrize(
    ("said", "from_receipt"), [("2020-12-11T00:00:00Z", False), ("0001-01-01T00:00:00+14:00", False), ("2199-01-01T00:00:00", True), ("today", True)]
)
def test_a_time_that_cannot_be_is_moved_between_card_and_receipt(clinic, said, from_receipt) -> None:
    (card,) = clinic.opened()
    clinic.now += timedelta(hours=2)
    clinic.answered(card, outcomeTimestamp=said)
    since = clinic.now if from_receipt else NOW
    assert clinic.latest["feedback"][0]["quietUntil"] == (since + timedelta(hours=24)).isoformat()


@pytest.mark.parametrize("accepted", [{}, {"acceptedSuggestions": []}, {"acceptedSuggestions": [{"id": " "}]}])
def test_accepted_without_a_suggestion_quiets_nothing(clinic, accepted) -> None:
    (card,) = clinic.opened()
    clinic.told({"card": card["uuid"], "outcome": "accepted", **accepted})
    assert topics(clinic.opened()) == ["CaudaEquinaRedFlags"]


def test_a_clock_that_went_ahead_and_back_leaves_nothing_quiet_for_longer(clinic) -> None:
    clinic.now += timedelta(days=5)
    (card,) = clinic.opened(RED_FLAG)
    clinic.answered(card)
    clinic.now = NOW
    assert topics(clinic.opened()) == ["CaudaEquinaRedFlags"]


def test_no_hand_in_the_database_keeps_a_card_quiet_for_longer(clinic) -> None:
    (card,) = clinic.opened()
    clinic.answered(card)
    with sqlite3.connect(clinic.settings.data_dir / "audit.sqlite3") as store:
        store.execute("UPDATE issued SET quiet_until = 4102444800")
    clinic.now += timedelta(hours=23)
    assert topics(clinic.opened()) == ["RedFlagWorkupFound"]
    clinic.now += timedelta(hours=2)
    assert topics(clinic.opened()) == ["CaudaEquinaRedFlags"]


def test_a_red_flag_under_work_up_is_not_quiet_because_it_was_seen(sandbox) -> None:
    chart = Chart((*RED_FLAG.facts, order("lumbar MRI", 1)))
    clinic = Clinic(sandbox.model_copy(update={"quiet_info_days": 30}))
    with clinic.client:
        assert [topics(clinic.opened(chart)) for _ in range(2)] == [["RedFlagWorkupFound"]] * 2


def test_the_reminder_tells_what_was_folded_into_the_quiet_card(clinic) -> None:
    (card,) = clinic.opened()
    clinic.answered(card)
    (reminder,) = clinic.opened(Chart((*RED_FLAG.facts, lab("potassium", 3.1, "mmol/L", 1))))
    assert topics([reminder]) == ["RedFlagWorkupFound"]
    assert "3.1 mmol/L" in reminder["detail"]


def test_the_reminder_tells_of_rules_that_could_not_be_judged() -> None:
    def broken(_: Case) -> Found:
        raise ZeroDivisionError

    chart, quiet = chart_of(Completed(answers(raw(RED_FLAG.prefetch()))), PATIENT, AS_OF), Quieted("R01", Why.OVERRIDDEN, NOW, NOW + timedelta(hours=24), "x")
    case = GuidanceChart(evidence=chart.reading.evidence, person=chart.reading.person, supplied=chart.supplied)
    decision = decide(case, AS_OF, policy().numbers, derivations={**DERIVATIONS, Finding.BOTH_LEGS_WEAK_URGENT: broken})
    (reminder,) = concluded(chart, decision, {"R01": quiet}, PATIENT, NOW, policy(), uuids()).cards
    assert "could not be judged because of an internal error (R03c)" in reminder.detail
