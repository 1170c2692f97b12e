"""What is in deploy/, held against its checkers, without an engine or a cluster: .venv-deploy/bin/python -m tests.check_deploy [--write].

Prints every finding; exit code 1 when there is one. --write makes deploy/kubernetes.yaml and docs/licences.md anew.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import helm_python
import jsonschema
import kubernetes_validate
import yaml

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

import licences  # noqa: E402 - tests are no package
from pod_security import offences  # noqa: E402

PYTHON = ROOT / ".venv" / "bin" / "python"
"""Where the shipped packages are installed, among others."""
DEPLOY = ROOT / "deploy"
CHART, EXAMPLE, RENDERED = DEPLOY / "helm", DEPLOY / "helm" / "example.yaml", DEPLOY / "kubernetes.yaml"
UNITS = sorted(each for kind in ("service", "timer") for each in DEPLOY.glob(f"*.{kind}"))
PROGRAM = "/opt/pinched-nerve-cds/bin/pinched-nerve-cds"
OTHER_CHOICES = {
    "image": {"digest": f"sha256:{'0' * 64}"},
    "service": {"type": "ClusterIP", "annotations": {"example.org/exposed": "no"}},
    "data": {"claim": "checkpoints"},
    "monitoring": {"enabled": True, "labels": {"release": "prometheus"}},
    "keyFiles": {"general-hospital.jwks.json": '{"keys": []}'},
    "network": {"callers": [], "metrics": [], "database": {"cidr": "", "podLabels": {"app": "postgres"}, "namespaceLabels": {"team": "data"}, "port": 5433}},
}
"""What the example leaves out: the other branches of the templates."""
REFUSED = {
    "settings.public_base_url is what the EHRs call": {"settings": {"public_base_url": ""}},
    "settings.clients is who may call": {"settings": {"clients": []}},
    "network.database is where the database is": {"network": {"database": {"cidr": ""}}},
    "network.ehrs is what the service may reach, and is empty: the client general-hospital": {"network": {"ehrs": []}},
}
"""What must not render, and how the sentence begins that says why."""
DURATION = {"type": "string", "pattern": r"^(\d+[wdhms])+$"}
RULE = {
    "type": "object",
    "properties": {"alert": {}, "record": {}, "expr": {"type": "string"}, "for": DURATION, "labels": {"type": "object"}, "annotations": {"type": "object"}},
    "required": ["expr"],
    "oneOf": [{"required": ["alert"]}, {"required": ["record"]}],
    "additionalProperties": False,
}
GROUP = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "interval": DURATION, "rules": {"type": "array", "items": RULE, "minItems": 1}},
    "required": ["name", "rules"],
    "additionalProperties": False,
}
ENDPOINT = {"type": "object", "properties": {"port": {"type": "string"}, "path": {"type": "string"}, "interval": DURATION}, "additionalProperties": False}
LABELS = {"type": "object", "properties": {"matchLabels": {"type": "object", "additionalProperties": {"type": "string"}}}, "additionalProperties": False}
OPERATOR = {
    "PrometheusRule": {"type": "object", "properties": {"groups": {"type": "array", "items": GROUP}}, "required": ["groups"], "additionalProperties": False},
    "PodMonitor": {
        "type": "object",
        "properties": {"jobLabel": {"type": "string"}, "selector": LABELS, "podMetricsEndpoints": {"type": "array", "items": ENDPOINT, "minItems": 1}},
        "required": ["selector", "podMetricsEndpoints"],
        "additionalProperties": False,
    },
}
"""Of the Prometheus Operator's kinds (its CRDs of 0.82 and 0.91) what the chart uses: the checker of Kubernetes knows none of theirs, and no package ships them."""
OLDEST, NEWEST = "1.30", "1.37"
"""Of Kubernetes: what Chart.yaml asks for, and what the checker knows."""
TAKEN = {"icon is recommended": "a chart nobody browses for needs no picture"}
"""Findings that stay, and why."""
EXPOSURE = 20
"""What systemd may say of the unit at most, in tenths of its scale from 0 (closed) to 10; it says 1.2."""
HEAD = """\
# deploy/helm with the values of deploy/helm/example.yaml, rendered by `make render`: to be read, or to be changed and applied where there is no Helm.
# Apply the migration first, and wait for it: kubectl apply --selector app.kubernetes.io/component=migration -f deploy/kubernetes.yaml
"""


def container() -> Iterator[str]:
    yield from _said("hadolint", "--no-color", DEPLOY / "Containerfile")


def compose() -> Iterator[str]:
    yield from _said("check-jsonschema", "--builtin-schema", "vendor.compose-spec", DEPLOY / "compose.yaml")


def chart() -> Iterator[str]:
    values = helm_python.values_from_yaml(EXAMPLE.read_text())
    report = helm_python.lint(CHART, values, strict=True, kube_version=f"v{OLDEST}.0")
    yield from (f"{each['path']}: {each['error']}" for each in report["messages"] if each["error"] not in TAKEN)


