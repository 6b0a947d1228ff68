"""Fill attributes that people did not state, where the administrator wants it and the test says it is better than guessing."""

from datetime import date, datetime

import numpy as np
import numpy.typing as npt
from django.db import transaction

from huitou.apps.accounts.roles import Role
from huitou.apps.attributes.queries import choices_stated
from huitou.apps.base.audit import audit_record
from huitou.apps.base.bulk import rows_write
from huitou.apps.base.jobs import plan_once
from huitou.apps.base.pace import Pace
from huitou.apps.base.scope import Viewer
from huitou.apps.privacy.outreach import PERSONAL, kept_out
from huitou.apps.value.groups import features_of_everybody
from huitou.apps.value.models import InferenceRule, InferredValue
from huitou.core.periods import business_date
from huitou.core.value.inferred import Inference, InferenceRefused, infer

FEATURES = (
    "r", "f", "m", "net_365d_fen", "average_ticket_fen", "cycle_days", "basket_milli", "preferred_hour", "discount_share",
    "online_share", "top_category_share", "interaction_power",
)  # fmt: skip
_COLUMNS = ("rule", "person_id", "value_code", "confidence", "inferred_on")
_READ_ROWS = 20_000
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class InferenceNotSwitched(Exception):
    """The switch is refused; `reason` is a stored code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@transaction.atomic
def inference_switch(*, viewer: Viewer, attribute_code: str, is_on: bool, now: datetime) -> InferenceRule:
    """
    Let the administrator switch an attribute's inference on or off; off, what was inferred goes at once.

    Raises InferenceNotSwitched: "role", "unknown" (no attribute of choices that is usable and not sensitive).
    """
    if viewer.role_code != Role.ADMIN:
        raise InferenceNotSwitched("role")
    if is_on and choices_stated(attribute_code, today=business_date(now)) is None:
        raise InferenceNotSwitched("unknown")
    said = {"is_on": is_on, "switched_by": viewer.user_id, "switched_at": now}
    if not is_on:
        said |= {"persons": 0, "refusal": "", "accuracy": None, "baseline": None, "learnt": 0, "computed_at": None}
    rule, _ = InferenceRule.objects.update_or_create(attribute_code=attribute_code, defaults=said)
    audit_record(
        action_code="inference.on" if is_on else "inference.off", subject_kind="attribute", subject_id=attribute_code, now=now,
        user_id=viewer.user_id,
    )  # fmt: skip
    if is_on:
        plan_once("value.infer", now=now)
    else:
        InferredValue.objects.filter(rule=rule).delete()
    return rule


def inferences_run(*, now: datetime) -> int:
    """Infer what is switched on from the stored values, replace what was inferred before; return how many values there are."""
    rules = list(InferenceRule.objects.filter(is_on=True).order_by("pk"))
    if not rules:
        return 0
    ids, features = features_of_everybody(FEATURES)
    out = kept_out(PERSONAL, today=business_date(now))
    return sum(_infer(rule, ids, features, out, now) for rule in rules)


def _infer(rule: InferenceRule, ids: Ints, features: Floats, out: set[int], now: datetime) -> int:
    today = business_date(now)
    stated = choices_stated(rule.attribute_code, today=today)
    codes = [] if stated is None else stated.codes
    of_person = {} if stated is None else stated.of_person
    place_of = {code: place for place, code in enumerate(codes)}
    places = np.array([place_of.get(of_person.get(one, ""), -1) for one in ids.tolist()], dtype=np.int64)
    open_to = np.array([one not in of_person and one not in out for one in ids.tolist()], dtype=np.bool_)
    learn = np.array([one in of_person and one not in out for one in ids.tolist()], dtype=np.bool_)
    try:
        found = infer(features[learn], places[learn], features[open_to])
    except InferenceRefused as refused:
        _told(rule, None, refused.reason, 0, now)
        return 0
    kept = found.confidence >= rule.least_confidence
    persons, values = ids[open_to][kept].tolist(), found.values[kept].tolist()
    rows = [
        (rule.pk, person, codes[place], round(sure, 4), today)
        for person, place, sure in zip(persons, values, found.confidence[kept].tolist(), strict=True)
    ]
    _told(rule, found, "", len(rows), now, rows=rows)
    return len(rows)


def _told(
    rule: InferenceRule, found: Inference | None, refusal: str, persons: int, now: datetime,
    *, rows: list[tuple[int, int, str, float, date]] | None = None,
) -> None:  # fmt: skip
    """Replace the values of a rule and keep how the run went; a rule that was switched off meanwhile keeps nothing."""
    old = InferredValue.objects.filter(rule=rule)
    while ids := list(old.values_list("pk", flat=True)[:_READ_ROWS]):
        old.filter(pk__in_list=ids).delete()
    for part in Pace().cut(rows or []):
        with transaction.atomic():
            if InferenceRule.objects.select_for_update().filter(pk=rule.pk, is_on=True).exists():
                rows_write(InferredValue, _COLUMNS, part)
    InferenceRule.objects.filter(pk=rule.pk, is_on=True).update(
        refusal=refusal, persons=persons, learnt=0 if found is None else found.learnt, computed_at=now,
        accuracy=None if found is None else found.accuracy, baseline=None if found is None else found.baseline,
    )  # fmt: skip
