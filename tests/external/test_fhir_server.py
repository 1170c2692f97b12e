"""A real FHIR server plays the EHR's: the same cards whether the chart came as prefetch or was read by ourselves.

The server is sekmet-fhir, in an environment of its own (`make peers`); the sample patients are loaded into it.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from calls import SERVICE
from commands import run
from evaluating import NOW, uuids
from fhir_server import TOKEN
from keeping import Kept
from official_sandbox import OfficialSandbox
from serving import free_port
from starlette.testclient import TestClient

from cds_hooks.app import create_app
from cds_hooks.chart.access import Access, Token
from cds_hooks.chart.bundle import call_for
from cds_hooks.chart.servers import Reach, server
from cds_hooks.chart.visiting import people
from cds_hooks.offline import check_server
from cds_hooks.sandbox import loading
from cds_hooks.sandbox.samples import samples
from cds_hooks.settings import Settings
from fhir_mappings.queries import QUERIES

SEKMET = Path(__file__).parents[2] / ".venv-peers" / "bin" / "sekmet"
MODES = {
    "open": "",
    "bearer": f"server_auth: {{types: [bearer], tokens: [{TOKEN}]}}\n",
    "absolute references": "server_behaviour: {absolute_references: true}\n",
}
SETTINGS = 'base_url: {base}\nhost: 127.0.0.1\nport: {port}\ndata_dir: data\nsimulator: {{enabled: false}}\nvalidation: {{inbound: "off"}}\n{more}'
SHORT = ("cauda-equina", "workup-under-way")
"""Two samples for the long tables: the red flag, and the one that needs orders and imaging."""

pytestmark = [
    pytest.mark.skipif(not SEKMET.exists(), reason="needs the FHIR server of `make peers`"),
    pytest.mark.usefixtures("nothing_is_told"),
]


@dataclass(frozen=True)
class Ehr:
    """The running server, with what the EHR sends along with each call."""

    base: str
    token: str = ""

    @property
    def members(self) -> dict[str, Any]:
        granted = {"access_token": self.token, "token_type": "Bearer", "expires_in": 300, "scope": "patient/*.rs", "subject": "cds"}
        return {"fhirServer": self.base, **({"fhirAuthorization": granted} if self.token else {})}

    def ask(self, path: str, body: Any = None) -> Any:
        headers = {"Content-Type": "application/fhir+json", **({"Authorization": f"Bearer {self.token}"} if self.token else {})}
        request = urllib.request.Request(f"{self.base}/{path}".rstrip("/"), json.dumps(body).encode() if body else None, headers)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)


@pytest.fixture(scope="module", params=MODES)
def ehr(request, tmp_path_factory) -> Iterator[Ehr]:
    folder, port = tmp_path_factory.mktemp("ehr"), free_port()
    running = Ehr(f"http://127.0.0.1:{port}/fhir", TOKEN if request.param == "bearer" else "")
    (folder / "settings.yaml").write_text(SETTINGS.format(base=running.base, port=port, more=MODES[request.param]))
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([SEKMET, "serve", "-c", "settings.yaml"], cwd=folder, stdout=log, stderr=log)
        try:
            _wait(running, process)
            load_samples(running)
            yield running
        finally:
            process.terminate()
            process.wait(timeout=20)


def _wait(ehr: Ehr, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            ehr.ask("metadata")
        except urllib.error.HTTPError:
            raise
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise AssertionError("the FHIR server did not start")


def load_samples(ehr: Ehr) -> list[str]:
    """As `samples --load` does, but for the day of these tests."""
    loaded: list[str] = []
    loading.load(ehr.base, samples().values(), NOW.date(), Token(ehr.token) if ehr.token else None, lambda each: loaded.append(each.name))
    return loaded


@cache
def chart(name: str) -> dict[str, Any]:
    return samples()[name].as_of(NOW.date())


def patient(name: str) -> str:
    return call_for(chart(name), "x")["context"]["patientId"]


@pytest.fixture(scope="module")
def service(tmp_path_factory) -> Iterator[TestClient]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("data"), time_budget_ms=30_000)
    with TestClient(create_app(settings, clock=lambda: NOW, audit=Kept()), base_url="http://127.0.0.1:8000") as client:
        yield client


@pytest.fixture(scope="module")
def cards(service) -> Callable[..., list[dict[str, Any]]]:
    """The cards for a sample with the given prefetch (all the EHR has, when left out), without what differs from call to call."""

    def answered(name: str, prefetch: dict[str, Any] | None = None, **members: Any) -> list[dict[str, Any]]:
        body = call_for(chart(name), "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea") | members | ({} if prefetch is None else {"prefetch": prefetch})
        answer = service.post(SERVICE, json=body)
        assert answer.status_code == 200, answer.text
        assert TOKEN not in answer.text
        return _without_uuids(answer.json()["cards"])

    return answered


def _without_uuids(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_uuids(each) for key, each in value.items() if key != "uuid"}
    return [_without_uuids(each) for each in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def sent(ehr) -> Callable[[str], dict[str, Any]]:
    """The prefetch that the EHR resolves from our templates on its own server."""
    return cache(lambda name: {key: ehr.ask(query.template.replace("{{context.patientId}}", patient(name))) for key, query in QUERIES.items()})


@pytest.mark.parametrize("name", samples())
def test_nothing_prefetched(ehr, cards, name) -> None:
    assert cards(name, {}, **ehr.members) == cards(name)


@pytest.mark.parametrize("name", samples())
def test_everything_prefetched(ehr, cards, sent, name) -> None:
    assert cards(name, sent(name), fhirServer="https://never.example/asked") == cards(name)


@pytest.mark.parametrize("key", QUERIES)
@pytest.mark.parametrize("name", SHORT)
def test_one_key_prefetched(ehr, cards, sent, name, key) -> None:
    assert cards(name, {key: sent(name)[key]}, **ehr.members) == cards(name)


@pytest.mark.parametrize("key", QUERIES)
@pytest.mark.parametrize("name", SHORT)
def test_one_key_missing(ehr, cards, sent, name, key) -> None:
    assert cards(name, {other: value for other, value in sent(name).items() if other != key}, **ehr.members) == cards(name)


def test_a_patient_the_server_does_not_know(ehr, service) -> None:
    body = call_for(chart("cauda-equina"), "x") | ehr.members | {"prefetch": {}, "context": {"userId": "Practitioner/1", "patientId": "nobody"}}
    answer = service.post(SERVICE, json=body)
    assert answer.status_code == 412
    assert "the server knows no such patient" in answer.text


@pytest.mark.parametrize("name", SHORT)
def test_check_reads_the_same(ehr, cards, name) -> None:
    seen: list[str] = []
    token = Token(ehr.token) if ehr.token else None
    result = check_server(ehr.base, patient(name), token, NOW, Settings().policy(), uuids(), lambda key, _: seen.append(key))
    assert _without_uuids(json.loads(json.dumps(result.as_json()["cards"]))) == cards(name)
    assert set(seen) == set(QUERIES)


@pytest.mark.parametrize("name", SHORT)
def test_the_official_sandbox_resolves_the_prefetch_here(ehr, service, cards, name) -> None:
    """With the obsolete media type, POST for searches and pages of the server's own size."""
    if ehr.token:
        pytest.skip("the sandbox has no token of its own")
    page = OfficialSandbox(service, "http://127.0.0.1:8000/cds-services", ehr.base, patient(name))
    panel = page.open_chart()
    assert set(page.sent["prefetch"]) == set(QUERIES)
    assert _without_uuids(panel.cards) == cards(name)


