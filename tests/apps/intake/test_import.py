"""Imports: from an uploaded file to rows in the landing, refused rows out and mended in again, and everything undone."""

import csv
import io
import os
import zipfile
from datetime import timedelta
from importlib import import_module

import pytest

from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.identity.models import SourceRecord
from huitou.apps.intake import imports, services
from huitou.apps.intake.models import Batch, Document, ImportMapping, ImportState, InboxPage
from huitou.connectors.files.fields import FILE_KINDS, mapping_suggest
from huitou.connectors.files.tables import EncodingFinder, FileRefused
from huitou.warehouse.landing.read import read_table

from .conftest import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.long(35)]

ENGINEER = Viewer(user_id=1, role_code="engineer", store_ids=None)
MEMBERS = """会员卡号,姓名,手机号,生日,入会日期,门店,备注
660001,李建国,13812345678,1979-05-02,2024/3/5,JN01,老客
660002,王晓燕,139 8877 6655,1990年11月20日,2024年3月5日,JN01,"爱""喝"",茶"
,,,1990-01-01,2024-03-05,JN01,没有号
660004,张伟,1381234567,,2024-03-05,JN01,号少一位
660005,孙丽,13500000005,2052-03-14,2024-03-05,JN01,生日在后
660006,周海,13500000006,,2024-13-05,JN01,日期不存在
660007,"吴静,13500000007,,2024-03-05,JN01,引号
660008,郑凯,13500000008,,20240305,JN01
660009,何敏,13500000009,,20240305,JN01,好
"""


def upload(text, *, kind="members", name="会员.csv", source="files", encoding="utf-8"):
    content = text if isinstance(text, bytes) else text.encode(encoding)
    return services.import_upload(
        stream=io.BytesIO(content), file_name=name, source_code=source, kind_code=kind, user_id=1, now=NOW
    )


def run(text, *, now=NOW, **how):
    uploaded = upload(text, **how)
    services.import_map(import_id=uploaded.pk, mapping=uploaded.mapping, constants=uploaded.constants, now=now)
    done = services.import_run(import_id=uploaded.pk, now=now)
    services.batches_apply(now=now)
    return imports.import_view(ENGINEER, done.pk)


def errors_of(import_id):
    content = b"".join(imports.error_file(ENGINEER, import_id))
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


@pytest.mark.db_both
@pytest.mark.accept("S8")
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_every_line_is_taken_or_refused_with_line_column_reason_and_text(encoding):
    view = run(MEMBERS, encoding=encoding)
    assert (view.state, view.rows, view.new, view.updated, view.unchanged, view.refused) == (ImportState.DONE, 9, 3, 0, 0, 6)
    assert view.encoding == ("gb18030" if encoding == "gb18030" else "utf-8")
    found = [(row.line, row.column, row.reason_code) for row in imports.refused_rows(ENGINEER, view.import_id)]
    assert found == [
        (4, "source_id, member_card, phone", "no_key"), (5, "phone", "bad_phone"), (6, "birthday", "bad_birthday"),
        (7, "registered_at", "impossible_date"), (8, "", "open_quote"), (9, "", "wrong_columns"),
    ]  # fmt: skip
    header, *rows = errors_of(view.import_id)
    assert header == ["行号", "字段", "原因", f"原文（导入 {view.import_id}）"]
    assert [row[3] for row in rows] == MEMBERS.splitlines()[3:9]
    assert InboxPage.objects.count() == 0


def test_dates_of_three_styles_phones_and_texts_arrive_undamaged(layout, keyring):
    view = run(MEMBERS.replace("李建国", "𠮷野〇"), encoding="gb18030")
    records = read_table(layout, "files", Batch.objects.get(import_id=view.import_id).pk, "records", keyring).to_pylist()
    first, second, last = sorted(records, key=lambda row: row["member_card"])
    assert (first["name"], first["source_id"], first["birthday"]) == ("𠮷野〇", "card:660001", "1979-05-02")
    assert (second["phone"], second["birthday"]) == ("139 8877 6655", "1990-11-20")
    assert first["registered_at"] == second["registered_at"] == last["registered_at"] != None  # noqa: E711
    assert persons_in_reach(ENGINEER).count() == 3


