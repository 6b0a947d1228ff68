"""
The demo's erasure that finds nobody: a customer asked, then the data came back from a backup of before they were a customer.

The request stands in the journal beside the key file alone, as after a restore, and is taken up from there. The records it names
have landed again, and went to two persons: who of them asked is for people to say.
"""

from datetime import datetime, timedelta

from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries import names_in_reach, persons_in_reach
from huitou.apps.privacy.journal import RequestEntry, request_append, requests_newest
from huitou.apps.privacy.services import erasure_requests_import
from huitou.apps.privacy.services.person_erase import record_keys

_WAITS = timedelta(days=15)
_ASKED_AGO = timedelta(days=2, hours=3)
_PERSONS = 2
_LOOKED_AT = 200  # of the newest; some have no name


def missing_make(*, admin_id: int, agent_id: int, now: datetime) -> None:
    """Let one request wait for its person, unless the journal knows of any."""
    if requests_newest():
        return
    admin = Viewer(admin_id, "admin", None)
    newest = list(persons_in_reach(admin).order_by("-pk").values_list("pk", flat=True)[:_LOOKED_AT])
    names = names_in_reach(admin, newest)
    named = [person_id for person_id in newest if names.get(person_id)][:_PERSONS]
    keys = [found[0] for person_id in named if (found := record_keys(person_id))]
    if len(keys) < _PERSONS:
        return
    asked_at = now - _ASKED_AGO
    request_append(
        RequestEntry(
            person_id=newest[0] + 1, asked_at=asked_at.isoformat(), due_at=(asked_at + _WAITS).isoformat(), asked_by=agent_id,
            reason_code="asked", record_keys=tuple(keys),
        )
    )  # fmt: skip
    erasure_requests_import()
