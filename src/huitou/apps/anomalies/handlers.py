"""The anomalies app's part in a new version, and in erasing and copying a person."""

from typing import Any

from huitou.apps.anomalies.models import STORE_KINDS, Anomaly, AnomalyMute
from huitou.apps.base import jobs
from huitou.apps.base.hooks import PersonCopy, PersonErased, ValueComputed


def value_computed(computed: ValueComputed) -> None:
    """Plan a look when the business day or the base moved."""
    if computed.is_full:
        jobs.plan_once("anomalies.look", now=computed.now)


def person_erased(erased: PersonErased) -> None:
    """Delete what was said of the person's cards."""
    for model in (Anomaly, AnomalyMute):
        model._default_manager.filter(subject_id=erased.person_id).exclude(kind_code__in=STORE_KINDS).delete()


def person_copied(asked: PersonCopy) -> dict[str, Any]:
    """Return what was found odd of the person's cards."""
    rows = Anomaly.objects.filter(subject_id=asked.person_id).exclude(kind_code__in=STORE_KINDS).order_by("day", "pk")
    found = [{"kind": one.kind_code, "on": one.day.isoformat(), "times": one.actual} for one in rows]
    return {"anomalies": found} if found else {}
