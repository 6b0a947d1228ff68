"""Connect an outside system."""

from collections.abc import Mapping
from datetime import datetime

from huitou.apps.base.audit import audit_record
from huitou.apps.base.clock import utc_now
from huitou.apps.intake.models import SourceConfig
from huitou.apps.intake.sources import config_of, settings_sealed
from huitou.connectors import registry


def source_configure(
    *, code: str, kind_code: str, settings: Mapping[str, str], now: datetime, title: str = "", every_minutes: int | None = None
) -> SourceConfig:
    """
    Connect a source, or change its settings; cursors and everything received stay.

    code: how its rows are known for ever; kind_code: the connector. Raises SourceMisconfigured naming the wrong setting.
    """
    source = registry.source_create(kind_code, settings, clock=utc_now)
    config, is_new = SourceConfig.objects.update_or_create(
        code=code,
        defaults={"kind_code": kind_code, "title": title or source.title, "settings": settings_sealed(code, settings)},
        create_defaults={
            "kind_code": kind_code,
            "title": title or source.title,
            "settings": settings_sealed(code, settings),
            "created_at": now,
        },
    )
    if every_minutes is not None:
        SourceConfig.objects.filter(pk=config.pk).update(every_minutes=max(1, min(every_minutes, 1_440)))
    audit_record(
        action_code="source.connected" if is_new else "source.changed",
        subject_kind="source",
        subject_id=code,
        now=now,
        settings=sorted(settings),
    )
    return config


def source_enable(*, code: str, is_enabled: bool, now: datetime) -> None:
    """Let a source be pulled, or stop it; pushed pages are refused while it is stopped. Raises SourceUnknown."""
    config = config_of(code)
    config.is_enabled = is_enabled
    config.save(update_fields=["is_enabled"])
    action = "source.enabled" if is_enabled else "source.disabled"
    audit_record(action_code=action, subject_kind="source", subject_id=code, now=now)
