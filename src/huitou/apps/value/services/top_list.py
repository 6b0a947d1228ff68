"""The month's list of the best fifth by RFM: frozen once, so that the month's packs and its audit see the same people."""

from datetime import datetime

import numpy as np
from django.db import IntegrityError, transaction

from huitou.apps.base.bulk import chunked
from huitou.apps.value.models import TopList, TopListMember
from huitou.core.value.ranking import best_first, share_count
from huitou.core.value.scoring import Facts, RunCuts, is_buyer, rfm_scores

TOP_SHARE = 0.20
_CHUNK = 20_000


def top_list_freeze(*, run_id: int, month: str, facts: Facts, cuts: RunCuts, now: datetime) -> TopList | None:
    """
    Freeze the list of a month (2026-11) from this run; None when it is frozen already, or when nobody bought.

    Exactly the nearest whole number to 20 % of the buyers, by RFM total, then net revenue, then the lower id.
    """
    buys = is_buyer(facts)
    if TopList.objects.filter(month=month).exists() or not buys.any():
        return None
    total = np.sum(rfm_scores(facts, cuts), axis=0)[buys].astype(np.int64)
    net, ids = facts.get("net_365d_fen")[buys].astype(np.int64), facts.person_ids[buys]
    order = best_first(total, net, ids)
    best = order[: share_count(TOP_SHARE, order.size)]
    try:
        with transaction.atomic():
            made = TopList.objects.create(
                month=month, share=TOP_SHARE, buyers=order.size, members=best.size, run_id=run_id, frozen_at=now
            )
            rows = (
                TopListMember(top_list=made, rank=rank, person_id=person_id, rfm_total=points, net_365d_fen=fen)
                for rank, (person_id, points, fen) in enumerate(
                    zip(ids[best].tolist(), total[best].tolist(), net[best].tolist(), strict=True), start=1
                )
            )
            for chunk in chunked(rows, _CHUNK):
                TopListMember.objects.bulk_create(chunk)
    except IntegrityError:  # another worker froze it in the same moment
        return None
    return made
