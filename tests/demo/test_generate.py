"""A generated chain is valid landing, made in pieces, with a truth beside it."""

import json
from collections import Counter
from datetime import UTC, date, datetime

import numpy as np
import phonenumbers
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from huitou.apps.base.secrets import key_file_create, keyring
from huitou.apps.base.storage import layout
from huitou.apps.intake.models import Batch, BatchState, Document
from huitou.apps.products.models import Product, Store
from huitou.core.identity.normalise import phone
from huitou.demo.generate import GenerateRefused, add_day, generate
from huitou.demo.generate import records as record_module
from huitou.demo.generate.days import landing_of, make_day
from huitou.demo.generate.plan import Plan
from huitou.warehouse.landing.read import manifests, read_table

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
ANCHOR = date(2026, 11, 21)


@pytest.fixture
def installation(tmp_path, settings):
    settings.HUITOU_DATA_DIR = tmp_path / "data"
    settings.HUITOU_KEY_FILE = tmp_path / "keys" / "key.json"
    key_file_create(settings.HUITOU_KEY_FILE)
    return tmp_path


def run(**changes):
    sizes = {"members": 700, "days": 30, "lines_per_member": 20.0, "anchor": ANCHOR, "seed": 5, "now": NOW, "product_count": 300}
    return generate(**{**sizes, **changes}, progress=lambda *_: None)


def landed(table: str, manifests_) -> pa.Table:
    return pa.concat_tables([read_table(layout(), m.source_code, m.batch_id, table, keyring()) for m in manifests_])


@pytest.mark.django_db
def test_a_generated_chain_is_whole_and_says_who_is_who(installation, monkeypatch):
    monkeypatch.setattr(record_module, "CHUNK", 150)
    summary = run()
    found = manifests(layout())
    assert [manifest.batch_id for manifest in found] == list(range(1, len(found) + 1))
    assert Batch.objects.filter(state=BatchState.SEALED).count() == Counter("records" in str(m.files) for m in found)[True]
    assert max(manifest.rows("records") for manifest in found) == 150
    assert (Store.objects.count(), Store.objects.filter(is_placeholder=True).count()) == (36, 0)
    assert Product.objects.filter(is_placeholder=True).count() == 0

    records, lines, orders = (landed(name, found) for name in ("records", "lines", "orders"))
    truth = pq.read_table(layout().root / "generated" / "truth" / "records.parquet")
    assert records.num_rows == truth.num_rows == summary.records == 1_000
    assert len(set(truth["person_id"].to_pylist())) == 700
    assert Document.objects.count() == 1_000
    assert lines.num_rows == summary.lines == pytest.approx(14_000, rel=0.15)
    assert orders.num_rows == len(set(orders["order_id"].to_pylist()))
    assert set(lines["order_id"].to_pylist()) == set(orders["order_id"].to_pylist())
    assert set(filter(None, lines["record_id"].to_pylist())) <= set(records["record_id"].to_pylist())
    kinds = Counter(lines["kind"].to_pylist())
    assert 0.005 < kinds[1] / kinds[0] < 0.03
    heads = orders.select(["order_id", "net_order_id", "business_date", "kind"]).to_pylist()
    sold = {head["order_id"]: head["business_date"] for head in heads if head["kind"] == 0}
    for head in heads:
        if head["kind"] == 1 and head["net_order_id"] in sold:
            assert 1 <= (head["business_date"] - sold[head["net_order_id"]]).days <= 14


@pytest.mark.django_db
def test_no_generated_number_is_a_real_one(installation):
    run()
    numbers = {phone(text) for text in landed("records", manifests(layout()))["phone"].to_pylist() if text}
    assert len(numbers) > 690
    assert None not in numbers
    assert not any(phonenumbers.is_valid_number(phonenumbers.parse(f"+86{number}")) for number in numbers)


@pytest.mark.django_db
def test_another_day_lands_behind_the_last_with_what_is_late(installation):
    summary = run()
    added = add_day(lines=500, now=NOW, progress=lambda *_: None)
    last = manifests(layout())[-1]
    days = read_table(layout(), last.source_code, last.batch_id, "lines")["business_date"].to_pylist()
    assert max(days) == date(2026, 11, 22)
    assert min(days) < date(2026, 11, 22)
    assert added.lines == pytest.approx(500, rel=0.3)
    again = add_day(lines=500, now=NOW, progress=lambda *_: None)
    assert again.lines > 0
    orders = landed("orders", manifests(layout()))["order_id"].to_pylist()
    assert len(orders) == len(set(orders)) > summary.orders


@pytest.mark.django_db
def test_an_installation_with_data_is_refused(installation):
    with pytest.raises(GenerateRefused, match="no generated chain"):
        add_day(lines=None, now=NOW, progress=lambda *_: None)
    run()
    with pytest.raises(GenerateRefused, match="already holds batches"):
        run()
    assert json.loads((layout().root / "generated" / "truth" / "generated.json").read_text())["duplicate_share"] == 0.3


def test_a_day_is_the_same_whenever_it_is_made():
    plan = Plan(700, 30, 400, ANCHOR, 5, 1, tuple(range(1, 20_001)), tuple(range(1, 37)))
    one, two = (make_day(plan, 7, first_order_id=1_000) for _ in range(2))
    assert all((one.lines[name] == two.lines[name]).all() for name in one.lines)
    days = [make_day(plan, index, first_order_id=index * 10_000) for index in range(5)]
    landing = [landing_of(days, index) for index in range(20)]
    assert sum(part["order_id"].size for part in landing) == sum(day.lines["order_id"].size for day in days)
    assert np.all(days[3].lines["amount_fen"][days[3].lines["kind"] == 1] < 0)


def test_people_buy_their_usual_products_again():
    plan = Plan(700, 200, 400, ANCHOR, 5, 1, tuple(range(1, 20_001)), tuple(range(1, 37)))
    days = [make_day(plan, index, first_order_id=index * 10_000) for index in range(200)]
    sold = [{name: day.lines[name][day.lines["kind"] == 0] for name in ("record_id", "product_id")} for day in days]
    basket = [set(zip(part["record_id"].tolist(), part["product_id"].tolist(), strict=True)) for part in sold]
    before = set().union(*basket[:170])
    month = [pair for part in basket[170:] for pair in part if pair[0]]
    again = sum(pair in before for pair in month) / len(month)
    assert 0.15 < again < 0.45
    products = np.concatenate([part["product_id"] for part in sold])
    assert (products <= 5_000).mean() == pytest.approx(0.5, abs=0.03)  # habits leave the products as popular as they were
