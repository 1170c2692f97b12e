"""The alert rules and the dashboard: checked by Prometheus' own tool, and every metric in them is one that the service has."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from starlette.testclient import TestClient
from tokens import production_settings

from cards.guidance.rules import RULES
from cds_hooks.app import create_app, utc_now
from cds_hooks.audit.database import database
from cds_hooks.audit.verified import Verified, note_verified

ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / "deploy" / "prometheus"
TESTS = sorted(PROMETHEUS.glob("*.test.yml"))
DASHBOARD = json.loads((ROOT / "deploy" / "grafana" / "dashboard.json").read_text())
PROMTOOL = shutil.which("promtool")
RULE_GROUPS = yaml.safe_load((PROMETHEUS / "alerts.yml").read_text())["groups"]
ALERTS = {rule["alert"]: rule for group in RULE_GROUPS for rule in group["rules"] if "alert" in rule}
RECORDED = {rule["record"] for group in RULE_GROUPS for rule in group["rules"] if "record" in rule}
SHOWN = {panel["title"]: [target["expr"] for target in panel["targets"]] for panel in DASHBOARD["panels"] if panel["type"] != "row"}
OF_PROMETHEUS = 'up{job="pinched-nerve-cds"} == 0'
"""Prometheus' own metric; test_deploy.py looks at the name of the job."""
EXPRESSIONS = [
    each
    for each in [*(rule["expr"] for group in RULE_GROUPS for rule in group["rules"]), *(each for panel in SHOWN.values() for each in panel)]
    if each != OF_PROMETHEUS
]


@pytest.fixture(scope="module")
def exposed(tmp_path_factory) -> str:
    """What a service tells that was just started and whose log was verified."""
    settings = production_settings(tmp_path_factory.mktemp("exposed"))
    with TestClient(create_app(settings), base_url="http://127.0.0.1:8000", client=("127.0.0.1", 5000)) as client:
        note_verified(database(None, settings.data_dir), Verified(utc_now().timestamp(), whole=True))
        return str(client.get("/metrics").text)


def promtool(*arguments: str) -> str:
    if not PROMTOOL:
        pytest.skip("needs promtool (Debian's package prometheus)")
    answer = subprocess.run([PROMTOOL, *arguments], cwd=PROMETHEUS, capture_output=True, text=True, check=False, timeout=300)
    told = answer.stdout + answer.stderr
    assert answer.returncode == 0, told
    return told


def test_the_rules_are_sound() -> None:
    assert f"{len(ALERTS) + len(RECORDED)} rules found" in promtool("check", "rules", "--lint-fatal", "alerts.yml")


@pytest.mark.parametrize("file", TESTS, ids=lambda each: each.name)
def test_each_alert_is_raised_when_it_must_be_and_not_otherwise(file) -> None:
    promtool("test", "rules", file.name)


def test_each_alert_has_a_test_for_either_way_and_a_place_in_the_manual() -> None:
    tried: dict[str, set[bool]] = {}
    for file in TESTS:
        for each in (one for case in yaml.safe_load(file.read_text())["tests"] for one in case["alert_rule_test"]):
            tried.setdefault(each["alertname"], set()).add(bool(each["exp_alerts"]))
    assert tried == {name: {True, False} for name in ALERTS}
    manual = (ROOT / "docs" / "monitoring.md").read_text()
    assert [name for name in ALERTS if f"`{name}`" not in manual] == []
    assert {rule["labels"]["severity"] for rule in ALERTS.values()} == {"critical", "warning"}
    assert all(rule["annotations"]["summary"] for rule in ALERTS.values())


def test_every_metric_and_label_of_alerts_and_dashboard_is_one_of_ours(exposed) -> None:
    samples, labels = set(re.findall(r"^(pncds_\w+)", exposed, re.MULTILINE)), set(re.findall(r'[{,](\w+)="', exposed))
    for expression in EXPRESSIONS:
        named = re.findall(r"\bpncds_\w+", expression)
        assert named or set(re.findall(r"pncds:[\w:]+", expression)), expression
        assert set(named) <= samples, expression
        assert set(re.findall(r"pncds:[\w:]+", expression)) <= RECORDED, expression
        assert set(re.findall(r'[{,](\w+)[=!]~?"', expression)) <= labels, expression
        assert {word for group in re.findall(r"by \(([^)]*)\)", expression) for word in group.replace(" ", "").split(",")} <= labels | {"le"}, expression


def test_every_metric_of_ours_is_shown_and_documented(exposed) -> None:
    families = set(re.findall(r"^# TYPE (pncds_\w+)", exposed, re.MULTILINE))
    shown = " ".join(EXPRESSIONS)
    assert [each for each in families if each not in shown] == []
    manual = (ROOT / "docs" / "monitoring.md").read_text()
    assert [each for each in families if f"`{each}`" not in manual] == []


def test_the_red_flag_rules_are_all_watched() -> None:
    red = {rule.id for rule in RULES if rule.red_flag}
    watched = [set(names.split("|")) for each in EXPRESSIONS if "fired_timestamp" in each for names in re.findall(r'rule=~"([^"]*)"', each)]
    assert watched == [red, red]


def test_values_in_conditions_occur(exposed) -> None:
    """A misspelt code or state would make an alert that is never raised."""
    known: dict[str, set[str]] = {}
    for name, value in re.findall(r'[{,](\w+)="([^"]*)"', exposed):
        known.setdefault(name, set()).add(value)
    for expression in EXPRESSIONS:
        for name, how, values in re.findall(r'[{,](\w+)([=!]~?)"([^"]*)"', expression):
            wanted = set(values.split("|")) - {"R.+", "5.."}
            assert wanted <= known[name], f"{name}{how} in {expression}"


def test_what_alerts_count_is_there_before_anything_happens(exposed) -> None:
    """An increase is only seen of a series that was there before: the first burst of what nobody expected must be one."""
    series = re.findall(r"^(pncds_\w+)\{(.*)\} ", exposed, re.MULTILINE)
    missing = [
        f"{name}{{{conditions}}}"
        for expression in (rule["expr"] for group in RULE_GROUPS for rule in group["rules"])
        for name, conditions in re.findall(r"(pncds_\w+_(?:total|count))\{([^}]*)\}", expression)
        if not any(name == each and _fits(labels, conditions) for each, labels in series)
    ]
    assert missing == []


def _fits(labels: str, conditions: str) -> bool:
    given = dict(re.findall(r'(\w+)="([^"]*)"', labels))
    matches = {"=": lambda value, wanted: value == wanted, "=~": lambda value, wanted: re.fullmatch(wanted, value), "!~": lambda value, wanted: True}
    return all(matches[how](given.get(name, ""), wanted) for name, how, wanted in re.findall(r'(\w+)(=~|!~|=)"([^"]*)"', conditions))


def test_the_dashboard_can_be_read() -> None:
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in DASHBOARD["panels"]]
    assert len(set(places)) == len(places)
    assert len(SHOWN) > 20
    assert all(panel["description"] for panel in DASHBOARD["panels"] if panel["type"] != "row")
    numbers: list[Any] = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(numbers)) == len(numbers)
