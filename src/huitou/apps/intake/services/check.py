"""Try whether the connected systems answer, without taking anything from them."""

from huitou.apps.intake.models import SourceConfig, SourceCursor
from huitou.apps.intake.sources import source_open
from huitou.connectors.protocol import SourceMisconfigured, SourceUnavailable


def sources_check() -> dict[str, str]:
    """Ask every enabled source for its next page and drop it; return {code: what is wrong}, an empty text when all is well."""
    return {config.code: _problem(config) for config in SourceConfig.objects.filter(is_enabled=True).order_by("code")}


def _problem(config: SourceConfig) -> str:
    try:
        source = source_open(config)
        stream = source.streams[0].code
        row = SourceCursor.objects.filter(source_code=config.code, stream_code=stream).first()
        next(iter(source.pull(stream, row.cursor if row else None)), None)
    except (SourceUnavailable, SourceMisconfigured) as error:
        return str(error)
    return ""
