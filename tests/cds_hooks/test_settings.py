"""Settings: each unsafe or unknown one is refused with one sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tokens import jwks, jwks_file

from cds_hooks.settings import BadSettings, Settings, load


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "service.toml"
    path.write_text(text)
    return path


def test_the_environment_wins_over_the_file(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("PNCDS_CRITICAL_INDICATOR", "critical")
    settings = load(write(tmp_path, 'critical_indicator = "warning"\nmode = "silent"\n'))
    assert (settings.critical_indicator, settings.mode) == ("critical", "silent")


def test_lists_and_tables(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("PNCDS_DISABLED_RULES", '["R10"]')
    settings = load(write(tmp_path, "[interpretations]\nnew_days = 21\n"))
    assert settings.disabled_rules == {"R10"}
    assert settings.numbers()["new_days"] == 21
    assert settings.numbers().overridden() == {"new_days": 21}


def test_trailing_slashes_go(tmp_path) -> None:
    assert load(write(tmp_path, 'canonical_base = "https://guidance.example/"\n')).canonical_base == "https://guidance.example"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("colour = 1", "colour is not known"),
        ('MODE = "silent"', "MODE is not known"),
        ('profile = "staging"', "profile is not valid"),
        ('profile = "production"', "production profile needs at least one registered client"),
        ('public_base_url = "ftp://x"', "public_base_url is not valid"),
        ("max_body_bytes = 10", "max_body_bytes is not valid"),
        ('critical_indicator = "info"', "critical_indicator is not valid"),
        ('disabled_rules = ["R01"]', "must not hold R01"),
        ('disabled_rules = ["R12"]', "must not hold R01 or R12"),
        ('disabled_rules = ["R99"]', "names no rule of ours: R99"),
        ("[interpretations]\nnew_days = 13", "new_days must lie between 14 and 42 d"),
        ("[interpretations]\nretention_ml = 301", "retention_ml must lie between 50 and 300 mL"),
        ("[interpretations]\nnewish_days = 14", "newish_days is not a known number"),
        ('[interpretations]\nnew_days = "soon"', "interpretations.new_days is not valid"),
        ("[interpretations]\nnew_days = nan", "new_days must be a number"),
        ("[interpretations]\npotassium_severe_low = 3.0\npotassium_low = 2.9", "potassium_low must lie between"),
        ("[interpretations]\nlab_days = 7\nsevere_lab_days = 30", "severe_lab_days must not be above interpretations.lab_days"),
        ("= broken", "is not valid TOML"),
    ],
)
def test_refused(tmp_path, text, words) -> None:
    with pytest.raises(BadSettings) as refused:
        load(write(tmp_path, text))
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)
    assert str(refused.value).endswith(".")


CLIENT = {"name": "hospital", "issuer": "https://ehr.example/fhir", "jwks_url": "https://ehr.example/jwks.json"}


@pytest.mark.parametrize(
    ("client", "words"),
    [
        ({"name": ...}, "clients.0.name is not valid"),
        ({"issuer": ...}, "clients.0.issuer is not valid"),
        ({"colour": "red"}, "clients.0.colour is not known"),
        ({"jwks_url": ...}, "needs either jwks_url or jwks_file"),
        ({"jwks_file": "keys.json"}, "needs either jwks_url or jwks_file"),
        ({"jwks_url": ..., "jwks_file": "keys.json"}, "jwks_file of the client hospital cannot be used: the file cannot be read"),
        ({"jwks_url": ..., "jwks_file": "a\0b"}, "jwks_file of the client hospital cannot be used: the file cannot be read"),
        ({"jwks_url": "http://ehr.example/jwks.json"}, "keys at an http address"),
        ({"jwks_url": "file:///etc/passwd"}, "not an http or https address"),
        ({"jwks_url": "https://me@ehr.example/"}, "has a user"),
        ({"algorithms": []}, "clients.0.algorithms is not valid"),
        ({"algorithms": ["none"]}, "symmetric algorithms are never possible"),
        ({"algorithms": ["HS256"]}, "symmetric algorithms are never possible"),
        ({"algorithms": ["ES999"]}, "clients.0.algorithms.0 is not valid"),
        ({"max_lifetime_s": 100_000}, "clients.0.max_lifetime_s is not valid"),
        ({"fhir_servers": ["https://ehr.example/../x"]}, "address of a FHIR server cannot be used"),
        ({"fhir_servers": ["ehr.example"]}, "address of a FHIR server cannot be used"),
    ],
    ids=str,
)
def test_a_client_that_is_refused(tmp_path, client, words) -> None:
    entry = {name: value for name, value in {**CLIENT, **client}.items() if value is not ...}
    with pytest.raises(BadSettings) as refused:
        load(write(tmp_path, as_toml(entry)))
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (lambda: as_toml({**CLIENT, "issuer": "https://sandbox.cds-hooks.org"}), "private key is published"),
        (lambda: as_toml({**CLIENT, "issuer": "https://sandbox.cds-hooks.org/"}), "private key is published"),
        (lambda: as_toml({**CLIENT, "issuer": "https://Sandbox.cds-hooks.org"}), "private key is published"),
        (lambda: as_toml({**CLIENT, "jwks_url": "https://sandbox.cds-hooks.org/.well-known/jwks.json"}), "private key is published"),
        (lambda: as_toml({**CLIENT, "jwks_url": "http://127.0.0.1/jwks.json"}), "over https only"),
        (lambda: as_toml({**CLIENT, "fhir_servers": ["http://ehr.example/fhir"]}), "lists an http FHIR server"),
        (lambda: as_toml(CLIENT) + as_toml({**CLIENT, "name": "another"}), "Two clients have the issuer https://ehr.example/fhir"),
        (lambda: as_toml(CLIENT) + as_toml({**CLIENT, "issuer": "x"}), "Two clients have the name hospital"),
        (lambda: 'public_base_url = "http://cds.example"\n' + as_toml(CLIENT), "needs an https public_base_url"),
        (lambda: 'cors_origins = ["*"]\n' + as_toml(CLIENT), "a * is not possible"),
        (lambda: 'cors_origins = ["https://ehr.example/app"]\n' + as_toml(CLIENT), "must be an origin"),
        (lambda: 'trusted_proxies = ["proxy"]\n' + as_toml(CLIENT), "must be an address or a network"),
        (lambda: 'trusted_proxies = ["0.0.0.0/0"]\n' + as_toml(CLIENT), "every address"),
        (lambda: 'trusted_proxies = ["10.0.0.1", "::/0"]\n' + as_toml(CLIENT), "every address"),
        (lambda: as_toml(CLIENT).replace("[[clients]]", "[clients]"), "two brackets: [[clients]]"),
        (lambda: "limits = {in_flight = 0}\n" + as_toml(CLIENT), "limits.in_flight is not valid"),
        (lambda: "limits = {held_bytes = 10_000_000}\n" + as_toml(CLIENT), "limits.held_bytes must not be below max_body_bytes"),
        (lambda: "limits = {burst = 1}\n" + as_toml(CLIENT), "limits.burst is not known"),
    ],
)
def test_production_is_refused(tmp_path, text, words) -> None:
    with pytest.raises(BadSettings) as refused:
        load(write(tmp_path, 'profile = "production"\n' + text()))
    assert words in str(refused.value)
    assert str(refused.value).endswith(".")


def test_production_starts_with_a_client(tmp_path) -> None:
    settings = load(write(tmp_path, 'profile = "production"\npublic_base_url = "https://cds.example"\n' + as_toml(CLIENT)))
    (client,) = settings.clients
    assert (client.algorithms, client.max_lifetime_s, client.tenants, client.extra_audiences) == (("ES384", "RS384"), 3600, frozenset(), ())
    assert not settings.reach().loopback_unlisted


def test_a_key_file_is_looked_for_beside_the_configuration(tmp_path) -> None:
    jwks_file(tmp_path)
    entry = {**CLIENT, "jwks_file": "client.jwks.json"}
    del entry["jwks_url"]
    (client,) = load(write(tmp_path, as_toml(entry))).clients
    assert client.jwks_file == tmp_path / "client.jwks.json"


@pytest.mark.parametrize("members", [{"d": "AAAA"}, {"kid": ""}, {"use": "enc"}])
def test_one_bad_key_in_a_file_refuses_the_start(tmp_path, members) -> None:
    (tmp_path / "keys.json").write_text(json.dumps(jwks("ES384", **members)))
    entry = {**CLIENT, "jwks_file": "keys.json"}
    del entry["jwks_url"]
    with pytest.raises(BadSettings, match="jwks_file of the client hospital cannot be used: key 1"):
        load(write(tmp_path, as_toml(entry)))


def test_clients_from_the_environment(monkeypatch) -> None:
    monkeypatch.setenv("PNCDS_CLIENTS", json.dumps([CLIENT]))
    assert load().clients[0].name == "hospital"


def as_toml(client: dict[str, Any]) -> str:
    return "\n".join(["[[clients]]", *(f"{name} = {json.dumps(value)}" for name, value in client.items()), ""])


def test_a_file_that_is_not_there(tmp_path) -> None:
    with pytest.raises(BadSettings, match="cannot be read"):
        load(tmp_path / "none.toml")


@pytest.mark.parametrize("name", ["PNCDS_COLOUR", "pncds_mode"])
def test_an_unknown_variable(monkeypatch, name) -> None:
    """Also one in small letters, which would lose against the file without a word."""
    monkeypatch.setenv(name, "silent")
    with pytest.raises(BadSettings, match=f"{name} is not a setting"):
        load()


def test_profile_production_is_refused_wherever_it_is_said(monkeypatch) -> None:
    monkeypatch.setenv("PNCDS_PROFILE", "production")
    with pytest.raises(BadSettings, match="production profile needs"):
        load()


def test_every_setting_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
    assert [name for name in Settings.model_fields if f"`{name}`" not in page] == []
