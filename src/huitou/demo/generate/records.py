"""The records of a generated chain, made by DuckDB column by column: one membership record per person, second records of some."""

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from huitou.demo.generate.plan import Plan
from huitou.demo.names import FEMALE_CHARS, MALE_CHARS, PHONE_PREFIX, STREETS, SURNAMES

CHUNK = 200_000
_PHONE_PRIME = 99_999_989  # multiplying modulo a prime gives every person another number


@dataclass(frozen=True, slots=True)
class Part:
    """Some records of one source, and whose they are: `truth` has record_id, person_id (1..members)."""

    source_code: str
    records: pa.Table
    identifiers: pa.Table | None
    truth: pa.Table


def record_parts(plan: Plan) -> Iterator[Part]:
    """Yield the records in chunks of at most CHUNK, in order of their ids."""
    workshop = duckdb.connect(config={"threads": "2", "memory_limit": "1GB"})
    workshop.execute("set enable_progress_bar = false")
    _words(workshop, plan)
    third = plan.extra_records // 3
    ranges = [
        ("membership", 0, plan.members),
        ("pos", plan.members, plan.members + third),
        ("mall", plan.members + third, plan.members + 2 * third),
        ("aftersales", plan.members + 2 * third, plan.records),
    ]
    for source, start, end in ranges:
        for low in range(start, end, CHUNK):
            yield _part(workshop, plan, source, low, min(low + CHUNK, end))
    workshop.close()


def _words(workshop: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """Put name characters into variables and define what is true of a person as macros over the index p (0 based)."""
    surnames = [name for name, weight in SURNAMES for _ in range(weight)]
    for name, words in (
        ("surnames", surnames),
        ("women", list(FEMALE_CHARS)),
        ("men", list(MALE_CHARS)),
        ("streets", list(STREETS)),
    ):
        workshop.execute(f"set variable {name} = ?", [words])
    seed = int(plan.seed)
    # A multiplicative mix of index, purpose and seed: the same on every version of the engine.
    workshop.execute(
        "create macro mix(p, purpose) as"
        f" ((p::hugeint * 2654435761 + purpose * 40503 + {seed} * 97) * 2246822519 % 4294967291)::bigint"
    )
    workshop.execute("create macro pick(words, p, purpose) as words[1 + mix(p, purpose) % len(words)]")
    workshop.execute("create macro is_woman(p) as mix(p, 1) % 100 < 60")
    workshop.execute(
        "create macro full_name(p) as pick(getvariable('surnames'), p, 2)"
        " || case when is_woman(p) then pick(getvariable('women'), p, 3) else pick(getvariable('men'), p, 3) end"
        " || case when mix(p, 4) % 100 < 15 then ''"
        "    when is_woman(p) then pick(getvariable('women'), p, 5) else pick(getvariable('men'), p, 5) end"
    )
    workshop.execute(
        f"create macro phone(p) as '{PHONE_PREFIX}' || lpad(((p::hugeint * 48271 + 12345) % {_PHONE_PRIME})::varchar, 8, '0')"
    )
    workshop.execute("create macro card(p) as '88' || lpad(p::varchar, 10, '0')")
    workshop.execute("create macro unionid(p) as 'ung' || lpad(p::varchar, 12, '0')")
    workshop.execute("create macro birth_text(p) as strftime(date '1950-01-01' + (mix(p, 6) % 20000)::integer, '%Y-%m-%d')")
    workshop.execute(
        "create macro typed_phone(p, form) as case form when 0 then '+86 ' || phone(p)"
        " when 1 then left(phone(p), 3) || ' ' || substr(phone(p), 4, 4) || ' ' || right(phone(p), 4) else phone(p) end"
    )


_COLUMNS = {
    "membership": """
        case when mix(p, 10) % 100 < 97 then full_name(p) end as name,
        typed_phone(p, mix(p, 11) % 12) as phone,
        null::varchar as member_card, null::varchar as wx_openid,
        case when mix(p, 12) % 100 < 50 then unionid(p) end as wx_unionid,
        null::varchar as email,
        case when mix(p, 13) % 100 < 75 then if(is_woman(p), '女', '男') end as gender,
        case when mix(p, 14) % 100 < 55 then birth_text(p) end as birthday,
        case when mix(p, 15) % 100 < 40
            then '杭州市' || pick(getvariable('streets'), p, 16) || (1 + mix(p, 17) % 900) || '号' end as address,
        mix(p, 18) % 100 < 85 as phone_verified""",
    "pos": """
        null::varchar as name, case when i % 2 = 0 then phone(p) end as phone,
        case when i % 2 = 1 then card(p) end as member_card, null::varchar as wx_openid, null::varchar as wx_unionid,
        null::varchar as email, null::varchar as gender, null::varchar as birthday, null::varchar as address,
        null::boolean as phone_verified""",
    "mall": """
        full_name(p) as name, typed_phone(p, mix(i, 11) % 6) as phone, null::varchar as member_card,
        'og' || lpad(p::varchar, 14, '0') as wx_openid, unionid(p) as wx_unionid, null::varchar as email,
        null::varchar as gender, null::varchar as birthday, null::varchar as address, true as phone_verified""",
    "aftersales": """
        left(full_name(p), 1) || if(is_woman(p), '女士', '先生') as name, typed_phone(p, mix(i, 11) % 4) as phone,
        null::varchar as member_card, null::varchar as wx_openid, null::varchar as wx_unionid, null::varchar as email,
        null::varchar as gender, null::varchar as birthday, null::varchar as address, null::boolean as phone_verified""",
}
_SOURCE_IDS = {
    "membership": "'VIP' || lpad(p::varchar, 10, '0')",
    "pos": "if(i % 2 = 1, 'card:' || card(p), 'phone:' || phone(p))",
    "mall": "'U' || lpad(i::varchar, 10, '0')",
    "aftersales": "'C' || lpad(i::varchar, 10, '0')",
}


def _part(workshop: duckdb.DuckDBPyConnection, plan: Plan, source: str, low: int, high: int) -> Part:
    person = "i" if source == "membership" else f"((i - {plan.members})::hugeint * {plan.stride} % {plan.members})::bigint"
    stores = list(plan.store_ids)
    workshop.execute("set variable stores = ?", [stores])
    day = plan.day(0)
    store = "pick(getvariable('stores'), p, 20)" if source == "membership" else "null::integer"
    records = workshop.sql(
        f"with numbered as (select range as i from range({low}, {high})), known as (select i, {person} as p from numbered)"  # noqa: S608
        f" select i + {plan.first_record_id} as record_id, {_SOURCE_IDS[source]} as source_id, timestamp '{day}' as version_at,"
        f" {_COLUMNS[source]}, {store} as store_id, timestamp '{day}' - to_days((mix(p, 21) % 2000)::integer) as registered_at,"
        f" 1 as page_no, (i - {low} + 1)::integer as row_no, p + 1 as person_id from known order by i"
    ).to_arrow_table()
    identifiers = None
    if source == "membership":
        identifiers = workshop.sql(
            f"with known as (select range as p from range({low}, {high}))"  # noqa: S608
            f" select p + {plan.first_record_id} as record_id, 'card' as kind_code, card(p) as value,"
            f" timestamp '{day}' as version_at, timestamp '{day}' - to_days((mix(p, 21) % 2000)::integer) as valid_from,"
            f" null::timestamp as valid_to, true as verified, 1 as page_no, (p - {low} + 1)::integer as row_no"
            " from known order by p"
        ).to_arrow_table()
    return Part(source, records.drop_columns(["person_id"]), identifiers, records.select(["record_id", "person_id"]))
