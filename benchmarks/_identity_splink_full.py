"""
Splink 5 as somebody would set it up who wants as good a result as ours on these records: numbers, names and addresses read
into parts in SQL, names by sound (pypinyin), values of many taken out, fifteen blocking keys with a limit each, levels for masked and
near values, term frequencies, expectation maximisation over four blocks, clustering. For comparison only.
"""

import logging
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pyarrow as pa

from benchmarks._identity_splink import THRESHOLDS, splink_labels

if TYPE_CHECKING:
    from splink import Linker

_HUB, _HUB_NAMES = 14, 6  # a value that more records, or so many names, hold is nobody's, as in our own policy
_IDS = ("phone", "card", "openid", "unionid", "email")
_TITLES = "先生|女士|小姐|老师|阿姨|师傅|经理|老板|太太|总|哥|姐|叔|婶"
_NOBODY = (
    "'', '微信用户', '匿名', '匿名用户', '测试', '顾客', '客户', '会员', '无', '未知', '散客', '先生', '女士', '无名', '用户'"
)
_DOUBLE = "欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|司徒|夏侯|轩辕|端木|南宫|独孤|宇文|长孙"
# fmt: off
_KEYS = {  # what brings two records together beside the identifiers, and how many may share it
    "k_name_day": ("sound, strftime(birthday, '%m%d')", 12), "k_name_tail": ("sound, tail", 12), "k_name_head": ("sound, left(phone, 7)", 12),
    "k_name_home": ("sound, home", 8), "k_name_card": ("sound, right(card, 4)", 12), "k_tail": ("family, head, tail", 12),
    "k_store_tail": ("store_id, head, tail", 12), "k_mailbox": ("mailbox", 8), "k_day_home": ("birthday, home", 6), "k_rare": ("han", 5),
}
# fmt: on
_TEXTS = """
create table texts as
select record_id as unique_id,
    regexp_replace(translate(coalesce(phone, ''), '０１２３４５６７８９＊', '0123456789*'), '[^0-9*]|\\.0$', '', 'g') as digits,
    regexp_replace(regexp_replace(regexp_replace(coalesce(name, ''), '[（(\\[【<《].*', ''), '[^一-鿿*]', '', 'g'),
        '^(会员|VIP|顾客|客户)', '') as han,
    regexp_replace(lower(trim(coalesce(name, ''))), '[^a-z ]', '', 'g') as latin,
    regexp_replace(upper(coalesce(member_card, '')), '[^0-9A-Z*]', '', 'g') as card,
    nullif(trim(wx_openid), '') as openid, nullif(trim(wx_unionid), '') as unionid, lower(trim(email)) as mail,
    case when regexp_matches(gender, '^(男|M|m|1|先)') then 'M' when regexp_matches(gender, '^(女|F|f|2)') then 'F' end as gender,
    regexp_extract_all(translate(coalesce(birthday, ''), '０１２３４５６７８９', '0123456789'), '[0-9]+') as parts,
    regexp_extract(coalesce(address, ''), '([^省市区县]*(路|街|道|巷|弄|里|村|苑|园)[^0-9]*[0-9]+)', 1) as street,
    regexp_extract_all(coalesce(address, ''), '[0-9]+') as numbers,
    store_id
from raw
"""
_TYPED = f"""
create table typed as
with named as (
    select *, regexp_replace(han, '({_TITLES})$', '') as short,
        case when regexp_matches(digits, '^(0?0?86)?1[3-9][0-9]{{9}}$') then right(digits, 11) end as whole,
        regexp_extract(digits, '(1[3-9][0-9])[*]+([0-9]{{4}})$', ['head', 'tail']) as masked
    from texts
)
select unique_id,
    case when whole not in ('13800138000', '13888888888', '13000000000', '18888888888', '13900000000') then whole end as phone,
    coalesce(left(whole, 3), nullif(masked.head, '')) as head, coalesce(right(whole, 4), nullif(masked.tail, '')) as tail,
    case when short in ({_NOBODY}) then null else nullif(short, '') end as shown,
    case when short in ({_NOBODY}) or contains(short, '*') or length(short) < 2 then null else short end as han,
    case when short = '' and regexp_matches(latin, '^[a-z]+( [a-z]+)+$') then latin end as latin,
    case when length(card) between 6 and 20 and not contains(card, '*') then card end as card, openid, unionid,
    case when regexp_matches(mail, '^[^@ ]+@[^@ ]+[.][a-z.]+$') then mail end as email,
    case when regexp_matches(mail, '^[^@ ]+@') then nullif(regexp_extract(mail, '^([^@ ]{{5,}})@', 1), '') end as mailbox, gender,
    case when len(parts) >= 3 and length(parts[1]) = 4 then try_cast(concat_ws('-', parts[1], lpad(parts[2], 2, '0'), lpad(parts[3], 2, '0')) as date)
        when len(parts) = 1 and length(parts[1]) = 8 then try_cast(try_strptime(parts[1], '%Y%m%d') as date) end as day,
    case when street <> '' then street || coalesce('-' || numbers[-1], '') end as home, store_id
from named
"""
_SAID = f"""
create table said as
select typed.* exclude (day, han, shown), han, case when day not in (date '1900-01-01', date '1970-01-01', date '1990-01-01', date '2000-01-01') then day end as birthday,
    coalesce(spoken.sound, replace(latin, ' ', '')) as sound,
    coalesce(case when regexp_matches(shown, '^({_DOUBLE})') then left(shown, 2) else left(shown, 1) end, split_part(latin, ' ', 1)) as family
from typed left join spoken on typed.han = spoken.name
"""


