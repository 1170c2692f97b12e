"""The commands as a user types them."""

from __future__ import annotations

import json
import re
import sqlite3
from pathlib import Path

import pytest
from charts import AS_OF, PATIENT, Chart, bundle, person, problem, seen
from commands import run
from fhir_server import fhir_server, status

from cds_hooks.sandbox.samples import samples
from fhir_mappings.queries import QUERIES

RED_FLAG = Chart((person(), problem("leg cramps", 5), problem("urinary incontinence", 2)))
EXPECTED = {
    "bilateral-sciatica": ["AskRedFlagsNow"],
    "both-legs-weak": ["LegWeaknessUrgent"],
    "cauda-equina": ["CaudaEquinaRedFlags"],
    "long-standing-incontinence": ["SpasmCourse"],
    "low-potassium": ["MetabolicContributor"],
    "nerve-root-link": ["NerveRootLink"],
    "night-cramps": ["CrampImpact"],
    "nothing-to-say": [],
    "spasm-with-numbness": ["SpasmWithNeurologicalSigns"],
    "workup-under-way": ["RedFlagWorkupFound"],
    "worsening-spasms": ["SpasmCourse"],
}


@pytest.fixture
def chart(tmp_path) -> Path:
    path = tmp_path / "chart.json"
    path.write_text(json.dumps(bundle(RED_FLAG.resources())))
    return path


def test_check_a_bundle(chart) -> None:
    answer = run("check", str(chart), "--as-of", AS_OF.isoformat())
    assert answer.returncode == 0
    assert "CRITICAL: Possible cauda equina red flags" in answer.stdout
    assert "Options to consider" in answer.stdout


def test_check_tells_what_was_read_of_the_records(tmp_path) -> None:
    facts = (*RED_FLAG.facts, problem("foot drop", 3, verified="refuted"), seen("Bladder scan volume (mL)", 0, 320), problem("asthma", 9))
    path = tmp_path / "chart.json"
    path.write_text(json.dumps(bundle(Chart(facts).resources())))
    shown = run("check", str(path), "--as-of", AS_OF.isoformat(), COLUMNS="160").stdout
    assert "Records: 6; 3 say something here; 1 set aside (refuted)." in shown
    assert "post-void residual, 320 mL, from text" in shown
    told = json.loads(run("check", str(path), "--as-of", AS_OF.isoformat(), "--json").stdout)
    assert [each["concept"] for each in told["facts"]] == ["leg spasm", "urinary incontinence", "post-void residual"]
    assert (told["recordsIgnored"], told["recordsOutsideVocabulary"]) == ({"refuted": 1}, 1)


def test_a_narrow_terminal_cuts_nothing(chart) -> None:
    shown = run("check", str(chart), "--as-of", AS_OF.isoformat(), COLUMNS="50").stdout
    assert "Guidelines advise emergency assessment." in " ".join(re.sub("[│╭╮╰╯─]", "", shown).split())


def test_several_files_are_one_json_document(chart) -> None:
    told = json.loads(run("check", str(chart), str(chart), "--json").stdout)
    assert [each["file"] for each in told] == [str(chart)] * 2


@pytest.mark.parametrize("change", ["included", "patient known by urn:uuid"])
def test_a_whole_chart_however_it_was_bundled(tmp_path, change) -> None:
    entries = [{"resource": each} for each in RED_FLAG.resources()]
    urn = "urn:uuid:9a1f8a44-6f0c-4f3c-8a52-0d8f3a6c3b11"
    for each in entries:
        if change == "included":
            each["search"] = {"mode": "match" if each["resource"]["resourceType"] == "Patient" else "include"}
        elif each["resource"]["resourceType"] == "Patient":
            each["fullUrl"] = urn
            each["resource"] = {key: value for key, value in each["resource"].items() if key != "id"}
        else:
            each["resource"] = {**each["resource"], "subject": {"reference": urn}}
    path = tmp_path / "chart.json"
    path.write_text(json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries}))
    result = json.loads(run("check", str(path), "--as-of", AS_OF.isoformat(), "--json").stdout)
    assert [each["source"]["topic"]["code"] for each in result["cards"]] == ["CaudaEquinaRedFlags"]


