"""Two first clicks of one run in the same moment: both are answered by the same run, on either database."""

import pytest
from django.db import connection
from tests.installation import Installation, other_databases

CLICKS = """
import threading, time
from datetime import datetime, UTC
from django.db import connection
from huitou.apps.accounts.models import User
from huitou.apps.base import jobs
from huitou.apps.base.models import AuditEvent, Job
from huitou.apps.base.scope import Viewer
from huitou.apps.tasks.models import TaskRun
from huitou.apps.tasks.services import run_begin

viewer = Viewer(User.objects.create(username="m", role_code="admin").pk, "admin", None)
now = datetime(2026, 11, 21, 4, tzinfo=UTC)
begun, plan, found = threading.Event(), jobs.plan, []

def held(*given, **named):
    job = plan(*given, **named)
    begun.set()
    time.sleep(0.5)  # the first click's run is written and not yet there for others when the second one comes
    return job

def click():
    try:
        found.append(run_begin(viewer=viewer, run_key="page:k", days=180, now=now, person_ids=[7]).pk)
    except Exception as error:
        found.append(repr(error))
    finally:
        connection.close()

jobs.plan = held
first, second = threading.Thread(target=click), threading.Thread(target=click)
first.start()
begun.wait(20)
second.start()
first.join(), second.join()
run = TaskRun.objects.get()
print(json.dumps([
    found == [run.pk] * 2, run.seen, run.gone, Job.objects.filter(name="tasks.run").count(),
    list(AuditEvent.objects.filter(subject_kind="task_run").order_by("pk").values_list("action_code", flat=True)),
] if found == [run.pk] * 2 else found))
"""


@pytest.fixture
def installation(tmp_path):
    """An installation in a process of its own, on the database that the tests run on."""
    if connection.vendor == "sqlite":
        yield Installation(tmp_path / "home").create()
        return
    with other_databases("huitou_clicks") as (url,):
        yield Installation(tmp_path / "home", url).create()


@pytest.mark.db_both
@pytest.mark.django_db
@pytest.mark.accept("S15")
def test_the_second_of_two_clicks_at_once_gets_the_run_of_the_first(installation):
    assert installation.run(CLICKS) == [True, 1, 1, 1, ["task.run", "task.run_ended"]]
