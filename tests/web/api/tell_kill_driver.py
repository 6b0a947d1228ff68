"""
Tells of a customer over the interface in forked children that are killed with -9, and prints what was left: {where: {...}}.

    HUITOU_HOME=<new installation> python -m tests.web.api.tell_kill_driver <where> ...

Every place to die has an installation of its own in which one customer is known. The request says that a second record is the
same one. A tripwire behind one function of the product ends the child when that function's work is done.
"""

import importlib
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.apps import apps
from django.test import Client
from tests.forks import HOME, KILLED, copied, in_child, loaded, tripwire

from huitou.apps.base.idempotency import ABANDONED_AFTER
from huitou.apps.intake.services import source_configure
from huitou.connectors.webhooks import signature

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
SECRET = "a-secret-of-the-source"
SERVICES = "huitou.apps.identity.services"
TRIPWIRES = {
    "key": "huitou.apps.base.idempotency:_reserve",
    "kept": f"{SERVICES}.customer_tell:events_receive",
    "numbered": f"{SERVICES}.record_upsert:documents_reserve",
    "stored": f"{SERVICES}.record_upsert:versions_store",
    "linked": f"{SERVICES}.arrivals_resolve:edges_write",
    "moved": f"{SERVICES}.arrivals_resolve:changes_write",
    "file": f"{SERVICES}.arrivals_resolve:persons_refresh",
    "resolved": f"{SERVICES}.customer_tell:record_upsert",
    "committed": "huitou.web.api.once:answer_once",
}
SAID_OF_CALLERS = {"base.idempotencykey", "gateway.ratewindow"}  # of the call, not of the customer


def tell(number: str, now: datetime = NOW) -> tuple[int, dict[str, object]]:
    """Tell of record `number` of one and the same customer, as a till does; return status and answer."""
    for module in ("huitou.web.api.access", "huitou.web.api.once", "huitou.web.api.identities"):
        setattr(importlib.import_module(module), "utc_now", lambda: now)  # noqa: B010 - a clock in place of the real one
    customer = {"id": number, "phone": "13912345678", "name": "王小芳"}
    told = {"source": "app", "id": f"e-{number}", "occurred_at": "2026-11-20T10:00:00+08:00", "customer": customer}
    body, stamp = json.dumps(told).encode(), int(now.timestamp())
    headers = {
        "X-Huitou-Timestamp": str(stamp), "X-Huitou-Signature": signature(SECRET, stamp, body), "Idempotency-Key": number,
    }  # fmt: skip
    answer = Client().post("/api/v1/identities/tell", body, content_type="application/json", headers=headers)
    return answer.status_code, answer.json()


def prepare() -> None:
    source_configure(code="app", kind_code="events", settings={"secret": SECRET}, now=NOW)
    assert tell("c1")[0] == 200


def tripped(target: str) -> None:
    """Tell of the second record with a tripwire behind one function."""
    tripwire(target)
    tell("c2")


def counts() -> dict[str, int]:
    """Return how many rows every table has that says something of customers."""
    return {
        model._meta.label_lower: model._default_manager.count()
        for model in apps.get_models()
        if model._meta.label_lower not in SAID_OF_CALLERS
    }


def seen(action: Callable[[], object], home: Path) -> object:
    """Run an action in a child and return what it returned, as JSON."""
    path = home / "seen.json"
    assert in_child(lambda: path.write_text(json.dumps(action()))) == 0
    return json.loads(path.read_text())


def scenario(where: str, home: Path, before: object) -> dict[str, object]:
    """Kill the call at one place ("nowhere": no); the next process looks at what it left and makes it again."""
    home.mkdir()
    copied(home)
    died = in_child(lambda: tripped(TRIPWIRES[where])) == KILLED if where in TRIPWIRES else False

    def again() -> dict[str, object]:
        left = counts() == before
        at_once, later = tell("c2"), tell("c2", NOW + ABANDONED_AFTER + timedelta(minutes=1))
        return {"died": died, "left": left, "at_once": at_once, "later": later}

    found = seen(again, home)
    assert isinstance(found, dict)
    return found | {"end": seen(counts, home)}


def main(places: list[str]) -> None:
    assert in_child(prepare) == 0
    before = seen(counts, HOME)  # every place begins with a copy of this
    print(json.dumps({where: scenario(where, HOME / where, before) for where in places}))


if __name__ == "__main__":
    loaded()
    main(sys.argv[1:])
