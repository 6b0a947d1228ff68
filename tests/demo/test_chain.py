"""The demo chain holds exactly what its truth says, and no truth lies inside it."""

import csv
import json
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import phonenumbers
import pyarrow.parquet as pq
import pytest
from phonenumbers import carrier

from huitou.connectors.pos.client import PRODUCT_COLUMNS, RECEIPT_COLUMNS, STORE_COLUMNS
from huitou.core.identity.completeness import completeness_share
from huitou.core.identity.normalise import NORMALISERS, phone
from huitou.core.value import clv, soon
from huitou.demo.baskets import source_folder
from huitou.demo.chain import build_chain
from huitou.demo.manifest import MANIFEST_PATH, column_origins, load
from huitou.demo.tables import read_table

ANCHOR = date(2026, 11, 21)  # of the chain in conftest


def payloads(chain, system: str, resource: str) -> list[dict]:
    with closing(sqlite3.connect(chain.chain_dir / system / f"{system}.sqlite3")) as connection:
        return [json.loads(text) for (text,) in connection.execute(f"select payload from {resource}")]


def table(chain, name: str) -> list[dict]:
    with closing(sqlite3.connect(chain.chain_dir / "membership" / "membership.sqlite3")) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(f"select * from {name}")]


def receipts(chain) -> list[dict]:
    rows = []
    for path in sorted((chain.chain_dir / "pos" / "outbox").glob("receipts-*.csv")):
        with path.open(encoding="utf-8", newline="") as handle:
            rows += [{**row, "file_day": path.stem.removeprefix("receipts-")} for row in csv.DictReader(handle)]
    return rows


def test_the_same_arguments_build_the_same_chain(chain, tmp_path):
    again = build_chain(tmp_path / "chain", anchor=ANCHOR, fraction=chain.planted["fraction"])
    assert again.content_hash == chain.content_hash


def test_exactly_thirty_percent_of_the_records_are_surplus(chain):
    truth = pq.read_table(chain.chain_dir.parent / "truth" / "records.parquet").to_pydict()
    keys = list(zip(truth["source_code"], truth["source_id"], strict=True))
    assert len(set(keys)) == len(keys) == chain.records
    assert (len(keys) - len(set(truth["person_id"]))) / len(keys) == pytest.approx(0.30, abs=1e-12)
    served = {("mall", item["id"]) for item in payloads(chain, "mall", "customers")}
    served |= {("membership", row["member_no"]) for row in table(chain, "member") if not row["member_no"].startswith("VIPBAD")}
    served |= {("aftersales", item["contact"]["id"]) for item in payloads(chain, "aftersales", "tickets") if item["contact"]}
    for row in receipts(chain):
        if row["member_card"] or row["phone"]:
            served.add(("pos", f"card:{row['member_card']}" if row["member_card"] else f"phone:{row['phone']}"))
    assert served == set(keys)


def test_the_records_as_served_are_complete_to_exactly_sixty_five_percent(chain):
    filled: dict[tuple[str, str], set[str]] = {}

    def note(key: tuple[str, str], **texts: str | None) -> None:
        fields = filled.setdefault(key, set())
        fields |= {name for name, text in texts.items() if (NORMALISERS[name](text) if name in NORMALISERS else text)}

    for item in payloads(chain, "mall", "customers"):
        address = "".join(item["address"].values()) if item["address"] else None
        note(("mall", item["id"]), name=item["name"], phone=item["mobile"], birthday=item["birthday"], gender=item["gender"],
             address=address, store=item["store_id"])  # fmt: skip
    for row in table(chain, "member"):
        if not row["member_no"].startswith("VIPBAD"):
            note(("membership", row["member_no"]), name=row["name"], phone=row["mobile"], birthday=row["birthday"],
                 gender=row["sex"], address=row["address"], store=row["store_code"])  # fmt: skip
    for item in payloads(chain, "aftersales", "tickets"):
        if item["contact"]:
            note(("aftersales", item["contact"]["id"]), name=item["contact"]["name"], phone=item["contact"]["phone"])
    for row in receipts(chain):
        if row["member_card"] or row["phone"]:
            key = f"card:{row['member_card']}" if row["member_card"] else f"phone:{row['phone']}"
            note(("pos", key), phone=row["phone"] or None)
    assert len(filled) == chain.records
    assert sum(map(completeness_share, filled.values())) / len(filled) == pytest.approx(0.65, abs=1e-9)


