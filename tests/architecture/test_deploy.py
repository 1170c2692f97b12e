"""deploy/ fits together and fits the service: settings, commands, ports, paths and times. What its checkers say is `make check-deploy`'s to tell."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import audit_deps
import licences
import pytest
import typer
import yaml
from pod_security import offences

from cds_hooks.audit.signing import PUBLIC_FILE
from cds_hooks.cli import STOP_SECONDS, app
from cds_hooks.settings import PREFIX, Settings, load
from cds_hooks.trust.channel import HEALTH
from cds_hooks.trust.checking import entry

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
FILES = [path for path in DEPLOY.rglob("*") if path.is_file()]
OBJECTS = list(yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text()))
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
CONTAINERFILE = (DEPLOY / "Containerfile").read_text()
UNIT = (DEPLOY / "pinched-nerve-cds.service").read_text()
VERIFYING_UNIT, TIMER = ((DEPLOY / f"pinched-nerve-cds-verify.{kind}").read_text() for kind in ("service", "timer"))
PUBLIC_KEYS = "/run/secrets/pinched-nerve-cds/audit-public-key.pem"
ENVIRONMENT = dict(line.split("=", 1) for line in (DEPLOY / "environment.example").read_text().splitlines() if line and line[0] != "#")
JOB = "pinched-nerve-cds"
DATA_DIR, CONFIG = "/var/lib/pinched-nerve-cds", "/etc/pinched-nerve-cds/service.toml"
MADE_BY_THE_OPERATOR = {"service.toml", "alertmanager.yml", "tls/cds.example.pem", "tls/cds.example.key"}


def objects(kind: str) -> list[dict[str, Any]]:
    return [each for each in OBJECTS if each["kind"] == kind]


def pods() -> Iterator[dict[str, Any]]:
    for template in templates():
        yield template["spec"]


def templates() -> Iterator[dict[str, Any]]:
    for each in OBJECTS:
        spec = each.get("spec", {}).get("jobTemplate", each).get("spec", {})
        if "template" in spec:
            yield spec["template"]


def container(name: str) -> dict[str, Any]:
    return next(each for pod in pods() for each in pod["containers"] if each["name"] == name)


def command(said: str) -> list[str]:
    """The words of a JSON array in the Containerfile."""
    return [str(each) for each in json.loads(re.search(rf"^{said} (\[.*\])$", CONTAINERFILE, re.MULTILINE)[1])]


COMMANDS = {
    "the image": command("CMD"),
    "the unit": re.search(r"^ExecStart=\S+/pinched-nerve-cds (.*)$", UNIT, re.MULTILINE)[1].split(),
    "a replica": container("service")["args"],
    "the migration": container("migration")["args"],
    "the verification": container("verification")["args"],
    "the verifier": re.search(r"/app/bin/pinched-nerve-cds ([a-z -]+);", COMPOSE["services"]["verifier"]["entrypoint"][-1])[1].split(),
    "the verifying unit": re.search(r"^ExecStart=\S+/pinched-nerve-cds (.*)$", VERIFYING_UNIT, re.MULTILINE)[1].split(),
}


def parsed(words: list[str]) -> dict[str, Any]:
    """The options as the command line takes them. Raises click's errors for any it does not know."""
    group: Any = typer.main.get_command(app)
    while hasattr(group, "commands"):
        group, words = group.commands[words[0]], words[1:]
    return dict(group.make_context("deploy", list(words)).params)


def test_nothing_of_it_can_be_imported() -> None:
    assert [path.name for path in FILES if path.suffix == ".py"] == []


@pytest.mark.parametrize("words", COMMANDS.values(), ids=list(COMMANDS))
def test_commands_are_of_this_service(words) -> None:
    parsed(words)


def test_one_port_and_one_profile_everywhere() -> None:
    served = [parsed(words) for words in COMMANDS.values() if words[0] == "serve"]
    assert {each["port"] for each in served} == {8000}
    assert {each["profile"] for each in served} == {"production"}
    assert set(re.findall(r"proxy_pass http://127\.0\.0\.1:(\d+)", (DEPLOY / "nginx.conf").read_text())) == {"8000"}
    assert "\nEXPOSE 8000\n" in CONTAINERFILE
    assert container("service")["ports"] == [{"name": "service", "containerPort": 8000}]
    assert container("proxy")["ports"] == [{"name": "https", "containerPort": 443}]


