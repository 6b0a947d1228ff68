"""Segments by the API: the live count, the preview and why, each within the caller's reach."""

import pytest
from django.test import Client
from tests.apps.segments.world import BUYS_TWICE, LAPSED, MARKETER, NOW, build_store, build_world
from tests.web.api.test_api import key_of

from huitou.apps.accounts.roles import Role
from huitou.apps.accounts.services import user_save
from huitou.apps.segments.models import Segment
from huitou.apps.segments.services import segment_create, segments_refresh
from huitou.warehouse.layout import Layout
from huitou.web.api import access

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    layout = Layout(tmp_path_factory.mktemp("segments-api"))
    build_store(layout)
    return layout


@pytest.fixture
def world(layout: Layout, built: Layout, db: None, monkeypatch):
    monkeypatch.setattr(access, "BUCKETS", access.Buckets())
    build_world(layout, built)
    segment = segment_create(viewer=MARKETER, name="久未购", rule=LAPSED, now=NOW)
    segments_refresh(now=NOW)
    return segment


def caller(role: Role, *store_ids: int):
    user = user_save(
        username=role.value, password="a-long-test-password", role_code=role, display_name="x", now=NOW, store_ids=store_ids
    )
    key = key_of(user)

    def call(method, address, body=None, **headers):
        client = Client()
        headers |= {"Authorization": f"Bearer {key}"}
        if method == "get":
            return client.get(f"/api/v1/{address}", headers=headers)
        return client.post(f"/api/v1/{address}", body, content_type="application/json", headers=headers)

    return call


def test_a_marketer_counts_previews_and_asks_why(world: Segment):
    call = caller(Role.MARKETER)
    counted = call("post", "segments/count", {"rule": BUYS_TWICE}).json()
    assert (counted["persons"], counted["everybody"], counted["version"], counted["as_of"]) == (2, 8, 1, "2026-06-30")
    seen = call("post", "segments/preview", {"rule": {"any": [BUYS_TWICE, LAPSED]}}).json()
    assert (seen["alone"], seen["overlaps"]) == ([2, 3], [{"segment_id": world.pk, "name": "久未购", "shared": 3}])
    (listed,) = call("get", "segments").json()["items"]
    assert (listed["name"], listed["members"], listed["version"], listed["rule"], len(listed["list_hash"])) == (
        "久未购", 3, 1, LAPSED, 64)  # fmt: skip
    why = call("get", f"segments/{world.pk}/why/103").json()
    assert (why["holds"], why["value"]) == (True, "2026-04-21")
    refused = call("post", "segments/count", {"rule": {"field": "shoe_size", "op": "eq", "value": 1}})
    assert (refused.status_code, "allowed:" in refused.json()["detail"]) == (400, True)


def test_a_segment_is_made_once_and_names_are_not_used_twice(world: Segment):
    call = caller(Role.MARKETER)
    body = {"name": "两单", "rule": BUYS_TWICE}
    answers = [call("post", "segments", body, **{"Idempotency-Key": "k1"}) for _ in range(2)]
    assert [one.status_code for one in answers] == [201, 201]
    assert Segment.objects.filter(name="两单").count() == 1
    assert call("post", "segments", body, **{"Idempotency-Key": "k2"}).status_code == 409
    assert call("post", "segments", {"name": "空", "rule": {"all": []}}, **{"Idempotency-Key": "k3"}).status_code == 422


def test_a_store_manager_counts_the_own_store_and_one_without_stores_nobody(world: Segment):
    own, stranger = caller(Role.STORE_MANAGER, 2), caller(Role.REGION_MANAGER)
    assert own("post", "segments/count", {"rule": LAPSED}).json()["persons"] == 2
    assert [one["members"] for one in own("get", "segments").json()["items"]] == [2]
    assert own("get", f"segments/{world.pk}/why/106").status_code == 404
    assert own("post", "segments", {"name": "x", "rule": LAPSED}).status_code == 403
    assert stranger("post", "segments/count", {"rule": LAPSED}).json()["persons"] == 0
    assert [one["members"] for one in stranger("get", "segments").json()["items"]] == [0]
    seen = stranger("post", "segments/preview", {"rule": LAPSED}).json()
    assert (seen["persons"], seen["sample"], seen["overlaps"][0]["shared"]) == (0, [], 0)
