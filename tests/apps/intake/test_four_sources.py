"""The four systems together: what their fakes serve is pulled, sealed and accounted for, once."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib import resources
from pathlib import Path

import pytest

from huitou.apps.intake import services
from huitou.apps.intake.models import Batch, Document, QuarantineCount, SourceDay
from huitou.connectors.aftersales import fake_store as desk
from huitou.connectors.fake_http import Faults
from huitou.connectors.fakes import RunningFakes, serve_fakes
from huitou.connectors.mall import fake_store as mall
from huitou.connectors.mall.fake import webhook
from huitou.connectors.membership import fake_store as membership
from huitou.connectors.membership.tables import TABLES
from huitou.connectors.pos import fake_store as pos
from huitou.warehouse.landing.read import read_table

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


def sample(code: str, stream: str) -> list[dict]:
    folder = resources.files(f"huitou.connectors.{code}") / "samples"
    if (folder / f"{stream}.json").is_file():
        return json.loads((folder / f"{stream}.json").read_text(encoding="utf-8"))
    return list(csv.DictReader(io.StringIO((folder / f"{stream}.csv").read_text(encoding="utf-8"))))


@pytest.fixture
def fakes(tmp_path: Path) -> Iterator[RunningFakes]:
    """The four systems over the recorded samples."""
    with serve_fakes(tmp_path / "chain") as running:
        for resource in mall.RESOURCES:
            mall.put(running.mall_path, resource, sample("mall", resource))
        for resource in desk.RESOURCES:
            desk.put(running.aftersales_path, resource, sample("aftersales", resource))
        for stream, table in TABLES.items():
            membership.put(tmp_path / "chain" / "membership" / membership.FILE_NAME, table.name, sample("membership", stream))
        pos.stores_write(running.outbox, sample("pos", "stores"))
        pos.products_write(running.outbox, sample("pos", "products"))
        pos.receipts_write(running.outbox, date(2026, 11, 2), sample("pos", "receipts"))
        yield running


def connect(fakes: RunningFakes, *codes: str) -> None:
    for code in codes:
        services.source_configure(code=code, kind_code=code, settings=fakes.settings[code], now=NOW)


def pull_and_seal() -> list[str]:
    """Pull and seal everything; returns the errors."""
    outcomes = [*services.sources_pull(now=NOW), *services.sources_seal(now=NOW)]
    return [outcome.error for outcome in outcomes if outcome.error]


def landed() -> dict[str, dict[str, tuple[int, int, int]]]:
    """Return (accepted, merged, quarantined) by source and kind, over all days."""
    return {
        code: {day.kind_code: (day.accepted, day.merged, day.quarantined) for day in SourceDay.objects.filter(source_code=code)}
        for code in SourceDay.objects.values_list("source_code", flat=True).distinct()
    }


def documents() -> list[tuple]:
    return list(Document.objects.order_by("id").values_list("key_hash", "content_hash"))


def test_every_row_of_the_four_systems_is_accounted_for_and_a_second_run_adds_nothing(fakes):
    connect(fakes, "mall", "pos", "membership", "aftersales")
    assert pull_and_seal() == []
    assert landed() == {
        "mall": {
            "store": (2, 0, 0),
            "product": (1, 0, 1),  # one without a category
            "customer": (2, 0, 0),
            "order": (4, 2, 1),  # two lines and two refunds; two orders never paid; one paid without lines
            "event": (3, 0, 0),  # an enquiry; a message and its answer
        },
        "pos": {
            "store": (1, 0, 0),
            "product": (2, 0, 0),
            "customer": (2, 1, 0),  # the same card twice
            "identifier": (1, 0, 0),
            "order": (6, 0, 0),
        },
        "membership": {
            "customer": (2, 0, 0),
            "balance": (1, 0, 0),
            "identifier": (2, 0, 0),
            "points": (2, 0, 0),
            "event": (4, 0, 0),  # a referral on both sides; into a group and out of it
        },
        "aftersales": {"customer": (1, 0, 1), "ticket": (3, 0, 0), "ticket_status": (2, 0, 0)},  # one contact without id
    }
    reasons = QuarantineCount.objects.order_by("source_code", "kind_code").values_list("source_code", "kind_code", "reason_code")
    assert list(reasons) == [
        ("aftersales", "customer", "missing"),
        ("mall", "order", "missing"),
        ("mall", "product", "missing"),
    ]
    before = (landed(), documents(), Batch.objects.count())
    assert pull_and_seal() == []
    assert (landed(), documents(), Batch.objects.count()) == before


def test_a_receipt_pushed_first_and_found_in_the_file_later_lands_once(fakes):
    connect(fakes, "pos")
    receipt = fakes.emit_receipt(now=NOW, seed=1, member_card="80010001")  # into the file
    headers = {"X-Till-Key": fakes.settings["pos"]["till_key"]}
    body = json.dumps(receipt).encode()
    pushed = services.page_receive(source_code="pos", stream_code="pushed", headers=headers, body=body, now=NOW)
    assert (pushed.row_count, pushed.is_repeat) == (1, False)
    services.sources_seal(now=NOW)
    assert landed()["pos"]["order"] == (len(receipt["lines"]), 0, 0)
    assert pull_and_seal() == []
    assert landed()["pos"]["order"] == (len(receipt["lines"]) + 6, len(receipt["lines"]), 0)


def test_a_file_without_a_column_is_quarantined_naming_it_and_other_files_land(fakes, layout, keyring):
    connect(fakes, "pos")
    (fakes.outbox / "receipts-2026-11-03.csv").write_text("receipt_no,kind,store_code\nZ1,S,S001\n")
    assert pull_and_seal() == []
    (batch,) = Batch.objects.all()
    refused = read_table(layout, "pos", batch.pk, "quarantine", keyring).to_pylist()
    assert {(row["page_name"], row["row_no"], row["reason_code"], row["column"]) for row in refused} == {
        ("receipts-2026-11-03.csv", 2, "missing_column", "original_receipt_no")
    }
    assert landed()["pos"]["order"][0] == 6


def test_a_signed_webhook_lands_through_the_web_address_and_a_forged_one_is_refused(fakes, client):
    connect(fakes, "mall")
    now = datetime.now(UTC)
    order = {**sample("mall", "orders")[0], "id": "PUSHED", "refunds": []}
    headers, body = webhook(fakes.settings["mall"]["webhook_secret"], "order.paid", order, now=now.timestamp())
    refused = client.post("/hooks/mall/orders", body.replace(b"PUSHED", b"FORGED"), "application/json", headers=headers)
    taken = client.post("/hooks/mall/orders", body, "application/json", headers=headers)
    assert (refused.status_code, taken.status_code) == (401, 202)
    services.sources_seal(now=NOW)
    assert landed()["mall"]["order"] == (2, 0, 0)


def test_a_refund_of_a_landed_order_adds_a_return_and_leaves_the_sale(fakes):
    connect(fakes, "mall")
    order = fakes.emit_order(now=NOW, seed=1)
    pull_and_seal()
    accepted, merged, _ = landed()["mall"]["order"]
    fakes.emit_refund(order["id"], now=NOW)
    assert pull_and_seal() == []
    lines = len(order["items"])
    assert landed()["mall"]["order"][:2] == (accepted + lines, merged + lines)


def test_one_source_that_is_down_and_one_with_wrong_credentials_stop_nobody_else(fakes, monkeypatch):
    monkeypatch.setattr("tenacity.nap.time.sleep", lambda seconds: None)
    connect(fakes, "mall", "membership", "aftersales")
    fakes.mall.dice.set(Faults(error_share=1.0))
    wrong = {**fakes.settings["aftersales"], "api_key": "wrong"}
    services.source_configure(code="aftersales", kind_code="aftersales", settings=wrong, now=NOW)
    errors = pull_and_seal()
    assert sorted(error.split(":")[0] for error in errors) == ["aftersales/tickets", "mall/stores"]
    assert "api_key" in next(error for error in errors if error.startswith("aftersales"))
    assert sorted(landed()) == ["membership"]


def test_a_mall_that_dies_in_the_middle_lands_every_order_exactly_once(fakes, monkeypatch):
    monkeypatch.setattr("tenacity.nap.time.sleep", lambda seconds: None)
    connect(fakes, "mall")
    paid = sample("mall", "orders")[0]
    mall.put(fakes.mall_path, "orders", ({**paid, "id": f"X{number:05d}", "refunds": []} for number in range(1_200)))
    fakes.mall.dice.set(Faults(down_after_calls=5))  # token, stores, products, customers, one page of orders
    assert "503" in " ".join(pull_and_seal())
    first_page = landed()["mall"]["order"][0]
    assert 0 < first_page < 1_200
    fakes.mall.dice.set(Faults(repeat_share=0.5, seed=4))
    assert pull_and_seal() == []
    assert landed()["mall"]["order"][0] == 4 + 2 * 1_200
    assert Document.objects.count() == len({key for key, _ in documents()})