def test_exactly_forty_five_percent_of_the_members_with_an_order_are_dormant(chain):
    truth = chain.chain_dir.parent / "truth"
    members = {
        row["person_id"]
        for row in pq.read_table(truth / "persons.parquet").to_pylist()
        if row["is_member"] and row["household_id"]
    }
    person_of = {row["document_no"]: row for row in pq.read_table(truth / "baskets.parquet").to_pylist() if row["is_named"]}
    came_back = {row["original_receipt_no"] for row in receipts(chain) if row["kind"] != "S"}
    came_back |= {item["id"] for item in payloads(chain, "mall", "orders") if item["refunds"]}
    last: dict[int, date] = {}
    days = {
        row["receipt_no"]: date.fromisoformat(row["sold_at"][:10]) for row in receipts(chain) if row["receipt_no"] in person_of
    }
    for item in payloads(chain, "mall", "orders"):
        if item["payment"] and item["id"] in person_of:
            utc = item["payment"]["paid_at"]
            days[item["id"]] = date.fromisoformat(utc[:10]) + timedelta(days=int(utc[11:13]) >= 16)
    for document_no, day in days.items():
        person = person_of[document_no]["person_id"]
        if person in members and document_no not in came_back:
            last[person] = max(day, last.get(person, day))
    assert set(last) == members
    for as_of in (ANCHOR, ANCHOR + timedelta(days=1), ANCHOR + timedelta(days=7)):
        dormant = sum((as_of - day).days >= 90 for day in last.values())
        assert dormant / len(last) == pytest.approx(0.45, abs=1e-12)


def test_money_is_carried_over_to_the_fen(chain):
    """From the source's cents to the chain: what is not dropped or cut is sold, line by line at 2.4 yuan for a dollar."""
    planted = chain.planted
    source = planted["source"]
    assert source["kept_cents"] + sum(cents for _, cents in source["dropped"].values()) == source["source_cents"]
    sold_fen = sum(
        round(float(row["amount"]) * 100)
        for row in receipts(chain)
        if row["kind"] == "S" and not row["receipt_no"].startswith("BAD") and row["file_day"] and not is_conflict(row)
    )
    for item in payloads(chain, "mall", "orders"):
        if item["payment"] and not item["id"].startswith("MBAD"):
            sold_fen += sum(round(float(line["amount"]) * 100) for line in item["items"])
    assert sold_fen == planted["sales"]["fen"]
    expected = duckdb.execute(
        "select sum((round(sales_value * 100)::bigint * 12 + 2) // 5)::bigint from read_parquet(?)"
        " where basket_id in (select basket_id from read_parquet(?)) and sales_value > 0 and product_id not in"
        "   (select product_id from read_parquet(?) where department in ('FUEL', 'MISCELLANEOUS', 'COUPON')"
        "     or product_category like 'COUPON%')",
        [str(source_folder() / "transactions.parquet"), str(chain.chain_dir.parent / "truth" / "baskets.parquet"),
         str(source_folder() / "products.parquet")],
    ).fetchone()  # fmt: skip
    assert expected == (sold_fen,)


def is_conflict(row: dict) -> bool:
    """A conflicting copy lies in a file nine days after its receipt."""
    return date.fromisoformat(row["file_day"]) == date.fromisoformat(row["sold_at"][:10]) + timedelta(days=9)


def test_no_generated_number_lies_in_a_segment_that_a_carrier_holds(chain):
    texts = [item["mobile"] for item in payloads(chain, "mall", "customers")]
    texts += [row["mobile"] for row in table(chain, "member")]
    texts += [item["contact"]["phone"] for item in payloads(chain, "aftersales", "tickets") if item["contact"]]
    texts += [row["phone"] for row in receipts(chain)]
    numbers = {phone(text) for text in texts if text}
    assert None not in numbers
    assert len(numbers) > 300
    for number in numbers:
        parsed = phonenumbers.parse(f"+86{number}")
        assert carrier.name_for_number(parsed, "zh") == ""
        assert not phonenumbers.is_valid_number(parsed), number


