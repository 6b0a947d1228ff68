"""Handlers of hooks: relations come with batches, follow records and holdings from person to person, and go with them."""

from typing import Any

from django.db import transaction
from django.db.models import Q

from huitou.apps.base.hooks import (
    BatchesApplied,
    BatchesWithdrawn,
    BatchLanded,
    FactsPublished,
    HoldingsChanged,
    IdentityChange,
    PersonCopy,
    PersonErased,
)
from huitou.apps.customers.queries import merged_into
from huitou.apps.relations.copying import household_copy, referrals_copy, steps_copy
from huitou.apps.relations.facts import facts_refresh
from huitou.apps.relations.groups import steps_add, steps_drop, steps_follow, steps_settle
from huitou.apps.relations.household import marks_add, marks_wait, ties_settle
from huitou.apps.relations.models import HouseholdTie
from huitou.apps.relations.referrals import referrals_add, referrals_drop, referrals_follow, referrals_settle
from huitou.apps.relations.told import events_told, relations_told

_AT_ONCE = 500  # values drawn beside the change itself; more wait for the next cycle


@transaction.atomic
def batch_landed(landed: BatchLanded) -> None:
    """Handle BATCH_LANDED; run again it changes nothing."""
    told = relations_told(landed.source_code, landed.batch_id)
    if told:
        referrals_add(landed.source_code, told)
        steps_add(landed.source_code, told)


def batches_applied(applied: BatchesApplied) -> None:
    """Handle BATCHES_APPLIED: the persons are known now. A live batch concerns few values; a back-fill waits for the cycle."""
    referrals_settle()
    steps_settle()
    if marks_wait(at_most=_AT_ONCE):
        ties_settle(now=applied.now)


@transaction.atomic
def batches_withdrawn(withdrawn: BatchesWithdrawn) -> None:
    """Handle BATCHES_WITHDRAWN: what they told goes; no other batch told the same."""
    ids = [event for batch_id in withdrawn.batch_ids for event in events_told(withdrawn.source_code, batch_id)]
    referrals_drop(Q(referred_event_id__in_list=ids) | Q(referrer_event_id__in_list=ids))
    steps_drop(event_ids=ids)


def holdings_changed(change: HoldingsChanged) -> None:
    """Handle HOLDINGS_CHANGED."""
    marks_add(change.value_hashes)


def facts_published(published: FactsPublished) -> None:
    """Handle FACTS_PUBLISHED: draw all that waits, whoever brought it."""
    ties_settle(now=published.now)


def person_changed(change: IdentityChange) -> None:
    """Handle MERGE, SPLIT and UNDO; run again it changes nothing."""
    person_of, ends = change.person_of(), change.ends()
    referrals_follow(person_of, ends)
    steps_follow(person_of, ends)
    if marks_wait(at_most=_AT_ONCE):
        ties_settle(now=change.at)


def person_erased(erased: PersonErased) -> None:
    """Handle ERASE: nothing names the person any more; what the others have is drawn anew."""
    ids, records = [erased.person_id, *merged_into(erased.person_id)], list(erased.record_ids)
    referrals_drop(Q(record_id__in_list=records) | Q(referrer_record_id__in_list=records))
    steps_drop(record_ids=records)
    named = HouseholdTie.objects.filter(Q(person_id__in=ids) | Q(other_id__in=ids))
    open_ties = list(named.filter(valid_to=None).values_list("value_hash", "other_id"))
    named.delete()
    marks_add({value for value, _ in open_ties})
    facts_refresh({*ids, *(other for _, other in open_ties)})
    if marks_wait(at_most=_AT_ONCE):
        ties_settle(now=erased.at)


def person_copied(asked: PersonCopy) -> dict[str, Any]:
    """Handle PERSON_COPY: what is known of the person's relations; not with whom, that is theirs."""
    sections = {
        "household": household_copy(asked.person_id),
        "referrals": referrals_copy(asked.person_id),
        "groups": steps_copy(asked.person_id),
    }
    return {name: rows for name, rows in sections.items() if rows}
