"""Custom attributes through the pages: defined, imported by the wizard, filled in and verified on the person's page."""

import io
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from tests.web.conftest import Chain

from huitou.apps.attributes.models import Attribute, AttributeValue, EventType
from huitou.apps.base.clock import utc_now
from huitou.apps.customers.models import Person
from huitou.apps.intake.models import ImportRun
from huitou.apps.intake.services import batches_apply, import_run
from huitou.apps.privacy.models import AccessEntry
from huitou.apps.value.models import PersonTag

DRIVE = {"title": "动力", "code": "drive", "type_code": "choice", "choices": "ev 电动\noil 燃油", "stale_after_days": "180"}


@pytest.fixture
def enter(chain: Chain):
    def _enter(role: str) -> Client:
        client = Client()
        client.force_login(chain.users[role], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return _enter


@pytest.mark.accept("S16")
def test_an_admin_defines_and_people_fill_in_verify_and_reveal(enter, chain: Chain):
    admin = enter("admin")
    assert admin.post(reverse("attributes:new"), DRIVE | {"choices": "一个"}).status_code == 422
    assert admin.post(reverse("attributes:new"), DRIVE).status_code == 302
    secret = {"title": "过敏", "code": "allergy", "type_code": "text", "is_sensitive": "on", "stale_after_days": "30"}
    assert admin.post(reverse("attributes:new"), secret).status_code == 302
    assert admin.post(reverse("attributes:event_new"), {"title": "订单", "code": "order"}).status_code == 422
    assert admin.post(reverse("attributes:event_new"), {"title": "保养", "code": "maintenance"}).status_code == 302
    drive, allergy = Attribute.objects.order_by("pk")
    weight = {"title": "体重", "code": "weight", "type_code": "decimal", "places": "1", "unit": "kg", "stale_after_days": "30"}
    assert admin.post(reverse("attributes:new"), weight | {"places": ""}).status_code == 422
    assert admin.post(reverse("attributes:new"), weight).status_code == 302
    known = Attribute.objects.get(code="weight")
    assert admin.post(reverse("attributes:edit", args=[known.pk]), weight | {"places": "3"}).status_code == 302
    assert Attribute.objects.get(code="weight").places == 1  # given once
    paper = enter("agent").post(reverse("attributes:observe", args=[chain.person_id, known.pk]), {"value": "60.5"})
    assert "60.5 kg" in paper.content.decode()
    assert admin.get(reverse("attributes:edit", args=[drive.pk])).status_code == 200
    assert "动力" in admin.get(reverse("attributes:list")).content.decode()
    guide = enter("guide")
    card = guide.post(reverse("attributes:observe", args=[chain.person_id, drive.pk]), {"value": "ev"}).content.decode()
    assert "电动" in card
    wrong = guide.post(reverse("attributes:observe", args=[chain.person_id, drive.pk]), {"value": "煤"}).content.decode()
    assert "类型不符" in wrong
    agent = enter("agent")
    shown = agent.post(reverse("attributes:observe", args=[chain.person_id, allergy.pk]), {"value": "花生"}).content.decode()
    assert "没有同意" in shown
    yes = {"channel": "phone", "purpose": "personal", "answer": "granted", "source": "counter", "reason": "asked"}
    assert agent.post(reverse("customers:consent", args=[chain.person_id]), yes).status_code == 302
    shown = agent.post(reverse("attributes:observe", args=[chain.person_id, allergy.pk]), {"value": "花生"}).content.decode()
    assert "花生" not in shown
    seen = agent.post(reverse("attributes:reveal", args=[chain.person_id, allergy.pk]), {"reason": "verify"})
    assert "花生" in seen.content.decode()
    value = AttributeValue.objects.get(attribute_id=drive.pk)
    AttributeValue.objects.filter(pk=value.pk).update(observed_at=value.observed_at.replace(year=2024))
    stale = guide.get(reverse("quality:stale")).content.decode()
    assert reverse("attributes:verify", args=[value.pk]) in stale
    assert guide.get(reverse("quality:stale_export")).status_code == 403
    lines = b"".join(agent.get(reverse("quality:stale_export")).streaming_content).decode("utf-8-sig").splitlines()
    assert [line for line in lines if line.startswith(f"{chain.person_id},动力,电动,人工填写,2024")]
    assert lines[-1] == "# 1 rows"
    assert AccessEntry.objects.filter(route_code="quality:stale_export").exists()
    assert guide.post(reverse("attributes:verify", args=[value.pk])).status_code == 302
    assert "没有待核实的值" in guide.get(reverse("quality:stale")).content.decode()
    given = {"tag_code": "picnic", "given_at": utc_now() - timedelta(days=999)}
    tag = PersonTag.objects.create(person_id=chain.person_id, **given)
    far = PersonTag.objects.create(person_id=chain.outsider_id, **given)
    assert reverse("quality:tag_confirm", args=[chain.person_id, tag.pk]) in guide.get(reverse("quality:stale")).content.decode()
    for person_id, row in ((chain.outsider_id, far), (chain.person_id, far)):
        assert guide.post(reverse("quality:tag_confirm", args=[person_id, row.pk])).status_code == 404
    assert guide.post(reverse("quality:confirm", args=[chain.outsider_id, "name"])).status_code == 404
    assert PersonTag.objects.filter(verified_at=None).count() == 2
    assert guide.post(reverse("quality:tag_confirm", args=[chain.person_id, tag.pk])).status_code == 302
    assert "没有待核实的值" in guide.get(reverse("quality:stale")).content.decode()
    Person.objects.filter(pk=chain.person_id).update(oldest_value_on=date(2024, 1, 1))
    assert "1 位客户的资料待核实" in guide.get(reverse("system:notices")).content.decode()
    listed = agent.get(reverse("customers:list") + "?f=attribute_drive.eq.ev").content.decode()
    assert f"/customers/{chain.person_id}" in listed
    admin.post(reverse("attributes:switch", args=["attribute", drive.pk]), {"enabled": "0"})
    assert "动力" not in guide.get(reverse("attributes:person", args=[chain.person_id])).content.decode()
    assert EventType.objects.get().title == "保养"


@pytest.mark.accept("S34")
def test_the_ready_made_sensitive_attributes_are_added_by_one_click(enter):
    engineer = enter("engineer")
    assert "收入水平" in engineer.get(reverse("attributes:list")).content.decode()
    assert enter("guide").post(reverse("attributes:preset", args=["income_level"])).status_code == 403
    for _twice in range(2):
        assert engineer.post(reverse("attributes:preset", args=["income_level"])).status_code == 302
    one = Attribute.objects.get()
    assert (one.code, one.is_sensitive, len(one.choices)) == ("income_level", True, 5)
    page = engineer.get(reverse("attributes:list")).content.decode()
    assert reverse("attributes:preset", args=["income_level"]) not in page
    assert reverse("attributes:preset", args=["education"]) in page


@pytest.mark.accept("S12")
def test_the_wizard_offers_attributes_by_name_and_refuses_third_party_data_without_a_basis(enter):
    engineer = enter("engineer")
    third = {"title": "收入段", "code": "income", "type_code": "text", "stale_after_days": "180", "is_third_party": "on"}
    engineer.post(reverse("attributes:new"), third)
    engineer.post(reverse("attributes:new"), DRIVE)
    sheet = io.BytesIO("会员卡号,姓名,动力,收入段\n660101,赵敏,电动,B\n660102,钱进,煤,C\n".encode())
    sheet.name = "属性.csv"
    answer = engineer.post(reverse("imports:new"), {"file": sheet, "kind": "attributes", "source": "files"})
    run = ImportRun.objects.get()
    page = engineer.get(answer["Location"]).content.decode()
    assert 'name="column_attribute_drive"' in page
    assert "value_1" not in page
    columns = {"column_member_card": "0", "column_name": "1", "column_attribute_drive": "2"}
    refused = engineer.post(reverse("imports:map", args=[run.pk]), columns | {"column_attribute_income": "3"})
    assert refused.status_code == 422
    assert "收入段" in refused.content.decode()
    assert engineer.post(reverse("imports:map", args=[run.pk]), columns).status_code == 302
    import_run(import_id=run.pk, now=utc_now())
    batches_apply(now=utc_now())
    assert list(AttributeValue.objects.order_by("pk").values_list("text_value", "is_readable")) == [("ev", True), (None, False)]


@pytest.mark.accept("S16")
def test_the_api_takes_values_and_custom_events_and_names_what_does_not_fit(enter, chain: Chain):
    from tests.web.api.test_api import key_of

    from huitou.apps.intake.services import source_configure

    source_configure(code="app", kind_code="events", settings={"secret": "s"}, now=utc_now())
    admin = enter("admin")
    admin.post(reverse("attributes:new"), DRIVE)
    admin.post(reverse("attributes:event_new"), {"title": "保养", "code": "maintenance"})
    key = {"Authorization": f"Bearer {key_of(chain.users['admin'])}"}

    def send(**event: object):
        told = {"id": "e1", "occurred_at": "2026-11-20T10:00:00+08:00", "customer": {"openid": "o-9"}} | event
        body = {"source": "app", "events": [told]}
        return Client().post("/api/v1/events", body, content_type="application/json", headers=key)

    assert send(type="maintenance", text="首保").status_code == 202
    assert send(type="attribute", attribute="drive", value="电动").status_code == 202
    for wrong in (
        {"type": "stay"}, {"type": "attribute", "attribute": "drive", "value": "煤"},
        {"type": "attribute", "attribute": "colour", "value": "红"}, {"type": "attribute", "attribute": "drive"},
    ):  # fmt: skip
        answer = send(**wrong)
        assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json"), wrong
    answer = Client().get("/api/v1/attributes", headers=key)
    assert answer.status_code == 200, answer.content
    listed = answer.json()["items"]
    assert [(one["kind"], one["code"], one["is_usable"]) for one in listed] == [
        ("attribute", "drive", True), ("event", "maintenance", True),
    ]  # fmt: skip
