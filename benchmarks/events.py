"""
How many events a second the API takes on PostgreSQL, how soon they are seen, and whether any is lost or doubled.

    huitou bench events [--seconds 60] [--senders 4] [--batch 1|100] [--rate 50] [--backfill ROWS]

Starts a PostgreSQL server (commits synced to disk), the web server and the worker of a fresh installation, and lets the
senders post view events with a key for the given time, each event twice in the last second. Beside them a marker customer is
posted every three seconds and searched for until the API finds it. At the end every event must be stored exactly once.

With --backfill a file of so many members (2 % of the lines bad) is imported by the command meanwhile: the senders begin when
it has begun and go on for --seconds; afterwards the file's records must be stored exactly once, too: their ids are compared
with the good lines of the file by keyed hash.
"""

import argparse
import importlib
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx

PORT = 8732
ROOT = f"http://127.0.0.1:{PORT}"
SET_UP = """
import django, json; django.setup()
from datetime import timedelta
from huitou.apps.accounts.services import user_save
from huitou.apps.base.clock import utc_now
from huitou.apps.gateway.services import key_create
from huitou.apps.intake.services import source_configure
now = utc_now()
user = user_save(username="bench", password="bench-events-password", role_code="admin", display_name="bench", now=now)
source_configure(code="app", kind_code="events", settings={"secret": "s"}, now=now)
print(key_create(owner_id=user.pk, title="bench", scopes=["events:write", "customers:read"],
                 expires_at=now + timedelta(days=1), by=None, now=now)[1])
"""
COUNT = """
import django; django.setup()
from huitou.apps.behaviour.models import BehaviourEvent
from huitou.apps.intake.models import InboxPage
print(BehaviourEvent.objects.filter(type_code="view").count(), InboxPage.objects.count())
"""