@pytest.mark.db_both
@pytest.mark.accept("S152")
def test_refused_rows_are_mended_and_uploaded_again_as_they_are():
    view = run(MEMBERS)
    header, *rows = errors_of(view.import_id)
    mended = [[*row[:3], row[3].replace("1381234567", "13812345679").replace('"吴静', "吴静")] for row in rows]
    out = io.StringIO()
    csv.writer(out).writerows([header, *mended])
    replay = run(out.getvalue(), encoding="gb18030", name="错误.csv", now=NOW + timedelta(minutes=1))
    assert (replay.replay_of, replay.rows, replay.new, replay.refused) == (view.import_id, 6, 2, 4)
    assert replay.mapping == view.mapping


def test_what_nobody_mended_is_refused_once_more_for_the_same_reason():
    """The text of a line that could not be read shows stand-ins; they are no name."""
    broken = MEMBERS.encode("gb18030") + b"660010,\xba\x00\xff,13500000010,,,JN01,x\n660011,\0,13500000011,,,JN01,x\n"
    view = run(broken)
    first = [(row.reason_code, row.raw) for row in imports.refused_rows(ENGINEER, view.import_id)]
    assert [code for code, _raw in first][-2:] == ["bad_encoding", "nul_byte"]
    for language in ("zh-hans", "en"):
        content = b"".join(imports.error_file(ENGINEER, view.import_id, language=language))
        replay = run(content, name=f"{language}.csv")
        assert (replay.replay_of, replay.new, replay.refused) == (view.import_id, 0, 8)
        assert [(row.reason_code, row.raw) for row in imports.refused_rows(ENGINEER, replay.import_id)] == first
        services.import_undo(import_id=replay.import_id, user_id=1, now=NOW)
    mended = content.decode("utf-8-sig").replace("\\xba␀\\xff", "罗兰")
    assert mended.startswith(f"Line,Field,Reason,Raw text (import {view.import_id})")
    replay = run(mended, name="mended.csv")
    assert (replay.new, replay.refused) == (1, 7)
    assert imports.import_replays(ENGINEER, view.import_id) == [replay.import_id]
    assert imports.import_replays(Viewer(9, "guide", frozenset({1})), view.import_id) == []


@pytest.mark.db_both
def test_the_same_file_again_changes_nothing_and_a_changed_line_is_an_update():
    run(MEMBERS)
    again = run(MEMBERS)
    assert (again.new, again.updated, again.unchanged, again.refused) == (0, 0, 3, 6)
    changed = upload(MEMBERS.replace("李建国", "李建军"))
    changed.created_at = NOW + timedelta(hours=1)
    changed.save()
    services.import_run(import_id=changed.pk, now=NOW + timedelta(hours=1))
    view = imports.import_view(ENGINEER, changed.pk)
    assert (view.new, view.updated, view.unchanged) == (0, 1, 2)


@pytest.mark.db_both
def test_an_undone_import_leaves_what_was_before_and_may_come_again():
    first = run(MEMBERS)
    kept = {record.pk: record.content_hash for record in SourceRecord.objects.all()}
    changed = upload(MEMBERS.replace("李建国", "李建军") + "660010,新人,13500000010,,20240305,JN01,新\n")
    changed.created_at = NOW + timedelta(hours=1)
    changed.save()
    services.import_run(import_id=changed.pk, now=NOW + timedelta(hours=1))
    services.batches_apply(now=NOW + timedelta(hours=1))
    assert persons_in_reach(ENGINEER).count() == 4
    undone = services.import_undo(import_id=changed.pk, user_id=1, now=NOW + timedelta(hours=2))
    assert undone.state == ImportState.UNDONE
    assert {record.pk: record.content_hash for record in SourceRecord.objects.all()} == kept
    assert persons_in_reach(ENGINEER).count() == 3
    assert not list(imports.refused_rows(ENGINEER, changed.pk))
    assert services.import_undo(import_id=changed.pk, user_id=1, now=NOW).state == ImportState.UNDONE
    back = run(MEMBERS + "660010,新人,13500000010,,20240305,JN01,新\n")
    assert (back.new, back.unchanged) == (1, 3)
    services.import_undo(import_id=back.import_id, user_id=1, now=NOW + timedelta(hours=3))
    services.import_undo(import_id=first.import_id, user_id=1, now=NOW + timedelta(hours=3))
    assert (persons_in_reach(ENGINEER).count(), SourceRecord.objects.count()) == (0, 0)
    assert not Document.objects.exclude(content_hash=None).exists()


