"""The two witnesses of "nothing was written" notice what they are there for, on both databases."""

from datetime import UTC, datetime

import pytest
from django.db import transaction
from tests.untouched import state, touched

from huitou.apps.products.models import Store

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]
NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


def store(code: str) -> Store:
    return Store.objects.create(code=code, name=code, region_code="R1", region_name="R1", updated_at=NOW)


def test_reading_is_no_change():
    store("S1")
    before, rows = state(), touched()
    assert list(Store.objects.values_list("code", flat=True)) == ["S1"]
    assert (state(), touched()) == (before, rows)


@pytest.mark.parametrize("write", ["insert", "update", "delete"])
def test_every_write_is_seen_and_one_that_is_taken_back_was_begun(write: str):
    kept = store("S1")
    before, rows = state(), touched()

    def act() -> None:
        if write == "insert":
            store("S2")
        elif write == "update":
            Store.objects.filter(pk=kept.pk).update(name="another")
        else:
            kept_again = Store.objects.get(pk=kept.pk)
            kept_again.delete()

    with transaction.atomic():
        act()
        assert state() != before
        transaction.set_rollback(True)
    assert state() == before  # the rows are as they were,
    assert touched() == rows + 1  # and yet somebody began to write
    act()
    assert (state() != before, touched()) == (True, rows + 2)
