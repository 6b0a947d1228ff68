"""New business in an open demo leaves the planted figures as they are."""

import random
import shutil
from datetime import UTC, datetime

from huitou.connectors.fakes import serve_fakes
from huitou.demo.trickle import happen, recent_customers

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def test_only_recent_customers_and_nameless_ones_buy_again(chain, tmp_path):
    shutil.copytree(chain.chain_dir, tmp_path / "chain")
    with serve_fakes(tmp_path / "chain") as fakes:
        before = recent_customers(fakes, now=NOW)
        for number in range(6):
            happen(fakes, now=NOW, rng=random.Random(number))
        assert recent_customers(fakes, now=NOW) == before
        receipts = (fakes.outbox / "receipts-2026-11-22.csv").read_text().splitlines()[1:]
        assert receipts
        assert all(line.endswith(",,") for line in receipts)
