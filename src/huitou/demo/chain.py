"""
Build the demo chain 悦生活: the real baskets of The Complete Journey as four source systems, and the truth beside them.

`<root>/chain/` is what the fake systems serve; `<root>/truth/` (who is who, planted figures) and `<root>/manifest.json` lie
beside it, never inside.
"""

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from huitou.connectors.aftersales.fake_store import FILE_NAME as DESK_FILE
from huitou.connectors.mall.fake_store import FILE_NAME as MALL_FILE
from huitou.connectors.membership.fake_store import FILE_NAME as MEMBERSHIP_FILE
from huitou.demo.baskets import BasketCounts, load_baskets, open_workshop
from huitou.demo.dirt import add_bad_receipts, add_bad_rows
from huitou.demo.export_desk import write_desk
from huitou.demo.export_mall import write_mall
from huitou.demo.export_membership import write_membership
from huitou.demo.export_relations import write_relations
from huitou.demo.export_tills import collect_receipt_rows, write_tills
from huitou.demo.histories import Histories, cut_histories
from huitou.demo.manifest import write_manifest
from huitou.demo.people import Person, make_people
from huitou.demo.products import name_products
from huitou.demo.receipts import PlantedStore, identify, number_documents, plant_store, take_back, typed_customers
from huitou.demo.records import Record, make_records, record_points

BUILDER_VERSION = 5  # part of the fingerprint: a changed builder makes a new chain
DEFAULT_SEED = 20_260_101

Progress = Callable[..., None]  # step


@dataclass(frozen=True, slots=True)
class ChainSummary:
    """What was built. content_hash is over the rows of every system, equal for equal arguments and package versions."""

    chain_dir: Path
    anchor: date
    seed: int
    content_hash: str
    persons: int
    records: int
    planted: dict[str, Any]


def build_chain(
    chain_dir: Path, *, anchor: date, seed: int = DEFAULT_SEED, fraction: float = 1.0, progress: Progress = lambda _: None
) -> ChainSummary:
    """
    Write the chain into `chain_dir` (replaced if it exists), the truth and the manifest beside it.

    anchor: the last business day. fraction: share of households and people, for tests. Raises baskets.SourceMissing, and
    ValueError when the fraction is too small for the planted figures.
    """
    shutil.rmtree(chain_dir, ignore_errors=True)
    truth_dir = chain_dir.parent / "truth"
    shutil.rmtree(truth_dir, ignore_errors=True)
    chain_dir.mkdir(parents=True)
    truth_dir.mkdir(parents=True)
    with closing(open_workshop(seed)) as workshop:
        progress("读取真实购物篮")
        counts = load_baskets(workshop, anchor=anchor, fraction=fraction)
        histories = cut_histories(workshop, anchor=anchor, seed=seed)
        progress("生成人物与小票")
        people = _people(workshop, histories, anchor=anchor, fraction=fraction, seed=seed)
        identify(workshop, people)
        take_back(workshop, anchor=anchor)
        store = plant_store(workshop)
        number_documents(workshop, anchor=anchor)
        name_products(workshop)
        showcase = _showcase(workshop, people, anchor)
        records = make_records(
            people, typed_customers(workshop), _mall_buyers(workshop), showcase_id=showcase.person_id, seed=seed
        )
        progress("写出四个来源系统")
        collect_receipt_rows(workshop)
        bad = add_bad_receipts(workshop, anchor=anchor)
        receipt_files = write_tills(workshop, chain_dir / "pos" / "outbox")
        mall = write_mall(workshop, chain_dir / "mall" / MALL_FILE, records, anchor=anchor, seed=seed)
        wrong = write_membership(workshop, chain_dir / "membership" / MEMBERSHIP_FILE, records, anchor=anchor, seed=seed)
        write_relations(
            chain_dir / "membership" / MEMBERSHIP_FILE, records, showcase_id=showcase.person_id, anchor=anchor, seed=seed
        )
        desk = write_desk(workshop, chain_dir / "aftersales" / DESK_FILE, records, anchor=anchor, seed=seed)
        bad |= add_bad_rows(chain_dir, anchor=anchor)
        progress("写出真值与清单")
        planted = _planted(workshop, counts, histories, people, records, store, showcase)
        planted |= {
            "anchor": anchor.isoformat(), "seed": seed, "fraction": fraction, "builder_version": BUILDER_VERSION,
            "quarantine_rows": bad, "points_mismatch_members": wrong, "mall": mall, "aftersales": desk,
            "receipt_files": receipt_files,
        }  # fmt: skip
        _write_truth(workshop, truth_dir, people, records)
    planted["content_hash"] = chain_hash(chain_dir)
    write_manifest(chain_dir.parent / "manifest.json", anchor=anchor, planted_store=store)
    (truth_dir / "planted.json").write_text(json.dumps(planted, ensure_ascii=False, indent=1), encoding="utf-8")
    return ChainSummary(chain_dir, anchor, seed, planted["content_hash"], len(people), len(records), planted)


