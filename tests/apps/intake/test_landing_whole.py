"""The landing as a whole: no identifier outside the encrypted files, and everything comes back from it."""

import pytest

from huitou.apps.base.secrets import keyring
from huitou.apps.identity.queries import record_map
from huitou.apps.intake.models import Batch, Document, DocumentSequence, InboxPage, QuarantineCount, SourceDay
from huitou.apps.intake.services import batch_seal, batches_apply, landing_erase, landing_replay, source_pull
from huitou.apps.intake.services.erase import PagesStuck
from huitou.apps.intake.services.replay import NotEmpty
from huitou.apps.privacy.services import person_erase
from huitou.apps.products.models import Category, Product, Store
from huitou.warehouse.landing.read import manifests, read_table, verify
from huitou.warehouse.landing.schema import PERSONAL

from .conftest import NOW, receipt_line

CANARIES = ("15400006666", "CARD-CANARY-1", "金丝雀王五")


def seal_two_batches(pos) -> None:
    pos.write("2026-11-19", [receipt_line("A1", phone=CANARIES[0], member_card=CANARIES[1]), receipt_line("A2", sku="P2")])
    source_pull(source_code="pos", now=NOW)
    assert batch_seal(source_code="pos", now=NOW)
    pos.write(
        "2026-11-20",
        [
            receipt_line("A1", kind="R", original_receipt_no="A2", cashier=CANARIES[2]),
            receipt_line("R1", kind="R", original_receipt_no="A9", qty="-1", amount="-1", phone=CANARIES[0]),
        ],
    )
    source_pull(source_code="pos", now=NOW)
    assert batch_seal(source_code="pos", now=NOW)
    batches_apply(now=NOW)


@pytest.mark.django_db
def test_no_identifier_lies_in_clear_anywhere(pos, tmp_path):
    """Not in a waiting page, not in a batch: only the test's own till folder knows the canaries."""
    pos.write("2026-11-18", [receipt_line("A0", phone=CANARIES[0], member_card=CANARIES[1], cashier=CANARIES[2])])
    source_pull(source_code="pos", now=NOW)
    page = InboxPage.objects.get()
    assert not any(canary.encode() in bytes(page.content) for canary in CANARIES)
    seal_two_batches(pos)
    files = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
    assert any(path.suffix == ".parquet" for path in files)
    for path in files:
        content = path.read_bytes()
        assert not any(canary.encode() in content for canary in CANARIES), path


def everything() -> list[object]:
    """Return the rows that the landing must bring back."""
    return [
        list(Batch.objects.order_by("id").values("id", "source_code", "state", "counts", "manifest_sha256", "sealed_at")),
        list(Document.objects.order_by("id").values("id", "key_hash", "content_hash", "version_at")),
        list(DocumentSequence.objects.values()),
        list(Store.objects.order_by("id").values("id", "code", "name", "is_placeholder")),
        list(Product.objects.order_by("id").values("id", "code", "name", "is_placeholder")),
        list(SourceDay.objects.order_by("kind_code").values_list("kind_code", "received", "accepted", "merged", "quarantined")),
        list(QuarantineCount.objects.order_by("batch_id", "kind_code").values_list("batch_id", "reason_code", "row_count")),
    ]


@pytest.mark.db_both
@pytest.mark.accept("S14")
@pytest.mark.django_db
def test_an_empty_database_comes_back_from_the_landing_with_the_same_ids(pos):
    """And goes on from there: what was known before is still known, a new store gets a new id."""
    seal_two_batches(pos)
    before = everything()
    with pytest.raises(NotEmpty):
        landing_replay(now=NOW)
    for model in (Batch, Document, DocumentSequence, SourceDay, QuarantineCount, Product, Store, Category):
        model.objects.all().delete()
    assert landing_replay(now=NOW) == 2
    assert everything() == before
    pos.write("2026-11-19", [receipt_line("A1", phone=CANARIES[0], member_card=CANARIES[1]), receipt_line("A2", sku="P2")])
    source_pull(source_code="pos", now=NOW)
    assert batch_seal(source_code="pos", now=NOW) is None
    pos.write("2026-11-21", [receipt_line("A5", store_code="S77", sku="P77")])
    source_pull(source_code="pos", now=NOW)
    assert batch_seal(source_code="pos", now=NOW).pk == 3
    assert Store.objects.count() == 2


@pytest.mark.django_db
def test_erasing_records_keeps_batch_and_manifest_in_step(pos, layout, keyring):
    seal_two_batches(pos)
    record_id = read_table(layout, "pos", 1, "records", keyring).to_pylist()[0]["record_id"]
    hashes = list(Batch.objects.order_by("id").values_list("manifest_sha256", flat=True))
    touched = landing_erase(record_ids=[record_id], now=NOW)
    assert touched == [1]
    changed = list(Batch.objects.order_by("id").values_list("manifest_sha256", flat=True))
    assert [old != new for old, new in zip(hashes, changed, strict=True)] == [True, False]
    assert [verify(layout, manifest) for manifest in manifests(layout)] == [[], []]
    assert landing_erase(record_ids=[record_id], now=NOW) == []


def landed_texts(layout) -> str:
    return str([
        read_table(layout, manifest.source_code, manifest.batch_id, table, keyring()).to_pylist()
        for manifest in manifests(layout) for table in PERSONAL
    ])  # fmt: skip


@pytest.mark.django_db
def test_an_erasure_reaches_pages_that_still_wait_and_refused_rows(pos, layout):
    """The second file was pulled before the erasure: one receipt of the person lands with it, another one is refused."""
    seal_two_batches(pos)
    (person_id,) = set(record_map()["person_id"].to_pylist())
    pos.write(
        "2026-11-21",
        [
            receipt_line("A7", phone=CANARIES[0], member_card=CANARIES[1]),
            receipt_line("A8", phone=CANARIES[0], amount="much"),
            receipt_line("A9", phone="15400007777", amount="much"),
        ],
    )
    source_pull(source_code="pos", now=NOW)
    person_erase(person_id=person_id, by=None, reason_code="request", now=NOW)
    assert not InboxPage.objects.exists()
    texts = landed_texts(layout)
    assert not any(canary in texts for canary in CANARIES[:2])
    assert "15400007777" in texts  # a stranger's refused row stays
    batches_apply(now=NOW)
    assert record_map()["person_id"].to_pylist() != [person_id]  # the stranger alone is a person now
    assert record_map().num_rows == 1
    assert [verify(layout, manifest) for manifest in manifests(layout)] == [[], [], []]


@pytest.mark.django_db
def test_an_erasure_is_refused_while_pages_wait_that_nobody_can_read(pos, layout, monkeypatch):
    seal_two_batches(pos)
    (person_id,) = set(record_map()["person_id"].to_pylist())
    pos.write("2026-11-21", [receipt_line("A7", phone=CANARIES[0])])
    source_pull(source_code="pos", now=NOW)
    InboxPage.objects.update(stream_code="gone")
    with pytest.raises(PagesStuck, match="pos.*erase again|erase again.*pos"):
        person_erase(person_id=person_id, by=None, reason_code="request", now=NOW)
    assert record_map().num_rows > 0
