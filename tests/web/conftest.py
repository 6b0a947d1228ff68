"""A small chain: two stores, a person present in four systems, an outsider of the other store, a user of each role."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth.hashers import make_password
from django.core.management.color import no_style
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser
from tests.web.browser import chromium

from huitou.apps.accounts.models import User
from huitou.apps.accounts.roles import REGION_ROLES, STORE_ROLES, Role
from huitou.apps.base.models import AuditEvent
from huitou.apps.base.secrets import keyring
from huitou.apps.customers.models import PersonFacts
from huitou.apps.customers.services import PersonFile, person_ids_reserve, persons_project
from huitou.apps.identity.content import Content, content_seal
from huitou.apps.identity.models import Edge, Membership, SourceRecord
from huitou.apps.products.models import Store
from huitou.apps.value.models import ForecastRun, PersonValue, TierSum, ValueRun
from huitou.apps.value.schemes import schemes_in_force, shipped_ensure
from huitou.core.value.clv import Model
from huitou.warehouse.layout import Layout

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
BEFORE = 900_000  # an identity event that no test has of its own
PASSWORD = "a-long-test-password"
PHONE = "13800002716"
BuiltOnce = Callable[..., None]  # of a folder, the function that builds there, and what it is asked
SOURCES = ("aftersales", "mall", "membership", "pos")


@dataclass(frozen=True, slots=True)
class Chain:
    """Ids of what the pages show."""

    store_id: int
    other_store_id: int
    person_id: int  # 王小芳, in four systems, of store_id
    outsider_id: int  # 欧阳华, of other_store_id
    users: dict[str, User]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for the tests of a file."""
    with pytest.MonkeyPatch.context() as patch, chromium() as found:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's loop runs in the thread of the fixtures
        yield found


@pytest.fixture(scope="session")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> BuiltOnce:
    """Give a test a copy of what a function builds: a version of the analytical store costs more than most of the tests on it."""
    kept: dict[tuple[object, ...], Layout] = {}

    def copied(layout: Layout, build: Callable[..., None], *asked: object) -> None:
        key = (build, *asked)
        if key not in kept:
            kept[key] = Layout(tmp_path_factory.mktemp("built"))
            build(kept[key], *asked)
        shutil.copytree(kept[key].root, layout.root, dirs_exist_ok=True)

    return copied


@pytest.fixture
def chain(db: None) -> Chain:
    stores = [
        Store.objects.create(pk=n, code=f"S{n}", name=name, region_code="R1", region_name="江南", updated_at=NOW)
        for n, name in enumerate(("梧桐路店", "北站店"), start=1)  # the ids that the analytical store of the tests knows
    ]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [Store]):
            cursor.execute(statement)
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
    users = _users(store_id=stores[0].pk)
    return Chain(stores[0].pk, stores[1].pk, ids[0], ids[1], users)


def _users(*, store_id: int) -> dict[str, User]:
    """A user of each role and its line in the trail as `user_save` leaves them, in two inserts: hundreds of tests begin here."""
    hashed = make_password(PASSWORD)
    users = User.objects.bulk_create(
        User(
            username=role.value,
            password=hashed,
            role_code=role.value,
            display_name=f"测试{role.label}",
            store_ids=[store_id] if role in STORE_ROLES | REGION_ROLES else [],
        )
        for role in Role
    )
    AuditEvent.objects.bulk_create(
        AuditEvent(
            at=NOW,
            action_code="user.create",
            subject_kind="user",
            subject_id=str(user.pk),
            detail={"role": user.role_code, "stores": len(user.store_ids), "regions": [], "new_password": True},
        )
        for user in users
    )
    return {user.role_code: user for user in users}


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
        searched={"phone": [phone], "name": [name], "card": [f"6601000{person_id:04}"]},
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
        Membership.objects.create(record_id=record_id, person_id=person_id, valid_from=NOW, event_id=BEFORE)
    for record_a in (101, 102, 103):
        Edge.objects.create(
            record_a=record_a,
            record_b=record_a + 1,
            kind_code="phone",
            evidence_code="stated",
            policy_version="test",
        )


@pytest.fixture
def valued(chain: Chain) -> Chain:
    """王小芳 is a diamond of her store; 欧阳华 is basic in the other one."""
    shipped_ensure(now=NOW)
    ValueRun.objects.create(
        kind_code="full", version=7, base_number=7, as_of=NOW.date(), window_days=365, started_at=NOW, ended_at=NOW
    )
    pyramid, classes = schemes_in_force()[:2]
    people = (
        (chain.person_id, chain.store_id, 90_000, "DIAMOND", "HIGH_ACTIVE"),
        (chain.outsider_id, chain.other_store_id, 10_000, "BASIC", "WIN_BACK"),
    )
    for person_id, store_id, net_fen, tier, group in people:
        PersonValue.objects.create(person_id=person_id, run_id=1, store_id=store_id, tier_1=tier, tier_2=group)
        for one, code in ((pyramid, tier), (classes, group)):
            TierSum.objects.create(scheme_id=one.scheme_id, store_id=store_id, tier_code=code, persons=1, net_fen=net_fen)
    return chain


@pytest.fixture
def enter(client: Client, valued: Chain):
    """Log somebody of the valued chain in, in a language."""

    def _enter(role: str, language: str = "zh-hans") -> Client:
        valued.users[role].language = language
        valued.users[role].save(update_fields=["language"])
        client.force_login(valued.users[role], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return _enter


_SCORE = {"mae": 12_100.0, "rmse": 2.5, "bias": 0.048, "deviance": 1.25, "rank": 0.71, "top": 0.684}


def _row(model: Model, **more: object) -> dict[str, object]:
    return {"model": model.value, "purchases": _SCORE, "spend": _SCORE, "coverage": 0.789, "reason": "", **more}


@pytest.fixture
def forecast_run(chain: Chain) -> ForecastRun:
    """A forecast with its backtest, published."""
    none = {"purchases": None, "spend": None, "coverage": None, "reason": "nobody bought twice"}
    groups = [{"customers": 10, "forecast": 1642.0 * at, "actual": 1500.0 * at} for at in range(10, 0, -1)]
    backtest = {
        "cutoff": "2026-07-01", "tested_days": 120, "customers": 16_843, "purchases": 40_000, "spend_fen": 625_200_000,
        "rows": [_row(Model.BLEND), _row(Model.RECENT), _row(Model.BGNBD, **none), _row(Model.NAIVE_LAST, coverage=None)],
        "deciles": groups, "calibration": groups,
    }  # fmt: skip
    test = {"auc": 0.882, "calibration_error": 0.02, "brier": 0.09, "base_brier": 0.14, "share": 0.7, "refusal": ""}
    return ForecastRun.objects.create(
        base_number=1, version=1, as_of=NOW.date(), horizon_days=365, blend=["recent", "regression"], backtest=backtest,
        chances={"30": test, "90": {"refusal": "short", "told": ""}}, persons=17_000, purchases=1.0, value_fen=100,
        started_at=NOW, ended_at=NOW,
    )  # fmt: skip
