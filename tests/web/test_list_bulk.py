"""Many rows at once: ticked or all of a filter, within one's reach, told in whole numbers, undone; and the list as a file."""

import csv
import io
from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse
from tests.apps.customers.people import person_make
from tests.web.conftest import NOW, PHONE, Chain

from huitou.apps.attributes.services import attribute_save
from huitou.apps.attributes.services.define import Told
from huitou.apps.base import jobs
from huitou.apps.base.fields import Noun
from huitou.apps.base.models import AuditEvent, Job
from huitou.apps.privacy.models import AccessEntry
from huitou.apps.value.models import InferenceRule, InferredValue, PersonTag, TagChange
from huitou.apps.value.services import tag_define
from huitou.core.attributes import AttributeChoice, AttributeType
from huitou.core.value.tags import Dimension
from huitou.web.csv_lines import csv_line
from huitou.web.lists import registry
from huitou.web.lists.customer_actions import TAGGING

LIST = "/customers"
BULK, EXPORT = "/lists/customer/bulk", "/lists/customer/export"


@pytest.fixture
def enter(client: Client, chain: Chain):
    tag_define(
        code="picnic",
        name="野餐",
        dimension=next(iter(Dimension)),
        definition="爱野餐",
        owner_id=chain.users["marketer"].pk,
        now=NOW,
    )

    def _enter(role: str) -> Client:
        client.force_login(chain.users[role], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return _enter


def tagged() -> set[int]:
    return set(PersonTag.objects.filter(tag_code="picnic", is_current=True).values_list("person_id", flat=True))


def post(client: Client, **sent: object) -> str:
    told = {"do": "tag_give", "choice_tag": "picnic", "next": LIST, **sent}
    return client.post(BULK, told, follow=True).content.decode()


def test_ticked_rows_are_tagged_once_and_it_is_undone_as_a_whole(enter, chain: Chain):
    client = enter("marketer")
    page = client.get(LIST).content.decode()
    assert f'value="{chain.person_id}" data-bulk-row' in page
    assert "野餐" in page
    said = post(client, ids=[chain.person_id, chain.outsider_id])
    assert "已给 2 人加上「野餐」" in said
    assert 'action="/tags/changes/' in said
    again = post(client, ids=[chain.person_id, chain.person_id + 2])
    assert "已给 1 人加上「野餐」。1 人原来就有。" in again
    assert tagged() == {chain.person_id, chain.outsider_id, chain.person_id + 2}
    change = PersonTag.objects.filter(person_id=chain.outsider_id).values_list("given_in", flat=True).get()
    undone = client.post(reverse("tags:undo", args=[change]), headers={"referer": f"http://testserver{LIST}?sort=id"})
    assert undone.url == f"{LIST}?sort=id"
    assert tagged() == {chain.person_id + 2}
    assert "已从 1 人取下「野餐」。2 人本来没有。" in post(client, do="tag_take", everything="1")
    assert tagged() == set()


def test_many_are_left_to_a_job_whose_toast_comes_along_until_its_end(enter, chain: Chain, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("huitou.apps.value.services.tags_of_many.PART", 1)
    client = enter("marketer")
    assert "正在加标签「野餐」：0／3 人" in post(client, everything="1")
    change = TagChange.objects.get()
    part = reverse("tags:change", args=[change.pk])
    assert f'hx-get="{part}"' in client.get("/orders").content.decode()
    assert f'hx-get="{part}"' in client.get(part).content.decode()
    assert enter("manager").get(part).status_code == 404  # another user's
    assert enter("guide").get(part).status_code == 403
    client = enter("marketer")
    assert "进行中" in client.get(reverse("tags:list")).content.decode()
    Job.objects.filter(name="value.tags_of_many").update(state="failed")
    assert "还有 3 人没有做" in client.get(part).content.decode()
    resume = reverse("tags:resume", args=[change.pk])
    assert resume in client.get(reverse("tags:list")).content.decode()
    assert f'hx-get="{part}"' in client.post(resume, follow=True).content.decode()
    jobs.run_planned()
    end = client.get(part).content.decode()
    assert "已给 3 人加上「野餐」。" in end
    assert reverse("tags:undo", args=[change.pk]) in end
    assert part not in client.get("/orders").content.decode()  # told once
    assert "正在撤销标签「野餐」" in client.post(reverse("tags:undo", args=[change.pk]), follow=True).content.decode()
    jobs.run_planned()
    assert "已撤销，3 人恢复原样" in client.get(part).content.decode()
    assert tagged() == set()


def test_what_is_inferred_becomes_no_tag_and_one_given_otherwise_can_be_taken(enter, chain: Chain):
    attribute_save(
        told=Told("job", "职业"), type=AttributeType.CHOICE, choices=(AttributeChoice("clerk", "职员"),), by=1, now=NOW
    )
    rule = InferenceRule.objects.create(attribute_code="job", is_on=True, switched_by=1, switched_at=NOW)
    InferredValue.objects.create(rule=rule, person_id=chain.person_id, value_code="clerk", confidence=0.7, inferred_on=NOW.date())
    client = enter("marketer")
    inferred = f"{LIST}?f=inferred_job.eq.clerk"
    for sent in ({"everything": "1"}, {"ids": [chain.person_id]}):
        assert "推断只用来了解顾客，不能变成标签" in post(client, next=inferred, **sent)
        assert tagged() == set()
    post(client, ids=[chain.person_id])
    assert tagged() == {chain.person_id}
    assert "已从 1 人取下" in post(client, do="tag_take", next=inferred, everything="1")
    assert tagged() == set()


def test_everything_is_what_the_filter_matches_and_never_a_part_of_it(enter, chain: Chain, monkeypatch: pytest.MonkeyPatch):
    client = enter("marketer")
    assert "已给 1 人" in post(client, next=f"{LIST}?f=sources.gte.4", everything="1")
    assert tagged() == {chain.person_id}
    small = replace(registry.LISTS[Noun.CUSTOMER], bulk=(replace(TAGGING, most=2),))
    monkeypatch.setattr(registry, "LISTS", registry.LISTS | {Noun.CUSTOMER: small})
    monkeypatch.setattr("huitou.web.pages.lists.LISTS", registry.LISTS)
    assert "符合条件的超过一次最多的 2" in post(client, everything="1")
    assert tagged() == {chain.person_id}
    assert "没有选中任何一行" in post(client)
    assert "没有字段「gone」" in post(client, next=f"{LIST}?f=gone.eq.1", everything="1")


def test_a_role_without_tags_may_not_and_a_store_reaches_its_own(enter, chain: Chain):
    for role in ("guide", "agent"):
        assert enter(role).post(BULK, {"do": "tag_give", "choice_tag": "picnic", "ids": [chain.person_id]}).status_code == 403
    assert "data-bulk-row" not in enter("guide").get(LIST).content.decode()
    assert enter("marketer").post(BULK, {"do": "delete", "ids": [chain.person_id]}).status_code == 404
    assert "没有这个标签" in post(enter("marketer"), choice_tag="none", ids=[chain.person_id])
    assert "都不在你的范围内" in post(enter("store_manager"), ids=[chain.outsider_id])
    post(enter("store_manager"), everything="1")
    assert tagged() == {chain.person_id, chain.person_id + 2}


def rows_of(client: Client, **sent: object) -> list[list[str]]:
    answer = client.post(EXPORT, {"next": LIST, **sent})
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


def test_the_file_holds_every_row_masked_with_the_columns_of_the_list_and_its_count(enter, chain: Chain):
    made = range(9_001, 9_251)
    for number in made:
        person_make(number, store_id=chain.store_id, profile={"name": "=1+1"}, net_365d_fen=-1250)
    client = enter("agent")
    lines = rows_of(client, everything="1", next=f"{LIST}?sort=id")
    head, *rows, last = lines
    assert head[:2] == ["id", "客户"]
    assert [int(row[0]) for row in rows] == sorted({chain.person_id, chain.outsider_id, chain.person_id + 2, *made})
    assert last == ["# 253 rows"]
    assert rows[-1][1].startswith("'=")
    assert rows[-1][head.index("近 12 月净消费")] == "-12.50"
    assert PHONE not in str(lines)
    event = AuditEvent.objects.get(action_code="lists.export")
    assert (event.user_id, event.detail["ticked"]) == (chain.users["agent"].pk, None)
    taken = AccessEntry.objects.filter(route_code="lists:export").values_list("person_ids", flat=True)
    assert sorted(one for ids in taken for one in ids) == [int(row[0]) for row in rows]
    ticked = rows_of(client, ids=[chain.person_id, "x", 10**30])
    assert [row[0] for row in ticked[1:]] == [str(chain.person_id), "# 1 rows"]


def test_who_may_not_export_gets_no_file_and_a_list_without_people_writes_no_access(enter, chain: Chain):
    assert enter("guide").post(EXPORT, {"next": LIST, "everything": "1"}).status_code == 403
    answer = enter("engineer").post("/lists/store/export", {"next": "/stores", "everything": "1"})
    assert b"# 2 rows" in b"".join(answer.streaming_content)
    assert not AccessEntry.objects.filter(route_code="lists:export").exists()


def test_a_negative_number_is_no_formula():
    assert csv_line(["-12.50", "-1+2", "=1", "@x"]) == b"-12.50,'-1+2,'=1,'@x\r\n"
