"""Open a configured source; the one place where intake meets the connectors."""

import json
from collections.abc import Mapping

from huitou.apps.base.clock import utc_now
from huitou.apps.base.secrets import keyring
from huitou.apps.intake.models import SourceConfig
from huitou.connectors import registry
from huitou.connectors.protocol import Source, Stream


class SourceUnknown(LookupError):
    """There is no source of this code, or its connector has no such stream; the message names it."""


def config_of(source_code: str) -> SourceConfig:
    """Return the settings row of a source. Raises SourceUnknown."""
    try:
        return SourceConfig.objects.get(code=source_code)
    except SourceConfig.DoesNotExist as error:
        raise SourceUnknown(f"there is no source {source_code!r}: connect it first") from error


def source_open(config: SourceConfig) -> Source:
    """Return the source behind a settings row. Raises SourceMisconfigured."""
    return registry.source_create(config.kind_code, settings_of(config), clock=utc_now)


def settings_of(config: SourceConfig) -> dict[str, str]:
    """Return the settings in clear; they hold credentials and go nowhere but to the connector."""
    plain = keyring().decrypt(bytes(config.settings), context=settings_context(config.code))
    settings: dict[str, str] = json.loads(plain)
    return settings


def settings_sealed(source_code: str, settings: Mapping[str, str]) -> bytes:
    """Return settings as they are stored."""
    return keyring().encrypt(json.dumps(dict(settings)).encode(), context=settings_context(source_code))


def stream_of(source: Source, stream_code: str) -> Stream:
    """Return one stream of a source. Raises SourceUnknown."""
    for stream in source.streams:
        if stream.code == stream_code:
            return stream
    raise SourceUnknown(f"source {source.code!r} has no stream {stream_code!r}")


def mappings_of(config: SourceConfig, stream: Stream) -> dict[str, str]:
    """Return the mapping SELECT of each kind of a stream."""
    return {kind: registry.mapping_sql(config.kind_code, stream.code, kind) for kind in stream.kinds}


def settings_context(source_code: str) -> str:
    """Return what the settings of a source are sealed with."""
    return f"intake.source:{source_code}"
