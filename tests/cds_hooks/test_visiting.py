"""A FHIR server that somebody names: what is said when nothing can be read, and the patients of a name. Every message says what to do."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from charts import PATIENT, Chart, Fact, person
from evaluating import NOW
from fhir_faults import HTML, RED_FLAG, ROWS
from fhir_server import CANARY, SECRETS, closed_at_once, fhir_server, outcome, redirect, saying, status

from cds_hooks.chart import visiting
from cds_hooks.chart.access import Access
from cds_hooks.chart.patients import MAX_ASKED, MAX_FOUND, MAX_SHOWN, NAMELESS, People, Person
from cds_hooks.chart.servers import Reach, server
from cds_hooks.chart.transport import ReadFailed

pytestmark = pytest.mark.usefixtures("nothing_is_told")
UNKNOWN = "The server knows no patient of this id"
NO_BASE = "Give its base: many servers have it at a path such as /fhir, /r4 or /baseR4."


def leave(base: str) -> Access:
    return Access(server(base), Reach(anywhere=True))


def visited(base: str, patient: str = PATIENT) -> visiting.Visit:
    return asyncio.run(visiting.visit(leave(base), patient, NOW))


def found(base: str, name: str) -> People:
    return asyncio.run(visiting.people(leave(base), name))


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (closed_at_once, "could not be reached"),
        (status(401), "The server wants a sign-in, or does not take the token. `pinched-nerve-cds check --fhir-server` takes a file with a bearer token"),
        (status(403), "does not allow this to be read"),
        (status(404), f"There is no FHIR server at this address. {NO_BASE}"),
        (status(429, Retry_After="100"), "Wait a minute"),
        (status(500), "Try again later, or another server."),
        (redirect(301, f"https://ehr.example/{CANARY}"), "sends its callers to another address, which is not followed. Give that one"),
        (saying(HTML, "text/html"), "is no FHIR server, or does not speak JSON. Give the base"),
        (saying(HTML), "Give the base"),
        (saying({"message": CANARY}), "What answers there is no FHIR server. Give the base"),
        (saying(outcome("error")), "Nothing could be read: OperationOutcome."),
    ],
)
def test_why_nothing_could_be_read(fault, words) -> None:
    with fhir_server(RED_FLAG) as ehr:
        ehr.faults["*"] = fault
        said = visited(ehr.base)
        with pytest.raises(ReadFailed) as refused:
            found(ehr.base, "Kestrel")
    assert words in said.unread
    assert words in str(refused.value) or str(refused.value) == words
    assert [secret for secret in (*SECRETS, PATIENT) if secret in said.unread + str(refused.value)] == []


def test_nobody_listens() -> None:
    assert "could not be reached" in visited("http://127.0.0.1:1/fhir").unread


def test_a_slow_server(monkeypatch) -> None:
    monkeypatch.setattr(visiting, "SECONDS", 0.25)
    with fhir_server(RED_FLAG, delay=20) as ehr:
        assert "Public test servers are often slow" in visited(ehr.base).unread


def test_a_wrong_id() -> None:
    with fhir_server(RED_FLAG) as ehr:
        assert UNKNOWN in visited(ehr.base, "nobody").unread


@pytest.mark.parametrize(("said", "name"), [("3.0.2", "STU3"), ("1.0.2", "DSTU2"), ("5.0.0", "R5"), ("4.0.1", ""), ("4.3.0", ""), (CANARY, ""), (4, "")])
def test_a_server_of_another_version_says_so_itself(said, name) -> None:
    """Asked only where reading failed: here, where no such patient is known."""
    with fhir_server(RED_FLAG, version=said) as ehr:
        answer = visited(ehr.base, "nobody").unread
        visited(ehr.base)
        assert sum(each.type == "metadata" for each in ehr.asked) == 1
    assert answer.startswith(f"The server speaks FHIR {name}, and R4 is needed" if name else UNKNOWN)


def test_records_of_another_version() -> None:
    row = next(each for each in ROWS if each.name == "STU3")
    with fhir_server(RED_FLAG) as ehr:
        ehr.faults["*"] = row.fault
        assert "another version of FHIR, and R4 is needed" in visited(ehr.base).remark


def test_an_empty_chart_is_remarked_on_and_not_an_error() -> None:
    with fhir_server(Chart((person(),))) as ehr:
        said = visited(ehr.base)
    assert said.unread == ""
    assert "holds no records of this patient" in said.remark
    assert "samples --load" in said.remark


def test_half_a_chart_is_for_the_card_to_say() -> None:
    with fhir_server(RED_FLAG) as ehr:
        ehr.faults["conditions"] = status(500)
        said = visited(ehr.base)
    assert (said.unread, said.remark) == ("", "")


# --- the patients of a name
def called(id: str, **members: Any) -> Fact:
    return Fact({"resourceType": "Patient", "id": id, **members}, id)


EVERYBODY = Chart(
    (
        called("1", name=[{"family": "Kestrel", "given": ["Nora", "B."]}], gender="female", birthDate="1961-04-12"),
        called("2", name=[{"family": "Kestrel", "use": "old"}, {"text": "Kestrel-Finch,\tAda"}], birthDate="1970"),
        called("3", name=[{"family": "<script>alert(1)</script>"}], gender="<b>", birthDate="<i>"),
        called("4", name=[{"family": "Smith, John|$\\"}], gender="male"),
        called("5"),
        called("../../evil", name=[{"family": "Kestrel"}]),
    )
)
NORA = Person("1", "Nora B. Kestrel", "1961-04-12", "female")
ADA = Person("2", "Kestrel-Finch, Ada", "1970")


@pytest.mark.parametrize(
    ("name", "people"),
    [
        ("kestrel", [NORA, ADA]),
        ("  Nora ", [NORA]),
        ("nobody", []),
        ("<script>", [Person("3", "<script>alert(1)</script>")]),
        ("Smith, John|$\\", [Person("4", "Smith, John|$\\", gender="male")]),
        ("Nora&_count=9999#/../x", []),
        ("", [NORA, ADA, Person("3", "<script>alert(1)</script>"), Person("4", "Smith, John|$\\", gender="male"), Person("5", NAMELESS)]),
    ],
)
def test_patients_of_a_name(name, people) -> None:
    with fhir_server(EVERYBODY) as ehr:
        assert found(ehr.base, name) == People(tuple(people))
        assert [each.parameter("_count") for each in ehr.asked] == [str(MAX_FOUND)]
        assert [each.type for each in ehr.asked] == ["Patient"] if name else [each.parameter("name") for each in ehr.asked] == [""]


def test_only_so_many_are_shown_and_asked_for() -> None:
    many = Chart(tuple(called(str(number), name=[{"family": "x" * 500}]) for number in range(MAX_FOUND + 5)))
    with fhir_server(many) as ehr:
        people = found(ehr.base, "x" * 5000)
        assert ehr.asked[0].parameter("name") == "x" * MAX_ASKED
        ehr.faults["*"] = lambda handler, asked, lawful: handler.lawful({**lawful, "entry": [{"resource": each} for each in ehr.resources], "link": []})
        at_once = found(ehr.base, "x")
    assert people == at_once
    assert (len(people.found), people.more) == (MAX_FOUND, True)
    assert {each.name for each in people.found} == {"x" * MAX_SHOWN}


@pytest.mark.parametrize(
    "entry",
    [None, {}, {"resource": None}, {"resource": {"resourceType": "Basic", "id": "1"}}, {"resource": {"resourceType": "Patient", "id": 5, "name": "x"}}, "x"],
)
def test_odd_entries_are_passed_over(entry) -> None:
    good = {"resource": {"resourceType": "Patient", "id": "1", "name": {"given": "Nora", "family": ["x"]}}}
    with fhir_server(EVERYBODY) as ehr:
        ehr.faults["*"] = saying({"resourceType": "Bundle", "type": "searchset", "entry": [entry, good]})
        assert found(ehr.base, "Nora").found == (Person("1", "Nora"),)


def test_a_slow_search(monkeypatch) -> None:
    monkeypatch.setattr(visiting, "PEOPLE_SECONDS", 0.25)
    with fhir_server(EVERYBODY, delay=20) as ehr, pytest.raises(ReadFailed, match="Public test servers are often slow"):
        found(ehr.base, "Nora")
