"""The shape of the house: who may import whom, how large a room may be, what is shipped, and what the documents must hold."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from cards.guidance.rules import RULES
from cds_hooks.about.pages import about_routes
from cds_hooks.app import utc_now
from cds_hooks.audit.exports import FORMATS
from cds_hooks.audit.review.access import ROLES
from cds_hooks.errors import KINDS
from cds_hooks.logs import KEYS
from cds_hooks.settings import Settings
from cds_hooks.traces import ATTRIBUTES
from fhir_mappings.queries import QUERIES

ROOT = Path(__file__).parents[2]
PACKAGES = ("cds_hooks", "cards", "fhir_mappings")
SOURCES = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
STANDARD_FOR_GUIDANCE = {"__future__", "bisect", "collections", "dataclasses", "datetime", "enum", "functools", "itertools", "math", "types", "typing"}


def test_dependency_directions() -> None:
    answer = subprocess.run([Path(sys.executable).parent / "lint-imports", "--no-logo"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout


@pytest.mark.parametrize("path", sorted((ROOT / "cards" / "guidance").glob("*.py")), ids=lambda each: each.name)
def test_guidance_imports_a_little_of_the_standard_library(path: Path) -> None:
    """No clock, no disk, no network, no models."""
    tree = ast.parse(path.read_text())
    names = {each.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for each in node.names}
    names |= {(node.module or "").split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert names <= STANDARD_FOR_GUIDANCE | {"cards"}
    calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert not {each for each in calls if re.search(r"(date|datetime)\.(today|now|utcnow)$", each)}


@pytest.mark.parametrize("path", SOURCES, ids=lambda each: str(each.relative_to(ROOT)))
def test_files_and_functions_stay_small(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= 300
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno - node.lineno <= 45, node.name


def test_no_drawer_for_odds_and_ends() -> None:
    assert not [path.stem for path in SOURCES if path.stem in {"utils", "helpers", "common", "manager", "misc"}]


def test_broad_excepts_are_few_and_each_says_what_becomes_of_the_failure() -> None:
    broad = [line.strip() for path in SOURCES for line in path.read_text().splitlines() if re.search(r"except( Exception| BaseException)?( as \w+)?:", line)]
    assert all("noqa: BLE001 - " in line for line in broad)
    assert len(broad) == 5


def test_tests_are_no_package() -> None:
    assert not list((ROOT / "tests").rglob("__init__.py"))


def test_the_wheel_holds_the_three_packages_and_their_data(tmp_path) -> None:
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", tmp_path, ROOT], check=True, capture_output=True
    )
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {each.split("/")[0] for each in names if ".dist-info" not in each} == set(PACKAGES)
    assert "fhir_mappings/valuesets/leg-spasm.json" in names
    assert "cds_hooks/sandbox/samples/cauda-equina.json" in names
    assert "cds_hooks/sandbox/templates/index.html" in names
    assert "cds_hooks/audit/review/templates/review.css" in names
    assert "cds_hooks/templates/card.html" in names
    assert "cds_hooks/sbom.cdx.json" in names
    assert {"cds_hooks/about/regulation.md", "cds_hooks/about/templates/about.css"} <= set(names)
    assert "cds_hooks/docs/rules.md" in names
    assert any(each.endswith("licenses/NOTICE") for each in names)


def test_locks_are_hashed() -> None:
    for name in ("requirements.lock", "requirements-dev.lock", "requirements-peers.lock", "requirements-production.lock", "requirements-deploy.lock"):
        text = (ROOT / name).read_text()
        assert text.count("==") > 10
        for requirement in re.split(r"\n(?=[a-z])", text.strip(), flags=re.IGNORECASE):
            assert "--hash=sha256:" in requirement


DOCUMENTS = {
    "docs/rules.md": [f"## {rule.id} " for rule in RULES],
    "docs/operations.md": ["/cds-services", "/livez", "/readyz", "/about", "/rules", "`requirements.lock`"],
    "docs/monitoring.md": ["/startupz", "/metrics", *(f"`{each}`" for each in KEYS), *(f"`{each}`" for each in ATTRIBUTES)],
    "docs/about.md": [f"`GET {route.path}`" for route in about_routes(None, Settings(), utc_now) if route.path != "/about.css"],
    "docs/regulation.md": ["| 1. ", "| 2. ", "| 3. ", "| 4. ", "rule 11", "Do not use it for care"],
    "docs/errors.md": [f"| `{each.code}` | {each.status} | {each.cause} | {each.remedy} |" for each in KINDS.values()],
    "docs/audit.md": ["### The limits of the method", "### Roles", *(f"| `{each}` |" for each in FORMATS), *(f"| `{each}` |" for each in ROLES)],
    "docs/security.md": ["## What is checked, in this order", "## What is left to you", "## ASVS 5.0, level 2"],
    "docs/connecting/prefetch.md": [f"`{query.template}`" for query in QUERIES.values()],
    "docs/connecting/data.md": [f"| {state} |" for state in ("data", "empty", "absent", "error", "truncated", "wrong version")],
    "README.md": [
        "docs/connecting/epic.md",
        "docs/connecting/generic.md",
        "make run",
        "make test",
        "cds-services/pinched-nerve-patient-view",
        "not a diagnosis",
    ],
    "CONTRIBUTING.md": ["Add a rule", "Add a code", "Add a finding", "Settle an ambiguity", "Add a hook"],
    "NOTICE": ["SNOMED", "LOINC", "ICD-10", "CPT", "HPO"],
}


@pytest.mark.parametrize(("name", "wanted"), DOCUMENTS.items(), ids=list(DOCUMENTS))
def test_documents_hold_what_the_code_has(name, wanted) -> None:
    text = (ROOT / name).read_text()
    assert [each for each in wanted if each not in text] == []


def test_pictures_are_small_and_shown() -> None:
    shown = "".join(page.read_text() for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
    for picture in (ROOT / "docs" / "images").glob("*.png"):
        assert picture.stat().st_size < 150_000, picture.name
        assert f"images/{picture.name})" in shown, picture.name


def test_the_security_page_names_tests_that_exist() -> None:
    written = "".join(path.read_text() for path in (ROOT / "tests").rglob("*.py"))
    page = (ROOT / "docs" / "security.md").read_text()
    named = set(re.findall(r"`(test_\w+)`", page))
    assert len(named) > 30
    assert sorted(each for each in named if f"def {each}(" not in written) == []
    assert [each for each in set(re.findall(r"`((?:tests|deploy)/[\w./]+)`", page)) if not (ROOT / each).exists()] == []


def test_the_error_page_names_no_code_that_is_gone() -> None:
    assert set(re.findall(r"^\| `([a-z-]+)`", (ROOT / "docs" / "errors.md").read_text(), re.MULTILINE)) == set(KINDS)


def test_links_between_documents_lead_somewhere() -> None:
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?://|#|mailto:)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
