"""Why a stored rule cannot be calculated any more, as a code with what it names."""

from typing import Any as Json

from huitou.core.filters.catalogue import Catalogue
from huitou.core.filters.json_form import FilterError

MISSING, REFUSED = "missing", "refused"


def problem_of(rule: Json, catalogue: Catalogue, error: FilterError) -> str:
    """Return "missing:NAME" for a field or event that is gone, else "refused:PATH" for a value that is not allowed any more."""
    gone = [name for name in _names(rule) if name not in catalogue and catalogue.event(name) is None]
    return f"{MISSING}:{gone[0]}" if gone else f"{REFUSED}:{error.path}"


def problem_parts(problem: str) -> tuple[str, str]:
    """Return the code and what it names."""
    code, _, name = problem.partition(":")
    return code, name


def _names(rule: Json) -> list[str]:
    if isinstance(rule, list):
        return [name for one in rule for name in _names(one)]
    if not isinstance(rule, dict):
        return []
    if "field" in rule or "event" in rule:
        return [str(rule.get("field") or rule.get("event"))]
    return [name for one in rule.values() for name in _names(one)]
