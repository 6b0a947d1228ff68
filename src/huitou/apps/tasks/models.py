"""What guides are asked to do for a person, the log of what became of it, and the runs that ask for many persons at once."""

from django.db import models
from django.db.models import Q

from huitou.apps.identity.moved import Move, moved_once, standing


class State(models.TextChoices):
    """Where a task stands."""

    OPEN = "open"
    DONE = "done"
    DISMISSED = "dismissed"  # a guide tried, or saw that it is not to be done
    CANCELLED = "cancelled"  # nobody is asked any more


class TaskRun(models.Model):
    """
    Tasks for the persons of the list of values to verify, made part by part.

    person_ids: of these alone (what was ticked), emptied at the end; None: of everybody listed, and after_id says how far it is.
    seen = made plus every other count. stopped_code: why it ended early.
    """

    kind_code = models.CharField(max_length=16)
    days = models.PositiveSmallIntegerField()  # how long nobody verified a value of the file
    person_ids = models.JSONField(null=True)
    after_id = models.BigIntegerField(default=0)
    run_key = models.CharField(max_length=100, unique=True)
    author_id = models.BigIntegerField()
    seen = models.BigIntegerField(default=0)
    made = models.BigIntegerField(default=0)
    held = models.BigIntegerField(default=0)  # have an open one
    rested = models.BigIntegerField(default=0)  # had one done or dismissed a short while ago
    refused = models.BigIntegerField(default=0)  # do not want to be contacted
    barred = models.BigIntegerField(default=0)  # children, and who is or asked to be erased
    storeless = models.BigIntegerField(default=0)  # without a home store there is nobody to ask
    full = models.BigIntegerField(default=0)  # their store has as many open ones as one store may
    fresh = models.BigIntegerField(default=0)  # nothing of them was out of date any more
    gone = models.BigIntegerField(default=0)  # merged, erased or out of the author's reach
    stopped_code = models.CharField(max_length=16, default="")
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)


class Task(models.Model):
    """
    One thing to do for one person, until the end of the business day due_on.

    store_id: the person's home store, as of the last night. assignee_id: the guide who took it; None: anybody of the store.
    reason: what it was made of (`tasks.verify.reason_of`). open_code: its kind while it is the one open task of the kind of its
    person, else null. outcome_code: of rules.OUTCOMES, empty while open. created_by: a user; None: a rule.
    """

    kind_code = models.CharField(max_length=16)
    person_id = models.BigIntegerField()  # follows merges
    store_id = models.BigIntegerField()
    assignee_id = models.BigIntegerField(null=True)
    reason = models.JSONField()
    state_code = models.CharField(max_length=10, default=State.OPEN.value)
    outcome_code = models.CharField(max_length=16, default="")
    open_code = models.CharField(max_length=16, null=True)
    due_on = models.DateField()
    due_at = models.DateTimeField()
    created_at = models.DateTimeField()
    created_by = models.BigIntegerField(null=True)
    run = models.ForeignKey(TaskRun, on_delete=models.PROTECT, null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person_id", "open_code"], name="task_open_once"),
            models.CheckConstraint(condition=Q(state_code__in=[state.value for state in State]), name="task_state_known"),
            models.CheckConstraint(
                condition=Q(state_code="open", outcome_code="", closed_at=None)
                | (~Q(state_code="open") & ~Q(outcome_code="") & Q(open_code=None, closed_at__isnull=False)),
                name="task_ends_for_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["person_id", "state_code"], name="task_by_person"),
            models.Index(fields=["store_id", "state_code", "due_at"], name="task_by_store"),
            models.Index(fields=["due_on", "id"], name="task_by_due"),
            models.Index(fields=["state_code", "due_at"], name="task_by_state"),  # the count in the menu of who sees every store
        ]


class TaskChange(models.Model):
    """
    One line of a task's log; append-only, guarded by a trigger. by: a user; None: it followed by itself.

    event_id: the identity event that caused it. A guide who takes an open task writes "taken" without another state.
    """

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="changes")
    from_code = models.CharField(max_length=10, default="")
    to_code = models.CharField(max_length=10)
    outcome_code = models.CharField(max_length=16, default="")
    at = models.DateTimeField()
    by = models.BigIntegerField(null=True)
    event_id = models.BigIntegerField(null=True)


class TaskMove(Move):
    """A task went to another person with an identity event."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="moves")

    class Meta:
        constraints = [moved_once("task")]
        indexes = [standing("task")]