@pytest.mark.db_both
@pytest.mark.parametrize(("kind", "text"), [
    ("orders", "订单号,销售时间,门店,商品编码,数量,金额,会员卡号\nA1,2026-10-01 9:05,S1,P1,1,9.90,660001\n"),
    ("points", "会员卡号,发生时间,积分变动,原因\n660001,2026-10-01,5,签到\n"),
    ("tickets", "工单号,创建时间,更新时间,会员卡号,内容\nT1,2026-10-01 8:00,2026-10-01 9:00,660001,坏了\n"),
    ("leads", "会员卡号,姓名,时间,内容\n660001,李,2026-10-01,想买\n"),
])  # fmt: skip
def test_a_document_that_names_a_member_by_card_leaves_the_profile_as_it_was(kind, text):
    run("会员卡号,姓名,手机号,生日,更新时间\n660001,李建国,13812345678,1979-05-02,2026-09-01\n")
    kept = {record.pk: record.content_hash for record in SourceRecord.objects.all()}
    view = run(text, kind=kind, name="单据.csv")
    assert (view.new, view.refused) == (1, 0)
    assert {record.pk: record.content_hash for record in SourceRecord.objects.all()} == kept


def test_orders_keep_their_lines_together_and_name_their_customer(monkeypatch):
    monkeypatch.setattr(import_module("huitou.apps.intake.services.import_run"), "PAGE_ROWS", 2)
    lines = "".join(f"A{order},2026-11-0{order} 9:05,S1,P{line},1,\"¥1,234.50元\",1381234567{order}\n"
                    for order in (1, 2) for line in (1, 2, 3))  # fmt: skip
    view = run("订单号,销售时间,门店,商品编码,数量,金额,手机号\n" + lines, kind="orders", name="订单.csv")
    assert (view.rows, view.new, view.refused, view.beside) == (6, 6, 0, {"customer": 2})
    assert Batch.objects.get(import_id=view.import_id).counts["order"]["accepted"] == 6


@pytest.mark.db_both
@pytest.mark.parametrize("dies_at", range(1, 6))
def test_a_run_cut_off_anywhere_ends_as_an_undisturbed_one(monkeypatch, dies_at):
    """Five pages in three batches; the k-th write dies once, and the second run goes on behind the last stored page."""
    module = import_module("huitou.apps.intake.services.import_run")
    monkeypatch.setattr(module, "PAGE_ROWS", 2)
    monkeypatch.setattr(module, "IMPORT_ROWS", 4)
    calls = 0

    def dying(step):
        def call(*given, **named):
            nonlocal calls
            calls += 1
            if calls == dies_at:
                raise KeyboardInterrupt
            return step(*given, **named)

        return call

    monkeypatch.setattr(module, "page_store", dying(module.page_store))
    monkeypatch.setattr(module, "batch_seal", dying(module.batch_seal))
    uploaded = upload(MEMBERS)
    with pytest.raises(KeyboardInterrupt):
        services.import_run(import_id=uploaded.pk, now=NOW)
    services.import_run(import_id=uploaded.pk, now=NOW)
    view = imports.import_view(ENGINEER, uploaded.pk)
    assert (view.rows, view.new, view.unchanged, view.refused, view.state) == (9, 3, 0, 6, ImportState.DONE)
    assert [row.line for row in imports.refused_rows(ENGINEER, uploaded.pk)] == [4, 5, 6, 7, 8, 9]


