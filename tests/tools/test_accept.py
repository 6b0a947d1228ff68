"""The acceptance list is whole and the command counts markers, not words."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def accept():
    spec = importlib.util.spec_from_file_location("accept_tool", ROOT / "tools" / "accept.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_list_holds_all_247_rows_in_order(accept):
    assert list(accept.rows()) == [f"S{number}" for number in range(1, 248)]


def test_a_row_counts_only_when_a_test_carries_its_marker(accept, monkeypatch, tmp_path):
    monkeypatch.setattr(accept, "ROOT", tmp_path)
    (tmp_path / "test_one.py").write_text(
        'import pytest\n@pytest.mark.accept("S1", "S2")\ndef test_a():\n    assert True\n\ndef test_b():\n    "S3"\n'
    )
    assert accept.marked(tmp_path) == {"S1": ["test_one.py::test_a"], "S2": ["test_one.py::test_a"]}
