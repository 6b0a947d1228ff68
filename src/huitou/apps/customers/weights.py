"""Which weights of completeness are in force: the core's, or what an administrator set instead."""

import json
from collections.abc import Mapping

from huitou.apps.base.bulk import row_newest
from huitou.apps.customers.models import CompletenessWeights
from huitou.core.identity.completeness import COMPLETENESS_WEIGHTS, check_weights


def weights_in_force() -> Mapping[str, float]:
    """Return the weight of every key field. Stored weights that a newer release cannot follow give way to the defaults."""
    newest = row_newest(CompletenessWeights, ("weights",))
    if newest is None:
        return COMPLETENESS_WEIGHTS
    weights = json.loads(newest[0])
    try:
        check_weights(weights)
    except ValueError:
        return COMPLETENESS_WEIGHTS
    return {field: weights[field] for field in COMPLETENESS_WEIGHTS}


def weights_newest() -> CompletenessWeights | None:
    """Return what was set last, None while nothing was."""
    return CompletenessWeights.objects.order_by("-pk").first()
