"""The published purchase facts: one person's for a screen, all of them for the publisher."""

from collections.abc import Iterator

import pyarrow as pa

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


def stored_facts() -> Iterator[pa.Table]:
    """Yield every stored row in order of person, in bounded tables of schema STORED. For the publisher: no viewer, no screen."""
    rows = PersonFacts.objects.order_by("pk").values_list(*COLUMNS).iterator(chunk_size=_READ_ROWS)
    for chunk in chunked(rows, _READ_ROWS):
        columns = zip(*chunk, strict=True)
        yield pa.table([pa.array(values, field.type) for values, field in zip(columns, STORED, strict=True)], schema=STORED)
