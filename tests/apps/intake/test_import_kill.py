"""kill -9 in the middle of an import: the next run goes on behind the last stored page, and every line is there once."""

import signal
import subprocess
import sys

import pytest
from django.db import connection
from tests.installation import Installation, other_databases

LINES = 21_000


@pytest.fixture
def installation(tmp_path):
    """An installation in processes of its own, on the database that the tests run on."""
    if connection.vendor == "sqlite":
        yield Installation(tmp_path / "home").create()
        return
    with other_databases("huitou_killed") as (url,):
        yield Installation(tmp_path / "home", url).create()


@pytest.mark.db_both
@pytest.mark.django_db
@pytest.mark.accept("S13")
def test_a_killed_import_goes_on_where_it_was(installation, tmp_path):
    file = tmp_path / "members.csv"
    rows = [f"{660000 + n},张三,139{n:08d},2024-03-05" if n % 50 else f"{660000 + n},张三,139{n:08d}" for n in range(LINES)]
    file.write_text("\n".join(["会员卡号,姓名,手机号,入会日期", *rows]), encoding="gb18030")
    driver = tmp_path / "driver.py"
    driver.write_text(
        "import sys, os, django\n"
        "django.setup()\n"
        "from django.utils import timezone\n"
        "from huitou.apps.intake import services\n"
        "from huitou.apps.intake.services import import_upload\n"
        "run = import_upload(stream=open(sys.argv[1], 'rb'), file_name='members.csv', source_code='files',\n"
        "                    kind_code='members', user_id=None, now=timezone.now())\n"
        "print(run.pk, flush=True)\n"
        "wait = lambda *_: print('page', flush=True) or os.read(0, 1)\n"
        "services.import_run(import_id=run.pk, now=timezone.now(), progress=wait)\n"
    )
    process = subprocess.Popen(
        [sys.executable, str(driver), str(file)], env=installation.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert process.stdout is not None
    import_id = int(process.stdout.readline())
    assert process.stdout.readline() == "page\n"  # it waits now, with one page stored
    process.send_signal(signal.SIGKILL)
    process.wait()
    found = installation.run(
        "from django.utils import timezone\n"
        "from huitou.apps.base.scope import Viewer\n"
        "from huitou.apps.intake import imports, services\n"
        f"before = imports.import_view(Viewer(1, 'admin', None), {import_id})\n"
        f"services.import_run(import_id={import_id}, now=timezone.now() + timezone.timedelta(minutes=5))\n"
        f"view = imports.import_view(Viewer(1, 'admin', None), {import_id})\n"
        f"lines = [row.line for row in imports.refused_rows(Viewer(1, 'admin', None), {import_id})]\n"
        f"print(json.dumps([before.rows, view.rows, view.new, view.refused, lines == list(range(2, {LINES + 2}, 50))]))"
    )
    assert found == [20_000, LINES, LINES * 49 // 50, LINES // 50, True]
