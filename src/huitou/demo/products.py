"""Chinese names for the articles sold: invented brand, the category's noun, the pack size in metric units. All synthetic."""

import re
from collections.abc import Iterable

import duckdb
import pyarrow as pa

OWN_BRAND = "悦选"
_FIRST = "欣禾晨穗沃悦嘉佳康润恒泰鲜乐美优源谷山田海云蓝金德盛瑞福安明"
_SECOND = "丰园味谷香多滋佳禾采泉力洁达宝盈纯语然初元冠柏朗诺星"
_SIZE = re.compile(r"^([\d.]+) ?(OZ|LB|CT|ML|L|G|KG|PK|QT|PT|GAL|SQ FT|ROLL|RL)$")
_METRIC = {
    "OZ": (28.35, "克"), "LB": (453.6, "克"), "G": (1, "克"), "KG": (1000, "克"), "ML": (1, "毫升"), "L": (1000, "毫升"),
    "QT": (946, "毫升"), "PT": (473, "毫升"), "GAL": (3785, "毫升"), "CT": (1, "件装"), "PK": (1, "件装"), "ROLL": (1, "卷"),
    "RL": (1, "卷"),
}  # fmt: skip
_UNITS = ("件", "袋", "盒", "瓶")


def metric_size(size: str | None) -> str:
    """Return a pack size in metric units ("16 OZ" -> "455克"), "" for one that cannot be read."""
    found = _SIZE.match(size.strip()) if size else None
    if found is None or found[2] not in _METRIC:
        return ""
    factor, unit = _METRIC[found[2]]
    amount = float(found[1]) * factor
    rounded = round(amount) if amount < 20 else round(amount / 5) * 5
    return f"{rounded}{unit}" if rounded else ""


def brand_name(tier: str | None, maker: int | None) -> str:
    """Return the chain's own brand for a private label, an invented brand per maker for the others."""
    if tier == "Private":
        return OWN_BRAND
    number = maker or 0
    return _FIRST[number % len(_FIRST)] + _SECOND[number // len(_FIRST) % len(_SECOND)]


def name_products(workshop: duckdb.DuckDBPyConnection) -> None:
    """Fill `products` (product_id, sku, name, path, brand, unit, price_fen, cost_fen) from the articles that master data know."""
    rows = workshop.execute(
        "select product_id, code, path, noun, brand_tier, maker, size, greatest(price_fen, 1),"
        "  0.55 + 0.3 * draw('cost', product_id) from items where path is not null order by product_id"
    ).fetchall()
    workshop.register("named_products", _table(rows))
    workshop.execute("create table products as from named_products")
    workshop.unregister("named_products")


def _table(rows: Iterable[tuple[int, str, str, str, str | None, int | None, str | None, int, float]]) -> pa.Table:
    columns: dict[str, list[object]] = {
        name: [] for name in ("product_id", "sku", "name", "path", "brand", "unit", "price_fen", "cost_fen")
    }
    for product_id, code, path, noun, tier, maker, size, price_fen, cost_share in rows:
        brand, pack = brand_name(tier, maker), metric_size(size)
        values = (product_id, code, f"{brand}{noun}{' ' + pack if pack else ''}", path, brand)
        unit = "千克" if path.startswith("生鲜/") and not pack else _UNITS[product_id % len(_UNITS)]
        for name, value in zip(columns, (*values, unit, price_fen, int(price_fen * cost_share)), strict=True):
            columns[name].append(value)
    return pa.table(columns)
