"""The lists there are, by noun."""

from collections.abc import Mapping

from huitou.apps.base.fields import Noun
from huitou.web.lists.batches import BATCHES, QUARANTINE
from huitou.web.lists.coupons import COUPONS, KINDS
from huitou.web.lists.customers import CUSTOMERS
from huitou.web.lists.orders import ORDERS
from huitou.web.lists.products import PRODUCTS
from huitou.web.lists.spec import ListSpec
from huitou.web.lists.stores import STORES
from huitou.web.lists.tasks import TASKS

LISTS: Mapping[Noun, ListSpec] = {
    spec.noun: spec for spec in (CUSTOMERS, ORDERS, PRODUCTS, STORES, BATCHES, QUARANTINE, COUPONS, KINDS, TASKS)
}
