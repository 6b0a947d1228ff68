"""Set what one ticket of each kind costs."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from huitou.apps.base.audit import audit_record
from huitou.apps.value.models import UnitCosts
from huitou.apps.value.queries.serving import unit_costs
from huitou.core.value.serving import check_unit_costs


@transaction.atomic
def unit_costs_save(costs: Mapping[str, int], *, by: int, now: datetime) -> None:
    """Keep the table beside those of before; the one in force changes nothing. Raises UnitCostsInvalid."""
    check_unit_costs(costs)
    if costs == unit_costs():
        return
    UnitCosts.objects.create(costs=dict(costs), saved_at=now, by=by)
    audit_record(action_code="value.unit_costs", subject_kind="rule", subject_id=0, now=now, user_id=by, costs=dict(costs))
