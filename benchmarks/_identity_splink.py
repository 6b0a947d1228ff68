"""Splink 5 on the four sources: cleaning in DuckDB SQL, expectation maximisation, prediction, clustering. For comparison only."""

import logging
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from splink import Linker
    from splink.internals.splink_dataframe import SplinkDataFrame

THRESHOLDS = (0.2, 0.5, 0.9)
_HUB = 14  # a value held by more records is nobody's, as in our own policy

_CLEAN = """
create table cleaned as
with texts as (
    select record_id as unique_id,
        regexp_replace(translate(coalesce(phone, ''), '０１２３４５６７８９', '0123456789'), '[^0-9*]|\\.0$', '', 'g') as digits,
        regexp_replace(regexp_replace(coalesce(name, ''), '[（(\\[【].*', ''), '[^一-鿿*]', '', 'g') as han,
        lower(trim(coalesce(name, ''))) as latin,
        regexp_replace(upper(coalesce(member_card, '')), '[^0-9A-Z]', '', 'g') as card,
        nullif(trim(wx_openid), '') as openid, nullif(trim(wx_unionid), '') as unionid, lower(trim(email)) as mail,
        case when regexp_matches(gender, '^(男|M|m|1|先)') then 'M' when regexp_matches(gender, '^(女|F|f|2)') then 'F' end as gender,
        regexp_extract_all(coalesce(birthday, ''), '[0-9]+') as parts, regexp_extract(coalesce(address, ''), '([^省市区]*[路街巷弄里].*)', 1) as home,
        store_id
    from raw
), named as (
    select *, regexp_replace(regexp_replace(han, '^会员', ''), '(先生|女士|老师|阿姨|师傅|总)$', '') as short from texts
), typed as (
    select unique_id,
        case when regexp_matches(digits, '1[3-9][0-9]{9}$') and right(digits, 11) not in ('13800138000', '13888888888', '13000000000', '18888888888')
            then right(digits, 11) end as phone,
        case when short not in ('', '微信用户', '匿名', '测试', '顾客', '会员', '无', '未知', '散客') and not contains(short, '*') then short
            when short = '' and regexp_matches(latin, '^[a-z ]{4,}$') then latin end as name,
        case when length(card) between 6 and 20 then card end as card, openid, unionid,
        case when regexp_matches(mail, '^[^@ ]+@[^@ ]+[.][a-z]+$') then mail end as email, gender,
        case when len(parts) >= 3 and length(parts[1]) = 4 then try_cast(concat_ws('-', parts[1], lpad(parts[2], 2, '0'), lpad(parts[3], 2, '0')) as date)
            when len(parts) = 1 and length(parts[1]) = 8 then try_cast(try_strptime(parts[1], '%Y%m%d') as date) end as day,
        nullif(home, '') as home, store_id
    from named
)
select unique_id, name, left(name, 1) as surname, gender, home, store_id,
    case when day not in (date '1900-01-01', date '1970-01-01', date '1990-01-01', date '2000-01-01') then strftime(day, '%Y-%m-%d') end as birthday,
    {hubs}
from typed
"""
_IDS = ("phone", "card", "openid", "unionid", "email")


def splink_run(sources: Mapping[str, pa.Table]) -> tuple[float, list[tuple[float, np.ndarray]], pa.Array]:
    """Return cleaning seconds, (threshold, entity labels of the records in order) and the record ids."""
    logging.getLogger("splink").setLevel(logging.ERROR)
    connection = duckdb.connect(config={"threads": 2})
    connection.execute("set enable_progress_bar = false")
    raw = pa.concat_tables(list(sources.values()))
    connection.register("raw", raw)
    start = time.perf_counter()
    hubs = ", ".join(f"case when count(*) over (partition by {name}) <= {_HUB} then {name} end as {name}" for name in _IDS)
    connection.execute(_CLEAN.replace("{hubs}", hubs))
    cleaned_s = time.perf_counter() - start
    linker = splink_trained(connection)
    pairs = linker.inference.predict(threshold_match_probability=min(THRESHOLDS))
    ids = pa.array(
        connection.execute("select unique_id from cleaned order by unique_id").to_arrow_table()["unique_id"].combine_chunks()
    )
    return cleaned_s, [(threshold, splink_labels(connection, linker, pairs, threshold)) for threshold in THRESHOLDS], ids


def splink_trained(connection: duckdb.DuckDBPyConnection, *, steps: bool = False) -> "Linker":
    """
    Return Splink trained without labels on the table `cleaned`: the columns that splink_run makes, in normal form.

    steps: its pairs tell what each comparison adds.
    """
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    exact = [cl.ExactMatch(name) for name in ("card", "openid", "unionid", "gender", "store_id", "home")]
    settings = SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[
            *(block_on(name) for name in _IDS), block_on("name", "birthday"), block_on("name", "substr(phone, 8, 4)"),
            block_on("name", "home"),
        ],
        comparisons=[
            cl.LevenshteinAtThresholds("phone", [1]), *exact, cl.LevenshteinAtThresholds("email", [1]),
            cl.LevenshteinAtThresholds("birthday", [1]), cl.LevenshteinAtThresholds("name", [1]).configure(term_frequency_adjustments=True),
        ],
        retain_intermediate_calculation_columns=steps, retain_matching_columns=steps,
    )  # fmt: skip
    api = DuckDBAPI(connection)
    linker = Linker(api.register("cleaned"), settings)
    linker.training.estimate_probability_two_random_records_match(
        [block_on("unionid"), block_on("openid"), block_on("card")], recall=0.4
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in (block_on("phone"), block_on("name", "birthday"), block_on("card")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    return linker


def splink_labels(
    connection: duckdb.DuckDBPyConnection, linker: "Linker", pairs: "SplinkDataFrame", threshold: float
) -> np.ndarray:
    """Return the entity labels of the records in order of their id."""
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, threshold_match_probability=threshold)
    table = connection.execute(f"select cluster_id from {clusters.physical_name} order by unique_id").to_arrow_table()
    return np.asarray(table["cluster_id"].combine_chunks().dictionary_encode().indices)
