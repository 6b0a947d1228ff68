"""What the product imports is what the product declares: a package of the test tools would be missing at a user's."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BROUGHT_ALONG = {"psycopg_pool": "psycopg"}  # by an extra of the declared package


def test_every_import_of_the_product_is_a_declared_dependency():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    declared = {_plain(re.split(r"[\[<>=~ ]", requirement)[0]) for requirement in wanted}
    owners = packages_distributions()
    undeclared = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in sorted((ROOT / "src").rglob("*.py"))
        for name in imported(ast.parse(path.read_text()))
        if name not in sys.stdlib_module_names
        and name != "huitou"
        and not {_plain(BROUGHT_ALONG.get(name, owner)) for owner in owners.get(name, [name])} & declared
    }
    assert undeclared == set()


def _plain(distribution: str) -> str:
    """Return the name as the registries compare it."""
    return distribution.lower().replace("_", "-")


def imported(node: ast.AST) -> Iterator[str]:
    """Yield the top names of all imports that run: those for the type checker alone do not."""
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return
    if isinstance(node, ast.Import):
        yield from (alias.name.split(".")[0] for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
        yield node.module.split(".")[0]
    for child in ast.iter_child_nodes(node):
        yield from imported(child)