OTHER_KINDS = {
    "points": ("会员卡号,时间,积分,原因\n660001,2026-11-01,\"1,200\",签到\n,2026-11-01,5,签到\n", 1, 1),
    "products": ("商品编码,名称,分类,售价\nP1,苹果,生鲜 > 水果,9.90元\nP2,,水果,1\n", 1, 1),
    "stores": ("门店编码,门店名称,大区,开业日期\nS1,一店,华东,2020年1月2日\nS2,二店,,2020-01-02\n", 1, 1),
    "tickets": ("工单号,手机号,类型,创建时间,内容\nT1,13812345678,投诉,2026/11/1 8:00,坏了\nT2,1,投诉,2026-11-01,\n", 1, 1),
    "touches": ("手机,渠道,发送时间,打开时间\n13812345678,鸽,2026-11-1,\n13812345678,企微,2026-11-1 9:00,2026-11-1 9:30\n", 2, 1),
    "leads": ("姓名,手机,跟进时间,跟进内容\n李,13812345678,2026-11-01,<b>想买</b>\n王,13812345679,昨天,看过\n", 1, 1),
    "customers": ("客户编号,姓名\nC1,李\n,王\n", 1, 1),
    "groups": ("手机,群编号,入群时间,退群时间\n13812345678,G1,2026-11-01,2026-11-05\n13812345679,,2026-11-01,\n", 2, 1),
}  # fmt: skip


@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_every_kind_lands_and_refuses(kind):
    text, new, refused = OTHER_KINDS[kind]
    view = run(text, kind=kind, name=f"{kind}.csv")
    assert (view.new, view.refused) == (new, refused), list(imports.refused_rows(ENGINEER, view.import_id))


def test_headers_suggest_their_fields_and_a_chosen_mapping_is_kept_for_the_next_file():
    members = FILE_KINDS["members"]
    assert mapping_suggest(members, ["Mobile Phone", "Full Name", "Card No.", "x"]) == {"phone": 0, "name": 1, "member_card": 2}
    uploaded = upload("a,b\n660001,李\n")
    assert uploaded.mapping == {}
    with pytest.raises(FileRefused, match="会员卡号"):
        services.import_check(import_id=uploaded.pk, now=NOW)
    services.import_map(import_id=uploaded.pk, mapping={"member_card": 0, "name": 1}, constants={"store_code": "S9"}, now=NOW)
    checked = services.import_check(import_id=uploaded.pk, now=NOW)
    assert (checked.rows, checked.is_whole, checked.counts["customer"]["accepted"]) == (1, True, 1)
    assert (Batch.objects.count(), InboxPage.objects.count()) == (0, 0)
    assert upload("a,b\n660002,王\n").mapping == {"member_card": 0, "name": 1}
    assert ImportMapping.objects.count() == 1
    with pytest.raises(FileRefused, match="两个字段"):
        services.import_map(import_id=uploaded.pk, mapping={"member_card": 0, "name": 0}, constants={}, now=NOW)


def zipped(*entries):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return out.getvalue()


HOSTILE = [
    ("an unknown ending", "x.exe", b"MZ"),
    ("no ending", "members", b"a,b\n"),
    ("a workbook that is text", "x.xlsx", b"a,b\n1,2\n"),
    ("a text that is a workbook", "x.csv", b"PK\x03\x04rest"),
    ("an empty file", "x.csv", b""),
    ("blank lines only", "x.csv", b"\n\n"),
    ("a header of NULs", "x.csv", b"a\0,b\n1,2\n"),
    ("a header without an end", "x.csv", b"x" * 300_000),
    ("a header of a thousand columns", "x.csv", b",".join([b"c"] * 1000) + b"\n"),
    ("a broken zip", "x.zip", b"PK\x03\x04nothing"),
    ("a zip bomb", "x.zip", zipped(("x.csv", b"0" * (20 << 20)))),
    ("a zip that climbs", "x.zip", zipped(("../../x.csv", b"a,b\n1,2\n"))),
    ("a zip with an absolute path", "x.zip", zipped(("/etc/x.csv", b"a,b\n1,2\n"))),
    ("a zip with a Windows path", "x.zip", zipped(("C:\\x.csv", b"a,b\n1,2\n"))),
    ("two files in a zip", "x.zip", zipped(("a.csv", b"a\n"), ("b.csv", b"b\n"))),
    ("a zip in a zip", "x.zip", zipped(("a.zip", zipped(("b.csv", b"a\n"))))),
    ("broken Parquet", "x.parquet", b"PAR1xxxxPAR1"),
    ("an encrypted old workbook", "x.xls", b"\xd0\xcf\x11\xe0" + b"\0" * 600),
]


