"""Values in clear leave by the word of two persons; each row leads back to who took it; formulas are text."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from tests.web.conftest import PHONE, Chain

from huitou.apps.attributes.models import Attribute, AttributeValue
from huitou.apps.attributes.values import value_columns
from huitou.apps.base.clock import utc_now
from huitou.apps.base.models import AuditEvent
from huitou.apps.customers.models import Person
from huitou.apps.customers.services import PersonFile, persons_project
from huitou.apps.privacy.models import AccessEntry, Consent, ExportRequest
from huitou.apps.privacy.services import watermark_export
from huitou.web.csv_lines import csv_line

pytestmark = [pytest.mark.django_db, pytest.mark.accept("S236")]
ASK = {"purpose": "service", "fields": ["name", "phone"]}


@pytest.fixture
def enter(chain: Chain):
    def _enter(role: str) -> Client:
        client = Client()
        client.force_login(chain.users[role], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return _enter


def agreed(person_id: int, answer: str = "granted") -> None:
    now = utc_now()
    Consent.objects.create(
        person_id=person_id, channel_code="counter", purpose_code="service", answer_code=answer, source_code="counter",
        said_at=now, recorded_at=now,
    )  # fmt: skip


def post(client: Client, route: str, number: int, **values: str):
    return client.post(reverse(route, args=[number]), values)


def test_an_export_in_clear_needs_a_second_person_and_carries_marks(enter, chain: Chain):
    marketer, manager = enter("marketer"), enter("manager")
    marketer.post(reverse("exports:new"), ASK)
    one = ExportRequest.objects.get()
    assert post(marketer, "exports:take", one.pk).status_code == 422
    assert post(marketer, "exports:decide", one.pk, approve="1").status_code == 403
    assert post(manager, "exports:decide", one.pk, approve="1").status_code == 302
    assert post(manager, "exports:take", one.pk).status_code == 422  # only who asked
    content = b"".join(post(marketer, "exports:take", one.pk).streaming_content).decode("utf-8-sig")
    whose, header, *rows, last = list(csv.reader(io.StringIO(content)))
    assert whose[1] == "marketer"
    assert (header, last) == (["id", "name", "phone", "watermark"], ["# 3 rows"])
    row = next(row for row in rows if row[0] == str(chain.person_id))
    assert row[1:3] == ["王小芳", PHONE]
    assert watermark_export(row[3], chain.person_id) == one.pk
    assert watermark_export(row[3], chain.outsider_id) is None  # a row that was changed proves nothing
    actions = set(AuditEvent.objects.filter(subject_kind="export").values_list("action_code", flat=True))
    assert actions == {"export.asked", "export.approved", "export.taken"}
    taken = AccessEntry.objects.get(route_code="exports:take")
    assert chain.person_id in taken.person_ids
    assert PHONE not in str(list(AuditEvent.objects.values_list("detail", flat=True)))


def test_an_export_for_a_campaign_leaves_out_who_is_kept_out_of_marketing(enter, chain: Chain):
    Person.objects.filter(pk=chain.person_id).update(of_age_on=date(2100, 1, 1))  # a child
    marketer = enter("marketer")
    for purpose, rows in (("campaign", 2), ("service", 3)):
        marketer.post(reverse("exports:new"), ASK | {"purpose": purpose})
        one = ExportRequest.objects.get(purpose_code=purpose)
        post(enter("manager"), "exports:decide", one.pk, approve="1")
        content = b"".join(post(marketer, "exports:take", one.pk).streaming_content).decode("utf-8-sig")
        _, _, *told, last = list(csv.reader(io.StringIO(content)))
        assert last == [f"# {rows} rows", *(["1 kept out of marketing"] if rows == 2 else [])]
        assert (str(chain.person_id) in {row[0] for row in told}) == (purpose == "service")


def test_a_sensitive_attribute_is_handed_out_of_those_alone_who_grant_it_and_to_who_may_see_one(enter, chain: Chain):
    note = Attribute.objects.create(
        code="health", title="健康备注", type_code="text", is_sensitive=True, purpose_code="service", created_at=utc_now()
    )
    other = Person.objects.exclude(pk__in=(chain.person_id, chain.outsider_id)).get()
    for number, person_id in enumerate((chain.person_id, chain.outsider_id, other.pk), start=1):
        AttributeValue.objects.create(
            attribute_id=note.pk, record_id=number, person_id=person_id, source_code="manual", is_current=True,
            observed_at=utc_now(), **value_columns(note, number, f"对花生过敏{person_id}"),
        )  # fmt: skip
        if person_id != other.pk:
            agreed(person_id)
    fields = {"fields": ["name", "attribute_health"]}
    assert enter("marketer").post(reverse("exports:new"), ASK | fields).status_code == 422
    agent = enter("agent")
    assert "健康备注" in agent.get(reverse("exports:new")).content.decode()
    assert agent.post(reverse("exports:new"), ASK | fields).status_code == 302
    one = ExportRequest.objects.get()
    post(enter("manager"), "exports:decide", one.pk, approve="1")
    agreed(chain.outsider_id, "withdrawn")  # after it was approved
    content = b"".join(post(agent, "exports:take", one.pk).streaming_content).decode("utf-8-sig")
    _, header, *rows, _last = list(csv.reader(io.StringIO(content)))
    assert header == ["id", "name", "attribute_health", "watermark"]
    assert {row[0]: row[2] for row in rows} == {
        str(chain.person_id): f"对花生过敏{chain.person_id}", str(chain.outsider_id): "", str(other.pk): ""
    }  # fmt: skip
    chain.users["agent"].role_code = "marketer"  # who may not see one any more
    chain.users["agent"].save()
    assert "花生" not in b"".join(post(agent, "exports:take", one.pk).streaming_content).decode("utf-8-sig")


def test_nobody_approves_their_own_and_an_approval_ends(enter, chain: Chain):
    manager = enter("manager")
    manager.post(reverse("exports:new"), ASK)
    one = ExportRequest.objects.get()
    answer = post(manager, "exports:decide", one.pk, approve="1")
    assert (answer.status_code, ExportRequest.objects.get().state) == (422, "asked")
    with pytest.raises(IntegrityError), transaction.atomic():
        ExportRequest.objects.filter(pk=one.pk).update(decided_by=one.asked_by)  # nor past the service
    post(enter("admin"), "exports:decide", one.pk, approve="1")
    assert post(enter("admin"), "exports:decide", one.pk, approve="0").status_code == 422  # what is decided stays
    ExportRequest.objects.filter(pk=one.pk).update(expires_at=one.asked_at - timedelta(seconds=1))
    assert post(manager, "exports:take", one.pk).status_code == 422
    assert ExportRequest.objects.get().taken_count == 0


@pytest.mark.parametrize("given", [{"purpose": "x", "fields": ["name"]}, {"purpose": "service"}, ASK | {"fields": ["profile"]}])
def test_a_request_without_purpose_or_with_an_unknown_field_is_refused(enter, given: dict):
    assert enter("marketer").post(reverse("exports:new"), given).status_code == 422
    assert not ExportRequest.objects.exists()


def test_a_name_that_is_a_formula_is_text(enter, chain: Chain):
    formula = "=HYPERLINK(1)"
    value = {"value": formula, "record_id": 1, "source_code": "mall", "observed_at": "2026-11-01T00:00:00+00:00"}
    persons_project(
        [PersonFile(chain.person_id, {"name": value}, {}, 1, 1, False, chain.store_id, None)],
        now=chain.users["admin"].date_joined,
    )
    enter("agent").post(reverse("exports:new"), ASK)
    one = ExportRequest.objects.get()
    post(enter("manager"), "exports:decide", one.pk, approve="1")
    content = b"".join(post(enter("agent"), "exports:take", one.pk).streaming_content).decode()
    assert f"'{formula}" in content
    assert f",{formula}" not in content
    assert csv_line(["@x", "1"]) == b"'@x,1\r\n"


def test_a_filter_that_cannot_be_asked_is_told_with_the_way_on(enter, chain: Chain):
    page = enter("marketer").get(reverse("exports:new"), {"f": "orders.gte.2,mood_ring.eq.1"})
    assert page.status_code == 400
    text = page.content.decode()
    assert "没有字段「mood_ring」" in text
    assert f'href="{reverse("exports:new")}?f=orders.gte.2"' in text
    assert "读不懂" in enter("marketer").get(reverse("exports:new"), {"f": "not(("}).content.decode()
