"""
Count by which paths the chain's newest buyers came, each night for the page of paths: naming them and reading what they did
takes longer than a page may.
"""

from dataclasses import asdict

from huitou.apps.value.queries.paths import first_paths
from huitou.apps.value.services.counted import EVERYBODY, newest_full


def paths_keep() -> int | None:
    """Count and keep it with the newest full run; return the buyers looked at, None before the first run."""
    run = newest_full()
    if run is None:
        return None
    found = first_paths(EVERYBODY)
    run.paths = asdict(found)
    run.save(update_fields=["paths"])
    return found.buyers
