"""Two hosts with two workers each behind one proxy, on one PostgreSQL: as one service, also while a host is restarted or dies."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from calls import SERVICE
from commands import run_here
from forking import Forge, Forked, forge
from proxying import MISSING, Proxy, nginx
from scraping import Found, scraped
from serving import free_port
from stores import Store, unbroken
from tokens import ISSUER, bearer, claims, jwks_file

from cds_hooks.chart.bundle import call_for
from cds_hooks.cli import STUCK_SECONDS
from cds_hooks.sandbox.samples import samples

pytestmark = pytest.mark.skipif(MISSING, reason="needs nginx and openssl")
RED_FLAG = call_for(samples()["cauda-equina"].as_of(datetime.now(UTC).date()), "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea")
CALLERS = 3


@dataclass
class Host:
    """One machine with its own data directory; the key that signs checkpoints is the same on all."""

    forge: Forge
    folder: Path
    config: Path
    port: int
    running: Forked = field(init=False)

    def start(self) -> None:
        self.running = self.forge.start("--profile", "production", "--config", str(self.config), "--workers", "2", port=self.port, folder=self.folder)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def metrics(self) -> Found:
        with httpx2.Client(base_url=self.base, trust_env=False, timeout=20) as client:
            return scraped(client)

    def workers(self) -> list[int]:
        """Process ids, by what the kernel says."""
        return [pid for pid in (int(path.name) for path in Path("/proc").glob("[0-9]*")) if _parent(pid) == self.running.group]


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return 0


@dataclass
class Hospital:
    hosts: tuple[Host, Host]
    proxy: Proxy
    store: Store

    @property
    def address(self) -> str:
        return self.proxy.address

    def token(self, path: str = SERVICE) -> dict[str, str]:
        return bearer(claims(aud=f"{self.address}{path}"))

    def post(self, base: str, path: str, body: Any, headers: dict[str, str]) -> httpx2.Response:
        with httpx2.Client(base_url=base, trust_env=False, timeout=20) as client:
            return client.post(path, json=body, headers=headers)

    def total(self, *sample: Any) -> float:
        return sum(each.metrics().get(sample, 0) for each in self.hosts)


@pytest.fixture
def hospital(tmp_path, postgresql) -> Iterator[Hospital]:
    folder, port = tmp_path, free_port()
    jwks_file(folder)
    url = postgresql.new_database()
    config = folder / "service.toml"
    config.write_text(
        f'public_base_url = "https://127.0.0.1:{port}"\ndatabase_url = "{url}"\nsigning_key_file = "{folder}/signing.pem"\nlimits = {{drain_s = 0.2}}\n'
        f'[[clients]]\nname = "hospital"\nissuer = "{ISSUER}"\njwks_file = "client.jwks.json"\n'
    )
    with ExitStack() as stack:
        services = stack.enter_context(forge(folder))
        hosts = tuple(Host(services, _made(folder / name), config, free_port()) for name in ("one", "two"))
        for each in hosts:
            each.start()
        proxy = stack.enter_context(nginx(folder, *(each.port for each in hosts), port=port))
        store = stack.enter_context(closing(Store(url, folder / "one" / "data")))
        yield Hospital(hosts, proxy, store)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


@dataclass
class Traffic:
    """Calls through the proxy, one after another, until told to stop; what was acknowledged, and how often something else was answered."""

    hospital: Hospital
    acknowledged: list[str] = field(default_factory=list)
    others: list[int] = field(default_factory=list)
    ending: bool = False

    def run(self) -> None:
        with self.hospital.proxy.client() as client:
            while not self.ending:
                answer = client.post(SERVICE, json=RED_FLAG, headers=self.hospital.token())
                if answer.status_code == 200:
                    self.acknowledged.append(answer.headers["x-correlation-id"])
                else:
                    self.others.append(answer.status_code)

    def more(self, count: int = 20) -> None:
        """Waits until so many more calls were acknowledged."""
        least, deadline = len(self.acknowledged) + count, time.monotonic() + 60
        while len(self.acknowledged) < least:
            assert time.monotonic() < deadline
            time.sleep(0.02)


@contextmanager
def traffic(hospital: Hospital) -> Iterator[Traffic]:
    calls = Traffic(hospital)
    threads = [threading.Thread(target=calls.run) for _ in range(CALLERS)]
    for each in threads:
        each.start()
    try:
        yield calls
    finally:
        calls.ending = True
        for each in threads:
            each.join(timeout=60)


def soon(what: Callable[[], bool], seconds: float = 60) -> bool:
    """A scrape may reach the worker that was just killed."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(httpx2.HTTPError):
            if what():
                return True
        time.sleep(0.05)
    return False


