"""What the service tells of itself: complete for every rule, true of what is in force here, open to anybody, and without a patient."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html.parser import HTMLParser

import jsonschema_rs
import pytest
from calls import SERVICE, call
from charts import PATIENT, Chart, Fact, person, problem
from evaluating import NOW, evaluated
from print_docs import is_current
from spec.table import ROWS
from starlette.testclient import TestClient
from tokens import production_settings

from cards.guidance import attributes, evidence, history
from cards.guidance.article import GUIDELINES, STATEMENTS
from cards.guidance.interpretations import INTERPRETATIONS
from cards.guidance.rule import Urgency
from cards.guidance.rules import RULES, VERSION
from cds_hooks.app import create_app
from cds_hooks.quiet import KEPT_FOR, QUIET_FOR
from cds_hooks.settings import Settings
from fhir_mappings.queries import QUERIES, RESULTS_READ_DAYS
from fhir_mappings.scales import SCALES

IDS = [*(rule.id for rule in RULES), "R12"]
PAGES = ["/about", "/rules", "/rules/R01", "/rules/R03", "/rules/R12", "/about/hazards", "/about/regulation"]
LOOK_BACKS = {"symptom_look_back_days", "continence_look_back_days", "laboratory_look_back_days"}
SECURE = "https://cds.example"


@pytest.fixture(scope="module")
def asking(tmp_path_factory) -> Callable[..., TestClient]:
    """The service without being started: these pages need no log."""

    def running(clock=lambda: NOW, **chosen) -> TestClient:
        settings = Settings(data_dir=tmp_path_factory.mktemp("data"), **chosen)
        return TestClient(create_app(settings, clock=clock), base_url="http://127.0.0.1:8000")

    return running


@pytest.fixture(scope="module")
def here(asking) -> TestClient:
    return asking()


@pytest.fixture(scope="module")
def told(here):
    return here.get("/about.json").json()


def test_the_document_follows_its_published_schema(here, told) -> None:
    answer = here.get("/about.schema.json")
    assert answer.headers["content-type"] == "application/schema+json"
    schema = answer.json()
    validator = jsonschema_rs.validator_for(schema)
    validator.validate(told)
    assert not validator.is_valid({**told, "rules": [{**told["rules"][0], "review": None}]})
    assert len(schema["$defs"]["SourceAttributes"]["required"]) == 13
    assert is_current("about.schema.json")


@pytest.mark.parametrize("page", ["hazards.md", "regulation.md"])
def test_the_printed_pages_are_current(page) -> None:
    assert is_current(page)


@pytest.mark.parametrize("id", IDS)
def test_every_rule_has_all_thirteen_attributes_a_graded_citation_and_a_review(told, id) -> None:
    rule = next(each for each in told["rules"] if each["id"] == id)
    said = rule["sourceAttributes"]
    assert len(said) == 13
    assert all(said.values())
    assert [each for each in said["bibliographicCitation"] if not (each["grade"] in range(1, 6) and each["url"].startswith("https://") and each["read"])] == []
    assert said["bibliographicCitation"]
    for name in attributes.PATIENT_ATTRIBUTES:
        assert said[name]["used"] or said[name]["how"].startswith("not used")
    review = history.REVIEWS[id]
    assert (rule["review"]["on"], rule["review"]["due"]) == (review.on.isoformat(), review.due.isoformat())
    assert timedelta(0) < review.due - review.on <= timedelta(days=366)


def test_every_rule_is_told_once_and_the_version_has_its_change(told) -> None:
    assert [each["id"] for each in told["rules"]] == IDS
    assert set(history.REVIEWS) == set(attributes.BIRTH) == set(attributes.ASSESSMENTS) == set(IDS)
    assert {rule for each in evidence.FIGURES for rule in each.bears_on} <= set(IDS)
    assert told["changes"][0]["version"] == told["versions"]["rules"] == VERSION
    assert {each["id"] for each in told["sources"]} == {"article", *GUIDELINES}
    assert {rule for each in told["changes"] for rule in each["rules"]} == set(IDS)
    dates = [each["on"] for each in told["changes"]]
    assert dates == sorted(dates, reverse=True)


UNUSED = [
    person(
        gender="male",
        extension=[
            {"url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race", "extension": [{"url": "text", "valueString": "any"}]},
            {"url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-ethnicity", "extension": [{"url": "text", "valueString": "any"}]},
            {"url": "http://hl7.org/fhir/StructureDefinition/patient-genderIdentity", "valueCodeableConcept": {"text": "any"}},
            {"url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex", "valueCode": "F"},
        ],
        communication=[{"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "es"}]}}],
    ),
    problem("Homelessness", 3),
    problem("Food insecurity", 3),
    Fact(
        {
            "resourceType": "Observation",
            "id": "orientation",
            "status": "final",
            "subject": {"reference": f"Patient/{PATIENT}"},
            "code": {"coding": [{"system": "http://loinc.org", "code": "76690-7", "display": "Sexual orientation"}]},
            "valueCodeableConcept": {"text": "any"},
        },
        "sexual orientation",
    ),
]


@pytest.mark.parametrize("row", [row for row in ROWS if not any(fact.resource["resourceType"] == "Patient" for fact in row.facts)], ids=lambda row: row.name)
def test_what_is_said_not_to_be_used_changes_no_card(row) -> None:
    def outline(facts) -> list:
        cards = evaluated(Chart(facts, row.sources)).cards
        return [(card.indicator, card.summary, card.detail.replace("\n- Age is not recorded; the rules for adults were used.", "")) for card in cards]

    assert outline((*row.facts, *UNUSED)) == outline(row.facts)


def test_every_threshold_is_told_once_with_its_source_and_with_each_rule_it_bears_on(told) -> None:
    """What no rule looks at is none of theirs: test_deciding_numbers.py traces which do."""
    listed = {each["id"]: each for each in told["numbers"]}
    assert len(listed) == len(told["numbers"])
    assert {each.id for each in INTERPRETATIONS} < set(listed)
    assert {number["id"] for rule in told["rules"] for number in rule["numbers"]} == set(listed)
    for rule in told["rules"]:
        assert all(number == listed[number["id"]] for number in rule["numbers"])
        assert rule["numbers"]
    assert [each["id"] for each in told["numbers"] if not (each["source"] and each["reason"] and each["grade"] in {"A", "G", "E"})] == []


def test_what_keeps_cards_quiet_and_how_far_back_is_read_is_told(told) -> None:
    listed = {each["id"]: each["value"] for each in told["numbers"]}
    days = {"quiet_critical_days": Urgency.IMMEDIATE, "quiet_warning_days": Urgency.SOON, "quiet_information_days": Urgency.ROUTINE}
    assert {name: listed[name] for name in days} == {name: QUIET_FOR[urgency] / timedelta(days=1) for name, urgency in days.items()}
    assert listed["card_kept_days"] == KEPT_FOR.days
    assert {query.look_back_days for query in QUERIES.values() if query.look_back_days} == {value for name, value in listed.items() if name in LOOK_BACKS}
    assert listed["results_read_days"] == RESULTS_READ_DAYS
    assert {each.looks_back_days for each in SCALES.values()} - {0} == {listed["mds_look_back_days"], listed["three_day_look_back_days"]}
    quiet = {rule["id"]: [each["id"] for each in rule["numbers"] if each["id"].startswith("quiet_")] for rule in told["rules"]}
    assert {name: quiet[name] for name in ("R01", "R02", "R11i", "R09", "R08", "R12")} == {
        "R01": ["quiet_critical_days"],
        "R02": ["quiet_warning_days"],
        "R11i": ["quiet_information_days"],
        "R09": ["quiet_information_days", "quiet_info_days"],
        "R08": [],
        "R12": [],
    }


def test_what_the_deployer_chose_is_told(asking) -> None:
    here = asking(mode="silent", disabled_rules={"R04", "R08"}, critical_indicator="warning", interpretations={"new_days": 21})
    told = here.get("/about.json").json()
    assert (told["chosen"]["mode"], told["chosen"]["disabledRules"], told["chosen"]["criticalIndicator"]) == ("silent", ["R04", "R08"], "warning")
    assert [each["id"] for each in told["rules"] if not each["enabled"]] == ["R04w", "R04i", "R08"]
    new = next(each for each in told["numbers"] if each["id"] == "new_days")
    assert (new["value"], new["default"], new["overridden"]) == (21, 14, True)
    assert told["chosen"]["numbersOverridden"] == ["new_days"]
    assert (new["grade"], new["source"].startswith("chosen here; the default, 14 d, has the mark G: GIRFT")) == ("local choice", True)
    assert next(each for each in told["numbers"] if each["id"] == "new_leg_days")["grade"] == "G"
    (red_flag,) = (each for each in told["rules"] if each["id"] == "R01")
    assert red_flag["basis"][-1] == "local choice: new_days, changed here"
    assert next(each for each in red_flag["numbers"] if each["id"] == "new_days")["grade"] == "local choice"
    page = here.get("/about").text
    assert 'class="changed"' in page
    assert "21 d" in page
    assert "default 14" in page
    assert "switched off here" in here.get("/rules/R04w").text


@pytest.mark.parametrize("came", [True, False])
def test_the_bill_of_materials_is_served_where_one_came_with_the_installation(asking, monkeypatch, tmp_path, came) -> None:
    place = tmp_path / "sbom.cdx.json"
    if came:
        place.write_text('{"bomFormat": "CycloneDX"}')
    monkeypatch.setattr("cds_hooks.about.pages.SBOM", place)
    here = asking()
    answer = here.get("/about/sbom.json")
    assert (answer.status_code, answer.json().get("bomFormat")) == ((200, "CycloneDX") if came else (404, None))
    assert here.get("/about.json").json()["links"].get("sbom") == ("http://127.0.0.1:8000/about/sbom.json" if came else None)
    assert ('href="/about/sbom.json"' in here.get("/about").text) is came


def test_a_review_that_is_overdue_is_said(asking, here, told) -> None:
    later = asking(clock=lambda: NOW + timedelta(days=800))
    assert not any(each["review"]["overdue"] for each in told["rules"])
    assert all(each["review"]["overdue"] for each in later.get("/about.json").json()["rules"])
    for path in ("/rules", "/rules/R01"):
        assert "overdue" in later.get(path).text
        assert "overdue" not in here.get(path).text


def test_the_day_is_looked_at_anew(asking) -> None:
    days = iter([NOW, NOW + timedelta(days=800)])
    here = asking(clock=lambda: next(days))
    assert [here.get("/about.json").json()["rules"][0]["review"]["overdue"] for _ in range(2)] == [False, True]


@pytest.mark.parametrize("id", [*IDS, "R03", "R11"])
def test_each_rule_has_its_page(here, told, id) -> None:
    page = here.get(f"/rules/{id}")
    shown = [each for each in told["rules"] if id in (each["id"], each["id"].rstrip("ciw"))]
    assert page.status_code == 200
    assert page.text.count("13. Health status assessments") == len(shown)
    for rule in shown:
        assert f'id="{rule["id"]}"' in page.text
        assert all(f"<code>{number['id']}</code>" in page.text for number in rule["numbers"])
        assert all(each in page.text for each in ("Change", VERSION, rule["review"]["on"], "Not used"))


def test_no_such_rule(here) -> None:
    for path in ("/rules/R99", "/rules/r01", "/rules/R", "/rules/", "/rules/R01/x"):
        assert here.get(path).status_code == (200 if path == "/rules/" else 404), path


def test_a_card_leads_to_the_page_of_its_rule(client) -> None:
    chart = Chart((problem("leg cramps", 5), problem("urinary incontinence", 2)))
    (card,) = client.post(SERVICE, json=call(chart)).json()["cards"]
    link = card["links"][-1]
    assert link == {"label": "About this rule (R01)", "url": "http://127.0.0.1:8000/rules/R01", "type": "absolute"}
    assert "Cauda equina red flags" in client.get(link["url"]).text


@pytest.fixture
def production(tmp_path):
    with TestClient(create_app(production_settings(tmp_path)), base_url=SECURE, client=("203.0.113.9", 5000)) as running:
        yield running


def test_in_production_the_pages_are_open_and_tell_no_patient_and_no_client(production) -> None:
    for path in (*PAGES, "/about.json", "/about.schema.json", "/about.css"):
        answer = production.get(path)
        assert answer.status_code == 200, path
        assert [each for each in ("ehr.example", "jwks", PATIENT) if each in answer.text] == [], path
    assert production.get("/about.json").json()["links"]["rules"] == f"{SECURE}/rules"


def test_they_count_towards_the_rate_of_an_address(asking) -> None:
    client = asking(limits={"per_address_per_minute": 2})
    assert [client.get(path).status_code for path in ("/about", "/rules/R01", "/about/regulation")] == [200, 200, 429]


class Tags(HTMLParser):
    """What stays open, and where links within the service lead."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.ids: list[str] = []
        self.leads: list[str] = []

    def handle_starttag(self, tag, attrs) -> None:
        if tag not in {"meta", "link", "br"}:
            self.open.append(tag)
        self.ids += [value for name, value in attrs if name == "id"]
        self.leads += [value for name, value in attrs if name == "href" and not value.startswith("http")]

    def handle_endtag(self, tag) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_whole_load_nothing_and_lead_somewhere(here, path) -> None:
    answer, tags = here.get(path), Tags()
    tags.feed(answer.text)
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert not re.search(r"<script|<img|<iframe|style=|url\(|src=", answer.text)
    assert (tags.open, tags.wrong) == ([], [])
    assert len(tags.ids) == len(set(tags.ids))
    for each in dict.fromkeys(tags.leads):
        place, _, part = each.partition("#")
        there = here.get(place or path)
        assert there.status_code == 200, each
        assert not part or f'id="{part}"' in there.text, each


def test_statements_are_cited_in_our_own_words(told) -> None:
    cited = {each["id"]: each for rule in told["rules"] for each in rule["sourceAttributes"]["bibliographicCitation"]}
    assert cited["A30"]["note"] == STATEMENTS["A30"].text
    assert cited["A30"]["grade"] == 5
    assert cited["NG59"]["grade"] == 1
