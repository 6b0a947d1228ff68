"""A customer told over the interface: answered at once, and found by its batch under the same id."""

from datetime import timedelta
from typing import Any

import pytest
from tests.apps.identity_chain import NOW, Chain

from huitou.apps.builds.services import live_run
from huitou.apps.identity.landed_view import landed_view
from huitou.apps.identity.models import IdentityEvent, ResolveMark, SourceRecord
from huitou.apps.identity.services import CannotTell, Outcome, customer_tell
from huitou.apps.intake.models import InboxPage
from huitou.apps.intake.services import source_configure
from huitou.apps.intake.sources import SourceUnknown

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.db_both]

PHONE = "13912345678"


def told(number: str, *, at: str = "2026-11-20T10:00:00+08:00", **customer: str) -> dict[str, Any]:
    return {"id": f"e-{number}", "occurred_at": at, "store": "S7", "customer": {"id": number, **customer}}


@pytest.fixture
def app(chain: Chain) -> Chain:
    source_configure(code="app", kind_code="events", settings={"secret": "s"}, now=NOW)
    return chain


@pytest.mark.accept("S21", "S22")
def test_the_answer_comes_at_once_and_the_batch_changes_nothing(app: Chain):
    first = customer_tell(source_code="app", item=told("c1", phone=PHONE, name="王小芳", gender="女"), now=NOW)
    joined = customer_tell(source_code="app", item=told("c2", phone="+86 139 1234 5678", name="王小芳"), now=NOW)
    bare = {"id": "e-3", "occurred_at": "2026-11-20T10:00:00", "customer": {"openid": "o-1", "phone": PHONE, "name": "王小芳"}}
    third = customer_tell(source_code="app", item=bare, now=NOW)
    assert [one.outcome for one in (first, joined, third)] == [Outcome.NEW, Outcome.JOINED, Outcome.JOINED]
    assert {one.person_id for one in (first, joined, third)} == {first.person_id}
    assert [link.kind_code for link in joined.evidence] == ["phone"]
    again = customer_tell(source_code="app", item=told("c2", phone="+86 139 1234 5678", name="王小芳"), now=NOW)
    assert (again.record_id, again.person_id) == (joined.record_id, joined.person_id)
    persons, events = app.persons(), IdentityEvent.objects.count()
    contents = dict(SourceRecord.objects.values_list("pk", "content_hash"))
    result = live_run(now=NOW + timedelta(minutes=1))
    assert (result.errors, len(result.applied)) == ((), 1)
    assert not InboxPage.objects.exists()
    assert dict(SourceRecord.objects.values_list("pk", "content_hash")) == contents
    assert set(SourceRecord.objects.values_list("batch_id", flat=True)) == set(result.applied)
    assert (app.persons(), IdentityEvent.objects.count()) == (persons, events)
    assert landed_view() is not None  # so that a run over everything need not decrypt
    assert not ResolveMark.objects.exists()


@pytest.mark.parametrize(
    ("source", "item", "error"),
    [
        ("nobody", told("c1", phone=PHONE), SourceUnknown),
        ("app", {"id": "e", "occurred_at": "2026-11-20T10:00:00Z", "customer": {"name": "王小芳", "id": " "}}, CannotTell),
        ("app", told("c1", at="0001-01-01T00:00:00+14:00", phone=PHONE), CannotTell),
    ],
)
def test_what_cannot_be_taken_leaves_nothing(app: Chain, source: str, item: dict[str, Any], error: type[Exception]):
    with pytest.raises(error):
        customer_tell(source_code=source, item=item, now=NOW)
    assert not InboxPage.objects.exists()
    assert not SourceRecord.objects.exists()
