"""
Clusters and look-alikes of many simulated customers: process seconds and peak memory of the whole process.

    huitou bench groups [--customers 1000000]
"""

import argparse
import json
import resource
import sys
import time
from typing import Any

import numpy as np

from huitou.core.value.clusters import clusters
from huitou.core.value.look_alike import look_alike

SEEDS_OF_GROUP = 0.02


def simulated(count: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return ids, the eight habits of customers in five overlapping groups, and the groups."""
    rng = np.random.default_rng(3)
    group = rng.integers(0, 5, count)
    score = rng.normal(size=(count, 8)) + (rng.normal(size=(5, 8)) * 1.2)[group]
    share = 1 / (1 + np.exp(-score[:, 4:7]))
    ranks = np.clip(np.round(3 + score[:, :2]), 1, 5)
    spend = np.exp(np.column_stack((10 + score[:, 2], 8 + 0.5 * score[:, 3])))
    power = np.clip(30 + 20 * score[:, 7], 0, 100)
    return np.arange(count) * 3, np.column_stack((ranks, spend, share, power)), group


def main() -> None:
    """Print one line of JSON per measurement."""
    parser = argparse.ArgumentParser(prog="huitou bench groups")
    parser.add_argument("--customers", type=int, default=1_000_000)
    ids, values, group = simulated(parser.parse_args().customers)
    since = time.process_time()
    found = clusters(ids, values)
    tell({"on": "clusters", "k": found.k, "silhouette": round(found.silhouette, 3), "cpu_s": time.process_time() - since})
    is_seed = (group == 2) & (np.random.default_rng(4).random(ids.size) < SEEDS_OF_GROUP)
    since = time.process_time()
    alike = look_alike(ids, np.column_stack((values, values[:, :4])), is_seed)
    tell(
        {"on": "look-alike, 12 features", "seeds": alike.seeds, "auc": round(alike.auc, 3), "cpu_s": time.process_time() - since}
    )


def tell(row: dict[str, Any]) -> None:
    """Print one measurement with the peak so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rounded = {name: round(value, 2) if isinstance(value, float) else value for name, value in row.items()}
    sys.stdout.write(json.dumps({"peak_mb": round(peak), **rounded}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