def objects() -> Iterator[str]:
    try:
        rendered = render()
        other = render(OTHER_CHOICES)
    except helm_python.HelmError as wrong:
        yield str(wrong)
        return
    if not RENDERED.exists() or RENDERED.read_text() != rendered:
        yield f"{RENDERED.name} is stale: make render"
    for each in yaml.safe_load_all(other):
        template = each.get("spec", {}).get("jobTemplate", each).get("spec", {}).get("template")
        yield from (f"{each['kind']} {each['metadata']['name']}, other choices: {one}" for one in (offences(template["spec"]) if template else ()))
    for each in [*yaml.safe_load_all(rendered), *yaml.safe_load_all(other)]:
        if each["apiVersion"] == "monitoring.coreos.com/v1":
            yield from _of_the_operator(each)
            continue
        for version in (OLDEST, NEWEST):
            try:
                kubernetes_validate.validate(each, version, strict=True)
            except (kubernetes_validate.ValidationError, kubernetes_validate.SchemaNotFoundError) as wrong:
                yield f"{each['kind']} {each['metadata']['name']} for Kubernetes {version}: {str(wrong).splitlines()[0]}"


def _of_the_operator(each: dict[str, Any]) -> Iterator[str]:
    wrong = jsonschema.Draft202012Validator(OPERATOR[each["kind"]]).iter_errors(each["spec"])
    yield from (f"{each['kind']} {each['metadata']['name']}: {'/'.join(map(str, one.path))}: {one.message[:200]}" for one in wrong)


def refusals() -> Iterator[str]:
    for begins, choices in REFUSED.items():
        try:
            render(choices)
        except helm_python.HelmError as said:
            if begins not in str(said):
                yield f"refused, but without saying {begins!r}: {said}"
        else:
            yield f"rendered, although {begins}"


def receivers() -> Iterator[str]:
    """By Alertmanager's own tool, where there is one; tests/cds_hooks/test_alerts.py looks at what matters to us."""
    if not shutil.which("amtool"):
        print("the receivers of alerts: not looked at by amtool, there is none here (Debian's package prometheus-alertmanager)")  # noqa: T201
        return
    yield from _said("amtool", "check-config", DEPLOY / "prometheus" / "alertmanager.example.yml")


def unit() -> Iterator[str]:
    """With a program that exists here in the place of the one that exists where it is installed."""
    if not shutil.which("systemd-analyze"):
        print("the systemd unit: not looked at, there is no systemd-analyze here")  # noqa: T201
        return
    with tempfile.TemporaryDirectory() as folder:
        for each in UNITS:
            (Path(folder) / each.name).write_text(each.read_text().replace(f"ExecStart={PROGRAM}", f"ExecStart={shutil.which('true')}"))
        for copy in (Path(folder) / each.name for each in UNITS):
            looked = _run("systemd-analyze", "verify", "--man=no", copy)  # what it does not know it passes over, with success
            yield from (each for each in looked.stderr.splitlines() if copy.stem in each)
            answer = _run("systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSURE}", copy) if copy.suffix == ".service" else None
            yield from [f"{copy.name}: {answer.stdout.strip().splitlines()[-1]}"] if answer and answer.returncode else []


def licence() -> Iterator[str]:
    if not PYTHON.exists():
        yield f"there is no {PYTHON.relative_to(ROOT)}, whose packages are looked at: make check-deploy sets it up"
        return
    listed = licences.found(PYTHON)
    yield from licences.surprises(listed)
    if not licences.PAGE.exists() or licences.PAGE.read_text() != licences.page(listed):
        yield f"{licences.PAGE.name} is stale: make render"


def render(choices: dict[str, Any] | None = None) -> str:
    """All objects of the chart for the example, or for it with some of its tables changed, in the order of their files."""
    values = helm_python.values_from_yaml(EXAMPLE.read_text())
    for name, chosen in (choices or {}).items():
        values[name] = {**values.get(name, {}), **chosen}
    with helm_python.Chart.load(CHART) as chart:
        files = chart.render(values, name="pinched-nerve-cds", namespace="pinched-nerve-cds")
    texts = [text.strip() for name, text in sorted(files.items()) if name.endswith(".yaml")]
    return HEAD + "".join(f"---\n{text}\n" for text in texts if text)


def _said(program: str, *arguments: str | Path) -> list[str]:
    """What a checker that is not content says; nothing when it is."""
    answer = _run(program, *arguments)
    lines = [each for each in f"{answer.stdout}\n{answer.stderr}".splitlines() if each.strip()]
    return (lines or [f"{program} ends with {answer.returncode}"]) if answer.returncode else []


def _run(program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    beside = Path(sys.executable).parent / program
    return subprocess.run([beside if beside.exists() else program, *arguments], capture_output=True, text=True, timeout=300, check=False)


def main() -> int:
    if "--write" in sys.argv:
        RENDERED.write_text(render())
        if PYTHON.exists():
            licences.PAGE.write_text(licences.page(licences.found(PYTHON)))
    found = [f"{check.__name__}: {each}" for check in (container, compose, chart, objects, refusals, receivers, unit, licence) for each in check()]
    print("\n".join(found) or "deploy/: nothing found")  # noqa: T201
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
