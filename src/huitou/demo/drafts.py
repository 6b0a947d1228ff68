"""The demo's draft of a tier scheme: its best tiers a little larger, tried, so that the designer shows what it would do."""

from datetime import datetime

from django.db import transaction

from huitou.apps.value.queries import design_of
from huitou.apps.value.services import draft_save, draft_try

SCHEME = "pyramid"
SHARES = {"DIAMOND": 0.03, "CORE": 0.20, "POTENTIAL": 0.30, "BASIC": 0.47}


@transaction.atomic  # killed in the middle, the next start begins again
def draft_make(*, author_id: int, now: datetime) -> None:
    """Save the draft and try it, unless the scheme has another version already or is gone."""
    design = design_of(SCHEME)
    if design is None or len(design.versions) > 1:
        return
    table = design.standing.table
    changed = {**table, "tiers": [{**tier, "share": SHARES[tier["code"]]} for tier in table["tiers"]]}
    draft_save(code=SCHEME, table=changed, author_id=author_id, now=now)
    draft_try(code=SCHEME, now=now)
