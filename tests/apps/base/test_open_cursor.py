"""A job that reads while it and others write: it goes on; one that cannot still has its end written down."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from tests.apps.customers.people import person_make
from tests.installation import Installation

from huitou.apps.base import jobs
from huitou.apps.base.models import Job
from huitou.apps.customers.models import Person
from huitou.apps.customers.queries import demographics

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
@pytest.mark.db_both
def test_files_are_read_while_two_write(monkeypatch):
    def write_elsewhere() -> None:
        Person.objects.filter(pk=1).update(record_count=7)
        connection.close()

    monkeypatch.setattr(demographics, "_READ_ROWS", 1)
    for number in (1, 2, 3):
        person_make(number, facts=False)
    seen = []
    for person_id, _birthday, _gender in demographics.demographics_changed(None):
        with ThreadPoolExecutor(1) as pool:
            pool.submit(write_elsewhere).result()
        Person.objects.filter(pk=2).update(record_count=8)
        seen.append(person_id)
    assert seen == [1, 2, 3]


@jobs.job("test.open_cursor", attempts=2)
def reads_while_writing(context):
    rows = Job.objects.values_list("pk").iterator(chunk_size=1)
    next(rows)
    with sqlite3.connect(Path(settings.HUITOU_DATA_DIR) / "huitou.sqlite3") as other:
        other.execute("update base_job set step = 'seen by another'")
    Job.objects.filter(pk=context.job_id).update(step="own")  # from a reading that is not the newest any more: refused


def ended() -> list[str]:
    """Return how an attempt of that job ends, and what stands in its row: called in an installation of its own."""
    for _ in range(3):
        row = jobs.plan("test.open_cursor", now=NOW)
    outcome = jobs.run_attempt(row.pk, lambda: NOW)
    stored = Job.objects.get(pk=row.pk)
    return [outcome, stored.state, stored.error]


def test_how_a_job_ended_is_written_even_if_it_left_a_cursor_open(tmp_path):
    installation = Installation(tmp_path / "home").create()
    found = installation.run("from tests.apps.base.test_open_cursor import ended; print(json.dumps(ended()))")
    assert found == ["again", "planned", "OperationalError: database is locked"]
