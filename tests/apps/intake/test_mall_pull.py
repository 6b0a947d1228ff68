"""Ten thousand orders of a rude mall, with a process killed between pages and again between file and commit."""

import json

import pytest
from tests.installation import PRELUDE, Installation

from huitou.connectors.fake_http import Faults
from huitou.connectors.fakes import serve_fakes
from huitou.connectors.mall import fake_store

ORDERS = 10_000

CONNECT = """
from huitou.apps.base.clock import utc_now
from huitou.apps.intake.services import source_configure
source_configure(code="mall", kind_code="mall", settings=SETTINGS, now=utc_now())
"""
# dies after the 9th page of the stream orders, the page and its cursor just stored
DIE_IN_PULL = """
import os
from huitou.apps.base.clock import utc_now
from huitou.apps.intake.services import source_pull
pages = 0
def die(stream, rows):
    global pages
    pages += stream == "mall/orders"
    if pages == 9:
        os.kill(os.getpid(), 9)
source_pull(source_code="mall", now=utc_now(), progress=die)
"""
# dies when the batch folder is complete and nothing of it is committed
DIE_IN_SEAL = """
import os
from huitou.apps.base.clock import utc_now
from huitou.apps.intake import services
from huitou.apps.intake.services import seal
write = seal.write_batch
def write_and_die(*arguments, **named):
    write(*arguments, **named)
    os.kill(os.getpid(), 9)
seal.write_batch = write_and_die
services.source_pull(source_code="mall", now=utc_now())
services.batch_seal(source_code="mall", now=utc_now())
"""
RUN = """
from huitou.apps.base.clock import utc_now
from huitou.apps.intake import services
from huitou.apps.intake.services.seal import SealLimits
pulled = services.source_pull(source_code="mall", now=utc_now())
sealed = services.sources_seal(now=utc_now(), limits=SealLimits(rows=4_000))
services.batches_apply(now=utc_now())
import duckdb
from huitou.apps.base.storage import layout
from huitou.apps.intake.models import Batch, Document, InboxPage
from huitou.warehouse.landing.read import line_files, manifests
batch_ids = list(Batch.objects.order_by("id").values_list("id", flat=True))
found = manifests(layout())
orders = [str(path) for path in line_files(layout(), batch_ids, "orders")]
lines = [str(path) for path in line_files(layout(), batch_ids, "lines")]
print(json.dumps({
    "error": pulled.error, "batches": [batch for one in sealed for batch in one.batch_ids],
    "orders": duckdb.execute("select count(*), count(distinct order_no), count(distinct order_id) from read_parquet(?)",
                             [orders]).fetchall()[0],
    "lines": duckdb.execute("select count(*), sum(amount_fen)::bigint from read_parquet(?)", [lines]).fetchall()[0],
    "named": [m.batch_id for m in found] == batch_ids,
    "documents": list(Document.objects.order_by("id").values_list("id", "key_hash", "content_hash", "batch_id")),
    "files": [[m.batch_id, sorted((n, f.sha256) for n, f in m.files.items())] for m in found],
    "waiting": InboxPage.objects.count(),
}))
"""


def order(number: int) -> dict[str, object]:
    stamp = f"2026-11-{number % 20 + 1:02d}T{number % 24:02d}:30:00Z"
    return {
        "id": f"L{number:06d}", "customer_id": f"c{number % 700}", "store_id": "S01", "status": "paid", "created_at": stamp,
        "updated_at": stamp, "payment": {"method": "wechat", "paid_at": stamp}, "refunds": [], "status_history": [],
        "items": [{"line_no": 1, "sku": f"P{number % 90}", "title": "t", "qty": 1, "amount": "10.01", "discount": "0.00"}],
    }  # fmt: skip


def die(installation: Installation, code: str) -> None:
    done = installation.ended(code=PRELUDE + code)
    assert done.returncode == -9, done.stderr


@pytest.mark.accept("S3")
def test_ten_thousand_orders_land_exactly_once_through_faults_and_kills(tmp_path):
    installation = Installation(tmp_path / "home").create()
    faults = Faults(too_many_share=0.04, retry_after_seconds=0, error_share=0.02, repeat_share=0.1)
    with serve_fakes(tmp_path / "chain", faults={"mall": faults}) as fakes:
        fake_store.put_rows(
            fakes.mall_path,
            "orders",
            [(item["id"], item["updated_at"], json.dumps(item)) for item in (order(number) for number in range(ORDERS))],
        )
        die(installation, f"SETTINGS = {fakes.settings['mall']!r}\n{CONNECT}{DIE_IN_PULL}")
        die(installation, DIE_IN_SEAL)
        first = installation.run(RUN)
        assert (first.pop("error"), len(first.pop("batches")) >= 3) == ("", True)
        assert first["orders"] == [ORDERS, ORDERS, ORDERS]
        assert first["lines"] == [ORDERS, ORDERS * 1001]
        assert (first["named"], first["waiting"]) == (True, 0)
        again = installation.run(RUN)
        assert (again.pop("error"), again.pop("batches")) == ("", [])
        assert again == first