@pytest.mark.parametrize(("case", "name", "content"), HOSTILE)
def test_hostile_files_are_refused_with_a_sentence_and_leave_nothing(case, name, content, layout):
    with pytest.raises(FileRefused) as refusal:
        upload(content, name=name)
    assert "；" in str(refusal.value) or "文件" in str(refusal.value) or "表头" in str(refusal.value), case
    assert not list((layout.root / "uploads").glob("*"))
    assert not imports.import_list(ENGINEER)


def test_a_file_is_kept_until_its_rows_have_landed_and_a_week_when_nobody_runs_it(layout, django_capture_on_commit_callbacks):
    def files():
        return sorted(int(path.stem) for path in (layout.root / "uploads").glob("*"))

    with django_capture_on_commit_callbacks(execute=True):
        done = run(MEMBERS).import_id
    waiting = upload(MEMBERS).pk
    assert files() == [waiting]
    assert services.uploads_forget(now=NOW + timedelta(days=6)) == 0
    assert services.uploads_forget(now=NOW + timedelta(days=8)) == 1
    assert files() == []
    assert imports.import_view(ENGINEER, waiting).state == ImportState.FAILED
    assert imports.import_view(ENGINEER, done).state == ImportState.DONE


def test_files_in_the_watched_folder_are_taken_once_and_what_cannot_be_read_says_why(tmp_path, settings):
    settings.HUITOU_WATCH_DIR = ""
    assert services.imports_watch(now=NOW) == []
    settings.HUITOU_WATCH_DIR = str(tmp_path / "watch")
    folder = tmp_path / "watch" / "headquarters" / "members"
    folder.mkdir(parents=True)
    secret = tmp_path / "secret.csv"
    secret.write_text(MEMBERS)
    for name, text in (("a.csv", MEMBERS), ("b.csv", "甲,乙\n1,2\n"), ("c.csv", ""), ("d.csv", MEMBERS), ("e.csv.tmp", MEMBERS)):
        (folder / name).write_text(text)
        os.utime(folder / name, (NOW.timestamp() - 61, NOW.timestamp() - (10 if name == "d.csv" else 61)))
    (folder / "link.csv").symlink_to(secret)
    made = services.imports_watch(now=NOW)
    views = [imports.import_view(ENGINEER, number) for number in made]
    assert [(view.file_name, view.state, view.source_code) for view in views] == [
        ("a.csv", "running", "headquarters"), ("b.csv", "uploaded", "headquarters"), ("c.csv", "failed", "headquarters"),
    ]  # fmt: skip
    assert views[2].error == "文件是空的"
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["a.csv.taken", "b.csv.taken", "c.csv.refused", "d.csv", "e.csv.tmp", "link.csv"]
    assert services.imports_watch(now=NOW) == []


def test_a_path_in_a_file_name_is_no_path_and_the_file_lies_encrypted(layout):
    uploaded = upload(MEMBERS, name="..\\..\\etc\\会员\x00.csv")
    assert uploaded.file_name == "会员.csv"
    stored = (layout.root / "uploads" / f"{uploaded.pk:010d}.enc").read_bytes()
    assert "李建国".encode() not in stored
    assert imports.import_preview(ENGINEER, uploaded.pk)[0][1] == "李建国"


