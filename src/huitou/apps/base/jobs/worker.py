"""
The worker process: plans what is due, hands waiting rows to DBOS and runs them. Nothing else imports dbos, and it only here.

DBOS remembers in a file of its own which job was in the middle; after a kill -9 the worker of the same slot goes on with it.
A row reaches DBOS from the worker's own look at the table, never from the process that planned it: so no web process needs
a queue client, and a row whose worker died before it saw it is found by the next one.
"""

import sys
import threading
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import structlog
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import close_old_connections, connection

from huitou.apps.base import leases
from huitou.apps.base.clock import utc_now
from huitou.apps.base.jobs.planning import UNFINISHED
from huitou.apps.base.jobs.registry import kind_of
from huitou.apps.base.jobs.runs import Outcome, run_attempt_in_worker
from huitou.apps.base.jobs.schedules import Schedule, plan_due
from huitou.apps.base.models import Job, JobState

QUEUE = "huitou"
URGENT_QUEUE = "huitou-urgent"  # one place of its own: what people look for is not behind a first load
WORKFLOW = "huitou_job"  # stored with pending work: never rename
APPLICATION_VERSION = "1"  # a constant: work pending under another version would never be resumed
SCHEMA = "huitou_jobs"  # on PostgreSQL
LOOK_EVERY_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 60.0
BUSY_PAUSE_SECONDS = 2.0
FINISH_WITHIN_SECONDS = 5
_BATCH = 500
_FORGET = 10_000

log = structlog.get_logger(__name__)


def worker_lease(slot: int) -> str:
    """The lease that the worker of a slot holds while it lives."""
    return f"worker:{slot}"


def work(*, slot: int, schedules: Sequence[Schedule], stop: threading.Event, concurrency: int = 3) -> None:
    """
    Run jobs until `stop` is set. `slot` is this worker's stable number; its restart resumes what it left in the middle.

    Raises LeaseTaken when a worker of the same slot is alive. Work that does not end within a few seconds of the stop is
    left for the next start.
    """
    from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetWorkflowID

    with leases.hold(worker_lease(slot)) as lease:
        config: DBOSConfig = {
            "name": "huitou",
            "system_database_url": queue_url(),
            "dbos_system_schema": SCHEMA,
            "serializer": DBOSPortableJSONSerializer(),
            "application_version": APPLICATION_VERSION,
            "executor_id": f"worker-{slot}",
            "log_level": "WARNING",
            "console_log_level": "WARNING",
            "enable_otlp": False,
        }
        DBOS(config=config)
        workflow = DBOS.workflow(name=WORKFLOW)(_run_to_the_end)
        DBOS.launch()
        DBOS.register_queue(QUEUE, worker_concurrency=concurrency, polling_interval_sec=0.2)
        DBOS.register_queue(URGENT_QUEUE, worker_concurrency=1, polling_interval_sec=0.2)
        try:
            handed_over: set[int] = set()
            states: Sequence[str] = UNFINISHED  # first also what a lost queue file forgot in the middle
            while not stop.is_set():
                lease.check()
                try:
                    plan_due(schedules, utc_now())
                    for row in Job.objects.filter(state__in=states).exclude(pk__in=handed_over).order_by("pk")[:_BATCH]:
                        with SetWorkflowID(workflow_id(row)):
                            DBOS.enqueue_workflow(_queue_of(row.name), workflow, row.pk)
                        handed_over.add(row.pk)
                    states = (JobState.PLANNED,)
                    handed_over.intersection_update(Job.objects.filter(state__in=UNFINISHED).values_list("pk", flat=True))
                except DatabaseError:
                    log.exception("the operations database is away; trying again")
                    close_old_connections()
                stop.wait(LOOK_EVERY_SECONDS)
        finally:
            DBOS.destroy(workflow_completion_timeout_sec=FINISH_WITHIN_SECONDS)


def _queue_of(job_name: str) -> str:
    try:
        return URGENT_QUEUE if kind_of(job_name).is_urgent else QUEUE
    except LookupError:
        return QUEUE  # the attempt says what is wrong


def workflow_id(row: Job) -> str:
    """The same for every look at a row, other for a row of a fresh database that got a used number."""
    return f"job-{row.pk}-{int(row.planned_at.timestamp() * 1_000_000)}"


def queue_url() -> str:
    """Where DBOS keeps its tables: a file beside the operations database, or a schema in the PostgreSQL one."""
    if connection.vendor == "sqlite":
        path = Path(settings.HUITOU_DATA_DIR) / "jobs.sqlite3"  # never the operations file: an enqueue would wait for itself
        path.parent.mkdir(parents=True, exist_ok=True)
        return f"sqlite:///{path}"
    server: dict[str, Any] = connection.settings_dict
    user, password = quote(server["USER"], safe=""), quote(server["PASSWORD"], safe="")
    port = f":{server['PORT']}" if server["PORT"] else ""
    return f"postgresql://{user}:{password}@{server['HOST'] or 'localhost'}{port}/{server['NAME']}"


def _run_to_the_end(job_id: int) -> str:
    """The one workflow: attempts as steps, with pauses between them that survive a restart."""
    from dbos import DBOS

    attempt = 0
    while True:
        outcome = DBOS.run_step({"name": "attempt"}, run_attempt_in_worker, job_id)
        if outcome in (Outcome.DONE, Outcome.FAILED):
            return str(outcome)
        attempt += outcome == Outcome.AGAIN
        DBOS.sleep(BUSY_PAUSE_SECONDS if outcome == Outcome.BUSY else min(2.0**attempt, LONGEST_PAUSE_SECONDS))


def queue_clean(*, before: datetime) -> int:
    """Forget what ended before that moment in the queue's own tables; return how many. Without effect outside a worker."""
    if "dbos" not in sys.modules:
        return 0
    from dbos import DBOS

    old = DBOS.list_workflows(completed_before=before.isoformat(), limit=_FORGET, load_input=False, load_output=False)
    DBOS.delete_workflows([workflow.workflow_id for workflow in old])
    return len(old)