@pytest.mark.parametrize("path", FILES, ids=lambda each: str(each.relative_to(DEPLOY)))
def test_every_variable_is_a_setting(path) -> None:
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | {f"{PREFIX}CONFIG"}
    assert set(re.findall(rf"\b{PREFIX}[A-Z_]+", path.read_text())) <= known


def configurations() -> dict[str, str]:
    maps = {each["metadata"]["name"]: each["data"] for each in objects("ConfigMap")}
    return {"the example": (DEPLOY / "service.example.toml").read_text() + entry("general-hospital"), "the chart": maps["pinched-nerve-cds"]["service.toml"]}


@pytest.mark.parametrize("written", configurations().values(), ids=list(configurations()))
def test_a_production_service_takes_the_configuration(written, tmp_path, monkeypatch) -> None:
    for name in [f"{PREFIX}{each.upper()}" for each in Settings.model_fields]:
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "service.toml").write_text(written)
    settings = load(tmp_path / "service.toml")
    assert (settings.profile, settings.public_base_url, [each.name for each in settings.clients]) == ("production", "https://cds.example", ["general-hospital"])


@pytest.mark.parametrize("written", configurations().values(), ids=list(configurations()))
def test_calls_in_hand_are_answered_before_the_end(written) -> None:
    """Readiness goes, calls are still taken for drain_s, and those in hand get STOP_SECONDS; only then may anybody kill."""
    needed = tomllib.loads(written)["limits"]["drain_s"] + STOP_SECONDS
    (deployment,) = objects("Deployment")
    spec = deployment["spec"]["template"]["spec"]
    notice = {each["name"]: each["lifecycle"]["preStop"]["sleep"]["seconds"] for each in spec["containers"]}
    assert spec["terminationGracePeriodSeconds"] > notice["service"] + needed
    assert notice["proxy"] >= notice["service"] + needed - STOP_SECONDS
    assert int(re.search(r"^TimeoutStopSec=(\d+)$", UNIT, re.MULTILINE)[1]) > needed
    assert int(COMPOSE["services"]["service"]["stop_grace_period"].rstrip("s")) > needed


def test_probes_ask_what_is_answered() -> None:
    probes = {name: container("service")[f"{name}Probe"]["httpGet"] for name in ("startup", "liveness", "readiness")}
    assert {name: each["path"] for name, each in probes.items()} == {"startup": "/startupz", "liveness": "/livez", "readiness": "/readyz"}
    asked = {each["path"] for each in probes.values()} | set(re.findall(r"http://127\.0\.0\.1:8000(/\w+)", CONTAINERFILE))
    assert asked <= HEALTH


def test_one_place_is_written_to() -> None:
    assert re.search(r"PNCDS_DATA_DIR=(\S+)", CONTAINERFILE)[1] == DATA_DIR == ENVIRONMENT["PNCDS_DATA_DIR"]
    assert "\nStateDirectory=pinched-nerve-cds\n" in UNIT
    assert f"\nVOLUME {DATA_DIR}\n" in CONTAINERFILE
    assert re.search(r"PNCDS_CONFIG=(\S+)", CONTAINERFILE)[1] == CONFIG == ENVIRONMENT["PNCDS_CONFIG"]
    service = COMPOSE["services"]["service"]
    written = [each for each in service["volumes"] if not each.endswith(":ro")]
    assert (written, service["read_only"], service["configs"][0]["target"]) == ([f"data:{DATA_DIR}"], True, CONFIG)
    writable = [each["mountPath"] for each in container("service")["volumeMounts"] if not each.get("readOnly")]
    assert writable == [DATA_DIR]


def test_the_image_runs_as_nobody_special_and_builds_nothing() -> None:
    last = CONTAINERFILE.rpartition("\nFROM ")[2]
    assert "\nUSER 10001:10001\n" in last
    assert "pip uninstall --yes pip" in last
    assert not re.search(r"apt-get|pip install|gcc", last)
    for source in re.findall(r"^COPY (?!--from)(.+) \S+$", CONTAINERFILE, re.MULTILINE):
        assert [each for each in source.split() if not (ROOT / each).exists()] == []


