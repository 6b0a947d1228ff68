"""The one command: help without waiting, exit codes that mean something, JSON for programs."""

import json
import subprocess
import sys

import pytest
from tests.apps.builds.tillchain import SETTINGS_KEY, write_day
from tests.installation import Installation

from huitou.cli import main
from huitou.cli.commands import COMMANDS

pytestmark = pytest.mark.long(50)


def test_help_names_every_command_in_both_languages(monkeypatch, capsys):
    monkeypatch.setenv("HUITOU_LANG", "zh")
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(command.name in text and command.title in text for command in COMMANDS)


def test_help_loads_nothing_heavy(tmp_path):
    code = (
        "import sys; from huitou.cli import main; main(['--help']); "
        "print([name for name in ('django', 'duckdb', 'pyarrow', 'dbos', 'numpy', 'httpx') if name in sys.modules])"
    )
    environment = Installation(tmp_path).environment
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("words", [[], ["nonsense"], ["tick"], ["tick", "--now", "yesterday"], ["sources"]])
def test_wrong_usage_ends_with_2(words, capsys):
    assert main(words) == 2
    assert capsys.readouterr().err


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    """A new installation with two days of a till, brought in by commands alone."""
    found = Installation(tmp_path_factory.mktemp("cli") / "home").create()
    for day in (0, 1):
        write_day(found.home / "tills", day)
    settings = {"pos": {"folder": str(found.home / "tills"), "till_key": SETTINGS_KEY}}
    (found.home / "sources.json").write_text(json.dumps(settings))
    found.cli("sources", "connect", str(found.home / "sources.json"))
    return found


def test_a_chain_comes_in_and_is_published_by_commands(installation):
    assert json.loads(installation.cli("sources", "check", "--json")) == {"sources": {"pos": ""}}
    pulled = json.loads(installation.cli("sources", "pull", "--json"))["pulled"]
    assert [(one["code"], one["error"]) for one in pulled] == [("pos", "")]
    assert pulled[0]["rows"] > 100
    first = json.loads(installation.cli("build", "--json", "--now", "2026-11-22T04:00"))
    assert first["version"] == 1
    assert first["written"] > 10
    again = json.loads(installation.cli("build", "--json"))
    assert (again["version"], again["sealed"], again["written"]) == (1, [], 0)
    ran = json.loads(installation.cli("tick", "--now", "2026-11-23T03:10", "--json"))["ran"]
    assert {job["name"]: job["state"] for job in ran}["builds.base"] == "done"


def test_init_again_keeps_the_key(installation):
    before = (installation.home / "keys" / "huitou.json").read_text()
    assert json.loads(installation.cli("init", "--json"))["new_key"] is False
    assert (installation.home / "keys" / "huitou.json").read_text() == before


def test_doctor_says_what_is_wrong_and_how_to_mend_it(installation):
    def findings():
        found = json.loads(installation.cli("doctor", "--json", expect=None))["findings"]
        return {row["about"]: row for row in found if row["state"] == "bad" and "make setup" not in row["mend"]}

    assert findings() == {}
    key = installation.home / "keys" / "huitou.json"
    key.chmod(0o644)
    batch = next((installation.home / "data" / "landing").glob("*/*/lines.parquet"))
    whole = batch.read_bytes()
    batch.write_bytes(whole[:-1] + b"x")
    (installation.home / "data" / "warehouse" / "CURRENT").write_text("{")
    broken = findings()
    key.chmod(0o600)
    batch.write_bytes(whole)
    assert {row["mend"].split()[0] for row in broken.values()} >= {"chmod", "huitou"}
    assert len(broken) == 3
    assert all(row["sentence"] for row in broken.values())


def test_doctor_on_an_empty_machine_names_init_and_ends_with_3(tmp_path):
    out = json.loads(Installation(tmp_path / "home").cli("doctor", "--json", expect=3))
    assert "huitou init" in {row["mend"] for row in out["findings"]}
