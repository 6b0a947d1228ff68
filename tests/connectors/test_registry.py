"""The registry: every connector is complete, settings are checked by name, a new one is one folder."""

from importlib import import_module, resources
from pathlib import Path

import pytest

import huitou.connectors
from huitou.connectors.protocol import SourceMisconfigured
from huitou.connectors.registry import connectors, mapping_sql, source_create
from huitou.core.canonical import KINDS

STREAMS = [
    (code, stream)
    for code in ("aftersales", "events", "files", "mall", "membership", "pos")
    for stream in import_module(f"huitou.connectors.{code}.client").STREAMS
]


def test_the_systems_are_known_by_their_chinese_titles():
    assert {code: connector.title for code, connector in connectors().items()} == {
        "aftersales": "售后客服",
        "database": "数据库",
        "events": "事件接口",
        "files": "文件导入",
        "mall": "线上商城",
        "membership": "会员系统",
        "pos": "门店收银",
        "rest": "JSON 接口",
    }


@pytest.mark.parametrize(("code", "stream"), STREAMS)
def test_every_stream_has_a_mapping_per_kind_with_its_header_and_a_sample(code, stream):
    for kind in stream.kinds:
        assert kind in KINDS
        head = mapping_sql(code, stream.code, kind).splitlines()[:3]
        assert [line.split(":")[0] for line in head] == ["-- grain", "-- inputs", "-- owner"]
    samples = resources.files(f"huitou.connectors.{code}") / "samples"
    assert any((samples / f"{stream.code}.{ending}").is_file() for ending in ("json", "csv"))


def test_every_mapping_file_belongs_to_a_stream():
    expected = sorted((code, stream.code, kind) for code, stream in STREAMS for kind in stream.kinds)
    found = []
    for path in Path(huitou.connectors.__path__[0]).glob("*/mapping/*.sql"):
        streams, kind = path.stem.split(".")
        found += [(path.parts[-3], stream, kind) for stream in streams.split("+")]
    assert sorted(found) == expected  # each once: no file hides another


def test_streams_may_share_a_mapping_and_one_without_any_is_named():
    assert mapping_sql("files", "customers", "event") == mapping_sql("files", "members", "event")
    assert mapping_sql("files", "orders", "customer") != mapping_sql("files", "touches", "customer")
    with pytest.raises(FileNotFoundError, match="orders to event"):
        mapping_sql("files", "orders", "event")


def test_every_kind_comes_from_some_source():
    assert {kind for _, stream in STREAMS for kind in stream.kinds} == set(KINDS)


@pytest.mark.parametrize(
    ("code", "setting"), [(c.code, s.name) for c in connectors().values() for s in c.settings if not s.default]
)
def test_a_missing_setting_is_named(code, setting):
    settings = {wanted.name: "http://127.0.0.1" for wanted in connectors()[code].settings if wanted.name != setting}
    for given in (settings, {**settings, setting: "  "}):
        with pytest.raises(SourceMisconfigured, match=setting):
            source_create(code, given)


def test_an_unknown_connector_is_refused_with_the_known_ones():
    with pytest.raises(SourceMisconfigured, match=r"'erp'.*mall"):
        source_create("erp", {})


def test_a_new_connector_is_one_folder(tmp_path, monkeypatch):
    folder = tmp_path / "surveys"
    (folder / "mapping").mkdir(parents=True)
    (folder / "__init__.py").write_text("")
    (folder / "client.py").write_text(
        "from huitou.connectors.definition import Connector\n"
        "class Surveys:\n"
        "    code, title, streams = 'surveys', '问卷', ()\n"
        "CONNECTOR = Connector('surveys', '问卷', (), lambda settings, clock: Surveys())\n"
    )
    (folder / "mapping" / "answers.event.sql").write_text("select 1")
    monkeypatch.setattr(huitou.connectors, "__path__", [*huitou.connectors.__path__, str(tmp_path)])
    connectors.cache_clear()
    try:
        assert source_create("surveys", {}).title == "问卷"
        assert mapping_sql("surveys", "answers", "event") == "select 1"
    finally:
        connectors.cache_clear()
