"""The published purchase facts: one person's for a screen, all of them for the publisher."""

from collections.abc import Collection, Iterator, Sequence

import pyarrow as pa
from django.db.models import Count

from huitou.apps.base.bulk import chunked
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.models import PersonFacts
from huitou.apps.customers.queries.person import persons_in_reach
from huitou.warehouse.facts_schema import COLUMNS
from huitou.warehouse.queries.changes import STORED

_READ_ROWS = 50_000


def published_facts(viewer: Viewer, person_id: int) -> PersonFacts | None:
    """Return the facts of a living person in reach; None when nothing is published about the person yet."""
    reached = persons_in_reach(viewer).filter(pk=person_id)  # cut first: SQLite lists the whole subquery
    return PersonFacts.objects.filter(person__in=reached, pk=person_id).first()


def top_categories(viewer: Viewer, person_ids: Collection[int]) -> dict[int, list[int]]:
    """Return the categories that persons in reach spent most on, up to three each, most first; whoever has none is left out."""
    reached = persons_in_reach(viewer).filter(pk__in_list=sorted(person_ids))
    rows = PersonFacts.objects.filter(person__in=reached)
    told = rows.values_list("pk", "top_category_id", "second_category_id", "third_category_id")
    return {person_id: found for person_id, *ids in told if (found := [one for one in ids if one is not None])}


def facts_coverage(names: Sequence[str]) -> dict[str, int]:
    """Return for how many persons each of these facts (by the names of the filter fields) has an answer. Counts only."""
    columns = {name: name if name in COLUMNS else f"{name}_id" for name in names}
    counted = PersonFacts.objects.aggregate(**{name: Count(column) for name, column in columns.items()})
    return {name: counted[name] for name in names}


def stored_facts() -> Iterator[pa.Table]:
    """Yield every stored row in order of person, in bounded tables of schema STORED. For the publisher: no viewer, no screen."""
    rows = PersonFacts.objects.order_by("pk").values_list(*COLUMNS).iterator(chunk_size=_READ_ROWS)
    for chunk in chunked(rows, _READ_ROWS):
        columns = zip(*chunk, strict=True)
        yield pa.table([pa.array(values, field.type) for values, field in zip(columns, STORED, strict=True)], schema=STORED)
