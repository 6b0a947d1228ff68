"""Batches are written whole, read back exactly, and refuse to be read when they were touched."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from huitou.core.crypto import DecryptError, Keyring
from huitou.warehouse.landing.batch import write_batch
from huitou.warehouse.landing.files import own_reader
from huitou.warehouse.landing.manifest import KindCounts, ManifestError
from huitou.warehouse.landing.read import BatchDamaged, line_files, manifest, manifests, read_table, verify
from huitou.warehouse.landing.schema import TABLES
from huitou.warehouse.layout import Layout

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
CANARIES = ("金丝雀张三", "15400009999", "CARD-CANARY-77")


def record_rows() -> pa.Table:
    row = {"record_id": 7, "source_id": "M-7", "version_at": datetime(2026, 11, 20), "name": CANARIES[0],  # noqa: DTZ001
           "phone": CANARIES[1], "member_card": CANARIES[2], "page_no": 1, "row_no": 1}  # fmt: skip
    return pa.Table.from_pylist([row], schema=TABLES["records"])


def order_rows(*orders: tuple[int, int | None]) -> pa.Table:
    rows = [{"order_id": order, "order_no": f"A{order}", "net_order_id": order, "kind": 0, "record_id": record,
             "page_no": 1, "row_no": order} for order, record in orders]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=TABLES["orders"])


@pytest.fixture
def written(layout: Layout, keyring: Keyring):
    return write_batch(
        layout,
        batch_id=3,
        source_code="mall",
        tables={
            "records": record_rows(),
            "orders": order_rows((9, 7), (2, None), (5, 1)),
            "lines": TABLES["lines"].empty_table(),
        },
        counts={"customer": KindCounts(1, 1), "order": KindCounts(4, 3, 1)},
        keyring=keyring,
        sealed_at=NOW,
    )


def test_a_batch_reads_back_as_it_was_written(layout, keyring, written):
    assert manifest(layout, "mall", 3) == written
    assert read_table(layout, "mall", 3, "records", keyring).to_pylist() == record_rows().to_pylist()
    assert [row["order_id"] for row in read_table(layout, "mall", 3, "orders").to_pylist()] == [5, 9, 2]
    assert read_table(layout, "mall", 3, "lines").num_rows == 0
    assert (written.rows("orders"), written.rows("lines")) == (3, 0)


def test_line_files_lists_only_batches_with_rows_of_the_table(layout, written):
    assert [path.name for path in line_files(layout, [3], "orders")] == ["orders.parquet"]
    assert line_files(layout, [3], "lines") == []
    with pytest.raises(BatchDamaged, match="batch 4"):
        line_files(layout, [3, 4], "orders")
    with pytest.raises(ValueError, match="personal"):
        line_files(layout, [3], "records")


def test_a_folder_that_a_crash_left_is_replaced(layout, keyring, written):
    again = write_batch(
        layout, batch_id=3, source_code="mall", tables={"orders": order_rows((1, 1))}, counts={}, keyring=keyring, sealed_at=NOW
    )
    assert manifests(layout) == [again]
    assert read_table(layout, "mall", 3, "records", keyring).num_rows == 0


def test_personal_text_is_in_no_file_of_the_batch(layout, written):
    files = [path for path in layout.landing.rglob("*") if path.is_file()]
    assert len(files) == 3
    for path in files:
        content = path.read_bytes()
        assert not any(canary.encode() in content for canary in CANARIES), path


@pytest.mark.parametrize("damage", [lambda b: b[:-20], lambda b: b[:40] + bytes([b[40] ^ 1]) + b[41:]])
def test_a_cut_or_changed_encrypted_file_is_refused(layout, keyring, written, damage):
    path = layout.batch("mall", 3) / "records.parquet.enc"
    damaged = damage(path.read_bytes())
    path.write_bytes(damaged)
    assert verify(layout, written) == [f"{path} differs from its manifest"]
    with pytest.raises(BatchDamaged, match="records"):
        read_table(layout, "mall", 3, "records", keyring)
    with pytest.raises(DecryptError):
        keyring.decrypt_file(damaged, context="landing/mall/3/records")


def test_a_missing_manifest_says_what_to_do(layout, written):
    (layout.batch("mall", 3) / "manifest.json").unlink()
    with pytest.raises(ManifestError, match="backup"):
        manifests(layout)


def test_counts_that_do_not_add_up_are_refused():
    with pytest.raises(ValueError, match="received"):
        KindCounts(received=3, accepted=1, merged=1, quarantined=0)


def test_a_reader_for_other_threads_holds_no_memory_of_python():
    """Arrow's threads let go of it after the call has returned, when the interpreter may be gone."""
    content = bytearray(b"one\ntwo\n")
    reader = own_reader(content)
    content.append(0)  # refused while anybody looks into it
    assert reader.read() == b"one\ntwo\n"
