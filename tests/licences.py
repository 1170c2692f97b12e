"""The licences of what is shipped: which are fine for anybody, which were looked at for one package, and the report in docs/licences.md."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCK, PAGE = ROOT / "requirements-production.lock", ROOT / "docs" / "licences.md"
PERMISSIVE = {
    *("Apache-2.0", "Apache Software License"),
    *("BSD License", "3-Clause BSD License", "BSD-2-Clause", "BSD-3-Clause"),
    *("ISC License (ISCL)", "MIT", "MIT License", "MIT-0", "PSF-2.0"),
}
"""Ask for no more than a notice: the licence files go along inside the packages, in the image as in a virtual environment."""
LOOKED_AT = {
    "certifi": ("Mozilla Public License 2.0 (MPL 2.0)", "a list of authorities, passed on unchanged; what is asked for changed files asks nothing of us"),
    "psycopg": ("LGPL-3.0-only", "used as a library through its public interface, unchanged, and replaceable: it is a package of its own beside ours"),
    "psycopg-binary": ("LGPL-3.0-only", "as psycopg; its source is published by its makers under the same version"),
    "pygal": ("GNU Lesser General Public License v3 or later (LGPLv3+)", "as psycopg; it draws the charts of the review pages"),
}
"""Copyleft that was looked at, package by package; another licence of the same package, or another package of the same licence, is not covered."""


def shipped() -> list[str]:
    """The packages of the production lock, by name."""
    return re.findall(r"^([a-z0-9._-]+)==", LOCK.read_text(), re.MULTILINE)


def found(python: Path) -> list[dict[str, str]]:
    """What pip-licenses says of the shipped packages that are installed beside `python`."""
    program = Path(sys.executable).parent / "pip-licenses"
    command = [program, "--python", python, "--format=json", "--with-urls", "--packages", *shipped()]
    listed: list[dict[str, str]] = json.loads(subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout)
    return listed


def surprises(packages: Iterable[dict[str, str]]) -> Iterator[str]:
    for each in packages:
        needed = re.split(r"; | AND ", each["License"])
        permissive = all(PERMISSIVE.intersection(re.sub(r"^\((.*)\)$", r"\1", one).split(" OR ")) for one in needed)
        if not permissive and LOOKED_AT.get(each["Name"], ("",))[0] != each["License"]:
            yield f"{each['Name']} {each['Version']} has the licence {each['License']}, which nobody has looked at: tests/licences.py"


def page(packages: Iterable[dict[str, str]]) -> str:
    rows = [f"| {_linked(each)} | {each['License']} | {LOOKED_AT.get(each['Name'], ('', ''))[1]} |" for each in packages]
    return "\n".join(
        [
            "# Licences of what is shipped",
            "",
            "Printed by `make render` from what pip-licenses reads in the packages of `requirements-production.lock`; do not edit by hand. `make check` fails when a",
            "package comes with a licence that is neither permissive nor looked at below. Of two licences joined by OR one is enough. Versions and addresses of the",
            "packages are in the bill of materials, `cds_hooks/sbom.cdx.json`. The terminologies have licences of their own: see [NOTICE](../NOTICE).",
            "",
            "| package | licence | why it may have it, where it is not permissive |",
            "| --- | --- | --- |",
            *rows,
            "",
        ]
    )


def _linked(package: dict[str, str]) -> str:
    return f"[{package['Name']}]({package['URL']})" if package["URL"].startswith("https://") else package["Name"]
