"""What a new process reads before its first page is asked for."""

from collections.abc import Sequence

import duckdb
import pytest
from django.template import engines
from django.test import Client
from django.urls import reverse
from tests.warehouse.chain import Chain as Store
from tests.warehouse.chain import Document, Line, days_before
from tests.web.conftest import Chain

from huitou.warehouse.layout import Layout
from huitou.warehouse.queries import sellers, stages, store_spend, totals
from huitou.warehouse.queries.rows import Row, fetch
from huitou.web.warming import TEMPLATES, sums_read, templates_read

BACKEND = "django.contrib.auth.backends.ModelBackend"
READERS = (sellers, stages, store_spend, totals)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that the readers of sums put to the store."""
    found: list[str] = []

    def noted(cursor: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[object]) -> list[Row]:
        found.append(sql)
        return fetch(cursor, sql, parameters)

    for module in READERS:
        monkeypatch.setattr(module, "fetch", noted)
    return found


def sell(store: Store, number: int, chain: Chain) -> None:
    store.land([Document(number, days_before(2), (Line(1, 123_400),), record_id=101, store_id=chain.store_id)])
    store.publish(number, {101: chain.person_id})


@pytest.mark.django_db
def test_the_cockpit_finds_its_sums_read_until_the_next_version(layout: Layout, chain: Chain, client: Client, asked: list[str]):
    store = Store(layout)
    sell(store, 1, chain)
    client.force_login(chain.users["manager"], backend=BACKEND)
    assert sums_read(0) == 1
    assert asked
    asked.clear()
    assert "¥1,234" in client.get(reverse("cockpit:cockpit")).content.decode()
    assert not asked
    client.force_login(chain.users["store_manager"], backend=BACKEND)
    client.get(reverse("cockpit:cockpit"))
    assert asked  # a store's own numbers are nobody else's

    sell(store, 2, chain)
    asked.clear()
    assert sums_read(1) == 2
    assert asked
    asked.clear()
    client.force_login(chain.users["manager"], backend=BACKEND)
    assert "¥2,468" in client.get(reverse("cockpit:cockpit")).content.decode()
    assert not asked
    assert sums_read(2) == 2
    assert not asked


@pytest.mark.django_db
def test_nothing_is_read_where_nothing_is_published(layout: Layout):
    assert sums_read(0) == 0


def test_every_template_is_compiled_and_kept():
    engine = engines["django"].engine
    loader = engine.template_loaders[0]
    loader.reset()
    templates_read()
    names = {template.name for template in loader.get_template_cache.values() if not isinstance(template, type | Exception)}
    assert {str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html")} <= names
