"""What several tests need: the service in process, a clock that stands, and where the shared material may lie."""

from __future__ import annotations

import json
import logging
import os
import secrets
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
import telltale
from charts import PATIENT
from evaluating import NOW
from fhir_server import SECRETS
from hypothesis import HealthCheck, Phase, settings
from proving import pytest_runtest_logreport, pytest_sessionfinish, pytest_terminal_summary  # noqa: F401 - hooks
from starlette.testclient import TestClient
from stores import NoServer, Server, Store, server

from cds_hooks import edge
from cds_hooks.app import create_app
from cds_hooks.settings import Settings

HEAVY = os.environ.get("PNCDS_HEAVY") == "1"
SEED = os.environ.get("PNCDS_SEED")
for name in ("PNCDS_HEAVY", "PNCDS_SEED"):
    os.environ.pop(name, None)
os.environ.setdefault("COLUMNS", "160")  # a console has its width from the start, whichever test brings the commands first
settings.register_profile(
    "usual", max_examples=60, deadline=None, derandomize=bool(os.environ.get("CI")), suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
settings.register_profile("heavy", max_examples=3000, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
settings.register_profile("mutate", max_examples=15, deadline=None, derandomize=True, database=None, phases=[Phase.explicit, Phase.generate])
settings.load_profile("heavy" if HEAVY else "usual")

errors: list[str] = []
"""Bodies of errors that were answered in the test that runs."""
SHARED = Path(os.environ.get("SHARED_DIR", Path(__file__).resolve().parents[2] / "shared"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """No test is passed that made the service tell of a patient: in a log line, on the terminal, or in the body of an error."""
    report = yield
    told = telltale.found("\n".join([*(text for _, text in report.sections), *errors]))
    errors.clear()
    if told and report.passed:
        report.outcome, report.longrepr = "failed", f"{item.nodeid} told of a patient: {told}"
    return report


@pytest.fixture(scope="session", autouse=True)
def _errors_are_seen() -> Iterator[None]:
    """Every error of a service in this process is made by one function."""
    made = edge.operation_outcome

    def seen(*arguments: Any) -> dict[str, Any]:
        body = made(*arguments)
        errors.append(json.dumps(body))
        return body

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(edge, "operation_outcome", seen)
        yield


@pytest.fixture
def shared() -> Path:
    """The folder with the oracle, vignettes and third-party patients, where there is one."""
    if not (SHARED / "vignettes").is_dir():
        pytest.skip("needs the shared folder with the oracle and vignettes beside the project")
    return SHARED


@pytest.fixture
def sandbox(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data")


@pytest.fixture
def client(sandbox: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(sandbox, clock=lambda: NOW), base_url="http://127.0.0.1:8000") as running:
        yield running


@pytest.fixture
def nothing_is_told(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Neither the token nor a word of the chart or of the server in any log at any level, nor on the terminal."""
    for name in ("", "cds_hooks", "httpx2", "httpcore2", "httpcore2.http11", "httpcore2.connection", "asyncio"):
        caplog.set_level(logging.DEBUG, logger=name)
    yield
    records = [caplog.handler.format(each) for phase in ("setup", "call") for each in caplog.get_records(phase)]
    told = "\n".join([*records, *capfd.readouterr()])
    assert [each for each in (*SECRETS, PATIENT) if each in told] == []


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """One server for all tests of a process."""
    yield from _server()


@pytest.fixture
def own_postgresql() -> Iterator[Server]:
    """A server that a test may crash."""
    yield from _server()


def _server() -> Iterator[Server]:
    with ExitStack() as stack:
        try:
            running = stack.enter_context(server())
        except NoServer as why:
            pytest.skip(str(why))
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty place for an audit log, of either kind."""
    url = request.getfixturevalue("postgresql").new_database() if request.param == "postgresql" else None
    with closing(Store(url, tmp_path / "data")) as place:
        yield place


@pytest.fixture
def tell(request: pytest.FixtureRequest, capfd: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """For the figures of long forms: past pytest, to whoever reads."""

    def write(line: str) -> None:
        if request.node.get_closest_marker("heavy"):
            with capfd.disabled():
                sys.stderr.write(f"\n{request.node.name}: {line}\n")

    return write


@pytest.fixture
def seed(request: pytest.FixtureRequest, tell: Callable[[str], None]) -> int:
    """For whatever is drawn: always the same in the short forms, a new one in the long ones. Told, and set with PNCDS_SEED."""
    long = request.node.get_closest_marker("heavy") is not None
    drawn = int(SEED) if SEED else secrets.randbelow(2**32) if long else 20261122
    tell(f"PNCDS_SEED={drawn}")
    return drawn
