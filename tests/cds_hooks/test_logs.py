"""What a line of the log may tell: keys of a closed list, and of libraries no words."""

from __future__ import annotations

import ast
import json
import logging
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from cds_hooks import logs
from cds_hooks.app import create_app

WORDS = "Privatename has leg cramps"
"""None of telltale.py: pytest sees these lines as they were said."""
ROOT = Path(__file__).parents[2]


def failing(log: logging.Logger) -> None:
    try:
        int(WORDS)
    except ValueError:
        log.exception("%s", WORDS)


def line(profile: str, name: str, say: Callable[[logging.Logger], None]) -> str:
    """What one logger says, as it reaches standard error."""
    handler, found = logs.handler(profile), []
    log = logging.getLogger(name)
    log.addHandler(handler)
    level = log.level
    log.setLevel(logging.DEBUG)
    handler.emit = lambda record: found.append(handler.format(record))  # type: ignore[method-assign]
    try:
        say(log)
    finally:
        log.removeHandler(handler)
        log.setLevel(level)
    assert len(found) == 1
    return found[0]


FOREIGN = {
    "an address": ("httpx2", lambda log: log.info("HTTP Request: GET https://ehr.example/Patient/%s", WORDS)),
    "a failure": ("asyncio", failing),
    "a statement with its parameters": ("sqlalchemy.engine.Engine", lambda log: log.info("[generated in 0.1s] (%r,)", WORDS)),
    "a warning": ("py.warnings", lambda log: log.warning("%s", f"x.py:1: UserWarning: {WORDS}")),
    "the server's failure at start": ("uvicorn.error", lambda log: log.error(f"Traceback (most recent call last):\n{WORDS}")),
    "the server's failure in a call": ("uvicorn.error", failing),
    "the server, with more than a line": ("uvicorn.error", lambda log: log.info(f"Started\n{WORDS}")),
    "extra members": ("uvicorn.error", lambda log: log.info("Started server process [%d]", 7, extra={"color_message": WORDS, "patient": WORDS})),
}


@pytest.mark.parametrize("profile", ["production", "sandbox"])
@pytest.mark.parametrize("what", FOREIGN)
def test_the_words_of_libraries_are_withheld(profile, what) -> None:
    name, say = FOREIGN[what]
    told = line(profile, name, say)
    assert "\n" not in told
    assert "rivatename" not in told
    assert name in told
    assert "test_logs.py:" in told


def test_a_failure_is_told_by_its_kind_and_place() -> None:
    told = json.loads(line("production", "asyncio", failing))
    assert told.items() >= {"event": logs.WITHHELD, "failure": "ValueError", "level": "error", "logger": "asyncio"}.items()
    with pytest.raises(ZeroDivisionError) as failed:
        raise ZeroDivisionError(WORDS)
    assert logs.where(failed.value.__traceback__).startswith("test_logs.py:")


@pytest.mark.parametrize("way", ["/about", "/cds-services/pinched-nerve-patient-view"])
def test_a_bug_is_told_by_its_kind_and_place_and_never_by_its_words(sandbox, monkeypatch, way) -> None:
    """Below the edge anything may be raised, with words of the chart in it; on the straight way of calls too."""

    def broken(*_: object) -> None:
        raise ValueError(WORDS)

    service = TestClient(create_app(sandbox), base_url="http://127.0.0.1:8000", raise_server_exceptions=False)
    monkeypatch.setattr("cds_hooks.trust.gate.Gate.check_room", broken)
    answers = []
    told = json.loads(line("production", "cds_hooks", lambda _: answers.append(service.get(way) if way == "/about" else service.post(way, json={}))))
    assert answers[0].status_code == 500
    assert told.items() >= {"event": "call failed", "failure": "ValueError", "correlation_id": answers[0].headers["x-correlation-id"]}.items()
    assert told["where"].startswith("test_logs.py:")
    assert "rivatename" not in json.dumps(told) + answers[0].text


def test_the_server_tells_of_its_processes() -> None:
    told = json.loads(line("production", "uvicorn.error", lambda log: log.info("Started server process [%d]", 7)))
    assert told["event"] == "Started server process [7]"


def test_our_own_lines_hold_keys_of_the_list_and_no_others() -> None:
    said = {"correlation_id": "c", "client": "hospital", "patient": WORDS, "url": WORDS, "exc_info": ZeroDivisionError(WORDS)}
    told = json.loads(line("production", "cds_hooks", lambda _: logs.logger().error("call failed", **said)))
    assert list(told) == ["timestamp", "level", "logger", "event", "process", "correlation_id", "client"]
    assert told.items() >= {"level": "error", "event": "call failed", "correlation_id": "c"}.items()
    assert line("sandbox", "cds_hooks", lambda _: logs.logger().error("call failed", **said)).endswith("correlation_id='c' client='hospital'")


def test_what_is_raised_in_a_thread_is_told_without_its_words(capfd, monkeypatch) -> None:
    for module, name in ((threading, "excepthook"), (sys, "unraisablehook"), (logging, "raiseExceptions")):
        monkeypatch.setattr(module, name, getattr(module, name))
    root, levels = logging.getLogger(), {name: logging.getLogger(name).level for name in ("", "cds_hooks", "uvicorn.error")}
    handlers = root.handlers
    logs.set_up("production")
    try:
        thread = threading.Thread(target=lambda: {}[WORDS])
        thread.start()
        thread.join()
        logging.getLogger("cds_hooks").error("%d", WORDS)
    finally:
        root.handlers = handlers
        logging.captureWarnings(capture=False)
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
    told = capfd.readouterr().err
    assert '"failure": "KeyError"' in told
    assert "rivatename" not in told


def log_calls() -> list[tuple[str, ast.Call]]:
    sources = [path for path in (ROOT / "cds_hooks").rglob("*.py") if path.name != "logs.py"]
    calls = [(path.name, node) for path in sources for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    levels = {"debug", "info", "warning", "error", "exception", "critical"}
    return [(name, each) for name, each in calls if isinstance(each.func, ast.Attribute) and each.func.attr in levels and ast.unparse(each.func.value) == "log"]


def test_every_line_of_ours_is_a_fixed_sentence_with_keys_of_the_list() -> None:
    """Nobody puts a word of the chart into one by formatting it in, and nobody goes round the list."""
    found = log_calls()
    assert len(found) > 5
    for name, each in found:
        assert len(each.args) == 1, name
        assert isinstance(each.args[0], ast.Constant), name
        assert {keyword.arg for keyword in each.keywords} <= set(logs.KEYS), name
    others = [path for path in (ROOT / "cds_hooks").rglob("*.py") if "logging.getLogger(" in path.read_text()]
    assert {each.name for each in others} == {"logs.py", "connection.py", "transport.py"}  # the latter two only silence libraries
