"""
One batch in the making: from received pages to the typed tables of the landing, columnar, in one in-memory engine.

The caller (intake) brings what only the operations database knows, in this order:

    draft.add_stream(...)                       per stream: pages and mappings
    keys = draft.keys()                         -> look the key hashes up
    draft.judge(known)                          every row is now accepted, merged or quarantined
    new = draft.unnumbered()                    -> give them document ids
    draft.number(ids)
    draft.tables(store_ids=..., product_ids=...), draft.counts(), draft.changed_documents()
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path

import duckdb
import pyarrow as pa

from huitou.core.canonical import KINDS, Kind
from huitou.core.crypto import Keyring
from huitou.warehouse.landing.engine import memory_engine
from huitou.warehouse.landing.manifest import KindCounts
from huitou.warehouse.landing.pages import Defect, Page, raw_rows, raw_texts
from huitou.warehouse.landing.reasons import SENTENCES, Reason
from huitou.warehouse.landing.schema import TABLES
from huitou.warehouse.landing.typing import Blanks, typing_sql

_SEPARATOR = "\x1f"
_RAW_BLANKS = tuple(mark.encode() for mark in ("\t", "\u3000", "\u00a0", "\0"))
_ODD_BLANKS = {
    "csv": _RAW_BLANKS,
    "json": (*_RAW_BLANKS, *(mark.encode() for mark in ("\\t", "\\n", "\\r", "\\u3000", "\\u00a0", "\\u0000"))),
}

_IN_TABLE = (Reason.WRONG_COLUMNS, Reason.BAD_ENCODING, Reason.OPEN_QUOTE, Reason.NUL_BYTE, Reason.LINE_TOO_LONG)
_BLANK_ENDS = (b" ,", b", ", b" \n", b"\n ", b" \r", b'" ', b' "')


@dataclass(frozen=True, slots=True)
class Reference:
    """A column that names a document of another kind in the same source; `name` is the id's column in `accepted`."""

    column: str
    kind: str
    name: str
    condition: str = "true"


_RECORD = Reference("customer_source_id", "customer", "record_id")
REFERENCES: Mapping[str, tuple[Reference, ...]] = {
    "order": (_RECORD, Reference("original_order_no", "order", "original_id", "kind_code <> 'sale'")),
    "identifier": (_RECORD,),
    "points": (_RECORD,),
    "balance": (_RECORD,),
    "ticket": (_RECORD,),
    "event": (_RECORD,),
    "ticket_status": (Reference("ticket_no", "ticket", "ticket_id"),),
}

# kind -> (landing table, its statement)
OUTPUTS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "store": (("stores", "stores"),),
    "product": (("products", "products"),),
    "customer": (("records", "records"),),
    "identifier": (("identifiers", "identifiers"),),
    "order": (("lines", "lines"), ("orders", "orders")),
    "points": (("points", "points"),),
    "balance": (("balances", "balances"),),
    "ticket": (("tickets", "tickets"), ("texts", "ticket_texts")),
    "ticket_status": (("ticket_status", "ticket_status"),),
    "event": (("events", "events"), ("texts", "event_texts")),
}


class MappingFailed(Exception):
    """A mapping file does not run over the pages; the message names stream, kind and the engine's complaint."""


