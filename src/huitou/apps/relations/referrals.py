"""Referrals: both halves of a pair come in, follow their records, and the first that was said of a person counts."""

from collections.abc import Collection, Iterable

from django.db import transaction
from django.db.models import Q

from huitou.apps.base.bulk import chunked, rows_any, rows_set, rows_write
from huitou.apps.base.pace import Pace
from huitou.apps.base.secrets import keyring
from huitou.apps.identity.queries import persons_of_records
from huitou.apps.relations.facts import facts_refresh
from huitou.apps.relations.models import Referral
from huitou.apps.relations.told import Told
from huitou.core.relations import REFERRED, REFERRER

_CHUNK = 5_000
_KEY = ("source_code", "pair_no")
_HALVES = {
    REFERRED: ("referred_event_id", "record_id", "person_id", "said_at"),
    REFERRER: ("referrer_event_id", "referrer_record_id", "referrer", "said_at"),
}
_SIDES = (("record_id", "person_id"), ("referrer_record_id", "referrer"))


def referrals_add(source_code: str, told: Iterable[Told]) -> None:
    """Take the halves that an applied batch brought; run again it changes nothing."""
    halves = [one for one in told if one.type_code in _HALVES and one.text]
    persons = persons_of_records({one.record_id for one in halves})
    touched: set[int] = set(persons.values())
    for type_code, columns in _HALVES.items():
        rows = [
            (source_code, _pair_no(one.text), one.event_id, one.record_id, persons.get(one.record_id), one.at)
            for one in halves
            if one.type_code == type_code
        ]
        rows_write(Referral, (*_KEY, *columns), rows, conflict=_KEY, keep=columns)
    current_refresh(touched)


def _pair_no(text: str) -> str:
    """Return the source's number of a pair, hashed with the key: sources without numbers of their own put phones into it."""
    return f"{keyring().hash('referral', text):x}"


def referrals_settle() -> None:
    """Look again for the persons behind records that had none, in short transactions: after a load they are many."""
    for record, person in _SIDES:
        waiting = Referral.objects.filter(**{person: None, f"{record}__isnull": False})
        for part in Pace().cut(list(waiting.order_by(record).values_list(record, flat=True).distinct())):
            with transaction.atomic():
                found = persons_of_records(part)
                rows_set(Referral, person, by=record, values=found)
                current_refresh(set(found.values()))


def referrals_follow(person_of: dict[int, int | None], ends: Collection[int]) -> None:
    """Let the halves go with their records. person_of: record -> its person now; ends: everybody who gained or lost one."""
    if not any(rows_any(Referral, among={record: person_of}) for record, _ in _SIDES):
        return
    for record, person in _SIDES:
        rows_set(Referral, person, by=record, values=person_of)
    for part in chunked([record_id for record_id, person_id in person_of.items() if person_id is None], _CHUNK):
        Referral.objects.filter(record_id__in_list=part, is_current=True).update(is_current=False)
    current_refresh(ends)


def current_refresh(person_ids: Collection[int]) -> None:
    """Mark of every referral that concerns these persons whether it counts, and write the facts of all concerned."""
    concerned: set[int] = set(person_ids)
    referred: set[int] = set()
    for part in chunked(sorted(person_ids), _CHUNK):
        rows = Referral.objects.filter(Q(person_id__in_list=part) | Q(referrer_id__in=part))
        referred |= {one for one in rows.values_list("person_id", flat=True) if one is not None}
    for part in chunked(sorted(referred), _CHUNK):
        first: dict[int, int] = {}
        was, now = set(), set()
        for row in sorted(Referral.objects.filter(person_id__in_list=part), key=_order):
            concerned |= {one for one in (row.person_id, row.referrer_id) if one is not None}
            if row.is_current:
                was.add(row.pk)
            if row.referrer_id not in (None, row.person_id) and first.setdefault(row.person_id or 0, row.pk) == row.pk:
                now.add(row.pk)
        for ids, counts in ((was - now, False), (now - was, True)):
            Referral.objects.filter(pk__in_list=sorted(ids)).update(is_current=counts)
    facts_refresh(concerned)


def _order(row: Referral) -> tuple[bool, float, int]:
    """What is dated goes before what is not."""
    return row.said_at is None, row.said_at.timestamp() if row.said_at else 0.0, row.pk


def referrals_drop(condition: Q) -> None:
    """Delete referrals; who stays behind is counted anew."""
    rows = list(Referral.objects.filter(condition).values_list("pk", "person_id", "referrer_id"))
    for part in chunked([pk for pk, _, _ in rows], _CHUNK):
        Referral.objects.filter(pk__in_list=part).delete()
    current_refresh({person for _, *pair in rows for person in pair if person is not None})
