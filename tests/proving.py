"""Did the tests that the hazard table names pass? Hooks of pytest: a run in which one of them was only skipped, or is expected to fail, has failed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import pytest

from cds_hooks.about.hazards import HAZARDS

NAMED = {test: hazard.id for hazard in HAZARDS for control in hazard.controls for test in control.tests}
"""Every test that a control rests on, and whose."""

_came_to: dict[str, set[str]] = defaultdict(set)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    name = report.nodeid.partition("[")[0]
    if name in NAMED and (report.when == "call" or report.outcome != "passed"):
        _came_to[name].add("expected to fail" if hasattr(report, "wasxfail") else report.outcome)


def unproven(came_to: Mapping[str, set[str]]) -> list[str]:
    """The named tests that ran and of which no case passed, or one is expected to fail; those that failed are told by pytest itself."""
    return sorted(name for name, outcomes in came_to.items() if "expected to fail" in outcomes or not outcomes & {"passed", "failed"})


def pytest_sessionfinish(session: pytest.Session) -> None:
    if unproven(_came_to) and session.exitstatus == pytest.ExitCode.OK and not hasattr(session.config, "workerinput"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    for name in unproven(_came_to):
        terminalreporter.write_line(f"UNPROVEN {NAMED[name]}: {name} did not pass, so its control stands on nothing", red=True)
