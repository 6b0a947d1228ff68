from datetime import date

import pytest

from huitou.warehouse.models import BadModel, load_models, read_model
from huitou.warehouse.portable import banned_constructs, transpile


@pytest.mark.parametrize("name", list(load_models()))
def test_every_model_is_portable(name: str):
    model = load_models()[name]
    assert banned_constructs(model.sql) == []
    for engine in ("spark", "postgres"):
        assert "as_of" not in transpile(model.sql, engine, as_of=date(2026, 6, 30))


@pytest.mark.parametrize("sql", [
    "select hash(a) from t", "select list(a order by b) from t", "select array_agg(a order by b) from t", "select a / b from t",
    "select first(a) from t", "select any_value(a) from t", "select arg_max(a, b) from t", "select max_by(a, b) from t",
    "select a from t semi join u using (a)", "select a from t anti join u using (a)", "select a from t asof join u on t.a >= u.a",
    "select try_cast(a as integer) from t", "select isodow(d) from t", "select dayofweek(d) from t", "select {'a': 1}",
    "select a, sum(b) from t group by all", "select string_split(a, ',') from t", "select quantile_cont(a, 0.5) from t",
    "select columns('a') from t", "pivot t on a using sum(b)", "select d - interval 90 day from t", "select now()",
    "select current_date", "select random()", "select sum(a::double) from t", "select ntile(5) over (order by a) from t",
])  # fmt: skip
def test_a_construct_that_engines_read_differently_is_named(sql: str):
    assert banned_constructs(sql), sql


@pytest.mark.parametrize("sql", [
    "select a // b, a % b from t", "select cast(d - interval 90 day as date) from t", "select d - 90 from t",
    "select count(*) filter (where a > 0) from t", "select a from t qualify row_number() over (partition by a order by b) = 1",
    "select a from t where exists (select 1 from u where u.a = t.a)",
])  # fmt: skip
def test_portable_text_passes(sql: str):
    assert banned_constructs(sql) == []


def test_a_model_without_its_header_is_refused(tmp_path):
    path = tmp_path / "orders.sql"
    path.write_text("-- grain: order\n-- owner: warehouse\nselect 1")
    with pytest.raises(BadModel, match=r"orders\.sql: the header has no line '-- inputs"):
        read_model(path)
