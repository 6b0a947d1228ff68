"""Check that a request was signed by an events source."""

from collections.abc import Mapping
from datetime import datetime

from huitou.apps.intake.sources import SourceUnknown, config_of, settings_of
from huitou.connectors.events.client import CODE
from huitou.connectors.webhooks import signature_check


def source_signature_check(*, source_code: str, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    """
    Refuse a body that was not signed with the source's secret within five minutes of now.

    Raises SourceUnknown for a source that is stopped or takes no events, PermissionError where the signature does not fit.
    """
    config = config_of(source_code)
    secret = settings_of(config).get("secret", "")
    if config.kind_code != CODE or not config.is_enabled or not secret:
        raise SourceUnknown(f"source {source_code!r} takes no signed events")
    given = {name.lower(): value for name, value in headers.items()}
    signature_check(
        secret, timestamp=given.get("x-huitou-timestamp", ""), given=given.get("x-huitou-signature", ""), body=body, now=now
    )
