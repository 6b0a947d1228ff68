import pytest
from tests.apps.segments.world import build_store, build_world

from huitou.warehouse.layout import Layout


@pytest.fixture(scope="session")
def built_store(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    layout = Layout(tmp_path_factory.mktemp("segments"))
    build_store(layout)
    return layout


@pytest.fixture
def chain(layout: Layout, built_store: Layout, db):
    return build_world(layout, built_store)
