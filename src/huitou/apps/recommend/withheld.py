"""What is kept back on a day, as the core takes it."""

from dataclasses import dataclass, field
from datetime import date

import numpy as np
from django.db.models import Q

from huitou.apps.products.queries import categories_below
from huitou.apps.recommend.models import Withheld, Withholding
from huitou.core.value.recommend.history import Ints


@dataclass(slots=True)
class KeptBack:
    """everybody: reason -> product ids; own: person -> product ids."""

    everybody: dict[str, set[int]] = field(default_factory=dict)
    own: dict[int, set[int]] = field(default_factory=dict)


def kept_back(products_of: dict[int, list[int]], *, on: date, person_id: int | None = None) -> KeptBack:
    """
    Return what is kept back on a day from everybody, and from each person, or from one only.

    products_of: category id -> its own products; a category kept back takes those below it along.
    """
    rows = Withheld.objects.filter(Q(until=None) | Q(until__gte=on))
    if person_id is not None:
        rows = rows.filter(Q(person_id=None) | Q(person_id=person_id))
    below = categories_below()
    found = KeptBack()
    for person, product, category, reason in rows.values_list("person_id", "product_id", "category_id", "reason_code"):
        products = {product} if product is not None else _of_category(category or 0, below, products_of)
        target = found.everybody.setdefault(reason, set()) if person is None else found.own.setdefault(person, set())
        target |= products
    return found


def _of_category(category: int, below: dict[int, tuple[int, ...]], products_of: dict[int, list[int]]) -> set[int]:
    return {product for one in (category, *below.get(category, ())) for product in products_of.get(one, ())}


def own_pairs(found: KeptBack) -> dict[str, tuple[Ints, Ints]]:
    """Return the persons' own as the core takes them."""
    pairs = sorted((person, product) for person, products in found.own.items() for product in products)
    if not pairs:
        return {}
    persons, products = np.array(pairs, dtype=np.int64).T
    return {Withholding.NOT_WANTED.value: (persons, products)}
