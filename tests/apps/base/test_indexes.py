"""Indexes of large tables: built beside whoever writes on PostgreSQL, again after a build that was cut short."""

import pytest
from django.db import connection, models
from django.db.migrations import AddIndex, CreateModel
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState, ProjectState
from django.test.utils import CaptureQueriesContext

from huitou.apps.base.indexes import AddIndexBeside
from huitou.apps.intake.models import Batch

NAME = "batch_beside_test"
# made before the first release: no installation runs them on a table in use
EARLIER = {
    ("benefits", "0002_days"), ("customers", "0005_plain_columns"), ("customers", "0007_minors"),
    ("customers", "0008_oldest_value"), ("customers", "0009_homes"), ("identity", "0003_review_answers"),
}  # fmt: skip


def test_an_index_of_a_table_that_is_there_is_built_beside_its_writers():
    plain, beside = set(), set()
    for (app, name), migration in MigrationLoader(None, ignore_no_migrations=True).disk_migrations.items():
        if not migration.__module__.startswith("huitou."):
            continue
        made = {one.name.lower() for one in migration.operations if isinstance(one, CreateModel)}
        adds = [one for one in migration.operations if isinstance(one, AddIndex) and one.model_name.lower() not in made]
        kinds = {type(one) for one in adds}
        plain |= {(app, name)} if AddIndex in kinds else set()
        if AddIndexBeside in kinds:
            beside.add((app, name))
            assert not migration.atomic, name
            assert len(migration.operations) == 1, name  # cut short it begins again: nothing else may have been done
    assert plain == EARLIER
    assert beside >= {("customers", "0010_stale_by_store"), ("value", "0015_by_predicted_value"), ("value", "0016_by_first_tier")}


def names() -> set[str]:
    with connection.cursor() as cursor:
        return set(connection.introspection.get_constraints(cursor, Batch._meta.db_table))


@pytest.mark.db_both
@pytest.mark.django_db(transaction=True)
def test_an_index_comes_beside_its_writers_and_goes_again():
    before = ProjectState()
    before.add_model(ModelState.from_model(Batch))
    operation = AddIndexBeside("batch", models.Index(fields=["sealed_on"], name=NAME))
    after = before.clone()
    operation.state_forwards("intake", after)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:  # as a build that was cut short leaves one behind
            cursor.execute(f"create index {NAME} on {Batch._meta.db_table} (id)")
    with CaptureQueriesContext(connection) as told, connection.schema_editor(atomic=False) as editor:
        operation.database_forwards("intake", editor, before, after)
    assert NAME in names()
    with connection.cursor() as cursor:
        assert connection.introspection.get_constraints(cursor, Batch._meta.db_table)[NAME]["columns"] == ["sealed_on"]
    said = [one["sql"].lower() for one in told if NAME in one["sql"]]
    assert all("concurrently" in sql for sql in said) == (connection.vendor == "postgresql")
    with connection.schema_editor(atomic=False) as editor:
        operation.database_backwards("intake", editor, after, before)
    assert NAME not in names()
