"""Shared fixtures: a private data folder and keyring for every test."""

import gc
import importlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.core.handlers.base import BaseHandler
from django.core.management.commands import flush as flush_command
from django.db.backends.base.operations import BaseDatabaseOperations
from django.test import override_settings
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from tests import installation
from tests.databases import migrated_once
from tests.turns import in_turn

from huitou.apps.base import secrets
from huitou.core.crypto import Keyring
from huitou.warehouse.layout import Layout

# how quick a machine is proves nothing about the code
hypothesis_settings.register_profile("huitou", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("huitou")
PLAIN_STATIC = "django.contrib.staticfiles.storage.StaticFilesStorage"


def pytest_collection() -> None:
    """What is imported now stays to the end: to look for garbage among it took a quarter of the time."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Look for garbage again, but never more among what was imported."""
    gc.collect()
    gc.freeze()
    gc.enable()


def pytest_unconfigure() -> None:
    """Let the interpreter clear away everything at its end; packages in C complain of what is left."""
    gc.unfreeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files: one that begins last keeps a single worker busy while the others wait."""
    items.sort(key=_seconds, reverse=True)


def _seconds(item: pytest.Item) -> int:
    """Return how long the item's file keeps a worker beside two others; 0 where it is not worth a mark."""
    marker = item.get_closest_marker("long")
    return 0 if marker is None else marker.args[0]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings: None, tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Iterator[None]:
    """Workers share the migrated database of the first."""
    if worker_id == "master":
        yield
        return
    with migrated_once(tmp_path_factory.getbasetemp().parent):
        yield


@pytest.fixture(scope="session", autouse=True)
def _shared_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> None:
    base = tmp_path_factory.getbasetemp()
    installation.SHARED = base if worker_id == "master" else base.parent


@pytest.fixture(scope="session")
def _key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Written once: a key file is flushed to the disk, and thousands of tests would wait for it."""
    path = tmp_path_factory.mktemp("key") / "huitou.json"
    secrets.key_file_create(path)
    return path


@pytest.fixture(autouse=True)
def _private_installation(tmp_path: Path, settings: django_settings, _key_file: Path) -> None:
    """Point data folder and key file into the test's own folder."""
    settings.HUITOU_DATA_DIR = tmp_path / "data"
    settings.HUITOU_KEY_FILE = tmp_path / "keys" / "huitou.json"
    settings.HUITOU_KEY_FILE.parent.mkdir(mode=0o700)
    shutil.copy(_key_file, settings.HUITOU_KEY_FILE)
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": PLAIN_STATIC}}  # nothing is collected in tests
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session", autouse=True)
def _kept_in_the_process() -> Iterator[None]:
    """The files of an installation would be shared by all workers, and be a developer's own."""
    with override_settings(CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}):
        yield


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    """What a process keeps of one installation must not answer for the next test's."""
    cache.clear()


@pytest.fixture(autouse=True)
def _language_left() -> Iterator[None]:
    """A request leaves its language to the thread: the next test would speak it, too."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def _facts_emptied(request: pytest.FixtureRequest) -> Iterator[None]:
    """Django's flush after a test with transactions leaves out tables that it does not manage: the facts are one."""
    marker = request.node.get_closest_marker("django_db")
    if marker is None or not marker.kwargs.get("transaction"):
        yield
        return
    request.getfixturevalue("transactional_db")
    yield
    facts = importlib.import_module("huitou.apps.customers.models").PersonFacts
    facts.objects.all().delete()


@pytest.fixture(autouse=True, scope="session")
def _flush_past_guards() -> Iterator[None]:
    """
    Django's flush after a test with transactions empties append-only tables, too, which their triggers would refuse. No page that
    is still open asks meanwhile.
    """
    flush = BaseDatabaseOperations.execute_sql_flush

    def unguarded(operations: BaseDatabaseOperations, sql_list: list[str]) -> None:
        with operations.connection.cursor() as cursor:
            if operations.connection.vendor == "postgresql":
                cursor.execute("select distinct tgrelid::regclass::text from pg_trigger where not tgisinternal")
                tables = [name for (name,) in cursor.fetchall()]
                for name in tables:
                    cursor.execute(f"alter table {name} disable trigger user")
                flush(operations, sql_list)
                for name in tables:
                    cursor.execute(f"alter table {name} enable trigger user")
                return
            cursor.execute("select name, sql from sqlite_master where type = 'trigger'")
            triggers = cursor.fetchall()
            for name, _statement in triggers:
                cursor.execute(f"drop trigger {name}")
            flush(operations, sql_list)
            for _name, statement in triggers:
                cursor.execute(statement)
            # What the planner knew of rows that are gone would decide the plans of the tests that follow; the connection keeps it
            # in memory, too, and reads it again only when it is told to.
            cursor.execute("select name from sqlite_master where name like 'sqlite_stat%'")
            figures = [name for (name,) in cursor.fetchall()]
            for name in figures:
                cursor.execute(f"delete from {name}")
            if figures:
                cursor.execute("analyze sqlite_master")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", in_turn(unguarded))
        # permissions and content types of 150 tables, which nothing here asks for, were nine tenths of a flush
        patch.setattr(flush_command, "emit_post_migrate_signal", lambda *_args, **_options: None)
        patch.setattr(BaseHandler, "get_response", in_turn(BaseHandler.get_response))
        yield


@pytest.fixture
def keyring() -> Keyring:
    return secrets.keyring()


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path / "data")


@pytest.fixture(autouse=True)
def _own_access_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test is a process of its own to the access log: numbers begin at 1 again, as the rows do after a rollback."""
    access_log = importlib.import_module("huitou.apps.privacy.services.access_record")
    monkeypatch.setattr(access_log, "_writer", access_log._Writer())
