"""The lists of batches and refused rows, and the page of one batch."""

from datetime import date

import pytest
from django.http import QueryDict
from django.test import Client
from tests.web.conftest import NOW, Chain

from huitou.apps.base.scope import Viewer
from huitou.apps.intake.lists import (
    batch_count,
    batch_in_reach,
    batch_place,
    refused_group,
    refused_page,
    refused_place,
)
from huitou.apps.intake.models import Batch, BatchState, ImportRun, QuarantineCount, SourceConfig
from huitou.apps.intake.queries import QuarantineRow
from huitou.warehouse.landing.reasons import Reason
from huitou.web import words_intake
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


def test_refused_rows_are_counted_by_what_is_asked_and_lead_to_their_group(enter):
    answer = enter("manager").get("/data/quarantine", {"sort": "-rows"})
    page = answer.content.decode()
    assert "共 5 行没有通过检查" in page
    assert "行的内容加密存放，不能按内容筛选" in enter("manager").get("/lists/quarantine/editor").content.decode()
    first, second = QuarantineCount.objects.order_by("-row_count").values_list("pk", flat=True)
    assert [line.head.href for line in answer.context["lines"]] == [
        f"/data/quarantine/{first}?sort=-rows&at=n~3~{first}&n=1", f"/data/quarantine/{second}?sort=-rows&at=n~2~{second}&n=2",
    ]  # fmt: skip
    assert "共 2 行没有通过检查" in enter("manager").get("/data/quarantine", {"f": "reason.eq.missing"}).content.decode()
    assert "没有字段「raw」" in enter("manager").get("/data/quarantine", {"f": "raw.eq.x"}).content.decode()


@pytest.fixture
def read_rows(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    """What the pages asked of the refused rows; each answer is one hostile row."""
    asked: list[dict[str, object]] = []

    def rows(**told: object) -> list[QuarantineRow]:
        asked.append(told)
        return [QuarantineRow(2, "files", "customer", "\u202e页", 7, "phone", "bad_phone", "坏", "<script>alert(1)</script>,123")]

    monkeypatch.setattr("huitou.web.pages.batches.quarantine_rows", rows)
    return asked


def test_the_raw_rows_are_for_those_who_mend_them(enter, read_rows):
    group = QuarantineCount.objects.get(reason_code="bad_phone").pk
    for address in ("/data/batches/2", f"/data/quarantine/{group}"):
        assert "行的原文只给工程师和管理员" in enter("analyst").get(address).content.decode()
    assert read_rows == []
    page = enter("engineer").get(f"/data/quarantine/{group}?page=99").content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "从第 1 条起 1 条，共 3" in page
    assert "从第 1 条起 1 条，共 5" in enter("engineer").get("/data/batches/2").content.decode()
    assert [{name: one[name] for name in ("batch_id", "page", "kind_code", "reason_code")} for one in read_rows] == [
        {"batch_id": 2, "page": 1, "kind_code": "customer", "reason_code": "bad_phone"},
        {"batch_id": 2, "page": 1, "kind_code": "", "reason_code": ""},
    ]
    assert enter("engineer").get("/data/batches/99").status_code == 404
    assert enter("engineer").get("/data/quarantine/99999").status_code == 404


def test_a_group_of_refused_rows_says_what_to_do_and_where_it_came_from(enter, read_rows):
    group = QuarantineCount.objects.get(reason_code="bad_phone").pk
    page = enter("engineer").get(f"/data/quarantine/{group}").content.decode()
    assert "不是有效的手机号或座机号；核对后再送" in page
    assert 'href="/data/batches/2"' in page
    assert 'href="/data/quarantine?f=reason.eq.bad_phone"' in page
    assert f'href="/imports/{ImportRun.objects.get().pk}?reason=bad_phone#refused"' in page
    assert "/imports/" not in enter("analyst").get(f"/data/quarantine/{group}").content.decode()
    assert f'href="/data/quarantine/{group}"' in enter("analyst").get("/data/batches/2").content.decode()


def test_every_reason_says_what_to_do():
    assert words_intake.REASON_FIXES.keys() == set(Reason)


@pytest.mark.parametrize(
    ("noun", "listed", "asked", "total"),
    [
        ("batch", "/data/batches", {"sort": "-quarantined"}, "共 3 批"),  # ties go by number
        ("batch", "/data/batches", {"f": "source.eq.pos", "sort": "id"}, "共 2 批"),
        ("quarantine", "/data/quarantine", {"sort": "rows"}, "共 2 组"),
        ("quarantine", "/data/quarantine", {"f": "kind.eq.customer"}, "共 2 组"),  # one batch: ties by order of arrival
    ],
)
def test_a_row_opened_from_a_list_leads_on_in_it(enter, noun: str, listed: str, asked: dict[str, str], total: str):
    client = enter("analyst")
    addresses = [line.head.href for line in client.get(listed, asked).context["lines"]]
    place = f"/lists/{noun}/place"
    around = [client.get(f"{place}?{one.partition('?')[2]}").context for one in addresses]
    assert [one["next_url"] for one in around] == [*addresses[1:], ""]
    assert [one["previous_url"] for one in around] == ["", *addresses[:-1]]
    assert [one["where"] for one in around] == [f"第 {n} 位，{total}" for n in range(1, len(addresses) + 1)]
    assert f'data-walk="{place}"' in client.get(addresses[0]).content.decode()


def test_a_batch_that_left_the_filter_still_stands_between_its_neighbours(enter):
    client = enter("analyst")
    lines = client.get("/data/batches", {"f": "state.ne.stored", "sort": "id"}).context["lines"]
    Batch.objects.filter(pk=2).update(state=BatchState.STORED)
    told = client.get(f"/lists/batch/place?{lines[1].head.href.partition('?')[2]}").context
    assert (told["is_in"], told["where"]) == (False, "共 2 批")
    assert [told[way].partition("?")[0] for way in ("previous_url", "next_url")] == ["/data/batches/1", "/data/batches/3"]


def test_who_stands_for_single_stores_sees_no_batch_at_all(landed: None):
    _state, asked = state_read(ListContext(BATCHES, STORE_ONLY), QueryDict(""))
    assert batch_count(STORE_ONLY, asked).value == 0
    assert batch_in_reach(STORE_ONLY, 2) is None
    _state, asked = state_read(ListContext(QUARANTINE, STORE_ONLY), QueryDict(""))
    assert refused_page(STORE_ONLY, asked).rows == ()
    assert (batch_place(STORE_ONLY, asked).count.value, refused_place(STORE_ONLY, asked).count.value) == (0, 0)
    assert refused_group(STORE_ONLY, QuarantineCount.objects.get(reason_code="missing").pk) is None


def test_ticked_batches_and_groups_are_taken_as_a_file(enter):
    client = enter("analyst")
    group = QuarantineCount.objects.get(reason_code="missing").pk
    for noun, listed, ticked in (("batch", "/data/batches", [1, 3]), ("quarantine", "/data/quarantine", [group])):
        assert "data-bulk-row" in client.get(listed).content.decode()
        answer = client.post(f"/lists/{noun}/export", {"next": listed, "ids": ticked})
        lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
        assert sorted(int(line.partition(",")[0]) for line in lines[1:-1]) == ticked
        assert lines[-1] == f"# {len(ticked)} rows"
