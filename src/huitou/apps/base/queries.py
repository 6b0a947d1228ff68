"""Read the audit trail and which jobs there are."""

from dataclasses import dataclass

from django.db.models import Count

from huitou.apps.base.models import AuditEvent, Job, JobState


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Events, newest first; `next_before` continues, None at the end."""

    events: list[AuditEvent]
    next_before: int | None


def audit_page(*, before_id: int | None = None, user_id: int | None = None, action: str = "", limit: int = 100) -> AuditPage:
    """Return events older than `before_id`, of one user and of actions that begin with `action`, as far as these are given."""
    found = AuditEvent.objects.order_by("-pk")
    if before_id is not None:
        found = found.filter(pk__lt=before_id)
    if user_id is not None:
        found = found.filter(user_id=user_id)
    if action:
        found = found.filter(action_code__startswith=action)
    events = list(found[: limit + 1])
    return AuditPage(events[:limit], events[limit - 1].pk if len(events) > limit else None)


def jobs_by_state() -> dict[str, int]:
    """Return how many jobs are in each state, states without any included."""
    counts = dict(Job.objects.order_by().values_list("state").annotate(Count("pk")))
    return {state: counts.get(state, 0) for state in JobState.values}


def jobs_waiting(name: str) -> list[int]:
    """Return the jobs of this name that nobody has begun, in the order they were planned."""
    return list(Job.objects.filter(name=name, state=JobState.PLANNED).order_by("pk").values_list("pk", flat=True))
