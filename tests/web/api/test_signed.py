"""Events signed with a source's secret, and the limit of requests over several web processes."""

import json
from contextlib import suppress
from datetime import timedelta

import pytest
from django.test import Client
from tests.web.api.test_api import key_of
from tests.web.conftest import NOW

from huitou.apps.accounts.models import User
from huitou.apps.gateway.models import RateWindow
from huitou.apps.intake.models import InboxPage
from huitou.apps.intake.services import source_configure, source_enable
from huitou.connectors.webhooks import signature
from huitou.web.api import access
from huitou.web.api.problems import Problem

pytestmark = pytest.mark.django_db
SECRET = "a-secret-of-the-source"
EVENT = {"type": "view", "id": "v1", "occurred_at": "2026-11-20T10:00:00+08:00"}


@pytest.fixture(autouse=True)
def source(monkeypatch):
    monkeypatch.setattr(access, "utc_now", lambda: NOW)
    monkeypatch.setattr(access, "EVENT_BUCKETS", access.Buckets(per_minute=1_000))
    source_configure(code="app", kind_code="events", settings={"secret": SECRET}, now=NOW)


def send(body: bytes, *, to: str = "events", secret: str = SECRET, at=NOW, signed: bytes | None = None, **headers: str):
    stamp = int(at.timestamp())
    told = {
        "X-Huitou-Timestamp": str(stamp), "X-Huitou-Signature": signature(secret, stamp, body if signed is None else signed),
    } | headers  # fmt: skip
    return Client().post(f"/api/v1/{to}", body, content_type="application/json", headers=told)


def body(**more: object) -> bytes:
    return json.dumps({"source": "app", "events": [EVENT | more]}).encode()


def test_a_signed_request_needs_no_key_and_is_answered_once_per_idempotency_key():
    assert send(body()).status_code == 202
    first = send(body(id="v2"), **{"Idempotency-Key": "k"})
    assert send(body(id="v2"), **{"Idempotency-Key": "k"}).content == first.content
    assert send(body(id="v3"), **{"Idempotency-Key": "k"}).status_code == 422
    assert InboxPage.objects.count() == 2


def telling(number: str, **customer: str) -> bytes:
    told = {"source": "app", "id": f"e-{number}", "occurred_at": EVENT["occurred_at"], "customer": {"id": number, **customer}}
    return json.dumps(told).encode()


@pytest.mark.accept("S21")
def test_a_till_tells_of_a_customer_and_hears_at_once_who_it_is():
    def tell(number: str, **customer: str):
        return send(telling(number, **customer), to="identities/tell", **{"Idempotency-Key": number})

    first = tell("c1", phone="13912345678", name="王小芳").json()
    assert (first["outcome"], first["links"], first["question_ids"]) == ("new", [], [])
    joined = tell("c2", phone="+86 139 1234 5678", name="王小芳")
    assert joined.json()["person_id"] == first["person_id"]
    assert (joined.json()["outcome"], joined.json()["links"]) == ("joined", [])
    assert tell("c2", phone="+86 139 1234 5678", name="王小芳").content == joined.content
    assert tell("c3", phone="13912345678", name="李雷", gender="男").json()["person_id"] != first["person_id"]
    assert InboxPage.objects.count() == 3
    nobody = json.dumps({"source": "app", "id": "e", "occurred_at": EVENT["occurred_at"], "customer": {"name": "李雷"}}).encode()
    assert send(nobody, to="identities/tell").status_code == 422
    source_enable(code="app", is_enabled=False, now=NOW)
    assert tell("c4", phone="13912345678").status_code == 401
    assert InboxPage.objects.count() == 3


def test_the_records_of_other_systems_are_told_to_who_reaches_the_person_alone():
    def by_key(number: str) -> dict[str, object]:
        text = telling(number, phone="13912345678", name="王小芳")
        return Client().post("/api/v1/identities/tell", text, content_type="application/json", headers=bearer).json()

    owner = User.objects.create_user("engineer", password="x", role_code="engineer")
    bearer = {"Authorization": f"Bearer {key_of(owner, 'identities:write')}"}
    first, joined = by_key("c1"), by_key("c2")
    assert joined["links"] == [
        {"record_a": first["record_id"], "record_b": joined["record_id"], "kind": "phone", "evidence": "stated"}
    ]
    signed = send(telling("c3", phone="13912345678", name="王小芳"), to="identities/tell").json()
    assert (signed["person_id"], signed["links"], signed["question_ids"]) == (first["person_id"], [], [])


@pytest.mark.parametrize(
    "harm",
    [
        {"secret": "another"}, {"at": NOW - timedelta(minutes=6)}, {"at": NOW + timedelta(minutes=6)}, {"signed": b"{}"},
        {"X-Huitou-Timestamp": "soon"}, {"X-Huitou-Signature": "é"},
    ],
)  # fmt: skip
def test_a_forged_or_old_request_brings_nothing_and_is_told_nothing(harm):
    answer = send(body(), **harm)
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
    assert not InboxPage.objects.exists()
    unknown = send(body().replace(b'"app"', b'"nobody"'), **harm)
    assert unknown.json()["detail"] == answer.json()["detail"]


def test_a_stopped_source_and_a_body_that_is_none_are_refused():
    for wrong in (b"", b"[]", b'{"source": 1}', b"[" * 100_000):
        assert send(wrong).status_code == 401
    source_enable(code="app", is_enabled=False, now=NOW)
    assert send(body()).status_code == 401
    assert not InboxPage.objects.exists()


@pytest.mark.db_both
def test_several_processes_together_never_get_more_than_the_limit():
    """Each of three processes hands out what it took from the database; the fourth minute begins anew."""
    now = [NOW]
    processes = [access.Buckets(per_minute=100, clock=lambda: now[0]) for _ in range(3)]
    given = 0
    for turn in range(300):
        with suppress(Problem):
            processes[turn % 3].take("key:1")
            given += 1
    assert given == 100
    with pytest.raises(Problem) as refused:
        processes[0].take("key:1")
    assert (refused.value.status, refused.value.retry_after) == (429, 60)
    assert RateWindow.objects.get().used == 100
    access.Buckets(per_minute=60_000, kind="events:", clock=lambda: now[0]).take("key:1")  # another purse
    assert sorted(RateWindow.objects.values_list("name", "used")) == [("events:key:1", 3_000), ("key:1", 100)]
    now[0] += timedelta(minutes=1)
    processes[0].take("key:1")
    processes[0].take("key:2")
    assert RateWindow.objects.count() == 4