def test_the_image_is_made_of_all_that_the_wheel_is() -> None:
    """What the build asks for is copied, and what is copied is let through."""
    copied = {each.rstrip("/") for line in re.findall(r"^COPY (?!--from)(.+) \S+$", CONTAINERFILE, re.MULTILINE) for each in line.split()}
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert {*wheel["packages"], *wheel["force-include"], "pyproject.toml", "README.md", "LICENSE", "NOTICE"} <= copied
    let_through = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert let_through == copied


def test_what_compose_mounts_is_there() -> None:
    mounted = {each["file"] for kind in ("configs", "secrets") for each in COMPOSE[kind].values() if "file" in each}
    mounted |= {volume.split(":")[0].removeprefix("./") for each in COMPOSE["services"].values() for volume in each.get("volumes", []) if volume[0] == "."}
    assert sorted(each for each in mounted - MADE_BY_THE_OPERATOR if not (DEPLOY / each).exists()) == []
    for each in COMPOSE["services"].values():
        assert (each["read_only"], each["cap_drop"], each["security_opt"]) == (True, ["ALL"], ["no-new-privileges:true"])


def test_what_compose_mounts_is_a_file() -> None:
    """Anything else an engine would have to write into the container, which it refuses where that is read-only."""
    assert {kind: [name for name, each in COMPOSE[kind].items() if set(each) != {"file"}] for kind in ("configs", "secrets")} == {"configs": [], "secrets": []}


def test_prometheus_asks_the_service_and_grafana_prometheus() -> None:
    said = {name: yaml.safe_load((DEPLOY / COMPOSE["configs"][name]["file"]).read_text()) for name in ("scrapes", "datasource")}
    assert said["scrapes"]["scrape_configs"] == [{"job_name": JOB, "static_configs": [{"targets": ["service:8000"]}]}]
    assert said["scrapes"]["alerting"]["alertmanagers"] == [{"static_configs": [{"targets": ["alertmanager:9093"]}]}]
    assert set(COMPOSE["services"]["alertmanager"]["networks"]) == {"watch", "desk"}, "asked by Prometheus, and able to tell somebody"
    for path in said["scrapes"]["rule_files"]:
        assert (DEPLOY / path.replace("/etc/prometheus/rules", "prometheus")).exists()
    assert [each["url"] for each in said["datasource"]["datasources"]] == ["http://prometheus:9090"]
    network = COMPOSE["networks"]["watch"]["ipam"]["config"][0]["subnet"]
    assert json.loads(COMPOSE["services"]["service"]["environment"]["PNCDS_METRICS_FROM"]) == [network]


def test_every_form_of_deployment_verifies_the_log_daily() -> None:
    for words in (COMMANDS["the verification"], COMMANDS["the verifier"], COMMANDS["the verifying unit"]):
        assert words[:3] == ["audit", "verify", "--index"]
    (cron,) = objects("CronJob")
    assert re.fullmatch(r"\d+ \d+ \* \* \*", cron["spec"]["schedule"])
    assert (cron["spec"]["concurrencyPolicy"], cron["spec"]["jobTemplate"]["spec"]["backoffLimit"]) == ("Forbid", 0)
    assert "; sleep 86400; done" in COMPOSE["services"]["verifier"]["entrypoint"][-1]
    assert f"data:{DATA_DIR}:ro" in COMPOSE["services"]["verifier"]["volumes"]
    assert re.search(r"^OnCalendar=\*-\*-\* \d\d:\d\d$", TIMER, re.MULTILINE)
    assert "\nUser=pinched-nerve-cds\n" in VERIFYING_UNIT


def test_the_verifying_unit_is_as_confined_as_the_service() -> None:
    def confined(unit: str) -> list[str]:
        return re.findall(
            r"^(?:Capability|Ambient|NoNew|Protect|Private|Proc|Restrict|Remove|Lock|Memory|System|UMask|StateDirectory)\w*=.*$", unit, re.MULTILINE
        )

    assert len(confined(UNIT)) > 25
    assert confined(VERIFYING_UNIT) == confined(UNIT)


def test_the_public_keys_come_with_the_signing_key() -> None:
    """Beside it a replica finds those of keys that were rotated out; the verification needs nothing else, and gets no key that signs."""
    maps = {each["metadata"]["name"]: each["data"] for each in objects("ConfigMap")}
    signing = Path(tomllib.loads(maps["pinched-nerve-cds"]["service.toml"])["signing_key_file"])
    assert str(signing.with_name(PUBLIC_FILE)) == PUBLIC_KEYS
    assert parsed(COMMANDS["the verification"])["public_key"] == Path(PUBLIC_KEYS)
    volumes = {each["name"]: each for pod in pods() for each in pod["volumes"] if pod["containers"][0]["name"] == "verification"}
    assert volumes["keys"]["secret"]["items"] == [{"key": PUBLIC_FILE, "path": PUBLIC_FILE}]


