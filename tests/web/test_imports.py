"""The import wizard in a browser: a file with errors, its columns, the check, the run, a mended replay, and the undo."""

import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.turns import in_turn
from tests.web.browser import DESK, PHONE, visitor

from huitou.apps.base import jobs
from huitou.apps.base.clock import utc_now
from huitou.apps.base.models import AuditEvent
from huitou.apps.base.scope import Viewer
from huitou.apps.builds.services import cycle_run
from huitou.apps.customers.models import Person
from huitou.apps.intake.models import Batch, BatchState, ImportRun
from huitou.apps.intake.services import batches_apply
from huitou.apps.value.schemes import schemes_in_force
from huitou.web.pages import import_effect

ROWS = "卡,姓名,手机,备注\n660001,李建国,13812345678,老客\n660002,王晓燕,139887,号短\n660003,<b>赵</b>,13500000003,=1+1\n"


@in_turn
def work() -> None:
    """What the worker does meanwhile."""
    jobs.run_planned()
    batches_apply(now=utc_now())


@pytest.mark.db_both
@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.accept("S152")
def test_a_file_with_errors_is_mended_replayed_and_undone(browser, live_server, chain, tmp_path: Path, monkeypatch):
    monkeypatch.setattr("huitou.apps.builds.services.base_run", lambda **_: type("Build", (), {"number": 1}))
    before = Person.objects.filter(is_live=True).count()
    file = tmp_path / "会员.csv"
    file.write_text(ROWS, encoding="gb18030")
    engineer = visitor(browser, live_server.url, size=DESK)
    page = engineer.page
    engineer.log_in("engineer")
    engineer.open("/imports")
    page.set_input_files("#import-file", str(file))
    page.click("text=上传并识别")
    page.wait_for_selector("h1:has-text('会员.csv')")
    assert page.input_value("#column-phone") == "2"
    assert page.input_value("#column-member_card") == ""
    page.select_option("#column-member_card", "0")
    engineer.check()
    page.click("text=保存并校验")
    page.wait_for_selector("text=手机号不对")
    engineer.check()
    page.click(".ht-head-actions button")
    page.wait_for_selector("text=正在写入")
    work()
    page.wait_for_selector("text=3 行的去处")
    assert page.inner_text("td[data-first] code") == "660002,王晓燕,139887,号短"
    assert page.inner_text("mark") == "139887"
    engineer.check()
    with page.expect_download() as download:
        page.click("text=下载错误文件")
    mended = tmp_path / "mended.csv"
    mended.write_text(Path(download.value.path()).read_text(encoding="utf-8-sig").replace("139887", "13988776655"))
    engineer.open("/imports")
    page.set_input_files("#import-file", str(mended))
    page.click("text=上传并识别")
    page.click("text=保存并校验")
    page.wait_for_selector("text=没有发现问题")
    page.click(".ht-head-actions button")
    page.wait_for_selector("text=正在写入")
    work()
    page.wait_for_selector("text=1 行的去处")
    assert Person.objects.filter(is_live=True).count() == before + 3
    page.click("text=撤销本次导入")
    page.click("text=撤销导入 >> visible=true")
    page.wait_for_selector("text=已撤销，下面是撤销前的行数")
    assert Person.objects.filter(is_live=True).count() == before + 2
    phone = visitor(browser, live_server.url, size=PHONE)
    phone.log_in("engineer")
    for path in ("/imports", *(f"/imports/{number}" for number in ImportRun.objects.order_by("pk").values_list("pk", flat=True))):
        phone.open(path)
        phone.check()