def test_no_truth_lies_inside_the_chain_folder(chain):
    names = {path.name for path in chain.chain_dir.rglob("*") if path.is_file()}
    allowed = {"mall.sqlite3", "membership.sqlite3", "aftersales.sqlite3", "stores.csv", "products.csv"}
    assert {name for name in names if not name.startswith("receipts-")} <= allowed | {
        f"{name}{end}" for name in allowed for end in ("-wal", "-shm")
    }
    served = json.dumps(payloads(chain, "mall", "customers")) + json.dumps(payloads(chain, "aftersales", "tickets"))
    assert "person_id" not in served
    assert "household" not in served


def test_the_manifest_covers_every_column_of_every_system(chain):
    listed = {(entry.source_code, entry.table, entry.column) for entry in column_origins()}
    native = {("pos", "receipts", name) for name in RECEIPT_COLUMNS} | {("pos", "stores", name) for name in STORE_COLUMNS}
    native |= {("pos", "products", name) for name in PRODUCT_COLUMNS}
    for name in ("member", "card", "points_ledger", "referral", "chat_member"):
        native |= {("membership", name, column) for row in table(chain, name)[:1] for column in row}
    for system, resources in (
        ("mall", ("stores", "products", "customers", "orders", "enquiries", "messages")),
        ("aftersales", ("tickets", "events")),
    ):
        for resource in resources:
            native |= {(system, resource, key) for item in payloads(chain, system, resource) for key in item}
    assert listed == native


@pytest.mark.accept("S38")
def test_members_recruit_members_of_their_store_who_came_later(chain):
    member = {row["member_no"]: row for row in table(chain, "member")}
    referrals = table(chain, "referral")
    assert len({row["member_no"] for row in referrals}) == len(referrals) > 0.1 * len(member)
    for row in referrals:
        referred, referrer = member[row["member_no"]], member[row["referrer_no"]]
        assert referrer["joined_at"] <= referred["joined_at"] == row["referred_at"]
    groups = Counter(row["group_code"] for row in table(chain, "chat_member"))
    assert len(groups) > 20
    assert max(groups.values()) <= 201  # the showcase person may come on top


def test_the_manifest_lies_where_a_demo_data_folder_has_it(chain, tmp_path):
    manifest = load(tmp_path)
    assert manifest is None
    (tmp_path / MANIFEST_PATH).parent.mkdir()
    (tmp_path / MANIFEST_PATH).write_bytes((chain.chain_dir.parent / "manifest.json").read_bytes())
    manifest = load(tmp_path)
    assert manifest is not None
    assert manifest.anchor == ANCHOR
    assert manifest.columns == column_origins()


def test_the_chain_has_stores_in_four_regions_and_the_named_categories(chain):
    stores = payloads(chain, "mall", "stores")
    assert len(stores) == 36
    assert len({store["region"]["code"] for store in stores}) >= 3
    assert all(27 < store["location"]["lat"] < 32 and 118 < store["location"]["lng"] < 123 for store in stores)
    nodes = {node for row in read_table("categories") for node in row["path"].split("/")}
    assert {"生鲜", "日用百货", "烘焙", "洗衣液", "卫生纸", "有机蔬菜", "进口零食"} <= nodes
    with (chain.chain_dir / "pos" / "outbox" / "products.csv").open(encoding="gb18030", newline="") as handle:
        products = list(csv.DictReader(handle))
    sold = {node for row in products for node in (row["department"], row["category"], row["subcategory"])}
    assert {"生鲜", "日用百货", "烘焙", "洗衣液", "卫生纸", "有机蔬菜", "进口零食"} <= sold
    assert sum(row["department"] == "其他" for row in products) < 0.002 * len(products)


def test_the_showcase_person_has_one_record_in_each_of_the_four_systems(chain):
    truth = pq.read_table(chain.chain_dir.parent / "truth" / "records.parquet").to_pylist()
    showcase = chain.planted["showcase"]["person_id"]
    assert sorted(row["source_code"] for row in truth if row["person_id"] == showcase) == [
        "aftersales", "mall", "membership", "pos",
    ]  # fmt: skip


def test_points_sum_to_the_balance_except_where_planted(chain):
    sums = Counter()
    for entry in table(chain, "points_ledger"):
        sums[entry["member_no"]] += entry["delta"]
    good = [row for row in table(chain, "member") if not row["member_no"].startswith("VIPBAD")]
    wrong = sorted(row["member_no"] for row in good if row["points_balance"] != sums[row["member_no"]])
    assert wrong == sorted(chain.planted["points_mismatch_members"])
    assert min(row["points_balance"] for row in good) >= 0


