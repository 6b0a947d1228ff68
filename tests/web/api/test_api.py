"""The public API: who may call what, what a guide of another store finds (nothing), and how refusals look."""

import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from tests.web.conftest import NOW, PHONE

from huitou.apps.accounts.models import User
from huitou.apps.accounts.roles import Role
from huitou.apps.base.clock import utc_now
from huitou.apps.behaviour.models import BehaviourEvent
from huitou.apps.customers.models import Person
from huitou.apps.gateway.models import ApiKey
from huitou.apps.gateway.scopes import SCOPES
from huitou.apps.gateway.services import key_create, key_holder, key_revoke
from huitou.apps.identity.models import IdentityEvent, Membership
from huitou.apps.intake.models import ImportRun, InboxPage, QuarantineCount
from huitou.apps.intake.services import batches_apply, import_run, source_configure, sources_seal
from huitou.apps.intake.services.import_run import FORGOTTEN
from huitou.apps.segments.models import Segment
from huitou.web.api import access
from huitou.web.api.access import RULES
from huitou.web.api.api import api

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]
MASKED = "138****2716"

# operation -> (method, address, body); ids of the chain's person stand for {person}
CALLS = {
    "customers_list": ("get", "customers", None),
    "customers_search": ("post", "customers/search", {"text": PHONE}),
    "customer_standing": ("post", "customers/standing", {"kind": "phone", "value": PHONE}),
    "coupon_issue": ("post", "coupons/issue", {
        "customer": {"kind": "phone", "value": PHONE}, "kind": "NONE", "occasion": "gift", "key": "k1"}),
    "coupon_run_post": ("post", "coupons/runs", {"segment_id": 1, "kind": "NONE", "occasion": "gift", "key": "k1"}),
    "coupon_run_get": ("get", "coupons/runs/1", None),
    "coupon_redeem": ("post", "coupons/redeem", {
        "customer": {"kind": "phone", "value": PHONE}, "code": "NONE", "order": "A1", "channel": "store", "amount_fen": 1}),
    "coupon_return": ("post", "coupons/return", {"code": "NONE", "order": "A1"}),
    "customer_get": ("get", "customers/{person}", None),
    "customer_orders": ("get", "customers/{person}/orders", None),
    "customer_events": ("get", "customers/{person}/events", None),
    "identity_get": ("get", "identities/{person}", None),
    "identity_why": ("get", "identities/why?record_a=101&record_b=103", None),
    "identity_tell": ("post", "identities/tell", {
        "source": "app", "id": "t1", "occurred_at": "2026-11-20T10:00:00+08:00", "customer": {"id": "c1", "phone": PHONE}}),
    "identity_merge": ("post", "identities/merge", {"person_id": "{person}", "other_id": "{outsider}", "reason": "test"}),
    "identity_split": ("post", "identities/{person}/split", {"record_ids": [104], "reason": "test"}),
    "events_post": ("post", "events", {"source": "app", "events": [
        {"type": "view", "id": "v1", "occurred_at": "2026-11-20T10:00:00+08:00"}]}),
    "orders_list": ("get", "orders?start=2026-11-01&end=2026-12-01", None),
    "orders_get": ("get", "orders/A1", None),
    "imports_list": ("get", "imports", None),
    "import_get": ("get", "imports/1", None),
    "import_check": ("get", "imports/1/check", None),
    "import_start": ("post", "imports/1/start", {}),
    "import_errors": ("get", "imports/1/errors", None),
    "import_undo": ("post", "imports/1/undo", None),
    "import_post": ("post", "imports", None),
    "export_customers": ("get", "exports/customers", None),
    "attributes_list": ("get", "attributes", None),
    "customer_relations": ("get", "customers/{person}/relations", None),
    "customer_attributes": ("get", "customers/{person}/attributes", None),
    "stores_list": ("get", "stores", None),
    "products_list": ("get", "products", None),
    "webhooks_list": ("get", "webhooks", None),
    "webhook_post": ("post", "webhooks", {"url": "https://127.0.0.1/x", "events": ["import.ended"]}),
    "webhook_delete": ("delete", "webhooks/1", None),
    "webhook_deliveries": ("get", "webhooks/1/deliveries", None),
    "webhook_replay": ("post", "webhooks/deliveries/1/replay", None),
    "segments_list": ("get", "segments", None),
    "segments_schema": ("get", "segments/schema", None),
    "segments_count": ("post", "segments/count", {"rule": {"field": "orders", "op": "gte", "value": 1}}),
    "segments_preview": ("post", "segments/preview", {"rule": {"field": "orders", "op": "gte", "value": 1}}),
    "segment_get": ("get", "segments/1", None),
    "segment_why": ("get", "segments/1/why/{person}", None),
    "customer_recommendations": ("get", "customers/{person}/recommendations", None),
    "basket_offers": ("post", "recommendations/basket", {"products": ["P1"]}),
    "withheld_put": ("put", "recommendations/withheld", {"products": ["P1"], "reason": "off_sale"}),
    "segment_post": ("post", "segments", {"name": "x", "rule": {"field": "orders", "op": "gte", "value": 1}}),
}  # fmt: skip
PERSON_READS = ("customer_get", "customer_orders", "customer_events", "customer_attributes", "customer_relations",
                "identity_get", "identity_why")  # fmt: skip


