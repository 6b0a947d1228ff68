"""Why a stored rule cannot be calculated any more, as a code with what it names."""

from typing import Any as Json

from huitou.core.filters.catalogue import Catalogue
from huitou.core.filters.json_form import FilterError

MISSING, REFUSED = "missing", "refused"


def problem_of(rule: Json, catalogue: Catalogue, error: FilterError) -> str:
    """Return "missing:NAME" for a field or event that is gone, else "refused:PATH" for a value that is not allowed any more."""
    gone = [name for name in names_asked(rule) if name not in catalogue and catalogue.event(name) is None]
    return f"{MISSING}:{gone[0]}" if gone else f"{REFUSED}:{error.path}"


def problem_parts(problem: str) -> tuple[str, str]:
    """Return the code and what it names."""
    code, _, name = problem.partition(":")
    return code, name


def names_asked(rule: Json) -> list[str]:
    """Return the fields and events of a stored rule, also of one that cannot be read any more."""
    return [str(one.get("field") or one.get("event")) for one in leaves_asked(rule)]


def leaves_asked(rule: Json) -> list[dict[str, Json]]:
    """Return the conditions and windows of a stored rule as they stand, also of one that cannot be read any more."""
    if isinstance(rule, list):
        return [leaf for one in rule for leaf in leaves_asked(one)]
    if not isinstance(rule, dict):
        return []
    if "field" in rule or "event" in rule:
        return [rule]
    return [leaf for one in rule.values() for leaf in leaves_asked(one)]
