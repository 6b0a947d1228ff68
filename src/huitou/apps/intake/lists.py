"""The lists of batches and of refused rows (in groups of one batch, kind and reason): of the whole chain, so for its roles."""

from django.db.models import QuerySet, Sum

from huitou.apps.base.filters import filter_q
from huitou.apps.base.listing import Asked, Count, ListPage, Place, rows_count, rows_page, rows_place
from huitou.apps.base.scope import Viewer
from huitou.apps.intake.models import Batch, QuarantineCount


def batch_page(viewer: Viewer, asked: Asked) -> ListPage:
    """Return one page of batches; the subjects of its rows are Batch."""
    return rows_page(_batches_in_reach(viewer), asked)


def batch_count(viewer: Viewer, asked: Asked) -> Count:
    """Return how many batches match."""
    return rows_count(_batches_in_reach(viewer), asked)


def batch_place(viewer: Viewer, asked: Asked) -> Place:
    """Return the batches before and after a position in the list."""
    return rows_place(_batches_in_reach(viewer), asked)


def refused_page(viewer: Viewer, asked: Asked) -> ListPage:
    """Return one page of groups of refused rows; the subjects of its rows are QuarantineCount. No personal data."""
    return rows_page(_groups_in_reach(viewer), asked)


def refused_count(viewer: Viewer, asked: Asked) -> Count:
    """Return how many groups match."""
    return rows_count(_groups_in_reach(viewer), asked)


def refused_place(viewer: Viewer, asked: Asked) -> Place:
    """Return the groups before and after a position in the list."""
    return rows_place(_groups_in_reach(viewer), asked)


def refused_rows(viewer: Viewer, asked: Asked) -> int:
    """Return how many refused rows the matching groups hold together."""
    matching = _groups_in_reach(viewer).filter(filter_q(asked.filters, asked.catalogue, as_of=asked.as_of))
    return matching.aggregate(rows=Sum("row_count"))["rows"] or 0


def batch_in_reach(viewer: Viewer, batch_id: int) -> Batch | None:
    """Return one batch; None for no batch and for a viewer of single stores."""
    return _batches_in_reach(viewer).filter(pk=batch_id).first()


def refused_group(viewer: Viewer, group_id: int) -> QuarantineCount | None:
    """Return one group of refused rows; None for none and for a viewer of single stores."""
    return _groups_in_reach(viewer).filter(pk=group_id).first()


def same_reason_count(viewer: Viewer, reason_code: str) -> int:
    """Return how many groups of refused rows there are for a reason."""
    return _groups_in_reach(viewer).filter(reason_code=reason_code).count()


def refused_groups(viewer: Viewer, batch_id: int) -> list[QuarantineCount]:
    """Return the groups of refused rows of one batch, most rows first."""
    return list(_groups_in_reach(viewer).filter(batch_id=batch_id).order_by("-row_count", "kind_code", "reason_code"))


def _batches_in_reach(viewer: Viewer) -> QuerySet[Batch]:
    return Batch.objects.all() if viewer.store_ids is None else Batch.objects.none()


def _groups_in_reach(viewer: Viewer) -> QuerySet[QuarantineCount]:
    return QuarantineCount.objects.all() if viewer.store_ids is None else QuarantineCount.objects.none()
