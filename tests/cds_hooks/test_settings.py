"""Settings: each unsafe or unknown one is refused with one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

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
        ('profile = "production"', "production profile needs registered clients"),
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
