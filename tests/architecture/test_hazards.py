"""A control that no test proves is a wish: what the hazard table names is there, always runs, and (see proving.py) passes."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest
from proving import NAMED, unproven

from cds_hooks.about.hazards import HAZARDS

ROOT = Path(__file__).parents[2]
LEFT_OUT = ("skip", "xfail", "heavy")


@cache
def written_in(file: str) -> dict[str, str]:
    """The tests of a file, each with its decorators and those of the whole file."""
    tree = ast.parse((ROOT / file).read_text())
    marks = [ast.unparse(each) for each in tree.body if isinstance(each, ast.Assign) and ast.unparse(each.targets[0]) == "pytestmark"]
    found = [each for each in tree.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) and each.name.startswith("test_")]
    return {each.name: " ".join([*marks, *(ast.unparse(mark.func if isinstance(mark, ast.Call) else mark) for mark in each.decorator_list)]) for each in found}


@pytest.mark.parametrize("test", sorted(NAMED))
def test_a_control_names_a_test_that_is_there_and_always_runs(test) -> None:
    file, _, name = test.partition("::")
    assert (ROOT / file).is_file()
    assert name in written_in(file)
    assert not [mark for mark in LEFT_OUT if mark in written_in(file)[name]]


def test_each_hazard_has_its_number_and_says_what_remains() -> None:
    assert [each.id for each in HAZARDS] == [f"H{number}" for number in range(1, len(HAZARDS) + 1)]
    assert all(each.remains and each.controls for each in HAZARDS)


@pytest.mark.parametrize(
    ("outcomes", "proven"),
    [
        ({"passed"}, True),
        ({"passed", "skipped"}, True),
        ({"failed"}, True),  # told by pytest already
        ({"skipped"}, False),
        ({"expected to fail"}, False),
        ({"passed", "expected to fail"}, False),
    ],
)
def test_a_run_without_a_pass_proves_nothing(outcomes, proven) -> None:
    assert (unproven({"tests/x.py::test_x": outcomes}) == []) is proven
