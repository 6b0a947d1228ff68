"""The people of the chain: who they truly are. What the four systems know of them is made from this in `records`."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from huitou.demo.histories import Histories
from huitou.demo.names import DISTRICTS, STREETS, draw_names, draw_phones
from huitou.demo.tables import read_table

PEOPLE_PER_UNIT = 7  # persons and records grow in steps of 7 and 10, so that the duplicate share is 30.0 % at any size
RECORDS_PER_UNIT = 10
UNITS = 1_700  # of the whole demo: 11,900 persons, 17,000 records
MALL_ONLY_SHARE = 0.05  # of the people without baskets
FAMILY_PHONES = 0.0035  # pairs that share a phone, per person
HUB_PHONE_SHARE = 0.004  # of the persons: enrolled with the shop's own number
REPLACED_CARD_SHARE = 0.04


@dataclass(slots=True)
class Person:
    """One human being as they are. household_id: whose baskets they buy; None: an added member without baskets."""

    person_id: int
    household_id: int | None
    is_member: bool
    name: str
    gender: str
    phone: str
    birthday: date
    address: str
    city: str
    email: str
    openid: str
    unionid: str
    card: str
    old_card: str | None
    card_replaced_on: date
    store_code: str
    registered_on: date
    shares_phone: str = ""  # "family" or "shop": the phone on file is not theirs alone


def make_people(
    *,
    histories: Histories,
    home_stores: dict[int, int],
    first_days: dict[int, date],
    anchor: date,
    fraction: float,
    seed: int,
) -> list[Person]:
    """
    Return the persons: one per household, then added ones without baskets.

    home_stores: household -> store 1..36; first_days: household -> first kept basket. Raises ValueError when the households
    outnumber the people.
    """
    count = max(1, round(UNITS * fraction)) * PEOPLE_PER_UNIT
    households = sorted((*histories.members, *histories.non_members))
    if len(households) > count:
        raise ValueError(f"{len(households)} households need more than {count} people")
    rng = np.random.default_rng([seed, 2])
    names, genders = draw_names(rng, count)
    phones = draw_phones(rng, count)
    stores = read_table("stores")
    members = frozenset(histories.members)
    mall_only = rng.random(count) < MALL_ONLY_SHARE
    birth_days = rng.normal(46, 13, count).clip(18, 86) * 365.25
    tokens = rng.integers(0, 2**63, size=(count, 3))
    cards = rng.choice(9 * 10**8, size=2 * count, replace=False) + 10**8
    people = []
    for index in range(count):
        household = households[index] if index < len(households) else None
        store = stores[(home_stores[household] - 1) if household is not None else int(rng.integers(len(stores)))]
        registered = _registered(rng, histories, household, first_days, anchor, date.fromisoformat(store["opened_on"]))
        replaced_on = anchor - timedelta(days=int(rng.integers(40, 330)))
        replaced = rng.random() < REPLACED_CARD_SHARE and replaced_on > registered
        people.append(
            Person(
                person_id=index + 1,
                household_id=household,
                is_member=household in members if household is not None else not mall_only[index],
                name=names[index],
                gender=genders[index],
                phone=phones[index],
                birthday=anchor - timedelta(days=int(birth_days[index])),
                address=f"{store['city']}市{DISTRICTS[int(rng.integers(len(DISTRICTS)))]}{STREETS[int(rng.integers(len(STREETS)))]}"
                f"{int(rng.integers(1, 900))}号{int(rng.integers(1, 31))}幢{int(rng.integers(101, 2605))}室",
                city=store["city"],
                email=f"u{tokens[index, 0] % 10**9:09d}@mail.example.com",
                openid=f"o{tokens[index, 1]:016x}",
                unionid=f"un{tokens[index, 2]:016x}",
                card=f"88{cards[index]}",
                old_card=f"66{cards[count + index]}" if replaced else None,
                card_replaced_on=replaced_on,
                store_code=store["code"],
                registered_on=registered,
            )
        )
    _share_phones(people, rng)
    return people


def _registered(
    rng: np.random.Generator, histories: Histories, household: int | None, first_days: dict[int, date], anchor: date, opened: date
) -> date:
    """New customers registered with their first purchase, the others years before; nobody before their store opened."""
    if household in histories.late_starters and household is not None:
        return max(opened, first_days[household])
    latest = min(anchor, first_days[household]) if household is not None else anchor - timedelta(days=1)
    return max(opened, latest - timedelta(days=int(rng.random() ** 1.5 * 2_900)))


def _share_phones(people: list[Person], rng: np.random.Generator) -> None:
    """
    Let some members without baskets share a number: couples (of different sex, so that a guard can tell them apart), and
    many who were enrolled with a shop's own number.
    """
    free = [person for person in people if person.household_id is None and person.is_member]
    order = [free[index] for index in rng.permutation(len(free))]
    women = [person for person in order if person.gender == "女"]
    men = [person for person in order if person.gender == "男"]
    couples = max(2, round(FAMILY_PHONES * len(people)))
    for wife, husband in zip(women[:couples], men[:couples], strict=True):
        husband.phone, husband.address = wife.phone, wife.address
        wife.shares_phone = husband.shares_phone = "family"
    shop = max(20, round(HUB_PHONE_SHARE * len(people)))
    shop_phone = people[0].phone[:3] + "88" + people[0].phone[5:]
    for person in (women[couples:] + men[couples:])[:shop]:
        person.phone, person.shares_phone, person.store_code = shop_phone, "shop", "S001"
