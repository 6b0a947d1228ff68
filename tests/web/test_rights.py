"""A person's copy and erasure through the pages: complete, confirmed, logged, and closed to everybody else."""

import json

import pytest
from django.test import Client
from django.urls import reverse
from tests.web.conftest import NOW, PHONE, Chain

from huitou.apps.base.jobs import run_planned
from huitou.apps.base.models import AuditEvent, Job
from huitou.apps.customers.models import Person
from huitou.apps.identity.models import Membership, SourceRecord
from huitou.apps.intake.documents import document_keys_write
from huitou.apps.privacy.models import AccessEntry, ErasureRequest
from huitou.web.formats import day_text
from huitou.web.pages.person_rights import flat_lines


@pytest.fixture
def enter(client: Client, chain: Chain):
    def _enter(role: str) -> Client:
        client.force_login(chain.users[role], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return _enter


@pytest.mark.accept("S236")
@pytest.mark.parametrize("form", ["page", "json"])
def test_the_copy_holds_the_values_in_clear_and_its_handing_out_is_logged(enter, chain: Chain, form: str):
    answer = enter("agent").post(reverse("customers:copy", args=[chain.person_id]), {"form": form})
    text = answer.content.decode()
    assert "王小芳" in text
    assert PHONE in text
    assert "欧阳" not in text
    if form == "json":
        assert json.loads(text)["profile"]["name"]["value"] == "王小芳"
        assert "attachment" in answer["Content-Disposition"]
        assert PHONE not in answer["Content-Disposition"]
    assert AuditEvent.objects.filter(action_code="privacy.copy", subject_id=str(chain.person_id)).count() == 1
    assert AccessEntry.objects.filter(route_code="customers:copy").count() == 1


@pytest.mark.parametrize("given", [{}, {"number": "1"}, {"reason": "asked"}, {"reason": "?", "number": "1"}])
def test_an_unconfirmed_erasure_changes_nothing(enter, chain: Chain, given: dict):
    enter("admin").post(reverse("customers:erase", args=[chain.person_id]), given)
    assert not Job.objects.filter(name="privacy.erase_due").exists()


def test_a_confirmed_erasure_runs_as_a_job_and_the_person_is_gone(enter, chain: Chain):
    client = enter("admin")
    confirmed = {"reason": "asked", "number": str(chain.person_id)}
    assert client.post(reverse("customers:erase", args=[chain.person_id]), confirmed).status_code == 302
    client.post(reverse("customers:erase", args=[chain.person_id]), confirmed)
    assert Job.objects.filter(name="privacy.erase_due").count() == 1
    run_planned()
    assert client.get(reverse("customers:person", args=[chain.person_id])).status_code == 404
    assert Person.objects.get(pk=chain.person_id).profile is None


def test_with_a_delay_the_page_shows_the_day_and_takes_it_back(enter, chain: Chain):
    client = enter("admin")
    assert client.post(reverse("privacy:delay"), {"days": "16"}).status_code == 302
    assert "马上删除" in client.get(reverse("privacy:erasures")).content.decode()
    client.post(reverse("privacy:delay"), {"days": "10"})
    confirmed = {"reason": "asked", "number": str(chain.person_id)}
    answer = client.post(reverse("customers:erase", args=[chain.person_id]), confirmed)
    assert answer["Location"] == reverse("customers:rights", args=[chain.person_id])
    run_planned()
    (waiting,) = client.get(reverse("privacy:erasures")).context["waiting"]
    assert (waiting.person_id, (waiting.due_at - waiting.asked_at).days) == (chain.person_id, 10)
    day = day_text(waiting.due_at)
    assert f"{day} 删除，不做营销" in client.get(reverse("customers:person", args=[chain.person_id])).content.decode()
    cancel = reverse("privacy:erase_cancel", args=[waiting.request_id])
    assert cancel in client.get(reverse("customers:rights", args=[chain.person_id])).content.decode()
    assert enter("agent").post(cancel).status_code == 403
    assert enter("agent").post(reverse("privacy:delay"), {"days": "0"}).status_code == 403
    assert "10 天" in enter("auditor").get(reverse("privacy:erasures")).content.decode()
    assert enter("guide").get(reverse("privacy:erasures")).status_code == 403
    client = enter("admin")
    assert client.post(cancel).status_code == 302
    assert client.post(cancel).status_code == 404
    assert client.get(reverse("privacy:erasures")).context["waiting"] == []


@pytest.fixture
def missing(chain: Chain) -> ErasureRequest:
    """Somebody asked whom a restored backup does not hold; the records came again, to two persons."""
    document_keys_write([101, 201], [9001, 9002])
    SourceRecord.objects.create(pk=201, source_code="mall", batch_id=1, received_at=NOW)
    Membership.objects.create(record_id=201, person_id=chain.outsider_id, valid_from=NOW, event_id=1)
    return ErasureRequest.objects.create(
        person_id=777, asked_by=chain.users["admin"].pk, asked_at=NOW, due_at=NOW, reason_code="asked", state="missing",
        record_keys=[9001, 9002],
    )  # fmt: skip


@pytest.mark.db_both
def test_an_administrator_says_who_of_several_asked(enter, chain: Chain, missing: ErasureRequest):
    page, choose = (reverse(f"privacy:{name}", args=[missing.pk]) for name in ("missing", "missing_choose"))
    for role in ("agent", "auditor"):
        listed = enter(role).get(reverse("privacy:erasures")).content.decode()
        assert "2 位客户名下" in listed
        assert page not in listed
        assert enter(role).get(page).status_code == enter(role).post(choose).status_code == 403
    client = enter("admin")
    assert page in client.get(reverse("privacy:erasures")).content.decode()
    shown = client.get(page).content.decode()
    assert "王*" in shown
    assert PHONE not in shown
    person = str(chain.person_id)
    for given in ({"persons": person}, *({"confirmed": "1", "persons": wrong} for wrong in ("", "777", "x"))):
        assert client.post(choose, given).status_code == 422, given
    assert ErasureRequest.objects.get().state == "missing"
    assert client.post(choose, {"confirmed": "1", "persons": person}).status_code == 302
    assert client.get(page).status_code == 404
    run_planned()
    assert not Person.objects.get(pk=chain.person_id).is_live
    assert Person.objects.get(pk=chain.outsider_id).is_live


@pytest.mark.db_both
def test_an_administrator_ends_a_request_that_finds_nobody(enter, chain: Chain, missing: ErasureRequest):
    ErasureRequest.objects.update(record_keys=[])
    close = reverse("privacy:missing_close", args=[missing.pk])
    assert enter("agent").post(close, {"reason": "gone"}).status_code == 403
    client = enter("admin")
    assert "还没有再送来" in client.get(reverse("privacy:missing", args=[missing.pk])).content.decode()
    assert client.post(close, {"reason": "?"}).status_code == 422
    assert client.post(close, {"reason": "gone"}).status_code == 302
    assert client.post(close, {"reason": "gone"}).status_code == 404
    assert "等数据再来" not in client.get(reverse("privacy:erasures")).content.decode()
    assert AuditEvent.objects.get(action_code="privacy.erase_closed").detail == {"reason_code": "gone"}


def test_an_agent_may_copy_but_not_erase_and_a_guide_neither(enter, chain: Chain):
    agent = enter("agent")
    assert agent.get(reverse("customers:rights", args=[chain.person_id])).status_code == 200
    assert agent.post(reverse("customers:erase", args=[chain.person_id])).status_code == 403
    guide = enter("guide")
    for route in ("customers:rights", "customers:copy", "customers:erase"):
        assert guide.post(reverse(route, args=[chain.person_id])).status_code == 403
    assert not Job.objects.filter(name="privacy.erase_due").exists()


def test_any_nested_answer_reads_as_lines():
    assert list(flat_lines({"a": [{"b": 1}, "x"], "c": None, "d": ""})) == [("a.1.b", "1"), ("a.2", "x")]
    assert list(flat_lines([])) == []
