"""Which stored records wait for their person to be sought."""

from collections.abc import Collection, Sequence

from huitou.apps.base.bulk import chunked, rows_delete, rows_read, rows_write, sql_run
from huitou.apps.identity.models import ResolveMark

_LIST = 20_000


def marks_set(record_ids: Sequence[int], *, is_bulk: bool = False) -> None:
    """Mark records; a mark from before is replaced. Call it in the transaction that stores them."""
    rows_delete(ResolveMark, among={"record_id": record_ids})
    rows_write(ResolveMark, ("record_id", "is_bulk"), ((record_id, is_bulk) for record_id in record_ids))


def last_mark() -> int:
    """Return the number of the newest mark; 0 without any."""
    return sql_run(f"select max(id) from {ResolveMark._meta.db_table}")[0][0] or 0  # noqa: S608 - a name from the model


def marked_records(*, upto: int, is_bulk: bool = False) -> list[int]:
    """Return the records whose mark is not newer than `upto`, in order of record: those of back-fills or the others."""
    return list(
        ResolveMark.objects.filter(pk__lte=upto, is_bulk=is_bulk).order_by("record_id").values_list("record_id", flat=True)
    )


def marks_clear(record_ids: Collection[int], *, upto: int) -> None:
    """Take the marks off; newer ones stay."""
    for part in chunked(record_ids, _LIST):
        old = [pk for (pk,) in rows_read(ResolveMark, ("pk",), among={"record_id": part}) if pk <= upto]
        rows_delete(ResolveMark, among={"pk": old})
