"""The value app's part in a publish, in erasing and in copying a person."""

from typing import Any

from huitou.apps.base import leases
from huitou.apps.base.hooks import FactsPublished, PersonCopy, PersonErased
from huitou.apps.value import stored
from huitou.apps.value.models import GivenInput, PersonValue, StageChange, TierChange
from huitou.apps.value.services import value_run


def facts_published(published: FactsPublished) -> None:
    """Bring the stored values to the published facts; a run that is at work already is left to it and caught up next time."""
    try:
        value_run(now=published.now)
    except leases.LeaseTaken:
        return


def person_erased(erased: PersonErased) -> None:
    """Delete what was computed and logged of the person; a frozen list keeps the number it was made of."""
    for model in (PersonValue, GivenInput, StageChange, TierChange):
        model._default_manager.filter(person_id=erased.person_id).delete()


def person_copied(asked: PersonCopy) -> dict[str, Any]:
    """Return the computed values, the given inputs and every logged change of tier and stage."""
    row = PersonValue.objects.filter(pk=asked.person_id).values(*stored.COLUMNS).first()
    if row is None:
        return {}
    changes = TierChange.objects.filter(person_id=asked.person_id).order_by("pk")
    return {
        "value": {
            "computed": {name: _plain(value) for name, value in row.items() if value is not None},
            "given": dict(GivenInput.objects.filter(person_id=asked.person_id).values_list("name", "value")),
            "tier_changes": [
                {
                    "scheme": change.scheme.code,
                    "from": change.from_code,
                    "to": change.to_code,
                    "on": change.changed_on.isoformat(),
                }
                for change in changes.select_related("scheme")
            ],
        }
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
