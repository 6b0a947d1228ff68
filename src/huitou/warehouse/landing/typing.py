"""
Read canonical text as typed values: one SELECT per kind, generated from the table in core.canonical.

The input table has page_no, row_no, the kind's columns as text, `skip_reason`, `defect_code` and `defect_column`.
The result has, per row: n (its place in the input table, unique), page_no, row_no, skip_reason, document_key, version_at, one
typed column per field, `content` (all typed columns but the version, to compare with what is known: 12.5 equals 12.50) and
`problem_code`, `problem_column` (both null on a good row). Names are the fields' own, with the unit where the typed value has
another one: `amount` -> `amount_fen`.
"""

from collections.abc import Iterator
from enum import IntEnum

from huitou.core.canonical import Field, FieldType, Kind
from huitou.warehouse.landing.reasons import Reason


class Blanks(IntEnum):
    """Which blanks may stand at the ends of the fields; taking odd ones off costs four times as much as spaces."""

    NONE = 0
    SPACES = 1
    ODD = 2  # tabs, no-break or ideographic spaces, line ends, NULs


_SUFFIX = {FieldType.FEN: "_fen", FieldType.MILLI: "_milli"}
# Tab, line ends, no-break and ideographic space; a NUL is no text in PostgreSQL.
_BLANKS = "' ' || chr(9) || chr(10) || chr(13) || chr(12288) || chr(160)"
_TRIM = {
    Blanks.NONE: "r.{}",
    Blanks.SPACES: "trim(r.{})",
    Blanks.ODD: f"trim(replace(r.{{}}, chr(0), ''), {_BLANKS})",
}
_UNIT_SEPARATOR = "chr(31)"
_NULL_MARK = "chr(30)"

# Oldest moment a chain of ours can mean; anything before is a default of some system ("1970-01-01", "1900-01-01").
_OLDEST = "timestamp '2000-01-01'"
# End of validity may lie ahead; every other moment tells what has happened.
_MAY_LIE_AHEAD = {("identifier", "valid_to")}
# The version is not content: the same content under a newer version is nothing new.
_VERSION = "updated_at"

_NUMBER = r"[+-]?(\d+(\.\d*)?|\.\d+)"
_MOMENT = r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?( ?(Z|[+-][01]\d(:?[0-5]\d)?))?)?"
_OFFSET = r"(Z|[+-]\d{2}(:?\d{2})?)$"
_DAY = r"\d{4}-\d{2}-\d{2}"
_OTHER_DAY = r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})(?:日 *| +|T|$)"
# What the operations database has room for; a longer text there is no such code or name.
_LENGTHS = {
    ("store", "name"): 64, ("store", "region_name"): 64, ("store", "city"): 64, ("store", "address"): 200,
    ("product", "name"): 128, ("product", "category_path"): 200, ("product", "brand"): 64, ("product", "unit"): 16,
}  # fmt: skip
_CODE_LENGTH = 32
_KEY_LENGTH = 64
_INTEGER_LIMIT = 2_147_483_647
_INT32_FIELDS = {"line_no", "area_m2"}


def typed_name(field: Field) -> str:
    """Return the column name of a field once typed."""
    return field.name + _SUFFIX.get(field.type, "")


def typing_sql(kind: Kind, *, relation: str, blanks: Blanks) -> str:
    """
    Return the SELECT that types the relation's rows.

    It takes the named parameters $now (UTC timestamp without zone) and $prefix (what the keys of this source and kind begin
    with). `relation` is a table of our own.
    """
    trim = _TRIM[blanks]
    trimmed = ",\n        ".join(f"nullif({trim.format(f.name)}, '') as {f.name}" for f in kind.fields)
    dates = [f"{_spelled(f)} as {f.name}" for f in kind.fields if f.type in (FieldType.MOMENT, FieldType.DAY)]
    spelled = f"replace ({', '.join(dates)})" if dates else ""
    values = ",\n        ".join(f"{_value(f)} as {f.name}__v" for f in kind.fields if f.type is not FieldType.TEXT)
    typed = ",\n    ".join(f"{_result(f)} as {typed_name(f)}" for f in kind.fields)
    code, column = _problems(kind)
    key = f" || {_UNIT_SEPARATOR} || ".join(kind.key)
    content = ", ".join(f"coalesce(cast({_result(f)} as varchar), {_NULL_MARK})" for f in kind.fields if f.name != _VERSION)
    version = f"{_VERSION}__v" if kind.versioned else "null::timestamp"
    return f"""
with
trimmed as (
    select
        r.rowid as n, r.page_no, r.row_no, r.skip_reason, r.defect_code, r.defect_column,
        {trimmed}
    from {relation} as r
),
spelled as (
    select * {spelled}
    from trimmed
),
valued as (
    select
        *{"," if values else ""}
        {values}
    from spelled
),
judged as (
    select *, {code} as problem_code, {column} as problem_column
    from valued
)
select
    n, page_no, row_no, skip_reason,
    $prefix || {key} as document_key,
    {version} as version_at,
    concat_ws({_UNIT_SEPARATOR}, {content}) as content,
    case when skip_reason is null then problem_code end as problem_code,
    case when skip_reason is null then problem_column end as problem_column,
    {typed}
from judged
"""


