"""Erasure rewrites the batches it must, logs each file, and survives being killed."""

import os

import pyarrow as pa
import pytest

from huitou.warehouse.landing import erase
from huitou.warehouse.landing.batch import write_batch
from huitou.warehouse.landing.erase import erase_records, erasures
from huitou.warehouse.landing.read import manifests, read_table, verify

from .drafting import NOW, Drafting
from .test_draft import SALE, TICKET

CANARIES = ("金丝雀李四", "15400008888", "金丝雀坏了", "金丝雀拒收")


@pytest.fixture
def landed(layout, keyring, drafting: Drafting):
    """Two batches: c1 with phone, order and ticket beside c2; then an order of c2, and a refused row of each."""
    customers = [
        {"source_id": "c1", "updated_at": "2026-11-01", "name": CANARIES[0], "phone": CANARIES[1]},
        {"source_id": "c2", "updated_at": "2026-11-01", "phone": "15400007777"},
    ]
    orders = [SALE | {"customer_source_id": "c1"}, SALE | {"order_no": "A2", "customer_source_id": "c2"}]
    ticket = TICKET | {"subject": CANARIES[2]}
    first, _ = drafting.draft({"customer": customers, "order": orders, "ticket": [ticket]})
    refused = [
        {"source_id": "c1", "updated_at": "not a day", "name": CANARIES[3], "phone": "+86 154-0000-8888"},
        {"source_id": "c2", "updated_at": "not a day", "phone": "15400007777"},
    ]
    second, _ = drafting.draft({"order": [SALE | {"order_no": "A3", "customer_source_id": "c2"}], "customer": refused})
    for batch_id, rows in enumerate((first, second), start=1):
        tables = {name: pa.Table.from_pylist(part, schema=erase.TABLES[name]) for name, part in rows.items()}
        write_batch(layout, batch_id=batch_id, source_code="mall", tables=tables, counts={}, keyring=keyring, sealed_at=NOW)
    return {row["source_id"]: row["record_id"] for row in first["records"]}


def plain_bytes(layout, keyring) -> bytes:
    """Return everything the landing holds, decrypted."""
    texts = []
    for manifest in manifests(layout):
        for table in erase.TABLES:
            rows = read_table(layout, manifest.source_code, manifest.batch_id, table, keyring).to_pylist()
            texts.append(repr(rows))
    return "".join(texts).encode()


def test_an_erased_person_leaves_the_sale_and_nothing_else(layout, keyring, landed):
    done = erase_records(layout, [landed["c1"]], keyring, now=NOW)
    assert {line.batch_id: line.file for line in done if line.batch_id == 2} == {2: "quarantine.parquet.enc"}
    assert not any(canary.encode() in plain_bytes(layout, keyring) for canary in CANARIES)
    lines = read_table(layout, "mall", 1, "lines").to_pylist()
    assert sorted(line["record_id"] or 0 for line in lines) == [0, landed["c2"]]
    assert sum(line["amount_fen"] for line in lines) == 2500
    assert [row["source_id"] for row in read_table(layout, "mall", 1, "records", keyring).to_pylist()] == ["c2"]
    assert read_table(layout, "mall", 1, "texts", keyring).num_rows == 0
    refused = [row["raw"] for row in read_table(layout, "mall", 2, "quarantine", keyring).to_pylist()]
    assert len(refused) == 1
    assert "15400007777" in refused[0]
    assert erasures(layout) == done
    assert all(line.old_sha256 != line.new_sha256 for line in done)
    assert [verify(layout, manifest) for manifest in manifests(layout)] == [[], []]
    assert erase_records(layout, [landed["c1"]], keyring, now=NOW) == []


@pytest.mark.parametrize("moves", range(5))
def test_killed_between_any_two_moves_it_is_finished_by_the_next_run(layout, keyring, landed, monkeypatch, moves):
    replace, made = os.replace, []

    def replace_then_die(*paths: object) -> None:
        if len(made) == moves:
            raise KeyboardInterrupt
        made.append(paths)
        replace(*paths)

    monkeypatch.setattr(erase.os, "replace", replace_then_die)
    with pytest.raises(KeyboardInterrupt):
        erase_records(layout, [landed["c1"]], keyring, now=NOW)
    monkeypatch.undo()
    erase_records(layout, [landed["c1"]], keyring, now=NOW)
    assert [verify(layout, manifest) for manifest in manifests(layout)] == [[], []]
    assert not any(canary.encode() in plain_bytes(layout, keyring) for canary in CANARIES)
    assert not list(layout.landing.glob("*/.*"))
