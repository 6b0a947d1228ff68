"""
Runs the pipeline in forked children that are killed with -9, and prints what came out as JSON: {where: {deaths, outcome}}.

    HUITOU_HOME=<new installation> python -m tests.apps.builds.kill_driver <where> ...

The next attempt starts the same work from the beginning, as a restarted worker would.
"""

import hashlib
import json
import os
import random
import shutil
import signal
import sys
import threading
from datetime import UTC, datetime, timedelta

from tests.apps.builds.tillchain import SETTINGS_KEY, write_day
from tests.forks import HOME, KILLED, copied, in_child, loaded, moved_to, tripwire

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
TILLS = HOME / "tills"

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


def work(*, with_base: bool) -> None:
    """Two days come and are published, two more are folded, then the night's rebuild. All of it may be repeated."""
    for days, now in (((0, 1), NOW), ((2, 8), NOW + timedelta(minutes=1))):
        for day in days:
            write_day(TILLS, day, receipts=RECEIPTS)
        source_pull(source_code="pos", now=now)
        cycle_run(now=now)
    if with_base:
        base_run(now=NOW)


def tripped(target: str, moment: str, with_base: bool) -> None:
    """Do the work with a tripwire around one function."""
    tripwire(target, moment)
    work(with_base=with_base)


def killed_by_clock(delay: float) -> None:
    """Do the work until the clock ends it."""
    timer = threading.Timer(delay, os.kill, (os.getpid(), signal.SIGKILL))
    timer.daemon = True
    timer.start()
    work(with_base=True)


def connect_tills() -> None:
    TILLS.mkdir()
    source_configure(code="pos", kind_code="pos", settings={"folder": str(TILLS), "till_key": SETTINGS_KEY}, now=NOW)


def disturb(where: str) -> int:
    """Kill the work as often as the place has ways to die; return how often it died."""
    if where == "nowhere":
        return 0
    if where == "clock":
        dice = random.Random(7)
        codes = [in_child(lambda: killed_by_clock(dice.uniform(0.05, 1.5))) for _ in range(CLOCK_KILLS)]
    else:
        codes = [in_child(lambda way=way: tripped(*way, where == "base")) for way in TRIPWIRES[where]]
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


def scenario(where: str) -> int:
    """Disturb the work in a copy of the installation and finish it undisturbed; return how often it died."""
    shutil.rmtree(TILLS)  # what the work before left there would come at once
    copied(HOME / where)
    deaths = disturb(where)
    assert in_child(lambda: work(with_base=where in ("base", "clock"))) == 0
    return deaths


def outcomes(deaths: dict[str, int]) -> None:
    """Print what each scenario left, in a process that did none of the work."""
    found = {}
    for where, times in deaths.items():
        moved_to(HOME / where)
        found[where] = {"deaths": times, "outcome": outcome()}
    print(json.dumps(found), flush=True)


def main(places: list[str]) -> None:
    assert in_child(connect_tills) == 0
    deaths = {where: scenario(where) for where in places}
    assert in_child(lambda: outcomes(deaths)) == 0


if __name__ == "__main__":
    loaded()
    main(sys.argv[1:])