def splink_full_run(sources: Mapping[str, pa.Table]) -> tuple[float, list[tuple[float, np.ndarray]], pa.Array]:
    """Return cleaning seconds, (threshold, entity labels of the records in order) and the record ids."""
    connection = duckdb.connect(config={"threads": 2})
    connection.execute("set enable_progress_bar = false")
    connection.register("raw", pa.concat_tables(list(sources.values())))
    start = time.perf_counter()
    _clean(connection)
    cleaned_s = time.perf_counter() - start
    linker = _trained(connection)
    pairs = linker.inference.predict(threshold_match_probability=min(THRESHOLDS))
    ids = connection.execute("select unique_id from cleaned order by unique_id").to_arrow_table()["unique_id"].combine_chunks()
    return (
        cleaned_s,
        [(threshold, splink_labels(connection, linker, pairs, threshold)) for threshold in THRESHOLDS],
        pa.array(ids),
    )


def _clean(connection: duckdb.DuckDBPyConnection) -> None:
    from pypinyin import lazy_pinyin

    connection.execute(_TEXTS)
    connection.execute(_TYPED)
    names = [name for (name,) in connection.execute("select distinct han from typed where han is not null").fetchall()]
    connection.register("spoken", pa.table({"name": names, "sound": ["".join(lazy_pinyin(name)) for name in names]}))
    connection.execute(_SAID)
    hubs = ", ".join(f"h_{kind}.value is null as own_{kind}" for kind in _IDS)
    joins = " ".join(
        f"left join (select {kind} as value from said where {kind} is not null group by 1"
        f" having count(*) > {_HUB} or count(distinct sound) >= {_HUB_NAMES}) h_{kind} on said.{kind} = h_{kind}.value"
        for kind in _IDS
    )
    connection.execute(f"create table flagged as select said.*, {hubs} from said {joins}")
    ids = ", ".join(f"case when own_{kind} then {kind} end as {kind}" for kind in _IDS)
    rest = "unique_id, sound, han, family, head, tail, gender, home, store_id, mailbox, birthday"
    connection.execute(f"create table bare as select {rest}, {ids} from flagged")
    keys = ", ".join(
        f"case when {' and '.join(f'({part}) is not null' for part in _split(columns))}"
        f" and count(*) over (partition by {columns}) <= {largest} then hash({columns}) end as {key}"
        for key, (columns, largest) in _KEYS.items()
    )
    connection.execute(f"create table cleaned as select * replace (strftime(birthday, '%Y-%m-%d') as birthday), {keys} from bare")


