"""`samples --load`: the invented patients on a FHIR server, and clear words where it does not take them. On a real server: tests/external."""

from __future__ import annotations

import pytest
from charts import Chart
from commands import run
from fhir_faults import HTML
from fhir_server import CANARY, SECRETS, closed_at_once, fhir_server, hang, huge, outcome, redirect, saying, status

from cds_hooks.sandbox import loading
from cds_hooks.sandbox.samples import samples
from fhir_mappings.r4 import is_valid


@pytest.fixture
def ehr():
    with fhir_server(Chart(())) as running:
        yield running


def told(answer) -> str:
    return " ".join((answer.stdout + answer.stderr).split())


def test_every_sample_is_put_under_ids_of_its_own(ehr) -> None:
    answer = run("samples", "--load", ehr.base)
    assert answer.returncode == 0
    assert {asked.headers["Content-Type"] for asked, _ in ehr.posted} == {"application/fhir+json"}
    urls = [entry["request"]["url"] for _, body in ehr.posted for entry in body["entry"]]
    resources = [entry["resource"] for _, body in ehr.posted for entry in body["entry"]]
    assert len(ehr.posted) == len(samples())
    assert len(set(urls)) == len(urls)
    assert [f"{each['resourceType']}/{each['id']}" for each in resources] == urls
    assert {entry["request"]["method"] for _, body in ehr.posted for entry in body["entry"]} == {"PUT"}
    assert {each["meta"]["tag"][0]["code"] for each in resources} == {"invented"}
    assert [each["id"] for each in resources if not is_valid(each)] == []


def test_the_ids_and_the_next_command_are_told(ehr) -> None:
    lines = run("samples", "--load", f"{ehr.base}/").stdout.splitlines()
    patients = [loading.patient_id(each) for each in samples().values()]
    assert [line.split()[0] for line in lines[1 : 1 + len(patients)]] == patients
    assert lines[-1] == f"pinched-nerve-cds check --fhir-server {ehr.base}/ --patient sample-cauda-equina"


def test_one_sample_with_a_token(ehr, tmp_path) -> None:
    token = tmp_path / "token"
    token.write_text("CANARY-token\n")
    answer = run("samples", "night-cramps", "--load", ehr.base, "--token-file", str(token))
    assert [asked.headers["Authorization"] for asked, _ in ehr.posted] == ["Bearer CANARY-token"]
    assert "--patient sample-night-cramps --token-file FILE" in answer.stdout
    assert "CANARY" not in told(answer)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (status(400), "The server does not take the records as they are. It must be R4"),
        (status(401), "--token-file"),
        (status(403), "--token-file"),
        (status(404), "Give its base"),
        (status(405), "takes no transaction at this address"),
        (status(422), "update as create"),
        (status(500), "Try again later, or another server."),
        (redirect(307, f"https://ehr.example/{CANARY}"), "another address, which is not followed"),
        (closed_at_once, "could not be reached"),
        (huge, "is no FHIR server"),
        (saying(HTML, "text/html"), "is no FHIR server"),
        (saying(outcome("error")), "is no FHIR server"),
        (lambda handler, asked, lawful: handler.lawful({**lawful, "entry": lawful["entry"][1:]}), "is no FHIR server"),
        (lambda handler, asked, lawful: handler.lawful({**lawful, "entry": [{"response": {"status": "422"}}, *lawful["entry"][1:]]}), "is no FHIR server"),
    ],
)
def test_a_server_that_does_not_take_them(ehr, fault, words) -> None:
    ehr.faults["post"] = fault
    answer = run("samples", "--load", ehr.base)
    assert answer.returncode == 1
    assert words in told(answer)
    assert "Next:" not in answer.stdout
    assert len(ehr.posted) == 1
    assert [secret for secret in SECRETS if secret in told(answer)] == []


def test_a_slow_server(ehr, monkeypatch) -> None:
    monkeypatch.setattr(loading, "SECONDS", 0.25)
    ehr.faults["post"] = hang
    assert "Public test servers are often slow" in told(run("samples", "--load", ehr.base))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nobody", "--load", "http://127.0.0.1:1/fhir"), "There is no sample patient of that name"),
        (("--load", "127.0.0.1:1/fhir"), "Give its base"),
        (("--load", "https://user:word@ehr.example/fhir"), "Give its base"),
        (("--token-file", "x"), "--token-file goes with --load"),
        (("--load", "http://127.0.0.1:1/fhir", "--token-file", "/nowhere"), "token file cannot be read"),
    ],
)
def test_usage(arguments, words) -> None:
    answer = run("samples", *arguments)
    assert (answer.returncode, words in told(answer)) == (2, True)