def test_a_log_of_another_kind_stops_the_start(tmp_path) -> None:
    with sqlite3.connect(tmp_path / "audit.sqlite3") as other:
        other.execute("CREATE TABLE entries (something INTEGER)")
    answer = run("serve", "--data-dir", str(tmp_path))
    assert (answer.returncode, "not of this version" in " ".join(answer.stderr.split()), answer.stdout) == (2, True, "")


def test_check_as_json(chart) -> None:
    result = json.loads(run("check", str(chart), "--as-of", AS_OF.isoformat(), "--json").stdout)
    assert result["cards"][0]["source"]["topic"]["code"] == "CaudaEquinaRedFlags"
    assert result["outcome"] == "cards"


def test_the_day_decides(chart) -> None:
    result = json.loads(run("check", str(chart), "--as-of", "2026-08-01", "--json").stdout)
    assert [each["source"]["topic"]["code"] for each in result["cards"]] == ["SpasmCourse"]


@pytest.mark.parametrize("name", EXPECTED)
def test_every_sample_gives_its_cards(name, tmp_path) -> None:
    path = tmp_path / "request.json"
    path.write_text(run("samples", name).stdout)
    result = json.loads(run("check", str(path), "--json").stdout)
    assert [each["source"]["topic"]["code"] for each in result["cards"]] == EXPECTED[name]


def test_all_samples_are_listed() -> None:
    assert set(samples()) == EXPECTED.keys()
    listed = run("samples").stdout
    assert all(name in listed for name in EXPECTED)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "not valid JSON"),
        ("<html></html>", "not valid JSON"),
        ('{"resourceType": "Bundle"}', "exactly one Patient"),
        ('{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient"}}]}', "neither an id nor a urn:uuid"),
        ('{"resourceType": "Patient", "id": "x"}', "a Bundle or a CDS Hooks request is needed"),
        ('{"hook": "order-sign", "hookInstance": "x", "context": {"userId": "u", "patientId": "p"}}', "answers the hook patient-view"),
        ('{"hook": "patient-view", "hookInstance": "x", "context": {"userId": "u", "patientId": "p"}}', "Conditions and Observations are needed"),
    ],
)
def test_check_says_what_is_wrong(tmp_path, content, words) -> None:
    path = tmp_path / "broken.json"
    path.write_text(content)
    answer = run("check", str(path))
    assert answer.returncode == 1
    assert words in " ".join(answer.stdout.split())


def test_check_a_file_that_is_not_there() -> None:
    answer = run("check", "/nowhere/x.json")
    assert (answer.returncode, "cannot be read" in answer.stdout) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "environment", "words"),
    [
        (("check", "x.json", "--as-of", "today"), {}, "--as-of must be a day"),
        (("check", "x.json", "--as-of", "9999-12-31"), {}, "from 1900 to 2200"),
        (("check",), {}, "Give files to check, or --fhir-server together with --patient"),
        (("check", "x.json", "--fhir-server", "http://127.0.0.1:1"), {}, "Give files to check"),
        (("check", "--fhir-server", "http://127.0.0.1:1"), {}, "together with --patient"),
        (("check", "--fhir-server", "http://127.0.0.1:1", "--patient", "1", "--token-file", "/nowhere"), {}, "token file cannot be read"),
        (("check", "--fhir-server", "http://127.0.0.1:1", "--patient", "1", "--token-file", __file__), {}, "holds a bearer token"),
        (("serve", "--host", "0.0.0.0"), {}, "loopback only"),
        (("serve", "--profile", "production"), {}, "production profile needs at least one registered client"),
        (("serve", "--config", "/nowhere.toml"), {}, "cannot be read"),
        (("serve", "--data-dir", "/proc/nothing"), {}, "cannot be written"),
        (("rules",), {"PNCDS_COLOUR": "red"}, "PNCDS_COLOUR is not a setting"),
        (("rules",), {"PNCDS_INTERPRETATIONS": '{"new_days": 3}'}, "new_days must lie between"),
        (("samples", "nobody"), {}, "There is no sample patient"),
        (("unheard-of",), {}, "No such command"),
    ],
)
def test_usage(arguments, environment, words) -> None:
    answer = run(*arguments, **environment)
    assert answer.returncode == 2
    assert words in " ".join(answer.stderr.split())
    assert "Traceback" not in answer.stderr