@pytest.mark.db_both
@pytest.mark.django_db(transaction=True)
def test_a_refused_value_is_mended_on_the_page_and_only_changed_lines_are_sent_again(client: Client, chain):
    rows = 'card,name,phone\n660011,"Li, Jianguo",138123\n660012,Wang,139887\n'
    client.force_login(chain.users["engineer"], backend="django.contrib.auth.backends.ModelBackend")
    file = SimpleUploadedFile("members.csv", rows.encode())
    client.post("/imports/new", {"file": file, "kind": "members", "source": "files"})
    number = ImportRun.objects.latest("pk").pk
    client.post(f"/imports/{number}/map", {"column_member_card": "0", "column_name": "1", "column_phone": "2"})
    client.post(f"/imports/{number}/start")
    work()
    page = client.get(f"/imports/{number}").content.decode()
    assert 'name="cell-2-2" value="138123"' in page
    assert "6 位，手机号是 11 位" in page
    assert "data-fill" not in page  # no rule says which digits are missing
    same = client.post(f"/imports/{number}/mend", {"cell-2-2": "138123", "cell-2-1": "Somebody", "cell-9-2": "13800000000"})
    assert same.status_code == 422
    assert ImportRun.objects.latest("pk").pk == number
    client.post(f"/imports/{number}/mend", {"cell-2-2": "13812345679", "cell-3-2": "139887"})
    work()
    replay = ImportRun.objects.latest("pk")
    again = client.post(f"/imports/{number}/mend", {"cell-2-2": "13812345679", "cell-3-2": "139887"})
    assert again.status_code == 422
    assert f"第 2 行已经在导入 {replay.pk} 里改过" in again.content.decode()
    assert f"已在导入 {replay.pk} 改过" in client.get(f"/imports/{number}").content.decode()
    file = b"".join(client.get(f"/imports/{number}/errors").streaming_content).replace(b"138123", b"13812345679")
    only = b"".join(line for line in file.splitlines(keepends=True) if b"139887" not in line)
    same = client.post("/imports/new", {"file": SimpleUploadedFile("m.csv", only), "kind": "members", "source": "files"})
    assert f"已经在导入 {replay.pk} 里写入" in same.content.decode()
    assert ImportRun.objects.latest("pk") == replay
    event = AuditEvent.objects.get(action_code="import.mended")
    assert (event.subject_id, event.detail) == (str(number), {"replay": replay.pk, "lines": 1})
    assert (replay.replay_of, replay.state, replay.row_count) == (number, "done", 1)
    assert sum(count.get("accepted", 0) for count in replay.counts.values()) == 1
    client.force_login(chain.users["store_manager"], backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(f"/imports/{number}/mend", {"cell-3-2": "13812345670"}).status_code == 403


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_what_a_refused_value_was_meant_to_be_is_taken_by_a_click(browser, live_server, client: Client, chain):
    rows = "card,name,phone,birthday\n660011,Li,l3912345670,1990-01-02\n660012,Wang,13912345671,2052-03-14\n"
    client.force_login(chain.users["engineer"], backend="django.contrib.auth.backends.ModelBackend")
    file = SimpleUploadedFile("members.csv", rows.encode())
    client.post("/imports/new", {"file": file, "kind": "members", "source": "files"})
    number = ImportRun.objects.latest("pk").pk
    columns = {"column_member_card": "0", "column_name": "1", "column_phone": "2", "column_birthday": "3"}
    client.post(f"/imports/{number}/map", columns)
    client.post(f"/imports/{number}/start")
    work()
    engineer = visitor(browser, live_server.url)
    engineer.enter(client.cookies["sessionid"].value)
    page = engineer.page
    engineer.open(f"/imports/{number}")
    page.click("text=采用 13912345670")
    assert page.input_value("[name=cell-2-2]") == "13912345670"
    assert page.input_value("[name=cell-3-3]") == "2052-03-14"
    page.click("text=填入 2 条建议")
    assert page.input_value("[name=cell-3-3]") == "1952-03-14"
    engineer.check()
    page.click("text=写入改过的行")
    page.wait_for_selector("text=正在写入")
    work()
    replay = ImportRun.objects.latest("pk")
    assert (replay.replay_of, replay.row_count) == (number, 2)
    assert sum(count.get("accepted", 0) for count in replay.counts.values()) == 2


@pytest.mark.django_db(transaction=True)
def test_the_effect_counts_what_its_lists_show_and_says_what_it_waits_for(client: Client, chain):
    client.force_login(chain.users["admin"], backend="django.contrib.auth.backends.ModelBackend")
    rows = "card,name,phone\n660021,Li,13812345001\n660022,Wang,13812345002\n660023,Short,139\n"
    number = import_of(client, rows)
    jobs.run_planned()  # read and sealed, not yet given to persons
    waiting = client.get(f"/imports/{number}").content.decode()
    assert waiting.count("归人之后") == 3
    assert 'hx-trigger="every 15s"' in waiting
    work()
    jobs.run_planned()
    page = client.get(f"/imports/{number}").content.decode()
    new = f"/customers?f=import_new.eq.{number}"
    assert figure(page, new) == "2"
    assert figure(page, "#refused") == "1"
    assert f'href="/customers?f=import_joined.eq.{number}">0<' in page
    assert "<b>2</b> 人符合条件" in client.get(new).content.decode()
    second = import_of(client, "card,name,phone\n660029,Li,13812345001\n660021,Li Jianguo,13812345001\n")
    work()
    jobs.run_planned()
    joined = client.get(f"/imports/{second}").content.decode()
    assert figure(joined, f"/customers?f=import_new.eq.{second}") == "0"
    assert figure(joined, f"/customers?f=import.eq.{second}") == "1"
    client.post(f"/imports/{number}/undo")
    assert "<b>0</b> 人符合条件" in client.get(new).content.decode()
    client.force_login(chain.users["engineer"], backend="django.contrib.auth.backends.ModelBackend")
    assert "/customers?f=import" not in client.get(f"/imports/{second}").content.decode()  # has no list of customers
    client.force_login(chain.users["marketer"], backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(new).status_code == 400  # may not see imports


ORDER_COLUMNS = (
    "order_no",
    "kind_code",
    "original_order_no",
    "sold_at",
    "store_code",
    "product_code",
    "qty",
    "amount",
    "member_card",
)


@pytest.mark.accept("S65")
@pytest.mark.django_db(transaction=True)
def test_the_effect_counts_the_orders_of_a_file_and_their_net_once_they_are_in_the_figures(client: Client, chain):
    client.force_login(chain.users["admin"], backend="django.contrib.auth.backends.ModelBackend")
    rows = (
        "A-1,sale,,2026-11-20 10:00:00,S1,P1,2,25.00,660031",
        "A-1,sale,,2026-11-20 10:00:00,S1,P2,1,12.50,660031",
        "A-2,sale,,2026-11-21 18:30:00,S2,P1,1,1004.00,",
        "R-1,return,A-1,2026-11-22 09:00:00,S1,P2,-1,-12.50,660031",
        "A-3,sale,,2026-02-30 10:00:00,S1,P1,1,9.00,",
    )
    number = orders_import_of(client, rows)
    work()
    jobs.run_planned()
    waiting = client.get(f"/imports/{number}").content.decode()
    assert waiting.count("进入下一个数据版本之后") == 2
    cycle_run(now=utc_now())
    page = client.get(f"/imports/{number}")
    lines = {line.label: line for line in page.context["effect"].lines}
    orders, net = lines["订单"], lines["这些订单的净额"]
    assert (orders.figure, net.figure, net.note) == ("2", "¥1,029", "退货和作废已减")
    assert (orders.waits, net.waits, lines["隔离的行"].figure) == ("", "", "1")
    assert orders.url == net.url
    one = schemes_in_force()[0]
    assert lines["等级变动"].note.startswith(one.scheme.label.zh)  # of many schemes, which
    assert f"tier_{one.code}_since" in lines["等级变动"].url
    listed = client.get(orders.url).context
    assert listed["count"].value == 2
    assert [line.cells[[head.label for head in listed["heads"]].index("净额 ¥")].text for line in listed["lines"]] == [
        "1,004.00",
        "25.00",
    ]
    client.force_login(chain.users["engineer"], backend="django.contrib.auth.backends.ModelBackend")
    theirs = {line.label: line for line in client.get(f"/imports/{number}").context["effect"].lines}
    assert (theirs["订单"].figure, theirs["订单"].url) == ("2", "")  # has no list of orders


def test_a_file_of_more_batches_than_an_address_holds_counts_no_orders(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("huitou.web.pages.import_effect.MOST_BATCHES", 1)
    batches = tuple(Batch(pk=number, state=BatchState.FOLDED) for number in (1, 2))
    lines = import_effect._orders(Viewer(1, "admin", None), batches)
    assert [(line.figure, line.note, line.url) for line in lines] == [("", "文件太大，不按订单列", "")] * 2
    assert [line.figure for line in import_effect._orders(Viewer(1, "admin", None), ())] == ["0", "¥0"]


def orders_import_of(client: Client, rows: tuple[str, ...]) -> int:
    file = SimpleUploadedFile("orders.csv", "\n".join((",".join(ORDER_COLUMNS), *rows)).encode())
    client.post("/imports/new", {"file": file, "kind": "orders", "source": "files"})
    number = ImportRun.objects.latest("pk").pk
    client.post(f"/imports/{number}/map", {f"column_{name}": str(place) for place, name in enumerate(ORDER_COLUMNS)})
    client.post(f"/imports/{number}/start")
    return number


def import_of(client: Client, rows: str) -> int:
    """Upload, map and start a file of members; return its number."""
    client.post("/imports/new", {"file": SimpleUploadedFile("m.csv", rows.encode()), "kind": "members", "source": "files"})
    number = ImportRun.objects.latest("pk").pk
    client.post(f"/imports/{number}/map", {"column_member_card": "0", "column_name": "1", "column_phone": "2"})
    client.post(f"/imports/{number}/start")
    return number


def figure(page: str, url: str) -> str:
    found = re.search(rf'href="{re.escape(url)}">([^<]*)<', page)
    return found[1] if found else ""


@pytest.mark.db_both
@pytest.mark.django_db
def test_a_file_that_cannot_be_used_says_why_and_other_roles_see_no_import(client: Client, chain):
    client.force_login(chain.users["engineer"], backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post("/imports/new", {"file": SimpleUploadedFile("x.exe", b"MZ"), "kind": "members", "source": "files"})
    assert answer.status_code == 422
    assert "不支持这种文件" in answer.content.decode()
    client.force_login(chain.users["store_manager"], backend="django.contrib.auth.backends.ModelBackend")
    for path in ("/imports", "/imports/1", "/imports/1/errors"):
        assert client.get(path).status_code == 403


def found_in(client: Client, number: int, term: str) -> str:
    """Return what the field of an import's page answers, one blank between words."""
    answer = client.post(f"/imports/{number}/find", {"term": term}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


@pytest.mark.db_both
@pytest.mark.django_db(transaction=True)
def test_a_card_or_phone_leads_to_its_row_in_the_file_and_to_its_customer(client: Client, chain):
    client.force_login(chain.users["admin"], backend="django.contrib.auth.backends.ModelBackend")
    rows = "card,name,phone\n660041,李建国,13812345041\n660042,王晓燕,139887\n660043,赵敏,138 1234 5043\n"
    number = import_of(client, rows)
    jobs.run_planned()
    assert "约 30 秒后再查" in found_in(client, number, "13812345041")
    work()
    jobs.run_planned()
    assert f'hx-post="/imports/{number}/find"' in client.get(f"/imports/{number}").content.decode()
    for term in ("13812345041", "+86 138-1234-5041", "660041", "１３８１２３４５０４１"):
        answer = found_in(client, number, term)
        assert answer.startswith("已写入 第 2 行"), (term, answer)
        assert answer.endswith("新档案")
    assert found_in(client, number, "660043").startswith("已写入 第 4 行")
    refused = found_in(client, number, "139887")
    assert refused.startswith("隔离 第 3 行")
    assert "660042" in refused
    assert found_in(client, number, "660042") == refused  # by what stands beside the fault, too
    for nothing in ("13900000000", "660099", "李建国", "' or 1=1 --", "<b>", "%", "139"):
        assert "这个号码不在写入的行里" in found_in(client, number, nothing), nothing
    assert found_in(client, number, " \0 ") == "填一个会员卡号或手机号。"
    person = Person.objects.latest("pk")
    assert f"/customers/{person.pk}" in client.post(f"/imports/{number}/find", {"term": "660043"}).content.decode()
    second = import_of(client, rows)
    work()
    assert "有这位客户，但本次没有写入" in found_in(client, second, "660041")
    third = import_of(client, "card,name,phone\n660041,李建国,13812345049\n")
    work()
    jobs.run_planned()
    assert found_in(client, number, "660041").startswith("已写入 第 2 行")  # though newer content came since
    assert found_in(client, third, "13812345049").endswith("更新了资料")
    client.post(f"/imports/{third}/undo")
    assert client.post(f"/imports/{third}/find", {"term": "660041"}).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_the_rows_of_orders_are_found_by_their_buyer(client: Client, chain):
    client.force_login(chain.users["admin"], backend="django.contrib.auth.backends.ModelBackend")
    rows = (
        "A-1,sale,,2026-11-20 10:00:00,S1,P1,2,25.00,660051",
        "A-1,sale,,2026-11-20 10:00:00,S1,P2,1,12.50,660051",
        "A-2,sale,,2026-11-21 18:30:00,S2,P1,1,1004.00,660052",
        "A-3,sale,,2026-02-30 10:00:00,S1,P1,1,9.00,660051",
    )
    number = orders_import_of(client, rows)
    work()
    jobs.run_planned()
    answer = found_in(client, number, "660051")
    assert answer.startswith("已写入 第 2、3 行")
    assert "隔离 第 5 行" in answer


@pytest.mark.django_db(transaction=True)
def test_rows_of_an_import_are_found_by_operators_alone_and_name_no_customer_they_may_not_open(client: Client, chain, caplog):
    client.force_login(chain.users["admin"], backend="django.contrib.auth.backends.ModelBackend")
    number = import_of(client, "card,name,phone\n660061,李建国,13812345061\n")
    work()
    jobs.run_planned()
    client.force_login(chain.users["engineer"], backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post(f"/imports/{number}/find", {"term": "13812345061"})
    assert "已归到一位客户" in answer.content.decode()
    assert "/customers/" not in answer.content.decode()
    assert "李" not in answer.content.decode()
    assert client.get(f"/imports/{number}/find?term=13812345061").status_code == 405
    assert client.post("/imports/999999/find", {"term": "13812345061"}).status_code == 404
    for role in ("marketer", "store_manager", "guide", "analyst", "manager"):
        client.force_login(chain.users[role], backend="django.contrib.auth.backends.ModelBackend")
        assert client.post(f"/imports/{number}/find", {"term": "13812345061"}).status_code == 403, role
    client.logout()
    assert client.post(f"/imports/{number}/find", {"term": "13812345061"}).status_code == 302
    assert "13812345061" not in caplog.text


@pytest.mark.django_db(transaction=True)
def test_a_value_that_many_records_hold_names_no_customer(client: Client, chain, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("huitou.apps.identity.import_rows.MOST_RECORDS", 2)
    client.force_login(chain.users["admin"], backend="django.contrib.auth.backends.ModelBackend")
    number = import_of(client, "card,name,phone\n" + "".join(f"66007{n},Li {n},13812345071\n" for n in range(4)))
    work()
    assert "很多客户都有" in found_in(client, number, "13812345071")