@pytest.fixture(autouse=True)
def fresh_buckets(monkeypatch):
    monkeypatch.setattr(access, "BUCKETS", access.Buckets())


@pytest.fixture
def events_source(chain):
    source_configure(code="app", kind_code="events", settings={"secret": "s"}, now=NOW)


def key_of(user: User, *scopes: str) -> str:
    now = utc_now()
    return key_create(
        owner_id=user.pk, title="t", scopes=scopes or list(SCOPES), expires_at=now + timedelta(days=1), by=None, now=now
    )[1]


def call(client, operation, chain, key=None, **headers):
    method, address, body = CALLS[operation]
    text = json.dumps(body) if body is not None else ""
    for name, value in (("person", chain.person_id), ("outsider", chain.outsider_id)):
        address = address.replace(f"{{{name}}}", str(value))
        text = text.replace(f'"{{{name}}}"', str(value))
    if key:
        headers["Authorization"] = f"Bearer {key}"
    return (
        getattr(client, method)(f"/api/v1/{address}", data=text, content_type="application/json", headers=headers)
        if (method != "get")
        else client.get(f"/api/v1/{address}", headers=headers)
    )


def state():
    """What a refused call must leave alone."""
    return (
        Membership.objects.filter(valid_to=None).count(), IdentityEvent.objects.count(), InboxPage.objects.count(),
        ImportRun.objects.count(), Person.objects.filter(is_live=True).count(), Segment.objects.count(),
    )  # fmt: skip


def test_every_operation_has_a_rule_and_a_call_and_the_document_is_served(client: Client):
    document = client.get("/api/v1/openapi.json").json()
    named = {one["operationId"] for path in document["paths"].values() for one in path.values()}
    assert named == set(RULES) == set(CALLS)
    refusal = document["paths"]["/api/v1/stores"]["get"]["responses"]["403"]["content"]
    assert set(refusal) == {"application/problem+json"}
    assert {RULES[name].scope for name in named} == set(SCOPES)
    prefix = "/api/v1/"
    assert api.get_openapi_schema(path_prefix=prefix) is api.get_openapi_schema(path_prefix=prefix)  # written once


@pytest.mark.accept("S236")
@pytest.mark.parametrize("role", list(Role))
def test_each_role_may_call_what_its_rule_names_and_a_refusal_changes_nothing(client: Client, chain, events_source, role):
    key = key_of(chain.users[role])
    before = state()
    for operation, rule in RULES.items():
        allowed = rule.access.roles is None or role.value in rule.access.roles
        if allowed:
            continue
        answer = call(client, operation, chain, key)
        assert answer.status_code == 403, (operation, answer.content)
        assert answer["Content-Type"] == "application/problem+json"
    assert state() == before


def test_without_a_key_with_a_wrong_an_expired_or_a_revoked_one_nothing_answers(client: Client, chain, events_source):
    admin = chain.users["admin"]
    expired, revoked, gone = key_of(admin), key_of(admin), key_of(chain.users["engineer"])
    ApiKey.objects.filter(prefix=expired[:8]).update(expires_at=utc_now())
    key_revoke(key_id=ApiKey.objects.get(prefix=revoked[:8]).pk, by=None, now=utc_now())
    User.objects.filter(pk=chain.users["engineer"].pk).update(is_active=False)
    before = state()
    for key in (None, "ht_nothing", "x", expired, revoked, gone):
        for operation in RULES:
            answer = call(client, operation, chain, key)
            assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json"), (operation, key)
    assert state() == before


