"""
How long publishing a day's changes keeps another writer waiting.

    HUITOU_HOME=<a filled installation> huitou bench publish [--persons 30000]

Changes the published facts of random persons by one fen, so that the next publish has to bring them back, and publishes. A
second process meanwhile takes the write lock again and again, as a guide who saves a note would, and notes how long each try
waited. Prints the waits in milliseconds. The installation holds the same facts afterwards; the pause between two tries is 2 ms.
"""

import argparse
import json
import multiprocessing
import os
import platform
import random
import statistics
import time
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huitou.web.settings")
PAUSE_SECONDS = 0.002
PART = 500  # ids in one statement


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--persons", type=int, default=30_000, help="whose facts change")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    django.setup()
    changed = disturb(random.Random(arguments.seed), arguments.persons)
    spawning = multiprocessing.get_context("spawn")
    ready, done = spawning.Event(), spawning.Event()
    receiving, sending = spawning.Pipe(duplex=False)
    writer = spawning.Process(target=write_until, args=(ready, done, sending), daemon=True)
    writer.start()
    sending.close()  # so that a writer that fails ends the wait below
    ready.wait(60)
    result = publish()
    done.set()
    milliseconds = receiving.recv()
    writer.join()
    print(
        json.dumps({
            "machine": f"{os.cpu_count()} cores, {platform.machine()}", "changed": changed, **result, "tries": len(milliseconds),
            "wait_ms": {"p50": round(statistics.median(milliseconds), 1), "p99": quantile(milliseconds, 0.99),
                        "max": round(max(milliseconds), 1)},
        }, indent=1)
    )  # fmt: skip


def quantile(values: list[float], share: float) -> float:
    return round(sorted(values)[int(share * (len(values) - 1))], 1)


def disturb(rng: random.Random, wanted: int) -> int:
    """Change the stored facts of random persons and say that a publish was cut short; return how many rows it was."""
    from django.db.models import F

    from huitou.apps.base.bulk import chunked
    from huitou.apps.builds.models import PublishState
    from huitou.apps.customers.models import PersonFacts

    ids = rng.sample(list(PersonFacts.objects.values_list("pk", flat=True)), wanted)
    changed = sum(PersonFacts.objects.filter(pk__in=part).update(net_fen=F("net_fen") + 1) for part in chunked(ids, PART))
    PublishState.objects.update(writing_version=F("published_version"))
    return changed


def publish() -> dict[str, object]:
    from huitou.apps.base.clock import utc_now
    from huitou.apps.builds.services import publish_run

    outcome = publish_run(now=utc_now())
    assert outcome is not None, "nothing to publish: is another publish at work?"
    return {"way": outcome.way.value, "written": outcome.written, "seconds": outcome.seconds}


def write_until(ready: Event, done: Event, waits: "Connection[list[float], None]") -> None:
    """Take the write lock until told to stop; hand over how long each try waited, in milliseconds."""
    django.setup()
    from django.db import transaction

    from huitou.apps.identity.models import MatcherLock

    found: list[float] = []
    ready.set()
    while not done.is_set():
        started = time.perf_counter()
        with transaction.atomic():
            MatcherLock.objects.filter(pk=0).delete()  # no such row: the lock alone
        found.append((time.perf_counter() - started) * 1000)
        time.sleep(PAUSE_SECONDS)
    waits.send(found)


if __name__ == "__main__":
    main()
