"""audit list, show, export and stats as an operator types them. Each look is an entry; nothing of the log changes otherwise."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from commands import run, run_here
from keeping import entries
from many_entries import Plan, fill
from sqlalchemy import delete

from cds_hooks.app import utc_now
from cds_hooks.audit import record, verifying
from cds_hooks.audit.database import FILE, database
from cds_hooks.audit.log import writing
from cds_hooks.audit.record import kept
from cds_hooks.audit.signing import PUBLIC_FILE
from cds_hooks.audit.store import prepare
from cds_hooks.audit.tables import marks
from cds_hooks.audit.writer import append
from cds_hooks.errors import Refusal
from cds_hooks.settings import Settings
from fhir_mappings import r4

COUNT = 120


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data directory with some days of use, the last of them today."""
    prepare(Settings(data_dir=tmp_path), utc_now)
    fill(database(None, tmp_path), Plan(COUNT, end=utc_now(), days=3))
    return tmp_path


def audit(folder: Path, *arguments: str):
    return run_here("audit", *arguments, "--data-dir", str(folder))


def test_list_finds_and_pages_and_tells_who_looked(folder) -> None:
    first = json.loads(audit(folder, "list", "--kind", "call", "--size", "5", "--json").stdout)
    second = json.loads(audit(folder, "list", "--kind", "call", "--size", "5", "--before", str(first["older"]), "--json").stdout)
    sequences = [each["sequence"] for each in (*first["entries"], *second["entries"])]
    assert sequences == sorted(set(sequences), reverse=True)
    assert {each["kind"] for each in first["entries"]} == {"call"}
    told = [each for _, each in entries(folder)[COUNT:]]
    assert [(each["kind"], each["action"], each["asked"]) for each in told] == [("review", "search", {"kind": "call"})] * 2
    assert told[0]["reviewer"]["by"] == "command line"


def test_list_for_people(folder) -> None:
    assert "│" in audit(folder, "list", "--rule", "R01").stdout
    assert audit(folder, "list", "--patient", "nobody").exit_code == 0


def test_a_list_says_why_callers_were_refused_and_what_they_asked_for(tmp_path) -> None:
    prepare(Settings(data_dir=tmp_path), utc_now)
    log = database(None, tmp_path)
    wrong = Refusal("unauthorized", "Refused.", cause="expired", claimed="north")
    one = record.refused(wrong, correlation_id="c", at=utc_now(), latency_ms=1)
    many = record.refused_many("sign-in-needed", "unknown review token", 9, utc_now(), correlation_id="d", at=utc_now(), path="/audit/rules")
    connection = log.ready()
    with log.writing(connection):
        append(connection, [writing(one), writing(many)])
    connection.close()
    told = run("audit", "list", "--data-dir", str(tmp_path), COLUMNS="240").stdout
    for wanted in ("expired", "claimed: north", "/audit/rules", "unknown review token", "9 times"):
        assert wanted in told


def test_show_gives_the_exact_bytes(folder) -> None:
    answer = audit(folder, "show", "7", "--json")
    assert json.loads(answer.stdout) == entries(folder)[6][1]
    assert "hash" in audit(folder, "show", "7").stdout
    assert (entries(folder)[-1][1]["action"], entries(folder)[-1][1]["viewed"]) == ("view", 7)
    assert audit(folder, "show", "9999").exit_code == 1


def test_an_export_is_verified_as_it_is(folder) -> None:
    exported = run("audit", "export", "--data-dir", str(folder))
    (folder / "export.ndjson").write_text(exported.stdout)
    assert verifying.check(folder / "export.ndjson", folder / PUBLIC_FILE).whole
    assert [each.get("kind") == "checkpoint" for each in map(json.loads, exported.stdout.splitlines())] == [*[False] * COUNT, True]
    assert entries(folder)[-1][1]["through"] == COUNT
    part = run("audit", "export", "--kind", "call", "--data-dir", str(folder)).stdout
    assert {each["kind"] for each in map(json.loads, part.splitlines())} == {"call"}
    assert verifying.check(folder / FILE, folder / PUBLIC_FILE).problem is None


def test_exports_of_other_forms(folder) -> None:
    table = list(csv.DictReader(io.StringIO(audit(folder, "export", "--format", "csv", "--kind", "feedback").stdout)))
    assert {each["kind"] for each in table} == {"feedback"}
    assert r4.is_valid(json.loads(audit(folder, "export", "--format", "auditevent", "--rule", "R01").stdout))


def test_stats(folder) -> None:
    told = json.loads(audit(folder, "stats", "--json").stdout)
    assert told["kinds"]["clinical"] == COUNT
    shown = [each for _, each in entries(folder)[:COUNT] if each.get("shown")]
    assert sum(each["shown"] for each in told["rules"].values()) == len(shown)
    assert "Shown" in audit(folder, "stats").stdout


def test_the_index_is_compared_and_made_anew(folder) -> None:
    assert audit(folder, "index").exit_code == 0
    with database(None, folder).engine.begin() as connection:
        connection.execute(delete(marks).where(marks.c.sequence == 5))
    answer = audit(folder, "index")
    assert (answer.exit_code, "does NOT match" in answer.stdout) == (1, True)
    assert json.loads(audit(folder, "index", "--rebuild", "--json").stdout)["matches"]
    assert audit(folder, "index").exit_code == 0
    assert entries(folder)[-1][1]["action"] == "index"


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("list", "--since", "soon"), 2, "From must be a day or a time"),
        (("list", "--kind", "nothing"), 2, "must be one of those offered"),
        (("export", "--format", "pdf"), 2, "--format must be one of ndjson, csv, dsi-feedback, auditevent"),
        (("show", "zero"), 2, "Error"),
    ],
)
def test_usage(folder, arguments, code, sentence) -> None:
    answer = audit(folder, *arguments)
    assert answer.exit_code == code
    assert sentence in answer.stderr


def test_no_log_is_made_by_looking_for_one(tmp_path) -> None:
    answer = audit(tmp_path / "elsewhere", "list")
    assert (answer.exit_code, "cannot be opened" in answer.stderr) == (2, True)
    assert not (tmp_path / "elsewhere").exists()


def test_terminals_get_no_escape_sequences_from_strangers(tmp_path) -> None:
    prepare(Settings(data_dir=tmp_path), utc_now)
    log = database(None, tmp_path)
    fill(log, Plan(3))
    connection = log.ready()
    with log.writing(connection):
        append(connection, [writing(kept("call", utc_now(), "c", {"user": "\x1b[31mred\u202e[bold]", "outcome": "cards"}))])
    connection.close()
    for answer in (audit(tmp_path, "list"), audit(tmp_path, "show", "4")):
        assert "\x1b[31mred" not in answer.stdout
        assert "\u202e" not in answer.stdout
