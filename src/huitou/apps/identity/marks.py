"""Which stored records wait for their person to be sought."""

from collections.abc import Collection, Sequence

from django.db.models import Max

from huitou.apps.base.bulk import chunked, rows_write
from huitou.apps.identity.models import ResolveMark

_LIST = 20_000


def marks_set(record_ids: Sequence[int]) -> None:
    """Mark records; a mark from before is replaced. Call it in the transaction that stores them."""
    ResolveMark.objects.filter(record_id__in_list=list(record_ids)).delete()
    rows_write(ResolveMark, ("record_id",), ((record_id,) for record_id in record_ids))


def last_mark() -> int:
    """Return the number of the newest mark; 0 without any."""
    return ResolveMark.objects.aggregate(last=Max("id"))["last"] or 0


def marked_records(*, upto: int) -> list[int]:
    """Return the records whose mark is not newer than `upto`, in order of record."""
    return list(ResolveMark.objects.filter(pk__lte=upto).order_by("record_id").values_list("record_id", flat=True))


def marks_clear(record_ids: Collection[int], *, upto: int) -> None:
    """Take the marks off; newer ones stay."""
    for part in chunked(record_ids, _LIST):
        ResolveMark.objects.filter(record_id__in_list=part, pk__lte=upto).delete()
