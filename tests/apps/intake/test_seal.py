"""Sealing: every received row is accepted, merged or quarantined, and nothing lands twice."""

import pytest

from huitou.apps.intake.models import Batch, Document, InboxPage, SourceDay
from huitou.apps.intake.services import batch_seal, source_pull
from huitou.warehouse.landing.read import read_table

from .conftest import NOW, receipt_line

pytestmark = pytest.mark.django_db


def pull_and_seal():
    source_pull(source_code="pos", now=NOW)
    return batch_seal(source_code="pos", now=NOW)


def rows(layout, keyring, batch, table):
    return read_table(layout, batch.source_code, batch.pk, table, keyring).to_pylist()


def test_receipts_land_with_ids_and_the_second_run_adds_nothing(pos, layout, keyring):
    pos.write(
        "2026-11-20", [receipt_line("A1", phone="15400000001"), receipt_line("A1", phone="15400000001", line_no="2", amount="3")]
    )
    batch = pull_and_seal()
    lines = rows(layout, keyring, batch, "lines")
    assert [(line["line_no"], line["amount_fen"], line["qty_milli"]) for line in lines] == [(1, 1250, 1000), (2, 300, 1000)]
    assert lines[0]["record_id"] == rows(layout, keyring, batch, "records")[0]["record_id"]
    assert batch.counts["order"] == {"received": 2, "accepted": 2, "merged": 0, "quarantined": 0}
    before = list(Document.objects.order_by("id").values())
    pos.write(
        "2026-11-20",
        [receipt_line("A1", phone="15400000001"), receipt_line("A1", phone="15400000001", line_no="2", amount="3.00")],
    )
    assert pull_and_seal() is None
    assert list(Document.objects.order_by("id").values()) == before
    assert (Batch.objects.count(), InboxPage.objects.count()) == (1, 0)
    assert SourceDay.objects.get(kind_code="order").merged == 2
