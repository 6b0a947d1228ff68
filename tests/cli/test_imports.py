"""`huitou import` brings a file all the way or says why not, and the exit code says which of both."""

import json
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import pytest

from huitou.apps.base import leases
from huitou.apps.identity.models import SourceRecord
from huitou.apps.intake import services
from huitou.apps.intake.models import Batch, BatchState, ImportRun, ImportState
from huitou.apps.intake.services.seal import import_lease
from huitou.cli import main

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
GOOD = "会员卡号,姓名,手机号,入会日期\n660001,李建国,13761284935,2024-03-05\n660002,王晓燕,13988776655,2024-03-05\n"


@pytest.fixture(autouse=True)
def _inside(monkeypatch: pytest.MonkeyPatch):
    """The command in this process, without a version of the analytical store, and nothing to wait for."""
    monkeypatch.setenv("HUITOU_LANG", "en")
    monkeypatch.setattr("huitou.cli.imports.open_installation", lambda: None)
    monkeypatch.setattr("huitou.apps.builds.services.cycle_run", lambda **_: None)
    monkeypatch.setattr("huitou.cli.imports.time.sleep", lambda _seconds: None)


@pytest.fixture
def command(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Import a text as a file; return exit code, result and what was said."""

    def run(text: str = GOOD, name: str = "members.csv"):
        file = tmp_path / name
        file.write_text(text)
        code = main(["import", str(file), "--kind", "members", "--json"])
        told = capsys.readouterr()
        return code, json.loads(told.out), told.err

    return run


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD.splitlines()[0] + "\n", "only a header"),
        (GOOD.replace("13761284935", "1").replace("13988776655", "2"), "Every row was refused"),
    ],
)
def test_a_file_that_brings_nothing_says_why_and_fails(command, text: str, said: str):
    code, result, told = command(text)
    assert (code, result["new"], SourceRecord.objects.count()) == (1, 0, 0)
    assert said in told


def test_a_run_that_ended_before_its_file_says_why_and_fails(command, monkeypatch: pytest.MonkeyPatch):
    def failed(*, import_id: int, **_: object) -> None:
        ImportRun.objects.filter(pk=import_id).update(state=ImportState.FAILED, error="the disk is full")

    monkeypatch.setattr(services, "import_run", failed)
    code, result, told = command()
    assert (code, result["rows"]) == (1, 0)
    assert "the disk is full" in told


def test_rows_that_nobody_stores_and_pages_that_cannot_be_sealed_are_said(command, monkeypatch: pytest.MonkeyPatch):
    nothing = type("Nothing", (), {"errors": ("files: a mapping fails",)})
    monkeypatch.setattr("huitou.apps.builds.services.backfill_run", lambda **_: nothing)
    code, result, told = command()
    assert (code, result["new"], SourceRecord.objects.count()) == (1, 2, 0)
    assert "files: a mapping fails" in told
    assert "huitou build" in told


@pytest.mark.parametrize("hindrance", [leases.LeaseTaken, leases.LeaseLost])
@pytest.mark.parametrize("place", ["seal", "lane_apply"])
def test_who_is_in_the_way_is_waited_for_and_a_lost_lease_taken_again(command, monkeypatch: pytest.MonkeyPatch, hindrance, place):
    module = import_module("huitou.apps.intake.services.import_run" if place == "seal" else "huitou.apps.builds.services.intake")
    name = "batch_seal" if place == "seal" else "lane_apply"
    real, hindered = getattr(module, name), []

    def once(*arguments: object, **options: object):
        if not hindered:
            hindered.append(name)
            raise hindrance(name)
        return real(*arguments, **options)

    monkeypatch.setattr(module, name, once)
    code, result, _told = command()
    assert (code, result["new"], SourceRecord.objects.count(), hindered) == (0, 2, 2, [name])
    assert set(Batch.objects.values_list("state", flat=True)) == {BatchState.APPLIED}


def test_a_file_beside_another_one_is_brought_to_its_persons_before_the_command_ends(command, monkeypatch: pytest.MonkeyPatch):
    """While a second file is being imported nobody is sought; the command stays until they are."""
    command()
    other = Batch.objects.get()
    Batch.objects.update(state=BatchState.STORED)
    waited: list[float] = []
    with leases.hold(import_lease(other.import_id)) as held:

        def sleep(seconds: float) -> None:
            waited.append(seconds)
            assert not set(Batch.objects.values_list("state", flat=True)) & {BatchState.APPLIED}
            held.give_back()

        monkeypatch.setattr("huitou.cli.imports.time.sleep", sleep)
        code, result, _told = command(GOOD.replace("66000", "66001"), "others.csv")
    assert (code, result["new"], bool(waited)) == (0, 2, True)
    assert set(Batch.objects.values_list("state", flat=True)) == {BatchState.APPLIED}


def test_a_command_that_was_cut_off_goes_on_when_it_is_given_again(command, monkeypatch: pytest.MonkeyPatch):
    def cut_off(*_: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(import_module("huitou.apps.intake.services.import_run"), "_seal", cut_off)
        with pytest.raises(RuntimeError, match="killed"):
            command()
    cut = ImportRun.objects.get()
    assert (cut.state, cut.row_count) == (ImportState.RUNNING, 2)
    again = ImportRun.objects.get()
    again.pk, again.state = None, ImportState.UPLOADED
    again.save()
    with leases.hold(import_lease(cut.pk)):  # somebody is at it
        assert services.import_unfinished(import_id=again.pk) == again.pk
    again.delete()
    code, result, _told = command()
    assert (code, result["import"], result["new"]) == (0, cut.pk, 2)
    assert ImportRun.objects.count() == 1
    assert command()[1]["import"] != cut.pk  # it is done: the same file again is another import
