"""
Who stays out where persons are reached, sorted or reckoned with: the one gate that audiences, exports for campaigns,
look-alikes, recommendations and inference ask.
"""

from collections.abc import Collection, Mapping
from datetime import date

from huitou.apps.customers.queries import keys_of, minors, persons_keyed
from huitou.apps.privacy.consent import persons_refusing
from huitou.apps.privacy.erasures import persons_waiting
from huitou.apps.privacy.models import Suppression

MARKETING, PERSONAL = "marketing", "personal"  # purposes of consent
REASONS = ("erasing", "suppressed", "minor", "refused")  # why somebody is kept out; the first that holds is told
_BARS = ("erasing", "suppressed", "minor")  # of them those that hold whatever was answered
_FEW = 500  # persons; the keys of so few are read faster than all that are suppressed
_MANY = 20_000  # persons; of so many everybody who stays out is read faster than these are asked about


def kept_out(purpose: str, *, today: date, person_ids: Collection[int] | None = None) -> set[int]:
    """Return who, of these or of all, is not to be used for a purpose on a day: the barred, and who refuses it on a channel."""
    return set().union(*kept_out_why(purpose, today=today, person_ids=person_ids).values())


def kept_out_why(purpose: str, *, today: date, person_ids: Collection[int] | None = None) -> dict[str, set[int]]:
    """Return who is kept out by reason, in the order of REASONS; somebody may stand under several."""
    if person_ids is not None and len(person_ids) > _MANY:
        whole = kept_out_why(purpose, today=today)
        return {reason: found.intersection(person_ids) for reason, found in whole.items()}
    return {**_barred_why(today, person_ids), "refused": persons_refusing(purpose, person_ids=person_ids)}


def is_barred(why: Mapping[str, Collection[int]]) -> bool:
    """Say whether what `kept_out_why` found of one person bars them whatever they answered, as `barred`."""
    return any(why[reason] for reason in _BARS)


def barred(*, today: date, person_ids: Collection[int] | None = None) -> set[int]:
    """
    Return who, of these or of all, stays out of marketing whatever they answered: children under 14, who is to be erased, and
    whoever is found under a phone or e-mail of somebody erased.
    """
    return set().union(*_barred_why(today, person_ids).values())


def _barred_why(today: date, person_ids: Collection[int] | None) -> dict[str, set[int]]:
    return {
        "erasing": persons_waiting() if person_ids is None else persons_waiting() & set(person_ids),
        "suppressed": _suppressed(person_ids),
        "minor": minors(today=today, person_ids=person_ids),
    }


def _suppressed(person_ids: Collection[int] | None) -> set[int]:
    if person_ids is None or len(person_ids) > _FEW:
        return persons_keyed(list(Suppression.objects.values_list("value_hash", flat=True)), person_ids=person_ids)
    keys = keys_of(person_ids)
    known = Suppression.objects.filter(value_hash__in_list=sorted(keys)).values_list("value_hash", flat=True)
    return set().union(*(keys[value_hash] for value_hash in known))
