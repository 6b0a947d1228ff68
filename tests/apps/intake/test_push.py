"""The push address: checked, stored, answered at once; a till's receipt is the same one as in the day's file."""

import json

import pytest

from huitou.apps.intake.models import InboxPage
from huitou.apps.intake.services import batch_seal, source_enable, source_pull

from .conftest import NOW, TILL_KEY, receipt_line

pytestmark = pytest.mark.django_db
URL = "/hooks/pos/pushed"
RECEIPT = {
    "receipt_no": "A1", "kind": "S", "store_code": "S01", "sold_at": "2026-11-20 18:03:22", "member_card": "", "phone": "",
    "lines": [{"line_no": 1, "sku": "P1", "qty": 1, "amount": 12.5, "discount": 0}],
}  # fmt: skip


def push(client, body=RECEIPT, *, key=TILL_KEY, url=URL):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post(url, content, content_type="application/json", headers={"X-Till-Key": key})


@pytest.mark.accept("S4")
def test_a_pushed_receipt_is_the_one_of_the_days_file(client, pos):
    answer = push(client)
    assert (answer.status_code, answer.json()) == (202, {"received": 1, "repeat": False})
    assert push(client).json() == {"received": 0, "repeat": True}
    batch = batch_seal(source_code="pos", now=NOW)
    assert batch.counts["order"]["accepted"] == 1
    pos.write("2026-11-20", [receipt_line("A1")])
    source_pull(source_code="pos", now=NOW)
    assert batch_seal(source_code="pos", now=NOW) is None


def test_refused_pushes_store_nothing_and_say_why(client, pos):
    cases = {
        401: push(client, key="wrong"),
        404: push(client, url="/hooks/pos/nothing"),
        405: client.get(URL),
        413: push(client, b"x" * (2 * 1024 * 1024 + 1)),
        422: push(client, b"[1, 2"),
    }
    assert {wanted: answer.status_code for wanted, answer in cases.items()} == {wanted: wanted for wanted in cases}
    assert push(client, url="/hooks/nobody/pushed").status_code == 404
    source_enable(code="pos", is_enabled=False, now=NOW)
    assert push(client).status_code == 404
    assert InboxPage.objects.count() == 0
