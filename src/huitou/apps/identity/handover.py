"""What the builds app takes from identity besides the record map."""

from collections.abc import Collection

from django.db.models import F

from huitou.apps.identity.models import Membership, SourceRecord


def erased_record_ids() -> list[int]:
    """Return every record that was ever erased, in order."""
    return list(SourceRecord.objects.exclude(erased_at=None).order_by("pk").values_list("pk", flat=True))


def registration_stores(person_ids: Collection[int]) -> dict[int, int | None]:
    """Return where each of these persons registered: the store of the earliest record that names one; None if none does."""
    owners = dict(Membership.objects.filter(valid_to=None, person_id__in_list=person_ids).values_list("record_id", "person_id"))
    named = SourceRecord.objects.filter(pk__in_list=owners).exclude(store_id=None)
    stores: dict[int, int | None] = dict.fromkeys(person_ids)
    for record_id, store_id in named.order_by(F("registered_at").desc(nulls_first=True), "-pk").values_list("pk", "store_id"):
        stores[owners[record_id]] = store_id
    return stores
