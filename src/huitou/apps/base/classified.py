"""
What every stored column is: how much protection it needs, what it is for, how long it stays.

Each app says it of its own tables in `data_map.py`; a test fails on a column that nobody named. The clean-up job deletes
the rows of tables whose time is bounded, and `huitou doctor` counts those that should have gone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

ROWS_AT_ONCE = 1_000  # of one delete: others write meanwhile


class DataClass(models.TextChoices):
    """How much protection a column needs."""

    GENERAL = "general", _("一般")  # opaque ids, counts, codes: says nothing without another table
    SENSITIVE = "sensitive", _("敏感")  # personal data, clear, encrypted or hashed
    SECRET = "secret", _("机密")  # opens something: passwords, keys, sessions, credentials


class Purpose(models.TextChoices):
    """What a table is for."""

    SERVICE = "service", _("识别和服务顾客")
    ANALYSIS = "analysis", _("统计与分析")
    CATALOGUE = "catalogue", _("门店与商品资料")
    INTAKE = "intake", _("接收来源数据")
    ACCOUNT = "account", _("员工账号与登录")
    SECURITY = "security", _("安全与审计")
    RIGHTS = "rights", _("履行个人信息权利")
    OPERATION = "operation", _("系统运行")


class Keep(models.TextChoices):
    """How long rows stay, in words; a bounded table says the days, too."""

    PERSON = "person", _("到顾客被删除")
    BUSINESS = "business", _("业务期间")
    ACCOUNT = "account", _("账号存续期间")
    SEALED = "sealed", _("到封入原始层")
    PROOF = "proof", _("至少 180 天，不自动删除")
    REPLACED = "replaced", _("到下一次计算")
    BOUNDED = "bounded", _("按天数")


@dataclass(frozen=True, slots=True)
class Table:
    """
    One table (`app.Model`). The three lists of columns, separated by spaces, together name every column.

    A bounded table is kept `days` after the moment in `dated_by`; a row without that moment stays.
    """

    label: str
    purpose: Purpose
    keep: Keep
    general: str = ""
    sensitive: str = ""
    secret: str = ""
    days: int | None = None
    dated_by: str = ""

    def columns(self) -> list[tuple[str, DataClass]]:
        """Return (column, class), the most delicate first."""
        groups = ((DataClass.SECRET, self.secret), (DataClass.SENSITIVE, self.sensitive), (DataClass.GENERAL, self.general))
        return [(name, kind) for kind, names in groups for name in names.split()]


def tables() -> list[Table]:
    """Return what all installed apps say of their tables, by name."""
    found: list[Table] = []
    for config in apps.get_app_configs():
        module = f"{config.name}.data_map"
        if config.name.startswith("huitou.") and find_spec(module) is not None:
            found += import_module(module).TABLES
    return sorted(found, key=lambda table: table.label)


def unclassified() -> list[str]:
    """Name every column of a database table that no table of the map holds, and every entry of the map that is no column."""
    real = {f"{model._meta.label}.{field.attname}" for model in _models() for field in model._meta.concrete_fields}
    named = [f"{table.label}.{column}" for table in tables() for column, _kind in table.columns() if _is_database(table)]
    twice = {name for name in named if named.count(name) > 1}
    return sorted((real ^ set(named)) | twice)


def overdue(now: datetime) -> dict[str, int]:
    """Return how many rows of each bounded table should have gone by now (aware UTC), tables without any left out."""
    counts = {table.label: rows.count() for table, rows in _past(now)}
    return {label: count for label, count in counts.items() if count}


def overdue_delete(now: datetime) -> dict[str, int]:
    """Delete the rows whose time is over, in short transactions; return how many of each table."""
    deleted: dict[str, int] = {}
    for table, rows in _past(now):
        while ids := list(rows.values_list("pk", flat=True)[:ROWS_AT_ONCE]):
            with transaction.atomic():
                rows.model._default_manager.filter(pk__in=ids).delete()
            deleted[table.label] = deleted.get(table.label, 0) + len(ids)
    return deleted


def _past(now: datetime) -> Iterator[tuple[Table, models.QuerySet[models.Model]]]:
    for table in tables():
        if table.days is not None:
            before = {f"{table.dated_by}__lt": now - timedelta(days=table.days)}
            yield table, apps.get_model(table.label)._default_manager.filter(**before)


def _models() -> list[type[models.Model]]:
    return [model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy]


def _is_database(table: Table) -> bool:
    return not table.label.startswith("landing.")
