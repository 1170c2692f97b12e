"""Mutation testing of the guidance and the readers: mutmut thinks of the changes, and the tests must notice each one that is drawn."""

from __future__ import annotations
import __future__

import argparse
import difflib
import gc
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import CodeType, FunctionType

import libcst as cst
import pytest
from mutmut.mutation.file_mutation import Mutation, create_mutations, deep_replace

ROOT = Path(__file__).resolve().parent.parent
READERS = "answers bladder_scans conditions dates details elements grades meanings observations orders outcome reader resources results scales sites targets text text_answers text_context text_forms text_functions text_places text_rewritten text_rows text_spelling versions"
FILES = (*sorted((ROOT / "cards" / "guidance").glob("*.py")), *(ROOT / "fhir_mappings" / f"{name}.py" for name in READERS.split()))
TESTS = (
    "tests/fhir_mappings",
    "tests/spec",
    "tests/cards/test_cards.py",
    "tests/cds_hooks/test_failures.py",
    "tests/cds_hooks/test_prefetch_states.py",
    "tests/cds_hooks/test_settings.py",
    "tests/properties/test_charts.py",
)
PYTEST = ("-x", "-q", "-s", "--tb=no", "-p", "no:cacheprovider", "-p", "no:xdist", "--hypothesis-profile=mutate", *TESTS)
SECONDS = 120
"""As long as all the tests may take before a mutant counts as one that never ends."""
WANTED = 90


@dataclass(frozen=True, eq=False)
class Mutant:
    """One change inside one function (of the class `owner`, if any), numbered within it."""

    path: Path
    owner: str
    number: int
    module: cst.Module
    change: Mutation

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.owner and f'{self.owner}.'}{self.function.name.value}#{self.number}"

    @property
    def function(self) -> cst.FunctionDef:
        return self.change.contained_by_top_level_function

    def mutated(self, node: cst.CSTNode) -> cst.CSTNode:
        return deep_replace(node, self.change.original_node, self.change.mutated_node)

    def diff(self) -> str:
        before, after = (self.module.code_for_node(each).strip("\n").splitlines() for each in (self.function, self.mutated(self.function)))
        return "\n".join([f"# {self}", *list(difflib.unified_diff(before, after, n=1, lineterm=""))[2:], ""])

    def target(self) -> FunctionType:
        place = import_module(name_of(self.path))
        found = vars(getattr(place, self.owner) if self.owner else place)[self.function.name.value]
        return getattr(found, "__func__", found)

    def put_in_place(self) -> None:
        """The function keeps its identity and gets the mutant's code, so that every table that holds it holds the mutant."""
        source = cst.Module([self.mutated(self.function).with_changes(decorators=[])]).code
        target, made = self.target(), {}
        exec(compile(source, self.path, "exec", __future__.annotations.compiler_flag), target.__globals__, made)
        (function,) = made.values()
        target.__code__, target.__defaults__, target.__kwdefaults__ = function.__code__, function.__defaults__, function.__kwdefaults__

    def import_instead(self) -> None:
        """For a function that runs while modules are imported: the whole mutated module, before anything imports it."""
        spec = spec_from_file_location(name_of(self.path), self.path)
        sys.modules[name_of(self.path)] = place = module_from_spec(spec)
        exec(compile(self.mutated(self.module).code, self.path, "exec"), vars(place))


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def mutants(path: Path) -> list[Mutant]:
    module, changes, *_ = create_mutations(str(path), path.read_text(encoding="utf-8"))
    owners = {member: each.name.value for each in module.body if isinstance(each, cst.ClassDef) for member in each.body.body}
    made: Counter[cst.CSTNode] = Counter()
    found = []
    for each in changes:
        function = each.contained_by_top_level_function
        if isinstance(function, cst.FunctionDef):
            made[function] += 1
            found.append(Mutant(path, owners.get(function, ""), made[function], module, each))
    return found


