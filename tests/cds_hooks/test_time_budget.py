"""What has not arrived when the time is up could not be obtained, and the call is answered. No machine is too slow for these tests: their time stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event
from typing import Any

import httpx2
import pytest
from calls import SERVICE, call
from charts import Chart, person, problem
from evaluating import NOW
from fhir_faults import RED_FLAG, TIME
from fhir_server import SECRETS
from hypothesis import given
from hypothesis import strategies as st
from keeping import Kept
from paced_ehr import BASE, NEVER, Pace, PacedEhr
from standing_time import StandingTime

from cds_hooks import aside
from cds_hooks.app import create_app
from cds_hooks.chart import reads
from cds_hooks.chart.transport import Transport
from cds_hooks.settings import Settings
from fhir_mappings.queries import QUERIES

UNTIL = 0.405
"""Seconds: nine tenths of the usual 450 ms."""
IN_TIME, LATE = UNTIL - 0.001, UNTIL + 0.001
pytestmark = pytest.mark.usefixtures("nothing_is_told")


@dataclass
class Asking:
    """One call to the service, at second 0, with an EHR that has its own pace."""

    ehr: PacedEhr
    folder: Any
    prefetch: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    meanwhile: Callable[[Transport], None] = lambda transport: None

    def __post_init__(self) -> None:
        loop, self.kept = StandingTime(), Kept()
        self.answer = loop.run(self._asked(loop))
        self.seconds = loop.now

    async def _asked(self, loop: StandingTime) -> httpx2.Response:
        transport = Transport(loop.time, pool=lambda: self.ehr)
        chosen = Settings(data_dir=self.folder, **self.settings)
        app = create_app(chosen, clock=lambda: NOW, audit=self.kept, seconds=loop.time, transport=transport)
        self.meanwhile(transport)
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://127.0.0.1:8000") as client:
            answer = await client.post(SERVICE, json=call(prefetch=self.prefetch, fhirServer=BASE))
        await transport.close()
        return answer

    @property
    def topics(self) -> list[str]:
        return [card["source"]["topic"]["code"] for card in self.answer.json()["cards"]]

    def key(self, name: str) -> tuple[str, str]:
        entry = self.kept.latest
        return entry["sources"][name], entry.get("sourceReasons", {}).get(name, "")


def test_a_server_that_never_answers(tmp_path) -> None:
    asking = Asking(PacedEhr(RED_FLAG, {"*": Pace(NEVER)}), tmp_path)
    assert asking.seconds == pytest.approx(UNTIL)
    assert asking.answer.status_code == 412
    assert {asking.key(each) for each in QUERIES} == {("error", TIME)}
    assert asking.kept.latest["latencyMs"] == pytest.approx(UNTIL * 1000)


@pytest.mark.parametrize("pace", [Pace(NEVER), Pace(LATE), Pace(0.1, NEVER), Pace(0.2, LATE - 0.2)], ids=str)
def test_one_search_that_comes_too_late(pace, tmp_path) -> None:
    asking = Asking(PacedEhr(RED_FLAG, {"conditions": pace}), tmp_path)
    assert asking.seconds == pytest.approx(UNTIL)
    assert asking.key("conditions") == ("error", TIME)
    assert asking.key("exam")[0] == "data"
    assert asking.topics == ["CaudaEquinaRedFlags"]
    assert "Conditions could not be obtained" in asking.answer.text


@pytest.mark.parametrize("pace", [Pace(IN_TIME), Pace(0.1, IN_TIME - 0.1)], ids=str)
def test_one_search_that_comes_just_in_time(pace, tmp_path) -> None:
    asking = Asking(PacedEhr(RED_FLAG, {"conditions": pace}), tmp_path)
    assert asking.seconds == pytest.approx(IN_TIME)
    assert asking.key("conditions") == ("data", "")


def test_what_was_sent_does_not_wait_for_ever(tmp_path) -> None:
    """The red flag's Conditions were sent; the Observations take longer than the EHR has patience."""
    asking = Asking(PacedEhr(RED_FLAG, {"*": Pace(4)}), tmp_path, {"conditions": RED_FLAG.prefetch()["conditions"]})
    assert asking.seconds == pytest.approx(UNTIL)
    assert asking.topics == ["CaudaEquinaRedFlags"]
    assert "Observations could not be obtained" in asking.answer.text


