"""A viewer's reach is the same condition for the operations database and for the analytical readers."""

import duckdb
import pytest
from django.db.models import Q

from huitou.apps.base.scope import Viewer, store_reach
from huitou.warehouse.scope import CHAIN, Scope, scope_sql


@pytest.mark.parametrize(
    ("store_ids", "expected"),
    [(None, [1, 2, 3]), (frozenset({1, 3}), [1, 3]), (frozenset({9}), []), (frozenset(), [])],
)
def test_reach_cuts_rows_to_the_viewers_stores(store_ids, expected):
    viewer = Viewer(1, "guide", store_ids)
    condition, parameters = scope_sql(viewer.scope(), "t.store_id")
    rows = duckdb.execute(
        f"select store_id from (values (1), (2), (3)) t(store_id) where {condition} order by 1",
        parameters,
    ).fetchall()
    assert [row[0] for row in rows] == expected
    wanted = Q() if store_ids is None else Q(home_store_id__in=sorted(store_ids))
    assert store_reach(viewer, "home_store_id") == wanted


def test_a_column_name_that_is_no_name_is_refused():
    with pytest.raises(ValueError, match="column"):
        scope_sql(Scope((1,)), "1) or (1=1")
    assert scope_sql(CHAIN, "x") == ("true", [])
