"""The planner knows of large tables only."""

import pytest
from tests.apps.customers.people import person_make
from tests.apps.statistics import tables_known

from huitou.apps.base import planner
from huitou.apps.base.planner import statistics_refresh


@pytest.mark.django_db
@pytest.mark.db_both
def test_small_tables_leave_no_figures_and_large_ones_do(monkeypatch):
    monkeypatch.setattr(planner, "LARGE_ROWS", 3)
    for number in (1, 2, 3):
        person_make(number, facts=number < 3)
    statistics_refresh()
    known = tables_known()
    assert known is None or "customers_person" in known
    assert known is None or "person_facts" not in known
