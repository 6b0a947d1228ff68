"""What must hold once the demo has gone the whole way; each check stands for itself and is called by the one long run."""

from collections.abc import Iterable

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from tests.web.browser import Visitor

from huitou.apps.accounts.models import User
from huitou.apps.accounts.queries import viewer_for
from huitou.apps.base.clock import utc_now
from huitou.apps.base.secrets import keyring
from huitou.apps.base.storage import layout, warehouse
from huitou.apps.customers.models import Person
from huitou.apps.customers.profiles import profile_open
from huitou.apps.products.models import Category, Store
from huitou.apps.quality.queries import data_overview
from huitou.demo.run import PASSWORD
from huitou.warehouse.queries.totals import Level, totals, totals_by
from huitou.warehouse.scope import CHAIN

NAMED_CATEGORIES = {"生鲜", "日用百货", "烘焙", "洗衣液", "卫生纸", "有机蔬菜", "进口零食"}


def check_organisation() -> None:
    """One headquarters, its regions and stores with places, the named categories; every level sums to the same fen."""
    stores = Store.objects.exclude(latitude=None, longitude=None)
    assert stores.count() >= 36
    assert stores.values("region_code").distinct().count() >= 3
    assert set(Category.objects.values_list("name", flat=True)) >= NAMED_CATEGORIES
    with warehouse().read() as reading:
        chain = totals(reading.cursor, scope=CHAIN)
        for level in Level:
            assert sum(one.net_fen for one in totals_by(reading.cursor, scope=CHAIN, level=level).values()) == chain.net_fen
    assert chain.net_fen > chain.identified_net_fen > 0


def check_sources_are_joined() -> None:
    """The data page says how much revenue is tied to persons and how many persons come from two sources or more."""
    overview = data_overview(viewer_for(User.objects.get(username="demo-engineer")), utc_now())
    for key in ("identified_revenue_share", "multi_source_share"):
        share = overview.metrics[key].share
        assert share is not None
        assert 0 < share.numerator < share.denominator


def check_no_identifier_in_the_clear() -> None:
    """No name, phone, card, openid, e-mail or address of a person stands in an analytical file or in the line part."""
    known = {
        str(value["value"])
        for person in Person.objects.filter(is_live=True)
        for field, value in profile_open(keyring(), person.pk, person.profile).items()
        if field not in {"gender", "birthday", "store_id"}
    }
    assert len(known) > 500
    read = 0
    for place, texts in (*analytical_texts(), *line_part_texts()):
        read += len(texts)
        assert known.isdisjoint(texts), f"{place} holds {len(known & texts)} identifiers"
    assert read > 1_000


def analytical_texts() -> Iterable[tuple[str, set[str]]]:
    """Yield every text column of every analytical file with its distinct values."""
    for path in sorted(layout().warehouse.glob("*.duckdb")):
        with duckdb.connect(str(path), read_only=True) as connection:
            columns = connection.execute(
                "select table_name, column_name from information_schema.columns where data_type like 'VARCHAR%'"
            ).fetchall()
            for table, column in columns:
                rows = connection.execute(f'select distinct "{column}"::varchar from "{table}"').fetchall()
                yield f"{path.name} {table}.{column}", {str(text) for (text,) in rows}


def line_part_texts() -> Iterable[tuple[str, set[str]]]:
    """Yield every text column of every unencrypted landing file with its distinct values."""
    for path in sorted(layout().landing.rglob("*.parquet")):
        table = pq.read_table(path)
        for name, column in zip(table.column_names, table.columns, strict=True):
            if pa.types.is_string(column.type):
                yield f"{path.parent.name}/{path.name} {name}", set(column.unique().to_pylist())


def walk_from_data_to_showcase(visitor: Visitor, *, phone: str, person_id: int) -> None:
    """From the data page's four sources to the page of a person whom all four know, found by the phone."""
    visitor.log_in("demo-admin", PASSWORD)
    visitor.open("/data")
    for title in ("商城", "POS", "会员", "售后"):
        assert visitor.page.locator(f"text={title}").first.is_visible()
    visitor.check()
    visitor.page.keyboard.press("Control+k")
    visitor.page.keyboard.type(phone)
    visitor.page.keyboard.press("Enter")
    visitor.page.wait_for_url(f"**/customers/{person_id}")
    assert phone not in visitor.page.content()
    assert "来源 4" in visitor.page.content()
    visitor.check()
