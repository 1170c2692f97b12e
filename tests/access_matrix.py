"""The state in which a prefetch key came, the access to the EHR's FHIR server, and what becomes of the key: one table for the tests and for docs/connecting/data.md."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from charts import PATIENT, Chart, person, problem, seen
from fhir_server import CANARY

from fhir_mappings.queries import QUERIES

Body = dict[str, Any]


@dataclass(frozen=True)
class Sent:
    """What came under a key, made from a Bundle of one record, and its state afterwards under each access. `stops` when no rule is run on such a chart."""

    name: str
    value: Callable[[Body], Any]
    without: str
    answers: str
    fails: str
    keys: tuple[str, ...] = tuple(QUERIES)
    stops: bool = False

    @property
    def is_read(self) -> bool:
        return self.without != self.answers


ACCESS = ("without", "answers", "fails")
"""No server may be read; the server answers; every read fails."""
ERROR = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception"}]}
WARNING = {"resourceType": "OperationOutcome", "issue": [{"severity": "warning", "code": "not-found"}]}


def _old(bundle: Body) -> Body:
    """STU3: members that R4 never had."""
    return {
        **bundle,
        "entry": [{"resource": {**each["resource"], "context": {"reference": "Encounter/1"}, "clinicalStatus": "active"}} for each in bundle["entry"]],
    }


def _anothers(bundle: Body) -> Body:
    """The same record of somebody else; for a Patient, somebody else."""
    other = {"id": "other", "subject": {"reference": "Patient/other"}}
    return {**bundle, "entry": [{"resource": {**each["resource"], **other}} for each in bundle["entry"]]}


JUDGED = tuple(key for key, query in QUERIES.items() if query.resource_type in {"Condition", "Observation"})
"""The version of a resource is told by the two types that matter."""

SENT = (
    Sent("records", lambda bundle: bundle, "data", "data", "data"),
    Sent("a single resource", lambda bundle: bundle["entry"][0]["resource"], "data", "data", "data"),
    Sent("`null` or `{}`", lambda _: None, "empty", "empty", "empty"),
    Sent("a Bundle with no record, or with a warning only", lambda _: {"resourceType": "Bundle", "entry": [{"resource": WARNING}]}, "empty", "empty", "empty"),
    Sent("nothing: the key is not there", lambda _: ..., "absent", "data", "error"),
    Sent("an OperationOutcome with an error", lambda _: ERROR, "error", "error", "error"),
    Sent("something that is no FHIR resource", lambda _: "unavailable", "error", "data", "error"),
    Sent(
        "a page with a link to the next",
        lambda bundle: {**bundle, "link": [{"relation": "next", "url": "https://elsewhere.example/page/2"}]},
        "truncated",
        "data",
        "truncated",
    ),
    Sent("fewer records than the total says", lambda bundle: {**bundle, "total": 9}, "truncated", "data", "truncated"),
    Sent("records of STU3 or DSTU2", _old, "wrong version", "data", "error", JUDGED),
    Sent("records of another patient", _anothers, "wrong patient", "wrong patient", "wrong patient", stops=True),
)

LOST = ("absent", "error", "wrong version")
AGE = "Age is not recorded"
NO_CONDITIONS, PART_CONDITIONS = "Conditions could not be obtained", "Conditions are incomplete"
SOME_FAILED, SOME_PAGES = "Observations are incomplete: some of their searches failed", "Observations are incomplete: not all pages"
NO_ORDERS = "Orders and imaging were not supplied"
GAP_LINES = (AGE, NO_CONDITIONS, PART_CONDITIONS, "Observations could not be obtained", SOME_FAILED, SOME_PAGES, NO_ORDERS)

SYMPTOMS = tuple(key for key, query in QUERIES.items() if query.carries_symptoms and query.resource_type == "Observation")
SAYS: dict[str, dict[str, str]] = {
    "patient": dict.fromkeys((*LOST, "empty"), AGE),
    "conditions": {**dict.fromkeys(LOST, NO_CONDITIONS), "truncated": PART_CONDITIONS},
    **{key: {"error": SOME_FAILED, "wrong version": SOME_FAILED, "truncated": SOME_PAGES} for key in SYMPTOMS},
    "labs": {},  # nothing is concluded from a result that is not there
    "orders": dict.fromkeys(LOST, NO_ORDERS),
    "procedures": {},
    "imaging": {},
}
"""The gap line of a card when this one key ended in that state and every other key came."""

SECRET: Body = {"note": [{"text": CANARY}]}
CHART = Chart(
    (
        person(name=[{"family": CANARY}]),
        problem("urinary incontinence", 2, **SECRET),
        problem("leg cramps", 5, **SECRET),
        seen("leg cramps", 3, **SECRET),
        seen("saddle numbness", 1, **SECRET),
    )
)


def came(key: str) -> Body:
    """A Bundle for the key: the red flag's records where they belong, otherwise one record that says nothing."""
    kind = QUERIES[key].resource_type
    found = [each for each in CHART.resources() if each["resourceType"] == kind and (kind != "Observation" or key == "exam")]
    other = {"resourceType": kind, "id": f"other-{key}", "status": "final", "code": {"text": "Routine check"}, "subject": {"reference": f"Patient/{PATIENT}"}}
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": each} for each in found or [other]]}


# --- both types together
@dataclass(frozen=True)
class Answered:
    """What is answered when a rule applies, when there is a symptom but no rule applies, and when there is neither."""

    conditions: str
    observations: str
    rule: str
    symptom: str
    neither: str


WHOLE, PARTLY, CUT, GONE = "obtained", "some searches failed", "incomplete", "could not be obtained"
CARDS, CARDS_AND_GAP, NOT_EVALUATED, SILENCE, REFUSED = "cards", "cards with the gap line", "a “not evaluated” card", "`cards: []`", "412"

ANSWERED = (
    Answered(WHOLE, WHOLE, CARDS, SILENCE, SILENCE),
    Answered(WHOLE, PARTLY, CARDS_AND_GAP, NOT_EVALUATED, SILENCE),
    *(
        Answered(conditions, observations, CARDS_AND_GAP, NOT_EVALUATED, REFUSED)
        for conditions, observations in ((WHOLE, CUT), (WHOLE, GONE), (CUT, WHOLE), (CUT, CUT), (CUT, GONE), (GONE, WHOLE), (GONE, CUT))
    ),
    Answered(GONE, GONE, REFUSED, REFUSED, REFUSED),
)


def with_source(prefetch: Body, resource_type: str, state: str) -> Body:
    """The prefetch with one type in that state."""
    keys = [key for key, query in QUERIES.items() if query.resource_type == resource_type]
    if state == GONE:
        return {key: value for key, value in prefetch.items() if key not in keys}
    if state == CUT:
        return {**prefetch, keys[0]: {**(prefetch[keys[0]] or {"resourceType": "Bundle"}), "total": 99}}
    return {**prefetch, "survey": ERROR} if state == PARTLY else prefetch