def test_a_key_does_only_what_it_was_made_for(client: Client, chain, events_source):
    key = key_of(chain.users["admin"], "catalogue:read")
    open_to_it = [operation for operation in RULES if call(client, operation, chain, key).status_code != 403]
    assert open_to_it == ["attributes_list", "stores_list", "products_list"]


@pytest.mark.accept("S236")
@pytest.mark.parametrize("role", ["guide", "store_manager", "region_manager"])
def test_somebody_of_another_store_finds_nothing_by_any_route(client: Client, chain, role):
    user = chain.users[role]
    user.store_ids = [chain.other_store_id]
    user.region_codes = []
    user.save()
    BehaviourEvent.objects.create(
        id=7, source_code="app", event_no="v", type_code="view", record_id=101, person_id=chain.person_id, occurred_at=NOW
    )
    key = key_of(user)
    for operation in PERSON_READS:
        answer = call(client, operation, chain, key)
        assert answer.status_code == 404, operation
    assert chain.person_id not in [one["id"] for one in call(client, "customers_list", chain, key).json()["items"]]
    assert call(client, "customers_search", chain, key).json() == {"items": []}
    by_store = json.dumps({"field": "home_store", "op": "eq", "value": chain.store_id})
    asked = client.get("/api/v1/customers", {"filter": by_store}, headers={"Authorization": f"Bearer {key}"}).json()
    assert (asked["items"], asked["count"]) == ([], 0)


def test_the_own_store_finds_the_person_masked_by_every_route(client: Client, chain):
    key = key_of(chain.users["guide"])
    for operation in set(PERSON_READS) - {"customer_orders"}:
        answer = call(client, operation, chain, key)
        assert answer.status_code == 200, (operation, answer.content)
        assert PHONE not in answer.content.decode()
    found = call(client, "customers_search", chain, key)
    assert [one["id"] for one in found.json()["items"]] == [chain.person_id]
    assert MASKED in found.content.decode()
    assert call(client, "customer_orders", chain, key).status_code == 409  # nothing was built


def test_signed_in_people_read_without_a_key_but_never_write(client: Client, chain, events_source):
    client.force_login(chain.users["admin"], backend="django.contrib.auth.backends.ModelBackend")
    assert call(client, "customer_get", chain).status_code == 200
    for operation, (method, _address, _body) in CALLS.items():
        if method != "get":
            assert call(client, operation, chain).status_code == 401, operation


def test_the_same_idempotency_key_gives_the_same_answer_and_another_body_is_refused(client: Client, chain, events_source):
    key = key_of(chain.users["admin"])
    first = call(client, "identity_split", chain, key, **{"Idempotency-Key": "k1"})
    again = call(client, "identity_split", chain, key, **{"Idempotency-Key": "k1"})
    assert (first.status_code, first.json()) == (again.status_code, again.json()) == (200, first.json())
    assert IdentityEvent.objects.filter(kind_code="split").count() == 1
    other = client.post(
        f"/api/v1/identities/{chain.person_id}/split", data=json.dumps({"record_ids": [103], "reason": "x"}),
        content_type="application/json", headers={"Authorization": f"Bearer {key}", "Idempotency-Key": "k1"},
    )  # fmt: skip
    assert other.status_code == 422
    assert "another body" in other.json()["detail"]


def test_events_are_stored_and_what_a_type_lacks_is_named_without_storing_anything(client: Client, chain, events_source):
    key = key_of(chain.users["engineer"])
    assert call(client, "events_post", chain, key).json() == {"received": 1, "repeat": False}
    assert call(client, "events_post", chain, key).json() == {"received": 0, "repeat": True}
    waiting = InboxPage.objects.count()
    bad = [
        {"type": "order", "id": "A1", "occurred_at": "2026-11-20T10:00:00Z"},
        {"type": "review", "id": "r", "occurred_at": "2026-11-20T10:00:00Z", "rating": 6},
        {"type": "gift", "id": "r", "occurred_at": "2026-11-20T10:00:00Z"},
        {"type": "view", "id": "r", "occurred_at": "yesterday"},
        {"type": "touch", "id": "r", "occurred_at": "2026-11-20T10:00:00Z", "customer": {"id": "c"}},
        {"type": "touch", "id": "r", "occurred_at": "2026-11-20T10:00:00Z", "customer": {"id": "c"}, "channel": "store"},
        {"type": "response", "id": "r", "occurred_at": "2026-11-20T10:00:00Z", "channel": "sms"},
        {"type": "view", "id": "r", "occurred_at": "2026-11-20T10:00:00 Mars/Olympus"},
        {"type": "view", "id": "r", "occurred_at": "2026-11-20T10:00:00+99:00"},
        {"type": "view", "id": "r\x00", "occurred_at": "2026-11-20T10:00:00Z"},
        {"type": "view", "id": "r", "occurred_at": "2026-11-20T10:00:00Z", "person_id": 7},
    ]
    for event in bad:
        answer = client.post(
            "/api/v1/events", data=json.dumps({"source": "app", "events": [event]}), content_type="application/json",
            headers={"Authorization": f"Bearer {key}"},
        )  # fmt: skip
        assert answer.status_code == 422, event
        assert answer.json()["errors"]
    assert InboxPage.objects.count() == waiting
    stranger = {"source": "pos", "events": CALLS["events_post"][2]["events"]}
    answer = client.post(
        "/api/v1/events", data=json.dumps(stranger), content_type="application/json", headers={"Authorization": f"Bearer {key}"}
    )
    assert answer.status_code == 404


