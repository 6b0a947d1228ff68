"""What is counted for pages after a night's run and kept with it."""

from huitou.apps.base.scope import Viewer
from huitou.apps.value.models import RunKind, ValueRun

EVERYBODY = Viewer(0, "", None)


def newest_full() -> ValueRun | None:
    """Return the full run that counts are kept with; None before the first."""
    return ValueRun.objects.filter(kind_code=RunKind.FULL, ended_at__isnull=False).order_by("-pk").first()