def test_key_sets_by_file_have_a_place() -> None:
    beside = Path(CONFIG).parent / "clients"
    assert f"./clients:{beside}:ro" in COMPOSE["services"]["service"]["volumes"]
    assert (DEPLOY / "clients" / ".gitignore").read_text().splitlines()[1:] == ["*", "!.gitignore"], "none of them is ever added to the repository"


def test_alerts_reach_somebody() -> None:
    """The example's critical ones go to another receiver than the rest, and sooner again; amtool looks at the file in make check-deploy."""
    said = yaml.safe_load((DEPLOY / "prometheus" / "alertmanager.example.yml").read_text())
    (urgent,) = said["route"]["routes"]
    assert urgent["matchers"] == ['severity="critical"']
    assert {urgent["receiver"], said["route"]["receiver"]} == {each["name"] for each in said["receivers"]}
    assert (DEPLOY / "helm" / "files" / "alerts.yml").resolve() == DEPLOY / "prometheus" / "alerts.yml"
    assert "jobLabel: app.kubernetes.io/name\n" in (DEPLOY / "helm" / "templates" / "monitoring.yaml").read_text()
    assert {template["metadata"]["labels"]["app.kubernetes.io/name"] for template in templates()} == {JOB}
    assert f'up{{job="{JOB}"}}' in (DEPLOY / "prometheus" / "alerts.yml").read_text()


def test_the_proxy_of_the_chart_is_the_tested_one() -> None:
    maps = {each["metadata"]["name"]: each["data"] for each in objects("ConfigMap")}
    shipped = (DEPLOY / "nginx.conf").read_text()
    moved = {"/etc/ssl/cds.example.pem": "/etc/tls/tls.crt", "/etc/ssl/private/cds.example.key": "/etc/tls/tls.key"}
    for here, there in moved.items():
        assert here in shipped
        shipped = shipped.replace(here, there)
    assert [line.strip() for line in maps["pinched-nerve-cds-proxy"]["default.conf"].splitlines()] == [line.strip() for line in shipped.splitlines()]


@pytest.mark.parametrize("pod", [*pods()], ids=lambda each: each["containers"][0]["name"])
def test_pods_meet_the_restricted_standard(pod) -> None:
    assert list(offences(pod)) == []


def test_the_service_reaches_the_listed_and_nobody_else() -> None:
    policies = {each["metadata"]["name"]: each["spec"] for each in objects("NetworkPolicy")}
    database, ehr = {"ipBlock": {"cidr": "198.51.100.20/32"}}, {"ipBlock": {"cidr": "192.0.2.10/32"}}
    resolver = [("kube-dns", 53), ("kube-dns", 53)]
    wanted = {"pinched-nerve-cds": [(json.dumps(ehr), 443)], "pinched-nerve-cds-migration": [], "pinched-nerve-cds-verification": []}
    for name, ehrs in wanted.items():
        reached = [(_peer(to), port["port"]) for rule in policies[name]["egress"] for to in rule["to"] for port in rule["ports"]]
        assert reached == [*ehrs, (json.dumps(database), 5432), *resolver]
        assert policies[name]["policyTypes"] == ["Ingress", "Egress"]
    labels = {each["metadata"]["labels"]["app.kubernetes.io/component"] for each in templates()}
    assert labels == {each["podSelector"]["matchLabels"]["app.kubernetes.io/component"] for each in policies.values()}


def _peer(to: dict[str, Any]) -> str:
    return str(to["podSelector"]["matchLabels"]["k8s-app"]) if "podSelector" in to else json.dumps(to)


def test_selectors_find_the_replicas() -> None:
    (deployment,) = objects("Deployment")
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    (service,), (budget,), (scaler,) = objects("Service"), objects("PodDisruptionBudget"), objects("HorizontalPodAutoscaler")
    for wanted in (service["spec"]["selector"], budget["spec"]["selector"]["matchLabels"], deployment["spec"]["selector"]["matchLabels"]):
        assert wanted.items() <= labels.items()
    assert scaler["spec"]["scaleTargetRef"]["name"] == deployment["metadata"]["name"]
    assert scaler["spec"]["minReplicas"] > budget["spec"]["maxUnavailable"]
    assert "replicas" not in deployment["spec"]


