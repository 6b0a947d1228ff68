"""The rules a run scores by, as objects and as the text that is kept with the run."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from huitou.apps.value.custom_inputs import custom_missing
from huitou.apps.value.gather import prediction_in_use
from huitou.apps.value.models import FormulaVersion, ScenarioRule
from huitou.apps.value.moods import reader_in_force
from huitou.apps.value.schemes import InForce
from huitou.core.value import traits
from huitou.core.value.scoring import Rules

FORMULAS = {"interaction": traits.INTERACTION_WEIGHTS, "potential": traits.POTENTIAL_WEIGHTS}


def rules_of(schemes: Sequence[InForce]) -> Rules:
    """Return the rules in force; weights that nobody changed are the shipped ones."""
    weights = formulas_in_force()
    return Rules([one.scheme for one in schemes], weights["interaction"], weights["potential"])


def formulas_in_force() -> dict[str, dict[str, float]]:
    """Return the weights of every formula by code."""
    weights: dict[str, dict[str, float]] = {code: dict(shipped) for code, shipped in FORMULAS.items()}
    for row in FormulaVersion.objects.filter(retired_at=None):
        weights[row.code] = {name: row.weights[name] for name in weights[row.code]}
    return weights


def rules_text(schemes: Sequence[InForce], *, today: date) -> dict[str, Any]:
    """
    Return which version of every rule is in force, and which custom inputs that they ask for nobody may use today; two runs with
    equal texts score alike.
    """
    asked = frozenset[str]().union(*(one.scheme.custom_inputs for one in schemes))
    formulas = FormulaVersion.objects.filter(retired_at=None).values_list("code", "number")
    prediction, forecast_run = prediction_in_use()
    scenarios = ScenarioRule.objects.filter(slot__isnull=False).order_by("slot").values_list("code", "slot", "number")
    return {
        "schemes": {one.code: [one.slot, one.number] for one in schemes},
        "formulas": dict(sorted(formulas)),
        "scenarios": [list(row) for row in scenarios],
        "clv": prediction,
        "forecast_run": forecast_run,
        "sentiment": reader_in_force(),
        "missing": custom_missing(asked, today=today),
    }


@transaction.atomic
def formula_publish(*, code: str, weights: dict[str, float], author_id: int, now: datetime) -> FormulaVersion:
    """
    Put new weights of a power in force; the next run scores everybody by them. Raises WeightsInvalid, KeyError on no formula.
    """
    traits.check_weights(weights, FORMULAS[code])
    last = FormulaVersion.objects.filter(code=code).order_by("-number").first()
    FormulaVersion.objects.filter(code=code, retired_at=None).update(retired_at=now)
    return FormulaVersion.objects.create(
        code=code, number=1 if last is None else last.number + 1, weights=weights, author_id=author_id, published_at=now
    )
