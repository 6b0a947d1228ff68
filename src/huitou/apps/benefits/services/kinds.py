"""Set up a kind of coupon, change how many may be issued, switch it off."""

import re
from datetime import datetime

from django.db import transaction

from huitou.apps.base.audit import audit_record
from huitou.apps.benefits.models import CouponKind
from huitou.apps.benefits.terms import terms_of
from huitou.core.benefits.coupons import Caps, Terms, TermsInvalid, check_terms

_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
NAME_LONGEST = 64


@transaction.atomic
def kind_save(
    *, kind_id: int | None, code: str, name: str, terms: Terms, caps: Caps, is_on: bool, by: int, now: datetime
) -> CouponKind:
    """
    Make a kind, or change one. Once a coupon was issued its terms and code stay: what was promised is kept.

    Raises TermsInvalid with the field to mend.
    """
    check_terms(terms, caps)
    if not name.strip() or len(name.strip()) > NAME_LONGEST:
        raise TermsInvalid("name", "length")
    kind = CouponKind.objects.select_for_update().get(pk=kind_id) if kind_id else CouponKind(created_at=now, created_by=by)
    if kind.issued_count and (terms_of(kind) != terms or kind.code != code):
        raise TermsInvalid("code" if kind.code != code else "off_fen", "issued")
    if _CODE.fullmatch(code) is None:
        raise TermsInvalid("code", "letters")
    if CouponKind.objects.filter(code=code).exclude(pk=kind.pk).exists():
        raise TermsInvalid("code", "twice")
    if caps.budget_fen is not None and caps.budget_fen < kind.committed_fen:
        raise TermsInvalid("budget_fen", "spent")
    kind.code, kind.name, kind.is_on, kind.changed_at = code, name.strip(), is_on, now
    kind.effect_code, kind.category_ids = terms.effect.value, sorted(terms.category_ids)
    for field in (
        "off_fen", "off_share", "most_off_fen", "minimum_fen", "first_order_only", "from_day", "last_day", "usable_days"
    ):  # fmt: skip
        setattr(kind, field, getattr(terms, field))
    season = terms.season
    kind.season_code = season.festival.value if season else ""
    kind.season_before_days, kind.season_after_days = (season.before_days, season.after_days) if season else (0, 0)
    for field in ("person_most", "day_most", "budget_fen"):
        setattr(kind, field, getattr(caps, field))
    kind.save()
    audit_record(
        action_code="coupon.kind", subject_kind="coupon_kind", subject_id=kind.pk, now=now, user_id=by, code=code, is_on=is_on,
        person_most=caps.person_most, day_most=caps.day_most, budget_fen=caps.budget_fen,
    )  # fmt: skip
    return kind
