"""The real thing: a process, a port, the very lines that `make run` prints."""

from __future__ import annotations

import json
import re
import subprocess

import pytest
from keeping import entries
from serving import serving


@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_printed_curl_line_returns_a_critical_card(tmp_path, workers) -> None:
    with serving(tmp_path, "--workers", workers) as running:
        printed = running.output.read_text()
        line = re.search(r"curl -s .*", printed)
        assert line is not None
        answer = subprocess.run(line[0], shell=True, capture_output=True, text=True, timeout=30, check=True)
        (card,) = json.loads(answer.stdout)["cards"]
        assert (card["indicator"], card["source"]["topic"]["code"]) == ("critical", "CaudaEquinaRedFlags")
        assert f"Open    {running.base}/" in printed
        assert "CaudaEquinaRedFlags" in json.dumps(entries(running.data_dir)[-1][1])
