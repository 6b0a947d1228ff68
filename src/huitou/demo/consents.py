"""
What the demo's members said about being contacted: answers from their registration, by purpose and channel, and opt-outs since.

No source of the demo delivers consents, so they are taken over as answers that the membership desk kept. Synthetic.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

import numpy as np
from django.db import transaction

from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries import minors, persons_in_reach
from huitou.apps.privacy.consent import MINOR, has_consents
from huitou.apps.privacy.services import KeptAnswer, consent_record, consents_take_over
from huitou.core.consent import CHANNELS, Answer
from huitou.core.periods import business_date

_SEED = 20_211_101  # the day the law on personal information came into force
_ASKED = 0.88  # of the members; the others were never asked
_AGREES: Mapping[str, tuple[float, ...]] = {  # of those asked, on each of CHANNELS; whoever did not agree was not asked there
    "service": (0.97, 0.84, 0.55, 0.32),
    "marketing": (0.82, 0.38, 0.46, 0.24),
    "personal": (0.71, 0.22, 0.41, 0.15),
}
_OPTS_OUT: Mapping[str, float] = {"service": 0.002, "marketing": 0.055, "personal": 0.035}  # since, of one channel
_LATEST = timedelta(hours=6)
_OLDEST = timedelta(days=720)


@transaction.atomic  # killed in the middle, the next start begins again
def consents_make(*, by: int, role_code: str, now: datetime) -> None:
    """Take the answers over, and a guardian's for one of the children, unless there are answers already."""
    if has_consents():
        return
    viewer = Viewer(by, role_code, None)
    consents_take_over(viewer=viewer, answers=_answers(viewer, now), now=now)
    for person_id in sorted(minors(today=business_date(now)))[:1]:  # of the other children nobody's guardian was asked
        consent_record(
            viewer=viewer, person_id=person_id, channel="mother", purpose=MINOR, answer=Answer.GRANTED, source="counter",
            reason="asked", said_at=now - _LATEST, now=now,
        )  # fmt: skip


def _answers(viewer: Viewer, now: datetime) -> Iterator[KeptAnswer]:
    children = minors(today=business_date(now))
    rows = persons_in_reach(viewer).filter(is_member=True).order_by("pk").values_list("pk", "registered_at")
    rng = np.random.default_rng(_SEED)
    for person_id, registered_at in list(rows):
        draws = rng.random((len(_AGREES), len(CHANNELS) + 3))
        asked, online = rng.random(2)
        if person_id in children or asked >= _ASKED:
            continue
        source = "online" if online < 0.4 else "counter"
        latest = now - _LATEST
        said_at = min(registered_at or now - _OLDEST * online, latest)
        for (purpose, agrees), drawn in zip(_AGREES.items(), draws, strict=True):
            agreed = [channel for channel, share, draw in zip(CHANNELS, agrees, drawn, strict=False) if draw < share]
            for channel in agreed:
                yield KeptAnswer(person_id, channel, purpose, Answer.GRANTED.value, source, said_at)
            opts_out, which, when = drawn[len(CHANNELS) :]
            if agreed and opts_out < _OPTS_OUT[purpose]:
                channel, later = agreed[int(which * len(agreed))], said_at + (latest - said_at) * when
                yield KeptAnswer(person_id, channel, purpose, Answer.WITHDRAWN.value, source, later)
