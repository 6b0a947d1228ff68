"""A small chain of tills in a drop folder: receipts by day, made from a seed, with returns, anonymous and late ones."""

import random
from datetime import date, timedelta
from pathlib import Path

from huitou.connectors.pos.client import RECEIPT_COLUMNS

FIRST_DAY = date(2026, 11, 1)
SETTINGS_KEY = "till-key-for-tests"
SHOPPERS = 40
STORES = ("S01", "S02", "S03")


def day_name(day: int) -> date:
    return FIRST_DAY + timedelta(days=day)


def write_day(folder: Path, day: int, *, receipts: int = 60) -> None:
    """Write the receipts file of one day (0 is 1 November). The same day and seed give the same file."""
    dice = random.Random(day)
    folder.mkdir(parents=True, exist_ok=True)
    rows = [row for number in range(receipts) for row in _receipt(dice, day, number)]
    text = "\n".join([",".join(RECEIPT_COLUMNS), *(",".join(row[name] for name in RECEIPT_COLUMNS) for row in rows), ""])
    (folder / f"receipts-{day_name(day).isoformat()}.csv").write_text(text, encoding="utf-8")


def _receipt(dice: random.Random, day: int, number: int) -> list[dict[str, str]]:
    shopper = dice.randrange(SHOPPERS)
    late_days = 7 if dice.random() < 0.03 and day >= 7 else 0
    returned = dice.random() < 0.08 and day > 0
    head = {
        "receipt_no": f"R{day:02d}-{number:03d}",
        "kind": "R" if returned else "S",
        "original_receipt_no": f"R{day - 1:02d}-{number:03d}" if returned else "",
        "store_code": dice.choice(STORES),
        "till_no": "1",
        "cashier": "c1",
        "sold_at": f"{day_name(day - late_days).isoformat()} {dice.randrange(9, 21):02d}:{number:02d}:00",
        "member_card": f"M{shopper:05d}" if shopper % 3 else "",
        "phone": f"154000{shopper:05d}" if shopper % 4 else "",
    }
    if dice.random() < 0.2:
        head |= {"member_card": "", "phone": ""}
    sign = "-" if returned else ""
    return [
        head | {
            "line_no": str(line), "sku": f"P{dice.randrange(12):03d}", "qty": f"{sign}1.000",
            "amount": f"{sign}{dice.randrange(100, 9_000) / 100:.2f}", "discount": dice.choice(["0.00", "0.50"]),
        }
        for line in range(1, dice.randrange(2, 5))
    ]  # fmt: skip
