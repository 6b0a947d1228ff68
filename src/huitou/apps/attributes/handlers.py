"""Handlers of hooks: observations land, follow their record from person to person, and go with it."""

from collections.abc import Collection, Iterable
from datetime import UTC
from typing import Any

from django.db import transaction

from huitou.apps.attributes.definitions import attributes_by_code, choices_of
from huitou.apps.attributes.models import Attribute, AttributeValue
from huitou.apps.attributes.values import current_refresh, spelled, value_columns
from huitou.apps.base.bulk import chunked, rows_any, rows_set, rows_write
from huitou.apps.base.hooks import BatchesApplied, BatchesWithdrawn, BatchLanded, IdentityChange, PersonCopy, PersonErased
from huitou.apps.base.secrets import keyring
from huitou.apps.base.storage import layout
from huitou.apps.identity.queries import persons_of_records
from huitou.core.attributes import OBSERVATION
from huitou.warehouse.landing.read import read_table

_CHUNK = 5_000
_COLUMNS = (
    "attribute_id", "event_id", "record_id", "person_id", "source_code", "observed_at", "text_value", "number_value",
    "date_value", "flag_value", "sealed", "match_hash", "is_readable", "is_current",
)  # fmt: skip


@transaction.atomic
def observations_apply(landed: BatchLanded) -> None:
    """
    Handle BATCH_LANDED; run again it changes nothing.

    An observation of an attribute that nobody defined stays in the landing; defining it and replaying brings it in.
    """
    rows = [row for row in _events(landed.source_code, landed.batch_id) if row["record_id"] is not None]
    if not rows:
        return
    texts = {
        row["subject_id"]: row["text"]
        for row in read_table(layout(), landed.source_code, landed.batch_id, "texts", keyring()).to_pylist()
        if row["subject_kind"] == "event"
    }
    known = attributes_by_code(row["type_code"].removeprefix(OBSERVATION) for row in rows)
    for part in chunked(rows, _CHUNK):
        current_refresh(_add(landed.source_code, part, texts, known))


def _add(
    source_code: str, rows: list[dict[str, Any]], texts: dict[int, str], known: dict[str, Attribute]
) -> set[int]:  # fmt: skip
    persons = persons_of_records({row["record_id"] for row in rows})
    stored = []
    for row in rows:
        attribute, text = known.get(row["type_code"].removeprefix(OBSERVATION)), texts.get(row["event_id"], "")
        if attribute is None or not text.strip():
            continue
        columns = value_columns(attribute, row["record_id"], text)
        told = {
            "attribute_id": attribute.pk, "event_id": row["event_id"], "record_id": row["record_id"],
            "person_id": persons.get(row["record_id"]), "source_code": source_code,
            "observed_at": row["occurred_at"].replace(tzinfo=UTC), "is_current": False, **columns,
        }  # fmt: skip
        stored.append(tuple(told[name] for name in _COLUMNS))
    rows_write(AttributeValue, _COLUMNS, stored, conflict=("event_id",))
    return set(persons.values())


def _events(source_code: str, batch_id: int) -> list[dict[str, Any]]:
    rows = read_table(layout(), source_code, batch_id, "events", keyring()).to_pylist()
    return [row for row in rows if row["type_code"].startswith(OBSERVATION)]


@transaction.atomic
def observations_settle(applied: BatchesApplied) -> None:
    """Handle BATCHES_APPLIED: the persons behind new records are known now."""
    waiting = AttributeValue.objects.filter(person_id=None)
    found: set[int] = set()
    for part in chunked(waiting.order_by("record_id").values_list("record_id", flat=True).distinct(), _CHUNK):
        persons = persons_of_records(part)
        rows_set(AttributeValue, "person_id", by="record_id", values=persons)
        found |= set(persons.values())
    current_refresh(found)


def observations_follow(change: IdentityChange) -> None:
    """Handle MERGE, SPLIT and UNDO; run again it changes nothing."""
    person_of = change.person_of()
    if rows_any(AttributeValue, among={"record_id": person_of}):
        rows_set(AttributeValue, "person_id", by="record_id", values=person_of)
        for part in chunked(person_of, _CHUNK):
            AttributeValue.objects.filter(record_id__in_list=part).update(is_current=False)
        current_refresh(change.ends())


@transaction.atomic
def observations_withdraw(withdrawn: BatchesWithdrawn) -> None:
    """Handle BATCHES_WITHDRAWN: what they said goes; what was said before is true again."""
    ids = [row["event_id"] for batch_id in withdrawn.batch_ids for row in _events(withdrawn.source_code, batch_id)]
    current_refresh(_drop(ids))


def _drop(event_ids: Iterable[int]) -> set[int]:
    touched: set[int] = set()
    for part in chunked(event_ids, _CHUNK):
        rows = AttributeValue.objects.filter(event_id__in_list=part)
        touched |= {person for person in rows.values_list("person_id", flat=True) if person is not None}
        rows.delete()
    return touched


def observations_erase(erased: PersonErased) -> None:
    """Handle ERASE: what was observed of the person goes."""
    records: Collection[int] = erased.record_ids
    for part in chunked(records, _CHUNK):
        AttributeValue.objects.filter(record_id__in_list=part).delete()
    AttributeValue.objects.filter(person_id=erased.person_id).delete()


def person_copied(asked: PersonCopy) -> dict[str, Any]:
    """Handle PERSON_COPY: every observation in clear, unreadable ones too, with its source."""
    known = {one.pk: one for one in Attribute.objects.all()}
    rows = AttributeValue.objects.filter(record_id__in_list=list(asked.record_ids)).order_by("attribute_id", "observed_at", "pk")
    titles = {one.pk: {choice.code: choice.title for choice in choices_of(one)} for one in known.values()}
    return {
        "attributes": [
            {
                "attribute": known[row.attribute_id].title,
                "value": titles[row.attribute_id].get(value, value),
                "source": row.source_code,
                "observed_at": row.observed_at.isoformat(),
                "is_current": row.is_current,
            }
            for row in rows
            if row.attribute_id in known
            for value in [spelled(known[row.attribute_id], row)]
        ]
    }
