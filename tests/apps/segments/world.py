"""A small chain with persons in both databases, for tests of segments."""

import shutil
from datetime import UTC, date, datetime, timedelta

from tests.apps.customers.people import person_make
from tests.warehouse.chain import AS_OF, SMALL, Chain, Document, Line, days_before, dims, record_map

from huitou.apps.base.scope import Viewer
from huitou.apps.behaviour.models import BehaviourEvent
from huitou.apps.products.models import Category, Product, Store
from huitou.apps.service.models import Ticket
from huitou.warehouse.layout import Layout
from huitou.warehouse.switch import switch
from huitou.warehouse.tail import fold_tail

NOW = datetime(2026, 6, 30, 20, tzinfo=UTC)
MARKETER = Viewer(7, "marketer", None)
MANAGER = Viewer(8, "store_manager", frozenset({1}))
STRANGER = Viewer(9, "store_manager", frozenset())
PEOPLE = {record: 100 + record for record in range(1, 9)}  # person 101..108, one record each
# person: (store, days ago of each order, product, fen)
BOUGHT = {
    101: (1, (5, 20, 40), 1, 300),
    102: (1, (5,), 2, 20_000),
    103: (2, (70, 100), 1, 500),
    104: (2, (200,), 3, 90_000),
    105: (3, (3, 4), 4, 100),
    106: (3, (61,), 1, 700),
}  # 107 and 108 never bought; 108 has no home store
BUYS_TWICE = {"event": "purchase", "measure": "times", "op": "gte", "value": 2, "days": 60}
LAPSED = {"field": "days_since_purchase", "op": "gt", "value": 60}
COMPLAINED = {"event": "ticket", "measure": "times", "op": "gte", "value": 1, "days": 90, "where": {"type": ["complaint"]}}


def build_store(layout: Layout) -> None:
    """Land, build and publish."""
    chain = Chain(layout)
    chain.land(documents(BOUGHT))
    chain.publish(1, PEOPLE)


def build_world(layout: Layout, built: Layout) -> Chain:
    """Take a built store and make the persons; store 1 and 2 lie 1.2 km apart, 3 far off, 4 nowhere."""
    shutil.copytree(built.root, layout.root, dirs_exist_ok=True)
    for number, (latitude, longitude) in enumerate([(31.230, 121.470), (31.240, 121.475), (39.9, 116.4), (None, None)], 1):
        Store.objects.create(
            pk=number, code=f"S{number}", name=f"门店{number}", region_code=f"r{number % 2}", region_name=f"大区{number % 2}",
            latitude=latitude, longitude=longitude, updated_at=NOW,
        )  # fmt: skip
    food = Category.objects.create(pk=10, path="食品", name="食品", level=1)
    for number in (11, 12, 13):
        Category.objects.create(pk=number, path=f"食品/{number}", name=str(number), parent=food, level=2)
    for number in range(1, 9):
        Product.objects.create(pk=number, code=f"P{number}", name=f"商品{number}", category_id=10 + number % 4, updated_at=NOW)
    for person_id in PEOPLE.values():
        store_id = BOUGHT[person_id][0] if person_id in BOUGHT else (1 if person_id == 107 else None)
        person_make(person_id, store_id=store_id, is_member=person_id % 2 == 0, profile={"name": f"王{person_id}"}, facts=False)
    for number, (person_id, kind, days) in enumerate([(101, "complaint", 10), (103, "complaint", 100), (105, "praise", 5)], 1):
        Ticket.objects.create(
            pk=number, source_code="aftersales", ticket_no=f"T{number}", record_id=person_id - 100, person_id=person_id,
            store_id=1, type_code=kind, status_code="open", status_at=NOW, version_at=NOW, opened_at=NOW - timedelta(days=days),
        )  # fmt: skip
    BehaviourEvent.objects.create(
        pk=1, source_code="mall", event_no="E1", type_code="view", record_id=7, person_id=107, occurred_at=NOW - timedelta(days=2)
    )
    contacts = [(102, "touch:sms", 1), (102, "touch:wecom", 3), (103, "response:sms", 1)]
    for number, (person_id, kind, days) in enumerate(contacts, 2):
        BehaviourEvent.objects.create(
            pk=number, source_code="mall", event_no=f"E{number}", type_code=kind, record_id=person_id - 100, person_id=person_id,
            occurred_at=NOW - timedelta(days=days),
        )  # fmt: skip
    return Chain(layout, batch_ids=[1])


def documents(bought, first: int = 1) -> list[Document]:
    found = []
    for person_id, (store_id, days, product_id, fen) in bought.items():
        for ago in days:
            number = first + len(found)
            found.append(
                Document(number, days_before(ago), (Line(product_id, fen),), record_id=person_id - 100, store_id=store_id)
            )
    return found


def fold_world(chain: Chain, number: int, bought, *, as_of: date = AS_OF) -> None:
    """Land more orders and publish a tail on the base."""
    batch = chain.land(documents(bought, first=1000 * number))
    fold_tail(
        chain.layout, number=number, base=1, batch_ids=[batch], map_changes=record_map({}), erased_record_ids=(), as_of=as_of,
        map_seq=number, dims=dims(), limits=SMALL,
    )  # fmt: skip
    switch(chain.layout, base=1, tail=number)