class Draft:
    """See the module. `now` is aware UTC; close it when done."""

    def __init__(self, *, source_code: str, now: datetime, keyring: Keyring, scratch: Path) -> None:
        self._source = source_code
        self._now = now.astimezone(UTC).replace(tzinfo=None)
        self._keyring = keyring
        self._engine: duckdb.DuckDBPyConnection = memory_engine(scratch=scratch)
        self._pages: dict[int, Page] = {}
        self._kinds: list[str] = []
        self._blanks = Blanks.NONE
        self._lost: list[tuple[str, Defect]] = []  # broken rows that no mapping spoke of

    def close(self) -> None:
        self._engine.close()

    # --- rows in -------------------------------------------------------------------------------------------------

    def add_stream(
        self, pages: Sequence[Page], *, columns: Sequence[str], mappings: Mapping[str, str], optional: Sequence[str] = ()
    ) -> None:
        """
        Take the pages of one stream and format; mappings: kind -> SELECT over `raw`. optional: CSV columns that may be missing.

        Page numbers are unique in the batch. Raises MappingFailed.
        """
        self._pages |= {page.page_no: page for page in pages}
        self._blanks = max(self._blanks, *(_blanks_in(page) for page in pages))
        raw = raw_rows(self._engine, pages, columns=columns)
        table = raw.table
        for name in optional:
            if name not in table.column_names:
                table = table.append_column(name, pa.nulls(table.num_rows, pa.string()))
        self._register("raw_text", table)
        is_json = "item" in raw.table.column_names and pages[0].format == "json"
        self._engine.execute(
            "create temp table raw as select page_no, row_no, item::json as item from raw_text"
            if is_json
            else "create temp view raw as select * from raw_text"
        )
        in_table = [defect for defect in raw.defects if defect.reason in _IN_TABLE]
        self._register("defects", _defect_table(in_table))
        spoken: set[tuple[int, int | None]] = set()
        for kind, sql in mappings.items():
            self._add_rows(KINDS[kind], sql, stream=pages[0].stream, has_defects=bool(in_table))
            if in_table:
                spoken |= set(
                    self._engine.execute(
                        f"select t.page_no, t.row_no from text_{kind} as t "
                        "inner join defects as d on t.page_no = d.page_no and t.row_no = d.row_no"
                    ).fetchall()
                )
        first_kind = next(iter(mappings))
        lost = [defect for defect in raw.defects if (defect.page_no, defect.row_no) not in spoken]
        self._lost += [(first_kind, defect) for defect in lost]
        self._engine.execute(f"drop {'table' if is_json else 'view'} raw")

    def _add_rows(self, kind: Kind, sql: str, *, stream: str, has_defects: bool) -> None:
        if kind.code not in self._kinds:
            names = ", ".join(f"{field.name} varchar" for field in kind.fields)
            self._engine.execute(
                f"create temp table text_{kind.code} (page_no integer, row_no integer, skip_reason varchar, "
                f"defect_code varchar, defect_column varchar, {names})"
            )
            self._kinds.append(kind.code)
        try:
            self._engine.execute(f"create or replace temp view mapped as {sql}")
            there = {row[0] for row in self._engine.execute("select column_name from (describe mapped)").fetchall()}
            columns = ["skip_reason", *[field.name for field in kind.fields]]
            chosen = ", ".join(f"cast(m.{name} as varchar)" if name in there else "null" for name in columns[1:])
            skip = "m.skip_reason" if "skip_reason" in there else "null"
            refused = "cast(m.refuse_reason as varchar)" if "refuse_reason" in there else "null"
            column = "cast(m.refuse_column as varchar)" if "refuse_column" in there else "null"
            broken = "d.reason" if has_defects else "null"
            defect = f"coalesce({broken}, {refused})"
            join = "left join defects as d on m.page_no = d.page_no and m.row_no = d.row_no" if has_defects else ""
            self._engine.execute(
                f"insert into text_{kind.code} select m.page_no, m.row_no, "
                f"case when {defect} is null then cast({skip} as varchar) end, {defect}, "
                f"case when {broken} is null then {column} end, {chosen} from mapped as m {join}"
            )
        except duckdb.Error as error:
            raise MappingFailed(f"{self._source}: mapping {stream}.{kind.code}.sql: {error}") from error

    # --- documents -----------------------------------------------------------------------------------------------

    def keys(self) -> pa.Table:
        """Type all rows; return document_key, key_hash of every document they are or name, each once."""
        for code in self._kinds:
            self._type(KINDS[code])
        parts = [f"select document_key from instances_{code}" for code in self._kinds]
        parts += [self._references(code, f"typed_{code}", accepted=False) for code in self._kinds if code in REFERENCES]
        if not parts:
            return pa.table({"document_key": pa.array([], pa.string()), "key_hash": pa.array([], pa.int64())})
        found = self._arrow(" union ".join(parts))
        return found.append_column("key_hash", self._hashes("document", found["document_key"]))

    def _type(self, kind: Kind) -> None:
        sql = typing_sql(kind, relation=f"text_{kind.code}", blanks=self._blanks)
        prefix = _SEPARATOR.join((self._source, kind.code, ""))
        self._engine.execute(f"create temp table typed_{kind.code} as {sql}", {"now": self._now, "prefix": prefix})
        self._engine.execute(f"drop table text_{kind.code}")
        self._engine.execute(f"create or replace temp view typed as select * from typed_{kind.code}")
        steps = ("refused", "members", "instances")
        if kind.code == "order":
            self._make("order_groups", "order_groups")
            self._make("order_repeats", "order_repeats")
        for step in steps:
            self._make(f"{step}_{kind.code}", f"{'order' if kind.code == 'order' else 'row'}_{step}")
            self._engine.execute(f"create or replace temp view {step} as select * from {step}_{kind.code}")

    def _references(self, code: str, relation: str, *, accepted: bool) -> str:
        sound = "true" if accepted else "problem_code is null and skip_reason is null"
        return " union ".join(
            f"select '{self._prefix(reference)}' || {reference.column} as document_key from {relation} "
            f"where {sound} and {reference.condition} and {reference.column} is not null"
            for reference in REFERENCES[code]
        )

    def _prefix(self, reference: Reference) -> str:
        return _SEPARATOR.join((self._source, reference.kind, "")).replace("'", "''")

    def judge(self, known: pa.Table) -> None:
        """
        Decide on every row. known: document_key, key_hash, document_id, content_hash, version_at (UTC without zone) for each
        of `keys`; the last three are null where the document is new.
        """
        self._register("documents_arrow", known)
        self._engine.execute("create temp table documents as select * from documents_arrow")
        for code in self._kinds:
            digests = self._arrow(f"select distinct digest from instances_{code}")
            self._register("digests", digests.append_column("content_hash", self._hashes("content", digests["digest"])))
            self._engine.execute(f"create or replace temp view instances as select * from instances_{code}")
            self._make(f"verdicts_{code}", "verdict_versioned" if KINDS[code].versioned else "verdict_once")
            self._engine.execute(
                f"create temp table landing_{code} as "
                f"select t.* exclude (content, skip_reason, problem_code, problem_column) from typed_{code} as t "
                f"inner join members_{code} as m on t.n = m.n inner join verdicts_{code} as v on m.instance = v.instance "
                "where v.verdict = 'accepted'"
            )

    def unnumbered(self) -> list[str]:
        """Return the keys of accepted documents, and of those they name, that have no id yet; sorted."""
        parts = [f"select document_key from landing_{code}" for code in self._kinds]
        parts += [self._references(code, f"landing_{code}", accepted=True) for code in self._kinds if code in REFERENCES]
        if not parts:
            return []
        rows = self._engine.execute(
            f"select document_key from ({' union '.join(parts)}) as wanted "
            "inner join documents using (document_key) where document_id is null order by document_key"
        ).fetchall()
        return [row[0] for row in rows]

    def number(self, ids: pa.Table) -> None:
        """Take the ids of the unnumbered: document_key, document_id."""
        self._register("new_ids_arrow", ids)
        self._engine.execute("create temp table new_ids as select * from new_ids_arrow")
        self._engine.execute(
            "create temp table ids as select document_key, document_id from documents where document_id is not null "
            "union all select document_key, document_id from new_ids"
        )

    def changed_documents(self) -> pa.Table:
        """
        Return document_id, key_hash, content_hash, version_at, state, is_new of the documents that change with this batch.

        state: "accepted" brings content, "confirmed" repeats known content under a newer version, "reserved" is only named.
        """
        verdicts = " union all ".join(f"select * from verdicts_{code}" for code in self._kinds)
        return self._arrow(
            f"""
            with verdicts as ({verdicts}),
            accepted as (
                select document_key, content_hash, version_at, 'accepted' as state from verdicts where verdict = 'accepted'
            ),
            confirmed as (
                select v.document_key, min(v.content_hash) as content_hash, max(v.version_at) as version_at,
                    'confirmed' as state
                from verdicts as v inner join documents as k on v.document_key = k.document_key
                where v.verdict = 'merged' and v.content_hash = k.content_hash and v.version_at > k.version_at
                    and v.document_key not in (select document_key from accepted)
                group by v.document_key
            ),
            reserved as (
                select document_key, null::bigint as content_hash, null::timestamp as version_at, 'reserved' as state
                from new_ids where document_key not in (select document_key from accepted)
            )
            select i.document_id, k.key_hash, c.content_hash, c.version_at, c.state,
                n.document_id is not null as is_new
            from (from accepted union all from confirmed union all from reserved) as c
            inner join ids as i on c.document_key = i.document_key
            inner join documents as k on c.document_key = k.document_key
            left join new_ids as n on c.document_key = n.document_key
            order by i.document_id
            """
        )

    # --- rows out ------------------------------------------------------------------------------------------------

    def codes(self, column: str) -> list[str]:
        """Return the distinct store_code or product_code of the accepted rows, sorted."""
        having = [code for code in self._kinds if any(field.name == column for field in KINDS[code].fields)]
        if not having:
            return []
        rows = " union ".join(f"select {column} as code from landing_{code} where {column} is not null" for code in having)
        return [row[0] for row in self._engine.execute(f"select code from ({rows}) as codes order by code").fetchall()]

    def tables(self, *, store_ids: Mapping[str, int], product_ids: Mapping[str, int]) -> dict[str, pa.Table]:
        """Return the typed tables of the batch by name; `quarantine` among them, `documents` too."""
        self._register("store_ids", _code_table("store", store_ids))
        self._register("product_ids", _code_table("product", product_ids))
        found: dict[str, list[pa.Table]] = {}
        for code in self._kinds:
            self._number_rows(code)
            for table, statement in OUTPUTS[code]:
                rows = self._arrow(_sql(statement))
                found.setdefault(table, []).append(rows.select(TABLES[table].names).cast(TABLES[table]))
        tables = {name: pa.concat_tables(parts) for name, parts in found.items()}
        tables["documents"] = self.changed_documents().select(TABLES["documents"].names).cast(TABLES["documents"])
        tables["quarantine"] = self.refusals()
        return tables

    def _number_rows(self, code: str) -> None:
        joins, columns = "", ""
        for place, reference in enumerate(REFERENCES.get(code, ())):
            columns += f", r{place}.document_id as {reference.name}"
            joins += (
                f" left join ids as r{place} on '{self._prefix(reference)}' || t.{reference.column} = r{place}.document_key "
                f"and {reference.condition}"
            )
        self._engine.execute(
            f"create or replace temp table accepted as select t.*, i.document_id{columns} from landing_{code} as t "
            f"inner join ids as i on t.document_key = i.document_key{joins}"
        )

    def counts(self) -> dict[str, KindCounts]:
        """Return the row counts per kind. Every received row is in exactly one of the three."""
        lost = Counter(kind for kind, _ in self._lost)
        counts = {}
        for code in dict.fromkeys([*self._kinds, *lost]):
            received = accepted = refused = 0
            if code in self._kinds:
                received, accepted, refused = self._engine.execute(
                    f"select (select count(*) from typed_{code}), (select count(*) from landing_{code}), "
                    f"(select count(*) from ({self._refused(code)}))"
                ).fetchall()[0]
            quarantined = refused + lost[code]
            total = received + lost[code]
            counts[code] = KindCounts(total, accepted, total - accepted - quarantined, quarantined)
        return counts

    def updated(self) -> dict[str, int]:
        """Return per kind how many accepted rows replace content that was known before; the others are new."""
        return {
            code: self._engine.execute(
                f"select count(*) from landing_{code} inner join documents using (document_key) where content_hash is not null"
            ).fetchall()[0][0]
            for code in self._kinds
        }

    def touchpoints(self) -> dict[str, int]:
        """Return how many sound rows came of each kind, of events by their type: what a silent sender no longer brings."""
        found: dict[str, int] = {}
        for code in self._kinds:
            name = "type_code" if code == "event" else f"'{code}'"
            found |= dict(
                self._engine.execute(
                    f"select {name} as code, count(*) from typed_{code} where problem_code is null group by code"
                ).fetchall()
            )
        return found

    def _refused(self, code: str) -> str:
        """Return the statement for the refused rows of a kind: n, reason_code, column_name."""
        return (
            f"select n, reason_code, column_name from refused_{code} union all "
            f"select m.n, 'conflict', '{', '.join(KINDS[code].key)}' from members_{code} as m "
            f"inner join verdicts_{code} as v on m.instance = v.instance where v.verdict = 'conflict'"
        )

    def refusals(self) -> pa.Table:
        """Return the refused rows as the landing's table `quarantine`; once judged."""
        rows = [(kind, d.page_no, d.row_no, d.detail, d.reason) for kind, d in self._lost]
        for code in self._kinds:
            rows += [
                (code, page_no, row_no, column or "", Reason(reason))
                for page_no, row_no, column, reason in self._engine.execute(
                    f"select t.page_no, t.row_no, r.column_name, r.reason_code from ({self._refused(code)}) as r "
                    f"inner join typed_{code} as t on r.n = t.n order by t.page_no, t.row_no, t.n"
                ).fetchall()
            ]
        wanted: dict[int, set[int]] = {}
        for _kind, page_no, row_no, *_rest in rows:
            wanted.setdefault(page_no, set()).add(row_no or 0)
        texts = {page_no: raw_texts(self._pages[page_no], numbers) for page_no, numbers in wanted.items()}
        entries = [
            {
                "kind": kind,
                "page_name": self._pages[page_no].name,
                "page_no": page_no,
                "row_no": row_no,
                "column": column,
                "reason_code": str(reason),
                "reason": SENTENCES[reason].format(column=column),
                "raw": texts[page_no].get(row_no or 0, ""),
            }
            for kind, page_no, row_no, column, reason in rows
        ]
        return pa.Table.from_pylist(entries, schema=TABLES["quarantine"])

    # --- engine --------------------------------------------------------------------------------------------------

    def _make(self, table: str, statement: str) -> None:
        self._engine.execute(f"create or replace temp table {table} as {_sql(statement)}")

    def _arrow(self, sql: str) -> pa.Table:
        return self._engine.sql(sql).to_arrow_table()

    def _register(self, name: str, table: pa.Table) -> None:
        self._engine.register(name, table)

    def _hashes(self, kind: str, texts: pa.ChunkedArray) -> pa.Array:
        return pa.array(self._keyring.hash_all(kind, texts.to_pylist()), pa.int64())


@cache
def _sql(name: str) -> str:
    return files("huitou.warehouse.landing").joinpath("sql", f"{name}.sql").read_text()


def _blanks_in(page: Page) -> Blanks:
    """Look for blanks at the ends of fields; looking is far cheaper than trimming every field."""
    if any(mark in page.content for mark in _ODD_BLANKS[page.format]):
        return Blanks.ODD
    if page.format == "json" or any(mark in page.content for mark in _BLANK_ENDS):
        return Blanks.SPACES
    return Blanks.NONE


def _defect_table(defects: Sequence[Defect]) -> pa.Table:
    by_row = {(defect.page_no, defect.row_no): str(defect.reason) for defect in reversed(defects)}
    return pa.table(
        {
            "page_no": pa.array([page for page, _ in by_row], pa.int32()),
            "row_no": pa.array([row for _, row in by_row], pa.int32()),
            "reason": pa.array(list(by_row.values()), pa.string()),
        }
    )


def _code_table(noun: str, ids: Mapping[str, int]) -> pa.Table:
    return pa.table({f"{noun}_code": pa.array(list(ids), pa.string()), f"{noun}_id": pa.array(list(ids.values()), pa.int32())})
