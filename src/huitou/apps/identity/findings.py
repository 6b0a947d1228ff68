"""What a run of the matcher found besides persons: hubs, links and pairs to ask about. Stored in short transactions."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from huitou.apps.base.bulk import chunked, rows_delete, rows_read, rows_write
from huitou.apps.base.pace import Pace
from huitou.apps.base.secrets import keyring
from huitou.apps.identity.component import IN_LIST, hub_context
from huitou.apps.identity.models import Decision, Edge, HubValue, ReviewPair
from huitou.apps.identity.weights import log_odds, weighted_levels
from huitou.core.identity import Resolution

Row = tuple[object, ...]
_EDGE = ("record_a", "record_b", "kind_code", "evidence_code")
_EDGE_FOUND = ("a", "b", "kind", "evidence")  # the same in the matcher's words
REVIEW_COLUMNS = (
    "record_a", "record_b", "reason_code", "probability", "worth", "levels", "found_at", "postponed_at",
)  # fmt: skip
_RENEWED = ("reason_code", "probability", "worth", "levels")  # of a pair that is still asked
_LEVELS_MOST = 500
_HUB = ("kind_code", "value_hash", "value", "record_count", "name_count", "store_id", "reason_code", "found_at")


def edges_write(scope: Collection[int] | None, resolution: Resolution) -> None:
    """
    Make the stored edges of the resolved records what the matcher found; unchanged rows stay, with the weights that were
    true when they were written.
    """
    names = (*_EDGE_FOUND, "levels", "weight")
    found = zip(*(resolution.edges.column(name).to_pylist() for name in names), strict=True)
    edges = {row[:4]: (row[4], row[5]) for row in found}
    known = _stored(Edge, scope, _EDGE)
    _delete(Edge, [pk for row, pk in known.items() if row not in edges])
    for part in Pace().cut(sorted(edges.keys() - known.keys())):
        with transaction.atomic(savepoint=False):
            rows = ((*row, resolution.policy_version, _told(edges[row][0], edges[row][1], resolution)) for row in part)
            update = (_EDGE[3], "policy_version", "levels")
            rows_write(Edge, (*_EDGE, "policy_version", "levels"), rows, conflict=_EDGE[:3], update=update)


def _told(levels: str | None, score: float | None, resolution: Resolution) -> str:
    return weighted_levels(levels, score, resolution.model)[:_LEVELS_MOST] if levels else ""


def reviews_write(scope: Collection[int] | None, resolution: Resolution, now: datetime) -> None:
    """
    Make the stored review pairs what the matcher left for a person; a pair that somebody answered is not asked again.

    A pair that stays keeps its number and who put it off; what an answer is worth changes with the records on both sides.
    """
    review = resolution.review
    found = {(row["a"], row["b"]): row for row in review.to_pylist()} if len(review) else {}
    stored = _stored(ReviewPair, scope, ("record_a", "record_b", "reason_code", "worth"))
    kept = {row[:2]: row[2:] for row in stored if row[:2] in found}
    _delete(ReviewPair, [pk for row, pk in stored.items() if row[:2] not in kept])
    for part in Pace().cut(sorted(pair for pair, row in found.items() if kept.get(pair) != (row["reason"], row["value"]))):
        with transaction.atomic(savepoint=False):
            firsts = [row[0] for row in part]
            said = rows_read(Decision, ("record_a", "record_b"), among={"record_a": firsts}, null=("retired_event_id",))
            answered = set(said)
            rows = [_review_row(found[row], resolution, now) for row in part if row not in answered]
            rows_write(ReviewPair, REVIEW_COLUMNS, rows, conflict=REVIEW_COLUMNS[:2], update=_RENEWED)


def _review_row(pair: Mapping[str, Any], resolution: Resolution, now: datetime) -> Row:
    levels = weighted_levels(pair["levels"], log_odds(pair["probability"]), resolution.model)
    return pair["a"], pair["b"], pair["reason"], pair["probability"], pair["value"], levels[:_LEVELS_MOST], now, None


@transaction.atomic(savepoint=False)
def hubs_write(resolution: Resolution, now: datetime, *, everything: bool) -> set[int]:
    """
    Store the hubs that were not known yet; return the hashes of values that became one or, in a run over everything,
    ceased to be one.
    """
    ring = keyring()
    found = {ring.hash(hub["kind"], hub["value"]): hub for hub in resolution.hubs.to_pylist()} if resolution.hub_count else {}
    if not found and not everything:
        return set()
    known = dict(HubValue.objects.values_list("value_hash", "reason_code"))
    ceased = {value_hash for value_hash, reason in known.items() if reason != "blocked"} - found.keys() if everything else set()
    for part in chunked(ceased, IN_LIST):
        HubValue.objects.filter(value_hash__in_list=part).delete()
    rows = []
    for value_hash in sorted(found.keys() - known.keys()):
        hub = found[value_hash]
        sealed = ring.encrypt(hub["value"].encode(), context=hub_context(hub["kind"], value_hash))
        store = None if hub["store_id"] is None else int(hub["store_id"])
        rows.append((hub["kind"], value_hash, sealed, hub["records"], hub["names"], store, hub["reason"], now))
    rows_write(HubValue, _HUB, rows, skip=True)
    return ceased | {row[1] for row in rows}


def _delete(model: type[Edge] | type[ReviewPair], keys: list[int]) -> None:
    for part in Pace().cut(keys):
        with transaction.atomic(savepoint=False):
            rows_delete(model, among={"pk": part})


def _stored(model: type[Edge] | type[ReviewPair], scope: Collection[int] | None, names: tuple[str, ...]) -> dict[Row, int]:
    """Return the stored rows that touch the scope, by content."""
    if scope is None:
        return {row[1:]: row[0] for row in model._default_manager.values_list("pk", *names).iterator(chunk_size=IN_LIST)}
    found: dict[Row, int] = {}
    for part in chunked(scope, IN_LIST):
        for side in ("record_a", "record_b"):
            found.update({row[1:]: row[0] for row in rows_read(model, ("pk", *names), among={side: part})})
    return found