def test_receipts_hold_late_anonymous_returned_and_voided_ones(chain):
    rows = receipts(chain)
    heads = {row["receipt_no"]: row for row in rows if not row["receipt_no"].startswith("BAD")}
    kinds = Counter(row["kind"] for row in heads.values())
    assert 0.008 < kinds["R"] / kinds["S"] < 0.025
    assert kinds["V"] > 0
    anonymous = sum(not row["member_card"] and not row["phone"] for row in heads.values()) / len(heads)
    assert 0.10 < anonymous < 0.30  # the non-members weigh more in a small chain
    late = sum(row["file_day"] > row["sold_at"][:10] for row in heads.values() if row["kind"] == "S")
    assert 0.004 < late / kinds["S"] < 0.02
    assert all(float(row["amount"]) < 0 and float(row["qty"]) < 0 for row in rows if row["kind"] in "RV")


def test_status_events_arrive_out_of_order(chain):
    events = payloads(chain, "aftersales", "events")
    by_ticket: dict[str, list[tuple[str, str]]] = {}
    for event in events:
        by_ticket.setdefault(event["ticket_id"], []).append((event["recorded_at"], event["occurred_at"]))
    assert any(
        [moment for _, moment in sorted(course)] != sorted(moment for _, moment in course) for course in by_ticket.values()
    )


def test_a_fraction_too_small_for_the_planted_figures_is_refused(tmp_path):
    with pytest.raises(ValueError, match="too few households"):
        build_chain(Path(tmp_path) / "chain", anchor=ANCHOR, fraction=0.005)


@pytest.mark.accept("S50")
def test_a_forecast_made_in_the_summer_meets_the_total_of_the_autumn(chain):
    """Card holders at the tills, by the default forecast: total within 15 %, nothing below zero, four of five inside."""
    spent = Counter()
    for row in receipts(chain):
        if row["member_card"] and not row["receipt_no"].startswith("BAD"):
            sign = 1 if row["kind"] == "S" else -1
            spent[row["member_card"], row["sold_at"][:10]] += sign * abs(round(100 * float(row["amount"])))
    cards = sorted({card for card, _ in spent})
    made = clv.forecast(
        {
            "person_id": np.array([cards.index(card) for card, _ in spent]),
            "business_date": np.array([day for _, day in spent], dtype="datetime64[D]"),
            "amount_fen": np.array(list(spent.values())),
        },
        ANCHOR,
        365,
    )
    blend = made.backtest.row(clv.Model.BLEND)
    forecast, actual = (sum(g.customers * getattr(g, name) for g in made.backtest.deciles) for name in ("forecast", "actual"))
    assert forecast / actual == pytest.approx(1, abs=0.15)
    assert blend.coverage == pytest.approx(0.8, abs=0.1)
    assert min(made.value_fen.min(), made.spend_fen.min(), made.purchases.min(), made.alive.min()) >= 0
    assert made.alive.max() <= 1
    assert made.refusal is None


@pytest.mark.accept("S74")
def test_next_dates_on_the_real_baskets_keep_the_error_that_the_docs_name(chain):
    """Real grocery trips come almost at random: the quarter of a cycle that planted rhythms reach is not reached here."""
    bought = pq.read_table(chain.chain_dir.parent / "truth" / "baskets.parquet")
    days = {row["receipt_no"]: row["sold_at"][:10] for row in receipts(chain)}
    rows = [
        (person, days[number])
        for number, person in zip(bought["document_no"].to_pylist(), bought["person_id"].to_pylist(), strict=True)
        if number in days
    ]
    person = np.array([row[0] for row in rows])
    day = np.array([row[1] for row in rows], dtype="datetime64[D]").astype(np.int64)
    last = int(day.max()) - 60
    found = soon.cycles(person, np.zeros_like(person), day, last)
    later = day > last
    came = np.array([(day[later & (person == key)] - last).min(initial=10**6) for key in found.keys])
    shown = (found.reason == "") & (found.gaps >= 5) & (came < 10**6)
    error = np.abs(found.days_left - came)[shown] / found.cycle_days[shown]
    assert shown.sum() > 30
    assert 0.25 < np.median(error) < 0.7
    assert ((came >= found.low - 0.5) & (came <= found.high + 0.5))[shown].mean() > 0.7
