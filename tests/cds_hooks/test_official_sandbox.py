"""The official CDS Hooks Sandbox works against a running service: discovery, prefetch, cards, suggestions, dismissal, from a page of another origin."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx2
import pytest
import tokens
from charts import Chart, problem
from evaluating import evaluated
from fhir_server import FhirServer, changed, fhir_server, saying, status
from keeping import entries
from official_sandbox import ALL_CLEAR, ISSUER, Blocked, OfficialSandbox
from serving import Running, serving

from cds_hooks.chart.bundle import call_for
from cds_hooks.sandbox.samples import samples
from fhir_mappings.queries import QUERIES

HOSTED = "https://sandbox.cds-hooks.org"


@pytest.fixture(scope="module")
def running(tmp_path_factory) -> Iterator[Running]:
    """The sandbox profile, with the sandbox's issuer as a client whose keys came as a file."""
    folder = tmp_path_factory.mktemp("service")
    tokens.jwks_file(folder, "ES384")
    (folder / "service.toml").write_text(
        f'time_budget_ms = 20000\n[[clients]]\nname = "official sandbox"\nissuer = "{ISSUER}"\njwks_file = "client.jwks.json"\n'
    )
    with serving(folder, "--config", str(folder / "service.toml")) as service:
        yield service


@dataclass
class Browser:
    """A page, the FHIR server it is pointed at, and what the service wrote down."""

    running: Running
    ehr: FhirServer
    http: httpx2.Client

    def page(self, name: str, **more: Any) -> OfficialSandbox:
        """The page with that sample patient's chart, as somebody whom the service has not seen before."""
        known, patient = f"sample-{name}", f"sample-{name}-{uuid4().hex[:8]}"
        bundle = json.loads(json.dumps(samples()[name].as_of(datetime.now(UTC).date())).replace(f'{known}"', f'{patient}"'))
        self.ehr.resources = [each["resource"] for each in bundle["entry"]]
        return OfficialSandbox(self.http, f"{self.running.base}/cds-services", self.ehr.base, patient, **more)

    @property
    def entry(self) -> dict[str, Any]:
        return entries(self.running.data_dir)[-1][1]


@pytest.fixture(scope="module")
def http() -> Iterator[httpx2.Client]:
    with httpx2.Client(trust_env=False, verify=False, timeout=30) as client:
        yield client


@pytest.fixture
def browser(running, http) -> Iterator[Browser]:
    with fhir_server(Chart(())) as ehr:
        yield Browser(running, ehr, http)


def expected(name: str) -> list[str]:
    now = datetime.now(UTC)
    sent = call_for(samples()[name].as_of(now.date()), "x")
    return [each.source.topic.code for each in evaluated(sent["prefetch"], now, patient=sent["context"]["patientId"]).cards]


@pytest.mark.parametrize("name", samples())
def test_each_sample_gives_its_cards(browser, name) -> None:
    page = browser.page(name)
    panel = page.open_chart()
    assert set(page.sent["prefetch"]) == set(QUERIES)
    assert panel.topics == expected(name)
    assert (panel.words == ALL_CLEAR) == (name == "nothing-to-say")
    assert (browser.entry["kind"], browser.entry["client"], browser.entry["patient"]) == ("call", "official sandbox", f"Patient/{page.patient}")


@pytest.mark.parametrize("asks", [False, True])
@pytest.mark.parametrize("origin", [HOSTED, "http://127.0.0.1:9080", "http://localhost:8080"])
def test_from_any_page_with_real_preflights(browser, origin, asks) -> None:
    """The hosted page too. Browsers that asked the service itself about its local network get a yes; newer ones ask the user."""
    assert browser.page("cauda-equina", origin=origin, asks_for_local_network=asks).open_chart().topics == ["CaudaEquinaRedFlags"]


def test_the_token_counts_once_and_for_one_address(browser) -> None:
    page = browser.page("cauda-equina")
    page.open_chart()
    again = {"Authorization": f"Bearer {page.token}", "Content-Type": "application/json"}
    address = f"{page.discovery}/pinched-nerve-patient-view"
    assert browser.http.post(address, json=page.sent, headers=again).status_code == 401
    assert browser.http.post(f"{address}/feedback", json={"feedback": [{"card": "x", "outcome": "overridden"}]}, headers=again).status_code == 401


def test_accepting_a_suggestion(browser) -> None:
    page = browser.page("cauda-equina")
    (card,) = page.open_chart().cards
    chosen = card["suggestions"][0]
    assert page.accept(card, chosen) == 200
    assert browser.entry["kind"] == "feedback"
    assert (card["uuid"] in json.dumps(browser.entry), chosen["uuid"] in json.dumps(browser.entry)) == (True, True)


