"""Sealing: every received row is accepted, merged or quarantined, and nothing lands twice."""

from datetime import date, datetime, timedelta

import pytest

from huitou.apps.base.hooks import BatchLanded
from huitou.apps.base.scope import Viewer
from huitou.apps.intake.models import Batch, Document, InboxPage, QuarantineCount, SourceDay
from huitou.apps.intake.queries import quarantine_rows, row_accounting, source_states
from huitou.apps.intake.services import SealLimits, batch_seal, batches_apply, source_pull, sources_seal
from huitou.apps.products.models import Category, Product, Store
from huitou.apps.products.services import dimensions_apply
from huitou.core.periods import Period
from huitou.warehouse.landing.manifest import KindCounts
from huitou.warehouse.landing.read import read_table

from .conftest import NOW, receipt_line

pytestmark = pytest.mark.django_db

ENGINEER = Viewer(user_id=1, role_code="engineer", store_ids=None)


def pull_and_seal(now: datetime = NOW) -> Batch | None:
    source_pull(source_code="pos", now=now)
    return batch_seal(source_code="pos", now=now)


def rows(layout, keyring, batch, table):
    return read_table(layout, batch.source_code, batch.pk, table, keyring).to_pylist()


def test_receipts_land_with_ids_and_a_second_run_adds_and_changes_nothing(pos, layout, keyring):
    card = {"member_card": "C77", "phone": "15400000001"}
    pos.write("2026-11-20", [receipt_line("A1", **card), receipt_line("A1", **card, line_no="2", amount="3")])
    batch = pull_and_seal()
    lines = rows(layout, keyring, batch, "lines")
    assert [(line["line_no"], line["amount_fen"], line["qty_milli"]) for line in lines] == [(1, 1250, 1000), (2, 300, 1000)]
    assert {line["record_id"] for line in lines} == {rows(layout, keyring, batch, "records")[0]["record_id"]}
    assert batch.counts["order"] == {"received": 2, "accepted": 2, "merged": 0, "quarantined": 0}
    before = list(Document.objects.order_by("id").values())
    pos.write("2026-11-20", [receipt_line("A1", **card), receipt_line("A1", **card, line_no="2", amount="3.00")])
    assert pull_and_seal() is None
    assert list(Document.objects.order_by("id").values()) == before
    assert (Batch.objects.count(), InboxPage.objects.count()) == (1, 0)
    assert SourceDay.objects.get(kind_code="order").merged == 2


@pytest.mark.accept("S4")
def test_a_late_receipt_is_booked_on_its_business_date_and_a_return_nets_its_sale(pos, layout, keyring):
    """Seven days late, anonymous; the return arrives before its sale and both meet in one net order."""
    pos.write(
        "2026-11-14",
        [receipt_line("R1", kind="R", original_receipt_no="A1", qty="-1", amount="-12.50", sold_at="2026-11-14 23:59:59")],
    )
    first = pull_and_seal()
    pos.write("2026-11-20", [receipt_line("A1", sold_at="2026-11-13 00:00:01")])
    second = pull_and_seal()
    (returned,), (sold,) = rows(layout, keyring, first, "lines"), rows(layout, keyring, second, "lines")
    assert (sold["business_date"], sold["sold_at"]) == (date(2026, 11, 13), datetime(2026, 11, 12, 16, 0, 1))  # noqa: DTZ001
    assert returned["business_date"] == date(2026, 11, 14)
    assert returned["net_order_id"] == sold["net_order_id"] == sold["order_id"] != returned["order_id"]
    assert (sold["record_id"], returned["kind"], returned["amount_fen"] + sold["amount_fen"]) == (None, 1, 0)


def test_a_receipt_with_one_bad_line_is_refused_as_a_whole_and_every_line_says_why(pos, layout, keyring):
    pos.write(
        "2026-11-20",
        [receipt_line("A1"), receipt_line("A1", line_no="2", amount="1.234"), receipt_line("A2"), "A1,S,,S01"],
    )
    batch = pull_and_seal()
    assert batch.counts["order"] == {"received": 4, "accepted": 1, "merged": 0, "quarantined": 3}
    refused = {row["row_no"]: row for row in rows(layout, keyring, batch, "quarantine")}
    assert {number: (row["reason_code"], row["column"]) for number, row in refused.items()} == {
        2: ("order_refused", "row 3: amount"),
        3: ("too_many_decimals", "amount"),
        5: ("wrong_columns", ""),
    }
    assert refused[3]["page_name"] == "receipts-2026-11-20.csv"
    assert refused[3]["raw"] == ",".join(str(value) for value in receipt_line("A1", line_no="2", amount="1.234").values())
    assert refused[5]["raw"] == "A1,S,,S01"
    assert {row.reason_code for row in QuarantineCount.objects.filter(batch_id=batch.pk)} == {
        "order_refused", "too_many_decimals", "wrong_columns",
    }  # fmt: skip


def test_a_known_number_with_other_content_is_a_conflict(pos, layout, keyring):
    pos.write("2026-11-19", [receipt_line("A1")])
    pull_and_seal()
    pos.write("2026-11-20", [receipt_line("A1", amount="99"), receipt_line("A1", amount="99", line_no="2")])
    batch = pull_and_seal()
    assert [row["reason_code"] for row in rows(layout, keyring, batch, "quarantine")] == ["conflict", "conflict"]
    assert rows(layout, keyring, batch, "lines") == []


