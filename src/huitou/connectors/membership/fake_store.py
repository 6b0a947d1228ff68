"""Creates and fills the membership database of the fake chain: `<chain>/membership/membership.sqlite3`."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from huitou.connectors.fake_store import rows_put, writer
from huitou.connectors.membership import tables

FILE_NAME = "membership.sqlite3"

TABLES: Mapping[str, tuple[str, ...]] = {table.name: table.columns for table in tables.TABLES.values()}

_DDL = """
create table if not exists member (
    member_no text primary key, name text, mobile text, mobile_verified integer, sex text, birthday text, email text,
    wx_unionid text, address text, store_code text, joined_at text, points_balance integer, updated_at text not null
);
create index if not exists member_updated on member (updated_at, member_no);
create table if not exists card (
    card_no text primary key, member_no text not null, status text not null, issued_at text, replaced_by text,
    updated_at text not null
);
create index if not exists card_updated on card (updated_at, card_no);
create table if not exists points_ledger (
    entry_id text primary key, member_no text not null, occurred_at text not null, delta integer not null, reason text not null
);
create index if not exists points_ledger_occurred on points_ledger (occurred_at, entry_id);
create table if not exists referral (
    referral_no text primary key, member_no text not null, referrer_no text not null, referred_at text not null
);
create table if not exists chat_member (
    entry_no text primary key, member_no text not null, group_code text not null, group_name text, guide text,
    store_code text, joined_at text not null, left_at text, updated_at text not null
);
"""


def create(path: Path) -> None:
    """Create the empty tables; existing ones stay as they are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(writer(path)) as connection:
        connection.execute("pragma journal_mode = wal")
        connection.executescript(_DDL)


def put(path: Path, table: str, rows: Iterable[Mapping[str, Any]]) -> int:
    """Add or replace rows given as mappings by column name (a missing column is null); returns how many."""
    columns = TABLES[table]
    return put_rows(path, table, ([row.get(column) for column in columns] for row in rows))


def put_rows(path: Path, table: str, rows: Iterable[Sequence[Any]]) -> int:
    """Add or replace many rows given in the column order of TABLES."""
    columns = TABLES[table]
    insert = f"insert or replace into {table} ({', '.join(columns)}) values ({', '.join('?' * len(columns))})"  # noqa: S608
    return rows_put(path, insert, rows)
