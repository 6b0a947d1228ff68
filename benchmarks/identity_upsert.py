"""
How long one upsert of a customer's record takes: store, match, person, event and evidence in one durable transaction.

    HUITOU_HOME=<a copy of a filled installation> huitou bench identity_upsert [--records 300] [--batch 100]

Half of the records hold the phone of a person who is there, half a phone of nobody. First one by one, then in batches. It
writes into the installation: give it a copy. Prints p50, p95, p99 in milliseconds, records per second in batches, and the
number of persons.
"""

import argparse
import json
import os
import platform
import random
import statistics
import time
from datetime import UTC, datetime

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huitou.web.settings")
_SAMPLED_FROM = 5_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=300, help="records of each way")
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    django.setup()
    from huitou.apps.customers.models import Person
    from huitou.apps.identity.services import record_upsert, records_upsert

    rng = random.Random(arguments.seed)
    phones = known_phones(rng, arguments.records)
    now = datetime.now(UTC)
    run = now.strftime("%H%M%S")
    record_upsert(customer(f"{run}-warm", phones[0], now), now=now)  # the matcher's kernels are loaded once per process
    taken = []
    for at in range(arguments.records):
        record = customer(f"{run}-{at}", phone(rng, phones, at), now)
        started = time.perf_counter()
        record_upsert(record, now=now)
        taken.append((time.perf_counter() - started) * 1000)
    batches = [
        [customer(f"{run}-b{first + at}", phone(rng, phones, at), now) for at in range(arguments.batch)]
        for first in range(0, arguments.records, arguments.batch)
    ]
    started = time.perf_counter()
    for batch in batches:
        records_upsert(batch, now=now)
    rate = sum(map(len, batches)) / (time.perf_counter() - started)
    cuts = statistics.quantiles(taken, n=100)
    print(
        json.dumps(
            {
                "persons": Person.objects.filter(is_live=True).count(),
                "machine": f"{os.cpu_count()} cores, {platform.machine()}",
                "one_by_one_ms": {"p50": round(cuts[49], 2), "p95": round(cuts[94], 2), "p99": round(cuts[98], 2)},
                f"per_second_in_batches_of_{arguments.batch}": round(rate),
            },
            indent=1,
        )
    )


def known_phones(rng: random.Random, wanted: int) -> list[str]:
    """Return phones of persons who are there."""
    from huitou.apps.base.secrets import keyring
    from huitou.apps.customers.models import Person
    from huitou.apps.customers.profiles import profile_open

    ring = keyring()
    rows = Person.objects.filter(is_live=True).order_by("pk").values_list("pk", "profile")[:_SAMPLED_FROM]
    found = [values["phone"]["value"] for pk, sealed in rows if "phone" in (values := profile_open(ring, pk, sealed))]
    rng.shuffle(found)
    return found[: max(wanted, 1)]


def phone(rng: random.Random, phones: list[str], at: int) -> str:
    return rng.choice(phones) if at % 2 else f"199{rng.randrange(10**8):08d}"


def customer(source_id: str, number: str, now: datetime):  # type: ignore[no-untyped-def]  # the type needs django.setup()
    from huitou.apps.identity.services import CustomerRecord

    return CustomerRecord("pos", source_id, {"phone": number, "name": "王小芳"}, now)


if __name__ == "__main__":
    main()
