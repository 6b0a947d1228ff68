"""
What the four systems know of each person: duplicates, dirty spellings, gaps. All synthetic, planted to exact figures.

Of all records exactly 30.0 % are surplus, (records - persons) / records, and the mean completeness of a record is exactly
65.0 %, by the weights of `core.identity.completeness` and the normal forms of `core.identity.normalise`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from huitou.core.identity.completeness import COMPLETENESS_WEIGHTS
from huitou.core.identity.normalise import NORMALISERS
from huitou.demo.names import draw_phones, misspelled_phone, name_variant, phone_variant
from huitou.demo.people import PEOPLE_PER_UNIT, RECORDS_PER_UNIT, Person
from huitou.demo.receipts import Typed

COMPLETENESS_PERCENT = 65
CONTACT_SHARE = 0.28  # of the buyers have written to the service desk
UNLINKABLE_SHARE = 0.0007  # of the persons: a second card under another number, nothing in common
MISSPELLED_SHARE = 0.2  # of the second cards: a digit swap in the phone, the same WeChat account
NICKNAMES = ("爱吃草莓的猫", "阳光小院", "一家四口", "今天也要买菜", "早起的鸟", "甜甜圈", "山里人", "橘子汽水")
_FILL_SHARES = {"gender": 0.80, "birthday": 0.55, "address": 0.35, "store_code": 0.85}
_ADJUSTABLE = {"gender": "gender", "birthday": "birthday", "address": "address", "store_code": "store"}


class UnreachableFigure(Exception):
    """The planted figure cannot be met with the drawn records."""


@dataclass(slots=True)
class Record:
    """One record of one system, as written there ("" is empty)."""

    system: str  # mall, pos, membership, aftersales
    source_id: str
    person: Person
    registered_on: date
    name: str = ""
    phone: str = ""
    phone_verified: bool = False
    card: str = ""
    openid: str = ""
    unionid: str = ""
    email: str = ""
    gender: str = ""
    birthday: str = ""
    address: str = ""
    store_code: str = ""
    is_unlinkable: bool = False


def make_records(
    people: Sequence[Person], typed: Sequence[Typed], mall_buyers: frozenset[int], *, showcase_id: int, seed: int
) -> list[Record]:
    """
    Return all records. mall_buyers: person ids with mall orders; showcase_id: a person who gets exactly one record per system.

    Raises UnreachableFigure when the till and mall records alone are more than 30 % surplus, or the gaps cannot be placed.
    """
    rng = np.random.default_rng([seed, 3])
    wanted = len(people) // PEOPLE_PER_UNIT * RECORDS_PER_UNIT
    spare_phones = iter(draw_phones(np.random.default_rng([seed, 4]), len(people)))
    members = [person for person in people if person.is_member]
    membership = {person.person_id: _membership_record(rng, person, f"VIP{person.person_id:07d}") for person in members}
    records = list(membership.values())
    mall_people = [p for p in people if p.person_id in mall_buyers or (p.household_id is None and not p.is_member)]
    records += [_mall_record(rng, person) for person in mall_people]
    by_id = {person.person_id: person for person in people}
    records += [_till_record(by_id[one.person_id], one) for one in typed]
    contacts = [p for p in people if p.household_id is not None and (p.person_id == showcase_id or rng.random() < CONTACT_SHARE)]
    missing = wanted - len(records) - len(contacts)
    if missing < 0:  # the smallest chains: fewer contacts, never more duplicates than planted
        contacts = [person for person in contacts if person.person_id == showcase_id] + [
            person for person in contacts if person.person_id != showcase_id
        ]
        contacts = contacts[: max(1, len(contacts) + missing)]
        missing = wanted - len(records) - len(contacts)
    if missing < 0:
        raise UnreachableFigure(f"{len(records)} records of {len(people)} persons are more than {wanted} before any is planted")
    has_mall = {person.person_id for person in mall_people}
    records += [
        _contact_record(rng, person, by_openid=person.person_id in has_mall and rng.random() < 0.2) for person in contacts
    ]
    records += _filler(rng, membership, missing, unlinkable=max(1, round(UNLINKABLE_SHARE * len(people))), phones=spare_phones)
    _set_completeness(records, rng)
    return records


def _membership_record(rng: np.random.Generator, person: Person, number: str) -> Record:
    """The record of a card holder; who shares a phone keeps what tells them apart, buyers keep their phone."""
    record = Record("membership", number, person, person.registered_on)
    keeps_all = person.shares_phone == "family"
    record.name = name_variant(person.name, person.gender, int(rng.integers(5)) if rng.random() < 0.12 and not keeps_all else 0)
    if person.household_id is not None or person.shares_phone or rng.random() < 0.95:
        record.phone = phone_variant(person.phone, int(rng.integers(7)) if rng.random() < 0.15 else 0)
        record.phone_verified = not person.shares_phone and rng.random() < 0.85
    record.card = person.card
    record.unionid = person.unionid if rng.random() < 0.55 else ""
    record.email = person.email if rng.random() < 0.2 else ""
    for field in _FILL_SHARES:
        if keeps_all or rng.random() < _FILL_SHARES[field]:
            setattr(record, field, _true_value(person, field))
    return record


def _mall_record(rng: np.random.Generator, person: Person) -> Record:
    record = Record("mall", f"U{10_000_000 + person.person_id * 7}", person, person.registered_on)
    record.name = (
        NICKNAMES[int(rng.integers(len(NICKNAMES)))] if rng.random() < 0.1 else name_variant(person.name, person.gender, 0)
    )
    record.phone = phone_variant(person.phone, int(rng.integers(7)) if rng.random() < 0.2 else 0)
    record.phone_verified = True
    record.openid = person.openid
    record.unionid = person.unionid if rng.random() < 0.7 else ""
    record.email = person.email if rng.random() < 0.4 else ""
    record.address = person.address if person.household_id is not None or rng.random() < 0.3 else ""
    record.gender = person.gender if rng.random() < 0.5 else ""
    record.store_code = person.store_code if person.household_id is not None else ""
    return record


def _till_record(person: Person, typed: Typed) -> Record:
    source_id = f"card:{typed.card}" if typed.card else f"phone:{typed.phone}"
    return Record("pos", source_id, person, typed.first_day, card=typed.card, phone=typed.phone)


def _contact_record(rng: np.random.Generator, person: Person, *, by_openid: bool) -> Record:
    record = Record("aftersales", f"C{200_000 + person.person_id * 3}", person, person.registered_on)
    record.name = name_variant(person.name, person.gender, int(rng.integers(5)) if rng.random() < 0.4 else 0)
    record.openid = person.openid if by_openid else ""
    record.phone = "" if by_openid else phone_variant(person.phone, int(rng.integers(7)) if rng.random() < 0.3 else 0)
    return record


def _filler(
    rng: np.random.Generator, membership: Mapping[int, Record], missing: int, *, unlinkable: int, phones: Iterator[str]
) -> list[Record]:
    """Second records of members without baskets: another card, an account at the mall, a contact of the desk."""
    free = [record for record in membership.values() if record.person.household_id is None and not record.person.shares_phone]
    if missing > len(free) or unlinkable > missing:
        raise UnreachableFigure(f"{missing} more duplicates, {len(free)} members to give them to")
    filled = []
    for index, place in enumerate(rng.permutation(len(free))[:missing]):
        first, way = free[place], rng.random()
        first.phone = first.phone or first.person.phone  # a duplicate that can be found needs something in common
        if index < unlinkable:
            record = _second_card(rng, first, next(phones))
        elif way < 0.45:
            record = _second_card(rng, first, None)
        elif way < 0.85:
            record = _mall_record(rng, first.person)
        else:
            record = _contact_record(rng, first.person, by_openid=False)
        filled.append(record)
    return filled


def _second_card(rng: np.random.Generator, first: Record, other_phone: str | None) -> Record:
    """The same person enrolled again; with another phone nothing connects the two records."""
    person = first.person
    record = Record("membership", f"VIP{9_000_000 + person.person_id}", person, person.registered_on)
    record.name = name_variant(person.name, person.gender, int(rng.integers(5)))
    record.card = f"87{person.card[2:]}"
    if other_phone is not None:
        record.phone, record.is_unlinkable = other_phone, True
    elif rng.random() < MISSPELLED_SHARE:
        record.phone, record.unionid = misspelled_phone(person.phone), person.unionid
        first.unionid = person.unionid
    else:
        record.phone = phone_variant(person.phone, int(rng.integers(7)))
    for field in _FILL_SHARES:
        if rng.random() < _FILL_SHARES[field]:
            setattr(record, field, _true_value(person, field))
    return record


def _true_value(person: Person, field: str) -> str:
    return person.birthday.isoformat() if field == "birthday" else str(getattr(person, field))


def record_points(record: Record) -> int:
    """Return the completeness of one record in hundredths: the weights of its usable key fields."""
    return sum(round(100 * weight) for field, weight in COMPLETENESS_WEIGHTS.items() if _is_usable(record, field))


def _is_usable(record: Record, field: str) -> bool:
    if field == "store":
        return record.store_code != ""
    return NORMALISERS[field](getattr(record, field)) is not None


def _set_completeness(records: Sequence[Record], rng: np.random.Generator) -> None:
    """
    Blank or fill fields of membership records, in a drawn order, until the mean is exact.

    What keeps a couple with one phone apart is not touched. Raises UnreachableFigure when the fields do not suffice.
    """
    surplus = sum(record_points(record) for record in records) - COMPLETENESS_PERCENT * len(records)
    points = {field: round(100 * COMPLETENESS_WEIGHTS[weight]) for field, weight in _ADJUSTABLE.items()}
    free = [record for record in records if record.system == "membership" and record.person.shares_phone != "family"]
    places = [(free[row], field) for row in rng.permutation(len(free)) for field in rng.permutation(list(_ADJUSTABLE))]
    coarse, fine = max(points.values()), min(points.values())
    for record, field in places:
        if surplus >= coarse and getattr(record, field):
            setattr(record, field, "")
            surplus -= points[field]
        elif surplus <= -coarse and not getattr(record, field):
            setattr(record, field, _true_value(record.person, field))
            surplus += points[field]
    for record, field in places:  # what is left is less than one coarse field: one fine field, or a swap of the two sizes
        has = bool(getattr(record, field))
        if (points[field] == coarse and has and surplus > 0 and surplus % fine) or (
            points[field] == fine and has and surplus >= fine
        ):
            setattr(record, field, "")
            surplus -= points[field]
        elif not has and surplus < 0 and (points[field] == fine or surplus % fine):
            setattr(record, field, _true_value(record.person, field))
            surplus += points[field]
        if surplus == 0:
            return
    if surplus:
        raise UnreachableFigure(f"completeness misses {COMPLETENESS_PERCENT} % by {surplus} hundredths of a record")