def _result(field: Field) -> str:
    return field.name if field.type is FieldType.TEXT else f"{field.name}__v"


def _spelled(field: Field) -> str:
    """Write a date in ISO 8601 that stands year first with slashes, dots, 年月日 or eight digits; other texts stay."""
    name = field.name
    dashed = rf"regexp_replace({name}, '{_OTHER_DAY}', '\1-0\2-0\3 ')"
    digits = rf"regexp_replace({name}, '^(\d{{4}})(\d{{2}})(\d{{2}})$', '\1-\2-\3')"
    padded = rf"regexp_replace(rtrim({dashed}), '-0(\d\d)', '-\1', 'g')"
    single = rf"regexp_replace(regexp_replace({padded}, ' +', ' '), ' (\d):', ' 0\1:')"
    return f"""case when {name} is null or regexp_matches({name}, '^\\d{{4}}-\\d\\d-\\d\\d([T ]\\d\\d|$)') then {name}
            when regexp_matches({name}, '{_OTHER_DAY}') then {single} else {digits} end"""


def _value(field: Field) -> str:
    """Return the expression that reads one trimmed text; null where it cannot."""
    name = field.name
    match field.type:
        case FieldType.INTEGER:
            return f"case when regexp_full_match({name}, '[+-]?\\d{{1,18}}') then try_cast({name} as bigint) end"
        case FieldType.FEN:
            return _scaled(f"replace(rtrim(ltrim({name}, '¥￥'), ' 元'), ',', '')", decimals=2)
        case FieldType.MILLI:
            return _scaled(name, decimals=3)
        case FieldType.MOMENT:
            return _moment(name)
        case FieldType.DAY:
            return f"case when regexp_full_match({name}, '{_DAY}') then try_cast({name} as date) end"
        case FieldType.DEGREE:
            return f"case when regexp_full_match({name}, '{_NUMBER}') then try_cast({name} as double) end"
        case FieldType.FLAG:
            return f"""case when lower({name}) in ('1', 'true', 'yes', 'y', '是') then true
            when lower({name}) in ('0', 'false', 'no', 'n', '否') then false end"""
        case FieldType.TEXT:
            raise ValueError("a text is its own value")


def _scaled(text: str, *, decimals: int) -> str:
    """Read a decimal text as whole units of 10^-decimals, exactly: more decimals, or more than 15 digits, are null."""
    shape = rf"[+-]?(\d{{1,13}}(\.\d{{0,{decimals}}}0*)?|\.\d{{1,{decimals}}}0*)"
    exact = f"try_cast({text} as decimal(18, {decimals}))::decimal(24, {decimals})"
    return f"case when regexp_full_match({text}, '{shape}') then try_cast({exact} * {10**decimals} as bigint) end"


def _moment(name: str) -> str:
    """Read ISO 8601 as UTC; without an offset it is Asia/Shanghai, which has been +08:00 since 1991."""
    offset = f"regexp_extract(substr({name}, 11), '{_OFFSET}', 1)"
    local = f"try_cast(rtrim(left({name}, length({name}) - length({offset}))) as timestamp)"
    digits = f"rpad(replace(substr({offset}, 2), ':', ''), 4, '0')"
    minutes = f"""case {offset} when '' then 480 when '+08:00' then 480 when 'Z' then 0
            else (case left({offset}, 1) when '-' then -1 else 1 end)
                * (try_cast(left({digits}, 2) as integer) * 60 + try_cast(right({digits}, 2) as integer)) end"""
    return f"""case when regexp_full_match({name}, '{_MOMENT}')
            then {local} - to_minutes({minutes}) end"""


