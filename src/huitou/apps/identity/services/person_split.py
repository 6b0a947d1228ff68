"""Say that some records of a person are somebody else's."""

from collections.abc import Collection
from datetime import datetime
from itertools import product

from django.db import transaction

from huitou.apps.customers.services import person_ids_reserve
from huitou.apps.identity.changes import Author, changes_write, hooks_run, map_lock
from huitou.apps.identity.decisions import decisions_retire, decisions_write
from huitou.apps.identity.models import IdentityEvent, Verdict
from huitou.apps.identity.refresh import persons_refresh
from huitou.apps.identity.services.errors import NotAProperPart
from huitou.apps.identity.services.person_merge import records_of
from huitou.core.identity import DEFAULT_POLICY
from huitou.core.identity.changes import kept_together, parted


@transaction.atomic
def person_split(*, person_id: int, record_ids: Collection[int], by: int, reason: str, now: datetime) -> IdentityEvent:
    """
    Part these records from the rest of the person. The id stays with the larger part; the other becomes a new person.

    The word is kept: later runs of the matcher do not bring a record of one part together with one of the other.
    Raises PersonNotLive, NotAProperPart.
    """
    map_lock()
    records = records_of(person_id)
    chosen, rest = sorted(set(record_ids)), sorted(set(records) - set(record_ids))
    if not chosen or not rest or not set(chosen) <= set(records):
        raise NotAProperPart(f"records {chosen} are no proper part of person {person_id}")
    (fresh,) = person_ids_reserve(1)
    change = parted(person_id, chosen, rest, fresh)
    author = Author(by=by, reason=reason, policy_version=DEFAULT_POLICY.version, now=now)
    (event,) = changes_write([change], author)
    retired = decisions_retire(event, chosen, rest, verdict=Verdict.SAME)
    decisions_write(event, product(chosen, rest), verdict=Verdict.DIFFERENT)
    decisions_write(event, kept_together(chosen, rest, retired), verdict=Verdict.SAME)
    persons_refresh({person_id, fresh}, now=now)
    hooks_run([change], [event])
    return event
