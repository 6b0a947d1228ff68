"""Groups of customers: steps in and out come with their records and follow them."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction

from huitou.apps.base.bulk import chunked, rows_any, rows_set, rows_write
from huitou.apps.base.pace import Pace
from huitou.apps.identity.queries import persons_of_records
from huitou.apps.relations.models import CustomerGroup, GroupStep
from huitou.apps.relations.told import Told
from huitou.core.relations import GROUP_JOIN, GROUP_LEAVE, GroupNamed, group_read

_CHUNK = 5_000
_COLUMNS = ("id", "group", "record_id", "person_id", "is_join", "at")


def steps_add(source_code: str, told: Iterable[Told]) -> None:
    """Take the steps that a batch brought; run again it changes nothing. A step without a moment or a group is none."""
    steps = [
        (one, named, one.at)
        for one in told
        if one.type_code in (GROUP_JOIN, GROUP_LEAVE) and one.at is not None and (named := group_read(one.text)) is not None
    ]
    if not steps:
        return
    groups = _groups(source_code, [(named, one.store_id) for one, named, _ in steps])
    persons = persons_of_records({one.record_id for one, _, _ in steps})
    rows = [
        (one.event_id, groups[named.code[:64]], one.record_id, persons.get(one.record_id), one.type_code == GROUP_JOIN, at)
        for one, named, at in steps
    ]
    rows_write(GroupStep, _COLUMNS, rows, conflict=("id",))
    stays_refresh(set(persons.values()))


def _groups(source_code: str, named: Iterable[tuple[GroupNamed, int | None]]) -> dict[str, int]:
    """Return {code: id} of these groups; a new one is added, the newest words on a known one hold."""
    rows = {one.code[:64]: (source_code, one.code[:64], one.title[:100], one.guide[:64], store) for one, store in named}
    columns = ("source_code", "code", "title", "guide", "store_id")
    rows_write(
        CustomerGroup, columns, rows.values(), conflict=("source_code", "code"), update=("title", "guide"), keep=("store_id",)
    )
    return dict(CustomerGroup.objects.filter(source_code=source_code, code__in=list(rows)).values_list("code", "pk"))


def steps_settle() -> None:
    """Look again for the persons behind records that had none, in short transactions: after a load they are many."""
    waiting = GroupStep.objects.filter(person_id=None)
    for part in Pace().cut(list(waiting.order_by("record_id").values_list("record_id", flat=True).distinct())):
        with transaction.atomic():
            found = persons_of_records(part)
            rows_set(GroupStep, "person_id", by="record_id", values=found)
            stays_refresh(set(found.values()))


def steps_follow(person_of: dict[int, int | None], ends: Collection[int]) -> None:
    """Let the steps go with their records. person_of: record -> its person now; ends: everybody who gained or lost one."""
    if rows_any(GroupStep, among={"record_id": person_of}):
        rows_set(GroupStep, "person_id", by="record_id", values=person_of)
        stays_refresh(ends)


def stays_refresh(person_ids: Collection[int]) -> None:
    """Work out again when these persons left what they joined: at the next step of theirs in that group."""
    for part in chunked(sorted(person_ids), _CHUNK):
        steps: dict[tuple[int | None, int], list[GroupStep]] = defaultdict(list)
        for step in GroupStep.objects.filter(person_id__in_list=part).order_by("at", "is_join", "pk"):
            steps[step.person_id, step.group_id].append(step)
        changed = []
        for mine in steps.values():
            after: list[datetime | None] = [*(step.at for step in mine[1:]), None]
            for step, until in zip(mine, after, strict=True):
                left_at = until if step.is_join else None
                if step.left_at != left_at:
                    step.left_at = left_at
                    changed.append(step)
        GroupStep.objects.bulk_update(changed, ["left_at"], batch_size=500)


def steps_drop(*, event_ids: Collection[int] = (), record_ids: Collection[int] = ()) -> None:
    """Delete steps by their events or records; who stays behind is worked out anew."""
    touched: set[int] = set()
    for column, ids in (("pk", event_ids), ("record_id", record_ids)):
        for part in chunked(ids, _CHUNK):
            rows = GroupStep.objects.filter(**{f"{column}__in_list": part})
            touched |= {person for person in rows.values_list("person_id", flat=True) if person is not None}
            rows.delete()
    stays_refresh(touched)
