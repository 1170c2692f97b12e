"""`client new` and `client check`: the operator is told exactly what the caller never hears."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from commands import run_here as run
from sites import site
from tokens import BASE, ISSUER, SERVICE_URL, claims, header, jwks, jwks_file, key, signed

from cds_hooks.trust.checking import ADVICE
from cds_hooks.trust.verify import Cause


def test_a_new_entry_is_one_that_the_service_takes(tmp_path) -> None:
    printed = run("client", "new", "general-hospital").stdout
    (written,) = tomllib.loads(printed)["clients"]
    assert (written["name"], written["algorithms"]) == ("general-hospital", ["ES384", "RS384"])
    config = tmp_path / "service.toml"
    config.write_text(printed)
    assert run("rules", "--json", "--config", str(config)).exit_code == 0


def test_a_first_entry_where_production_is_chosen_already(monkeypatch) -> None:
    """Production without a client is refused, and says to run this command."""
    monkeypatch.setenv("PNCDS_PROFILE", "production")
    answer = run("client", "new", "general-hospital")
    assert (answer.exit_code, tomllib.loads(answer.stdout)["clients"][0]["name"]) == (0, "general-hospital")


@pytest.mark.parametrize("name", ["", "x" * 65, "a\nb", '"'])
def test_a_name_that_cannot_be_one(name) -> None:
    assert run("client", "new", name).exit_code == 2


def write(folder: Path, **members: Any) -> Path:
    """A file with one entry whose keys lie beside it."""
    jwks_file(folder)
    entry = {"name": "hospital", "issuer": ISSUER, "jwks_file": "client.jwks.json", **members}
    path = folder / "entry.toml"
    lines = [f"{name} = {json.dumps(value)}" for name, value in entry.items() if value is not ...]
    path.write_text("\n".join([f'public_base_url = "{BASE}"', "[[clients]]", *lines, ""]))
    return path


def token(folder: Path, text: str) -> str:
    path = folder / "token"
    path.write_text(text + "\n")
    return str(path)


@pytest.mark.parametrize("audience", [SERVICE_URL, f"{SERVICE_URL}/feedback", f"{BASE}/cds-services"])
def test_a_good_token(tmp_path, audience) -> None:
    answer = run("client", "check", str(write(tmp_path)), "--token-file", token(tmp_path, signed(claims(aud=audience))))
    assert answer.exit_code == 0
    assert "Key ES384: EC P-384" in answer.stdout
    assert f"for {audience}" in answer.stdout


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: signed(claims(aud="https://elsewhere.example")), f"Allowed: {BASE}/cds-services"),
        (lambda: signed(claims(exp=5, iat=1)), "compare the clocks"),
        (lambda: signed(claims(), by=key("ES384-evil")), "not made with the key of that `kid`"),
        (lambda: signed(claims(), header(kid="x")), "none of the client's keys"),
        (lambda: signed(claims(iss="https://evil.example")), "not this entry's `issuer`"),
        (lambda: "garbage", "not three parts"),
        (lambda: "", "the file is empty"),
    ],
)
def test_a_bad_token(tmp_path, make, words) -> None:
    answer = run("client", "check", str(write(tmp_path)), "--token-file", token(tmp_path, make()))
    assert answer.exit_code == 1
    assert words in answer.stdout


def test_there_is_advice_for_every_cause() -> None:
    assert set(ADVICE) == set(Cause) - {Cause.REPLAYED, Cause.KEYS_UNAVAILABLE}


def test_the_profile_is_the_one_that_the_file_says(tmp_path) -> None:
    """Otherwise an entry is called good that production refuses."""
    path = write(tmp_path, fhir_servers=["http://ehr.example/fhir"])
    assert run("client", "check", str(path)).exit_code == 0
    path.write_text('profile = "production"\n' + path.read_text())
    answer = run("client", "check", str(path))
    assert (answer.exit_code, "lists an http FHIR server" in answer.stdout) == (1, True)


def test_keys_by_address(tmp_path) -> None:
    with site() as told:
        told.body = json.dumps({"keys": [*jwks()["keys"], *jwks("RS384", use="enc")["keys"]]}).encode()
        answer = run("client", "check", str(write(tmp_path, jwks_file=..., jwks_url=told.url)))
        assert (answer.exit_code, "not meant for signatures" in answer.stdout, "Key ES384" in answer.stdout) == (1, True, True)
        told.status = 404
        answer = run("client", "check", str(write(tmp_path, jwks_file=..., jwks_url=told.url)))
        assert (answer.exit_code, "answered 404" in answer.stdout) == (1, True)


def test_by_name(tmp_path) -> None:
    config = str(write(tmp_path))
    assert run("client", "check", "hospital", "--config", config).exit_code == 0
    unknown = run("client", "check", "clinic", "--config", config)
    assert (unknown.exit_code, "neither a file nor a client" in unknown.stderr) == (2, True)


@pytest.mark.parametrize("text", ["", "[[clients]]\n", "= x", "clients = 5", '[[clients]]\nname = "x"\nissuer = "y"\n'])
def test_a_file_that_holds_no_entry(tmp_path, text) -> None:
    path = tmp_path / "entry.toml"
    path.write_text(text)
    answer = run("client", "check", str(path))
    assert (answer.exit_code, len(answer.stderr.splitlines())) == (1, 1)
