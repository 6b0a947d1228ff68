"""Handlers of hooks: relations follow who holds what, and go with the person."""

from typing import Any

from django.db.models import Q

from huitou.apps.base.hooks import BatchesApplied, FactsPublished, HoldingsChanged, IdentityChange, PersonCopy, PersonErased
from huitou.apps.customers.queries import merged_into
from huitou.apps.relations.facts import facts_refresh
from huitou.apps.relations.household import marks_add, marks_wait, ties_settle
from huitou.apps.relations.models import HouseholdTie

_AT_ONCE = 500  # values drawn beside the change itself; more wait for the next cycle


def holdings_changed(change: HoldingsChanged) -> None:
    """Handle HOLDINGS_CHANGED."""
    marks_add(change.value_hashes)


def batches_applied(applied: BatchesApplied) -> None:
    """Handle BATCHES_APPLIED: a live batch concerns few; a back-fill waits for the cycle."""
    if marks_wait(at_most=_AT_ONCE):
        ties_settle(now=applied.now)


def facts_published(published: FactsPublished) -> None:
    """Handle FACTS_PUBLISHED: draw all that waits, whoever brought it."""
    ties_settle(now=published.now)


def person_changed(change: IdentityChange) -> None:
    """Handle MERGE, SPLIT and UNDO; run again it changes nothing."""
    if marks_wait(at_most=_AT_ONCE):
        ties_settle(now=change.at)


def person_erased(erased: PersonErased) -> None:
    """Handle ERASE: no tie names the person any more; the others' are drawn anew."""
    ids = [erased.person_id, *merged_into(erased.person_id)]
    named = HouseholdTie.objects.filter(Q(person_id__in=ids) | Q(other_id__in=ids))
    open_ties = list(named.filter(valid_to=None).values_list("value_hash", "other_id"))
    named.delete()
    marks_add({value for value, _ in open_ties})
    facts_refresh({*ids, *(other for _, other in open_ties)})
    if marks_wait(at_most=_AT_ONCE):
        ties_settle(now=erased.at)


def person_copied(asked: PersonCopy) -> dict[str, Any]:
    """Handle PERSON_COPY: that others share a phone, card or home, how many and since when; not who, that is theirs."""
    ties = HouseholdTie.objects.filter(person_id=asked.person_id).order_by("valid_from", "pk")
    household = [
        {
            "shared": tie.kind_code,
            "since": None if tie.since is None else tie.since.isoformat(),
            "from": tie.valid_from.isoformat(),
            "to": None if tie.valid_to is None else tie.valid_to.isoformat(),
        }
        for tie in ties
    ]
    return {"household": household} if household else {}
