"""Which rules of survivorship are in force: the defaults of the core, with what somebody set instead."""

import json
from collections.abc import Mapping
from typing import Any

from huitou.apps.base.bulk import row_newest
from huitou.apps.identity.models import SurvivorshipChoice
from huitou.core.identity.survivorship import DEFAULT_RULES, FieldRule, Rules, RuleWrong, rule_checked


def chosen_rules() -> Mapping[str, Any]:
    """Return what was set, by field, as stored; {} while nothing was."""
    newest = row_newest(SurvivorshipChoice, ("rules",))
    return {} if newest is None else dict(json.loads(newest[0]))


def rules_in_force() -> Rules:
    """Return the rule of every field. A stored rule that a newer release cannot follow any more gives way to the default."""
    chosen = chosen_rules()
    return {name: _read(name, chosen.get(name)) or default for name, default in DEFAULT_RULES.items()}


def _read(name: str, stored: Any) -> FieldRule | None:
    if stored is None:
        return None
    try:
        return rule_checked(name, stored["order"], stored["sources"])
    except (RuleWrong, KeyError, TypeError):
        return None
