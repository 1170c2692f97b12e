"""The clinical vignettes against the running service."""

from __future__ import annotations

import json
import subprocess
import sys

from serving import serving


def test_every_open_vignette_agrees(shared, tmp_path) -> None:
    report = tmp_path / "report.json"
    with serving(tmp_path) as running:
        command = [
            sys.executable,
            shared / "vignettes" / "run_vignettes.py",
            shared / "vignettes" / "open.json",
            running.base,
            "pinched-nerve-patient-view",
            "--json",
            report,
        ]
        subprocess.run(command, capture_output=True, timeout=120, check=False)
    disagree = {each["id"]: each["faults"] for each in json.loads(report.read_text())["results"] if not each["agrees"]}
    assert disagree == {}