def test_two_hosts_are_as_one_service(hospital, tell) -> None:
    """One test, because the hosts take longer to start than all of this to try."""
    a_token_is_accepted_once_on_all_hosts(hospital)
    feedback_is_taken_by_either_host_and_quiets_on_both(hospital)
    metrics_are_those_of_all_workers(hospital)
    one_host_verifies_and_all_tell_of_it(hospital)
    tell(no_acknowledged_call_is_lost_in_a_rolling_restart_or_with_a_host(hospital))
    counts_outlive_a_worker(hospital.hosts[1])


def a_token_is_accepted_once_on_all_hosts(hospital: Hospital) -> None:
    for first, second in (hospital.hosts, reversed(hospital.hosts)):
        token = hospital.token()
        statuses = [hospital.post(each.base, SERVICE, RED_FLAG, token).status_code for each in (first, second, first, second)]
        assert statuses == [200, 401, 401, 401]
    token, together = hospital.token(), []
    threads = [
        threading.Thread(target=lambda base=each.base: together.append(hospital.post(base, SERVICE, RED_FLAG, token).status_code))
        for each in hospital.hosts * 6
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(together) == [200, *[401] * 11]


def feedback_is_taken_by_either_host_and_quiets_on_both(hospital: Hospital) -> None:
    one, two = hospital.hosts
    asked = {**RED_FLAG, "context": {**RED_FLAG["context"], "userId": "Practitioner/feedback"}, "fhirServer": "https://ehr.example/feedback"}
    (card,) = hospital.post(one.base, SERVICE, asked, hospital.token()).json()["cards"]
    answer = {"card": card["uuid"], "outcome": "overridden", "overrideReason": {"reason": {"code": "examined-no-red-flag"}}}
    assert hospital.post(two.base, f"{SERVICE}/feedback", {"feedback": [answer]}, hospital.token(f"{SERVICE}/feedback")).status_code == 200
    summaries = {hospital.post(each.base, SERVICE, asked, hospital.token()).json()["cards"][0]["summary"] for each in hospital.hosts}
    assert len(summaries) == 1
    assert summaries != {card["summary"]}


def metrics_are_those_of_all_workers(hospital: Hospital) -> None:
    answered = ("pncds_calls_total", ("outcome", "cards"))
    before, entries = hospital.total(*answered), len(hospital.store.rows())
    with traffic(hospital) as calls:
        calls.more(40)
    assert calls.others == []
    wanted = before + len(calls.acknowledged)
    assert hospital.total(*answered) == wanted
    assert hospital.total("pncds_tokens_accepted_total", ("client", "hospital")) >= wanted
    assert {each.metrics()["pncds_audit_entries",] for each in hospital.hosts} == {entries + len(calls.acknowledged)}


def one_host_verifies_and_all_tell_of_it(hospital: Hospital) -> None:
    assert all(("pncds_audit_whole",) not in each.metrics() for each in hospital.hosts)
    where = {"PNCDS_DATABASE_URL": str(hospital.store.url), "PNCDS_DATA_DIR": str(hospital.store.data_dir), "PNCDS_CONFIG": ""}
    assert run_here("audit", "verify", **where).exit_code == 0
    assert [each.metrics()["pncds_audit_whole",] for each in hospital.hosts] == [1, 1]
    assert len({each.metrics()["pncds_audit_verified_timestamp_seconds",] for each in hospital.hosts}) == 1


def counts_outlive_a_worker(host: Host) -> None:
    """Its own, whether or not another has taken its place by now. One that is stopped answers nobody: killed then, it leaves its supervisor waiting."""
    before = {sample: count for sample, count in host.metrics().items() if sample[0] in {"pncds_calls_total", "pncds_tokens_accepted_total"}}
    assert sum(before.values()) > 0
    dying = host.workers()[0]
    os.kill(dying, signal.SIGSTOP)
    time.sleep(1)  # longer than the supervisor waits between two questions
    os.kill(dying, signal.SIGKILL)
    assert soon(lambda: before.items() <= host.metrics().items())
    assert soon(lambda: dying not in (now := host.workers()) and len(now) == 2, seconds=STUCK_SECONDS / 2)


def no_acknowledged_call_is_lost_in_a_rolling_restart_or_with_a_host(hospital: Hospital) -> str:
    with traffic(hospital) as calls:
        for host in hospital.hosts:
            calls.more()
            assert host.running.stop() == 0
            calls.more()
            host.start()
        rolling, refused = len(calls.acknowledged), list(calls.others)
        calls.more()
        hospital.hosts[0].running.kill()
        calls.more(40)
    rows = hospital.store.rows()
    assert len(set(calls.acknowledged)) == len(calls.acknowledged)
    assert set(calls.acknowledged) <= {row.correlation_id for row in rows}
    assert set(calls.others) <= {502, 503}
    assert unbroken(rows)
    assert hospital.store.verified().problem is None
    return f"{rolling} acknowledged while both hosts were restarted, {dict(Counter(refused))} not; {len(calls.acknowledged) - rolling} when one was killed, {calls.others[len(refused) :]} not"
