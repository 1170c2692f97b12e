"""Known vulnerabilities of what is shipped, by pip-audit: .venv-deploy/bin/python -m tests.audit_deps. Needs the network.

pip-audit ends well when it could look nothing up. That is no answer: every package of the lock must have been looked at.
Exit codes: 0 nothing known, 1 something is known, 2 not all packages were looked at.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

LOCK = Path(__file__).parents[1] / "requirements-production.lock"


def verdict(report: dict[str, Any]) -> tuple[int, str]:
    """The exit code, and what to say."""
    packages = report.get("dependencies", [])
    unseen = [each for each in packages if "vulns" not in each]
    known = [(each, one) for each in packages for one in each.get("vulns", [])]
    lines = [f"{each['name']} {each['version']}: {one['id']}, mended in {', '.join(one.get('fix_versions', [])) or 'no version yet'}" for each, one in known]
    lines.append(f"{len(packages) - len(unseen)} of {len(packages)} packages looked at, {len(known)} vulnerabilities known.")
    if unseen or not packages:
        lines.append(f"Not looked at: {', '.join(each['name'] for each in unseen) or 'anything'}. This is no clean bill.")
    return (1 if known else 2 if unseen or not packages else 0), "\n".join(lines)


def main() -> int:
    program = Path(sys.executable).parent / "pip-audit"
    command = [program, "-r", LOCK, "--require-hashes", "--disable-pip", "--format=json", "--progress-spinner=off"]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    try:
        code, said = verdict(json.loads(answer.stdout))
    except json.JSONDecodeError:
        code, said = 2, f"pip-audit did not answer: {answer.stderr.strip()[-500:]}"
    print(said)  # noqa: T201
    return code


if __name__ == "__main__":
    sys.exit(main())