def run_while_importing() -> set[CodeType]:
    """The code for which a fork comes too late: what it makes is made."""
    ran: set[CodeType] = set()
    sys.setprofile(lambda frame, event, _: ran.add(frame.f_code) if event == "call" else None)
    for path in FILES:
        import_module(name_of(path))
    sys.setprofile(None)
    return ran


class Trial:
    """A pytest plugin: the tests are collected once, and each mutant is tried by a fork of the process that did."""

    def __init__(self, sample: list[Mutant]) -> None:
        self.sample = sample
        self.survivors: list[Mutant] = []
        self.killers: dict[pytest.Item, None] = {}
        self.imported = run_while_importing()

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        gc.freeze()
        if not self.survives(None, session):
            pytest.exit(f"Without any change this test must pass: {next(iter(self.killers)).nodeid}", returncode=2)
        for count, mutant in enumerate(self.sample, 1):
            late = mutant.target().__code__ in self.imported
            if survives_alone(mutant) if late else self.survives(mutant, session):
                self.survivors.append(mutant)
                sys.stdout.write(f"{count}: survived: {mutant}\n")
                sys.stdout.flush()
        return True

    def survives(self, mutant: Mutant | None, session: pytest.Session) -> bool:
        """The tests that killed lately go first: neighbours mostly die of the same."""
        items = list(dict.fromkeys([*self.killers, *session.items]))
        receiver, sender = os.pipe()
        child = os.fork()
        if not child:
            _try(mutant, items, sender)
        os.close(sender)
        killer, status = os.read(receiver, 16), os.waitpid(child, 0)[1]
        os.close(receiver)
        if killer:
            self.killers = {items[int(killer)]: None} | self.killers
        return status == 0


def _try(mutant: Mutant | None, items: list[pytest.Item], sender: int) -> None:
    """In the child: run the tests up to the first that fails, tell which it was, and end."""
    signal.alarm(SECONDS)
    for stream in (1, 2):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
    if mutant:
        mutant.put_in_place()
    for index, (item, following) in enumerate(zip(items, [*items[1:], None], strict=True)):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if item.session.testsfailed:
            os.write(sender, str(index).encode())
            os._exit(1)
    os._exit(0)


def survives_alone(mutant: Mutant) -> bool:
    command = [sys.executable, "-m", "tests.mutate", "--alone", str(mutant)]
    try:
        return subprocess.run(command, cwd=ROOT, capture_output=True, check=False, timeout=SECONDS).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("names", nargs="*", help="mutants to try instead of a sample, as the list of survivors names them")
    arguments.add_argument("--seed", type=int, default=20261122)
    arguments.add_argument("--sample", type=int, default=500)
    arguments.add_argument("--survivors", type=Path, default=ROOT / "mutants" / "survivors.diff")
    arguments.add_argument("--alone", action="store_true", help="import the one mutant named, and run the tests")
    chosen = arguments.parse_args()
    every = [each for path in FILES for each in mutants(path)] if not chosen.alone else mutants(ROOT / chosen.names[0].split(":")[0])
    named = [each for each in every if str(each) in chosen.names]
    if chosen.alone:
        named[0].import_instead()
        return pytest.main(list(PYTEST))
    drawn = set(random.Random(chosen.seed).sample(range(len(every)), min(chosen.sample, len(every))))
    trial = Trial(named or [each for index, each in enumerate(every) if index in drawn])
    if failed := pytest.main(list(PYTEST), plugins=[trial]):
        return failed
    chosen.survivors.parent.mkdir(exist_ok=True)
    chosen.survivors.write_text("\n".join(each.diff() for each in trial.survivors), encoding="utf-8")
    killed = 100 * (1 - len(trial.survivors) / len(trial.sample))
    sys.stdout.write(f"{len(every)} mutants, {len(trial.sample)} tried: {killed:.1f} % killed. The {len(trial.survivors)} survivors: {chosen.survivors}\n")
    return int(killed < WANTED)


if __name__ == "__main__":
    sys.exit(main())