def test_the_bill_of_materials_is_that_of_the_lock() -> None:
    bill = json.loads((ROOT / "cds_hooks" / "sbom.cdx.json").read_text())
    named = {(re.sub(r"[-_.]+", "-", each["name"]).lower(), each["version"]) for each in bill["components"]}
    lock = re.findall(r"^([a-z0-9._-]+)==([^ ;]+)( ;.*)? \\$", licences.LOCK.read_text(), re.MULTILINE)
    assert named <= {(name, version) for name, version, _ in lock}, "make sbom"
    assert {(name, version) for name, version, marker in lock if not marker} <= named, "make sbom"
    assert bill["metadata"]["component"]["name"] == "pinched-nerve-cds"


@pytest.mark.parametrize(
    ("name", "licence", "surprising"),
    [
        ("new", "MIT", False),
        ("new", "GPL-3.0-only OR MIT", False),
        ("new", "Apache Software License; MIT License", False),
        ("new", "Apache-2.0 AND BSD-2-Clause", False),
        ("new", "GPL-3.0-only", True),
        ("new", "MIT AND GPL-3.0-only", True),
        ("new", "MIT License; GNU Affero General Public License v3", True),
        ("new", "LGPL-3.0-only", True),
        ("new", "UNKNOWN", True),
        ("psycopg", "LGPL-3.0-only", False),
        ("psycopg", "AGPL-3.0-only", True),
    ],
)
def test_copyleft_is_looked_at_package_by_package(name, licence, surprising) -> None:
    assert bool([*licences.surprises([{"Name": name, "Version": "1", "License": licence}])]) is surprising


SEEN, UNSEEN = {"name": "a", "version": "1", "vulns": []}, {"name": "b", "skip_reason": "not found"}
KNOWN = {"name": "c", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2"]}]}


@pytest.mark.parametrize(
    ("packages", "code", "said"),
    [
        ([SEEN], 0, "1 of 1 packages looked at"),
        ([SEEN, UNSEEN], 2, "Not looked at: b."),
        ([], 2, "Not looked at: anything."),
        ([UNSEEN], 2, "0 of 1"),
        ([KNOWN, UNSEEN], 1, "c 1: CVE-1, mended in 2"),
    ],
)
def test_an_audit_of_nothing_is_no_clean_bill(packages, code, said) -> None:
    found, words = audit_deps.verdict({"dependencies": packages})
    assert (found, said in words) == (code, True)


def _with(pod: dict[str, Any], where: str, what: Any) -> dict[str, Any]:
    """A copy of the pod with another value at a dotted path; ... takes it away."""
    changed = json.loads(json.dumps(pod))
    *path, last = (int(each) if each.isdigit() else each for each in where.split("."))
    place = changed
    for each in path:
        place = place[each]
    place.pop(last) if what is ... else place.__setitem__(last, what)
    return changed


@pytest.mark.parametrize(
    ("where", "what", "offence"),
    [
        ("hostNetwork", True, "hostNetwork"),
        ("volumes", [{"name": "x", "hostPath": {"path": "/"}}], "volume x: hostPath"),
        ("securityContext.sysctls", [{"name": "kernel.msgmax", "value": "1"}], "sysctl kernel.msgmax"),
        ("securityContext.runAsNonRoot", ..., "runAsNonRoot"),
        ("securityContext.seccompProfile", ..., "seccompProfile"),
        ("containers.0.securityContext.runAsUser", 0, "runAsUser"),
        ("containers.0.securityContext.privileged", True, "privileged"),
        ("containers.0.securityContext.allowPrivilegeEscalation", ..., "allowPrivilegeEscalation"),
        ("containers.0.securityContext.capabilities", ..., "capabilities are kept"),
        ("containers.0.securityContext.capabilities.add", ["NET_ADMIN"], "capabilities are added"),
        ("containers.1.ports.0.hostPort", 443, "hostPort"),
        ("containers.0.livenessProbe.httpGet.host", "192.0.2.1", "a probe or hook names a host"),
    ],
)
def test_a_pod_that_does_not_is_noticed(where, what, offence) -> None:
    found = [*offences(_with(next(pods()), where, what))]
    assert found
    assert all(each.endswith(offence) for each in found)
