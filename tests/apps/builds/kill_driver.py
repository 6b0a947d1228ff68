"""
Runs the pipeline in forked children that are killed with -9, and prints what came out as JSON: {where: {deaths, outcome}}.

    HUITOU_HOME=<new installation> python -m tests.apps.builds.kill_driver <where> ...

The next attempt starts the same work from the beginning, as a restarted worker would.
"""

import hashlib
import json
import os
import random
import signal
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.apps.builds.tillchain import SETTINGS_KEY, write_day
from tests.forks import HOME, KILLED, copied, in_child, loaded, tripwire

from huitou.apps.base.storage import layout
from huitou.apps.builds.models import Build, BuildState, PublishState
from huitou.apps.builds.services import base_run, cycle_run
from huitou.apps.customers.models import PersonFacts
from huitou.apps.intake.models import Batch, BatchState, InboxPage, SourceDay
from huitou.apps.intake.services import source_configure, source_pull
from huitou.warehouse.facts_schema import COLUMNS, LIVE_COLUMNS
from huitou.warehouse.reader import Warehouse

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
RECEIPTS = 25
CLOCK_KILLS = 3

# where it dies -> (function, before or after its work): its first call ends the process
TRIPWIRES: dict[str, tuple[tuple[str, str], ...]] = {
    "pull": (("huitou.apps.intake.services.pull:page_store", "after"),),
    "seal": (
        ("huitou.apps.intake.services.seal:write_batch", "after"),
        ("huitou.apps.intake.services.seal:documents_write", "after"),
    ),
    "apply": (("huitou.apps.base.hooks:run", "after"),),
    "base": (("huitou.warehouse.base.build:run_facts", "before"), ("huitou.warehouse.staging:Staged.finish", "after")),
    "fold": (("huitou.warehouse.tail:run_facts", "before"), ("huitou.apps.builds.services.fold:fold_tail", "after")),
    "switch": (("huitou.warehouse.switch:write_synced", "after"), ("huitou.apps.builds.services.versions:switch", "after")),
    "publish": (
        ("huitou.apps.builds.services.publish:facts_write", "after"),
        ("huitou.apps.builds.services.publish:_Work._mark", "before"),
    ),
}


def work(home: Path, *, with_base: bool) -> None:
    """Two days come and are published, two more are folded, then the night's rebuild. All of it may be repeated."""
    for days, now in (((0, 1), NOW), ((2, 8), NOW + timedelta(minutes=1))):
        for day in days:
            write_day(home / "tills", day, receipts=RECEIPTS)
        source_pull(source_code="pos", now=now)
        cycle_run(now=now)
    if with_base:
        base_run(now=NOW)


def tripped(target: str, moment: str, home: Path, with_base: bool) -> None:
    """Do the work with a tripwire around one function."""
    tripwire(target, moment)
    work(home, with_base=with_base)


def killed_by_clock(delay: float, home: Path) -> None:
    """Do the work until the clock ends it."""
    timer = threading.Timer(delay, os.kill, (os.getpid(), signal.SIGKILL))
    timer.daemon = True
    timer.start()
    work(home, with_base=True)


def connect_tills(home: Path) -> None:
    settings_of_tills = {"folder": str(home / "tills"), "till_key": SETTINGS_KEY}
    source_configure(code="pos", kind_code="pos", settings=settings_of_tills, now=NOW)


def disturb(where: str, home: Path) -> int:
    """Kill the work as often as the place has ways to die; return how often it died."""
    if where == "nowhere":
        return 0
    if where == "clock":
        dice = random.Random(7)
        codes = [in_child(lambda: killed_by_clock(dice.uniform(0.05, 1.5), home)) for _ in range(CLOCK_KILLS)]
    else:
        codes = [in_child(lambda way=way: tripped(*way, home, where == "base")) for way in TRIPWIRES[where]]
    return sum(code == KILLED for code in codes)


QUERIES = {
    "lines": """select o.order_no, l.line_no, l.kind, l.d, l.sold_at, s.code, p.code, l.qty_milli, l.amount_fen, l.discount_fen,
                    l.record_id is null
                from lines as l join orders as o using (net_order_id) join stores as s on s.store_id = l.store_id
                join products as p on p.product_id = l.product_id""",
    "orders": "select order_no, has_sale, d, gross_fen, refund_fen, net_fen, lines_count, record_id is null from orders",
    "facts": f"select {', '.join(LIVE_COLUMNS[1:])} from facts",
    "records per person": "select count(*) from map group by person_id",
    "store days": "select * from store_day",
    "category days": "select * from category_day",
}


def outcome() -> dict[str, object]:
    """
    What readers and the operations database hold, without surrogate ids (a killed run leaves gaps in their sequence).
    """
    warehouse = Warehouse(layout())
    with warehouse.read() as reading:
        found = {name: sorted(map(repr, reading.cursor.execute(sql).fetchall())) for name, sql in QUERIES.items()}
        facts = reading.cursor.execute(f"select {', '.join(COLUMNS)} from facts order by person_id").fetchall()
        number = reading.version.number
    warehouse.close()
    digests = {name: [len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest()] for name, rows in found.items()}
    days = SourceDay.objects.order_by("kind_code", "business_date").values_list("kind_code", "accepted", "quarantined")
    state = PublishState.objects.get()
    return {
        "tables": digests,
        "published equals warehouse": facts == list(PersonFacts.objects.order_by("pk").values_list(*COLUMNS)),
        "published version": state.published_version == number and state.writing_version is None,
        "accepted rows": [list(day) for day in days],
        "waiting": InboxPage.objects.count() + Batch.objects.exclude(state=BatchState.FOLDED).count(),
        "running builds": Build.objects.filter(state=BuildState.RUNNING).count(),
        "left over": sorted(path.name for path in layout().temporary.iterdir()) if layout().temporary.exists() else [],
    }


def scenario(where: str, home: Path) -> dict[str, object]:
    """Copy the installation, disturb the work, finish it undisturbed, and look at the outcome."""
    (home / "tills").mkdir(parents=True)
    copied(home)
    assert in_child(lambda: connect_tills(home)) == 0
    deaths = disturb(where, home)
    assert in_child(lambda: work(home, with_base=where in ("base", "clock"))) == 0
    seen = home / "outcome.json"
    assert in_child(lambda: seen.write_text(json.dumps(outcome()))) == 0
    return {"deaths": deaths, "outcome": json.loads(seen.read_text())}


if __name__ == "__main__":
    loaded()
    print(json.dumps({where: scenario(where, HOME / where) for where in sys.argv[1:]}))