def test_the_pages_that_came_in_time_stay(tmp_path) -> None:
    """The first of eight pages comes after 100 ms, three more follow, and the fifth would be too late."""
    many = Chart((*RED_FLAG.facts, *(problem("hypertension", 100 + ago) for ago in range(6))))
    ehr = PacedEhr(many, {"conditions": Pace(0.1)}, page=1)
    asking = Asking(ehr, tmp_path)
    assert asking.seconds == pytest.approx(UNTIL)
    assert ehr.fhir.times("conditions") == 5
    assert asking.key("conditions") == ("truncated", f"more pages; {TIME}")
    assert asking.topics == ["CaudaEquinaRedFlags"]


@pytest.mark.parametrize(("asked", "tries", "seconds"), [("0", 2, 0.2), ("1", 1, 0.1)])
def test_a_second_try_only_within_the_time(asked, tries, seconds, tmp_path) -> None:
    ehr = PacedEhr(RED_FLAG, {"conditions": Pace(0.1, status=503, retry_after=asked, once=True)})
    asking = Asking(ehr, tmp_path)
    assert (ehr.fhir.times("conditions"), asking.seconds) == (tries, pytest.approx(seconds))


def test_the_time_budget_is_a_setting(tmp_path) -> None:
    asking = Asking(PacedEhr(RED_FLAG, {"*": Pace(NEVER)}), tmp_path, settings={"time_budget_ms": 2000})
    assert asking.seconds == pytest.approx(1.8)


def test_large_pages_that_are_not_worked_on_in_time_are_dropped(tmp_path, monkeypatch) -> None:
    """The one thread for large pages is busy with another call's; ours stand in line until the time is up, and are then never worked on."""
    held, understood = Event(), []
    monkeypatch.setattr(aside, "LARGE", 64 * 1024)
    monkeypatch.setattr(reads, "understood", lambda key, _: understood.append(key))
    ehr = PacedEhr(RED_FLAG, padding=100_000)
    threads = []

    def occupied(transport: Transport) -> None:
        threads.append(transport.thread)
        transport.thread.submit(held.wait)

    asking = Asking(ehr, tmp_path, meanwhile=occupied)
    held.set()
    threads[0].shutdown(wait=True)
    assert asking.seconds == pytest.approx(UNTIL)
    assert (asking.answer.status_code, understood) == (412, [])
    assert {asking.key(each) for each in QUERIES} == {("error", "no time was left")}


def test_a_page_that_could_not_be_worked_on_in_the_time_left_is_not_begun(tmp_path) -> None:
    """60 KB take 3.6 ms, and 2 ms are left."""
    came = UNTIL - 0.002
    asking = Asking(PacedEhr(RED_FLAG, {"*": Pace(came)}, padding=60_000), tmp_path)
    assert asking.seconds == pytest.approx(came)
    assert {asking.key(each) for each in QUERIES} == {("error", "no time was left")}


# --- any pace
SECONDS = st.sampled_from([0.0, 0.05, 0.1, 0.2, IN_TIME, LATE, 1.0, NEVER])
PACES = st.builds(Pace, SECONDS, SECONDS, st.sampled_from([200, 200, 200, 429, 500, 503]), st.sampled_from(["0", "1", "soon"]), st.booleans())


@given(
    pace=st.dictionaries(st.sampled_from(["*", *QUERIES]), PACES, max_size=8),
    page=st.none() | st.integers(1, 3),
    chart=st.sampled_from([RED_FLAG, Chart((person(),)), Chart((person(), problem("sciatica", 300)))]),
    budget=st.sampled_from([50, 450, 2000]),
)
def test_never_beyond_the_time(pace, page, chart, budget, tmp_path_factory) -> None:
    ehr = PacedEhr(chart, pace, page)
    asking = Asking(ehr, tmp_path_factory.getbasetemp(), settings={"time_budget_ms": budget})
    until = budget / 1000 * reads.READING_SHARE
    assert asking.seconds <= until + 1e-6
    assert asking.answer.status_code in {200, 412}
    for key in QUERIES:
        met = pace.get(key) or pace.get("*") or Pace()
        if met.headers + met.body > until:
            assert asking.key(key)[0] == "error", key
        elif met.status == 200 and key == "patient":
            assert asking.key(key) == ("data", ""), key
    if asking.answer.status_code == 200 and not asking.answer.json()["cards"]:
        assert asking.kept.latest["outcome"] == "rules ran, none fired"
        assert asking.key("conditions")[0] in {"data", "empty"}
    assert not [each for each in SECRETS if each in asking.answer.text]
