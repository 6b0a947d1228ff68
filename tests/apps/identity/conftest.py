"""A small chain whose batches become persons."""

from collections.abc import Callable

import pytest
from tests.apps.identity_chain import Chain

from huitou.warehouse.layout import Layout


@pytest.fixture
def chain(layout: Layout) -> Chain:
    return Chain(layout)


@pytest.fixture
def make_chain(layout: Layout) -> Callable[[], Chain]:
    return lambda: Chain(layout)
