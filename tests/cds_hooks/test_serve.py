"""The real thing: a process, a port, the very lines that `make run` prints."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from keeping import entries
from serving import serving

SLOW = "import sys, time\nif any('spawn_main' in each for each in sys.orig_argv):\n    time.sleep(8)\n"


@pytest.mark.heavy
def test_workers_that_start_slowly_are_waited_for(tmp_path, monkeypatch) -> None:
    """On a busy machine each takes longer than the 5 s after which the server's supervisor kills a worker that does not answer, and starts it again, for ever."""
    (tmp_path / "sitecustomize.py").write_text(SLOW)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with serving(tmp_path, "--workers", "2") as running:
        starts = [entry for _, entry in entries(running.data_dir) if entry["kind"] == "start"]
    assert len(starts) in {1, 2}


def test_workers_begin_also_where_the_service_was_started_in_a_folder_they_cannot_enter(tmp_path, monkeypatch) -> None:
    """As root's is for the service's user. This one is gone, which is as closed."""
    folder = tmp_path / "closed"
    folder.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    before = Path.cwd()
    os.chdir(folder)
    folder.rmdir()
    try:
        with serving(tmp_path, "--workers", "2") as running:
            assert {entry["kind"] for _, entry in entries(running.data_dir)} == {"start"}
    finally:
        os.chdir(before)


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
