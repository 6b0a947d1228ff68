"""Say that one kind of anomaly of one store or card is no news for a while."""

from datetime import date, datetime

from huitou.apps.anomalies.models import Anomaly, AnomalyMute
from huitou.apps.anomalies.queries import in_reach
from huitou.apps.base.audit import audit_record
from huitou.apps.base.scope import Viewer


class NotThere(Exception):
    """The anomaly is not there, or out of reach."""


def anomaly_mute(*, viewer: Viewer, anomaly_id: int, until: date, now: datetime) -> None:
    """Do not show this kind of this store or card up to a day. Raises NotThere."""
    found = _found(viewer, anomaly_id)
    AnomalyMute.objects.update_or_create(
        kind_code=found.kind_code,
        subject_id=found.subject_id,
        defaults={"until": until, "author_id": viewer.user_id, "created_at": now},
    )
    audit_record(
        action_code="anomaly.muted", subject_kind="anomaly", subject_id=found.pk, now=now, user_id=viewer.user_id,
        until=until.isoformat(),
    )  # fmt: skip


def anomaly_unmute(*, viewer: Viewer, anomaly_id: int, now: datetime) -> None:
    """Show it again. Raises NotThere."""
    found = _found(viewer, anomaly_id)
    AnomalyMute.objects.filter(kind_code=found.kind_code, subject_id=found.subject_id).delete()
    audit_record(action_code="anomaly.unmuted", subject_kind="anomaly", subject_id=found.pk, now=now, user_id=viewer.user_id)


def _found(viewer: Viewer, anomaly_id: int) -> Anomaly:
    found = in_reach(viewer).filter(pk=anomaly_id).first()
    if found is None:
        raise NotThere(f"no anomaly {anomaly_id} in reach")
    return found
