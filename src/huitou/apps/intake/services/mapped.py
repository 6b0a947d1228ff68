"""Sources that an administrator sets up by a page: any table, any JSON interface. Saved stopped, mapped, then switched on."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from huitou.apps.intake.models import SourceConfig
from huitou.apps.intake.services.configure import source_configure, source_enable
from huitou.apps.intake.sources import config_of, settings_of, source_open
from huitou.connectors.database.client import DatabaseSource
from huitou.connectors.database.dialect import CODE as DATABASE
from huitou.connectors.files.fields import FILE_KINDS, FileKind, mapping_suggest
from huitou.connectors.mapped import columns_of
from huitou.connectors.protocol import SourceMisconfigured, SourceUnavailable
from huitou.connectors.rest.client import CODE as REST
from huitou.connectors.rest.client import NONE, RestSource
from huitou.core.labels import Refusal, mark

MAPPED_KINDS = (DATABASE, REST)
OPTIONAL = ("items", "next_field", "since_parameter", "authorization")  # of a JSON interface; left empty they are none
_CODE = re.compile(r"[a-z][a-z0-9_]{0,31}")


class SourceRefused(Refusal):
    """The source cannot be saved or read; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Probe:
    """What a source showed: its columns, the mapping that is saved or suggested, and why it could not be read."""

    kind: FileKind
    columns: list[str]
    mapping: dict[str, str]
    problem: str


def mapped_source_create(
    *, code: str, title: str, kind_code: str, settings: Mapping[str, str], every_minutes: int, now: datetime
) -> SourceConfig:
    """Save a source, stopped, without a mapping yet. Raises SourceRefused."""
    if not _CODE.fullmatch(code) or SourceConfig.objects.filter(code=code).exists():
        raise SourceRefused(mark("来源代码只用小写字母、数字和下划线，且没有用过"))
    if kind_code not in MAPPED_KINDS:
        raise SourceRefused(mark("先选怎样连接"))
    told = {name: value.strip() or (NONE if name in OPTIONAL else "") for name, value in settings.items()} | {"mapping": "{}"}
    try:
        config = source_configure(
            code=code, kind_code=kind_code, settings=told, now=now, title=title, every_minutes=every_minutes
        )  # fmt: skip
    except SourceMisconfigured as error:
        raise SourceRefused(mark("设置不对：{problem}"), problem=str(error)) from error
    source_enable(code=code, is_enabled=False, now=now)
    return config


def mapped_source_probe(*, code: str) -> Probe:
    """Read a few rows and return the columns with the saved or suggested mapping. Raises SourceUnknown, SourceRefused."""
    config = _config(code)
    settings = settings_of(config)
    kind = FILE_KINDS[settings["kind"]]
    saved: dict[str, str] = json.loads(settings["mapping"])
    source = source_open(config)
    if not isinstance(source, DatabaseSource | RestSource):
        raise SourceRefused(mark("这个来源不是这样设置的"))
    try:
        columns = columns_of(source.probe())
    except (SourceMisconfigured, SourceUnavailable) as error:
        return Probe(kind, sorted(set(saved.values())), saved, str(error))
    suggested = {field: columns[place] for field, place in mapping_suggest(kind, columns).items()}
    return Probe(kind, columns, saved or suggested, "")


def mapped_source_map(*, code: str, mapping: Mapping[str, str], now: datetime) -> None:
    """Save which column holds which field, and start the pulls. Raises SourceUnknown, SourceRefused."""
    config = _config(code)
    settings = settings_of(config) | {"mapping": json.dumps(dict(mapping), ensure_ascii=False)}
    try:
        source_configure(code=code, kind_code=config.kind_code, settings=settings, now=now, title=config.title)
        source = source_open(config_of(code))
        if isinstance(source, DatabaseSource | RestSource):
            source.check()
    except SourceMisconfigured as error:
        raise SourceRefused(mark("设置不对：{problem}"), problem=str(error)) from error
    source_enable(code=code, is_enabled=True, now=now)


def _config(code: str) -> SourceConfig:
    config = config_of(code)
    if config.kind_code not in MAPPED_KINDS:
        raise SourceRefused(mark("这个来源不是这样设置的"))
    return config