def _problems(kind: Kind) -> tuple[str, str]:
    """Return two case expressions, the code and the column of the first thing that is wrong with a row."""
    checks: list[tuple[str, Reason | None, str]] = [("defect_code is not null", None, "")]
    checks += [(condition, reason, field.name) for field in kind.fields for condition, reason in _field_checks(kind, field)]
    if kind.code == "order":
        checks += _order_checks()
    code = "case " + "\n        ".join(
        f"when {condition} then {_quoted(reason) if reason else 'defect_code'}" for condition, reason, _ in checks
    )
    column = "case " + "\n        ".join(
        f"when {condition} then {_quoted(column) if reason else 'defect_column'}" for condition, reason, column in checks
    )
    return f"{code} end", f"{column} end"


def _field_checks(kind: Kind, field: Field) -> Iterator[tuple[str, Reason]]:
    name, value = field.name, f"{field.name}__v"
    unread = f"{name} is not null and {value} is null"
    if field.required:
        yield f"{name} is null", Reason.MISSING
    if field.codes:
        yield f"{name} not in ({', '.join(map(_quoted, field.codes))})", Reason.UNKNOWN_CODE
    match field.type:
        case FieldType.INTEGER:
            yield unread, Reason.UNREADABLE_NUMBER
            if field.name in _INT32_FIELDS:
                yield f"{value} not between 0 and {_INTEGER_LIMIT}", Reason.OUT_OF_RANGE
            if field.name == "rating":
                yield f"{value} not between 1 and 5", Reason.OUT_OF_RANGE
        case FieldType.FEN | FieldType.MILLI:
            plain = f"replace(rtrim(ltrim({name}, '¥￥'), ' 元'), ',', '')" if field.type is FieldType.FEN else name
            yield f"{unread} and not regexp_full_match({plain}, '{_NUMBER}')", Reason.UNREADABLE_NUMBER
            yield rf"{unread} and regexp_full_match({plain}, '[+-]?\d{{14,}}.*')", Reason.OUT_OF_RANGE
            yield unread, Reason.TOO_MANY_DECIMALS
        case FieldType.MOMENT:
            yield f"{unread} and not regexp_full_match({name}, '{_MOMENT}')", Reason.UNREADABLE_MOMENT
            yield unread, Reason.IMPOSSIBLE_DATE
            yield f"{value} < {_OLDEST}", Reason.TOO_OLD
            if (kind.code, field.name) not in _MAY_LIE_AHEAD:
                yield f"{value} > $now + interval 1 day", Reason.IN_FUTURE
        case FieldType.DAY:
            yield f"{unread} and not regexp_full_match({name}, '{_DAY}')", Reason.UNREADABLE_DAY
            yield unread, Reason.IMPOSSIBLE_DATE
        case FieldType.DEGREE:
            yield unread, Reason.UNREADABLE_NUMBER
            yield f"abs({value}) > {90 if name == 'latitude' else 180}", Reason.OUT_OF_RANGE
        case FieldType.FLAG:
            yield unread, Reason.UNREADABLE_FLAG
        case FieldType.TEXT:
            limit = _length(kind, field)
            if limit is not None and not field.codes:
                yield f"length({name}) > {limit}", Reason.TOO_LONG


def _length(kind: Kind, field: Field) -> int | None:
    if field.personal:
        return None  # encrypted, of any length
    if field.name.endswith("_no") or field.name == "product_code":
        return _KEY_LENGTH
    return _CODE_LENGTH if field.name.endswith("_code") else _LENGTHS.get((kind.code, field.name))


def _order_checks() -> Iterator[tuple[str, Reason, str]]:
    for name in ("qty", "amount", "discount"):
        yield f"kind_code = 'sale' and {name}__v < 0", Reason.WRONG_SIGN, name
    for name in ("qty", "amount"):
        yield f"kind_code <> 'sale' and {name}__v > 0", Reason.WRONG_SIGN, name
    yield "kind_code <> 'sale' and original_order_no is null", Reason.MISSING_ORIGINAL, "original_order_no"
    yield "kind_code <> 'sale' and original_order_no = order_no", Reason.SELF_REFERENCE, "original_order_no"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
