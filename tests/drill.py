"""The drill of deploy/drill.sh on invented logs, on SQLite and on a PostgreSQL of its own: python -m tests.drill [--count 100000]. Prints figures."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from many_entries import Plan, fill  # noqa: E402
from stores import NoServer, Store, an_entry, server  # noqa: E402

from cds_hooks.audit.writer import CHECKPOINT_FILE  # noqa: E402


def drill(store: Store, checkpoints: Path, folder: Path, programs: Path | None = None) -> subprocess.CompletedProcess[str]:
    """deploy/drill.sh as an operator would run it; `programs` is where those of PostgreSQL lie."""
    path = os.pathsep.join([*([str(programs)] if programs else []), os.environ["PATH"]])
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PNCDS_")}
    known = {"PNCDS_DATA_DIR": str(store.data_dir), **({"PNCDS_DATABASE_URL": store.url} if store.url else {})}
    environment = {**clean, **known, "PATH": path, "PROGRAM": f"{sys.executable} -m cds_hooks.cli"}
    return subprocess.run(
        [ROOT / "deploy" / "drill.sh", checkpoints, folder], capture_output=True, text=True, timeout=900, env=environment, cwd=ROOT, check=False
    )


def shipped(store: Store) -> Path:
    """Checkpoints as they were kept elsewhere, before the entries that are written next."""
    writer = store.writer()
    writer.write(an_entry("signed"))
    writer.close()
    return Path(shutil.copy(store.data_dir / CHECKPOINT_FILE, store.data_dir.parent / "shipped.ndjson"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    count = parser.parse_args().count
    with tempfile.TemporaryDirectory(prefix="pncds-drill-") as folder:
        worst = _on("SQLite", Store(None, Path(folder) / "file" / "data"), count, Path(folder), None)
        try:
            with server() as running:
                return max(worst, _on("PostgreSQL", Store(running.new_database(), Path(folder) / "server" / "data"), count, Path(folder), running.programs))
        except NoServer as why:
            print(f"PostgreSQL: not tried, {why}")  # noqa: T201
            return worst


def _on(name: str, store: Store, count: int, folder: Path, programs: Path | None) -> int:
    store.data_dir.mkdir(parents=True)
    fill(store.database, Plan(count))
    checkpoints = shipped(store)
    fill(store.database, Plan(count // 10))
    answer = drill(store, checkpoints, folder / name, programs)
    store.close()
    print(f"{name}, {count + count // 10 + 1} entries, exit code {answer.returncode}\n{answer.stdout}{answer.stderr}".replace(str(folder), ""))  # noqa: T201
    return answer.returncode


if __name__ == "__main__":
    sys.exit(main())
