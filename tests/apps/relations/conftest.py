"""A small chain whose batches become persons."""

import pytest
from tests.apps.identity_chain import Chain

from huitou.warehouse.layout import Layout


@pytest.fixture
def chain(layout: Layout) -> Chain:
    return Chain(layout)