def test_the_batch_borders_do_not_change_what_lands(pos, layout, keyring):
    """The same content twice, then other content: in one batch or in three, the first wins."""
    for day, amount in (("2026-11-18", "5"), ("2026-11-19", "5"), ("2026-11-20", "6")):
        pos.write(day, [receipt_line("A1", amount=amount)])
    batch = pull_and_seal()
    assert batch.counts["order"] == {"received": 3, "accepted": 1, "merged": 1, "quarantined": 1}
    for day in ("18", "19", "20"):
        pos.write(f"2026-11-{day}", [receipt_line("B1", amount="6" if day == "20" else "5")])
    source_pull(source_code="pos", now=NOW)
    while (small := batch_seal(source_code="pos", now=NOW, limits=SealLimits(rows=1))) is not None:
        assert small.counts["order"]["received"] == 1
    total = SourceDay.objects.get(kind_code="order")
    assert (total.received, total.accepted, total.merged, total.quarantined) == (6, 2, 2, 2)


def test_unknown_codes_make_placeholders_until_their_master_data_comes(pos, layout, keyring):
    pos.write("2026-11-20", [receipt_line("A1", store_code="S99", sku="P99")])
    batch = pull_and_seal()
    store, product = Store.objects.get(), Product.objects.get()
    assert (store.is_placeholder, product.is_placeholder, product.category.path) == (True, True, "未分类")
    assert rows(layout, keyring, batch, "lines")[0]["store_id"] == store.pk
    codes = {(row["noun"], row["code"]) for row in rows(layout, keyring, batch, "codes")}
    assert codes == {("store", "S99"), ("product", "P99"), ("category", "未分类")}
    (pos.folder / "stores.csv").write_text(
        "store_code,name,region_code,region_name,city,address,latitude,longitude,opened_on,area_m2,updated_at\n"
        "S99,城南店,R1,南区,成都,路1号,30.5,104.1,2015-05-01,800,2026-11-01 00:00:00\n"
    )
    (pos.folder / "products.csv").write_text(
        "sku,name,department,category,subcategory,brand,unit,price,cost,updated_at\n"
        "P99,有机菠菜,生鲜,蔬菜,有机蔬菜,自有,袋,9.90,5.50,2026-11-01 00:00:00\n"
    )
    second = pull_and_seal()
    assert batches_apply(now=NOW) == [batch.pk, second.pk]
    store.refresh_from_db()
    product.refresh_from_db()
    assert (store.name, store.is_placeholder, store.area_m2) == ("城南店", False, 800)
    assert (product.category.path, product.category.level, product.cost_fen) == ("生鲜/蔬菜/有机蔬菜", 3, 550)
    landed = {row["code"]: row["id"] for row in rows(layout, keyring, second, "codes") if row["noun"] == "category"}
    assert landed == dict(Category.objects.values_list("path", "id"))
    dimensions_apply(BatchLanded(second.pk, "pos", NOW))
    assert batches_apply(now=NOW) == []


def test_a_file_without_a_needed_column_is_refused_row_by_row(pos, layout, keyring):
    (pos.folder / "receipts-2026-11-20.csv").write_text("receipt_no,kind\nA1,S\nA2,S\n")
    batch = pull_and_seal()
    refused = rows(layout, keyring, batch, "quarantine")
    assert [(row["row_no"], row["reason_code"], row["column"], row["raw"]) for row in refused] == [
        (2, "missing_column", "original_receipt_no", "A1,S"),
        (3, "missing_column", "original_receipt_no", "A2,S"),
    ]
    assert sum(counts["quarantined"] for counts in batch.counts.values()) == 2


def test_refused_rows_are_read_in_clear_only_by_those_who_mend_them(pos):
    pos.write("2026-11-20", [receipt_line("A1", amount="viel", phone="15400000001")])
    batch = pull_and_seal()
    assert quarantine_rows(viewer=ENGINEER, batch_id=batch.pk)[0].reason == "字段 amount 不是可读的数字"
    assert quarantine_rows(viewer=ENGINEER, batch_id=batch.pk, page=2) == []
    asked = {"kind_code": "order", "reason_code": "unreadable_number"}
    assert len(quarantine_rows(viewer=ENGINEER, batch_id=batch.pk, **asked)) == 1
    assert quarantine_rows(viewer=ENGINEER, batch_id=batch.pk, **(asked | {"reason_code": "missing"})) == []
    for role in ("guide", "marketer", "analyst"):
        with pytest.raises(PermissionError):
            quarantine_rows(viewer=Viewer(2, role, None), batch_id=batch.pk)


@pytest.mark.accept("S8")
def test_a_customer_without_its_required_field_is_refused_with_a_reason_and_counted(pos):
    pos.write("2026-11-20", [receipt_line("A1", phone="15400000001", sold_at=""), receipt_line("A2")])
    batch = pull_and_seal()
    reasons = {(row.kind_code, row.reason_code, row.column) for row in quarantine_rows(viewer=ENGINEER, batch_id=batch.pk)}
    assert reasons == {("customer", "missing", "updated_at"), ("order", "missing", "sold_at")}
    accounts = {account.kind_code: account for account in row_accounting(Period(date(2026, 11, 21), date(2026, 11, 22)))}
    assert accounts["order"].counts == KindCounts(2, 1, 0, 1)
    assert (accounts["customer"].group, accounts["order"].group) == ("基础信息", "交易记录")


def test_a_source_that_cannot_be_read_says_so_and_stops_nobody(pos, tills):
    pos.write("2026-11-20", [receipt_line("A1")])
    source_pull(source_code="pos", now=NOW)
    for path in pos.folder.iterdir():
        path.unlink()
    pos.folder.rmdir()
    outcome = source_pull(source_code="pos", now=NOW + timedelta(minutes=5))
    assert "folder" in outcome.error
    (state,) = source_states(now=NOW + timedelta(minutes=10))
    assert "folder" in state.error
    assert state.waiting_rows == 1
    assert [len(sealed.batch_ids) for sealed in sources_seal(now=NOW)] == [1]