COMPARE = """
import django, sys; django.setup()
from collections import Counter
import pyarrow as pa
from huitou.apps.base.secrets import keyring
from huitou.apps.identity.models import SourceRecord
from huitou.apps.identity.record_rows import source_hashes
good = set(source_hashes(keyring(), "files", pa.array(open(sys.argv[1]).read().split())))
stored = Counter(SourceRecord.objects.filter(source_code="files").values_list("source_id_hash", flat=True).iterator())
print(len(good - stored.keys()), stored.total() - len(stored), len(stored.keys() - good))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--senders", type=int, default=4)
    parser.add_argument("--batch", type=int, default=1, help="events per request")
    parser.add_argument("--backfill", type=int, default=0, help="rows of a file imported meanwhile")
    parser.add_argument("--rate", type=float, default=0, help="events per second of all senders together; 0: as fast as it goes")
    arguments = parser.parse_args()
    from tests import postgres

    postgres.SPEED_OVER_SAFETY = ()
    with postgres.server() as url, tempfile.TemporaryDirectory(prefix="bench-events-") as home:
        environment = {
            **os.environ, "HUITOU_HOME": home, "HUITOU_DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "huitou.web.settings",
        }  # fmt: skip
        run(environment, "-m", "huitou.cli", "init")
        key = run(environment, "-c", SET_UP).split()[-1]
        serve = [sys.executable, "-m", "huitou.cli", "serve", "--port", str(PORT), "--threads", "8"]
        with (Path(home) / "serve.log").open("wb") as log:
            server = subprocess.Popen(serve, env=environment, stdout=log, stderr=log)
            try:
                wait_for_web()
                warm_up(key)
                filling = Backfill(environment, Path(home), arguments.backfill) if arguments.backfill else None
                result = measure(arguments, key)
                if filling is not None:
                    result |= filling.result()
                result["stored"] = settle(environment, result["sent"])
            finally:
                server.terminate()
                server.wait(30)
    result["lost"], result["doubled"] = result["sent"] - result["stored"], max(0, result["stored"] - result["sent"])
    print(json.dumps({**result, "machine": f"{os.cpu_count()} cores, {platform.machine()}"}, indent=1))


def run(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run([sys.executable, *arguments], env=environment, check=True, capture_output=True, text=True)
    return done.stdout


def measure(arguments: argparse.Namespace, key: str) -> dict[str, object]:
    """Send for the given time; return counts and times."""
    stop = time.monotonic() + arguments.seconds
    sent, waits, seen, refused = [0] * arguments.senders, [], [], []

    def sender(number: int) -> None:
        rng = random.Random(number)
        with httpx.Client(base_url=ROOT, timeout=30, headers={"Authorization": f"Bearer {key}"}) as client:
            while time.monotonic() < stop:
                events = [event(number, sent[number] + place, rng) for place in range(arguments.batch)]
                again = 2 if stop - time.monotonic() < 1 else 1
                for _ in range(again):
                    began = time.perf_counter()
                    answer = client.post("/api/v1/events", json={"source": "app", "events": events})
                    waits.append(time.perf_counter() - began)
                    if answer.status_code != 202:
                        refused.append(answer.status_code)
                        break
                else:
                    sent[number] += arguments.batch
                if arguments.rate:
                    time.sleep(max(0.0, arguments.batch * arguments.senders / arguments.rate - waits[-1]))

    def marker() -> None:
        with httpx.Client(base_url=ROOT, timeout=30, headers={"Authorization": f"Bearer {key}"}) as client:
            waiting: dict[str, float] = {}
            number = 0
            while time.monotonic() < stop + 60 and (waiting or time.monotonic() < stop):
                if time.monotonic() < stop:
                    number += 1
                    phone = f"137{(number * 7_919_317 + 12_345_678) % 10**8:08d}"  # 13900000001 identifies nobody
                    customer = {"type": "customer", "id": phone, "occurred_at": now(), "customer": {"phone": phone}}
                    client.post("/api/v1/events", json={"source": "app", "events": [customer]})
                    waiting[phone] = time.monotonic()
                for phone, began in list(waiting.items()):
                    if client.post("/api/v1/customers/search", json={"text": phone}).json().get("items"):
                        seen.append(time.monotonic() - began)
                        del waiting[phone]
                time.sleep(3)
            seen.extend([float("inf")] * len(waiting))

    threads = [threading.Thread(target=sender, args=(number,)) for number in range(arguments.senders)]
    threads.append(threading.Thread(target=marker))
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads[:-1]:
        thread.join()
    seconds = time.monotonic() - began
    threads[-1].join()
    return {
        "events_per_request": arguments.batch,
        "sent": sum(sent),
        "events_per_second": round(sum(sent) / seconds),
        "request_p50_ms": round(1000 * statistics.median(waits), 1),
        "request_p95_ms": round(1000 * sorted(waits)[int(0.95 * len(waits))], 1),
        "refused": len(refused),
        "visible_p95_s": round(sorted(seen)[int(0.95 * len(seen))], 1) if seen else None,
    }


class Backfill:
    """A file of members imported by the command, beside everything else."""

    def __init__(self, environment: dict[str, str], home: Path, rows: int) -> None:
        files = importlib.import_module("benchmarks.import")
        self._environment, self._rows = environment, rows
        file = home / "members.csv"
        bad = files.write(file, rows)
        self._good = home / "good.txt"
        self._good.write_text("\n".join(f"card:66{number:08d}" for number in range(rows) if number + 2 not in bad))
        self._began = time.monotonic()
        self._seconds = 0.0
        self._process = subprocess.Popen(
            [sys.executable, "-m", "huitou.cli", "import", "--kind", "members", str(file)],
            env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._watch = threading.Thread(target=self._wait)
        self._watch.start()
        time.sleep(2)

    def _wait(self) -> None:
        self._process.wait()
        self._seconds = time.monotonic() - self._began

    def result(self) -> dict[str, object]:
        """Wait for the import; return its seconds and whether each good line is stored exactly once."""
        was_running = self._process.poll() is None
        self._watch.join()
        lost, doubled, strange = map(int, run(self._environment, "-c", COMPARE, str(self._good)).split())
        return {
            "backfill_rows": self._rows, "backfill_s": round(self._seconds), "backfill_ran_all_the_time": was_running,
            "backfill_lost": lost, "backfill_doubled": doubled, "backfill_strange": strange,
        }  # fmt: skip


def wait_for_web() -> None:
    with httpx.Client(base_url=ROOT, timeout=30) as probe:
        for _ in range(200):
            try:
                probe.get("/healthz")
                break
            except httpx.HTTPError:
                time.sleep(0.2)


def warm_up(key: str) -> None:
    """Wait until a first customer is found: the first run of the matcher compiles its kernels."""
    with httpx.Client(base_url=ROOT, timeout=30, headers={"Authorization": f"Bearer {key}"}) as client:
        customer = {"type": "customer", "id": "first", "occurred_at": now(), "customer": {"phone": "13761284935"}}
        client.post("/api/v1/events", json={"source": "app", "events": [customer]})
        for _ in range(100):
            if client.post("/api/v1/customers/search", json={"text": "13761284935"}).json().get("items"):
                return
            time.sleep(3)
    raise SystemExit("the worker takes nothing in")


def settle(environment: dict[str, str], expected: int) -> int:
    """Wait until the worker has taken everything in; return the stored events."""
    stored = 0
    for _ in range(60):
        stored, waiting = map(int, run(environment, "-c", COUNT).split())
        if stored >= expected and not waiting:
            break
        time.sleep(5)
    return stored


def event(sender: int, number: int, rng: random.Random) -> dict[str, object]:
    """One view by one of ten thousand people."""
    return {
        "type": "view", "id": f"v{sender}-{number}", "occurred_at": now(), "customer": {"openid": f"o{rng.randrange(10_000)}"},
        "product": f"P{rng.randrange(500)}",
    }  # fmt: skip


def now() -> str:
    return datetime.now(UTC).isoformat()


if __name__ == "__main__":
    main()