def planted_figures(chain_dir: Path) -> dict[str, Any] | None:
    """Return what was planted in a finished chain, None when there is none: the truth is written last."""
    path = chain_dir.parent / "truth" / "planted.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def chain_hash(chain_dir: Path) -> str:
    """Return the SHA-256 over all rows that the fakes serve, in key order: file layouts do not matter."""
    digest = hashlib.sha256()
    for path in sorted(chain_dir.rglob("*.csv")):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    for path in sorted(chain_dir.rglob("*.sqlite3")):
        with closing(sqlite3.connect(path)) as connection:
            names = connection.execute(
                "select name from sqlite_master where type = 'table' and name not like 'sqlite%' order by 1"
            )
            for (name,) in names.fetchall():
                digest.update(name.encode())
                for row in connection.execute(f"select * from {name} order by 1, 2"):  # noqa: S608
                    digest.update(repr(row).encode())
    return digest.hexdigest()


def _people(
    workshop: duckdb.DuckDBPyConnection, histories: Histories, *, anchor: date, fraction: float, seed: int
) -> list[Person]:
    rows = workshop.execute(
        "select household_id, min(day), arg_max(store_no, (visits, -store_no)) from (select household_id, store_no,"
        " min(day) as day, count(*) as visits from baskets group by 1, 2) group by 1"
    ).fetchall()
    return make_people(
        histories=histories,
        home_stores={household: store_no for household, _, store_no in rows},
        first_days={household: day for household, day, _ in rows},
        anchor=anchor,
        fraction=fraction,
        seed=seed,
    )


def _mall_buyers(workshop: duckdb.DuckDBPyConnection) -> frozenset[int]:
    return frozenset(row[0] for row in workshop.execute("select distinct person_id from baskets where is_online").fetchall())


def _showcase(workshop: duckdb.DuckDBPyConnection, people: Sequence[Person], anchor: date) -> Person:
    """The first active member who shops in stores, always by the same card, and online: the person in all four systems."""
    rows = workshop.execute(
        "select person_id from baskets group by 1 having max(day) >= ?::date - 40 and count(*) filter (is_online) >= 3"
        " and count(card) >= 3 and count(distinct card) = 1 and count(*) filter (card is null and phone is not null) = 0"
        " order by 1",
        [anchor],
    ).fetchall()
    by_id = {person.person_id: person for person in people if person.is_member}
    return next(by_id[person_id] for (person_id,) in rows if person_id in by_id)


def _planted(
    workshop: duckdb.DuckDBPyConnection,
    counts: BasketCounts,
    histories: Histories,
    people: Sequence[Person],
    records: Sequence[Record],
    store: PlantedStore,
    showcase: Person,
) -> dict[str, Any]:
    """Return the planted figures, each with the counts that it is made of."""
    sold = workshop.execute(
        "select count(*), sum(amount_fen)::bigint, count(distinct basket_id), sum(amount_fen) filter (is_named)::bigint"
        " from lines join baskets using (basket_id)"
    ).fetchone()
    back = workshop.execute(
        "select count(distinct document_no), count(*), sum(amount_fen)::bigint from returns join return_lines using (basket_id)"
        " join lines using (basket_id, line_no)"
    ).fetchone()
    assert sold is not None
    assert back is not None
    return {
        "persons": len(people),
        "records": len(records),
        "records_by_source": {
            name: sum(record.system == name for record in records) for name in sorted({r.system for r in records})
        },
        "duplicate_share": (len(records) - len(people)) / len(records),
        "duplicate_formula": "(records - persons) / records",
        "unlinkable_records": sum(record.is_unlinkable for record in records),
        "completeness_share": sum(map(record_points, records)) / len(records) / 100,
        "members_with_orders": len(histories.members),
        "dormant_members": len(histories.dormant),
        "dormant_share": len(histories.dormant) / len(histories.members),
        "planted_store": asdict(store),
        "showcase": {
            "person_id": showcase.person_id,
            "store_code": showcase.store_code,
            "name": showcase.name,
            "phone": showcase.phone,
            "records": [[r.system, r.source_id] for r in records if r.person.person_id == showcase.person_id],
        },
        "people_sharing_a_phone": {kind: sum(p.shares_phone == kind for p in people) for kind in ("family", "shop")},
        "source": asdict(counts),
        "cut_histories": {"lines": histories.cut_lines, "fen": histories.cut_fen},
        "sales": {"documents": sold[2], "lines": sold[0], "fen": sold[1], "named_fen": sold[3]},
        "returns_and_voids": {"documents": back[0], "lines": back[1], "fen": back[2]},
    }


def _write_truth(
    workshop: duckdb.DuckDBPyConnection, truth_dir: Path, people: Sequence[Person], records: Sequence[Record]
) -> None:
    """records.parquet: who each source record is; persons.parquet; baskets.parquet: who bought, also where no name was given."""
    pq.write_table(
        pa.table({
            "source_code": [record.system for record in records],
            "source_id": [record.source_id for record in records],
            "person_id": pa.array([record.person.person_id for record in records], pa.int64()),
        }),
        truth_dir / "records.parquet",
    )  # fmt: skip
    pq.write_table(
        pa.table({
            "person_id": pa.array([person.person_id for person in people], pa.int64()),
            "household_id": pa.array([person.household_id for person in people], pa.int64()),
            "is_member": [person.is_member for person in people],
        }),
        truth_dir / "persons.parquet",
    )  # fmt: skip
    names = ["document_no", "person_id", "is_named", "basket_id"]
    rows = workshop.execute("select document_no, person_id, is_named, basket_id from baskets order by document_no").fetchall()
    pq.write_table(pa.table([list(column) for column in zip(*rows, strict=True)], names=names), truth_dir / "baskets.parquet")
