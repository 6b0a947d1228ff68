"""Handlers: events of a landed batch come in, follow their record from person to person, and go with it."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime
from typing import Any

from django.db import transaction

from huitou.apps.base.bulk import chunked, rows_any, rows_set, rows_write
from huitou.apps.base.hooks import BatchesApplied, BatchesWithdrawn, BatchLanded, IdentityChange, PersonCopy, PersonErased
from huitou.apps.base.secrets import keyring
from huitou.apps.base.storage import layout
from huitou.apps.behaviour.models import BehaviourEvent, BehaviourFacts, PersonContact
from huitou.apps.behaviour.texts import text_open, text_seal
from huitou.apps.identity.queries import persons_of_records
from huitou.core.attributes import OBSERVATION
from huitou.core.periods import business_date
from huitou.core.relations import RELATION
from huitou.core.value.contacts import EVENT_TYPES, RESPONSE, touches_counted
from huitou.warehouse.landing.read import read_table

_CHUNK = 5_000
_COLUMNS = (
    "id", "source_code", "event_no", "type_code", "record_id", "person_id", "occurred_at", "occurred_on", "store_id",
    "product_id", "rating", "text",
)  # fmt: skip
_OTHERS = (OBSERVATION, RELATION)  # of the apps attributes and relations
# type -> the fact that holds its last day
FACT_OF_TYPE = {
    "view": "last_view_on", "search": "last_search_on", "add_to_cart": "last_cart_on", "pay": "last_pay_on",
    "review": "last_review_on", "community": "last_community_on",
}  # fmt: skip
_FACTS = (*FACT_OF_TYPE.values(), "last_rating")


@transaction.atomic
def events_apply(landed: BatchLanded) -> None:
    """Handle BATCH_LANDED; run again it changes nothing."""
    rows = read_table(layout(), landed.source_code, landed.batch_id, "events", keyring()).to_pylist()
    rows = [row for row in rows if not row["type_code"].startswith(_OTHERS)]
    touched: set[int] = set()
    if rows:
        texts = {
            row["subject_id"]: row["text"]
            for row in read_table(layout(), landed.source_code, landed.batch_id, "texts", keyring()).to_pylist()
            if row["subject_kind"] == "event"
        }
        for part in chunked(rows, _CHUNK):
            touched |= _events_add(landed.source_code, part, texts)
    touched |= _persons_find()
    facts_refresh(touched)


def _events_add(source_code: str, rows: list[dict[str, Any]], texts: dict[int, str]) -> set[int]:
    persons = persons_of_records({row["record_id"] for row in rows if row["record_id"] is not None})
    stored = []
    for row in rows:
        event_id, text = row["event_id"], texts.get(row["event_id"])
        moment = row["occurred_at"].replace(tzinfo=UTC)
        stored.append((
            event_id, source_code, row["event_no"], row["type_code"], row["record_id"], persons.get(row["record_id"] or 0),
            moment, business_date(moment), row["store_id"], row["product_id"], row["rating"],
            None if text is None else text_seal(event_id, text),
        ))  # fmt: skip
    rows_write(BehaviourEvent, _COLUMNS, stored, conflict=("id",))
    return set(persons.values())


@transaction.atomic
def events_settle(applied: BatchesApplied) -> None:
    """Handle BATCHES_APPLIED: the persons behind new records are known now."""
    facts_refresh(_persons_find())


def _persons_find() -> set[int]:
    """An event may come before its customer: look again for those whose record had no person yet."""
    found: set[int] = set()
    waiting = BehaviourEvent.objects.filter(person_id=None).exclude(record_id=None)
    records = list(waiting.order_by("record_id").values_list("record_id", flat=True).distinct())
    for part in chunked(records, _CHUNK):
        persons = persons_of_records([record for record in part if record is not None])
        rows_set(BehaviourEvent, "person_id", by="record_id", values=persons)
        found |= set(persons.values())
    return found


def facts_refresh(person_ids: Collection[int]) -> None:
    """Work out again when these persons last did each thing, and on which channels they answer."""
    for part in chunked(sorted(person_ids), _CHUNK):
        _contacts_refresh(part)
        facts: dict[int, dict[str, date | int]] = {}
        events = BehaviourEvent.objects.filter(person_id__in_list=part, type_code__in=FACT_OF_TYPE).order_by("occurred_at", "id")
        for person_id, type_code, occurred_at, rating in events.values_list("person_id", "type_code", "occurred_at", "rating"):
            own = facts.setdefault(person_id or 0, {})
            own[FACT_OF_TYPE[type_code]] = business_date(occurred_at)
            if rating is not None:
                own["last_rating"] = rating
        BehaviourFacts.objects.filter(person_id__in=[person for person in part if person not in facts]).delete()
        rows = [(person_id, *(own.get(name) for name in _FACTS)) for person_id, own in sorted(facts.items())]
        rows_write(BehaviourFacts, ("person", *_FACTS), rows, conflict=("person",), update=_FACTS)


def _contacts_refresh(person_ids: Collection[int]) -> None:
    told: dict[tuple[int, str], list[tuple[datetime, bool]]] = defaultdict(list)
    events = BehaviourEvent.objects.filter(person_id__in_list=list(person_ids), type_code__in=list(EVENT_TYPES))
    for person_id, type_code, moment in events.values_list("person_id", "type_code", "occurred_at"):
        kind, channel = EVENT_TYPES[type_code]
        told[person_id or 0, channel].append((moment, kind == RESPONSE))
    rows = [(*cell, *touches_counted(moments)) for cell, moments in sorted(told.items())]
    PersonContact.objects.filter(person_id__in_list=list(person_ids)).delete()
    rows_write(PersonContact, ("person_id", "channel_code", "touches", "answers"), [row for row in rows if row[2]])


def events_follow(change: IdentityChange) -> None:
    """Handle MERGE, SPLIT and UNDO; run again it changes nothing."""
    person_of = change.person_of()
    if rows_any(BehaviourEvent, among={"record_id": person_of}):
        rows_set(BehaviourEvent, "person_id", by="record_id", values=person_of)
        facts_refresh(change.ends())


def events_withdraw(withdrawn: BatchesWithdrawn) -> None:
    """Handle BATCHES_WITHDRAWN: the events they brought go; no other batch brought the same."""
    ids: set[int] = set()
    for batch_id in withdrawn.batch_ids:
        ids |= set(read_table(layout(), withdrawn.source_code, batch_id, "events", keyring())["event_id"].to_pylist())
    facts_refresh(_drop(sorted(ids)))


def _drop(event_ids: Iterable[int]) -> set[int]:
    touched: set[int] = set()
    for part in chunked(event_ids, _CHUNK):
        events = BehaviourEvent.objects.filter(pk__in_list=part)
        touched |= {person for person in events.values_list("person_id", flat=True) if person is not None}
        events.delete()
    return touched


def events_erase(erased: PersonErased) -> None:
    """Handle ERASE: text and link to the person go, the event stays counted."""
    for part in chunked(erased.record_ids, _CHUNK):
        BehaviourEvent.objects.filter(record_id__in_list=part).update(text=None, record_id=None, person_id=None)
    facts_refresh([erased.person_id])


def person_copied(asked: PersonCopy) -> dict[str, Any]:
    """Handle PERSON_COPY: everything the person did, texts in clear."""
    events = BehaviourEvent.objects.filter(record_id__in_list=list(asked.record_ids)).order_by("occurred_at", "pk")
    return {
        "behaviour": [
            {
                "source": event.source_code,
                "event_no": event.event_no,
                "type": event.type_code,
                "occurred_at": event.occurred_at.isoformat(),
                "rating": event.rating,
                "text": text_open(event.pk, event.text),
            }
            for event in events
        ]
    }
