"""
Print every acceptance row with the tests that carry its number, and how many rows have one.

A test carries a row by `@pytest.mark.accept("S21")`. The list is tests/acceptance.csv. Markers are read from the source,
so the list does not need a run; whether those tests pass is what `make test` tells. An unknown row number is an error.
"""

import ast
import csv
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def rows() -> dict[str, tuple[str, str]]:
    """Return row number -> (area, capability) in the list's order."""
    with (ROOT / "tests" / "acceptance.csv").open(newline="") as handle:
        return {line["row"]: (line["area"], line["capability"]) for line in csv.DictReader(handle)}


def marked(folder: Path) -> dict[str, list[str]]:
    """Return row number -> the tests below the folder that are marked with it."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(folder.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                for number in _rows_of(node):
                    found[number].append(f"{path.relative_to(ROOT)}::{node.name}")
    return found


def _rows_of(node: ast.FunctionDef | ast.ClassDef) -> list[str]:
    return [
        argument.value
        for mark in node.decorator_list
        if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.accept"
        for argument in mark.args
        if isinstance(argument, ast.Constant)
    ]


def main() -> int:
    """Print the list; 1 when a test names a row that does not exist."""
    known, tests = rows(), marked(ROOT / "tests")
    for number, (area, capability) in known.items():
        print(f"{'yes' if number in tests else ' no'}  {number:5} {area}  {capability}")
        for test in tests.get(number, []):
            print(f"              {test}")
    unknown = sorted(set(tests) - set(known))
    for number in unknown:
        print(f"unknown row {number}: {tests[number]}", file=sys.stderr)
    print(f"covered {len(set(tests) & set(known))} of {len(known)}")
    return 1 if unknown else 0


if __name__ == "__main__":
    sys.exit(main())
