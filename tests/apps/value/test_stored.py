"""Stored values column by column: only what is named is written, and a column without an answer reads as none."""

import numpy as np
import pytest

from huitou.apps.value import stored
from huitou.apps.value.models import PersonValue

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]


def column(*values):
    made = np.empty(len(values), dtype=object)
    made[:] = values
    return made


def test_only_named_columns_are_written_and_the_others_stay():
    first = {"r": column(5, 4, 1), "tier_2": column("gold", None, "basic"), "tier_2_since": column(None, None, "2026-11-01")}
    stored.rows_write([1, 2, 3], 7, first, [0, 1, 2], ["r", "tier_2", "tier_2_since"])
    stored.rows_write([2, 4], 8, {"r": column(None, 3, None, 2)}, [1, 3], ["r"])
    rows = PersonValue.objects.order_by("pk").values_list("pk", "run_id", "r", "tier_2", "f")
    assert list(rows) == [(1, 7, 5, "gold", None), (2, 8, 3, None, None), (3, 7, 1, "basic", None), (4, 8, 2, None, None)]


def test_everybody_is_read_as_each_one_asked_for():
    stored.rows_write(
        [1, 2], 7, {"scenario_1": column(True, False), "tier_2_since": column(None, "2026-11-01"), "mood": column(0.25, None)},
        [0, 1], ["scenario_1", "tier_2_since", "mood"],
    )  # fmt: skip
    whole, asked = stored.rows_read(), stored.rows_read([2, 1])
    assert whole.person_ids.tolist() == asked.person_ids.tolist() == [1, 2]
    assert {name: values.tolist() for name, values in whole.columns.items()} == {
        name: values.tolist() for name, values in asked.columns.items()
    }
    assert whole.columns["tier_2_since"].tolist() == [None, "2026-11-01"]
    assert whole.columns["scenario_1"].tolist() == [True, False]
    assert whole.columns["tier_12"].tolist() == [None, None]


def test_an_empty_table_reads_as_no_rows():
    whole = stored.rows_read()
    assert whole.person_ids.size == 0
    assert set(whole.columns) == set(stored.COLUMNS)