def _split(columns: str) -> list[str]:
    """Cut a list of expressions at the commas outside brackets."""
    parts, depth = [""], 0
    for sign in columns:
        depth += (sign == "(") - (sign == ")")
        if sign == "," and not depth:
            parts.append("")
        else:
            parts[-1] += sign
    return parts


def _trained(connection: duckdb.DuckDBPyConnection) -> "Linker":
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    logging.getLogger("splink").setLevel(logging.ERROR)

    def levels(name: str, missing: str, *conditions: tuple[str, str], frequency: str = "", chance: float = 0.0) -> Any:
        made: list[dict[str, Any]] = [{"sql_condition": missing, "label_for_charts": "missing", "is_null_level": True}]
        for place, (label, condition) in enumerate(conditions):
            level: dict[str, Any] = {"sql_condition": condition, "label_for_charts": label}
            if place == 0 and frequency:
                level["tf_adjustment_column"] = frequency
            if place == 0 and chance:  # an identifier's own duplicates would raise its chance of being equal
                level |= {"u_probability": chance, "fix_u_probability": True}
            made.append(level)
        made.append({"sql_condition": "ELSE", "label_for_charts": "other"})
        return cl.CustomComparison(made, output_column_name=name)

    def identifier(name: str, *more: tuple[str, str]) -> Any:
        (known,) = connection.execute(f"select count(distinct {name}) from cleaned").fetchall()[0]
        missing = f"{name}_l is null or {name}_r is null"
        return levels(name, missing, ("equal", f"{name}_l = {name}_r"), *more, chance=1 / max(known, 2))

    (phones,) = connection.execute("select count(distinct phone) from cleaned").fetchall()[0]
    settings = SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[block_on(name) for name in (*_IDS, *_KEYS)],
        comparisons=[
            levels(
                "phone", "tail_l is null or tail_r is null", ("equal", "phone_l = phone_r"),
                ("masked", "(phone_l is null or phone_r is null) and head_l = head_r and tail_l = tail_r"),
                ("near", "levenshtein(phone_l, phone_r) <= 1"), chance=1 / max(phones, 2),
            ),
            identifier("card", ("near", "levenshtein(card_l, card_r) <= 1")),
            *(identifier(name) for name in ("openid", "unionid")),
            identifier("email", ("near", "mailbox_l = mailbox_r")),
            levels(
                "name", "family_l is null or family_r is null", ("equal", "sound_l = sound_r"),
                ("family only", "(sound_l is null or sound_r is null) and family_l = family_r"),
                ("near", "levenshtein(sound_l, sound_r) <= 1"), ("family", "family_l = family_r"), frequency="sound",
            ),
            levels(
                "birthday", "birthday_l is null or birthday_r is null", ("equal", "birthday_l = birthday_r"),
                ("near", "levenshtein(birthday_l, birthday_r) <= 1"), ("day", "right(birthday_l, 5) = right(birthday_r, 5)"),
            ),
            *(cl.ExactMatch(name) for name in ("gender", "store_id", "home")),
        ],
        additional_columns_to_retain=[], retain_intermediate_calculation_columns=False, retain_matching_columns=False,
    )  # fmt: skip
    linker = Linker(DuckDBAPI(connection).register("cleaned"), settings)
    linker.training.estimate_probability_two_random_records_match(
        [block_on(name) for name in ("unionid", "openid", "card")], recall=0.4
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=1e7, seed=1)
    for rule in (block_on("phone"), block_on("card"), block_on("openid"), block_on("sound", "birthday")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    return linker
