"""The recommend app's part in a new base, in erasing and copying a person, and in merges."""

import json
from typing import Any

from huitou.apps.base import jobs
from huitou.apps.base.hooks import IdentityChange, PersonCopy, PersonErased, ValueComputed
from huitou.apps.identity.following import Follower
from huitou.apps.recommend.models import PersonNext, Withheld, WithheldMove

_WITHHELD = Follower(Withheld, WithheldMove, "withheld")


def value_computed(computed: ValueComputed) -> None:
    """Plan lists and rules: a full run of values comes with every new base; the jobs leave a base alone that has its own."""
    if computed.is_full:
        jobs.plan_once("recommend.run", now=computed.now)
        jobs.plan_once("recommend.associations", now=computed.now)


def person_erased(erased: PersonErased) -> None:
    """Delete the lists of the person, and what was kept back from them."""
    PersonNext.objects.filter(pk=erased.person_id).delete()
    Withheld.objects.filter(person_id=erased.person_id).delete()


def person_copied(asked: PersonCopy) -> dict[str, Any]:
    """Return the lists and what is kept back from the person."""
    row = PersonNext.objects.filter(pk=asked.person_id).first()
    kept = Withheld.objects.filter(person_id=asked.person_id).order_by("pk")
    found: dict[str, Any] = {}
    if row is not None:
        found |= {name: json.loads(getattr(row, name)) for name in ("again", "fresh", "categories")}
    if kept:
        found["kept_back"] = [
            {"product_id": one.product_id, "category_id": one.category_id, "at": one.created_at.isoformat()} for one in kept
        ]
    return {"recommendations": found} if found else {}


def withheld_follow(change: IdentityChange) -> None:
    """Let what a customer does not want go along with a merge, a split or an undo. Run again it changes nothing."""
    _WITHHELD.follow(change)