def test_an_event_id_counts_once_per_source_as_the_document_says(client: Client, chain, events_source):
    description = api.get_openapi_schema()["paths"]["/api/v1/events"]["post"]["description"]
    assert "Idempotent by (source, id, version)" in description
    key = {"Authorization": f"Bearer {key_of(chain.users['engineer'])}"}
    event = CALLS["events_post"][2]["events"][0]
    for type_code in ("view", "search", "view"):
        sent = {"source": "app", "events": [event | {"type": type_code}]}
        answer = client.post("/api/v1/events", data=json.dumps(sent), content_type="application/json", headers=key)
        assert answer.status_code == 202, answer.content
    sources_seal(now=utc_now())
    batches_apply(now=utc_now())
    kept = BehaviourEvent.objects.filter(source_code="app", event_no=event["id"])
    assert kept.values_list("type_code", flat=True).get() == "view"
    assert QuarantineCount.objects.get(source_code="app").reason_code == "conflict"


def test_a_file_goes_through_the_api_from_upload_to_undo(client: Client, chain):
    key = {"Authorization": f"Bearer {key_of(chain.users['engineer'])}"}
    file = SimpleUploadedFile("会员.csv", "会员卡号,手机号\n660001,13812345678\n660002,1\n".encode("gb18030"))
    made = client.post("/api/v1/imports", {"file": file, "kind": "members"}, headers=key)
    assert made.status_code == 201, made.content
    number = made.json()["id"]
    assert (made.json()["encoding"], made.json()["mapping"]) == ("gb18030", {"member_card": 0, "phone": 1})
    checked = client.get(f"/api/v1/imports/{number}/check", headers=key).json()
    assert (checked["rows"], checked["errors"][0]["reason_code"]) == (2, "bad_phone")
    started = client.post(f"/api/v1/imports/{number}/start", data="{}", content_type="application/json", headers=key)
    assert (started.status_code, started.json()["state"]) == (202, "running")
    import_run(import_id=number, now=utc_now())
    batches_apply(now=utc_now())
    done = client.get(f"/api/v1/imports/{number}", headers=key).json()
    assert (done["state"], done["new"], done["quarantined"]) == ("done", 1, 1)
    errors = client.get(f"/api/v1/imports/{number}/errors", headers=key)
    assert (
        b"".join(errors.streaming_content)
        .decode("utf-8-sig")
        .splitlines()[1]
        .startswith("3,手机号,手机号 不是有效的手机号或座机号")
    )
    assert client.get("/api/v1/imports", headers=key).json()["items"][0]["id"] == number
    assert client.post(f"/api/v1/imports/{number}/undo", headers=key).json()["state"] == "undone"


