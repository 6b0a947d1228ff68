"""What is kept for minutes: asked once for what it rests on, of no other reach, and also when the answer is none."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.test import override_settings

from huitou.apps.base.kept import KEPT_SECONDS, keep, kept, kept_forget, kept_known, reach_key
from huitou.apps.base.scope import Viewer
from huitou.web import settings as product


def test_an_answer_is_asked_for_once_by_all_it_rests_on():
    asked: list[int] = []

    def answer(value: int | None) -> int | None:
        asked.append(value or 0)
        return value

    assert [kept("persons", lambda: answer(7), 1, None) for _ in range(3)] == [7, 7, 7]
    assert kept("persons", lambda: answer(8), 2, None) == 8
    assert kept("orders", lambda: answer(9), 1, None) == 9
    assert asked == [7, 8, 9]
    assert [kept("nobody", lambda: answer(None)) for _ in range(2)] == [None, None]
    assert asked == [7, 8, 9, 0]


def test_equal_reach_is_written_alike_and_no_store_is_not_the_chain():
    chain, nobody = Viewer(1, "manager", None), Viewer(2, "guide", frozenset())
    assert reach_key(chain) is None
    assert reach_key(nobody) == ()
    assert reach_key(Viewer(3, "guide", frozenset({9, 2}))) == reach_key(Viewer(4, "store_manager", frozenset({2, 9}))) == (2, 9)


ELSEWHERE = """
import sys
from django.conf import settings
settings.configure(CACHES={"default": {"BACKEND": sys.argv[1], "LOCATION": sys.argv[2]}})
from huitou.apps.base.kept import kept_known
print(kept_known("persons", 1), kept_known("persons", 2))
"""


def test_what_one_process_kept_another_tells_until_its_time_is_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    place = tmp_path / "kept"
    ours = {**product.CACHES["default"], "LOCATION": place}
    with override_settings(CACHES={"default": ours}):
        keep("persons", 7, 1)
        assert place.stat().st_mode & 0o077 == 0  # answers are about people
        told = subprocess.run([sys.executable, "-c", ELSEWHERE, ours["BACKEND"], str(place)], capture_output=True, check=True)
        assert told.stdout.split() == [b"7", b"None"]
        later = time.time() + KEPT_SECONDS + 1
        monkeypatch.setattr(time, "time", lambda: later)
        assert kept_known("persons", 1) is None
        assert list(place.iterdir()) == []


def test_where_nothing_can_be_kept_or_read_it_is_asked_each_time(tmp_path: Path):
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file" / "kept", tmp_path / "kept"):
        with override_settings(CACHES={"default": {**product.CACHES["default"], "LOCATION": place}}):
            keep("persons", 7, 1)
            for file in (tmp_path / "kept").glob("*"):
                file.write_bytes(b"no answer of ours")
            assert kept_known("persons", 1) is None
            assert kept("persons", lambda: 8, 1) == 8
            kept_forget()
            assert kept_known("persons", 1) is None
