"""Every stored column is classified, and no row of a bounded table outlives its time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.apps import apps

from huitou.apps.base import classified
from huitou.apps.base.classified import DataClass, overdue, overdue_delete, tables, unclassified
from huitou.apps.base.models import IdempotencyKey, Job
from huitou.apps.base.sealed import sealed_columns

NOW = datetime(2026, 11, 26, 4, 0, tzinfo=UTC)


def classes() -> dict[str, DataClass]:
    return {f"{table.label}.{name}": kind for table in tables() for name, kind in table.columns()}


def of_the_product() -> list[str]:
    """Return the columns nobody named, those of models aside that only tests make (tests/apps/base/test_filters.py)."""
    tested = {model._meta.label for model in apps.get_models() if model.__module__.startswith("tests.")}
    return [name for name in unclassified() if name.rpartition(".")[0] not in tested]


@pytest.mark.accept("S236")
def test_every_column_is_classified_once():
    """A new column joins the data map of its app: `apps/<app>/data_map.py`."""
    assert of_the_product() == []


def test_a_column_nobody_named_is_found(monkeypatch):
    known = tables()
    person = next(table for table in known if table.label == "customers.Person")
    lacking = replace(person, sensitive=person.sensitive.replace("profile ", ""), general=f"{person.general} invented")
    monkeypatch.setattr(classified, "tables", lambda: [lacking, *(table for table in known if table is not person)])
    assert of_the_product() == ["customers.Person.invented", "customers.Person.profile"]


def test_what_is_encrypted_is_not_called_general():
    found = classes()
    assert {column.name for column in sealed_columns() if found[column.name] == DataClass.GENERAL} == set()


def test_every_bounded_table_says_days_and_a_moment_of_its_own():
    bounded = [table for table in tables() if table.keep == classified.Keep.BOUNDED or table.days is not None]
    assert bounded
    for table in bounded:
        assert table.keep == classified.Keep.BOUNDED, table.label
        assert table.days is not None, table.label
        assert apps.get_model(table.label)._meta.get_field(table.dated_by).get_internal_type() == "DateTimeField"


@pytest.mark.django_db
@pytest.mark.db_both
@pytest.mark.accept("S236")
def test_no_row_is_past_its_time_after_the_job(monkeypatch):
    monkeypatch.setattr(classified, "ROWS_AT_ONCE", 2)  # several rounds
    old, young = NOW - timedelta(days=8), NOW - timedelta(days=6)
    for number in range(5):
        IdempotencyKey.objects.create(scope_code="t", key=str(number), body_hash="", created_at=old)
    IdempotencyKey.objects.create(scope_code="t", key="young", body_hash="", created_at=young)
    Job.objects.create(name="t", planned_at=NOW - timedelta(days=300))  # not ended: stays
    Job.objects.create(name="t", planned_at=NOW - timedelta(days=300), ended_at=NOW - timedelta(days=91))
    assert overdue(NOW) == {"base.IdempotencyKey": 5, "base.Job": 1}
    assert overdue_delete(NOW) == {"base.IdempotencyKey": 5, "base.Job": 1}
    assert overdue(NOW) == {}
    assert (IdempotencyKey.objects.get().key, Job.objects.count()) == ("young", 1)
