import pytest
from tests.warehouse.chain import Chain

from huitou.warehouse.layout import Layout


@pytest.fixture
def chain(layout: Layout) -> Chain:
    return Chain(layout)
