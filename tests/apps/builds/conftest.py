"""The small chain of tills, connected."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.apps.builds.tillchain import SETTINGS_KEY, write_day

from huitou.apps.intake.services import source_configure, source_pull

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


class Tills:
    """The drop folder; `bring` writes days and pulls them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def bring(self, *days: int, now: datetime = NOW) -> None:
        for day in days:
            write_day(self.folder, day)
        assert source_pull(source_code="pos", now=now).error == ""


@pytest.fixture
def tills(tmp_path: Path, db: None) -> Tills:
    folder = tmp_path / "tills"
    folder.mkdir()
    settings = {"folder": str(folder), "till_key": SETTINGS_KEY}
    source_configure(code="pos", kind_code="pos", settings=settings, now=NOW)
    return Tills(folder)