def test_a_wrong_token_is_told(ehr, service) -> None:
    if not ehr.token:
        pytest.skip("only where a token is needed")
    wrong = Ehr(ehr.base, "another-token")
    answer = service.post(SERVICE, json=call_for(chart("cauda-equina"), "x") | wrong.members | {"prefetch": {}})
    assert (answer.status_code, "the server answered 401" in answer.text) == (412, True)


def test_loading_twice_doubles_nothing(ehr) -> None:
    def held() -> dict[str, int]:
        return {each: ehr.ask(f"{each}?_count=1")["total"] for each in ("Patient", "Condition", "Observation", "ServiceRequest")}

    before = held()
    assert before["Patient"] == len(samples())
    assert load_samples(ehr) == list(samples())
    assert held() == before


def test_each_loaded_patient_gives_the_cards_of_the_sample(ehr, tmp_path) -> None:
    """As a user types it, on the day it is typed."""
    if not ehr.token:
        pytest.skip("only where a token is needed")
    (tmp_path / "token").write_text(ehr.token)
    options, moment = ("--token-file", str(tmp_path / "token")), ("--as-of", datetime.now(UTC).date().isoformat(), "--json")
    try:
        assert run("samples", "--load", ehr.base, *options).returncode == 0
        for name in samples():
            (tmp_path / "request.json").write_text(run("samples", name).stdout)
            alone = json.loads(run("check", str(tmp_path / "request.json"), *moment).stdout)["cards"]
            read = json.loads(run("check", "--fhir-server", ehr.base, "--patient", patient(name), *options, *moment).stdout)["cards"]
            assert _without_uuids(read) == _without_uuids(alone), name
    finally:
        load_samples(ehr)


@pytest.mark.parametrize(("name", "wanted"), [("Irwin", ["sample-bilateral-sciatica"]), ("Ida", ["sample-bilateral-sciatica"]), ("nobody, at all|$", [])])
def test_patients_of_a_name(ehr, name, wanted) -> None:
    found = asyncio.run(people(Access(server(ehr.base), Reach(anywhere=True), Token(ehr.token) if ehr.token else None), name))
    assert [each.id for each in found.found] == wanted
    assert [(each.name, each.birth_date, each.gender) for each in found.found] == [("Ida Irwin", "1986-06-23", "female")] * len(wanted)