def test_excel_and_parquet_and_zip_bring_the_same_rows(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq
    import xlsxwriter

    columns = {"会员卡号": [660001.0, 660002.0], "姓名": ["李", "=1+1"], "手机号": [13812345678, 13812345679]}
    book = tmp_path / "m.xlsx"
    with xlsxwriter.Workbook(str(book), {"strings_to_formulas": False}) as workbook:
        sheet = workbook.add_worksheet()
        for place, (name, values) in enumerate(columns.items()):
            sheet.write_column(0, place, [name, *values])
    pq.write_table(pa.table(columns), tmp_path / "m.parquet")
    views = [
        run(book.read_bytes(), name="m.xlsx"),
        run((tmp_path / "m.parquet").read_bytes(), name="m.parquet"),
        run(zipped(("会员/m.xlsx", book.read_bytes())), name="m.zip"),
    ]
    assert [(view.new, view.unchanged, view.refused) for view in views] == [(2, 0, 0), (0, 2, 0), (0, 2, 0)]


def test_a_formula_in_the_error_file_is_text_and_comes_back_as_it_was():
    view = run("会员卡号,手机号\n=660001,1\n")
    header, row = errors_of(view.import_id)
    assert row[3] == "'=660001,1"
    out = io.StringIO()
    csv.writer(out).writerows([header, row])
    replay = upload(out.getvalue())
    assert imports.import_preview(ENGINEER, replay.pk) == [["=660001", "1"]]


@pytest.mark.db_both
def test_a_connected_system_takes_no_files_and_strangers_see_no_import(pos):
    with pytest.raises(FileRefused, match="已连接"):
        upload(MEMBERS, source="pos")
    view = run(MEMBERS)
    stranger = Viewer(user_id=2, role_code="store_manager", store_ids=frozenset({1}))
    assert (imports.import_list(stranger), imports.import_view(stranger, view.import_id)) == ([], None)
    for read in (imports.refused_rows, imports.error_file, imports.import_preview):
        with pytest.raises(PermissionError):
            read(stranger, view.import_id)


def test_mostly_sound_utf8_with_broken_bytes_stays_utf8():
    finder = EncodingFinder()
    finder.feed("会员张三李四王五赵六".encode() * 50 + b"\xff\n")
    assert finder.encoding == "utf-8"


@pytest.mark.db_both
@pytest.mark.accept("S13")
def test_live_events_during_a_back_fill_end_as_the_union_of_both(monkeypatch):
    """Events come in and are sealed between the pages of a file: nothing is lost, nothing counted twice."""
    module = import_module("huitou.apps.intake.services.import_run")
    monkeypatch.setattr(module, "PAGE_ROWS", 2)
    services.source_configure(code="app", kind_code="events", settings={"secret": "s"}, now=NOW)
    live = iter(range(100))

    def between(step):
        def call(*given, **named):
            line = {"product": "P1", "qty": 1, "amount": 1}
            order = {
                "type": "order",
                "id": f"L{next(live)}",
                "occurred_at": "2026-11-20T10:00:00Z",
                "store": "S1",
                "lines": [line],
            }
            services.events_receive(source_code="app", items=[order, order], now=NOW)
            services.sources_seal(now=NOW)
            return step(*given, **named)

        return call

    monkeypatch.setattr(module, "page_store", between(module.page_store))
    lines = "".join(f"A{number},2026-11-01 09:05,S1,P1,1,10\n" for number in range(9))
    view = run("订单号,销售时间,门店,商品编码,数量,金额\n" + lines, kind="orders", name="订单.csv")
    services.sources_seal(now=NOW)
    sent = next(live)
    assert (view.rows, view.new, view.refused) == (9, 9, 0)
    assert sent > 3
    counts = [batch.counts.get("order", {}) for batch in Batch.objects.all()]
    assert sum(count.get("accepted", 0) for count in counts) == 9 + sent
    assert Document.objects.exclude(content_hash=None).count() == 9 + sent


def test_the_command_imports_a_file_writes_its_errors_and_checks_without_writing(tmp_path, monkeypatch, capsys):
    from huitou.cli import main

    monkeypatch.setattr("huitou.cli.imports.open_installation", lambda: None)
    monkeypatch.setattr("huitou.apps.builds.services.cycle_run", lambda *, now, live_only: services.batches_apply(now=now))
    file, errors = tmp_path / "会员.csv", tmp_path / "errors.csv"
    file.write_text(MEMBERS.replace("会员卡号", "卡"), encoding="gb18030")
    command = ["import", str(file), "--kind", "members", "--map", "member_card=卡", "--json"]
    assert main([*command, "--dry-run"]) == 0
    assert '"quarantined": 6' in capsys.readouterr().out
    assert not Batch.objects.exists()
    assert main([*command, "--errors", str(errors)]) == 0
    assert '"new": 3' in capsys.readouterr().out
    assert len(errors.read_text(encoding="utf-8-sig").splitlines()) == 7
    assert main(["import", str(file), "--kind", "members", "--map", "phone=没有", "--json"]) == 2
    assert main(["import", str(tmp_path / "none.csv"), "--kind", "members"]) == 2
