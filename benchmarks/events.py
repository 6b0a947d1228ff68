"""
How many events a second the API takes on PostgreSQL, how soon they are seen, and whether any is lost or doubled.

    huitou bench events [--seconds 60] [--senders 8] [--batch 1|100] [--rate 50] [--backfill ROWS]

Starts a PostgreSQL server (commits synced to disk), the web server and the worker of a fresh installation, and lets the
senders post view events with a key for the given time, one request in fifty twice; with --rate at fixed moments, over as many
connections as --senders says, so that a slow answer makes the others no later. Beside them every three seconds a new
customer searches for something, and is looked for until the API finds the person by phone, the search on the person's page and
the person by a filter. At the end every event must be stored exactly once.

With --backfill a file of so many members (2 % of the lines bad) is imported by the command meanwhile: the senders begin when
it has begun and stop when it has ended, at the latest after --seconds; then the file's records must be stored exactly once, too:
their ids are compared with the good lines of the file by keyed hash.
"""

import argparse
import importlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import httpx
import psycopg

from benchmarks._senders import Markers, Senders, client, now

PORT = 8051
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
    parser.add_argument("--senders", type=int, default=8, help="connections")
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
                if arguments.backfill:
                    filling = Backfill(environment, Path(home), arguments.backfill)
                    with Turns(url) as turns:
                        result = measure(arguments, key, filling.ended)
                        result |= filling.result()
                    result["leases_held_s"] = turns.result(filling.process.pid)
                else:
                    result = measure(arguments, key, threading.Event())
                result["stored"] = settle(environment, result["sent"])
            finally:
                server.terminate()
                server.wait(30)
    result["lost"], result["doubled"] = result["sent"] - result["stored"], max(0, result["stored"] - result["sent"])
    print(json.dumps({**result, "machine": f"{os.cpu_count()} cores, {platform.machine()}"}, indent=1))


def run(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run([sys.executable, *arguments], env=environment, check=True, capture_output=True, text=True)
    return done.stdout


def measure(arguments: argparse.Namespace, key: str, backfill_ended: threading.Event) -> dict[str, object]:
    """Send for the given time or until the back-fill has ended, and look for the markers; return counts and times."""
    senders = Senders(
        ROOT, key, arguments.seconds, arguments.senders, arguments.batch, arguments.rate, ended=backfill_ended
    )  # fmt: skip
    sent = threading.Event()
    markers = Markers(ROOT, key, ended=sent)
    looking = threading.Thread(target=markers.run)
    looking.start()
    senders.run()
    sent.set()
    looking.join()
    return {**senders.result(), **markers.result()}


class Turns:
    """How long which process had which lease, looked at once a second."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._seconds: Counter[tuple[str, str]] = Counter()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def _look(self) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection:
            while not self._stop.wait(1):
                self._seconds.update(connection.execute("select name, split_part(holder, '/', 2) from base_lease").fetchall())

    def __enter__(self) -> "Turns":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def result(self, import_pid: int) -> dict[str, dict[str, int]]:
        """Return {lease: {"import": seconds, "others": seconds}}."""
        held: dict[str, dict[str, int]] = {}
        for (name, pid), seconds in sorted(self._seconds.items()):
            if not name.startswith("worker:"):
                whose = held.setdefault(name, {"import": 0, "others": 0})
                whose["import" if pid == str(import_pid) else "others"] += seconds
        return held


class Backfill:
    """A file of members imported by the command, beside everything else."""

    def __init__(self, environment: dict[str, str], home: Path, rows: int) -> None:
        files = importlib.import_module("benchmarks.import")
        self._environment, self._rows = environment, rows
        file = home / "members.csv"
        bad = files.write(file, rows)
        self._good = home / "good.txt"
        self._good.write_text("\n".join(f"card:66{number:08d}" for number in range(rows) if number + 2 not in bad))
        self._log = home / "import.log"
        self._began = time.monotonic()
        self._seconds = 0.0
        self.ended = threading.Event()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "huitou.cli", "import", "--kind", "members", str(file)],
            env=environment, stdout=subprocess.DEVNULL, stderr=self._log.open("wb"),
        )  # fmt: skip
        self._watch = threading.Thread(target=self._wait)
        self._watch.start()
        time.sleep(2)

    def _wait(self) -> None:
        self.process.wait()
        self._seconds = time.monotonic() - self._began
        self.ended.set()

    def result(self) -> dict[str, object]:
        """Wait for the import; return its seconds and whether each good line is stored exactly once."""
        was_running = not self.ended.is_set()
        self._watch.join()
        if self.process.returncode:
            raise SystemExit(f"the import failed:\n{self._log.read_text()[-3_000:]}")
        lost, doubled, strange = map(int, run(self._environment, "-c", COMPARE, str(self._good)).split())
        return {
            "backfill_rows": self._rows, "backfill_s": round(self._seconds), "backfill_outlasted_events": was_running,
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
    with client(ROOT, key) as http:
        customer = {"type": "customer", "id": "first", "occurred_at": now(), "customer": {"phone": "13761284935"}}
        http.post("/api/v1/events", json={"source": "app", "events": [customer]})
        for _ in range(100):
            if http.post("/api/v1/customers/search", json={"text": "13761284935"}).json().get("items"):
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


if __name__ == "__main__":
    main()
