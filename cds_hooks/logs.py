"""Log lines: ours with keys of a closed list, those of libraries without their words. JSON in production, text in the sandbox."""

from __future__ import annotations

import logging
import sys
import threading
from traceback import extract_tb
from types import TracebackType
from typing import Any

import structlog
from structlog.stdlib import BoundLogger, ProcessorFormatter
from structlog.typing import EventDict, Processor

NAME = "cds_hooks"
KEYS = ("timestamp", "level", "logger", "event", "process", "profile", "version", "correlation_id", "client", "why", "failure", "where")
"""All that a line may tell, in this order. `event` is a sentence of ours; whoever adds a key sees to it that no value comes from a call or a chart."""
WITHHELD = "words of a library, withheld"
LIFE = ("Started ", "Waiting for ", "Application ", "Uvicorn running", "Shutting down", "Finished ", "Stopping ", "Child process ", "Received ", "Terminated ")
"""How the server's lines begin that tell of processes and of nothing else."""


def logger() -> BoundLogger:
    """Of the service. Whatever else is handed over with a line than KEYS never leaves."""
    bound: BoundLogger = structlog.wrap_logger(
        logging.getLogger(NAME), wrapper_class=BoundLogger, processors=[structlog.stdlib.filter_by_level, _allowed, ProcessorFormatter.wrap_for_formatter]
    )
    return bound


def set_up(profile: str) -> None:
    """For the process as a whole: every line goes through one handler, and no failure prints what it was about."""
    root, telling = logging.getLogger(), logging.INFO if profile == "production" else logging.WARNING
    root.handlers = [handler(profile)]
    root.setLevel(logging.WARNING)
    for name in (NAME, "uvicorn.error"):
        logging.getLogger(name).setLevel(telling)
    logging.captureWarnings(capture=True)
    logging.raiseExceptions = False  # a line that cannot be formatted would print its arguments
    threading.excepthook = lambda failed: _fell(failed.exc_type, failed.exc_traceback)
    sys.unraisablehook = lambda failed: _fell(failed.exc_type, failed.exc_traceback)


def handler(profile: str) -> logging.Handler:
    """Writes to standard error."""
    rendered: Processor = structlog.processors.JSONRenderer() if profile == "production" else structlog.processors.KeyValueRenderer(drop_missing=True)
    around: list[Processor] = [_around, structlog.processors.TimeStamper(fmt="iso", utc=True), _in_order, rendered]
    told = logging.StreamHandler(sys.stderr)
    told.setFormatter(ProcessorFormatter(foreign_pre_chain=[_without_words], processors=around))
    return told


def where(traceback: TracebackType | None) -> str:
    """The innermost place of a failure: which function of which file, and the line."""
    frames = extract_tb(traceback)
    return f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno} {frames[-1].name}" if frames else ""


def _fell(kind: type[BaseException], traceback: TracebackType | None) -> None:
    logger().error("a failure that nobody awaited", failure=kind.__name__, where=where(traceback))


def _allowed(_: Any, __: str, line: EventDict) -> EventDict:
    return {name: said for name, said in line.items() if name in KEYS}


def _without_words(_: Any, __: str, line: EventDict) -> EventDict:
    """Of a library's line only where it comes from, and the kind of failure: its words may hold an address or the chart."""
    record: logging.LogRecord = line["_record"]
    failure = record.exc_info[0] if record.exc_info else None
    alive = record.name == "uvicorn.error" and failure is None and str(line["event"]).startswith(LIFE) and "\n" not in str(line["event"])
    told = {"failure": failure.__name__} if failure else {}
    line.update(event=line["event"] if alive else WITHHELD, where=f"{record.filename}:{record.lineno}", **told)
    line.pop("exc_info", None)
    return line


def _around(_: Any, __: str, line: EventDict) -> EventDict:
    record: logging.LogRecord = line["_record"]
    return {**line, "level": record.levelname.lower(), "logger": record.name, "process": record.process}


def _in_order(_: Any, __: str, line: EventDict) -> EventDict:
    return {name: line[name] for name in KEYS if name in line}
