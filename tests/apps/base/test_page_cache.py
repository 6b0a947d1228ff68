"""A run that writes much keeps more pages, and gives the connection back as it was."""

import pytest
from django.db import connection

from huitou.apps.base.page_cache import large_page_cache

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]


def pages_kept() -> int:
    if connection.vendor != "sqlite":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA cache_size")
        return int(cursor.fetchone()[0])


def run_that_fails() -> None:
    with large_page_cache():
        assert pages_kept() == (-131_072 if connection.vendor == "sqlite" else 0)
        raise ZeroDivisionError


def test_the_page_cache_is_large_inside_and_as_before_afterwards_whatever_happened():
    before = pages_kept()
    with pytest.raises(ZeroDivisionError):
        run_that_fails()
    assert pages_kept() == before
