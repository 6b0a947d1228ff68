"""The odd days a viewer may see."""

from datetime import date

from django.db.models import Exists, OuterRef, QuerySet

from huitou.apps.anomalies.models import STORE_KINDS, Anomaly, AnomalyMute, AnomalyRun
from huitou.apps.base.scope import Viewer, store_reach


def last_look() -> AnomalyRun | None:
    """Return the newest ended look."""
    return AnomalyRun.objects.filter(ended_at__isnull=False).order_by("-pk").first()


def in_reach(viewer: Viewer) -> QuerySet[Anomaly]:
    """Return the anomalies of the viewer's stores, newest day first; those of no store only the whole chain's viewers see."""
    return Anomaly.objects.filter(store_reach(viewer, "store_id")).order_by("-day", "-pk")


def anomalies_shown(viewer: Viewer, *, today: date, muted: bool = False) -> QuerySet[Anomaly]:
    """Return those in reach that are not muted today, or those that are."""
    mutes = AnomalyMute.objects.filter(kind_code=OuterRef("kind_code"), subject_id=OuterRef("subject_id"), until__gte=today)
    return in_reach(viewer).filter(Exists(mutes) if muted else ~Exists(mutes))


def anomalies_of_store(viewer: Viewer, store_id: int, *, today: date) -> QuerySet[Anomaly]:
    """Return the shown ones of a store itself, not of cards used there."""
    return anomalies_shown(viewer, today=today).filter(subject_id=store_id, kind_code__in=STORE_KINDS)