def test_check_a_patient_of_a_server(tmp_path) -> None:
    """What was asked, what came, progress on the way, and the cards; the token in nothing of it."""
    token = tmp_path / "token"
    token.write_text("CANARY-token\n")
    with fhir_server(RED_FLAG) as ehr:
        ehr.faults["exam"] = status(403)
        answer = run("check", "--fhir-server", ehr.base, "--patient", f"Patient/{PATIENT}", "--token-file", str(token), "--as-of", AS_OF.isoformat())
        assert {each.headers["Authorization"] for each in ehr.asked} == {"Bearer CANARY-token"}
    assert answer.returncode == 0
    assert "CRITICAL: Possible cauda equina red flags" in answer.stdout
    assert "What was asked of the FHIR server, and what came" in answer.stdout
    assert re.search(r"exam .* error, 0 records \(the server answered 403\)", answer.stdout)
    progress = answer.stderr.splitlines()
    assert progress[0].startswith("Reading from http://127.0.0.1")
    assert {line.split()[0] for line in progress[1:]} == set(QUERIES)
    assert "CANARY" not in answer.stdout + answer.stderr


@pytest.mark.parametrize(
    ("server", "patient", "words"),
    [
        ("http://127.0.0.1:1/fhir", "1", "conditions (error: no connection)"),
        ("http://127.0.0.1:1/fhir", "1", "The server could not be reached. Check the address"),
        ("http://127.0.0.1:1/fhir?x", "1", "Give its base"),
        ("127.0.0.1:1/fhir", "1", "Give its base"),
        ("http://" + "a" * 300 + "/fhir", "1", "Give its base"),
        ("http://127.0.0.1:1/fhir", "../1", "The patient is not an id"),
    ],
)
def test_check_says_what_is_wrong_with_a_server(server, patient, words) -> None:
    answer = run("check", "--fhir-server", server, "--patient", patient)
    assert answer.returncode == 1
    assert words in " ".join(answer.stdout.split())
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize(
    ("address", "how"),
    [("https://me:s3cret@h/fhir", ()), ("htps://me:s3cret@h/fhir", ("--json",)), ("me:s3/s3cret@h", ()), ("https://h/fhir?t=s3cret", ("--json",))],
)
def test_a_password_in_the_address_is_not_repeated(address, how) -> None:
    answer = run("check", "--fhir-server", address, "--patient", "1", *how)
    assert answer.returncode != 0
    assert "address cannot be used" in answer.stdout
    assert "s3cret" not in answer.stdout + answer.stderr


def test_what_is_wrong_with_a_server_stands_at_the_end() -> None:
    with fhir_server(RED_FLAG) as ehr:
        answer = run("check", "--fhir-server", ehr.base, "--patient", "nobody")
    assert answer.returncode == 1
    assert "The server knows no patient of this id." in " ".join(answer.stdout.split("Outcome:")[1].split())


def test_rules() -> None:
    shown = run("rules").stdout
    assert "R01" in shown
    assert "new_days" in shown
    table = json.loads(run("rules", "--json", PNCDS_INTERPRETATIONS='{"new_days": 20}').stdout)
    assert [each["id"] for each in table["rules"]][:2] == ["R01", "R03c"]
    assert next(each for each in table["interpretations"] if each["id"] == "new_days")["value"] == 20


def test_every_command_is_documented() -> None:
    commands = set(re.findall(r"│ (\w+)  ", run("--help").stdout))
    assert {"serve", "check", "rules", "samples"} <= commands
    page = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
    assert [each for each in commands if f"`pinched-nerve-cds {each}" not in page] == []
