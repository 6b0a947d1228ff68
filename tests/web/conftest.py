"""A small chain: two stores, a person present in four systems, an outsider of the other store, a user of each role."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest

from huitou.apps.accounts.models import User
from huitou.apps.accounts.roles import Role
from huitou.apps.accounts.services import user_save
from huitou.apps.base.secrets import keyring
from huitou.apps.customers.models import PersonFacts
from huitou.apps.customers.services import PersonFile, person_ids_reserve, persons_project
from huitou.apps.identity.content import Content, content_seal
from huitou.apps.identity.models import Edge, Membership, SourceRecord
from huitou.apps.products.models import Store

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
PASSWORD = "a-long-test-password"
PHONE = "13800002716"
SOURCES = ("aftersales", "mall", "membership", "pos")


@dataclass(frozen=True, slots=True)
class Chain:
    """Ids of what the pages show."""

    store_id: int
    other_store_id: int
    person_id: int  # 王小芳, in four systems, of store_id
    outsider_id: int  # 欧阳华, of other_store_id
    users: dict[str, User]


@pytest.fixture
def chain(db: None) -> Chain:
    stores = [
        Store.objects.create(code=f"S{n}", name=name, region_code="R1", region_name="江南", updated_at=NOW)
        for n, name in enumerate(("梧桐路店", "北站店"), start=1)
    ]
    ids = person_ids_reserve(3)
    persons_project(
        [
            _file(ids[0], "王小芳", PHONE, stores[0].pk, sources=4),
            _file(ids[1], "欧阳华", "13700009064", stores[1].pk, sources=1),
            _file(ids[2], "刘涛", "13900000482", stores[0].pk, sources=1),
        ],
        now=NOW,
    )
    for number, (person_id, days) in enumerate(((ids[0], 63), (ids[1], 5)), start=1):
        _facts(person_id, last_date=date(2026, 11, 21) - timedelta(days=days), net_fen=268_400 * number)
    _records(ids[0])
    users = {
        role.value: user_save(
            username=role.value,
            password=PASSWORD,
            role_code=role,
            display_name=f"测试{role.label}",
            now=NOW,
            store_ids=[stores[0].pk],
        )
        for role in Role
    }
    return Chain(stores[0].pk, stores[1].pk, ids[0], ids[1], users)


def _file(person_id: int, name: str, phone: str, store_id: int, *, sources: int) -> PersonFile:
    def value(text: str, source_code: str = "membership") -> dict[str, object]:
        return {"value": text, "record_id": 1, "source_code": source_code, "observed_at": NOW.isoformat()}

    return PersonFile(
        person_id=person_id,
        values={
            "name": value(name),
            "phone": value(phone, "mall"),
            "member_card": value(f"6601000{person_id:04}"),
            "gender": value("F"),
        },
        searched={"phone": [phone], "name": [name]},
        record_count=sources,
        source_count=sources,
        is_member=True,
        store_id=store_id,
        registered_at=NOW - timedelta(days=700),
    )


def _facts(person_id: int, *, last_date: date, net_fen: int) -> None:
    values = {field.attname: 0 for field in PersonFacts._meta.concrete_fields if not field.null}
    values |= {"orders_count": 31, "orders_365d": 12, "net_365d_fen": net_fen, "points_balance": 2_140, "version": 1}
    values |= {"person_id": person_id, "first_date": last_date - timedelta(days=400), "last_date": last_date}
    PersonFacts.objects.create(**values)


def _records(person_id: int) -> None:
    ring = keyring()
    for record_id, source_code in enumerate(SOURCES, start=101):
        SourceRecord.objects.create(
            pk=record_id,
            source_code=source_code,
            fields=content_seal(ring, record_id, Content(source_id=f"{source_code}-000{record_id}").to_json()),
            batch_id=1,
            received_at=NOW,
        )
        Membership.objects.create(record_id=record_id, person_id=person_id, valid_from=NOW, event_id=1)
    for record_a in (101, 102, 103):
        Edge.objects.create(
            record_a=record_a,
            record_b=record_a + 1,
            kind_code="phone",
            evidence_code="stated",
            policy_version="test",
        )