@pytest.mark.parametrize("with_system", [True, False])
def test_dismissing_with_each_reason_of_the_menu(browser, with_system) -> None:
    page = browser.page("night-cramps")
    card = page.open_chart().cards[0]
    assert len(card["overrideReasons"]) == len({each["code"] for each in card["overrideReasons"]}) > 1
    for reason in card["overrideReasons"]:
        assert page.dismiss(card, reason if with_system else {"code": reason["code"]}) == 200
        assert reason["code"] in json.dumps(browser.entry)


def test_dismissing_without_a_reason_or_a_card_of_another_day(browser) -> None:
    page = browser.page("night-cramps")
    (card, *_) = page.open_chart().cards
    assert page.dismiss(card) == 200
    assert page.dismiss({"uuid": "c-crit"}) == 200
    assert browser.entry["kind"] == "feedback"


def test_one_page_of_a_search_is_passed_on_and_the_rest_is_read_here(browser) -> None:
    """The conditions that matter stand on the second page."""
    page = browser.page("cauda-equina")
    patient = {"reference": f"Patient/{page.patient}"}
    old = [{**problem("hypertension", 100 + ago).resource, "id": f"old-{ago}", "subject": patient} for ago in range(20)]
    browser.ehr.resources[:0] = old
    browser.ehr.page = 20
    panel = page.open_chart()
    assert len(page.sent["prefetch"]["conditions"]["entry"]) == 20 < page.sent["prefetch"]["conditions"]["total"]
    assert panel.topics == ["CaudaEquinaRedFlags"]
    assert browser.entry["sources"]["conditions"] == "data"


NO_MATCH = {"resource": {"resourceType": "OperationOutcome", "issue": [{"severity": "warning"}]}, "search": {"mode": "outcome"}}


@pytest.mark.parametrize(
    ("faults", "absent", "topics"),
    [
        ({"labs": status(404)}, {"labs"}, ["CaudaEquinaRedFlags"]),
        ({"survey": changed(lambda bundle: {**bundle, "entry": [NO_MATCH]})}, set(), ["CaudaEquinaRedFlags"]),
        ({"conditions": status(404)}, {"conditions"}, []),
        ({"*": status(404)}, set(QUERIES), []),
    ],
)
def test_keys_that_are_left_out(browser, faults, absent, topics) -> None:
    """What is not known is said: never an empty list, for which the page says that all is clear."""
    page = browser.page("cauda-equina")
    browser.ehr.faults.update(faults)
    panel = page.open_chart()
    assert set(QUERIES) - set(page.sent["prefetch"]) == absent
    assert (panel.topics, panel.status) == (topics, 200 if topics else 412)
    assert panel.words != ALL_CLEAR


def test_half_a_chart_is_never_all_clear(browser) -> None:
    page = browser.page("nothing-to-say")
    browser.ehr.faults["conditions"] = status(404)
    assert page.open_chart().words != ALL_CLEAR


def test_markup_in_the_chart_stays_words(browser) -> None:
    """The page renders raw HTML of a card: what an iframe says would run there."""
    page = browser.page("cauda-equina")
    for each in browser.ehr.resources:
        if "code" in each:
            each["code"]["text"] = "<iframe srcdoc='<script>parent.x=1</script>'></iframe> ![x](https://evil.example/x.png)"
    panel = page.open_chart()
    assert "evil.example" in "".join(each["detail"] for each in panel.cards)
    assert [each for each in ("<iframe", "<script", "<img", 'href="https://evil') if each in panel.html()] == []


def test_the_client_itself_notices_a_service_that_does_not_let_it_in(browser) -> None:
    """Of a server without CORS, such as this FHIR server, the page gets nothing."""
    page = browser.page("cauda-equina")
    page.discovery = f"{browser.ehr.base}/cds-services"
    browser.ehr.faults["*"] = saying({"services": []})
    with pytest.raises(Blocked):
        page.services()


def test_repeated_parameters_are_merged_and_unknown_tokens_left_out(browser) -> None:
    """The quirks that our own templates must not meet."""
    page = browser.page("cauda-equina")
    found = page.prefetched({"twice": "Observation?patient={{context.patientId}}&code=a&code=b", "unknown": "Condition?encounter={{context.encounterId}}"})
    assert set(found) == {"twice"}
    assert browser.ehr.asked[-1].parameter("code") == "a,b"