@pytest.mark.parametrize(
    ("wanted", "language", "reasons"),
    [
        ("", "en", ("The file is empty", "Required fields have no column yet: Order number, Sold at, ", "Bad phone number")),
        ("fr, *;q=0.5", "en", ("The file is empty", "Required fields have no column yet: ", "Bad phone number")),
        ("zh-CN,en;q=0.5", "zh-hans", ("文件是空的", "还没有对应的必填字段：", "不是有效的手机号")),
    ],
)  # fmt: skip
def test_why_a_file_is_refused_is_said_in_the_callers_language(client: Client, chain, wanted, language, reasons):
    headers = {"Authorization": f"Bearer {key_of(chain.users['engineer'])}", **({"Accept-Language": wanted} if wanted else {})}

    def sent(content: str, kind: str):
        file = SimpleUploadedFile("x.csv", content.encode())
        return client.post("/api/v1/imports", {"file": file, "kind": kind}, headers=headers)

    empty = sent("", "members")
    unmapped = sent("a,b\n1,2\n", "orders").json()["id"]
    started = client.post(f"/api/v1/imports/{unmapped}/start", data="{}", content_type="application/json", headers=headers)
    for answer, reason in zip((empty, started), reasons[:2], strict=True):
        assert (answer.status_code, answer.headers["Content-Language"]) == (422, language)
        assert answer.json()["detail"].startswith(reason), answer.json()
    bad = sent("会员卡号,手机号\n660002,1\n", "members").json()["id"]
    (row,) = client.get(f"/api/v1/imports/{bad}/check", headers=headers).json()["errors"]
    assert reasons[2] in row["reason"]
    assert row["reason_code"] == "bad_phone"
    failed = ImportRun.objects.get(pk=bad)
    failed.state, failed.error = "failed", FORGOTTEN
    failed.save()
    told = client.get(f"/api/v1/imports/{bad}", headers=headers).json()["error"]
    assert (told == FORGOTTEN) == (language == "zh-hans")


def test_an_export_is_masked_cut_to_reach_and_says_how_many_rows_it_has(client: Client, chain):
    key = key_of(chain.users["marketer"])
    answer = call(client, "export_customers", chain, key)
    assert answer.status_code == 200, answer.content
    content = b"".join(answer.streaming_content).decode("utf-8-sig")
    lines = content.splitlines()
    assert (len(lines), lines[-1]) == (5, "# 3 rows")
    assert MASKED in content
    assert PHONE not in content


def test_too_many_requests_are_told_how_long_to_wait(client: Client, chain, monkeypatch):
    monkeypatch.setattr(access, "BUCKETS", access.Buckets(per_minute=2, clock=lambda: NOW))
    key = key_of(chain.users["admin"])
    codes = [call(client, "stores_list", chain, key) for _ in range(3)]
    assert [answer.status_code for answer in codes] == [200, 200, 429]
    assert codes[-1]["Retry-After"] == "60"


@pytest.mark.parametrize(
    "query", ['{"field": "phone", "op": "eq", "value": "1"}', "[" * 3000, "null", '{"all": ' * 40 + "{}" + "}" * 40, "x"]
)
def test_a_filter_that_is_none_is_refused(client: Client, chain, query):
    key = key_of(chain.users["admin"])
    answer = client.get("/api/v1/customers", {"filter": query}, headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("operation", "content", "kind", "status"),
    [
        ("events_post", b'"' + b"A" * (8 << 20) + b'"', "application/json", 413),
        ("segment_post", b"A" * (9 << 20), "application/json", 413),
        ("import_post", b"a=1&" * 2_000, "application/x-www-form-urlencoded", 413),
        ("import_post", b"--x", "multipart/form-data", 400),
        ("import_post", b"--x\r\nnothing", "multipart/form-data; boundary=" + "x" * 300, 400),
        ("customers_search", b"[" * 100_000, "application/json", 400),
        ("customers_search", b'{"text": "\\ud800"}', "application/json", 422),
        ("customers_search", b"\xff\xfe{}", "application/json", 400),
    ],
    ids=["large events", "large rule", "many fields", "no boundary", "long boundary", "deep", "half a sign", "no text"],
)
def test_a_body_that_is_none_or_too_large_is_refused_in_the_form_of_every_refusal(
    client: Client, chain, operation, content, kind, status
):
    method, address, _body = CALLS[operation]
    key = {"Authorization": f"Bearer {key_of(chain.users['admin'])}"}
    before = state()
    answer = getattr(client, method)(f"/api/v1/{address}", data=content, content_type=kind, headers=key)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json"), answer.content
    assert state() == before


def test_keys_are_stored_as_hashes_and_their_use_is_noted(chain):
    text = key_of(chain.users["admin"])
    key = ApiKey.objects.get()
    assert text not in str(vars(key))
    now = utc_now()
    assert key_holder(text, now=now).owner_id == chain.users["admin"].pk
    key.refresh_from_db()
    assert key.last_used_at == now


def test_the_page_of_the_api_names_every_operation(client: Client, chain):
    client.force_login(chain.users["admin"], backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("api_docs")).content.decode()
    document = api.get_openapi_schema(path_prefix="/api/v1/")
    assert all(path in page for path in document["paths"])
