"""The lists of batches and refused rows, and the page of one batch."""

from datetime import date

import pytest
from django.http import QueryDict
from django.test import Client
from tests.web.conftest import NOW, Chain

from huitou.apps.base.scope import Viewer
from huitou.apps.intake.lists import batch_count, batch_in_reach, refused_page
from huitou.apps.intake.models import Batch, BatchState, ImportRun, QuarantineCount, SourceConfig
from huitou.apps.intake.queries import QuarantineRow
from huitou.web.lists.batches import BATCHES, QUARANTINE
from huitou.web.lists.state import ListContext, state_read

STORE_ONLY = Viewer(9, "store_manager", frozenset({1}))


@pytest.fixture
def landed(chain: Chain) -> None:
    """Three batches: one clean, one with refused rows out of an import, one that was withdrawn."""
    for code, title in (("pos", "收银"), ("files", "文件")):
        SourceConfig.objects.create(code=code, kind_code=code, title=title, settings=b"", created_at=NOW)
    run = ImportRun.objects.create(source_code="files", kind_code="members", file_name="<b>会员</b>.csv", created_at=NOW)
    made = [
        ("pos", BatchState.FOLDED, 0, None),
        ("files", BatchState.APPLIED, 5, run.pk),
        ("pos", BatchState.WITHDRAWN, 0, None),
    ]
    for number, (source, state, refused, import_id) in enumerate(made, start=1):
        sums = {"received": 100, "accepted": 100 - refused, "merged": 0, "quarantined": refused}
        Batch.objects.create(
            **sums, id=number, source_code=source, state=state, import_id=import_id, counts={"customer": sums},
            manifest_sha256="", sealed_at=NOW, sealed_on=date(2026, 11, 22),
        )  # fmt: skip
    for reason, rows in (("bad_phone", 3), ("missing", 2)):
        QuarantineCount.objects.create(batch_id=2, source_code="files", kind_code="customer", reason_code=reason, row_count=rows)


@pytest.fixture
def enter(client: Client, chain: Chain, landed: None):
    def _enter(role: str) -> Client:
        client.force_login(chain.users[role], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return _enter


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", [3, 2, 1]),
        ("quarantined.gt.0", [2]),
        ("reason.eq.bad_phone", [2]),
        ("source.eq.pos,state.ne.withdrawn", [1]),
        ("import.present", [2]),
        ("sealed_on.lt.2026-11-22", []),
    ],
)
def test_batches_are_filtered(enter, asked: str, found: list[int]):
    answer = enter("analyst").get("/data/batches", {"f": asked})
    assert [line.row_id for line in answer.context["lines"]] == found
    page = answer.content.decode()
    assert "<b>会员</b>" not in page
    assert ("&lt;b&gt;会员&lt;/b&gt;.csv" in page) == (2 in found)


def test_refused_rows_are_counted_by_what_is_asked_and_lead_to_their_batch(enter):
    answer = enter("manager").get("/data/quarantine", {"sort": "-rows"})
    page = answer.content.decode()
    assert "共 5 行没有通过检查" in page
    assert "行的内容加密存放，不能按内容筛选" in page
    assert [line.head.href for line in answer.context["lines"]] == [
        "/data/batches/2?kind=customer&reason=bad_phone#rows", "/data/batches/2?kind=customer&reason=missing#rows",
    ]  # fmt: skip
    assert "共 2 行没有通过检查" in enter("manager").get("/data/quarantine", {"f": "reason.eq.missing"}).content.decode()
    assert "没有字段「raw」" in enter("manager").get("/data/quarantine", {"f": "raw.eq.x"}).content.decode()


def test_the_raw_rows_are_for_those_who_mend_them(enter, monkeypatch: pytest.MonkeyPatch):
    asked = []

    def rows(**told: object) -> list[QuarantineRow]:
        asked.append(told)
        return [QuarantineRow(2, "files", "customer", "\u202e页", 7, "phone", "bad_phone", "坏", "<script>alert(1)</script>,123")]

    monkeypatch.setattr("huitou.web.pages.batches.quarantine_rows", rows)
    told = enter("analyst").get("/data/batches/2?kind=customer&reason=bad_phone").content.decode()
    assert "行的原文只给工程师和管理员" in told
    assert asked == []
    page = enter("engineer").get("/data/batches/2?kind=customer&reason=bad_phone&page=99").content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "从第 1 条起 1 条，共 3" in page
    assert {name: asked[0][name] for name in ("batch_id", "page", "kind_code", "reason_code")} == {
        "batch_id": 2, "page": 1, "kind_code": "customer", "reason_code": "bad_phone",
    }  # fmt: skip
    assert 'href="/imports/' in page
    assert enter("engineer").get("/data/batches/99").status_code == 404


def test_who_stands_for_single_stores_sees_no_batch_at_all(landed: None):
    _state, asked = state_read(ListContext(BATCHES, STORE_ONLY), QueryDict(""))
    assert batch_count(STORE_ONLY, asked).value == 0
    assert batch_in_reach(STORE_ONLY, 2) is None
    _state, asked = state_read(ListContext(QUARANTINE, STORE_ONLY), QueryDict(""))
    assert refused_page(STORE_ONLY, asked).rows == ()
