"""
Count why customers buy, as far as they said it, by home store: each night for the page of paths, which could not look for the
store of a hundred thousand statements in a request.
"""

from collections import Counter

from huitou.apps.attributes.queries import choices_stated
from huitou.apps.base.bulk import CHUNK, chunked
from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.value.services.counted import EVERYBODY, newest_full
from huitou.core.value.paths import MOTIVE_IN


def motives_keep() -> int | None:
    """Count as of the newest full run and keep it with the run; return the persons with a motive, None before the first run."""
    run = newest_full()
    if run is None:
        return None
    stated = choices_stated(MOTIVE_IN, today=run.as_of)
    said = {} if stated is None else stated.of_person
    counts: Counter[tuple[int | None, str]] = Counter()
    for ids in chunked(said, CHUNK):
        homes = persons_in_reach(EVERYBODY).filter(pk__in_list=ids).values_list("pk", "home_store_id")
        counts.update((store, said[person]) for person, store in homes)
    run.motives = [[store, code, persons] for (store, code), persons in sorted(counts.items(), key=str)]
    run.save(update_fields=["motives"])
    return counts.total()
